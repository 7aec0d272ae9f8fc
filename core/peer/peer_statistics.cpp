#include "peer/peer_statistics.hpp"

#include <algorithm>

namespace cardea {
namespace {

const TrackStatistics* find(const std::vector<TrackStatistics>& list, const std::string& mid, std::uint8_t layer) {
    const auto found = std::find_if(list.begin(), list.end(), [&](const auto& track) { return track.mid == mid && track.layer == layer; });
    return found == list.end() ? nullptr : &*found;
}

// A counter of a new source or sink under an old name begins again.
std::uint64_t grown(std::uint64_t now, std::uint64_t before) { return now >= before ? now - before : now; }
std::uint64_t grown(std::int64_t now, std::int64_t before) { return static_cast<std::uint64_t>(std::max<std::int64_t>(now - before, 0)); }

std::uint8_t per_cent(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? std::uint8_t{100} : static_cast<std::uint8_t>(std::min<std::uint64_t>(part * 100 / whole, 100));
}

}  // namespace

TrackStatistics& PeerStatistics::entry(std::vector<TrackStatistics>& list, const std::string& mid, std::uint8_t layer) const {
    for (auto& track : list)
        if (track.mid == mid && track.layer == layer) return track;
    auto& track = list.emplace_back();
    track.mid = mid;
    track.layer = layer;
    return track;
}

void PeerStatistics::add_source(std::vector<TrackStatistics>& list, Source& source, const Peer& peer) const {
    const auto& described = source.track();
    std::uint8_t layer = 0;
    for (const auto& encoding : source.encodings()) {
        auto& track = entry(list, described.mid, layer++);
        track.mindex = described.mindex;
        track.kind = described.kind;
        if (!described.payload_types.empty()) {
            track.codec = described.payload_types.front().codec;
            track.clock_rate = described.payload_types.front().clock_rate;
        }
        track.packets_received = encoding->stats.packets();
        track.bytes_received = encoding->stats.octets();
        track.lost = encoding->stats.lost();
        track.jitter_local = encoding->stats.jitter();
        track.nacks_sent = encoding->nacks.counters().requested;
        track.retransmissions_received = encoding->nacks.counters().recovered;
        track.remb = peer.remb;
    }
}

void PeerStatistics::add_sink(std::vector<TrackStatistics>& list, const Sink& sink) const {
    const auto& described = sink.track();
    auto& track = entry(list, described.mid, 0);
    track.mindex = described.mindex;
    track.kind = described.kind;
    track.codec = described.payload_type.codec;
    track.clock_rate = described.payload_type.clock_rate;
    track.packets_sent = sink.stats().packets();
    track.bytes_sent = sink.stats().octets();
    track.lost_by_remote = sink.reported_lost;
    track.jitter_remote = sink.reported_jitter;
    track.nacks_received = sink.nacks_received;
}

void PeerStatistics::compare(TrackStatistics& track) const {
    static const TrackStatistics kNothing;
    const auto* found = find(last_, track.mid, track.layer);
    const auto& before = found == nullptr ? kNothing : *found;
    track.interval_bytes_received = grown(track.bytes_received, before.bytes_received);
    track.interval_bytes_sent = grown(track.bytes_sent, before.bytes_sent);
    const auto lost = grown(track.lost, before.lost);
    const auto arrived = grown(track.packets_received, before.packets_received);
    const auto recovered = grown(track.retransmissions_received, before.retransmissions_received);
    track.link_quality_in = per_cent(arrived, arrived + lost);
    track.media_quality_in = per_cent(arrived + std::min(recovered, lost), arrived + lost);
    const auto sent = grown(track.packets_sent, before.packets_sent);
    const auto missed = std::min(grown(track.lost_by_remote, before.lost_by_remote), sent);
    const auto asked = std::min(grown(track.nacks_received, before.nacks_received), missed);
    track.link_quality_out = per_cent(sent - missed, sent);
    track.media_quality_out = per_cent(sent - missed + asked, sent);
}

const std::vector<TrackStatistics>& PeerStatistics::collect(const Peer& peer) {
    std::vector<TrackStatistics> list;
    for (const auto& source : peer.sources) add_source(list, *source, peer);
    for (const auto& sink : peer.sinks) add_sink(list, *sink);
    for (auto& track : list) {
        track.round_trip = peer.round_trip;
        compare(track);
    }
    last_ = std::move(list);
    return last_;
}

}  // namespace cardea
