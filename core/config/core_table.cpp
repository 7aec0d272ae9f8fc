// Every key of the core: type, range, default. conf/cardea.cfg shows the same, and a test compares the two.
#include <array>

#include "config/options.hpp"

namespace cardea::config {
namespace {

constexpr const char* kSrtpBackends[] = {"openssl", "libsrtp2", "ipsec-mb", nullptr};
constexpr const char* kSrtpProfiles[] = {"", "AEAD_AES_256_GCM", "AEAD_AES_128_GCM", "AES_CM_128_HMAC_SHA1_80", nullptr};
constexpr const char* kOnError[] = {"warn", "exit", nullptr};
constexpr const char* kLevels[] = {"debug", "info", "warn", "error", nullptr};
constexpr const char* kRecordingFormats[] = {"mkv", "mjr", nullptr};
constexpr const char* kFormats[] = {"text", "json", nullptr};

constexpr std::int64_t kMiB = 1'048'576;
constexpr std::int64_t kDay = 86'400;

constexpr cardea_param entry(std::uint32_t type, const char* name, const char* fallback, const char* help) {
    cardea_param param{};
    param.struct_size = sizeof(cardea_param);
    param.type = type;
    param.name = name;
    param.fallback = fallback;
    param.help = help;
    return param;
}
constexpr cardea_param text(const char* name, const char* fallback, const char* help) {
    return entry(CARDEA_TYPE_STRING, name, fallback, help);
}
constexpr cardea_param secret(const char* name, const char* help) {
    auto param = text(name, "\"\"", help);
    param.flags = CARDEA_PARAM_SECRET;
    return param;
}
constexpr cardea_param choice(const char* name, const char* fallback, const char* const* values, const char* help) {
    auto param = text(name, fallback, help);
    param.values = values;
    return param;
}
constexpr cardea_param flag(const char* name, const char* fallback, const char* help) {
    return entry(CARDEA_TYPE_BOOL, name, fallback, help);
}
struct Range {
    std::int64_t low;
    std::int64_t high;
};
constexpr cardea_param number(const char* name, const char* fallback, Range range, const char* help) {
    auto param = entry(CARDEA_TYPE_INTEGER, name, fallback, help);
    param.minimum = range.low;
    param.maximum = range.high;
    return param;
}
constexpr cardea_param texts(const char* name, const char* fallback, const char* help) {
    auto param = entry(CARDEA_TYPE_ARRAY, name, fallback, help);
    param.element_type = CARDEA_TYPE_STRING;
    return param;
}
template <std::size_t N>
constexpr cardea_param group(const char* name, const std::array<cardea_param, N>& fields, const char* help) {
    auto param = entry(CARDEA_TYPE_OBJECT, name, nullptr, help);
    param.fields = fields.data();
    param.field_count = N;
    return param;
}
constexpr cardea_param required(cardea_param param) {
    param.flags |= CARDEA_PARAM_REQUIRED | CARDEA_PARAM_NONEMPTY;
    return param;
}
template <std::size_t N>
constexpr cardea_param groups(const char* name, const std::array<cardea_param, N>& fields, const char* help) {
    auto param = group(name, fields, help);
    param.type = CARDEA_TYPE_ARRAY;
    param.element_type = CARDEA_TYPE_OBJECT;
    param.fallback = "[]";
    return param;
}

constexpr std::array kModules{
    texts("enable", R"(["websocket","http","echotest","videoroom"])", "modules to load; what is not named is not mapped into the process"),
    text("folder", "\"\"", "folder of the .so files; empty: modules/ of the installation"),
    text("config_dir", "\"\"", "folder of <module>.cfg files; empty: the folder of the main file"),
    choice("on_error", "\"warn\"", kOnError, "what a module that cannot be loaded means"),
    text("staging_dir", "\"\"", "private copies of modules while they are loaded; empty: below state_dir"),
};
constexpr std::array kAnnounce{
    required(text("local", nullptr, "address of this host, with or without port")),
    required(texts("public", nullptr, "what clients are told in its place, with or without port")),
};
constexpr std::array kMedia{
    number("workers", "0", {0, 1024}, "threads that carry media; 0: one per core"),
    number("base_port", "10000", {0, 65535}, "UDP port of the first worker; worker k has base_port + k; 0: any free port"),
    texts("addresses", "[]", "addresses to receive media on; empty: all but loopback and link-local"),
    groups("announce", kAnnounce, "what a NAT or a container turns local addresses into"),
    number("consent_timeout", "30", {2, 3600}, "seconds without an authenticated check until a peer is gone (RFC 7675)"),
    number("dtls_timeout", "20", {1, 300}, "seconds for a DTLS handshake"),
    number("no_media_timer", "1", {1, 3600}, "seconds without a packet until a media event says so"),
    number("slow_link_threshold", "0", {0, 1'000'000}, "packets lost in a second until a slowlink event; 0: never"),
    number("twcc_period_ms", "100", {20, 1000}, "milliseconds between two transport-wide feedback packets"),
    number("statistics_period", "1", {1, 3600}, "seconds between two reports of each peer connection to event handlers"),
    choice("srtp", "\"openssl\"", kSrtpBackends, "who encrypts media"),
    choice("srtp_require", "\"\"", kSrtpProfiles, "the only SRTP profile to accept; empty: any"),
    number("peers_per_worker", "20000", {1, 1'000'000}, "peer connections of one worker at most"),
    number("worker_capacity", "250000", {100, 100'000'000}, "packets per second that a worker can send; rooms spread at 70 % of it"),
};
constexpr std::array kLimits{
    number("message_bytes", "1048576", {1024, 64 * kMiB}, "size of one API message"),
    number("message_fragments", "4096", {1, 10'000'000}, "WebSocket frames of one API message"),
    number("message_time", "60", {1, 3600}, "seconds from the first frame of an API message to its last"),
    number("json_depth", "64", {8, 1024}, "nesting of one API message"),
    number("sdp_bytes", "262144", {1024, 16 * kMiB}, "size of one SDP"),
    number("sdp_lines", "4000", {16, 1'000'000}, "lines of one SDP"),
    number("handles_per_connection", "20000", {1, 10'000'000}, "handles attached over one connection"),
    number("requests_per_handle", "32", {1, 100'000}, "unanswered requests of one handle"),
    number("requests_per_connection", "4096", {1, 10'000'000}, "unanswered requests of one connection; then it is not read"),
    number("outbox_soft", "1048576", {1024, 1024 * kMiB}, "bytes waiting for a client until it is not read any more"),
    number("outbox_hard", "4194304", {1024, 1024 * kMiB}, "bytes waiting for a client until it is closed"),
    number("outbox_trusted", "67108864", {1024, 4096 * kMiB}, "the same for a trusted client"),
    number("outbox_stall", "10", {1, 3600}, "seconds without a byte taken until a client over outbox_soft is closed"),
    number("connections_per_address", "256", {0, 1'000'000}, "connections of one address; 0: no limit"),
    texts("trusted", R"(["127.0.0.0/8","::1"])", "addresses without budgets: the signaling server; Unix sockets always are"),
};
constexpr std::array kTokens{
    required(secret("token", "what requests carry as token")),
    texts("plugins", "[]", "packages it may attach to, as janus.plugin.videoroom; empty: every one"),
};
constexpr std::array kApi{
    secret("secret", "what requests carry as apisecret; empty: not needed"),
    flag("token_auth", "false", "whether requests need a token"),
    secret("token_auth_secret", "key of signed tokens; empty: the stored ones count"),
    groups("tokens", kTokens, "stored tokens"),
    number("session_timeout", "60", {0, 30 * kDay}, "seconds without a request until a session ends; 0: never"),
    number("reclaim_session_timeout", "0", {0, 30 * kDay}, "seconds for a claim after a connection is lost; 0: the session ends at once"),
    number("candidates_timeout", "45", {1, 3600}, "seconds for trickled candidates to find their peer connection"),
    text("server_name", "\"Cardea\"", "shown by info"),
    flag("opaque_id_in_api", "false", "whether events repeat the opaque_id of their handle"),
};
constexpr std::array kLog{
    choice("level", "\"info\"", kLevels, "the least important level that is written"),
    text("file", "\"\"", "empty: standard error"),
    choice("format", "\"text\"", kFormats, "one event a line"),
};
constexpr const char* kPrivateNetworks =
    R"(["127.0.0.0/8","::1","10.0.0.0/8","172.16.0.0/12","192.168.0.0/16","100.64.0.0/10","fc00::/7"])";
constexpr std::array kRemote{
    text("ports", "\"20000-20999\"", "UDP ports that publishers of other gateways arrive on, two each"),
    text("address", "\"\"", "address of this host to receive them on; empty: the first media address"),
    texts("allow", kPrivateNetworks, "addresses and prefixes that RTP may be forwarded to and received from"),
    number("forwarders", "1000", {0, 1'000'000}, "streams forwarded at the same time"),
};
constexpr std::array kTls{
    text("certificate", "\"\"", "PEM, the whole chain; empty: self-signed, made at first start"),
    text("key", "\"\"", "PEM"),
};
constexpr std::array kRecording{
    texts("roots", "[]", "folders that recordings may be written to; empty: recordings/ below state_dir"),
    choice("format", "\"mkv\"", kRecordingFormats, "where a request names none: one Matroska file, or Janus' file per m-line"),
};
constexpr std::array kPages{
    text("folder", "\"\"", "demo pages; empty: html/ of the installation"),
};
constexpr std::array kCore{
    group("modules", kModules, "which modules, and where from"),
    group("media", kMedia, "the media plane"),
    group("limits", kLimits, "what one client may ask for"),
    group("api", kApi, "the JSON API"),
    group("remote", kRemote, "RTP outside of peer connections: forwarders and publishers of other gateways"),
    group("log", kLog, "the log"),
    group("tls", kTls, "certificate of the TLS listeners"),
    group("recording", kRecording, "what is recorded, and where to"),
    group("pages", kPages, "the demo pages"),
    text("state_dir", "\"\"", "what the gateway keeps; empty: chosen by the environment"),
};

}  // namespace

ParamTable core_table() noexcept { return {kCore.data(), kCore.size(), sizeof(cardea_param)}; }

}  // namespace cardea::config
