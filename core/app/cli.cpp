#include "app/cli.hpp"

#include <CLI/CLI.hpp>
#include <sstream>

namespace cardea::app {

std::string_view version() noexcept { return CARDEA_VERSION; }

std::variant<CommandLine, Exit> parse_command_line(int argc, const char* const* argv) {
    CommandLine out;
    CLI::App app{"Cardea, a WebRTC gateway that speaks the Janus API", "cardea"};
    app.set_version_flag("--version", "cardea " + std::string{version()});
    app.add_option("--config", out.configuration.file, "Configuration file; without one the built-in defaults count")
        ->option_text("FILE")
        ->check([](const std::string& file) { return file.empty() ? std::string{"a file name is needed"} : std::string{}; });
    app.add_option("--set", out.configuration.overrides, "Override one key of the configuration; may be repeated")
        ->option_text("path.to.key=value")
        ->take_all()
        ->allow_extra_args(false);
    app.add_flag("--check-config", out.check_config, "Say what is wrong with the configuration, start nothing");
    // CLI11 throws for every outcome but success; it stops here.
    try {
        app.parse(argc, argv);
        return out;
    } catch (const CLI::ParseError& error) {
        std::ostringstream output;
        std::ostringstream problem;
        const bool good = app.exit(error, output, problem) == 0;
        return Exit{.code = good ? 0 : 2, .text = good ? output.str() : problem.str()};
    }
}

}  // namespace cardea::app
