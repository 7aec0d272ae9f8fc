#include "lws/uplink.hpp"

#include <libwebsockets.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <mutex>
#include <random>
#include <utility>

namespace cardea::net {
namespace {

constexpr lws_usec_t kFirstPause = LWS_US_PER_SEC;
constexpr lws_usec_t kLongestPause = 30 * LWS_US_PER_SEC;
constexpr lws_usec_t kFarewell = LWS_US_PER_SEC / 2;

int on_uplink_event(::lws* wsi, lws_callback_reasons reason, void*, void* data, std::size_t size) noexcept;

}  // namespace

std::optional<WebSocketUrl> WebSocketUrl::parse(std::string_view text) {
    WebSocketUrl url;
    if (text.starts_with("wss://")) url.tls = true;
    else if (!text.starts_with("ws://")) return std::nullopt;
    text.remove_prefix(url.tls ? 6 : 5);
    const auto slash = std::min(text.find_first_of("/?"), text.size());
    auto authority = text.substr(0, slash);
    url.path = std::string{text.substr(slash)};
    if (url.path.empty() || url.path.front() == '?') url.path.insert(0, "/");
    if (std::any_of(url.path.begin(), url.path.end(), [](char c) { return static_cast<unsigned char>(c) <= 0x20; })) return std::nullopt;
    url.port = url.tls ? 443 : 80;
    if (authority.starts_with("[")) {
        const auto end = authority.find(']');
        if (end == std::string_view::npos) return std::nullopt;
        url.host = std::string{authority.substr(1, end - 1)};
        authority.remove_prefix(end + 1);
    } else {
        const auto colon = std::min(authority.find(':'), authority.size());
        url.host = std::string{authority.substr(0, colon)};
        authority.remove_prefix(colon);
    }
    const auto of_a_host = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_' || c == ':' || c == '%'; };
    if (url.host.empty() || !std::all_of(url.host.begin(), url.host.end(), of_a_host)) return std::nullopt;
    if (authority.empty()) return url;
    const auto* const begin = authority.data() + 1;
    const auto* const end = authority.data() + authority.size();
    const auto parsed = std::from_chars(begin, end, url.port);
    if (authority.front() != ':' || parsed.ec != std::errc{} || parsed.ptr != end || url.port == 0) return std::nullopt;
    return url;
}

struct Uplinks::Uplink {
    lws_sorted_usec_list_t timer{};  // first: its address is the uplink's
    Uplinks* owner = nullptr;
    const UplinkConfig* config = nullptr;
    ::lws* wsi = nullptr;  // while connecting and connected
    bool open = false;
    bool busy = false;  // has something to send, as far as it knows
    lws_usec_t pause = kFirstPause;
    std::string message;  // LWS_PRE bytes of headroom first

    void connect();
    void retry();
    void lost(std::string_view why);
    int on_event(lws_callback_reasons reason, std::string_view text);
    int write_one();
};

struct Uplinks::Context {
    explicit Context(const std::vector<UplinkConfig>& configs, Uplinks& owner) {
        table[0].name = "uplink";
        table[0].callback = &on_uplink_event;
        idle.secs_since_valid_ping = 20;
        idle.secs_since_valid_hangup = 35;
        for (const auto& config : configs) {
            auto& uplink = *uplinks.emplace_back(std::make_unique<Uplink>());
            uplink.owner = &owner;
            uplink.config = &config;
        }
    }
    std::array<lws_protocols, 2> table{};  // zeroes end it
    lws_retry_bo_t idle{};
    std::vector<std::unique_ptr<Uplink>> uplinks;
    std::minstd_rand jitter{std::random_device{}()};  // only spreads reconnections
    std::mutex mutex;                                 // guards lws against wake() before and after run()
    lws_context* lws = nullptr;
};

void Uplinks::Uplink::connect() {
    const auto& url = config->url;
    lws_client_connect_info info{};
    info.context = owner->context_->lws;
    info.address = url.host.c_str();
    info.host = url.host.c_str();
    info.origin = url.host.c_str();
    info.port = url.port;
    info.path = url.path.c_str();
    info.protocol = config->sub_protocol.empty() ? nullptr : config->sub_protocol.c_str();
    info.local_protocol_name = "uplink";
    info.opaque_user_data = this;
    info.retry_and_idle_policy = &owner->context_->idle;
    info.pwsi = &wsi;
    if (url.tls) info.ssl_connection = LCCSCF_USE_SSL;
    if (url.tls && !config->verify_tls)
        info.ssl_connection |= LCCSCF_ALLOW_SELFSIGNED | LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK | LCCSCF_ALLOW_EXPIRED | LCCSCF_ALLOW_INSECURE;
    if (lws_client_connect_via_info(&info) == nullptr && wsi == nullptr) retry();  // a failure that was told has a retry on its way
}

void Uplinks::Uplink::retry() {
    if (owner->stopping_) return;
    // A tenth more or less: a crowd of gateways does not come back in one instant.
    const auto spread = pause / 10;
    const auto delay = pause - spread + static_cast<lws_usec_t>(owner->context_->jitter() % static_cast<unsigned long>(2 * spread + 1));
    pause = std::min(pause * 2, kLongestPause);
    const auto again = [](lws_sorted_usec_list_t* due) { static_cast<Uplink*>(static_cast<void*>(due))->connect(); };
    lws_sul_schedule(owner->context_->lws, 0, &timer, again, delay);
}

void Uplinks::Uplink::lost(std::string_view why) {
    wsi = nullptr;
    open = false;
    busy = false;
    if (owner->stopping_) return;
    config->feed->on_lost(why);
    retry();
}

int Uplinks::Uplink::write_one() {
    std::string text;
    busy = config->feed->take(text);
    if (!busy) {
        if (!owner->stopping_) return 0;
        lws_close_reason(wsi, LWS_CLOSE_STATUS_GOINGAWAY, nullptr, 0);
        return -1;
    }
    message.assign(LWS_PRE, '\0');
    message += text;
    auto* const bytes = static_cast<unsigned char*>(static_cast<void*>(message.data() + LWS_PRE));
    // The library keeps what the socket does not take at once and asks for no more before it is gone.
    if (lws_write(wsi, bytes, text.size(), LWS_WRITE_TEXT) < 0) return -1;
    lws_callback_on_writable(wsi);
    return 0;
}

int Uplinks::Uplink::on_event(lws_callback_reasons reason, std::string_view text) {
    switch (reason) {
        case LWS_CALLBACK_CLIENT_ESTABLISHED:
            open = true;
            busy = true;
            pause = kFirstPause;
            config->feed->on_open();
            lws_callback_on_writable(wsi);
            return 0;
        case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
            lost(text.empty() ? "cannot connect" : text);
            return 0;
        case LWS_CALLBACK_CLIENT_CLOSED:
            lost("closed by the other side");
            return 0;
        case LWS_CALLBACK_CLIENT_WRITEABLE:
            return write_one();
        default:
            return 0;
    }
}

namespace {

int on_uplink_event(::lws* wsi, lws_callback_reasons reason, void*, void* data, std::size_t size) noexcept {
    if (wsi == nullptr) return 0;
    auto* const uplink = static_cast<Uplinks::Uplink*>(lws_get_opaque_user_data(wsi));
    if (uplink == nullptr) return 0;
    const bool has_text = reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR && data != nullptr;
    try {
        return uplink->on_event(reason, has_text ? std::string_view{static_cast<const char*>(data), size} : std::string_view{});
    } catch (...) {  // nothing may unwind through the library
        return -1;
    }
}

}  // namespace

Uplinks::Uplinks(std::vector<UplinkConfig> configs) : configs_{std::move(configs)}, context_{std::make_unique<Context>(configs_, *this)} {}
Uplinks::~Uplinks() = default;

std::string Uplinks::run() {
    lws_set_log_level(0, nullptr);  // process-wide: no function of ours, its module may be gone before the library
    lws_context_creation_info info{};
    info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    info.port = CONTEXT_PORT_NO_LISTEN;
    info.gid = -1;
    info.uid = -1;
    info.protocols = context_->table.data();
    {
        const std::lock_guard lock{context_->mutex};
        context_->lws = lws_create_context(&info);
    }
    if (context_->lws == nullptr) return "libwebsockets gives no context";
    for (const auto& uplink : context_->uplinks) uplink->connect();
    while (!stopping_) {
        lws_service(context_->lws, 0);
        if (woken_.exchange(false)) send_what_waits();
    }
    const auto deadline = lws_now_usecs() + kFarewell;
    lws_sorted_usec_list_t alarm{};
    lws_sul_schedule(context_->lws, 0, &alarm, [](lws_sorted_usec_list_t*) {}, kFarewell);  // ends the last wait
    send_what_waits();
    const auto& uplinks = context_->uplinks;
    while (std::any_of(uplinks.begin(), uplinks.end(), [](const auto& uplink) { return uplink->open; }) && lws_now_usecs() < deadline)
        lws_service(context_->lws, 0);
    lws_sul_schedule(context_->lws, 0, &alarm, nullptr, LWS_SET_TIMER_USEC_CANCEL);
    for (const auto& uplink : context_->uplinks)
        lws_sul_schedule(context_->lws, 0, &uplink->timer, nullptr, LWS_SET_TIMER_USEC_CANCEL);
    const std::lock_guard lock{context_->mutex};
    lws_context_destroy(std::exchange(context_->lws, nullptr));
    return {};
}

void Uplinks::send_what_waits() {
    for (const auto& uplink : context_->uplinks) {
        if (!uplink->open) continue;
        uplink->busy = true;
        lws_callback_on_writable(uplink->wsi);
    }
}

void Uplinks::stop() {
    stopping_ = true;
    wake();
}

void Uplinks::wake() {
    woken_ = true;
    const std::lock_guard lock{context_->mutex};
    if (context_->lws != nullptr) lws_cancel_service(context_->lws);
}

}  // namespace cardea::net
