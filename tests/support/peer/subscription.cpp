#include "subscription.hpp"

#include <algorithm>

#include "base/random.hpp"

namespace cardea::testpeer {

Subscription::Subscription(const Connection::Environment& environment, Instant now)
    : connection_{environment, {[this](Bytes data) { on_rtp(data); }, [this](Bytes compound) { on_rtcp(compound); }}, now},
      own_ssrc_{random_u32() | 1U} {}

std::string Subscription::answer(const std::string& offer, const Json& streams, Instant now) {
    offer_ = parse_sdp(offer);
    adopt_streams(streams, now);
    adopt_sources();
    connection_.set_remote(offer_, Connection::Part::answerer);
    return write_answer(connection_.local("active"), offer_);
}

void Subscription::adopt_streams(const Json& streams, Instant now) {
    streams.for_each([&](const Json& stream) {
        const auto feed = stream["feed_id"];
        if (!feed || stream["type"].text() == "data") return;
        StreamReceiver::Identity identity{std::string{stream["type"].text()}, std::string{stream["mid"].text()}, feed.dump()};
        const auto found = streams_.find(identity.mid);
        if (found != streams_.end() && found->second.identity().feed == identity.feed) return;
        if (found != streams_.end()) {
            finished_.push_back(std::move(found->second));
            streams_.erase(found);
        }
        streams_.emplace(identity.mid, StreamReceiver{identity, now});
    });
}

void Subscription::adopt_sources() {
    for (const auto& media : offer_.media) {
        if (media.mid_extension != 0) mid_extension_ = media.mid_extension;
        for (const auto ssrc : media.ssrcs) routes_[ssrc] = {media.mid, media.repair_of.contains(ssrc)};
    }
}

const SdpMedia* Subscription::media_of(const RtpPacket& packet) const {
    const auto& all = offer_.media;
    const auto route = routes_.find(packet.ssrc);
    const std::string_view mid = !packet.mid.empty()      ? packet.mid
                                 : route != routes_.end() ? std::string_view{route->second.mid}
                                                          : std::string_view{};
    const auto by_mid = std::find_if(all.begin(), all.end(), [&](const auto& media) { return !mid.empty() && media.mid == mid; });
    if (by_mid != all.end()) return &*by_mid;
    // RFC 8843 section 9.2: last resort, a payload type that only one m-line has.
    const auto has_type = [&](const auto& media) { return media.port != 0 && media.codec(packet.type) != nullptr; };
    if (std::count_if(all.begin(), all.end(), has_type) != 1) return nullptr;
    return &*std::find_if(all.begin(), all.end(), has_type);
}

void Subscription::on_rtp(Bytes data) {
    const auto now = MonotonicClock::now();
    const auto packet = parse_rtp(data, mid_extension_);
    if (!packet) {
        ++malformed_;
        return;
    }
    const auto* media = media_of(*packet);
    const auto* codec = media != nullptr ? media->codec(packet->type) : nullptr;
    const auto stream = media != nullptr ? streams_.find(media->mid) : streams_.end();
    if (codec == nullptr || stream == streams_.end()) {
        ++unroutable_;
        return;
    }
    routes_[packet->ssrc] = {media->mid, codec->repairs.has_value()};
    if (codec->repairs) {
        stream->second.receive_repair(*packet, *codec->repairs, now);
    } else {
        stream->second.receive(*packet, now);
    }
}

void Subscription::on_rtcp(Bytes compound) {
    const auto content = parse_rtcp(compound);
    if (!content.well_formed) ++malformed_;
    const auto now = MonotonicClock::now();
    for (const auto& info : content.sender_infos)
        for (auto& [mid, stream] : streams_) stream.on_sender_info(info, now);
}

std::vector<ReportBlock> Subscription::report_blocks(Instant now) {
    std::vector<ReportBlock> blocks;
    for (auto& [mid, stream] : streams_)
        if (stream.has_ssrc()) blocks.push_back(stream.report_block(now));
    return blocks;
}

void Subscription::tick(Instant now) {
    connection_.tick(now);
    if (connection_.status() != ConnectionStatus::up) return;
    RtcpWriter requests;
    for (auto& [mid, stream] : streams_) stream.write_requests(requests, own_ssrc_, now);
    const bool report_due = !report_at_ || now - *report_at_ >= 1s;
    if (requests.data().empty() && !report_due) return;
    if (report_due) report_at_ = now;
    RtcpWriter out;
    out.receiver_report(own_ssrc_, report_due ? report_blocks(now) : std::vector<ReportBlock>{});
    out.cname(own_ssrc_, kCname);
    auto compound = out.data();
    compound.insert(compound.end(), requests.data().begin(), requests.data().end());
    connection_.send_rtcp(std::move(compound));
}

Json Subscription::report(Instant now) const {
    auto streams = Json::array();
    for (const auto& stream : finished_) streams.push(stream.report(now));
    for (const auto& [mid, stream] : streams_) streams.push(stream.report(now));
    const auto setup = connection_.setup_time();
    return Json{{"up", setup.has_value()},
                {"problem", connection_.problem()},
                {"profile", connection_.profile()},
                {"setup_ms", setup ? Json{std::chrono::duration<double, std::milli>(*setup).count()} : Json::null()},
                {"refused_packets", connection_.refused()},
                {"unroutable", unroutable_},
                {"malformed", malformed_},
                {"streams", streams}};
}

}  // namespace cardea::testpeer
