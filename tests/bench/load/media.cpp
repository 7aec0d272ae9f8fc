#include "media.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "chromium_trace.hpp"

namespace cardea::load {
namespace {

constexpr std::uint64_t kMagic = 0x6361726465616c64;  // "cardeald"
constexpr std::uint8_t kPattern = 0x5a;
constexpr Duration kAudioInterval = 20ms;
constexpr std::uint32_t kFrameInterval = 33'333;  // us: cameras of different people are not in step
constexpr std::size_t kLargestPacket = 1190;  // of the trace
constexpr std::size_t kSmallestFrame = 100;
constexpr std::size_t kDescriptor = 4;   // X, I, 15 bits of picture id: as Chromium writes it
constexpr std::size_t kFrameHeader = 10;  // RFC 6386 section 9.1: tag, start code, size

double trace_seconds() {
    double sum = 0;
    for (const auto& packet : kChromiumTrace) sum += packet.after_us;
    return sum / 1e6;
}
double trace_kbps() {
    double bytes = 0;
    for (const auto& packet : kChromiumTrace) bytes += packet.size;
    return bytes * 8 / 1000 / trace_seconds();
}

// Where frames begin.
std::vector<std::size_t> frames_of(std::span<const TracePacket> trace) {
    std::vector<std::size_t> begins;
    for (std::size_t i = 0; i < trace.size(); ++i)
        if (i == 0 || trace[i - 1].last_of_frame) begins.push_back(i);
    return begins;
}

// The trace with smaller frames: fewer packets of equal size, at the instants of the first ones.
std::vector<TracePacket> thinned(unsigned divisor) {
    std::vector<TracePacket> thin;
    std::uint32_t waited = 0;  // since the last packet that was kept
    std::size_t begin = 0;
    for (std::size_t end = 1; end <= kChromiumTrace.size(); ++end) {
        if (!kChromiumTrace[end - 1].last_of_frame) continue;
        std::size_t octets = 0;
        for (auto i = begin; i < end; ++i) octets += kChromiumTrace[i].size;
        const auto wanted = std::max(octets / divisor, kSmallestFrame);
        const auto count = std::min((wanted + kLargestPacket - 1) / kLargestPacket, end - begin);
        for (auto i = begin; i < end; ++i) {
            waited += kChromiumTrace[i].after_us;
            if (i - begin >= count) continue;
            thin.push_back({waited, static_cast<std::uint16_t>(wanted / count), i - begin + 1 == count});
            waited = 0;
        }
        begin = end;
    }
    return thin;
}

std::span<const TracePacket> trace_for(unsigned divisor) {
    if (divisor == 1) return kChromiumTrace;
    static std::map<unsigned, std::vector<TracePacket>> made;
    auto& trace = made[divisor];
    if (trace.empty()) trace = thinned(divisor);
    return trace;
}

}  // namespace

Schedule::Schedule(const Profile& profile, Instant start, std::uint32_t seed, unsigned divisor)
    : profile_{profile},
      trace_{trace_for(divisor)},
      speed_{profile.video_kbps > 0 ? profile.video_kbps / trace_kbps() : 1},
      start_{start},
      position_{0},
      video_due_{profile.video_kbps > 0 ? start + std::chrono::microseconds{seed * 7919U % kFrameInterval} : Instant::max()},
      audio_due_{profile.audio ? start + std::chrono::milliseconds{seed % 20} : Instant::max()},
      frame_began_{video_due_},
      audio_timestamp_{seed * 960},
      random_{seed * 2654435761U + 1} {
    // All encodings of a publisher at the same frame.
    const auto frames = frames_of(trace_);
    position_ = frames[seed * 7919U % frames.size()];
}

Instant Schedule::next() const noexcept { return std::min(video_due_, audio_due_); }

MediaPacket Schedule::take() noexcept {
    MediaPacket packet;
    if (audio_due_ <= video_due_) {
        packet = {.video = false, .timestamp = audio_timestamp_, .marker = false, .size = kAudioPacket};
        audio_timestamp_ += 960;
        audio_due_ += kAudioInterval;
        return packet;
    }
    if (at_frame_start_) {
        keyframe_ = std::exchange(keyframe_wanted_, false);
        frame_began_ = video_due_;
        frame_timestamp_ = static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::microseconds>(video_due_ - start_).count() * 9 / 100);
    }
    const auto& traced = trace_[position_];
    packet = {.video = true, .timestamp = frame_timestamp_, .marker = traced.last_of_frame, .size = traced.size,
              .starts_frame = at_frame_start_, .keyframe = keyframe_};
    advance_video();
    return packet;
}

void Schedule::advance_video() noexcept {
    const bool frame_ended = trace_[position_].last_of_frame;
    position_ = (position_ + 1) % trace_.size();
    auto after = std::chrono::nanoseconds{static_cast<std::int64_t>(trace_[position_].after_us * 1000.0 / speed_)};
    if (profile_.spread && !frame_ended) {
        random_ = random_ * 1664525U + 1013904223U;
        after = 2ms + std::chrono::microseconds{(random_ >> 8U) % 2000};
    }
    video_due_ += after;
    at_frame_start_ = frame_ended;
}

void fill_payload(MutableBytes payload, const MediaPacket& packet, std::uint16_t picture, std::uint64_t counter, Instant now) noexcept {
    std::fill(payload.begin(), payload.end(), kPattern);
    if (packet.video) {
        payload[0] = static_cast<std::uint8_t>(0x80 | (packet.starts_frame ? 0x10 : 0));
        payload[1] = 0x80;
        payload[2] = static_cast<std::uint8_t>(0x80U | (picture >> 8U));
        payload[3] = static_cast<std::uint8_t>(picture);
        if (packet.starts_frame) {
            const std::array<std::uint8_t, kFrameHeader> header{static_cast<std::uint8_t>(packet.keyframe ? 0x10 : 0x11), 0x10, 0, 0x9d, 0x01,
                                                                0x2a, 0x80, 0x02, 0x68, 0x01};
            std::copy(header.begin(), header.end(), payload.begin() + kDescriptor);
        }
    } else {
        payload[0] = 0xf8;  // RFC 6716 section 3.1: 20 ms, mono, one frame
    }
    ByteWriter stamp{payload.last(kStampSize)};
    stamp.be(kMagic);
    stamp.be(counter);
    stamp.be(static_cast<std::uint64_t>(ns_of(now)));
}

std::optional<Stamp> read_payload(Bytes payload, bool video) noexcept {
    if (payload.size() < kStampSize + kDescriptor + kFrameHeader) return std::nullopt;
    ByteReader stamp{payload.last(kStampSize)};
    if (stamp.be<std::uint64_t>() != kMagic) return std::nullopt;
    const auto pattern = payload.first(payload.size() - kStampSize).subspan(video ? kDescriptor + kFrameHeader : 1);
    if (!std::all_of(pattern.begin(), pattern.end(), [](std::uint8_t byte) { return byte == kPattern; })) return std::nullopt;
    const auto counter = stamp.be<std::uint64_t>();
    return Stamp{counter, instant_of_ns(static_cast<std::int64_t>(stamp.be<std::uint64_t>()))};
}

}  // namespace cardea::load
