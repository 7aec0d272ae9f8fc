#include "payload.hpp"

#include <algorithm>
#include <array>

#include "vp8_frames.hpp"

namespace cardea::testpeer {
namespace {

constexpr std::uint32_t kMagic = 0x43445231;
constexpr std::size_t kStampSize = 4 + 8 + 8 + 4;
constexpr std::size_t kPacketSize = 1100;
constexpr std::size_t kOpusSize = 80;

// FNV-1a: enough to notice a byte that changed, without a table.
std::uint32_t checksum(Bytes data) noexcept {
    std::uint32_t hash = 0x811c9dc5;
    for (const auto byte : data) hash = (hash ^ byte) * 0x01000193;
    return hash;
}

void fill(MutableBytes out, std::uint64_t counter) noexcept {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(counter * 31 + i);
}

// The stamp covers all of `media`, itself excepted, and stands at its end.
void write_stamp(MutableBytes media, Stamp stamp) noexcept {
    ByteWriter out{media.last(kStampSize)};
    out.be(kMagic);
    out.be(stamp.counter);
    out.be(static_cast<std::uint64_t>(ns_of(stamp.sent)));
    out.be(checksum(media.first(media.size() - 4)));
}

Bytes keyframe_of(unsigned hue) noexcept {
    const std::array<Bytes, 4> frames{Bytes{kKeyframe0}, Bytes{kKeyframe1}, Bytes{kKeyframe2}, Bytes{kKeyframe3}};
    return frames[hue];
}

std::vector<std::uint8_t> vp8_packet(Bytes head, std::size_t size, bool first, std::uint16_t picture) {
    std::vector<std::uint8_t> packet(4 + size);
    ByteWriter out{packet};
    out.be(static_cast<std::uint8_t>(first ? 0x90 : 0x80));  // X, and S at the start of partition 0
    out.be(std::uint8_t{0x80});                              // I: a picture id follows
    out.be(static_cast<std::uint16_t>(0x8000U | picture));   // 15 bits of it
    out.bytes(head);
    return packet;
}

}  // namespace

StampReading read_stamp(Bytes media) noexcept {
    if (media.size() < kStampSize) return {};
    ByteReader in{media.last(kStampSize)};
    if (in.be<std::uint32_t>() != kMagic) return {};
    StampReading reading{StampCheck::intact, {}};
    reading.stamp.counter = in.be<std::uint64_t>();
    reading.stamp.sent = instant_of_ns(static_cast<std::int64_t>(in.be<std::uint64_t>()));
    if (in.be<std::uint32_t>() != checksum(media.first(media.size() - 4))) reading.check = StampCheck::damaged;
    return reading;
}

std::optional<Vp8Payload> parse_vp8(Bytes payload) noexcept {
    ByteReader in{payload};
    const auto first = in.be<std::uint8_t>();
    if ((first & 0x80) != 0) {
        const auto extension = in.be<std::uint8_t>();
        if ((extension & 0x80) != 0 && (in.be<std::uint8_t>() & 0x80) != 0) in.skip(1);  // 15-bit picture id
        if ((extension & 0x40) != 0) in.skip(1);                                         // TL0PICIDX
        if ((extension & 0x30) != 0) in.skip(1);                                         // TID, KEYIDX
    }
    if (!in.ok() || in.left() == 0) return std::nullopt;
    const bool starts = (first & 0x10) != 0 && (first & 0x07) == 0;
    // RFC 6386 section 9.1: the lowest bit of a frame's first byte is 0 for a keyframe.
    return Vp8Payload{starts, starts && (in.rest()[0] & 0x01) == 0, in.rest()};
}

std::vector<std::vector<std::uint8_t>> Vp8Source::frame(std::size_t frame_size, bool keyframe, Instant now) {
    const Bytes head = keyframe ? keyframe_of(hue_) : Bytes{kInterframe};
    std::vector<std::vector<std::uint8_t>> packets;
    std::size_t left = std::max(frame_size, head.size() + kStampSize);
    while (left > 0) {
        const bool first = packets.empty();
        const std::size_t size = std::max(std::min(left, kPacketSize), kStampSize);
        auto packet = vp8_packet(first ? head : Bytes{}, size, first, picture_);
        const auto media = MutableBytes{packet}.subspan(4);
        fill(media.subspan(first ? head.size() : 0), counter_);
        write_stamp(media, {counter_++, now});
        packets.push_back(std::move(packet));
        left -= std::min(left, size);
    }
    picture_ = static_cast<std::uint16_t>((picture_ + 1) & 0x7fff);
    return packets;
}

std::vector<std::uint8_t> OpusSource::packet(Instant now) {
    std::vector<std::uint8_t> packet(kOpusSize);
    ByteWriter out{packet};
    out.be(std::uint8_t{0xfb});                            // CELT fullband, 20 ms, mono, code 3
    out.be(std::uint8_t{0x41});                            // one frame, constant rate, padded
    out.be(static_cast<std::uint8_t>(kOpusSize - 3 - 2));  // bytes of padding after the frame
    out.be(std::uint16_t{0xfffe});                         // the frame: silence
    fill(MutableBytes{packet}.subspan(out.size()), counter_);
    write_stamp(packet, {counter_++, now});
    return packet;
}

}  // namespace cardea::testpeer
