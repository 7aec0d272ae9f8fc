#include "proto/rtp/twcc_recorder.hpp"

#include <algorithm>

#include "proto/rtp/rtcp/rtcp_constants.hpp"
#include "proto/rtp/rtcp/twcc_feedback.hpp"
#include "proto/rtp/sequence.hpp"

namespace cardea {

namespace {

constexpr std::int64_t kTick = 250'000;  // nanoseconds
constexpr std::size_t kHeaderSize = 20;
constexpr std::size_t kVectorOfTwoBits = 7;
constexpr std::size_t kVectorOfOneBit = 14;
constexpr std::size_t kLongestRun = 0x1fff;

using Symbols = std::span<const std::uint8_t>;

// Octets that chunks for `count` statuses take at most: every chunk but the last tells seven or more.
constexpr std::size_t chunks_bound(std::size_t count) noexcept { return 2 * (count / kVectorOfTwoBits + 1); }

std::size_t run_length(Symbols symbols) noexcept {
    const auto end = std::find_if(symbols.begin(), symbols.end(), [&](std::uint8_t s) { return s != symbols.front(); });
    return std::min(static_cast<std::size_t>(end - symbols.begin()), kLongestRun);
}

std::uint16_t vector_chunk(Symbols symbols, bool one_bit) noexcept {
    std::uint32_t chunk = one_bit ? 0x8000U : 0xc000U;
    for (std::size_t i = 0; i < symbols.size(); ++i) chunk |= static_cast<std::uint32_t>(symbols[i]) << (one_bit ? 13 - i : 12 - 2 * i);
    return static_cast<std::uint16_t>(chunk);
}

// Writes the chunk that tells the most of what lies ahead; returns how many statuses that is.
std::size_t write_chunk(ByteWriter& out, Symbols symbols) noexcept {
    const Symbols next = symbols.first(std::min(symbols.size(), kVectorOfOneBit));
    const bool one_bit = std::all_of(next.begin(), next.end(), [](std::uint8_t s) { return s <= twcc::kSmallDelta; });
    const std::size_t capacity = one_bit ? kVectorOfOneBit : kVectorOfTwoBits;
    const std::size_t run = run_length(symbols);
    if (run >= capacity || run == symbols.size()) {
        out.be(static_cast<std::uint16_t>(static_cast<std::uint32_t>(symbols.front()) << 13U | static_cast<std::uint32_t>(run)));
        return run;
    }
    const std::size_t told = std::min(symbols.size(), capacity);
    out.be(vector_chunk(symbols.first(told), one_bit));
    return told;
}

}  // namespace

void TwccRecorder::on_packet(std::uint16_t transport_sequence, Instant arrival) noexcept {
    const auto sequence = place(transport_sequence);
    if (!sequence || is_received(*sequence)) return;
    record(*sequence, arrival);
    if (pending_) return;
    pending_ = true;
    // After silence the interval does not count from the last message, or it would go out with one packet in it.
    window_began_ = std::max(window_began_, arrival - interval_ + kShortestInterval);
}

// Where the number belongs in the window, moving the window on. None: too old, or a stray (the next one decides).
std::optional<std::int64_t> TwccRecorder::place(std::uint16_t transport_sequence) noexcept {
    if (!highest_ || expected_after_jump_ == transport_sequence) restart_at(transport_sequence);
    const std::int64_t sequence = unwrap_sequence(transport_sequence, *highest_);
    if (*highest_ - sequence >= static_cast<std::int64_t>(kWindow)) {
        expected_after_jump_ = static_cast<std::uint16_t>(transport_sequence + 1U);
        return std::nullopt;
    }
    expected_after_jump_.reset();
    if (sequence > *highest_) advance_to(sequence);
    // Told as lost before: tell it again, now with its arrival.
    next_base_ = std::min(next_base_, sequence);
    return sequence;
}

void TwccRecorder::restart_at(std::uint16_t sequence) noexcept {
    received_.reset();
    highest_ = std::int64_t{0x1'0000} + sequence;  // room below, so that no index is negative
    next_base_ = *highest_;
}

void TwccRecorder::advance_to(std::int64_t sequence) noexcept {
    const std::int64_t oldest = sequence - static_cast<std::int64_t>(kWindow) + 1;
    if (*highest_ < oldest) {
        received_.reset();
        next_base_ = sequence;  // a jump over the whole window: what was in it is history
    } else {
        for (std::int64_t skipped = *highest_ + 1; skipped <= sequence; ++skipped) received_.reset(index_of(skipped));
        next_base_ = std::max(next_base_, oldest);
    }
    highest_ = sequence;
}

void TwccRecorder::record(std::int64_t sequence, Instant arrival) noexcept {
    newest_tick_ = ns_of(arrival) / kTick;
    ticks_[index_of(sequence)] = static_cast<std::uint32_t>(newest_tick_);
    received_.set(index_of(sequence));
}

std::int64_t TwccRecorder::tick_of(std::int64_t sequence) const noexcept {
    const std::uint32_t low = ticks_[index_of(sequence)];
    return newest_tick_ + static_cast<std::int32_t>(low - static_cast<std::uint32_t>(newest_tick_));
}

std::optional<Instant> TwccRecorder::next_feedback() const noexcept {
    if (!pending_) return std::nullopt;
    return *highest_ - next_base_ >= kUnreported ? window_began_ : window_began_ + interval_;
}

void TwccRecorder::set_receive_rate(std::uint64_t bits_per_second) noexcept {
    // One message with IP, UDP and SRTCP around it is about 70 octets; 5 % of the rate pays for one every so often.
    constexpr std::uint64_t kMessageBits = 70 * 8;
    constexpr std::uint64_t kNanosecondsFor20Messages = kMessageBits * 20 * 1'000'000'000;
    const auto ns = static_cast<std::int64_t>(kNanosecondsFor20Messages / std::max<std::uint64_t>(bits_per_second, 1));
    interval_ = std::clamp(Duration{ns}, Duration{kShortestInterval}, Duration{kLongestInterval});
}

std::size_t TwccRecorder::build_feedback(Instant now, const Target& target, MutableBytes out) noexcept {
    const auto due = next_feedback();
    if (!due || now < *due) return 0;
    Message message;
    compose(message, out.size());
    const std::size_t size = message.count == 0 ? 0 : write(message, target, out);
    if (size > 0) finish(message, now);
    return size;
}

// As many statuses as fit into `room` and whose deltas fit into 16 bits.
void TwccRecorder::compose(Message& message, std::size_t room) const noexcept {
    message.base = next_base_;
    std::optional<std::int64_t> previous;
    for (std::int64_t sequence = next_base_; sequence <= *highest_; ++sequence) {
        std::uint8_t symbol = twcc::kNotReceived;
        std::int64_t delta = 0;
        if (is_received(sequence)) {
            const std::int64_t tick = tick_of(sequence);
            if (!previous) {
                message.reference = tick / twcc::kTicksPerReference;
                previous = message.reference * twcc::kTicksPerReference;
            }
            delta = tick - *previous;
            if (delta < INT16_MIN || delta > INT16_MAX) return;
            symbol = delta >= 0 && delta <= 0xff ? twcc::kSmallDelta : twcc::kLargeDelta;
            previous = tick;
        }
        if (kHeaderSize + chunks_bound(message.count + 1) + message.deltas_size + symbol + 3 > room) return;
        message.symbols[message.count] = symbol;
        message.deltas[message.count] = static_cast<std::int16_t>(delta);
        message.deltas_size += symbol;  // a small delta is one octet, a large one two
        ++message.count;
    }
}

std::size_t TwccRecorder::write(const Message& message, const Target& target, MutableBytes out) const noexcept {
    ByteWriter writer{out};
    writer.be(static_cast<std::uint8_t>(0x80U | rtcp::kFormatTransportCc));
    writer.be(rtcp::kTransportFeedback);
    writer.be(std::uint16_t{0});  // length: known at the end
    writer.be(target.sender.value);
    writer.be(target.media.value);
    writer.be(wrap_sequence(message.base));
    writer.be(static_cast<std::uint16_t>(message.count));
    writer.be24(static_cast<std::uint32_t>(message.reference) & 0xff'ffffU);
    writer.be(feedback_count_);
    for (Symbols left = Symbols{message.symbols}.first(message.count); !left.empty();) left = left.subspan(write_chunk(writer, left));
    for (std::size_t i = 0; i < message.count; ++i) {
        if (message.symbols[i] == twcc::kSmallDelta) writer.be(static_cast<std::uint8_t>(message.deltas[i]));
        if (message.symbols[i] == twcc::kLargeDelta) writer.be(static_cast<std::uint16_t>(message.deltas[i]));
    }
    // Plain zeros, not RTCP padding: that is allowed on the last packet of a compound only.
    writer.zeros((4 - writer.size() % 4) % 4);
    if (!writer.ok()) return 0;
    ByteWriter{out.subspan(2)}.be(static_cast<std::uint16_t>(writer.size() / 4 - 1));
    return writer.size();
}

void TwccRecorder::finish(const Message& message, Instant now) noexcept {
    ++feedback_count_;
    next_base_ = message.base + static_cast<std::int64_t>(message.count);
    if (next_base_ <= *highest_) return;
    pending_ = false;
    window_began_ = now;
}

}  // namespace cardea
