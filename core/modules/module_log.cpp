#include "modules/module_log.hpp"

#include <vector>

#include "base/log.hpp"
#include "cardea/abi.h"
#include "cardea/json.hpp"

namespace cardea {
namespace {

log::Level level_of(std::int32_t level) {
    if (level <= CARDEA_LOG_DEBUG) return log::Level::debug;
    if (level == CARDEA_LOG_INFO) return log::Level::info;
    return level == CARDEA_LOG_WARN ? log::Level::warn : log::Level::error;
}

}  // namespace

void log_of_module(std::string_view module, std::int32_t level, std::string_view event, std::string_view fields) {
    if (!log::enabled(level_of(level))) return;
    std::vector<log::Field> list{log::kv("module", module)};
    const auto json = Json::parse(fields);
    json.for_each_member([&](std::string_view key, const Json& value) {
        list.push_back({key, value.is_string() ? std::string{value.text()} : value.dump()});
    });
    log::write(level_of(level), event, list);
}

}  // namespace cardea
