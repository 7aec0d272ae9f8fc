// The gateway offers.
#include "unit/sdp/sdp_samples.hpp"

namespace cardea {
namespace {

using namespace sdp_test;

LocalOffer offer_of(Negotiation& peer, const std::vector<OfferTrack>& tracks) {
    auto offer = peer.offer(tracks, transport());
    EXPECT_TRUE(offer) << offer.error().detail;
    return std::move(offer.value());
}
RemoteAnswer answered(Negotiation& peer, const std::string& answer) {
    auto result = peer.set_remote_answer(answer);
    EXPECT_TRUE(result) << result.error().detail;
    return std::move(result.value());
}
RemoteAnswer agree(Negotiation& peer, const std::vector<OfferTrack>& tracks) {
    const auto offer = offer_of(peer, tracks);
    return answered(peer, answer_to(offer.sdp));
}
// The tracks of tests/data/sdp/gateway_offer.sdp, which real clients answered.
std::vector<OfferTrack> sample_tracks() {
    auto baseline = track(Codec::h264, {}, {"s3", "v3"});
    baseline.payload_type.fmtp = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f";
    OfferTrack data;
    data.kind = MediaKind::data;
    return {track(Codec::opus, {}, {"s1", "a1"}), track(Codec::vp8, {}, {"s1", "v1"}), track(Codec::h264, {}, {"s2", "v2"}), baseline,
            track(Codec::av1, {}, {"s4", "v4"}),  track(Codec::vp9, {}, {"s5", "v5"}), track(Codec::pcmu, {}, {"s6", "a6"}), data};
}

TEST(LocalOffer, IsTheOneThatTheClientsOfTheSamplesAnswered) {
    auto peer = negotiation();
    EXPECT_EQ(offer_of(peer, sample_tracks()).sdp, sample("gateway_offer.sdp"));
}

TEST(LocalOffer, IsAnsweredByChromium) {
    auto peer = negotiation();
    offer_of(peer, sample_tracks());
    EXPECT_TRUE(peer.is_offer_pending());
    const auto result = answered(peer, sample("chromium_answer.sdp"));
    EXPECT_FALSE(peer.is_offer_pending());
    ASSERT_EQ(result.media.size(), 8U);
    for (std::size_t i = 0; i < 7; ++i) {
        EXPECT_EQ(result.media[i].direction, MediaDirection::sendonly) << i;
        EXPECT_EQ(result.media[i].send->payload_type.rtx.has_value(), result.media[i].kind == MediaKind::video) << i;
        EXPECT_EQ(result.media[i].send->extensions.mid, 4) << i;
    }
    EXPECT_NE(result.media[2].payload_type->number, result.media[3].payload_type->number);
    EXPECT_EQ(result.media[7].sctp_port, 5000);
    EXPECT_EQ(result.remote.local_setup, SetupRole::passive);
    EXPECT_EQ(result.remote.ufrag.size(), 4U);
}

TEST(LocalOffer, IsAnsweredByAiortc) {
    auto peer = negotiation();
    const auto tracks = sample_tracks();
    offer_of(peer, {tracks[0], tracks[1], tracks[7]});
    const auto result = answered(peer, sample("aiortc_answer.sdp"));
    EXPECT_EQ(result.media.at(1).send->payload_type.rtx, 97);
    EXPECT_EQ(result.media.at(1).send->ssrc, Ssrc{1006});
}

TEST(LocalOffer, CarriesAllCandidatesOnEveryMedia) {
    auto peer = negotiation();
    const auto offer = offer_of(peer, sample_tracks());
    EXPECT_EQ(count(offer.sdp, " 192.0.2.10 10000 typ host\r\n"), 8U);
    EXPECT_EQ(count(offer.sdp, "a=end-of-candidates\r\n"), 8U);
    EXPECT_EQ(count(offer.sdp, "a=setup:actpass\r\n"), 8U);
    EXPECT_EQ(count(offer.sdp, "a=ice-lite\r\n"), 1U);
}

TEST(LocalOffer, NamesTheMediaOfEveryTrack) {
    auto peer = negotiation();
    agree(peer, {track(Codec::opus), track(Codec::vp8)});
    const auto offer = offer_of(peer, {track(Codec::vp9), track(Codec::vp8, "1"), track(Codec::opus, "0")});
    EXPECT_EQ(offer.track_lines, (std::vector<std::uint8_t>{2, 1, 0}));
    EXPECT_EQ(offer.media[2].mid, "2");
    EXPECT_EQ(offer.media[2].payload_type->codec, Codec::vp9);
}

TEST(LocalOffer, StopsMediaThatNoTrackNames) {
    auto peer = negotiation();
    const auto first = agree(peer, {track(Codec::opus), track(Codec::vp8)});
    const auto offer = offer_of(peer, {track(Codec::opus, "0")});
    EXPECT_EQ(offer.media[1].direction, MediaDirection::inactive);
    EXPECT_FALSE(offer.media[1].send);
    const auto media = parse_sdp(offer.sdp).value().media;
    EXPECT_EQ(media[1].port, 9);
    EXPECT_EQ(media[1].direction, MediaDirection::inactive);
    EXPECT_EQ(media[1].formats.size(), 2U);
    EXPECT_TRUE(media[1].msid.empty());
    EXPECT_EQ(peer.media()[1].direction, MediaDirection::sendonly);  // until the answer
    EXPECT_EQ(answered(peer, answer_to(offer.sdp)).media[1].direction, MediaDirection::inactive);
}

TEST(LocalOffer, ReusesAFreeMediaOfTheKindUnderAnotherSsrc) {
    auto peer = negotiation();
    const auto first = agree(peer, {track(Codec::opus), track(Codec::vp8)});
    agree(peer, {track(Codec::opus, "0")});
    const auto offer = offer_of(peer, {track(Codec::opus, "0"), track(Codec::opus), track(Codec::h264, {}, {"new", "new"})});
    EXPECT_EQ(offer.track_lines, (std::vector<std::uint8_t>{0, 2, 1}));
    EXPECT_EQ(offer.media[0].send->ssrc, first.media[0].send->ssrc);
    EXPECT_NE(offer.media[1].send->ssrc, first.media[1].send->ssrc);
    EXPECT_NE(offer.media[1].send->rtx_ssrc, first.media[1].send->rtx_ssrc);
    EXPECT_EQ(offer.media[1].payload_type->codec, Codec::h264);
    EXPECT_NE(offer.sdp.find("a=msid:new new\r\n"), std::string::npos);
}

TEST(LocalOffer, DoesNotReuseMediaThatOnlyNowBecomesFree) {
    auto peer = negotiation();
    agree(peer, {track(Codec::vp8)});
    EXPECT_EQ(offer_of(peer, {track(Codec::vp8)}).track_lines, (std::vector<std::uint8_t>{1}));
}

TEST(LocalOffer, RecyclesRefusedMediaForAnyKindUnderANewMid) {
    auto peer = negotiation();
    const auto offer = offer_of(peer, {track(Codec::opus), track(Codec::vp8)});
    auto answer = with(answer_to(offer.sdp), "m=video 9", "m=video 0");
    const auto result = answered(peer, with(answer, "BUNDLE 0 1", "BUNDLE 0"));
    EXPECT_TRUE(result.media[1].rejected);
    EXPECT_FALSE(result.media[1].send);
    const auto next = offer_of(peer, {track(Codec::opus, "0"), track(Codec::opus), track(Codec::vp8)});
    EXPECT_EQ(next.track_lines, (std::vector<std::uint8_t>{0, 1, 2}));
    EXPECT_EQ(next.media[1].kind, MediaKind::audio);
    EXPECT_EQ(next.media[1].mid, "2");
    EXPECT_EQ(next.media[2].mid, "3");
    EXPECT_NE(next.media[1].send->ssrc, result.media[0].send->ssrc);
    EXPECT_TRUE(peer.set_remote_answer(answer_to(next.sdp)));
}

TEST(LocalOffer, KeepsRefusedMediaRefusedForATrackThatNamesIt) {
    auto peer = negotiation();
    const auto offer = offer_of(peer, {track(Codec::opus), track(Codec::vp8)});
    answered(peer, with(with(answer_to(offer.sdp), "m=video 9", "m=video 0"), "BUNDLE 0 1", "BUNDLE 0"));
    const auto next = offer_of(peer, {track(Codec::opus, "0"), track(Codec::vp8, "1")});
    EXPECT_TRUE(next.media[1].rejected);
    EXPECT_NE(next.sdp.find("m=video 0 "), std::string::npos);
}

TEST(LocalOffer, CanRefuseNothingButNonsense) {
    auto peer = negotiation();
    const auto detail = [&](const std::vector<OfferTrack>& tracks) {
        const auto offer = peer.offer(tracks, transport());
        EXPECT_TRUE(offer || offer.error().code == 490);
        return offer ? std::string{} : offer.error().detail;
    };
    EXPECT_NE(detail({}), "");
    EXPECT_NE(detail({track(Codec::opus, "0")}).find("no m-line"), std::string::npos);
    agree(peer, {track(Codec::opus), track(Codec::vp8)});
    EXPECT_NE(detail({track(Codec::vp8, "0")}).find("another kind"), std::string::npos);
    EXPECT_NE(detail({track(Codec::vp8, "1"), track(Codec::vp8, "1")}).find("two tracks"), std::string::npos);
    EXPECT_NE(detail({track(Codec::opus, {}, {"a b", "c"})}).find("token"), std::string::npos);
    auto evil = track(Codec::vp8);
    evil.payload_type.fmtp = "x\r\na=evil";
    EXPECT_NE(detail({evil}).find("line break"), std::string::npos);
    auto wrong = track(Codec::vp8);
    wrong.kind = MediaKind::audio;
    EXPECT_NE(detail({wrong}).find("codec"), std::string::npos);
    EXPECT_NE(detail(std::vector<OfferTrack>(65, track(Codec::vp8))).find("64"), std::string::npos);
    EXPECT_FALSE(peer.is_offer_pending());
    EXPECT_EQ(peer.media().size(), 2U);
}

TEST(LocalOffer, WaitsForTheOneBefore) {
    auto peer = negotiation();
    offer_of(peer, {track(Codec::opus)});
    EXPECT_EQ(peer.offer({track(Codec::opus)}, transport()).error().code, 490);
    EXPECT_EQ(peer.set_remote_offer(small_offer()).error().code, 465);
    peer.rollback_local_offer();
    EXPECT_TRUE(peer.set_remote_offer(small_offer()));
    EXPECT_EQ(peer.offer({track(Codec::opus)}, transport()).error().code, 490);
}

TEST(LocalOffer, ContinuesAConnectionThatTheClientBegan) {
    auto peer = negotiation();
    const auto text = with(with(with_every(small_offer(), "111", "96"), "96 97", "111 97"), "a=rtpmap:96 VP8", "a=rtpmap:111 VP8");
    auto swapped = with(text, "a=rtcp-fb:96 nack", "a=rtcp-fb:111 nack");
    swapped = with(with(swapped, "a=rtcp-fb:96 nack pli", "a=rtcp-fb:111 nack pli"), "apt=96", "apt=111");
    ASSERT_TRUE(peer.set_remote_offer(swapped));
    ASSERT_TRUE(peer.answer({}, transport()));
    const auto offer = offer_of(peer, {track(Codec::opus, "0"), track(Codec::vp8, "1"), track(Codec::vp8)});
    EXPECT_EQ(offer.media[0].payload_type->number, 96);
    EXPECT_EQ(offer.media[1].payload_type->number, 111);
    EXPECT_EQ(offer.media[2].payload_type->number, 111);
    EXPECT_EQ(offer.media[2].payload_type->rtx, 97);
    EXPECT_EQ(parse_sdp(offer.sdp).value().version, 2U);
    EXPECT_FALSE(answered(peer, answer_to(offer.sdp)).restart);
}

TEST(LocalOffer, KeepsTheCodecOfAPausedTrackThatNamesNone) {
    auto peer = negotiation();
    agree(peer, {track(Codec::vp8)});
    OfferTrack paused;
    paused.mid = "0";
    paused.kind = MediaKind::video;
    paused.direction = MediaDirection::inactive;
    EXPECT_EQ(offer_of(peer, {paused}).media[0].payload_type->codec, Codec::vp8);
}

TEST(LocalOffer, CanReceiveToo) {
    auto peer = negotiation();
    auto both = track(Codec::vp8);
    both.direction = MediaDirection::sendrecv;
    both.payload_type.transport_cc = true;
    const auto offer = offer_of(peer, {both});
    EXPECT_NE(offer.sdp.find("a=rtcp-fb:96 transport-cc"), std::string::npos);
    auto answer = with(answer_to(offer.sdp), "a=ssrc-group:FID 1005 1006", "a=ssrc-group:FID 7 8");
    answer = with_every(with_every(answer, "a=ssrc:1005", "a=ssrc:7"), "a=ssrc:1006", "a=ssrc:8");
    const auto result = answered(peer, answer);
    EXPECT_EQ(result.media[0].direction, MediaDirection::sendrecv);
    EXPECT_EQ(result.media[0].receive->encodings.at(0).ssrc, Ssrc{7});
    EXPECT_EQ(result.media[0].receive->encodings.at(0).rtx_ssrc, Ssrc{8});
    EXPECT_EQ(result.media[0].receive->extensions.transport_cc, 3);
    EXPECT_EQ(result.media[0].send->extensions.transport_cc, 0);
}

TEST(RemoteAnswer, IsUnexpectedWithoutAnOffer) {
    auto peer = negotiation();
    EXPECT_EQ(peer.set_remote_answer(sample("chromium_answer.sdp")).error().code, 469);
    agree(peer, {track(Codec::opus)});
    EXPECT_EQ(peer.set_remote_answer(sample("chromium_answer.sdp")).error().code, 469);
}

TEST(RemoteAnswer, IsRefusedWhenItDoesNotMatchAndTheOfferStaysPending) {
    auto peer = negotiation();
    const auto good = answer_to(offer_of(peer, {track(Codec::opus), track(Codec::vp8)}).sdp);
    const auto detail = [&](const std::string& text) {
        const auto result = peer.set_remote_answer(text);
        EXPECT_FALSE(result);
        EXPECT_TRUE(peer.is_offer_pending());
        EXPECT_EQ(result.error().code, 465);
        return result.error().detail;
    };
    EXPECT_NE(detail("nonsense"), "");
    EXPECT_NE(detail(good.substr(0, good.find("m=video"))).find("as many"), std::string::npos);
    EXPECT_NE(detail(with(good, "m=video", "m=audio")).find("another kind"), std::string::npos);
    EXPECT_NE(detail(with(with(good, "a=mid:1", "a=mid:9"), "BUNDLE 0 1", "BUNDLE 0 9")).find("another mid"), std::string::npos);
    EXPECT_NE(detail(with(good, "BUNDLE 0 1", "BUNDLE 0")).find("not in the BUNDLE"), std::string::npos);
    EXPECT_NE(detail(with(good, "VP8/90000", "VP9/90000")).find("no codec"), std::string::npos);
    EXPECT_NE(detail(with_every(good, "setup:active", "setup:actpass")).find("actpass"), std::string::npos);
    EXPECT_NE(detail(with_every(good, "a=rtcp-mux\r\n", "")).find("rtcp-mux"), std::string::npos);
    EXPECT_TRUE(peer.set_remote_answer(good));
}

TEST(RemoteAnswer, MayRenumberPayloadTypesAndExtensionsAndDropRtx) {
    auto peer = negotiation();
    const auto offer = offer_of(peer, {track(Codec::vp8)});
    auto text = with_every(with_every(answer_to(offer.sdp), ":96 ", ":120 "), "96 97", "120 121");
    text = with(with(text, "a=rtpmap:97 rtx/90000\r\n", "a=rtpmap:121 rtx/90000\r\n"), "a=fmtp:97 apt=96", "a=fmtp:121 apt=120");
    text = with(text, "a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay\r\n", "");
    text = with(text, "a=rtcp-fb:120 goog-remb\r\n", "");
    auto other = peer;  // a negotiation is a value
    const auto result = answered(peer, text);
    EXPECT_EQ(result.media[0].send->payload_type.number, 120);
    EXPECT_EQ(result.media[0].send->payload_type.rtx, 121);
    EXPECT_FALSE(result.media[0].send->payload_type.remb);
    EXPECT_TRUE(result.media[0].send->payload_type.nack);
    EXPECT_EQ(result.media[0].send->extensions.playout_delay, 0);
    EXPECT_EQ(result.media[0].send->extensions.abs_send_time, 2);

    const auto without_rtx = with(with(text, "120 121", "120"), "a=fmtp:121 apt=120\r\n", "");
    const auto plain = answered(other, without_rtx);
    EXPECT_FALSE(plain.media[0].send->payload_type.rtx);
    EXPECT_EQ(plain.media[0].send->rtx_ssrc, Ssrc{});
}

TEST(RemoteAnswer, StopsSendingWhereTheClientDoesNotReceive) {
    auto peer = negotiation();
    const auto offer = offer_of(peer, {track(Codec::vp8)});
    const auto result = answered(peer, with(answer_to(offer.sdp), "a=recvonly", "a=inactive"));
    EXPECT_EQ(result.media[0].direction, MediaDirection::inactive);
    EXPECT_FALSE(result.media[0].send);
    EXPECT_FALSE(result.media[0].rejected);
}

TEST(RemoteAnswer, MakesTheGatewayDtlsClientOfAPassivePeer) {
    auto peer = negotiation();
    const auto offer = offer_of(peer, {track(Codec::vp8)});
    EXPECT_EQ(answered(peer, with(answer_to(offer.sdp), "setup:active", "setup:passive")).remote.local_setup, SetupRole::active);
}

TEST(RemoteAnswer, SaysThatIceRestarted) {
    auto peer = negotiation();
    EXPECT_FALSE(agree(peer, {track(Codec::vp8)}).restart);
    const auto offer = peer.offer({track(Codec::vp8, "0")}, transport("fresh"), true);
    ASSERT_TRUE(offer);
    const auto result = answered(peer, with_every(answer_to(offer->sdp), "a=ice-ufrag:fresh", "a=ice-ufrag:client2"));
    EXPECT_TRUE(result.restart);
    EXPECT_EQ(peer.remote()->ufrag, "client2");
}

TEST(RemoteAnswer, MayRefuseEverything) {
    auto peer = negotiation();
    const auto offer = offer_of(peer, {track(Codec::vp8)});
    const auto result = answered(peer, with(with(answer_to(offer.sdp), "m=video 9", "m=video 0"), "a=group:BUNDLE 0\r\n", ""));
    EXPECT_TRUE(result.media[0].rejected);
    EXPECT_FALSE(peer.is_established());
}

TEST(HostCandidate, HasAPriorityOfItsOwnPerRank) {
    const auto address = *SocketAddress::parse("2001:db8::1", 7);
    const auto first = host_candidate(address, 0);
    const auto second = host_candidate(address, 1);
    EXPECT_EQ(first.priority, (126U << 24U) + (65535U << 8U) + 255U);
    EXPECT_GT(first.priority, second.priority);
    EXPECT_NE(first.foundation, second.foundation);
    EXPECT_EQ(first.ip, "2001:db8::1");
}

}  // namespace
}  // namespace cardea
