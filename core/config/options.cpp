#include "config/options.hpp"

#include <charconv>
#include <chrono>
#include <optional>

namespace cardea::config {
namespace {

// "192.0.2.1", "192.0.2.1:5000", "2001:db8::1", "[2001:db8::1]:5000"
std::optional<SocketAddress> parse_endpoint(std::string_view text) {
    if (const auto plain = SocketAddress::parse(text, 0)) return plain;
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto digits = text.substr(colon + 1);
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc{} || end != digits.data() + digits.size() || port == 0) return std::nullopt;
    const auto ip = text.substr(0, colon);
    // Without brackets the colons of IPv6 say nothing about a port.
    if (ip.find(':') != std::string_view::npos && ip.front() != '[') return std::nullopt;
    return SocketAddress::parse(ip, port);
}

// Reads members that validate() has typed already; adds the problems a table cannot find.
class Section {
  public:
    Section(const Json& root_json, const char* name, const Node& root, Problems& problems)
        : json_{root_json[name]}, name_{name}, node_{root.member(name)}, problems_{problems} {}

    [[nodiscard]] std::string text(const char* key) const { return std::string{json_[key].text()}; }
    [[nodiscard]] bool flag(const char* key) const { return json_[key].boolean(); }
    template <class T>
    [[nodiscard]] T number(const char* key) const {
        return static_cast<T>(json_[key].unsigned_integer());
    }
    template <class Unit>
    [[nodiscard]] Duration time(const char* key) const {
        return Unit{json_[key].integer()};
    }
    [[nodiscard]] std::vector<std::string> texts(const char* key) const {
        std::vector<std::string> out;
        json_[key].for_each([&](const Json& one) { out.emplace_back(one.text()); });
        return out;
    }
    [[nodiscard]] Json json(const char* key) const { return json_[key]; }
    void problem(const char* key, std::string text) const {
        const Node* node = node_ == nullptr ? nullptr : node_->member(key);
        if (node == nullptr) node = node_;
        problems_.push_back({node == nullptr ? "configuration" : node->where, name_ + "." + key, std::move(text)});
    }

  private:
    Json json_;
    std::string name_;
    const Node* node_;
    Problems& problems_;
};

ModulesSection modules_of(const Section& in) {
    return {.enable = in.texts("enable"),
            .folder = in.text("folder"),
            .config_dir = in.text("config_dir"),
            .on_error = in.text("on_error") == "exit" ? ModulesSection::OnError::exit : ModulesSection::OnError::warn,
            .staging_dir = in.text("staging_dir")};
}

std::vector<Announce> announce_of(const Section& in) {
    std::vector<Announce> out;
    in.json("announce").for_each([&](const Json& rule) {
        Announce announce;
        const auto read = [&](const Json& text) {
            const auto address = parse_endpoint(text.text());
            if (!address) in.problem("announce", "\"" + std::string{text.text()} + "\" is not a numeric address");
            return address.value_or(SocketAddress{});
        };
        announce.local = read(rule["local"]);
        rule["public"].for_each([&](const Json& one) { announce.announced.push_back(read(one)); });
        out.push_back(std::move(announce));
    });
    return out;
}

MediaSection media_of(const Section& in) {
    using std::chrono::milliseconds;
    using std::chrono::seconds;
    MediaSection out{.workers = in.number<std::uint32_t>("workers"),
                     .base_port = in.number<std::uint16_t>("base_port"),
                     .addresses = in.texts("addresses"),
                     .announce = announce_of(in),
                     .consent_timeout = in.time<seconds>("consent_timeout"),
                     .dtls_timeout = in.time<seconds>("dtls_timeout"),
                     .no_media_timer = in.time<seconds>("no_media_timer"),
                     .slow_link_threshold = in.number<std::uint32_t>("slow_link_threshold"),
                     .twcc_period = in.time<milliseconds>("twcc_period_ms"),
                     .statistics_period = in.time<seconds>("statistics_period"),
                     .srtp = in.text("srtp"),
                     .srtp_require = in.text("srtp_require"),
                     .peers_per_worker = in.number<std::uint32_t>("peers_per_worker"),
                     .worker_capacity = in.number<std::uint32_t>("worker_capacity")};
    for (const auto& address : out.addresses)
        if (!SocketAddress::parse(address, 0)) in.problem("addresses", "\"" + address + "\" is not a numeric address");
    if (out.base_port != 0 && out.base_port + out.workers > 65536)
        in.problem("base_port", std::to_string(out.workers) + " workers need ports beyond 65535");
    return out;
}

LimitsSection limits_of(const Section& in) {
    LimitsSection out{.message_bytes = in.number<std::size_t>("message_bytes"),
                      .message_fragments = in.number<std::size_t>("message_fragments"),
                      .message_time = in.time<std::chrono::seconds>("message_time"),
                      .json_depth = in.number<std::size_t>("json_depth"),
                      .sdp_bytes = in.number<std::size_t>("sdp_bytes"),
                      .sdp_lines = in.number<std::size_t>("sdp_lines"),
                      .handles_per_connection = in.number<std::size_t>("handles_per_connection"),
                      .requests_per_handle = in.number<std::size_t>("requests_per_handle"),
                      .requests_per_connection = in.number<std::size_t>("requests_per_connection"),
                      .outbox_soft = in.number<std::size_t>("outbox_soft"),
                      .outbox_hard = in.number<std::size_t>("outbox_hard"),
                      .outbox_trusted = in.number<std::size_t>("outbox_trusted"),
                      .outbox_stall = in.time<std::chrono::seconds>("outbox_stall"),
                      .connections_per_address = in.number<std::size_t>("connections_per_address"),
                      .trusted = {}};
    if (out.outbox_soft > out.outbox_hard) in.problem("outbox_soft", "is more than outbox_hard");
    if (out.outbox_hard > out.outbox_trusted) in.problem("outbox_trusted", "is less than outbox_hard");
    for (const auto& text : in.texts("trusted")) {
        if (const auto prefix = AddressPrefix::parse(text))
            out.trusted.push_back(*prefix);
        else
            in.problem("trusted", "\"" + text + "\" is not an address or a prefix like 192.0.2.0/24");
    }
    return out;
}

std::map<std::string, std::set<std::string>> tokens_of(const Section& in) {
    std::map<std::string, std::set<std::string>> out;
    in.json("tokens").for_each([&](const Json& entry) {
        auto& packages = out[std::string{entry["token"].text()}];
        entry["plugins"].for_each([&](const Json& package) { packages.emplace(package.text()); });
    });
    return out;
}

ApiSection api_of(const Section& in) {
    using std::chrono::seconds;
    ApiSection out{.secret = in.text("secret"),
                   .token_auth = in.flag("token_auth"),
                   .token_auth_secret = in.text("token_auth_secret"),
                   .tokens = tokens_of(in),
                   .session_timeout = in.time<seconds>("session_timeout"),
                   .reclaim_session_timeout = in.time<seconds>("reclaim_session_timeout"),
                   .candidates_timeout = in.time<seconds>("candidates_timeout"),
                   .server_name = in.text("server_name"),
                   .opaque_id_in_api = in.flag("opaque_id_in_api")};
    if (!out.token_auth_secret.empty() && !out.token_auth) in.problem("token_auth_secret", "has no effect while token_auth is false");
    if (!out.tokens.empty() && (!out.token_auth || !out.token_auth_secret.empty()))
        in.problem("tokens", out.token_auth ? "has no effect beside token_auth_secret" : "has no effect while token_auth is false");
    return out;
}

// "20000-20999"; a pair of ports at least.
bool read_port_range(std::string_view text, RemoteSection& out) {
    const auto* end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, out.first_port);
    if (first.ec != std::errc{} || first.ptr == end || *first.ptr != '-') return false;
    const auto last = std::from_chars(first.ptr + 1, end, out.last_port);
    return last.ec == std::errc{} && last.ptr == end && out.first_port > 0 && out.first_port < out.last_port;
}

RemoteSection remote_of(const Section& in) {
    RemoteSection out;
    out.address = in.text("address");
    out.forwarders = in.number<std::size_t>("forwarders");
    if (!read_port_range(in.text("ports"), out)) in.problem("ports", "\"" + in.text("ports") + "\" is not a range like 20000-20999");
    if (!out.address.empty() && !SocketAddress::parse(out.address, 0))
        in.problem("address", "\"" + out.address + "\" is not a numeric address");
    for (const auto& text : in.texts("allow")) {
        if (const auto prefix = AddressPrefix::parse(text))
            out.allow.push_back(*prefix);
        else
            in.problem("allow", "\"" + text + "\" is not an address or a prefix like 192.0.2.0/24");
    }
    return out;
}

LogSection log_of(const Section& in) {
    const auto level = in.text("level");
    return {.level = level == "debug"   ? log::Level::debug
                     : level == "warn"  ? log::Level::warn
                     : level == "error" ? log::Level::error
                                        : log::Level::info,
            .file = in.text("file"),
            .json = in.text("format") == "json"};
}

TlsSection tls_of(const Section& in) {
    TlsSection out{.certificate = in.text("certificate"), .key = in.text("key")};
    if (out.certificate.empty() != out.key.empty())
        in.problem(out.key.empty() ? "key" : "certificate", "is missing: certificate and key belong together");
    return out;
}

RecordingSection recording_of(const Section& in) {
    RecordingSection out{.roots = in.texts("roots"), .format = in.text("format")};
    for (const auto& root : out.roots)
        if (root.empty() || root.front() != '/') in.problem("roots", "\"" + root + "\" is not an absolute path");
    return out;
}

}  // namespace

CoreOptions core_options(const Json& json, const Node& root, Problems& problems) {
    const auto section = [&](const char* name) { return Section{json, name, root, problems}; };
    return {.modules = modules_of(section("modules")),
            .media = media_of(section("media")),
            .limits = limits_of(section("limits")),
            .api = api_of(section("api")),
            .remote = remote_of(section("remote")),
            .log = log_of(section("log")),
            .tls = tls_of(section("tls")),
            .recording = recording_of(section("recording")),
            .state_dir = std::string{json["state_dir"].text()},
            .pages_folder = section("pages").text("folder")};
}

}  // namespace cardea::config
