#include "modules/request_params.hpp"

#include <array>

namespace cardea {
namespace {

bool has(const cardea_param& param, std::uint32_t flag) { return (param.flags & flag) != 0; }

std::string type_text(std::uint32_t type, bool positive, bool nonempty, bool string_ids) {
    switch (type) {
        case CARDEA_TYPE_STRING: return nonempty ? "a non-empty string" : "a string";
        case CARDEA_TYPE_INTEGER: return positive ? "a positive integer" : "an integer";
        case CARDEA_TYPE_NUMBER: return positive ? "a positive number" : "a number";
        case CARDEA_TYPE_BOOL: return "a boolean";
        case CARDEA_TYPE_OBJECT: return "an object";
        case CARDEA_TYPE_ARRAY: return nonempty ? "a non-empty array" : "an array";
        case CARDEA_TYPE_ID: return string_ids ? "a string" : "a positive integer";
        default: return "a value";
    }
}

bool is_of_type(std::uint32_t type, const Json& value, bool positive, bool nonempty, bool string_ids) {
    switch (type) {
        case CARDEA_TYPE_STRING: return value.is_string() && !(nonempty && value.text().empty());
        case CARDEA_TYPE_INTEGER: return value.is_integer() && !(positive && value.integer() < 0);
        case CARDEA_TYPE_NUMBER: return value.is_number() && !(positive && value.number() < 0);
        case CARDEA_TYPE_BOOL: return value.is_bool();
        case CARDEA_TYPE_OBJECT: return value.is_object();
        case CARDEA_TYPE_ARRAY: return value.is_array() && !(nonempty && value.size() == 0);
        case CARDEA_TYPE_ID: return string_ids ? value.is_string() && !value.text().empty() : value.is_integer() && value.integer() >= 0;
        default: return true;
    }
}

std::optional<std::string> value_problem(const cardea_param& param, const Json& value) {
    if (param.type == CARDEA_TYPE_STRING && param.values != nullptr) {
        std::string allowed;
        for (const char* const* option = param.values; *option != nullptr; ++option) {
            if (value.text() == *option) return std::nullopt;
            allowed += allowed.empty() ? *option : std::string{", "} + *option;
        }
        return "one of " + allowed;
    }
    const bool has_range = param.minimum != 0 || param.maximum != 0;
    if (param.type == CARDEA_TYPE_INTEGER && has_range && (value.integer() < param.minimum || value.integer() > param.maximum))
        return "between " + std::to_string(param.minimum) + " and " + std::to_string(param.maximum);
    return std::nullopt;
}

std::optional<ParamProblem> check_elements(const config::ParamTable& table, const cardea_param& param, const Json& value, bool string_ids) {
    for (std::size_t i = 0; i < value.size(); ++i) {
        const auto element = value.at(i);
        if (param.element_type != 0 && !is_of_type(param.element_type, element, false, false, string_ids))
            return invalid_element(param.name, "an array, each element " + type_text(param.element_type, false, false, string_ids));
        if (param.field_count == 0) continue;
        if (auto problem = check_params(table.fields_of(param), element, string_ids)) return problem;
    }
    return std::nullopt;
}

std::optional<ParamProblem> check_one(const config::ParamTable& table, const cardea_param& param, const Json& value, bool string_ids) {
    const bool positive = has(param, CARDEA_PARAM_POSITIVE);
    const bool nonempty = has(param, CARDEA_PARAM_NONEMPTY);
    if (!is_of_type(param.type, value, positive, nonempty, string_ids))
        return invalid_element(param.name, type_text(param.type, positive, nonempty, string_ids));
    if (const auto should_be = value_problem(param, value)) return invalid_element(param.name, *should_be);
    if (param.type == CARDEA_TYPE_ARRAY) return check_elements(table, param, value, string_ids);
    if (param.type == CARDEA_TYPE_OBJECT && param.field_count != 0) return check_params(table.fields_of(param), value, string_ids);
    return std::nullopt;
}

}  // namespace

ParamProblem missing_element(const std::string& name) { return {true, "Missing mandatory element (" + name + ")"}; }
ParamProblem invalid_element(const std::string& name, const std::string& should_be) {
    return {false, "Invalid element type (" + name + " should be " + should_be + ")"};
}

std::optional<ParamProblem> check_params(const config::ParamTable& table, const Json& object, bool string_ids) {
    for (std::size_t i = 0; i < table.size(); ++i) {
        const auto param = table.at(i);
        const auto value = object[param.name];
        if (!value) {
            if (has(param, CARDEA_PARAM_REQUIRED)) return missing_element(param.name);
            continue;
        }
        if (auto problem = check_one(table, param, value, string_ids)) return problem;
    }
    return std::nullopt;
}

}  // namespace cardea
