#include "telemetry/event_stream.hpp"

#include "base/clock.hpp"

namespace cardea {
namespace {

std::int64_t wall_microseconds() {
    return std::chrono::duration_cast<std::chrono::microseconds>(wall_now().time_since_epoch()).count();
}

}  // namespace

void EventStream::add(EventOutput& output) {
    outputs_.push_back(&output);
    wanted_.fetch_or(output.wanted(), std::memory_order_relaxed);
}

void EventStream::clear() {
    wanted_.store(0, std::memory_order_relaxed);
    outputs_.clear();
}

void EventStream::emit(EventKind kind, int subtype, const EventAbout& about, const Json& event) {
    if (!wants(kind)) return;
    Json message{{"emitter", emitter_}, {"type", static_cast<std::uint32_t>(kind)}, {"timestamp", wall_microseconds()}};
    if (subtype != 0) message.set("subtype", subtype);
    if (about.session.is_set()) message.set("session_id", about.session.value);
    if (about.handle.is_set()) message.set("handle_id", about.handle.value);
    if (!about.opaque_id.empty()) message.set("opaque_id", about.opaque_id);
    message.set("event", event);
    const auto text = message.dump();
    for (auto* output : outputs_)
        if ((output->wanted() & static_cast<std::uint32_t>(kind)) != 0) output->tell(kind, text);
}

}  // namespace cardea
