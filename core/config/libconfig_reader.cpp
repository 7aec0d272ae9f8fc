#include "config/libconfig_reader.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <libconfig.h++>

namespace cardea::config {
namespace {

bool is_name_character(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '*';
}

// Where the string or comment that starts at `from` ends; `from` itself if none does.
std::size_t skip_quoted(std::string_view text, std::size_t from) noexcept {
    const auto past = [&](std::string_view end, std::size_t start) {
        const auto at = text.find(end, start);
        return at == std::string_view::npos ? text.size() : at + end.size();
    };
    if (text[from] == '#' || text.substr(from, 2) == "//") return past("\n", from);
    if (text.substr(from, 2) == "/*") return past("*/", from + 2);
    if (text[from] != '"') return from;
    std::size_t at = from + 1;
    while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2U : 1U;
    return std::min(at + 1, text.size());
}

// libconfig 1.5 silently cuts an integer to 32 bits unless it ends in L, and room ids are longer than that.
std::string with_wide_integers(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = skip_quoted(text, at);
        bool wide = false;
        if (end == at && is_name_character(text[at])) {
            const bool number = text[at] >= '0' && text[at] <= '9';
            while (end < text.size() && (is_name_character(text[end]) || (!number && text[end] == '-'))) ++end;
            const auto token = text.substr(at, end - at);
            wide = token.size() > 9 && token.find_first_not_of("0123456789") == std::string_view::npos;
        } else if (end == at) {
            ++end;
        }
        out.append(text.substr(at, end - at));
        if (wide) out += 'L';
        at = end;
    }
    return out;
}

std::string location(const char* file, unsigned line, const std::string& fallback) {
    return (file == nullptr ? fallback : std::string{file}) + ":" + std::to_string(line);
}

Json scalar_of(const libconfig::Setting& setting) {
    switch (setting.getType()) {
        case libconfig::Setting::TypeInt:
            return static_cast<int>(setting);
        case libconfig::Setting::TypeInt64:
            return static_cast<std::int64_t>(static_cast<long long>(setting));
        case libconfig::Setting::TypeFloat:
            return static_cast<double>(setting);
        case libconfig::Setting::TypeBoolean:
            return static_cast<bool>(setting);
        case libconfig::Setting::TypeString:
            return std::string_view{setting.c_str()};
        default:
            return Json::null();
    }
}

// Recursion is bounded by libconfig's own parser, and the file is the admin's.
Node node_of(const libconfig::Setting& setting, const std::string& file) {
    Node node;
    node.where = location(setting.getSourceFile(), setting.getSourceLine(), file);
    if (setting.isGroup()) {
        for (int i = 0; i < setting.getLength(); ++i) {
            node.members.push_back(node_of(setting[i], file));
            node.members.back().name = setting[i].getName();
        }
    } else if (setting.isAggregate()) {
        node.kind = Node::Kind::list;
        for (int i = 0; i < setting.getLength(); ++i) node.elements.push_back(node_of(setting[i], file));
    } else {
        node.kind = Node::Kind::scalar;
        node.scalar = scalar_of(setting);
    }
    return node;
}

template <class Read>
tl::expected<Node, Problem> read(const std::string& name, Read read_into) {
    libconfig::Config config;
    try {
        read_into(config);
        Node root = node_of(config.getRoot(), name);
        root.where = name;
        return root;
    } catch (const libconfig::ParseException& error) {
        const int line = error.getLine() > 0 ? error.getLine() : 1;
        const std::string text = error.getError() == nullptr ? "not readable" : error.getError();
        return tl::unexpected{Problem{location(error.getFile(), static_cast<unsigned>(line), name), "", text}};
    } catch (const libconfig::FileIOException&) {
        return tl::unexpected{Problem{name, "", "cannot be read"}};
    } catch (const libconfig::SettingException& error) {
        return tl::unexpected{Problem{name, error.getPath(), "has a value out of range"}};
    }
}

}  // namespace

tl::expected<Node, Problem> read_file(const std::string& path) {
    std::error_code ignored;
    // libconfig reads a directory as an empty file.
    if (!std::filesystem::is_regular_file(path, ignored)) return tl::unexpected{Problem{path, "", "is not a file"}};
    return read(path, [&](libconfig::Config& config) {
        const auto folder = std::filesystem::path{path}.parent_path();
        config.setIncludeDir(folder.empty() ? "." : folder.c_str());
        std::ifstream in{path};
        const std::string text{std::istreambuf_iterator<char>{in}, {}};
        if (!in) throw libconfig::FileIOException{};
        config.readString(with_wide_integers(text));
    });
}

tl::expected<Node, Problem> read_text(std::string_view text, const std::string& name) {
    return read(name, [&](libconfig::Config& config) { config.readString(with_wide_integers(text)); });
}

}  // namespace cardea::config
