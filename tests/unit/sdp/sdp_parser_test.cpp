#include "proto/sdp/sdp_parser.hpp"

#include "proto/sdp/sdp_writer.hpp"
#include "unit/sdp/sdp_samples.hpp"

namespace cardea {
namespace {

using namespace sdp_test;

const std::string kHead = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";
const std::string kVideo = kHead + "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n";

std::string problem(const std::string& text, const SdpLimits& limits = {}) {
    const auto parsed = parse_sdp(text, limits);
    if (parsed) return {};
    EXPECT_EQ(parsed.error().code, 465);
    return parsed.error().detail;
}

constexpr const char* kSamples[] = {"chromium_av_data.sdp", "chromium_simulcast_rid.sdp", "chromium_recvonly.sdp",
                                    "aiortc_av_data.sdp",   "firefox_simulcast.sdp",      "chromium_answer.sdp",
                                    "aiortc_answer.sdp",    "gateway_offer.sdp",          "gateway_offer_basic.sdp"};

TEST(SdpParser, ReadsEveryPartOfAChromiumOffer) {
    const auto parsed = parse_sdp(sample("chromium_simulcast_rid.sdp"));
    ASSERT_TRUE(parsed) << parsed.error().detail;
    EXPECT_TRUE(parsed->extmap_allow_mixed);
    ASSERT_EQ(parsed->bundles.size(), 1U);
    EXPECT_EQ(parsed->bundles[0], (std::vector<std::string>{"0", "1"}));
    ASSERT_EQ(parsed->media.size(), 2U);

    const auto& audio = parsed->media[0];
    EXPECT_EQ(audio.kind, MediaKind::audio);
    EXPECT_EQ(audio.formats.size(), 8U);
    EXPECT_EQ(audio.find_format(111)->encoding, "opus");
    EXPECT_EQ(audio.find_format(111)->channels, 2);
    EXPECT_EQ(audio.find_format(111)->fmtp, "minptime=10;useinbandfec=1");
    EXPECT_EQ(audio.ssrcs.at(0).ssrc, Ssrc{3048131573});
    EXPECT_EQ(audio.transport.setup, SetupRole::actpass);

    const auto& video = parsed->media[1];
    EXPECT_EQ(video.direction, MediaDirection::sendonly);
    EXPECT_EQ(video.find_format(96)->feedback.size(), 5U);
    EXPECT_EQ(video.find_format(97)->fmtp, "apt=96");
    EXPECT_EQ(video.simulcast.send, (std::vector<std::string>{"h", "m", "l"}));
    EXPECT_EQ(video.rids.size(), 3U);
    EXPECT_EQ(video.extensions.size(), 13U);
    EXPECT_TRUE(video.rtcp_mux);
    EXPECT_TRUE(video.rtcp_rsize);
}

TEST(SdpParser, KeepsAFingerprintAtSessionLevelWhereFirefoxPutsIt) {
    const auto parsed = parse_sdp(sample("firefox_simulcast.sdp"));
    ASSERT_TRUE(parsed) << parsed.error().detail;
    ASSERT_EQ(parsed->transport.fingerprints.size(), 1U);
    EXPECT_EQ(parsed->transport.fingerprints[0].algorithm, "sha-256");
    EXPECT_TRUE(parsed->media[0].transport.fingerprints.empty());
    EXPECT_EQ(parsed->media[1].extensions[5].direction, MediaDirection::sendonly);
    EXPECT_EQ(parsed->media[2].sctp_port, 5000);
    EXPECT_EQ(parsed->media[2].max_message_size, 1073741823U);
}

TEST(SdpParser, ReadsTheOldDataChannelFormOfAiortc) {
    const auto parsed = parse_sdp(sample("aiortc_av_data.sdp"));
    ASSERT_TRUE(parsed) << parsed.error().detail;
    EXPECT_EQ(parsed->media[2].kind, MediaKind::data);
    EXPECT_TRUE(parsed->media[2].sctpmap);
    EXPECT_EQ(parsed->media[2].sctp_port, 5000);
    EXPECT_TRUE(parsed->media[1].end_of_candidates);
    EXPECT_EQ(parsed->media[1].ssrc_groups.at(0).semantics, "FID");
}

TEST(SdpParser, TakesBareLineFeedsAsLineEnds) {
    const auto text = sample("chromium_av_data.sdp");
    EXPECT_EQ(parse_sdp(with_every(text, "\r\n", "\n")).value(), parse_sdp(text).value());
}

TEST(SdpParser, ReadsBackWhatTheWriterWrites) {
    for (const auto* const name : kSamples) {
        const auto first = parse_sdp(sample(name));
        ASSERT_TRUE(first) << name;
        const auto again = parse_sdp(write_sdp(*first));
        ASSERT_TRUE(again) << name << ": " << again.error().detail;
        EXPECT_EQ(*again, *first) << name;
    }
}

TEST(SdpParser, SurvivesEveryTruncationOfRealOffers) {
    for (const auto* const name : {"firefox_simulcast.sdp", "aiortc_av_data.sdp"}) {
        const auto text = sample(name);
        for (std::size_t size = 0; size < text.size(); ++size) {
            const auto parsed = parse_sdp(std::string_view{text}.substr(0, size));
            if (!parsed) {
                EXPECT_EQ(parsed.error().code, 465);
            }
        }
    }
}

TEST(SdpParser, RefusesMoreBytesThanItsLimit) {
    const auto text = sample("chromium_av_data.sdp");
    EXPECT_EQ(problem(text, {.bytes = text.size()}), "");
    EXPECT_NE(problem(text, {.bytes = text.size() - 1}).find("larger than"), std::string::npos);
    EXPECT_NE(problem(kHead + std::string(256 * 1024, 'x')).find("larger than 262144"), std::string::npos);
}

TEST(SdpParser, RefusesMoreLinesThanItsLimit) {
    EXPECT_EQ(problem(kHead, {.lines = 4}), "");
    EXPECT_NE(problem(kHead, {.lines = 3}).find("more than 3 lines"), std::string::npos);
    std::string text = kHead;
    for (int i = 0; i < 3996; ++i) text += "a=x\n";
    EXPECT_EQ(problem(text), "");
    EXPECT_NE(problem(text + "a=x\n").find("more than 4000 lines"), std::string::npos);
}

TEST(SdpParser, RefusesMoreMediaThanItsLimit) {
    std::string text = kHead;
    for (int i = 0; i < 64; ++i) text += "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n";
    EXPECT_EQ(problem(text), "");
    EXPECT_NE(problem(text + "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n").find("too many m-lines"), std::string::npos);
}

TEST(SdpParser, RefusesTextThatIsNoSdp) {
    EXPECT_NE(problem(""), "");
    EXPECT_NE(problem("\r\n\r\n"), "");
    EXPECT_NE(problem("hello"), "");
    EXPECT_NE(problem("v=1\r\n"), "");
    EXPECT_NE(problem("o=- 1 2 IN IP4 127.0.0.1\r\nv=0\r\n"), "");
    EXPECT_NE(problem("{\"type\":\"offer\"}"), "");
}

TEST(SdpParser, RefusesControlCharactersThatWouldComeOutAgain) {
    EXPECT_NE(problem(kVideo + "a=fmtp:96 x\ra=evil\r\n").find("control character"), std::string::npos);
    EXPECT_NE(problem(kVideo + std::string{"a=fmtp:96 x\0y\r\n", 15}).find("control character"), std::string::npos);
}

TEST(SdpParser, NamesTheLineOfAnAbsurdNumber) {
    EXPECT_NE(problem(kHead + "m=video 65536 UDP/TLS/RTP/SAVPF 96\r\n").find("line 5"), std::string::npos);
    for (const auto* const line : {"a=rtpmap:96 VP8/99999999999",
                                   "a=rtpmap:96 VP8/0",
                                   "a=rtpmap:300 VP8/90000",
                                   "a=rtpmap:-1 VP8/90000",
                                   "a=rtpmap:96 VP8",
                                   "a=rtpmap:96 opus/48000/0",
                                   "a=rtpmap:96 opus/48000/256",
                                   "a=rtpmap:x",
                                   "a=rtpmap",
                                   "a=ssrc:4294967296 cname:x",
                                   "a=ssrc:",
                                   "a=ssrc-group:FID 1 99999999999",
                                   "a=extmap:70000 urn:x",
                                   "a=extmap:1/sideways urn:x",
                                   "a=extmap:1",
                                   "a=setup:maybe",
                                   "a=sctp-port:70000",
                                   "a=max-message-size:99999999999999999999999",
                                   "a=mid:",
                                   "a=mid:two words",
                                   "a=rid:a@b send",
                                   "a=rid:a",
                                   "a=simulcast:send",
                                   "a=simulcast:send ;;",
                                   "a=fingerprint:sha-256",
                                   "b=AS:12345678901",
                                   "a=fmtp:128 x",
                                   "a=rtcp-fb:200 nack"})
        EXPECT_NE(problem(kVideo + line + "\r\n").find("line 6"), std::string::npos) << line;
}

TEST(SdpParser, RefusesMalformedMediaLines) {
    for (const auto* const line : {"m=", "m=video", "m=video 9", "m=video 9 UDP/TLS/RTP/SAVPF", "m=video x UDP/TLS/RTP/SAVPF 96",
                                   "m=video 9 UDP/TLS/RTP/SAVPF 128", "m=video 9 UDP/TLS/RTP/SAVPF foo", "m=application 9 UDP/DTLS/SCTP"})
        EXPECT_NE(problem(kHead + line + "\r\n"), "") << line;
}

TEST(SdpParser, TakesTheFirstOfADuplicateAttribute) {
    const auto media = parse_sdp(kVideo +
                                 "a=mid:a\r\na=mid:b\r\na=sendonly\r\na=recvonly\r\na=rtpmap:96 VP8/90000\r\n"
                                 "a=rtpmap:96 H264/90000\r\na=ice-ufrag:one\r\na=ice-ufrag:two\r\na=fmtp:96 a=1\r\na=fmtp:96 b=2\r\n")
                           .value()
                           .media[0];
    EXPECT_EQ(media.mid, "a");
    EXPECT_EQ(media.direction, MediaDirection::sendonly);
    EXPECT_EQ(media.find_format(96)->encoding, "VP8");
    EXPECT_EQ(media.find_format(96)->fmtp, "a=1");
    EXPECT_EQ(media.transport.ufrag, "one");
}

TEST(SdpParser, ListsAPayloadTypeOnceAndSkipsWhatTheMediaLineDoesNotList) {
    const auto media = parse_sdp(kHead + "m=video 9 UDP/TLS/RTP/SAVPF 96 96 97 96\r\na=rtpmap:98 VP9/90000\r\n").value().media[0];
    EXPECT_EQ(media.formats.size(), 2U);
    EXPECT_EQ(media.find_format(98), nullptr);
}

TEST(SdpParser, KnowsStaticPayloadTypesWithoutAnRtpmap) {
    const auto media = parse_sdp(kHead + "m=audio 9 UDP/TLS/RTP/SAVPF 0 8 9 5\r\n").value().media[0];
    EXPECT_EQ(media.find_format(0)->encoding, "PCMU");
    EXPECT_EQ(media.find_format(8)->encoding, "PCMA");
    EXPECT_EQ(media.find_format(9)->clock_rate, 8000U);
    EXPECT_EQ(media.find_format(5)->encoding, "");
}

TEST(SdpParser, TakesTheFirstAlternativeOfASimulcastStream) {
    const auto media = parse_sdp(kVideo + "a=rid:1 send\r\na=rid:2 send\r\na=simulcast:send 1,9;~2 recv 3\r\n").value().media[0];
    EXPECT_EQ(media.simulcast.send, (std::vector<std::string>{"1", "2"}));
    EXPECT_EQ(media.simulcast.recv, (std::vector<std::string>{"3"}));
}

TEST(SdpParser, AppliesASessionLevelDirectionToMediaThatNamesNone) {
    const auto parsed =
        parse_sdp(kHead + "a=recvonly\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=sendonly\r\n").value();
    EXPECT_EQ(parsed.media[0].direction, MediaDirection::recvonly);
    EXPECT_EQ(parsed.media[1].direction, MediaDirection::sendonly);
}

TEST(SdpParser, CountsBandwidthInBitsAndPrefersTheExactOne) {
    EXPECT_EQ(parse_sdp(kVideo + "b=AS:512\r\n").value().media[0].bandwidth, 512'000U);
    EXPECT_EQ(parse_sdp(kVideo + "b=TIAS:500123\r\nb=AS:512\r\n").value().media[0].bandwidth, 500'123U);
    EXPECT_EQ(parse_sdp(kVideo + "b=AS:4294967295\r\n").value().media[0].bandwidth, 4'294'967'295'000U);
}

TEST(SdpParser, BoundsEveryListThatAClientCanFill) {
    std::string text = kVideo;
    for (int i = 1; i < 600; ++i) {
        const auto n = std::to_string(i);
        text += "a=ssrc:" + n + " cname:x\r\na=ssrc-group:FID " + n + " 7\r\na=extmap:3 urn:" + n + "\r\na=rtcp-fb:96 nack " + n +
                "\r\na=rid:r" + n + " send\r\na=fingerprint:sha-256 " + n + "\r\n";
    }
    const auto media = parse_sdp(text).value().media[0];
    EXPECT_LE(media.ssrcs.size(), 64U);
    EXPECT_LE(media.ssrc_groups.size(), 64U);
    EXPECT_LE(media.extensions.size(), 64U);
    EXPECT_LE(media.find_format(96)->feedback.size(), 32U);
    EXPECT_LE(media.rids.size(), 32U);
    EXPECT_LE(media.transport.fingerprints.size(), 8U);
}

}  // namespace
}  // namespace cardea
