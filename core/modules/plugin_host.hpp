// The C functions of cardea_plugin_host over a PluginRuntime.
#pragma once

#include "cardea/abi.h"

namespace cardea {

class PluginRuntime;
[[nodiscard]] cardea_plugin_host make_plugin_host(PluginRuntime& runtime);

}  // namespace cardea
