#include "modules/loader.hpp"

#include "modules/option_table.hpp"
#include "modules/trial.hpp"

namespace cardea {

std::filesystem::path Loader::file_of(const std::string& name) const { return options_.folder / (name + ".so"); }

Result<Json> Loader::config_of(const std::string& name, const Json& description) const {
    if (description["name"].text() != name) return fail(0, "calls itself " + std::string{description["name"].text("nothing")});
    const OptionTable table{description["options"]};
    auto config = section_(name, table.params());
    if (!config) return config;
    if (description["kind"].integer() == CARDEA_KIND_TRANSPORT) config->set("host", options_.transport_host);
    if (description["kind"].integer() == CARDEA_KIND_PLUGIN && !options_.state.empty())
        config->set("state_dir", (options_.state / name).string());
    return config;
}

Result<Json> Loader::check(const std::string& name) const {
    const auto file = file_of(name);
    if (!std::filesystem::exists(file)) return fail(0, "no such file: " + file.string());
    const auto trial = Trial::start(options_.trial_program, file, options_.trial_timeout);
    if (!trial) return tl::unexpected{trial.error()};
    const auto description = (*trial)->describe();
    if (!description) return description;
    return config_of(name, *description);
}

Result<PreparedModule> Loader::prepare(const std::string& name) const {
    const auto file = file_of(name);
    if (!std::filesystem::exists(file)) return fail(0, "no such file: " + file.string());
    const auto trial = Trial::start(options_.trial_program, file, options_.trial_timeout);
    if (!trial) return tl::unexpected{trial.error()};
    const auto description = (*trial)->describe();
    if (!description) return tl::unexpected{description.error()};
    auto config = config_of(name, *description);
    if (!config) return tl::unexpected{config.error()};
    if (const auto created = (*trial)->create(*config); !created) return tl::unexpected{created.error()};
    auto opened = ModuleFile::load(file, options_.staging);
    if (!opened) return tl::unexpected{opened.error()};
    return PreparedModule{std::move(*opened), std::move(*config)};
}

}  // namespace cardea
