#include "proto/rtp/rtcp/twcc_feedback.hpp"

namespace cardea::twcc {

std::optional<Bytes> deltas_of(const TransportFeedback& feedback) noexcept {
    ByteReader chunks{feedback.chunks_and_deltas};
    std::size_t deltas_size = 0;
    bool reserved = false;
    for (std::size_t left = feedback.status_count; left > 0;) {
        const auto chunk = chunks.be<std::uint16_t>();
        if (!chunks.ok()) return std::nullopt;
        const std::size_t told = for_each_symbol(chunk, left, [&](std::uint8_t symbol) {
            reserved |= symbol > kLargeDelta;
            deltas_size += symbol;  // a small delta is one octet, a large one two
        });
        if (told == 0) return std::nullopt;  // a run of length 0 would never end
        left -= told;
    }
    if (reserved || deltas_size > chunks.left()) return std::nullopt;
    return chunks.rest().first(deltas_size);
}

}  // namespace cardea::twcc
