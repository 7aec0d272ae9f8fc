#include "proto/rtp/codec/vp8_rewriter.hpp"

#include <algorithm>

namespace cardea {

std::int64_t Vp8Rewriter::unwrap(const Vp8Descriptor& descriptor, std::int64_t reference) noexcept {
    const std::int64_t modulus = descriptor.long_picture_id ? 0x8000 : 0x80;
    const std::int64_t ahead = (descriptor.picture_id.value_or(0) - reference) & (modulus - 1);
    return reference + (ahead >= modulus / 2 ? ahead - modulus : ahead);
}

Vp8Rewriter::Epoch* Vp8Rewriter::find(SourceEpoch epoch) noexcept {
    const auto known = std::find_if(epochs_.begin(), epochs_.end(), [&](const Epoch& e) { return e.id == epoch; });
    return known == epochs_.end() ? nullptr : &*known;
}

Vp8Rewriter::Epoch& Vp8Rewriter::begin(SourceEpoch epoch, const Vp8Descriptor& descriptor) noexcept {
    newest_ = (newest_ + 1) % epochs_.size();
    Epoch& begun = epochs_[newest_];
    begun.id = epoch;
    begun.newest_picture = descriptor.picture_id.value_or(0);
    // The first picture of a new source opens a new base layer picture.
    begun.tl0_offset = static_cast<std::uint8_t>(last_tl0_ + 1U - descriptor.tl0_index.value_or(0));
    pictures_.start(epoch, begun.newest_picture);
    return begun;
}

bool Vp8Rewriter::rewrite(SourceEpoch epoch, const Vp8Descriptor& descriptor, MutableBytes prefix) noexcept {
    if (!descriptor.picture_id) return true;
    Epoch* source = find(epoch);
    if (source == nullptr) {
        if (epoch < epochs_[newest_].id) return false;  // a retransmission from too many switches ago
        source = &begin(epoch, descriptor);
    }
    const std::int64_t picture = unwrap(descriptor, source->newest_picture);
    const auto out = pictures_.map(epoch, picture);
    if (!out) return false;
    source->newest_picture = std::max(source->newest_picture, picture);
    set_vp8_picture_id(prefix, descriptor, static_cast<std::uint16_t>(*out & 0x7fff));
    if (!descriptor.tl0_index) return true;
    const auto tl0 = static_cast<std::uint8_t>(*descriptor.tl0_index + source->tl0_offset);
    set_vp8_tl0_index(prefix, descriptor, tl0);
    if (static_cast<std::int8_t>(static_cast<std::uint8_t>(tl0 - last_tl0_)) > 0) last_tl0_ = tl0;
    return true;
}

void Vp8Rewriter::drop(SourceEpoch epoch, Bytes payload) noexcept {
    Epoch& source = epochs_[newest_];
    if (!epoch.is_set() || source.id != epoch) return;
    const auto descriptor = parse_vp8_descriptor(payload);
    if (!descriptor || !descriptor->picture_id) return;
    const std::int64_t picture = unwrap(*descriptor, source.newest_picture);
    pictures_.drop(picture);
    source.newest_picture = std::max(source.newest_picture, picture);
}

}  // namespace cardea
