// The client offers.
#include <set>

#include "proto/sdp/sdp_writer.hpp"
#include "unit/sdp/sdp_samples.hpp"

namespace cardea {
namespace {

using namespace sdp_test;
using Strings = std::vector<std::string>;

LocalAnswer answer_of(Negotiation& peer, const std::string& offer, const AnswerPolicy& policy = {}) {
    const auto summary = peer.set_remote_offer(offer);
    EXPECT_TRUE(summary) << summary.error().detail;
    auto answer = peer.answer(policy, transport());
    EXPECT_TRUE(answer) << answer.error().detail;
    return std::move(answer.value());
}
std::string problem(const std::string& offer) {
    auto peer = negotiation();
    const auto summary = peer.set_remote_offer(offer);
    if (summary) return {};
    EXPECT_EQ(summary.error().code, 465);
    EXPECT_FALSE(peer.is_remote_offer_pending());
    return summary.error().detail;
}
MediaDescription written(const LocalAnswer& answer, std::size_t index) { return parse_sdp(answer.sdp).value().media.at(index); }

TEST(RemoteOffer, ShowsAPluginWhatChromiumOffers) {
    auto peer = negotiation();
    const auto summary = peer.set_remote_offer(sample("chromium_simulcast_rid.sdp"));
    ASSERT_TRUE(summary);
    EXPECT_FALSE(summary->update);
    EXPECT_FALSE(summary->restart);
    ASSERT_EQ(summary->media.size(), 2U);
    const auto& audio = summary->media[0];
    Strings names;
    for (const auto& codec : audio.codecs) names.push_back(codec.name);
    EXPECT_EQ(names, (Strings{"opus", "g722", "pcmu", "pcma"}));  // neither red nor CN nor telephone-event
    EXPECT_EQ(audio.direction, MediaDirection::sendonly);
    const auto& video = summary->media[1];
    EXPECT_EQ(video.mid, "1");
    EXPECT_EQ(video.mindex, 1);
    EXPECT_EQ(video.rids, (Strings{"h", "m", "l"}));
    EXPECT_EQ(video.msid.track, "ab82d175-6442-4b04-bfb2-5195347c2e1f");
    for (const auto& codec : video.codecs) EXPECT_NE(codec.codec, Codec::unknown);
}

TEST(RemoteOffer, ListsRidsFromTheHighestInEitherOrder) {
    auto peer = negotiation();
    const auto text = with(sample("chromium_simulcast_rid.sdp"), "a=simulcast:send h;m;l", "a=simulcast:send l;m;h");
    EXPECT_EQ(peer.set_remote_offer(text, RidOrder::lmh)->media[1].rids, (Strings{"h", "m", "l"}));
    const auto answer = peer.answer({}, transport());
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->media[1].receive->encodings.at(0).rid, "l");
    EXPECT_NE(answer->sdp.find("a=simulcast:recv l;m;h"), std::string::npos);
}

TEST(RemoteOffer, LeavesOutMediaOfOtherKindsAndAnswersThemWithPortZero) {
    auto text = small_offer() + "m=text 9 UDP/TLS/RTP/SAVPF 98\r\na=mid:2\r\n" + "m=application 9 UDP/TLS/BFCP *\r\na=mid:3\r\n";
    text = with(text, "BUNDLE 0 1", "BUNDLE 0 1 2 3");
    auto peer = negotiation();
    EXPECT_EQ(peer.set_remote_offer(text)->media.size(), 2U);
    const auto answer = peer.answer({.data = true}, transport());
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->media.size(), 2U);
    EXPECT_NE(answer->sdp.find("m=text 0 UDP/TLS/RTP/SAVPF 98\r\n"), std::string::npos);
    EXPECT_NE(answer->sdp.find("m=application 0 UDP/TLS/BFCP *\r\n"), std::string::npos);
    EXPECT_NE(answer->sdp.find("a=group:BUNDLE 0 1\r\n"), std::string::npos);
}

TEST(RemoteOffer, IsRefusedWithoutWhatOneTransportNeeds) {
    EXPECT_EQ(problem(small_offer()), "");
    EXPECT_NE(problem(with(small_offer(), "a=group:BUNDLE 0 1\r\n", "")).find("BUNDLE"), std::string::npos);
    EXPECT_NE(problem(with(small_offer(), "BUNDLE 0 1", "BUNDLE x y")).find("BUNDLE"), std::string::npos);
    EXPECT_NE(problem(with_every(small_offer(), "a=rtcp-mux\r\n", "")).find("rtcp-mux"), std::string::npos);
    EXPECT_NE(problem(with_every(small_offer(), "a=ice-ufrag:clnt\r\n", "")).find("no ICE"), std::string::npos);
    EXPECT_NE(problem(with_every(small_offer(), "a=ice-pwd:clientpasswordclientpass\r\n", "")).find("ice-pwd"), std::string::npos);
    EXPECT_NE(problem(small_offer("sendrecv", "abc")).find("ice-ufrag"), std::string::npos);
    EXPECT_NE(problem(small_offer("sendrecv", std::string(257, 'a'))).find("ice-ufrag"), std::string::npos);
    EXPECT_NE(problem(with_every(small_offer(), "a=fingerprint:" + kFingerprint + "\r\n", "")).find("no fingerprint"), std::string::npos);
    EXPECT_NE(problem(with_every(small_offer(), "sha-256 AA:", "sha-1 AA:")).find("sha-256"), std::string::npos);
    EXPECT_NE(problem(with_every(small_offer(), "sha-256 AA:", "sha-256 ")).find("malformed fingerprint"), std::string::npos);
    EXPECT_NE(problem(with_every(small_offer(), "sha-256 AA:", "sha-256 AA-")).find("malformed fingerprint"), std::string::npos);
    EXPECT_NE(problem(with_every(small_offer(), "setup:actpass", "setup:holdconn")).find("holdconn"), std::string::npos);
    EXPECT_NE(problem(with(small_offer(), "a=mid:1", "a=mid:0")).find("twice"), std::string::npos);
    EXPECT_NE(problem("v=0\r\n").find("no m-line"), std::string::npos);
    EXPECT_NE(problem("hello").find("line 1"), std::string::npos);
}

TEST(RemoteOffer, TakesTheSha256AmongSeveralFingerprints) {
    auto peer = negotiation();
    const auto text = with_every(small_offer(), "a=setup:actpass", "a=fingerprint:sha-1 00:11\r\na=setup:actpass");
    const auto answer = answer_of(peer, text);
    EXPECT_EQ(answer.remote.fingerprint_algorithm, "sha-256");
    ASSERT_EQ(answer.remote.fingerprint.size(), 32U);
    EXPECT_EQ(answer.remote.fingerprint[1], 0xbb);
}

TEST(RemoteOffer, IsForgottenWhenRolledBack) {
    auto peer = negotiation();
    ASSERT_TRUE(peer.set_remote_offer(small_offer()));
    EXPECT_TRUE(peer.is_remote_offer_pending());
    peer.rollback_remote_offer();
    EXPECT_FALSE(peer.is_remote_offer_pending());
    EXPECT_FALSE(peer.is_established());
    EXPECT_EQ(peer.answer({}, transport()).error().code, 490);
}

TEST(RemoteOffer, MayLackMidAndBundleWhenItIsAlone) {
    auto text = small_offer();
    text.resize(text.find("m=video"));
    text = with(with(text, "a=group:BUNDLE 0 1\r\n", ""), "a=mid:0\r\n", "");
    auto peer = negotiation();
    const auto answer = answer_of(peer, text);
    EXPECT_EQ(answer.sdp.find("BUNDLE"), std::string::npos);
    EXPECT_EQ(answer.sdp.find("a=mid:"), std::string::npos);
    EXPECT_EQ(answer.media.at(0).mid, "0");
}

TEST(Answer, CarriesAllCandidatesAndTheirEnd) {
    auto peer = negotiation();
    const auto answer = answer_of(peer, sample("chromium_av_data.sdp"));
    EXPECT_EQ(count(answer.sdp, "a=candidate:1 1 udp 2130706431 192.0.2.10 10000 typ host\r\n"), 1U);
    EXPECT_EQ(count(answer.sdp, "a=candidate:2 1 udp 2130706175 2001:db8::10 10000 typ host\r\n"), 1U);
    EXPECT_EQ(count(answer.sdp, "a=end-of-candidates\r\n"), 1U);
    EXPECT_EQ(count(answer.sdp, "a=ice-lite\r\n"), 1U);
}

TEST(Answer, IsExactlyThisForASmallOffer) {
    auto peer = negotiation();
    const auto answer = answer_of(peer, small_offer(), {.audio = {.direction = MediaDirection::recvonly}});
    const std::string transport_lines =
        "a=ice-ufrag:ufrg\r\na=ice-pwd:passwordpasswordpassword12\r\na=ice-options:trickle\r\na=fingerprint:" + kFingerprint +
        "\r\na=setup:passive\r\n";
    EXPECT_EQ(answer.sdp,
              "v=0\r\no=- 4307852198892 1 IN IP4 127.0.0.1\r\ns=Cardea\r\nt=0 0\r\na=group:BUNDLE 0 1\r\na=ice-lite\r\n"
              "a=msid-semantic: WMS *\r\n"
              "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n" +
                  transport_lines +
                  "a=recvonly\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n"
                  "a=candidate:1 1 udp 2130706431 192.0.2.10 10000 typ host\r\n"
                  "a=candidate:2 1 udp 2130706175 2001:db8::10 10000 typ host\r\na=end-of-candidates\r\n"
                  "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\n" +
                  transport_lines +
                  "a=sendrecv\r\na=msid:cardea cardea-1\r\na=ssrc-group:FID 1005 1006\r\na=ssrc:1005 cname:3e93ea\r\n"
                  "a=ssrc:1005 msid:cardea cardea-1\r\na=ssrc:1006 cname:3e93ea\r\na=ssrc:1006 msid:cardea cardea-1\r\na=rtcp-mux\r\n"
                  "a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n");
}

TEST(Answer, ReceivesThreeEncodingsByRidLowestFirst) {
    auto peer = negotiation();
    const auto answer = answer_of(peer, sample("chromium_simulcast_rid.sdp"));
    const auto& video = answer.media.at(1);
    EXPECT_EQ(video.direction, MediaDirection::recvonly);
    ASSERT_TRUE(video.receive);
    EXPECT_FALSE(video.send);
    ASSERT_EQ(video.receive->encodings.size(), 3U);
    EXPECT_EQ(video.receive->encodings[0].rid, "l");
    EXPECT_EQ(video.receive->encodings[2].rid, "h");
    EXPECT_EQ(video.rids, (Strings{"h", "m", "l"}));
    EXPECT_EQ(video.receive->extensions.rid, 10);
    EXPECT_EQ(video.receive->extensions.repaired_rid, 11);
    EXPECT_EQ(video.receive->extensions.mid, 4);
    EXPECT_EQ(video.receive->extensions.transport_cc, 3);
    EXPECT_EQ(video.receive->extensions.dependency_descriptor, 12);
    EXPECT_EQ(written(answer, 1).simulcast.recv, (Strings{"h", "m", "l"}));
    EXPECT_TRUE(written(answer, 1).rids.size() == 3 && !written(answer, 1).rids[0].send);
}

TEST(Answer, KnowsSimulcastByAnSsrcGroup) {
    const auto text = with(small_offer("sendonly"), "a=rtpmap:96",
                           "a=ssrc-group:SIM 11 12 13\r\na=ssrc-group:FID 11 21\r\na=ssrc-group:FID 12 22\r\na=ssrc-group:FID 13 23\r\n"
                           "a=ssrc:11 cname:c\r\na=ssrc:11 msid:str trk\r\na=ssrc:12 cname:c\r\na=ssrc:13 cname:c\r\na=ssrc:21 cname:c\r\n"
                           "a=rtpmap:96");
    auto peer = negotiation();
    const auto summary = peer.set_remote_offer(text);
    EXPECT_EQ(summary->media[1].simulcast_ssrcs, (std::vector<Ssrc>{Ssrc{11}, Ssrc{12}, Ssrc{13}}));
    const auto answer = peer.answer({}, transport());
    const auto& receive = answer->media[1].receive;
    ASSERT_EQ(receive->encodings.size(), 3U);
    EXPECT_EQ(receive->encodings[0].ssrc, Ssrc{11});
    EXPECT_EQ(receive->encodings[2].rtx_ssrc, Ssrc{23});
    EXPECT_EQ(answer->media[1].msid, (Msid{"str", "trk"}));
}

TEST(Answer, TellsAStreamFromItsRetransmissions) {
    auto peer = negotiation();
    const auto answer = answer_of(peer, sample("aiortc_av_data.sdp"));
    const auto& video = answer.media.at(1);
    ASSERT_EQ(video.receive->encodings.size(), 1U);
    EXPECT_EQ(video.receive->encodings[0].ssrc, Ssrc{532903527});
    EXPECT_EQ(video.receive->encodings[0].rtx_ssrc, Ssrc{1357466976});
    EXPECT_EQ(answer.media.at(0).receive->encodings.at(0).ssrc, Ssrc{4252279156});
}

TEST(Answer, UsesTheTransportOfTheFirstMediaThatItTakes) {
    auto peer = negotiation();
    const auto text = sample("aiortc_av_data.sdp");
    EXPECT_EQ(answer_of(peer, text).remote.ufrag, "cEbH");
    auto other = negotiation();
    AnswerPolicy policy;
    policy.media = {{.mid = "0", .reject = true}};
    const auto answer = answer_of(other, text, policy);
    EXPECT_EQ(answer.remote.ufrag, "jkdu");
    EXPECT_TRUE(answer.media.at(0).rejected);
    EXPECT_NE(answer.sdp.find("a=group:BUNDLE 1\r\n"), std::string::npos);
    EXPECT_NE(answer.sdp.find("m=audio 0 UDP/TLS/RTP/SAVPF 96\r\n"), std::string::npos);
    EXPECT_EQ(written(answer, 1).end_of_candidates, true);
}

TEST(Answer, TakesFirefoxWithItsExtensionsFromTheOtherSide) {
    auto peer = negotiation();
    const auto answer = answer_of(peer, sample("firefox_simulcast.sdp"));
    const auto& video = answer.media.at(1);
    EXPECT_EQ(video.payload_type->number, 120);
    EXPECT_EQ(video.payload_type->rtx, 124);
    EXPECT_EQ(video.receive->extensions.rid, 8);
    EXPECT_EQ(video.receive->extensions.playout_delay, 0);  // Firefox only receives it
    EXPECT_NE(answer.sdp.find("a=extmap:8/recvonly urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"), std::string::npos);
    EXPECT_NE(answer.sdp.find("a=fmtp:109 useinbandfec=1;stereo=1;sprop-stereo=1\r\n"), std::string::npos);
    EXPECT_EQ(video.receive->encodings.size(), 3U);
    EXPECT_EQ(answer.remote.fingerprint.at(0), 0x0a);
}

TEST(Answer, FollowsThePolicysOrderOfCodecs) {
    const auto text = sample("chromium_av_data.sdp");
    const auto chosen = [&](std::vector<Codec> video, std::vector<Codec> audio = {}) {
        auto peer = negotiation();
        const auto answer = answer_of(peer, text, {.audio = {.codecs = std::move(audio)}, .video = {.codecs = std::move(video)}});
        return std::pair{answer.media.at(0).payload_type->codec, answer.media.at(1).payload_type->codec};
    };
    EXPECT_EQ(chosen({}), (std::pair{Codec::opus, Codec::vp8}));
    EXPECT_EQ(chosen({Codec::av1, Codec::vp8}, {Codec::pcmu}), (std::pair{Codec::pcmu, Codec::av1}));
    EXPECT_EQ(chosen({Codec::h265, Codec::vp9}, {Codec::g722, Codec::opus}), (std::pair{Codec::g722, Codec::vp9}));
    EXPECT_EQ(chosen({Codec::h264}, {Codec::pcma}), (std::pair{Codec::pcma, Codec::h264}));
}

TEST(Answer, RefusesMediaWithoutACommonCodec) {
    auto peer = negotiation();
    const auto answer = answer_of(peer, small_offer(), {.video = {.codecs = {Codec::av1}}});
    EXPECT_TRUE(answer.media.at(1).rejected);
    EXPECT_FALSE(answer.media.at(1).payload_type);
    EXPECT_NE(answer.sdp.find("m=video 0 UDP/TLS/RTP/SAVPF 96\r\n"), std::string::npos);
    EXPECT_NE(answer.sdp.find("a=group:BUNDLE 0\r\n"), std::string::npos);
}

TEST(Answer, HonoursProfiles) {
    const auto text = sample("chromium_av_data.sdp");
    const auto fmtp = [&](KindPolicy video) {
        auto peer = negotiation();
        const auto answer = answer_of(peer, text, {.video = std::move(video)});
        return answer.media.at(1).payload_type ? answer.media.at(1).payload_type->fmtp : "rejected";
    };
    EXPECT_EQ(fmtp({.codecs = {Codec::vp9}}), "profile-id=0");
    EXPECT_EQ(fmtp({.codecs = {Codec::vp9}, .vp9_profile = "2"}), "profile-id=2");
    EXPECT_EQ(fmtp({.codecs = {Codec::vp9}, .vp9_profile = "7"}), "rejected");
    EXPECT_EQ(fmtp({.codecs = {Codec::h264}}), "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f");
    EXPECT_EQ(fmtp({.codecs = {Codec::h264}, .h264_profile = "42000a"}),
              "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f");
    EXPECT_EQ(fmtp({.codecs = {Codec::h264}, .h264_profile = "4d0032"}),
              "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f");
}

TEST(Answer, SaysHowItWouldLikeOpus) {
    const auto fmtp = [&](KindPolicy audio, const std::string& text) {
        auto peer = negotiation();
        return answer_of(peer, text, {.audio = std::move(audio)}).media.at(0).payload_type->fmtp;
    };
    EXPECT_EQ(fmtp({}, small_offer()), "minptime=10;useinbandfec=1");
    EXPECT_EQ(fmtp({.opus_fec = false}, small_offer()), "minptime=10");
    EXPECT_EQ(fmtp({.opus_dtx = true}, small_offer()), "minptime=10;useinbandfec=1;usedtx=1");
    const auto stereo = with(small_offer(), "useinbandfec=1", "useinbandfec=1;stereo=1");
    EXPECT_EQ(fmtp({}, stereo), "minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1");
    EXPECT_EQ(fmtp({.opus_stereo = false}, stereo), "minptime=10;useinbandfec=1");
}

TEST(Answer, NarrowsTheDirectionByWhatBothSidesWant) {
    using D = MediaDirection;
    struct Case {
        D offered, policy, expected;
    };
    for (const auto& [offered, policy, expected] :
         {Case{D::sendrecv, D::sendrecv, D::sendrecv}, Case{D::sendrecv, D::recvonly, D::recvonly},
          Case{D::sendonly, D::sendrecv, D::recvonly}, Case{D::recvonly, D::sendrecv, D::sendonly},
          Case{D::recvonly, D::recvonly, D::inactive}, Case{D::inactive, D::sendrecv, D::inactive},
          Case{D::sendrecv, D::inactive, D::inactive}}) {
        auto peer = negotiation();
        const auto answer = answer_of(peer, small_offer(to_text(offered)), {.video = {.direction = policy}});
        const auto& video = answer.media.at(1);
        EXPECT_EQ(video.direction, expected);
        EXPECT_EQ(video.send.has_value(), sends(expected));
        EXPECT_EQ(video.receive.has_value(), receives(expected));
        EXPECT_EQ(written(answer, 1).direction, expected);
    }
}

TEST(Answer, LetsOneMediaDifferFromItsKind) {
    auto peer = negotiation();
    AnswerPolicy policy;
    policy.media = {{.mid = "1", .direction = MediaDirection::recvonly, .msid = {"s", "t"}}};
    EXPECT_EQ(answer_of(peer, small_offer(), policy).media.at(1).direction, MediaDirection::recvonly);
}

TEST(Answer, LeavesOutExtensionsThatAreNotWantedOrOnlyOfUseWhenReceiving) {
    auto peer = negotiation();
    const auto text = with_every(sample("chromium_simulcast_rid.sdp"), "a=sendonly", "a=sendrecv");
    const auto answer = answer_of(peer, text, {.extensions = {.audio_level = false, .playout_delay = false}});
    EXPECT_EQ(answer.media.at(0).receive->extensions.audio_level, 0);
    EXPECT_EQ(answer.media.at(1).receive->extensions.playout_delay, 0);
    const auto& send = *answer.media.at(1).send;
    EXPECT_EQ(send.extensions.mid, 4);
    EXPECT_EQ(send.extensions.rid, 0);
    EXPECT_EQ(send.extensions.transport_cc, 0);

    auto receiver = negotiation();
    const auto sending = answer_of(receiver, sample("chromium_recvonly.sdp"));
    EXPECT_EQ(sending.sdp.find("transport-cc"), std::string::npos);
    EXPECT_EQ(sending.sdp.find("transport-wide-cc"), std::string::npos);
}

TEST(Answer, GivesAnIdOneMeaningInTheBundle) {
    auto peer = negotiation();
    const auto answer = answer_of(peer, sample("aiortc_av_data.sdp"));
    EXPECT_EQ(answer.media.at(0).receive->extensions.audio_level, 2);
    EXPECT_EQ(answer.media.at(1).receive->extensions.abs_send_time, 0) << "2 is the audio level";
    EXPECT_EQ(answer.media.at(1).receive->extensions.mid, 1);
    EXPECT_EQ(answer.sdp.find("abs-send-time"), std::string::npos);
}

TEST(Answer, TakesLongExtensionIdsOnlyWithMixedHeaders) {
    const auto text = with(small_offer(), "a=rtpmap:96", "a=extmap:15 urn:3gpp:video-orientation\r\na=rtpmap:96");
    auto peer = negotiation();
    EXPECT_EQ(answer_of(peer, text).media.at(1).receive->extensions.video_orientation, 0);
    auto mixed = negotiation();
    const auto answer = answer_of(mixed, with(text, "a=group", "a=extmap-allow-mixed\r\na=group"));
    EXPECT_EQ(answer.media.at(1).receive->extensions.video_orientation, 15);
    EXPECT_NE(answer.sdp.find("a=extmap-allow-mixed"), std::string::npos);
}

TEST(Answer, AnswersDataWithPortZeroUnlessAllowed) {
    for (const auto* const name : {"chromium_av_data.sdp", "firefox_simulcast.sdp", "aiortc_av_data.sdp"}) {
        auto peer = negotiation();
        const auto answer = answer_of(peer, sample(name));
        EXPECT_NE(answer.sdp.find("m=application 0 "), std::string::npos) << name;
        EXPECT_TRUE(answer.media.at(2).rejected);
    }
    auto peer = negotiation();
    const auto answer = answer_of(peer, sample("chromium_av_data.sdp"), {.data = true});
    EXPECT_NE(answer.sdp.find("m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"), std::string::npos);
    EXPECT_NE(answer.sdp.find("a=sctp-port:5000\r\n"), std::string::npos);
    EXPECT_EQ(answer.media.at(2).sctp_port, 5000);
    auto old = negotiation();
    const auto legacy = answer_of(old, sample("aiortc_av_data.sdp"), {.data = true});
    EXPECT_NE(legacy.sdp.find("m=application 9 DTLS/SCTP 5000\r\n"), std::string::npos);
    EXPECT_NE(legacy.sdp.find("a=sctpmap:5000 webrtc-datachannel 65535\r\n"), std::string::npos);
}

TEST(Answer, LeavesTheHandshakeToTheClientUnlessItIsPassive) {
    const auto setup = [](std::string_view theirs) {
        auto peer = negotiation();
        return answer_of(peer, with_every(small_offer(), "a=setup:actpass\r\n", theirs)).remote.local_setup;
    };
    EXPECT_EQ(setup("a=setup:actpass\r\n"), SetupRole::passive);
    EXPECT_EQ(setup("a=setup:active\r\n"), SetupRole::passive);
    EXPECT_EQ(setup(""), SetupRole::passive);
    EXPECT_EQ(setup("a=setup:passive\r\n"), SetupRole::active);
}

TEST(Answer, DrawsSsrcsThatTheClientDoesNotUse) {
    auto peer = negotiation();
    const auto text = with(small_offer(), "a=rtpmap:96", "a=ssrc:1005 cname:x\r\na=ssrc:1006 cname:x\r\na=rtpmap:96");
    const auto answer = answer_of(peer, text);
    std::set<std::uint32_t> ssrcs{1005, 1006};
    for (const auto& media : answer.media) {
        EXPECT_TRUE(ssrcs.insert(media.send->ssrc.value).second);
        if (media.send->payload_type.rtx) {
            EXPECT_TRUE(ssrcs.insert(media.send->rtx_ssrc.value).second);
        }
    }
    EXPECT_EQ(answer.media[0].send->rtx_ssrc, Ssrc{});
    EXPECT_EQ(ssrcs.size(), 5U);
}

TEST(Answer, RefusesAnMsidThatWouldBreakTheText) {
    auto peer = negotiation();
    ASSERT_TRUE(peer.set_remote_offer(small_offer()));
    AnswerPolicy policy;
    policy.media = {{.mid = "1", .msid = {"a\r\na=evil", "t"}}};
    EXPECT_EQ(peer.answer(policy, transport()).error().code, 490);
    EXPECT_TRUE(peer.is_remote_offer_pending());
}

TEST(Answer, MayCapTheBandwidth) {
    auto peer = negotiation();
    const auto answer = answer_of(peer, small_offer(), {.video = {.bandwidth = 512'000}});
    EXPECT_EQ(written(answer, 1).bandwidth, 512'000U);
    EXPECT_EQ(written(answer, 0).bandwidth, 0U);
}

TEST(Renegotiation, KeepsSsrcsAndCountsTheVersionUp) {
    auto peer = negotiation();
    const auto first = answer_of(peer, small_offer());
    const auto summary = peer.set_remote_offer(small_offer());
    EXPECT_TRUE(summary->update);
    EXPECT_FALSE(summary->restart);
    const auto second = peer.answer({}, transport());
    EXPECT_EQ(second->media[1].send->ssrc, first.media[1].send->ssrc);
    EXPECT_EQ(second->media[1].send->rtx_ssrc, first.media[1].send->rtx_ssrc);
    EXPECT_EQ(second->media[1].send->cname, first.media[1].send->cname);
    const auto before = parse_sdp(first.sdp).value();
    const auto after = parse_sdp(second->sdp).value();
    EXPECT_EQ(after.session_id, before.session_id);
    EXPECT_EQ(after.version, before.version + 1);
}

// Numbers begin anew, and a second use of one under an SSRC would be a replay, and a nonce used twice.
TEST(Renegotiation, MediaThatStoppedComesBackUnderAnotherSsrc) {
    auto peer = negotiation();
    const auto first = answer_of(peer, small_offer());
    EXPECT_FALSE(answer_of(peer, small_offer("inactive")).media[1].send);
    const auto again = answer_of(peer, small_offer());
    ASSERT_TRUE(again.media[1].send);
    EXPECT_TRUE(again.media[1].send->ssrc.is_set());
    EXPECT_NE(again.media[1].send->ssrc, first.media[1].send->ssrc);
    EXPECT_NE(again.media[1].send->rtx_ssrc, first.media[1].send->rtx_ssrc);
}

TEST(Renegotiation, NoticesAnIceRestart) {
    auto peer = negotiation();
    answer_of(peer, small_offer());
    EXPECT_TRUE(peer.set_remote_offer(small_offer("sendrecv", "other"))->restart);
    const auto answer = peer.answer({}, transport("fresh"));
    EXPECT_TRUE(answer->restart);
    EXPECT_EQ(answer->remote.ufrag, "other");
    EXPECT_NE(answer->sdp.find("a=ice-ufrag:fresh"), std::string::npos);
    EXPECT_FALSE(peer.set_remote_offer(small_offer("sendrecv", "other"))->restart);
}

TEST(Renegotiation, SeesNoRestartWhereEveryMediaHasCredentialsOfItsOwn) {
    auto peer = negotiation();
    answer_of(peer, sample("aiortc_av_data.sdp"));
    EXPECT_FALSE(peer.set_remote_offer(sample("aiortc_av_data.sdp"))->restart);
}

TEST(Renegotiation, KeepsTheDtlsRoleWhileTheCertificateStays) {
    auto peer = negotiation();
    answer_of(peer, with_every(small_offer(), "setup:actpass", "setup:passive"));
    EXPECT_EQ(answer_of(peer, small_offer()).remote.local_setup, SetupRole::active);
    const auto other = with_every(small_offer(), "sha-256 AA:BB", "sha-256 AA:CC");
    EXPECT_EQ(answer_of(peer, other).remote.local_setup, SetupRole::passive);
}

TEST(Renegotiation, RefusesMediaThatVanishOrChange) {
    auto peer = negotiation();
    answer_of(peer, small_offer());
    const auto detail = [&](const std::string& text) {
        const auto summary = peer.set_remote_offer(text);
        return summary ? std::string{} : summary.error().detail;
    };
    auto shorter = small_offer();
    shorter.resize(shorter.find("m=video"));
    EXPECT_NE(detail(shorter).find("fewer"), std::string::npos);
    EXPECT_NE(detail(with(with(small_offer(), "a=mid:1", "a=mid:7"), "BUNDLE 0 1", "BUNDLE 0 7")).find("its mid"), std::string::npos);
    EXPECT_NE(detail(with(small_offer(), "m=video 9", "m=audio 9")).find("its kind"), std::string::npos);
    EXPECT_FALSE(peer.is_remote_offer_pending());
    EXPECT_EQ(peer.media().size(), 2U);
}

TEST(Renegotiation, LetsARefusedMediaComeBackAsAnotherKind) {
    auto peer = negotiation();
    const auto first = answer_of(peer, small_offer());
    answer_of(peer, with(small_offer(), "m=video 9", "m=video 0"));
    EXPECT_TRUE(peer.media()[1].rejected);
    auto text = small_offer();
    const auto video = text.find("m=video");
    auto recycled = with(text.substr(text.find("m=audio"), video - text.find("m=audio")), "a=mid:0", "a=mid:new");
    text = with(text.substr(0, video), "BUNDLE 0 1", "BUNDLE 0 new") + recycled;
    const auto answer = answer_of(peer, text);
    EXPECT_EQ(answer.media[1].kind, MediaKind::audio);
    EXPECT_EQ(answer.media[1].mid, "new");
    EXPECT_NE(answer.media[1].send->ssrc, first.media[1].send->ssrc);
}

TEST(Renegotiation, AcceptsThatTheClientEndsEverything) {
    auto peer = negotiation();
    answer_of(peer, small_offer());
    const auto answer = answer_of(peer, with(with(small_offer(), "m=video 9", "m=video 0"), "m=audio 9", "m=audio 0"));
    EXPECT_TRUE(answer.media[0].rejected && answer.media[1].rejected);
    EXPECT_EQ(answer.remote.ufrag, "clnt");
    EXPECT_EQ(answer.sdp.find("BUNDLE"), std::string::npos);
}

TEST(Renegotiation, TakesMoreMedia) {
    auto peer = negotiation();
    answer_of(peer, small_offer());
    auto text = small_offer();
    text += with(text.substr(text.find("m=video")), "a=mid:1", "a=mid:2");
    EXPECT_EQ(answer_of(peer, with(text, "BUNDLE 0 1", "BUNDLE 0 1 2")).media.size(), 3U);
}

TEST(Answer, SurvivesEveryTruncationOfAnOffer) {
    const auto text = sample("firefox_simulcast.sdp");
    for (std::size_t size = 0; size < text.size(); ++size) {
        auto peer = negotiation();
        if (!peer.set_remote_offer(std::string_view{text}.substr(0, size))) continue;
        const auto answer = peer.answer({.data = true}, transport());
        ASSERT_TRUE(answer) << size;
        EXPECT_TRUE(parse_sdp(answer->sdp)) << size;
    }
}

TEST(Negotiation, HoldsToTheLimitsItWasGiven) {
    auto peer = negotiation({.media = 1});
    EXPECT_EQ(peer.set_remote_offer(small_offer()).error().code, 465);
}

}  // namespace
}  // namespace cardea
