#include "config/validate.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <optional>

namespace cardea::config {
namespace {

std::string joined(std::string_view path, std::string_view name) {
    return path.empty() ? std::string{name} : std::string{path} + "." + std::string{name};
}

const char* name_of_type(std::uint32_t type) noexcept {
    switch (type) {
        case CARDEA_TYPE_STRING:
            return "a string";
        case CARDEA_TYPE_INTEGER:
            return "an integer";
        case CARDEA_TYPE_NUMBER:
            return "a number";
        case CARDEA_TYPE_BOOL:
            return "true or false";
        case CARDEA_TYPE_OBJECT:
            return "a group { ... }";
        case CARDEA_TYPE_ARRAY:
            return "a list [ ... ]";
        case CARDEA_TYPE_ID:
            return "an integer or a string";
        default:
            return "a value";
    }
}

const char* name_of_value(const Node& node) noexcept {
    if (node.kind == Node::Kind::group) return "a group";
    if (node.kind == Node::Kind::list) return "a list";
    if (node.scalar.is_string()) return "a string";
    if (node.scalar.is_bool()) return "a boolean";
    if (node.scalar.is_integer()) return "an integer";
    return node.scalar.is_null() ? "null" : "a number";
}

bool has_type(const Node& node, std::uint32_t type) noexcept {
    switch (type) {
        case CARDEA_TYPE_OBJECT:
            return node.kind == Node::Kind::group;
        case CARDEA_TYPE_ARRAY:
            return node.kind == Node::Kind::list;
        case CARDEA_TYPE_ANY:
            return true;
        default:
            break;
    }
    if (node.kind != Node::Kind::scalar) return false;
    switch (type) {
        case CARDEA_TYPE_STRING:
            return node.scalar.is_string() || !node.literal.empty();
        case CARDEA_TYPE_INTEGER:
            return node.scalar.is_integer();
        case CARDEA_TYPE_NUMBER:
            return node.scalar.is_number();
        case CARDEA_TYPE_BOOL:
            return node.scalar.is_bool();
        case CARDEA_TYPE_ID:
            return node.scalar.is_integer() || node.scalar.is_string();
        default:
            return false;
    }
}

Json as_json(const Node& node) {
    if (node.kind == Node::Kind::scalar) return node.scalar;
    if (node.kind == Node::Kind::list) {
        Json list = Json::array();
        for (const auto& element : node.elements) list.push(as_json(element));
        return list;
    }
    Json group = Json::object();
    for (const auto& member : node.members) group.set(member.name.c_str(), as_json(member));
    return group;
}

std::optional<std::string> number_problem(const Json& value, const cardea_param& param) {
    const bool ranged = param.minimum != 0 || param.maximum != 0;
    const auto low = ranged ? std::optional{static_cast<double>(param.minimum)} : std::nullopt;
    const double number = value.number();
    const std::string shown = (param.flags & CARDEA_PARAM_SECRET) != 0 ? "the value" : value.dump(JSON_REAL_PRECISION(10));
    if (low && (number < *low || number > static_cast<double>(param.maximum)))
        return shown + " is out of range " + std::to_string(param.minimum) + " to " + std::to_string(param.maximum);
    if ((param.flags & CARDEA_PARAM_POSITIVE) != 0 && number < 0) return shown + " is negative";
    return std::nullopt;
}

std::optional<std::string> string_problem(const Json& value, const cardea_param& param) {
    if ((param.flags & CARDEA_PARAM_NONEMPTY) != 0 && value.text().empty()) return "must not be empty";
    if (param.values == nullptr) return std::nullopt;
    std::vector<std::string> allowed;
    for (const char* const* one = param.values; *one != nullptr; ++one) {
        if (value.text() == *one) return std::nullopt;
        allowed.emplace_back(*one);
    }
    std::string list;
    for (const auto& one : allowed) list += (list.empty() ? "\"" : ", \"") + one + "\"";
    return "must be one of " + list + suggestion(value.text(), allowed);
}

class Validator {
  public:
    explicit Validator(Problems& problems) noexcept : problems_{problems} {}

    Json group(const Node* group, const ParamTable& table, std::string_view path) {
        if (group != nullptr) report_unknown(*group, table, path);
        Json out = Json::object();
        for (std::size_t i = 0; i < table.size(); ++i) {
            const auto param = table.at(i);
            const auto key = joined(path, param.name);
            const Node* member = group == nullptr ? nullptr : group->member(param.name);
            if (member != nullptr)
                out.set(param.name, value(*member, param, table, key));
            else
                out.set(param.name, fallback(group, param, table, key));
        }
        return out;
    }

  private:
    void report_unknown(const Node& group, const ParamTable& table, std::string_view path) {
        std::vector<std::string> known;
        for (std::size_t i = 0; i < table.size(); ++i) known.emplace_back(table.at(i).name);
        for (const auto& member : group.members)
            if (std::find(known.begin(), known.end(), member.name) == known.end())
                problems_.push_back({member.where, joined(path, member.name), "unknown key" + suggestion(member.name, known)});
    }

    Json fallback(const Node* group, const cardea_param& param, const ParamTable& table, const std::string& key) {
        if ((param.flags & CARDEA_PARAM_REQUIRED) != 0) {
            problems_.push_back({group == nullptr ? "configuration" : group->where, key, "is missing"});
            return {};
        }
        if (param.fallback != nullptr) return Json::parse(param.fallback);
        if (param.type == CARDEA_TYPE_OBJECT && param.field_count != 0) return this->group(nullptr, table.fields_of(param), key);
        return {};
    }

    Json value(const Node& node, const cardea_param& param, const ParamTable& table, const std::string& key) {
        if (!has_type(node, param.type)) {
            problems_.push_back({node.where, key, std::string{"expected "} + name_of_type(param.type) + ", got " + name_of_value(node)});
            return {};
        }
        if (param.type == CARDEA_TYPE_OBJECT && param.field_count != 0) return group(&node, table.fields_of(param), key);
        if (param.type == CARDEA_TYPE_ARRAY) return list(node, param, table, key);
        Json json = param.type == CARDEA_TYPE_STRING && !node.literal.empty() ? Json{node.literal} : as_json(node);
        const auto problem = json.is_number() ? number_problem(json, param) : json.is_string() ? string_problem(json, param) : std::nullopt;
        if (problem) problems_.push_back({node.where, key, *problem});
        return json;
    }

    Json list(const Node& node, const cardea_param& param, const ParamTable& table, const std::string& key) {
        if ((param.flags & CARDEA_PARAM_NONEMPTY) != 0 && node.elements.empty())
            problems_.push_back({node.where, key, "must not be empty"});
        auto element_param = param;
        element_param.type = param.element_type == 0 ? static_cast<std::uint32_t>(CARDEA_TYPE_ANY) : param.element_type;
        Json out = Json::array();
        for (std::size_t i = 0; i < node.elements.size(); ++i)
            out.push(value(node.elements[i], element_param, table, key + "[" + std::to_string(i) + "]"));
        return out;
    }

    Problems& problems_;
};

// Restricted Damerau-Levenshtein: a swapped pair is one slip, not two.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> previous(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(previous.begin(), previous.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
        }
        before.swap(previous);
        previous.swap(row);
    }
    return previous[b.size()];
}

}  // namespace

ParamTable::ParamTable(const cardea_param* first, std::size_t count, std::size_t stride) noexcept
    : first_{static_cast<const unsigned char*>(static_cast<const void*>(first))}, count_{count}, stride_{stride} {}

cardea_param ParamTable::at(std::size_t index) const noexcept {
    cardea_param param{};
    std::memcpy(&param, first_ + index * stride_, std::min(stride_, sizeof(param)));
    return param;
}

ParamTable ParamTable::fields_of(const cardea_param& param) const noexcept {
    return {param.fields, param.fields == nullptr ? 0U : param.field_count, stride_};
}

Json validate(const Node* group, const ParamTable& table, std::string_view path, Problems& problems) {
    return Validator{problems}.group(group, table, path);
}

std::string suggestion(std::string_view unknown, const std::vector<std::string>& known) {
    const auto allowed = std::max<std::size_t>(1, unknown.size() / 3);
    const std::string* best = nullptr;
    auto best_distance = allowed + 1;
    for (const auto& candidate : known)
        if (const auto d = distance(unknown, candidate); d < best_distance) {
            best = &candidate;
            best_distance = d;
        }
    return best == nullptr ? "" : ", did you mean \"" + *best + "\"?";
}

}  // namespace cardea::config
