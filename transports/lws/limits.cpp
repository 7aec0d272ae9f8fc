// Limits from the host's configuration.
#include <algorithm>

#include "lws/application.hpp"

namespace cardea::net {
namespace {

std::size_t count(const Json& json, const char* key, std::size_t fallback) {
    return static_cast<std::size_t>(json[key].unsigned_integer(fallback));
}

std::int64_t seconds(const Json& json, const char* key, std::int64_t fallback) {
    return std::max<std::int64_t>(1, json[key].integer(fallback));
}

}  // namespace

Limits Limits::from(const Json& json) {
    Limits limits;
    limits.message_bytes = count(json, "message_bytes", limits.message_bytes);
    limits.message_fragments = count(json, "message_fragments", limits.message_fragments);
    limits.message_seconds = seconds(json, "message_seconds", limits.message_seconds);
    limits.outbox_soft_bytes = count(json, "outbox_soft_bytes", limits.outbox_soft_bytes);
    limits.outbox_hard_bytes = count(json, "outbox_hard_bytes", limits.outbox_hard_bytes);
    limits.outbox_trusted_bytes = count(json, "outbox_trusted_bytes", limits.outbox_trusted_bytes);
    limits.outbox_stall_seconds = seconds(json, "outbox_stall_seconds", limits.outbox_stall_seconds);
    return limits;
}

}  // namespace cardea::net
