#include "config/node.hpp"

#include <algorithm>

namespace cardea::config {

std::string to_text(const Problems& problems) {
    std::string out;
    for (const auto& problem : problems) {
        if (!out.empty()) out += '\n';
        out += problem.to_text();
    }
    return out;
}

const Node* Node::member(std::string_view name) const noexcept {
    const auto at = std::find_if(members.begin(), members.end(), [&](const auto& entry) { return entry.first == name; });
    return at == members.end() ? nullptr : &at->second;
}

Node* Node::member(std::string_view name) noexcept {
    const auto at = std::find_if(members.begin(), members.end(), [&](const auto& entry) { return entry.first == name; });
    return at == members.end() ? nullptr : &at->second;
}

const Node* Node::find(std::string_view path) const noexcept {
    const Node* node = this;
    while (node != nullptr && !path.empty()) {
        const auto dot = path.find('.');
        node = node->member(path.substr(0, dot));
        path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
    }
    return node;
}

}  // namespace cardea::config
