// Host tables for a trial: create does no I/O, so it needs hardly any of them.
#pragma once

#include "cardea/abi.h"

namespace cardea {
[[nodiscard]] const cardea_plugin_host& fake_plugin_host() noexcept;
[[nodiscard]] const cardea_transport_host& fake_transport_host() noexcept;
[[nodiscard]] const cardea_event_handler_host& fake_event_handler_host() noexcept;
}  // namespace cardea
