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

const Node* Node::member(std::string_view wanted) const noexcept {
    const auto at = std::find_if(members.begin(), members.end(), [&](const Node& one) { return one.name == wanted; });
    return at == members.end() ? nullptr : &*at;
}

Node* Node::member(std::string_view wanted) noexcept {
    const auto at = std::find_if(members.begin(), members.end(), [&](const Node& one) { return one.name == wanted; });
    return at == members.end() ? nullptr : &*at;
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
