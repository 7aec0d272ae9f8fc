// Who waits and who begins: a=setup:passive is the server.
#pragma once

#include <cstdint>

namespace cardea {
enum class DtlsRole : std::uint8_t { server, client };
}
