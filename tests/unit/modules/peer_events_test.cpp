#include "modules/peer_events.hpp"

#include <gtest/gtest.h>

#include "telemetry/event_stream.hpp"

namespace cardea {
namespace {

TEST(PeerEvents, NamesStatesAndThePath) {
    const auto ice = progress_event(IceProgress::connected);
    EXPECT_EQ(ice.subtype, event_subtype::kIce);
    EXPECT_EQ(ice.event["ice"].text(), "connected");
    EXPECT_EQ(ice.event["component_id"].integer(), 1);
    const auto dtls = progress_event(DtlsProgress::trying);
    EXPECT_EQ(dtls.subtype, event_subtype::kDtls);
    EXPECT_EQ(dtls.event["dtls"].text(), "trying");
    const auto path = progress_event(SelectedPath{*SocketAddress::parse("192.0.2.1", 10000), *SocketAddress::parse("2001:db8::2", 5000)});
    EXPECT_EQ(path.subtype, event_subtype::kSelectedPair);
    EXPECT_EQ(path.event["selected-pair"].text(), "192.0.2.1:10000 [host,udp] <-> [2001:db8::2]:5000 [prflx,udp]");
    EXPECT_EQ(path.event["candidates"]["local"]["family"].integer(), 4);
    EXPECT_EQ(path.event["candidates"]["remote"]["family"].integer(), 6);
    EXPECT_EQ(path.event["candidates"]["remote"]["address"].text(), "2001:db8::2");
}

TrackStatistics video() {
    TrackStatistics track;
    track.mid = "1";
    track.mindex = 1;
    track.kind = MediaKind::video;
    track.codec = Codec::vp8;
    track.clock_rate = 90000;
    track.round_trip = 42ms;
    track.jitter_local = 900;
    track.bytes_received = 5'000'000'000;
    track.interval_bytes_received = 125'000;
    track.packets_received = 4'000'000'000;
    track.lost = -3;
    return track;
}

TEST(PeerEvents, CountsBytesIn64BitsAndTheRestIn32) {
    const auto event = statistics_event(video());
    EXPECT_EQ(event["bytes-received"].integer(), 5'000'000'000);
    EXPECT_EQ(event["packets-received"].integer(), 2'147'483'647);
    EXPECT_EQ(event["lost"].integer(), -3);
    EXPECT_EQ(event["bytes-received-lastsec"].integer(), 125'000);
    EXPECT_EQ(event["rtt"].integer(), 42);
    EXPECT_EQ(event["jitter-local"].integer(), 10) << "milliseconds";
    EXPECT_EQ(event["media"].text(), "video");
    EXPECT_EQ(event["codec"].text(), "vp8");
    EXPECT_FALSE(event.has("remb-bitrate"));
}

TEST(PeerEvents, NamesLayersOfSimulcast) {
    auto track = video();
    track.layer = 2;
    track.remb = 1'000'000;
    const auto event = statistics_event(track);
    EXPECT_EQ(event["media"].text(), "video-sim2");
    EXPECT_FALSE(event.has("rtt"));
    EXPECT_FALSE(event.has("remb-bitrate"));
}

TEST(PeerEvents, DataHasNoQuality) {
    TrackStatistics track;
    track.kind = MediaKind::data;
    track.bytes_sent = 7;
    const auto event = statistics_event(track);
    EXPECT_EQ(event["media"].text(), "data");
    EXPECT_EQ(event["bytes-sent"].integer(), 7);
    for (const auto* absent : {"lost", "rtt", "nacks-sent", "codec"}) EXPECT_FALSE(event.has(absent)) << absent;
}

}  // namespace
}  // namespace cardea
