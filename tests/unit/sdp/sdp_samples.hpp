// Descriptions and helpers that the tests of this folder share.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "proto/sdp/negotiation.hpp"

namespace cardea::sdp_test {

inline std::string sample(const std::string& name) {
    std::ifstream file{std::string{CARDEA_TEST_DATA} + "/sdp/" + name, std::ios::binary};
    EXPECT_TRUE(file.good()) << name;
    return {std::istreambuf_iterator<char>{file}, {}};
}

inline std::string with(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}
inline std::string with_every(std::string text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
    return text;
}
inline std::size_t count(std::string_view text, std::string_view part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++found;
    return found;
}

inline const std::string kFingerprint =
    "sha-256 AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99";

inline LocalTransport transport(std::string ufrag = "ufrg") {
    return {
        std::move(ufrag),
        "passwordpasswordpassword12",
        kFingerprint,
        {host_candidate(*SocketAddress::parse("192.0.2.10", 10000), 0), host_candidate(*SocketAddress::parse("2001:db8::10", 10000), 1)},
        true};
}

// SSRCs and the rest are 1001, 1002, ...
inline Negotiation negotiation(SdpLimits limits = {}) {
    return Negotiation{limits, [next = 1000U]() mutable { return ++next; }};
}

// An offer of one browser-like peer: audio 0, video 1, both bundled; direction is the client's.
inline std::string small_offer(std::string_view direction = "sendrecv", std::string_view ufrag = "clnt") {
    std::string text = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n";
    const auto line = [&](std::string_view head, std::string_view mid, std::string_view formats) {
        text += std::string{head} + "\r\nc=IN IP4 0.0.0.0\r\na=mid:" + std::string{mid} + "\r\na=" + std::string{direction} +
                "\r\na=ice-ufrag:" + std::string{ufrag} + "\r\na=ice-pwd:clientpasswordclientpass\r\na=fingerprint:" + kFingerprint +
                "\r\na=setup:actpass\r\na=rtcp-mux\r\n" + std::string{formats};
    };
    line("m=audio 9 UDP/TLS/RTP/SAVPF 111 0", "0", "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n");
    line("m=video 9 UDP/TLS/RTP/SAVPF 96 97", "1",
         "a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n");
    return text;
}

// What a client answers to an offer: the same m-lines from the other side.
inline std::string answer_to(std::string_view offer, std::string_view ufrag = "clnt") {
    auto text = with_every(std::string{offer}, "a=setup:actpass", "a=setup:active");
    text = with_every(text, "a=sendonly", "a=recvonly");
    text = with_every(text, "a=ice-ufrag:ufrg", "a=ice-ufrag:" + std::string{ufrag});
    text = with_every(text, "a=ice-pwd:passwordpasswordpassword12", "a=ice-pwd:clientpasswordclientpass");
    return with_every(text, "a=ice-lite\r\n", "");
}

inline OfferTrack track(Codec codec, std::string mid = {}, Msid msid = {"stream", "track"}) {
    OfferTrack wish;
    wish.mid = std::move(mid);
    wish.kind = codec == Codec::opus || codec == Codec::pcmu ? MediaKind::audio : MediaKind::video;
    wish.payload_type = default_payload_type(codec);
    wish.msid = std::move(msid);
    return wish;
}

}  // namespace cardea::sdp_test
