#include <gtest/gtest.h>

#include "lws/uplink.hpp"

namespace cardea::net {
namespace {

std::string shown(std::string_view text) {
    const auto url = WebSocketUrl::parse(text);
    if (!url) return "refused";
    return std::string{url->tls ? "tls " : ""} + url->host + " " + std::to_string(url->port) + " " + url->path;
}

TEST(WebSocketUrl, ReadsSchemeHostPortAndPath) {
    EXPECT_EQ(shown("ws://localhost:8080/spreed"), "localhost 8080 /spreed");
    EXPECT_EQ(shown("wss://signaling.example.org/proxy?x=1"), "tls signaling.example.org 443 /proxy?x=1");
    EXPECT_EQ(shown("ws://192.0.2.1"), "192.0.2.1 80 /");
    EXPECT_EQ(shown("ws://host?x"), "host 80 /?x");
    EXPECT_EQ(shown("ws://[2001:db8::1]:9000/e"), "2001:db8::1 9000 /e");
    EXPECT_EQ(shown("ws://[::1]"), "::1 80 /");
}

TEST(WebSocketUrl, RefusesEverythingElse) {
    for (const auto* text : {"", "ws", "ws://", "ws:///path", "http://host/", "host:80", "ws://host:", "ws://host:0", "ws://host:65536", "ws://host:80x",
                             "ws://[::1", "ws://[::1]x", "ws://[]", "ws://ho st/", "ws://host/a b", "ws://user@host/", "ws://host/\r\nX: y"})
        EXPECT_EQ(shown(text), "refused") << text;
}

}  // namespace
}  // namespace cardea::net
