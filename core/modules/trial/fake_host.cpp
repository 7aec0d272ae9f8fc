#include "modules/trial/fake_host.hpp"

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "cardea/slice.hpp"

namespace cardea {
namespace {

void log_line(void*, std::int32_t level, cardea_slice event, cardea_slice fields) {
    if (level >= CARDEA_LOG_WARN) log::warn(sdk::text(event), log::kv("trial", true), log::kv("fields", sdk::text(fields)));
}
std::int64_t now(void*) { return ns_of(MonotonicClock::now()); }
void random(void*, std::uint8_t* bytes, std::size_t size) { random_bytes({bytes, size}); }

template <class... Arguments>
cardea_status unsupported(void*, Arguments...) {
    return CARDEA_UNSUPPORTED;
}

cardea_plugin_host make_plugin_host() {
    cardea_plugin_host host{};
    host.struct_size = sizeof(host);
    host.log = log_line;
    host.now = now;
    host.random = random;
    host.push_event = unsupported;
    host.end_handle = unsupported;
    host.validate = unsupported;
    host.answer = unsupported;
    host.offer = unsupported;
    host.hangup = unsupported;
    host.route = unsupported;
    host.set_sink_active = unsupported;
    host.set_source_active = unsupported;
    host.limit_bitrate = unsupported;
    host.request_keyframe = unsupported;
    host.post = unsupported;
    host.start_timer = [](void*, std::int64_t, cardea_task, void*) -> cardea_timer_id { return 0; };
    host.cancel_timer = [](void*, cardea_timer_id) {};
    host.spawn_service = unsupported;
    host.start_recording = unsupported;
    host.stop_recording = unsupported;
    host.forward_rtp = unsupported;
    host.stop_forwarding = unsupported;
    host.open_remote = unsupported;
    host.update_remote = unsupported;
    host.close_remote = unsupported;
    host.set_layers = unsupported;
    host.set_playout_delay = unsupported;
    host.watch_talking = unsupported;
    host.route_data = unsupported;
    host.unroute_data = unsupported;
    host.check_token = unsupported;
    host.events_wanted = [](void*) { return std::uint32_t{0}; };
    host.notify_event = unsupported;
    return host;
}

cardea_transport_host make_transport_host() {
    cardea_transport_host host{};
    host.struct_size = sizeof(host);
    host.log = log_line;
    host.now = now;
    host.client_open = [](void*, cardea_slice, std::uint32_t*) -> cardea_client_id { return 0; };
    host.incoming = unsupported;
    host.client_gone = [](void*, cardea_client_id) {};
    host.health = [](void*, const cardea_out*) {};
    host.spawn_service = unsupported;
    return host;
}

cardea_event_handler_host make_event_handler_host() {
    cardea_event_handler_host host{};
    host.struct_size = sizeof(host);
    host.log = log_line;
    host.now = now;
    host.want = [](void*, std::uint32_t) {};
    host.spawn_service = unsupported;
    return host;
}

}  // namespace

const cardea_plugin_host& fake_plugin_host() noexcept {
    static const auto host = make_plugin_host();
    return host;
}
const cardea_transport_host& fake_transport_host() noexcept {
    static const auto host = make_transport_host();
    return host;
}
const cardea_event_handler_host& fake_event_handler_host() noexcept {
    static const auto host = make_event_handler_host();
    return host;
}

}  // namespace cardea
