#include "modules/request_table.hpp"

#include <algorithm>
#include <cstring>

#include "modules/option_table.hpp"

namespace cardea {
namespace {

// The table's entries are as far apart as the plugin's headers had them; fields it does not know are zero.
cardea_request_type entry_at(const cardea_plugin_info& info, std::size_t index) {
    cardea_request_type entry{};
    const auto* first = static_cast<const unsigned char*>(static_cast<const void*>(info.requests));
    std::memcpy(&entry, first + index * info.request_stride, std::min<std::size_t>(sizeof(entry), info.request_stride));
    return entry;
}

}  // namespace

Json request_table_json(const cardea_plugin_info& info) {
    auto list = Json::array();
    for (std::size_t i = 0; i < info.request_count; ++i) {
        const auto entry = entry_at(info, i);
        if (entry.name == nullptr) continue;
        list.push({{"name", entry.name}, {"async", (entry.flags & CARDEA_REQUEST_ASYNC) != 0}, {"params", option_table_json(entry.params)}});
    }
    return list;
}

RequestTable::RequestTable(const cardea_plugin_info& info)
    : error_key_{info.error_key == nullptr ? "" : info.error_key},
      error_value_{info.error_value == nullptr ? "event" : info.error_value},
      validate_first_{info.validate_first != 0},
      code_missing_{info.code_missing_element},
      code_invalid_{info.code_invalid_element},
      code_unknown_request_{info.code_invalid_request} {
    for (std::size_t i = 0; i < info.request_count; ++i) {
        const auto raw = entry_at(info, i);
        if (raw.name != nullptr) entries_[raw.name] = {(raw.flags & CARDEA_REQUEST_ASYNC) != 0, raw.params};
    }
}

std::variant<const RequestTable::Entry*, RequestTable::PluginError> RequestTable::find(const Json& body) const {
    if (const auto unnamed = entries_.find(std::string_view{}); unnamed != entries_.end()) return &unnamed->second;
    const auto name = body["request"];
    if (!name || name.is_null()) return error_of(missing_element("request"));
    if (!name.is_string()) return error_of(invalid_element("request", "a string"));
    const auto found = entries_.find(name.text());
    if (found != entries_.end()) return &found->second;
    return PluginError{code_unknown_request_, "Unknown request '" + std::string{name.text()} + "'"};
}

std::optional<RequestTable::PluginError> RequestTable::check(const Entry& entry, const Json& body, bool string_ids) const {
    if (!validate_first_) return std::nullopt;
    if (const auto problem = check_params(config::ParamTable{entry.params}, body, string_ids)) return error_of(*problem);
    return std::nullopt;
}

RequestTable::PluginError RequestTable::error_of(const ParamProblem& problem) const {
    return {problem.missing ? code_missing_ : code_invalid_, problem.text};
}

Json RequestTable::error_json(const PluginError& error) const {
    Json json = Json::object();
    if (!error_key_.empty()) json.set(error_key_.c_str(), error_value_);
    json.set("error_code", error.code).set("error", error.text);
    return json;
}

}  // namespace cardea
