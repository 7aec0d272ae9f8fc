// A plugin's requests by name, copied out of its descriptor: the control thread asks without touching the module.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>

#include "cardea/abi.h"
#include "cardea/json.hpp"
#include "modules/request_params.hpp"

namespace cardea {

class RequestTable {
  public:
    explicit RequestTable(const cardea_plugin_info& info);

    struct Entry {
        bool async = false;
        cardea_params params{};  // points into the module
    };
    struct PluginError {
        int code = 0;
        std::string text;
    };
    // The entry of body.request; the error is in the plugin's codes and Janus' words.
    [[nodiscard]] std::variant<const Entry*, PluginError> find(const Json& body) const;
    // First validation, for plugins that ask for it.
    [[nodiscard]] std::optional<PluginError> check(const Entry& entry, const Json& body, bool string_ids = false) const;
    // {"videoroom":"event","error_code":426,"error":"..."}
    [[nodiscard]] Json error_json(const PluginError& error) const;

  private:
    [[nodiscard]] PluginError error_of(const ParamProblem& problem) const;

    std::map<std::string, Entry, std::less<>> entries_;
    std::string error_key_;
    std::string error_value_;
    bool validate_first_ = false;
    int code_missing_ = 0;
    int code_invalid_ = 0;
    int code_unknown_request_ = 0;
};

// The requests of a plugin, for whoever only reads about them: [{"name","async","params":[as option_table_json]}].
[[nodiscard]] Json request_table_json(const cardea_plugin_info& info);

}  // namespace cardea
