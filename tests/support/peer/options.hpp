// What the command line of cardea-test-peer decides.
#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "cardea/json.hpp"

namespace cardea::testpeer {

struct PeerOptions {
    std::string url = "ws://127.0.0.1:8188/";
    Json room = 1234;
    std::string pin;
    unsigned count = 1;
    bool publish = false;
    bool subscribe = false;
    // How feeds share PeerConnections: those known at the same moment share one, or each has its own, or all share one that
    // grows by the request `subscribe`.
    enum class Sharing { batch, none, all };
    Sharing sharing = Sharing::batch;
    Duration subscribe_after{};  // feeds are collected so long, then subscribed to together
    bool audio = true;
    unsigned video_kbps = 1000;
    bool rtx = true;
    std::string profiles = "SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";
    std::string bind_address = "127.0.0.1";
    std::string name = "native";
    bool trace = false;
    Duration run_time = 10s;                // media flows this long
    Duration drain_time = 1500ms;           // then received packets still count
    std::optional<Duration> vanish_after;   // sockets gone without a word, the API connection stays
    std::optional<Duration> die_after;      // the process is gone without a word
    std::optional<Duration> restart_after;  // ICE restart of the publishers
};

}  // namespace cardea::testpeer
