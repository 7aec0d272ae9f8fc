#include "config/config.hpp"

#include <algorithm>
#include <filesystem>

#include "config/libconfig_reader.hpp"
#include "config/override.hpp"

namespace cardea::config {
namespace {

constexpr std::string_view kEmbeddedName = "(default configuration)";

void apply_overrides(Node& root, const std::vector<std::string>& overrides, Problems& problems) {
    for (const auto& argument : overrides)
        if (auto problem = apply_override(root, argument)) problems.push_back(std::move(*problem));
}

// The core's own part of the tree: everything but the sections of modules.
bool is_core_section(std::string_view name) {
    const auto table = core_table();
    for (std::size_t i = 0; i < table.size(); ++i)
        if (table.at(i).name == name) return true;
    return false;
}

Node without_modules(const Node& root, const std::vector<std::string>& modules) {
    Node core;
    core.where = root.where;
    for (const auto& member : root.members) {
        const bool of_module = std::find(modules.begin(), modules.end(), member.name) != modules.end();
        if (!of_module || is_core_section(member.name)) core.members.push_back(member);
    }
    return core;
}

CoreOptions check_core(const Node& root, const std::vector<std::string>& modules, Problems& problems) {
    const Node core = without_modules(root, modules);
    const Json json = validate(&core, core_table(), "", problems);
    return core_options(json, core, problems);
}

// What modules.enable names, before anything is checked: its sections are allowed.
std::vector<std::string> enabled_modules(const Node& root) {
    Problems ignored;
    const Node* section = root.member("modules");
    Node only;
    if (section != nullptr) only.members.push_back(*section);
    return core_options(validate(&only, core_table(), "", ignored), only, ignored).modules.enable;
}

void check_names(const Node& root, const std::vector<std::string>& modules, Problems& problems) {
    const Node* node = root.find("modules.enable");
    const auto where = node == nullptr ? root.where : node->where;
    for (auto name = modules.begin(); name != modules.end(); ++name) {
        const bool plain = std::all_of(name->begin(), name->end(),
                                       [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; });
        // The name becomes part of a file name.
        if (name->empty() || !plain)
            problems.push_back({where, "modules.enable", "\"" + *name + "\" is not the name of a module"});
        else if (is_core_section(*name))
            problems.push_back({where, "modules.enable", "\"" + *name + "\" is a section of the core"});
        else if (std::find(modules.begin(), name, *name) != name)
            problems.push_back({where, "modules.enable", "\"" + *name + "\" is there twice"});
    }
}

void add_module_files(Node& root, const ModulesSection& modules, Problems& problems) {
    if (modules.config_dir.empty()) return;
    for (const auto& name : modules.enable) {
        const auto path = (std::filesystem::path{modules.config_dir} / (name + ".cfg")).string();
        std::error_code error;
        if (!std::filesystem::exists(path, error)) continue;
        auto section = read_file(path);
        if (!section) {
            problems.push_back(section.error());
        } else if (const Node* other = root.member(name)) {
            problems.push_back({other->where, name, "is also configured by " + path + ": keep one of the two"});
        } else {
            section->name = name;
            root.members.push_back(std::move(*section));
        }
    }
}

}  // namespace

Result<ConfigTree> ConfigTree::from(Node root, const LoadRequest& request) {
    Problems problems;
    Node first = root;
    apply_overrides(first, request.overrides, problems);
    const auto modules = enabled_modules(first);
    check_names(first, modules, problems);
    auto core = check_core(first, modules, problems);
    if (core.modules.config_dir.empty() && !request.file.empty()) {
        const auto folder = std::filesystem::path{request.file}.parent_path().string();
        core.modules.config_dir = folder.empty() ? "." : folder;
    }
    if (problems.empty()) add_module_files(root, core.modules, problems);
    if (!problems.empty()) return fail(0, to_text(problems));
    // Again, now on top of the modules' own files. What is wrong with an argument has been found above.
    apply_overrides(root, request.overrides, problems);
    if (!problems.empty()) return fail(0, to_text(problems));
    return ConfigTree{std::move(root), std::move(core)};
}

Result<ConfigTree> load(const LoadRequest& request) {
    auto root = request.file.empty() ? read_text(default_text(), std::string{kEmbeddedName}) : read_file(request.file);
    if (!root) return fail(0, root.error().to_text());
    return ConfigTree::from(std::move(*root), request);
}

Result<ConfigTree> load_text(std::string_view text, const LoadRequest& request) {
    auto root = read_text(text, request.file.empty() ? std::string{kEmbeddedName} : request.file);
    if (!root) return fail(0, root.error().to_text());
    return ConfigTree::from(std::move(*root), request);
}

Result<Json> ConfigTree::validate_section(std::string_view module, const cardea_params& options) const {
    Problems problems;
    const Node* section = root_.member(module);
    if (section != nullptr && section->kind != Node::Kind::group) {
        problems.push_back({section->where, std::string{module}, "expected a group { ... }"});
        return fail(0, to_text(problems));
    }
    Json json = config::validate(section, ParamTable{options}, module, problems);
    if (!problems.empty()) return fail(0, to_text(problems));
    return json;
}

}  // namespace cardea::config
