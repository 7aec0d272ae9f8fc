// The C functions of cardea_transport_host over a TransportRuntime.
#pragma once

#include "cardea/abi.h"

namespace cardea {

class TransportRuntime;
[[nodiscard]] cardea_transport_host make_transport_host(TransportRuntime& runtime);

}  // namespace cardea
