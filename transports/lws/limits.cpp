// Limits from the host's configuration.
#include <algorithm>

#include "lws/application.hpp"

namespace cardea::net {
namespace {

std::size_t bytes(const Json& json, const char* key, std::size_t fallback) {
    return static_cast<std::size_t>(json[key].unsigned_integer(fallback));
}

}  // namespace

Limits Limits::from(const Json& json) {
    Limits limits;
    limits.message_bytes = bytes(json, "message_bytes", limits.message_bytes);
    limits.outbox_soft_bytes = bytes(json, "outbox_soft_bytes", limits.outbox_soft_bytes);
    limits.outbox_hard_bytes = bytes(json, "outbox_hard_bytes", limits.outbox_hard_bytes);
    limits.outbox_trusted_bytes = bytes(json, "outbox_trusted_bytes", limits.outbox_trusted_bytes);
    limits.outbox_stall_seconds = std::max<std::int64_t>(1, json["outbox_stall_seconds"].integer(limits.outbox_stall_seconds));
    return limits;
}

}  // namespace cardea::net
