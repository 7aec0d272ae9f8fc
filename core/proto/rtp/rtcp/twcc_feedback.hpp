// The statuses inside a transport-wide feedback packet (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "proto/rtp/rtcp/rtcp_types.hpp"

namespace cardea {

namespace twcc {

constexpr std::uint8_t kNotReceived = 0;
constexpr std::uint8_t kSmallDelta = 1;  // unsigned 8 bits of 250 us
constexpr std::uint8_t kLargeDelta = 2;  // signed 16 bits of 250 us

constexpr std::int64_t kTicksPerReference = 256;  // the reference time counts 64 ms

// One 16-bit chunk: calls on_symbol(symbol) for its statuses, at most `left` of them; returns how many.
template <class Callback>
std::size_t for_each_symbol(std::uint16_t chunk, std::size_t left, Callback&& on_symbol) {
    const std::uint32_t bits = chunk;
    const bool is_vector = (bits & 0x8000U) != 0;
    const bool two_bits = (bits & 0x4000U) != 0;
    const std::size_t capacity = !is_vector ? bits & 0x1fffU : two_bits ? 7 : 14;
    const std::size_t count = capacity < left ? capacity : left;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t symbol = !is_vector ? bits >> 13U & 0x3U : two_bits ? bits >> (12U - 2U * i) & 0x3U : bits >> (13U - i) & 0x1U;
        on_symbol(static_cast<std::uint8_t>(symbol));
    }
    return count;
}

// The deltas behind the chunks; none when chunks or deltas are too short, or a symbol is the reserved one.
[[nodiscard]] std::optional<Bytes> deltas_of(const TransportFeedback& feedback) noexcept;

}  // namespace twcc

// Calls on_status(std::uint16_t sequence, bool received, std::int64_t arrival) in order of sequence. `arrival` counts units of
// 250 us on the receiver's clock and means nothing when not received. The reader lets only complete feedback through.
template <class Callback>
void for_each_status(const TransportFeedback& feedback, Callback&& on_status) {
    const auto tail = twcc::deltas_of(feedback);
    if (!tail) return;
    ByteReader chunks{feedback.chunks_and_deltas};
    ByteReader deltas{*tail};
    std::int64_t arrival = feedback.reference_time * twcc::kTicksPerReference;
    std::uint16_t sequence = feedback.base_sequence;
    for (std::size_t left = feedback.status_count; left > 0;) {
        left -= twcc::for_each_symbol(chunks.be<std::uint16_t>(), left, [&](std::uint8_t symbol) {
            if (symbol == twcc::kSmallDelta) arrival += deltas.be<std::uint8_t>();
            if (symbol == twcc::kLargeDelta) arrival += static_cast<std::int16_t>(deltas.be<std::uint16_t>());
            on_status(sequence++, symbol != twcc::kNotReceived, arrival);
        });
    }
}

}  // namespace cardea
