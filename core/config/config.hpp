// Loading the configuration: main file or embedded text, <module>.cfg files, --set arguments, in this order.
// Used by app once at start, and by modules for each module's own section.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/options.hpp"

namespace cardea::config {

struct LoadRequest {
    std::string file;                    // empty: the embedded default configuration
    std::vector<std::string> overrides;  // "path.to.key=value"
};

// A valid core configuration, and the sections of modules, which are checked when their tables are known.
class ConfigTree {
  public:
    [[nodiscard]] const CoreOptions& core() const noexcept { return core_; }
    // The section of a module checked against its table, with defaults: what the module gets. Error: one problem a line.
    [[nodiscard]] Result<Json> validate_section(std::string_view module, const cardea_params& options) const;

  private:
    friend Result<ConfigTree> load(const LoadRequest& request);
    friend Result<ConfigTree> load_text(std::string_view text, const LoadRequest& request);
    ConfigTree(Node root, CoreOptions core) : root_{std::move(root)}, core_{std::move(core)} {}
    static Result<ConfigTree> from(Node root, const LoadRequest& request);

    Node root_;
    CoreOptions core_;
};

// Errors hold one problem a line, "file:line: key: problem"; code is 0.
[[nodiscard]] Result<ConfigTree> load(const LoadRequest& request);
// As load(), but for a text in the place of the file; request.file is its name in problems and its folder.
[[nodiscard]] Result<ConfigTree> load_text(std::string_view text, const LoadRequest& request);

// The text of conf/cardea.cfg as it was at build time.
[[nodiscard]] std::string_view default_text() noexcept;

}  // namespace cardea::config
