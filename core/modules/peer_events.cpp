#include "modules/peer_events.hpp"

#include <algorithm>
#include <limits>

#include "telemetry/event_stream.hpp"

namespace cardea {
namespace {

// One stream with one component: BUNDLE and rtcp-mux.
Json of_component(Json event) { return event.set("stream_id", 1).set("component_id", 1); }

Json candidate_json(const SocketAddress& address, const char* type) {
    return {{"address", address.ip()}, {"port", unsigned{address.port()}}, {"type", type}, {"transport", "udp"},
            {"family", address.is_v6() ? 6 : 4}};
}

ProgressEvent event_of(IceProgress state) {
    const char* text = state == IceProgress::connecting ? "connecting" : state == IceProgress::connected ? "connected" : "failed";
    return {event_subtype::kIce, of_component({{"ice", text}})};
}
ProgressEvent event_of(DtlsProgress state) {
    const char* text = state == DtlsProgress::trying ? "trying" : state == DtlsProgress::connected ? "connected" : "failed";
    return {event_subtype::kDtls, of_component({{"dtls", text}})};
}
// A client behind a NAT is reached at an address no candidate of it named: to us every one is found by its checks.
ProgressEvent event_of(const SelectedPath& path) {
    const auto pair = path.local.to_text() + " [host,udp] <-> " + path.remote.to_text() + " [prflx,udp]";
    return {event_subtype::kSelectedPair,
            of_component({{"selected-pair", pair},
                          {"candidates", {{"local", candidate_json(path.local, "host")}, {"remote", candidate_json(path.remote, "prflx")}}}})};
}

// Consumers keep these in 32 bits, some of them signed: a counter that has grown beyond stays at its end.
std::int64_t in_32_bits(std::uint64_t value) {
    return static_cast<std::int64_t>(std::min<std::uint64_t>(value, std::numeric_limits<std::int32_t>::max()));
}
std::int64_t in_32_bits(std::int64_t value) {
    return std::clamp<std::int64_t>(value, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max());
}

std::string media_name(const TrackStatistics& track) {
    std::string name{to_text(track.kind)};
    if (track.layer > 0) name += "-sim" + std::to_string(track.layer);
    return name;
}

std::int64_t milliseconds(std::uint32_t ticks, std::uint32_t clock_rate) {
    return clock_rate == 0 ? 0 : std::int64_t{ticks} * 1000 / clock_rate;
}

}  // namespace

ProgressEvent progress_event(const PeerProgress& progress) {
    return std::visit([](const auto& state) { return event_of(state); }, progress);
}

Json statistics_event(const TrackStatistics& t) {
    Json event{{"mid", t.mid}, {"mindex", unsigned{t.mindex}}, {"media", media_name(t)}};
    if (t.kind != MediaKind::data) {
        if (t.codec != Codec::unknown) event.set("codec", to_text(t.codec));
        event.set("base", t.clock_rate);
        if (t.layer == 0) event.set("rtt", std::chrono::duration_cast<std::chrono::milliseconds>(t.round_trip).count());
        event.set("lost", in_32_bits(t.lost))
            .set("lost-by-remote", in_32_bits(t.lost_by_remote))
            .set("jitter-local", milliseconds(t.jitter_local, t.clock_rate))
            .set("jitter-remote", milliseconds(t.jitter_remote, t.clock_rate))
            .set("in-link-quality", unsigned{t.link_quality_in})
            .set("in-media-link-quality", unsigned{t.media_quality_in})
            .set("out-link-quality", unsigned{t.link_quality_out})
            .set("out-media-link-quality", unsigned{t.media_quality_out});
    }
    event.set("packets-received", in_32_bits(t.packets_received))
        .set("packets-sent", in_32_bits(t.packets_sent))
        .set("bytes-received", t.bytes_received)
        .set("bytes-sent", t.bytes_sent)
        .set("bytes-received-lastsec", in_32_bits(t.interval_bytes_received))
        .set("bytes-sent-lastsec", in_32_bits(t.interval_bytes_sent));
    if (t.kind == MediaKind::data) return event;
    event.set("nacks-received", in_32_bits(t.nacks_received))
        .set("nacks-sent", in_32_bits(t.nacks_sent))
        .set("retransmissions-received", in_32_bits(t.retransmissions_received));
    if (t.remb > 0 && t.layer == 0) event.set("remb-bitrate", in_32_bits(t.remb));
    return event;
}

}  // namespace cardea
