#include "config/override.hpp"

namespace cardea::config {
namespace {

Node node_of(const Json& value, const std::string& where) {
    Node node;
    node.where = where;
    if (value.is_object()) {
        value.for_each_member([&](std::string_view key, const Json& member) {
            node.members.push_back(node_of(member, where));
            node.members.back().name = key;
        });
    } else if (value.is_array()) {
        node.kind = Node::Kind::list;
        value.for_each([&](const Json& element) { node.elements.push_back(node_of(element, where)); });
    } else {
        node.kind = Node::Kind::scalar;
        node.scalar = value;
    }
    return node;
}

// The argument without its value, which may be a secret.
std::string shown(std::string_view argument) { return "--set " + std::string{argument.substr(0, argument.find('='))}; }

}  // namespace

std::string_view override_section(std::string_view argument) noexcept { return argument.substr(0, argument.find_first_of(".=")); }

std::optional<Problem> apply_override(Node& root, std::string_view argument) {
    const std::string where = shown(argument);
    const auto equals = argument.find('=');
    if (equals == std::string_view::npos) return Problem{where, "", "needs the form path.to.key=value"};
    const auto path = argument.substr(0, equals);
    const auto text = argument.substr(equals + 1);

    const Json parsed = Json::parse(text);
    const bool looks_like_json = !text.empty() && (text.front() == '[' || text.front() == '{');
    if (!parsed && looks_like_json) return Problem{where, std::string{path}, "is not valid JSON"};

    Node* node = &root;
    std::string_view rest = path;
    for (bool last = false; !last;) {
        const auto dot = rest.find('.');
        last = dot == std::string_view::npos;
        const auto name = rest.substr(0, dot);
        rest = last ? std::string_view{} : rest.substr(dot + 1);
        if (name.empty()) return Problem{where, "", "has an empty name in its path"};
        if (node->kind != Node::Kind::group) return Problem{where, "", "goes through a value that is not a section"};
        if (node->member(name) == nullptr) {
            Node section;
            section.name = name;
            section.where = where;
            node->members.push_back(std::move(section));
        }
        node = node->member(name);
    }
    Node value = node_of(parsed ? parsed : Json{text}, where);
    value.name = node->name;
    *node = std::move(value);
    if (!looks_like_json && !parsed.is_string()) node->literal = std::string{text};
    return std::nullopt;
}

}  // namespace cardea::config
