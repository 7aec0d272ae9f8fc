// The command line. First thing main() does; what comes out goes into config::load().
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "config/config.hpp"

namespace cardea::app {

struct CommandLine {
    config::LoadRequest configuration;
    bool check_config = false;
};

// Nothing to start: --help, --version, or a mistake. `text` is for standard output when code is 0, else for standard error.
struct Exit {
    int code = 0;
    std::string text;
};

[[nodiscard]] std::variant<CommandLine, Exit> parse_command_line(int argc, const char* const* argv);

// "0.1.0"
[[nodiscard]] std::string_view version() noexcept;

}  // namespace cardea::app
