// Checks a request's JSON against a parameter table, in the words of the Janus API.
#pragma once

#include <optional>
#include <string>

#include "cardea/abi.h"
#include "cardea/json.hpp"
#include "config/validate.hpp"

namespace cardea {

struct ParamProblem {
    bool missing = false;  // else of the wrong type or out of range
    std::string text;      // "Missing mandatory element (room)"
};

// The first problem, in the order of the table. JSON null counts as absent. string_ids: what an id has to be.
[[nodiscard]] std::optional<ParamProblem> check_params(const config::ParamTable& table, const Json& object, bool string_ids = false);

[[nodiscard]] ParamProblem missing_element(const std::string& name);
[[nodiscard]] ParamProblem invalid_element(const std::string& name, const std::string& should_be);

}  // namespace cardea
