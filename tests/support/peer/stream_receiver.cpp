#include "stream_receiver.hpp"

#include <algorithm>
#include <cmath>

namespace cardea::testpeer {
namespace {

constexpr Duration kStillUnderWay = 500ms;
constexpr std::size_t kListed = 100;

double milliseconds(Duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

}  // namespace

void StreamReceiver::receive(const RtpPacket& packet, Instant now) {
    if (ssrc_ != packet.ssrc) {
        if (ssrc_ != 0) {
            ++ssrc_changes_;
            sequences_ = {};
        }
        ssrc_ = packet.ssrc;
        last_sequence_ = packet.sequence;
    }
    ++packets_;
    const auto sequence = extend_sequence(last_sequence_, packet.sequence);
    if (sequences_.was_requested(sequence)) ++recovered_;
    switch (sequences_.arrived(sequence, now)) {
        case Arrival::duplicate:
            ++duplicates_;
            return;
        case Arrival::before_start:
            return;
        case Arrival::late:
            ++late_;
            break;
        case Arrival::first:
        case Arrival::in_order:
            last_sequence_ = sequence;
            measure_jitter(packet, now);
            break;
    }
    accept_payload(packet, now);
}

void StreamReceiver::receive_repair(RtpPacket packet, unsigned media_type, Instant now) {
    ByteReader in{packet.payload};
    packet.sequence = in.be<std::uint16_t>();
    if (!in.ok() || ssrc_ == 0) return;  // an empty one is a probe
    packet.payload = in.rest();
    packet.type = static_cast<std::uint8_t>(media_type);
    packet.ssrc = ssrc_;
    ++repairs_;
    receive(packet, now);
}

void StreamReceiver::accept_payload(const RtpPacket& packet, Instant now) {
    ++unique_;
    octets_ += packet.payload.size();
    if (last_packet_) longest_pause_ = std::max(longest_pause_, now - *last_packet_);
    last_packet_ = now;
    if (!first_packet_) first_packet_ = now;
    Bytes media = packet.payload;
    bool starts_keyframe = false;
    if (identity_.kind == "video") {
        const auto vp8 = parse_vp8(packet.payload);
        if (!vp8) {
            ++damaged_;
            return;
        }
        media = vp8->media;
        starts_keyframe = vp8->keyframe;
        frames_ += vp8->starts_frame ? 1U : 0U;
        keyframes_ += vp8->keyframe ? 1U : 0U;
        if (vp8->keyframe && !first_keyframe_) first_keyframe_ = now;
    }
    const auto reading = read_stamp(media);
    count_stamp(reading, now);
    const bool listed = reading.check == StampCheck::intact && starts_keyframe && keyframe_stamps_.size() < kListed;
    if (listed) keyframe_stamps_.push_back(static_cast<std::int64_t>(reading.stamp.counter));
}

void StreamReceiver::count_stamp(const StampReading& reading, Instant now) {
    if (reading.check == StampCheck::damaged || (reading.check == StampCheck::absent && stamped_ > 0)) ++damaged_;
    if (reading.check != StampCheck::intact) return;
    ++stamped_;
    if (stamps_.arrived(static_cast<std::int64_t>(reading.stamp.counter), now) == Arrival::duplicate) ++stamp_duplicates_;
    const auto delay = now - reading.stamp.sent;
    worst_delay_ = std::max(worst_delay_, delay);
    delay_sum_ += milliseconds(delay);
}

// RFC 3550 appendix A.8
void StreamReceiver::measure_jitter(const RtpPacket& packet, Instant now) {
    const double clock = identity_.kind == "video" ? 90000 : 48000;
    const double transit = std::chrono::duration<double>(now - born_).count() * clock - static_cast<double>(packet.timestamp);
    if (transit_) jitter_ += (std::abs(transit - *transit_) - jitter_) / 16;
    transit_ = transit;
}

void StreamReceiver::on_sender_info(const SenderInfo& info, Instant now) {
    if (info.ssrc != ssrc_) return;
    last_sr_ = static_cast<std::uint32_t>(info.ntp >> 16U);
    last_sr_at_ = now;
}

void StreamReceiver::write_requests(RtcpWriter& to, std::uint32_t own_ssrc, Instant now) {
    if (ssrc_ == 0) return;
    const auto due = sequences_.poll_requests(now);
    if (!due.empty()) {
        std::vector<std::uint16_t> short_ones;
        for (const auto number : due) short_ones.push_back(static_cast<std::uint16_t>(number));
        to.nack(own_ssrc, ssrc_, short_ones);
        nacks_ += due.size();
    }
    // Nothing can be shown before the first keyframe: ask as a decoder would.
    const bool waiting = identity_.kind == "video" && !first_keyframe_ && first_packet_ && now - *first_packet_ > 300ms;
    if (waiting && (!pli_at_ || now - *pli_at_ > 1s)) {
        to.pli(own_ssrc, ssrc_);
        pli_at_ = now;
        ++plis_;
    }
}

// RFC 3550 appendix A.3
ReportBlock StreamReceiver::report_block(Instant now) {
    ReportBlock block{.ssrc = ssrc_};
    const auto expected = sequences_.expected();
    const auto expected_now = expected - std::min(expected, reported_expected_);
    const auto unique_now = unique_ - reported_unique_;
    reported_expected_ = expected;
    reported_unique_ = unique_;
    if (expected_now > unique_now) block.fraction_lost = static_cast<std::uint8_t>((expected_now - unique_now) * 255 / expected_now);
    block.total_lost = static_cast<std::int32_t>(sequences_.missing());
    block.highest_sequence = static_cast<std::uint32_t>(sequences_.highest());
    block.jitter = static_cast<std::uint32_t>(jitter_);
    block.last_sr = last_sr_;
    if (last_sr_ != 0) block.delay_since_sr = static_cast<std::uint32_t>((now - last_sr_at_) / 1us * 65536 / 1000000);
    return block;
}

Json StreamReceiver::report(Instant now) const {
    const auto since_birth = [&](const std::optional<Instant>& when) { return when ? Json{milliseconds(*when - born_)} : Json::null(); };
    auto lost_at = Json::array();
    for (const auto position : stamps_.lost_positions(now - kStillUnderWay, kListed)) lost_at.push(position);
    auto keyframes_at = Json::array();
    for (const auto stamp : keyframe_stamps_) keyframes_at.push(stamps_.position_of(stamp));
    return Json{{"kind", identity_.kind},
                {"mid", identity_.mid},
                {"feed", identity_.feed},
                {"packets", packets_},
                {"unique", unique_},
                {"octets", octets_},
                {"lost", sequences_.lost(now - kStillUnderWay)},
                {"duplicates", duplicates_},
                {"late", late_},
                {"recovered", recovered_},
                {"repairs", repairs_},
                {"stamped", stamped_},
                {"stamps_expected", stamps_.expected()},
                {"stamps_lost", stamps_.lost(now - kStillUnderWay)},
                {"stamp_duplicates", stamp_duplicates_},
                {"lost_at", lost_at},
                {"keyframes_at", keyframes_at},
                {"damaged", damaged_},
                {"frames", frames_},
                {"keyframes", keyframes_},
                {"nacks_sent", nacks_},
                {"plis_sent", plis_},
                {"ssrc_changes", ssrc_changes_},
                {"sender_reports", last_sr_ != 0},
                {"first_packet_ms", since_birth(first_packet_)},
                {"first_keyframe_ms", since_birth(first_keyframe_)},
                {"longest_pause_ms", milliseconds(longest_pause_)},
                {"worst_delay_ms", milliseconds(worst_delay_)},
                {"mean_delay_ms", stamped_ > 0 ? delay_sum_ / static_cast<double>(stamped_) : 0.0}};
}

}  // namespace cardea::testpeer
