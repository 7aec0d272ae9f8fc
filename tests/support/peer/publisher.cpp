#include "publisher.hpp"

#include <algorithm>

namespace cardea::testpeer {

Publisher::Publisher(const Connection::Environment& environment, const PeerOptions& options, unsigned hue, Instant now)
    : connection_{environment, {[](Bytes) {}, [this](Bytes compound) { on_rtcp(compound); }}, now} {
    if (options.audio) tracks_.emplace_back(TrackSender::Settings{"audio", std::to_string(tracks_.size()), 0, hue}, false);
    if (options.video_kbps > 0)
        tracks_.emplace_back(TrackSender::Settings{"video", std::to_string(tracks_.size()), options.video_kbps, hue}, options.rtx);
}

std::string Publisher::offer() {
    std::vector<SdpTrack> tracks;
    for (const auto& track : tracks_) tracks.push_back(track.description());
    return write_offer(connection_.local("actpass"), tracks);
}

void Publisher::accept_answer(const std::string& sdp) {
    const auto answer = parse_sdp(sdp);
    for (std::size_t i = 0; i < tracks_.size() && i < answer.media.size(); ++i) tracks_[i].agree(answer.media[i]);
    connection_.set_remote(answer, Connection::Part::offerer);
}

void Publisher::tick(Instant now) {
    connection_.tick(now);
    if (connection_.status() != ConnectionStatus::up || stopped_) return;
    if (!started_) {
        started_ = true;
        for (auto& track : tracks_) track.start(now);
    }
    const auto emit = [this](std::vector<std::uint8_t> packet) { connection_.send_rtp(std::move(packet)); };
    for (auto& track : tracks_) track.send_due(now, emit);
    if (report_at_ && now - *report_at_ < 1s) return;
    report_at_ = now;
    for (const auto& track : tracks_) {
        RtcpWriter out;
        out.sender_report(track.sender_info(now));
        out.cname(track.description().ssrc, kCname);
        connection_.send_rtcp(out.data());
    }
}

void Publisher::stop_media() {
    stopped_ = true;
    for (auto& track : tracks_) track.stop();
}

void Publisher::on_rtcp(Bytes compound) {
    const auto content = parse_rtcp(compound);
    if (!content.well_formed) ++malformed_;
    const auto emit = [this](std::vector<std::uint8_t> packet) { connection_.send_rtp(std::move(packet)); };
    for (auto& track : tracks_) {
        for (const auto ssrc : content.keyframe_requests) track.request_keyframe(ssrc);
        for (const auto& nack : content.nacks) track.answer(nack, emit);
    }
    const auto compact_now = static_cast<std::uint32_t>(ntp_of(wall_now()) >> 16U);
    for (const auto& block : content.reports) {
        ++receiver_reports_;
        if (block.last_sr == 0) continue;
        // RFC 3550 section 6.4.1: arrival - LSR - DLSR, in 1/65536 s; a result below zero is rounding.
        const auto round_trip = static_cast<std::int32_t>(compact_now - block.last_sr - block.delay_since_sr);
        worst_round_trip_ms_ = std::max(worst_round_trip_ms_, static_cast<std::uint32_t>(std::max(round_trip, 0)) * 1000U / 65536U);
    }
    feedback_ += content.transport_feedback;
    if (content.remb) remb_ = content.remb;
}

Json Publisher::report() const {
    auto tracks = Json::array();
    for (const auto& track : tracks_) tracks.push(track.report());
    const auto setup = connection_.setup_time();
    return Json{{"up", connection_.status() == ConnectionStatus::up || connection_.status() == ConnectionStatus::closed},
                {"problem", connection_.problem()},
                {"profile", connection_.profile()},
                {"setup_ms", setup ? Json{std::chrono::duration<double, std::milli>(*setup).count()} : Json::null()},
                {"tracks", tracks},
                {"receiver_report_blocks", receiver_reports_},
                {"transport_feedback", feedback_},
                {"remb", remb_ ? Json{*remb_} : Json::null()},
                {"worst_round_trip_ms", worst_round_trip_ms_},
                {"malformed_rtcp", malformed_}};
}

}  // namespace cardea::testpeer
