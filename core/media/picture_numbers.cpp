#include "media/picture_numbers.hpp"

#include <algorithm>

#include "proto/rtp/codec/dependency_descriptor.hpp"

namespace cardea {
namespace {

MutableBytes copy_prefix(Bytes payload, std::size_t size, MutableBytes out) noexcept {
    size = std::min(size, payload.size());
    if (size > out.size()) return {};
    std::copy_n(payload.begin(), size, out.begin());
    return out.first(size);
}

}  // namespace

PictureNumbers::PictureNumbers(Codec codec) {
    if (codec == Codec::vp8) rewriter_.emplace<Vp8Rewriter>();
    if (codec == Codec::vp9) rewriter_.emplace<Vp9Rewriter>();
}

std::optional<std::size_t> PictureNumbers::write_prefix(SourceEpoch epoch, Bytes payload, MutableBytes out) noexcept {
    if (auto* vp8 = std::get_if<Vp8Rewriter>(&rewriter_)) return write(*vp8, epoch, payload, out);
    if (auto* vp9 = std::get_if<Vp9Rewriter>(&rewriter_)) return write(*vp9, epoch, payload, out);
    return 0;
}

// What is no payload of its codec (encrypted end to end) goes out as it came.
std::optional<std::size_t> PictureNumbers::write(Vp8Rewriter& rewriter, SourceEpoch epoch, Bytes payload, MutableBytes out) noexcept {
    const auto descriptor = parse_vp8_descriptor(payload);
    if (!descriptor) return 0;
    const auto prefix = copy_prefix(payload, Vp8Rewriter::kPrefix, out);
    if (prefix.empty() || !rewriter.rewrite(epoch, *descriptor, prefix)) return std::nullopt;
    return prefix.size();
}

std::optional<std::size_t> PictureNumbers::write(Vp9Rewriter& rewriter, SourceEpoch epoch, Bytes payload, MutableBytes out) noexcept {
    const auto descriptor = parse_vp9_descriptor(payload);
    if (!descriptor) return 0;
    const auto prefix = copy_prefix(payload, Vp9Rewriter::kPrefix, out);
    if (prefix.empty() || !rewriter.rewrite(epoch, *descriptor, prefix)) return std::nullopt;
    return prefix.size();
}

void PictureNumbers::drop(SourceEpoch epoch, Bytes payload) noexcept {
    if (auto* vp8 = std::get_if<Vp8Rewriter>(&rewriter_)) vp8->drop(epoch, payload);
}

std::optional<std::uint16_t> PictureNumbers::frame_number(SourceEpoch epoch, Bytes dependency_descriptor) noexcept {
    ByteReader in{dependency_descriptor};
    in.skip(kFrameNumberOffset);
    const auto number = in.be<std::uint16_t>();
    if (!in.ok()) return std::nullopt;
    return frames_.map(epoch, number, 16);
}

}  // namespace cardea
