#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "config/config.hpp"
#include "config/libconfig_reader.hpp"
#include "unit/config/files.hpp"

namespace cardea::config {
namespace {

using test::TemporaryFolder;
using testing::ElementsAre;
using testing::HasSubstr;

std::string error_of(const Result<ConfigTree>& result) { return result ? "(no error)" : result.error().detail; }

std::string error_of_text(std::string_view text, std::vector<std::string> overrides = {}) {
    return error_of(load_text(text, {.file = "main.cfg", .overrides = std::move(overrides)}));
}

std::string error_of_override(std::string argument) { return error_of_text("", {std::move(argument)}); }

TEST(Load, EmbeddedDefaultIsTheFileInConf) {
    EXPECT_EQ(std::string{default_text()}, test::read_whole(CARDEA_TEST_DATA "/../../conf/cardea.cfg"));
}

TEST(Load, EmbeddedDefaultHasTheStatedValues) {
    const auto tree = load({});
    ASSERT_TRUE(tree) << error_of(tree);
    const auto& core = tree->core();
    EXPECT_THAT(core.modules.enable, ElementsAre("websocket", "http", "echotest", "videoroom"));
    EXPECT_EQ(core.modules.on_error, ModulesSection::OnError::warn);
    EXPECT_EQ(core.media.base_port, 10000);
    EXPECT_EQ(core.media.consent_timeout, 30s);
    EXPECT_EQ(core.media.twcc_period, 100ms);
    EXPECT_EQ(core.media.srtp, "openssl");
    EXPECT_EQ(core.limits.message_bytes, 1U << 20U);
    EXPECT_EQ(core.limits.outbox_trusted, 64U << 20U);
    EXPECT_EQ(core.limits.outbox_stall, 10s);
    EXPECT_TRUE(contains(core.limits.trusted, *SocketAddress::parse("127.8.0.1", 1)));
    EXPECT_FALSE(contains(core.limits.trusted, *SocketAddress::parse("192.0.2.1", 1)));
    EXPECT_EQ(core.remote.first_port, 20000);
    EXPECT_EQ(core.remote.last_port, 20999);
    EXPECT_TRUE(contains(core.remote.allow, *SocketAddress::parse("172.20.1.1", 1)));
    EXPECT_FALSE(contains(core.remote.allow, *SocketAddress::parse("192.0.2.1", 1)));
    EXPECT_FALSE(contains(core.remote.allow, *SocketAddress::parse("2001:db8::1", 1)));
    EXPECT_EQ(core.api.session_timeout, 60s);
    EXPECT_EQ(core.api.server_name, "Cardea");
    EXPECT_EQ(core.log.level, log::Level::info);
}

void expect_every_key(const ParamTable& table, const Node& shown, const std::string& path) {
    for (std::size_t i = 0; i < table.size(); ++i) {
        const auto param = table.at(i);
        const auto key = path + param.name;
        const Node* node = shown.member(param.name);
        ASSERT_NE(node, nullptr) << key << " is not in conf/cardea.cfg";
        if (param.type == CARDEA_TYPE_OBJECT) expect_every_key(table.fields_of(param), *node, key + ".");
    }
}

TEST(Load, DefaultConfigurationShowsEveryKey) {
    const auto root = read_text(default_text(), "default");
    ASSERT_TRUE(root);
    expect_every_key(core_table(), *root, "");
}

TEST(Load, DefaultConfigurationEqualsAnEmptyOne) {
    const auto shown = read_text(default_text(), "default");
    ASSERT_TRUE(shown);
    Problems problems;
    const Json from_file = validate(&*shown, core_table(), "", problems);
    const Json from_table = validate(nullptr, core_table(), "", problems);
    EXPECT_TRUE(problems.empty()) << to_text(problems);
    EXPECT_EQ(from_file.dump(JSON_SORT_KEYS), from_table.dump(JSON_SORT_KEYS));
}

TEST(Load, NamesFileLineAndKeyOfEveryProblem) {
    EXPECT_EQ(error_of_text("media: {\n  wrokers = 2;\n  base_port = \"high\";\n  dtls_timeout = 0;\n};\n"),
              "main.cfg:2: media.wrokers: unknown key, did you mean \"workers\"?\n"
              "main.cfg:3: media.base_port: expected an integer, got a string\n"
              "main.cfg:4: media.dtls_timeout: 0 is out of range 1 to 300");
}

TEST(Load, NamesTheLineOfASyntaxError) { EXPECT_EQ(error_of_text("media: {\n  workers = ;\n}\n"), "main.cfg:2: syntax error"); }

TEST(Load, RefusesAKeyGivenTwice) {
    EXPECT_THAT(error_of_text("state_dir = \"a\";\nstate_dir = \"b\";\n"), HasSubstr("main.cfg:2: duplicate"));
}

TEST(Load, NamesTheIncludedFile) {
    const TemporaryFolder folder;
    folder.write("more.cfg", "\nworkers = true;\n");
    const auto main = folder.write("main.cfg", "media: {\n@include \"more.cfg\"\n};\n");
    const auto error = error_of(load({.file = main, .overrides = {}}));
    EXPECT_THAT(error, HasSubstr("more.cfg:2: media.workers: expected an integer, got a boolean"));
}

TEST(Load, RefusesAMissingFileAndAFolder) {
    const TemporaryFolder folder;
    EXPECT_EQ(error_of(load({.file = folder.path("none.cfg"), .overrides = {}})), folder.path("none.cfg") + ": is not a file");
    EXPECT_EQ(error_of(load({.file = folder.path(), .overrides = {}})), folder.path() + ": is not a file");
}

TEST(Load, RefusesWhatATableCannotSay) {
    EXPECT_EQ(error_of_text("media: { addresses = [ \"localhost\" ]; };"),
              "main.cfg:1: media.addresses: \"localhost\" is not a numeric address");
    EXPECT_EQ(error_of_text("limits: { trusted = [ \"10.0.0.0/33\" ]; };"),
              "main.cfg:1: limits.trusted: \"10.0.0.0/33\" is not an address or a prefix like 192.0.2.0/24");
    for (const auto* range : {"", "20000", "20000-", "-20999", "20999-20000", "20000-20000", "0-10", "1-65536", "1 - 2"})
        EXPECT_EQ(error_of_text("remote: { ports = \"" + std::string{range} + "\"; };"),
                  "main.cfg:1: remote.ports: \"" + std::string{range} + "\" is not a range like 20000-20999");
    EXPECT_EQ(error_of_text("remote: { allow = [ \"example.org\" ]; };"),
              "main.cfg:1: remote.allow: \"example.org\" is not an address or a prefix like 192.0.2.0/24");
    EXPECT_EQ(error_of_text("remote: { address = \"eth0\"; };"), "main.cfg:1: remote.address: \"eth0\" is not a numeric address");
    EXPECT_EQ(error_of_text("limits: { outbox_soft = 5000000; };"), "main.cfg:1: limits.outbox_soft: is more than outbox_hard");
    EXPECT_EQ(error_of_text("media: { workers = 4;\nbase_port = 65533; };"),
              "main.cfg:2: media.base_port: 4 workers need ports beyond 65535");
    EXPECT_EQ(error_of_text("tls: { certificate = \"a.pem\"; };"), "main.cfg:1: tls.key: is missing: certificate and key belong together");
}

TEST(Load, SuggestsAValueForAMisspeltOne) {
    EXPECT_EQ(error_of_text("log: { level = \"wran\"; };"),
              "main.cfg:1: log.level: must be one of \"debug\", \"info\", \"warn\", \"error\", did you mean \"warn\"?");
}

TEST(Load, ReadsAnnounceRulesWithAndWithoutPorts) {
    const auto tree = load_text(
        "media: { announce = ( { local = \"10.0.0.5\"; public = [ \"203.0.113.7:40000\", \"[2001:db8::7]:40000\", \"2001:db8::8\" ]; } ); "
        "};",
        {});
    ASSERT_TRUE(tree) << error_of(tree);
    const auto& rules = tree->core().media.announce;
    ASSERT_EQ(rules.size(), 1U);
    EXPECT_EQ(rules[0].local.to_text(), "10.0.0.5:0");
    ASSERT_EQ(rules[0].announced.size(), 3U);
    EXPECT_EQ(rules[0].announced[0].to_text(), "203.0.113.7:40000");
    EXPECT_EQ(rules[0].announced[1].to_text(), "[2001:db8::7]:40000");
    EXPECT_EQ(rules[0].announced[2].to_text(), "[2001:db8::8]:0");
}

TEST(Load, RefusesAnIncompleteAnnounceRule) {
    EXPECT_EQ(error_of_text("media: {\n announce = (\n  { local = \"10.0.0.5\"; } ); };"),
              "main.cfg:3: media.announce[0].public: is missing");
    EXPECT_EQ(error_of_text("media: { announce = ( { local = \"10.0.0.5:x\"; public = [ \"203.0.113.7\" ]; } ); };"),
              "main.cfg:1: media.announce: \"10.0.0.5:x\" is not a numeric address");
}

TEST(Load, ReadsStoredTokens) {
    const auto tree = load_text(
        "api: { token_auth = true; tokens = ( { token = \"one\"; }, { token = \"two\"; plugins = [ \"janus.plugin.echotest\" ]; } ); };", {});
    ASSERT_TRUE(tree) << error_of(tree);
    const std::map<std::string, std::set<std::string>> expected{{"one", {}}, {"two", {"janus.plugin.echotest"}}};
    EXPECT_EQ(tree->core().api.tokens, expected);
}

TEST(Load, RefusesTokensThatNobodyWouldAskFor) {
    EXPECT_EQ(error_of_text("api: {\n tokens = ( { token = \"one\"; } ); };"),
              "main.cfg:2: api.tokens: has no effect while token_auth is false");
    EXPECT_EQ(error_of_text("api: { token_auth = true; token_auth_secret = \"s\";\n tokens = ( { token = \"one\"; } ); };"),
              "main.cfg:2: api.tokens: has no effect beside token_auth_secret");
    EXPECT_EQ(error_of_text("api: { token_auth = true;\n tokens = ( { plugins = []; } ); };"), "main.cfg:2: api.tokens[0].token: is missing");
}

TEST(Override, SetsNumbersBoolsStringsAndLists) {
    const auto tree = load(
        {.file = "",
         .overrides = {"media.workers=3", "api.token_auth=true", "log.level=debug", "state_dir=/tmp/x",
                       R"(media.addresses=["127.0.0.1","::1"])", R"(media.announce=[{"local":"127.0.0.1","public":["192.0.2.1:9"]}])"}});
    ASSERT_TRUE(tree) << error_of(tree);
    EXPECT_EQ(tree->core().media.workers, 3U);
    EXPECT_TRUE(tree->core().api.token_auth);
    EXPECT_EQ(tree->core().log.level, log::Level::debug);
    EXPECT_EQ(tree->core().state_dir, "/tmp/x");
    EXPECT_THAT(tree->core().media.addresses, ElementsAre("127.0.0.1", "::1"));
    EXPECT_EQ(tree->core().media.announce.size(), 1U);
}

TEST(Override, TakesDigitsAsTextWhereTextIsWanted) {
    const auto tree = load({.file = "", .overrides = {"api.secret=0123", "api.server_name=true"}});
    ASSERT_TRUE(tree) << error_of(tree);
    EXPECT_EQ(tree->core().api.secret, "0123");
    EXPECT_EQ(tree->core().api.server_name, "true");
}

TEST(Override, LastOneCounts) {
    const auto tree = load({.file = "", .overrides = {"media.workers=3", "media.workers=5"}});
    ASSERT_TRUE(tree) << error_of(tree);
    EXPECT_EQ(tree->core().media.workers, 5U);
}

TEST(Override, ProblemsNameTheArgument) {
    EXPECT_EQ(error_of_override("media.wrokers=2"), "--set media.wrokers: media.wrokers: unknown key, did you mean \"workers\"?");
    EXPECT_EQ(error_of_override("media.workers=many"), "--set media.workers: media.workers: expected an integer, got a string");
    EXPECT_EQ(error_of_override("media.workers"), "--set media.workers: needs the form path.to.key=value");
    EXPECT_EQ(error_of_override("media..workers=1"), "--set media..workers: has an empty name in its path");
    EXPECT_EQ(error_of_override("state_dir.x=1"), "--set state_dir.x: state_dir: expected a string, got a group");
    EXPECT_EQ(error_of_override("media.addresses=[1"), "--set media.addresses: media.addresses: is not valid JSON");
}

TEST(Override, NeverRepeatsAValueThatMayBeSecret) {
    EXPECT_THAT(error_of_override("api.secret=[\"hunter2\"]"), testing::Not(HasSubstr("hunter2")));
}

constexpr cardea_param param(std::uint32_t type, const char* name, const char* fallback) {
    cardea_param out{};
    out.struct_size = sizeof(out);
    out.type = type;
    out.name = name;
    out.fallback = fallback;
    return out;
}

constexpr std::array kEcho{param(CARDEA_TYPE_INTEGER, "bitrate", "256000"), param(CARDEA_TYPE_BOOL, "string_ids", "false")};
constexpr cardea_params kEchoOptions{sizeof(cardea_params), sizeof(cardea_param), kEcho.size(), 0, kEcho.data()};

TEST(ModuleSection, HasDefaultsWithoutAnyConfiguration) {
    const auto tree = load({});
    ASSERT_TRUE(tree);
    const auto section = tree->validate_section("echotest", kEchoOptions);
    ASSERT_TRUE(section) << section.error().detail;
    EXPECT_EQ((*section)["bitrate"].integer(), 256000);
    EXPECT_FALSE((*section)["string_ids"].boolean(true));
}

TEST(ModuleSection, ComesFromItsOwnFileBesideTheMainFile) {
    const TemporaryFolder folder;
    const auto main = folder.write("main.cfg", "modules: { enable = [ \"echotest\" ]; };\n");
    folder.write("echotest.cfg", "# mine\nbitrate = 1000;\n");
    const auto tree = load({.file = main, .overrides = {"echotest.string_ids=true"}});
    ASSERT_TRUE(tree) << error_of(tree);
    const auto section = tree->validate_section("echotest", kEchoOptions);
    ASSERT_TRUE(section) << section.error().detail;
    EXPECT_EQ((*section)["bitrate"].integer(), 1000);
    EXPECT_TRUE((*section)["string_ids"].boolean());
}

TEST(ModuleSection, ProblemsNameItsOwnFile) {
    const TemporaryFolder folder;
    const auto main = folder.write("main.cfg", "");
    const auto own = folder.write("echotest.cfg", "bitrate = 1000;\nbitrat = 1;\n");
    const auto tree = load({.file = main, .overrides = {}});
    ASSERT_TRUE(tree) << error_of(tree);
    const auto section = tree->validate_section("echotest", kEchoOptions);
    ASSERT_FALSE(section);
    EXPECT_EQ(section.error().detail, own + ":2: echotest.bitrat: unknown key, did you mean \"bitrate\"?");
}

TEST(ModuleSection, FolderOfTheFilesCanBeSet) {
    const TemporaryFolder folder;
    folder.write("echotest.cfg", "bitrate = 77;\n");
    const auto tree = load({.file = "", .overrides = {"modules.config_dir=" + folder.path()}});
    ASSERT_TRUE(tree) << error_of(tree);
    EXPECT_EQ((*tree->validate_section("echotest", kEchoOptions))["bitrate"].integer(), 77);
}

TEST(ModuleSection, RefusesToBeConfiguredTwice) {
    const TemporaryFolder folder;
    const auto main = folder.write("main.cfg", "\nechotest: { bitrate = 1; };\n");
    const auto own = folder.write("echotest.cfg", "bitrate = 2;\n");
    EXPECT_EQ(error_of(load({.file = main, .overrides = {}})),
              main + ":2: echotest: is also configured by " + own + ": keep one of the two");
}

TEST(ModuleSection, NeedsAnEnabledModule) {
    EXPECT_EQ(error_of_text("modules: { enable = [ \"http\" ]; };\nechotest: { };\n"), "main.cfg:2: echotest: unknown key");
}

TEST(ModuleSection, NameOfAModuleCannotLeaveTheFolder) {
    EXPECT_EQ(error_of_override(R"(modules.enable=["../x"])"),
              "--set modules.enable: modules.enable: \"../x\" is not the name of a module");
    EXPECT_EQ(error_of_override(R"(modules.enable=["media"])"), "--set modules.enable: modules.enable: \"media\" is a section of the core");
    EXPECT_EQ(error_of_override(R"(modules.enable=["a","a"])"), "--set modules.enable: modules.enable: \"a\" is there twice");
}

TEST(ModuleSection, ShippedFilesCanBeRead) {
    for (const auto* name : {"websocket", "http", "echotest", "videoroom"}) {
        const auto file = read_file(std::string{CARDEA_TEST_DATA "/../../conf/"} + name + ".cfg");
        EXPECT_TRUE(file) << file.error().to_text();
    }
}

TEST(AddressPrefix, MatchesByBits) {
    const auto prefix = AddressPrefix::parse("10.16.0.0/12");
    ASSERT_TRUE(prefix);
    EXPECT_TRUE(prefix->contains(*SocketAddress::parse("10.31.255.255", 1)));
    EXPECT_FALSE(prefix->contains(*SocketAddress::parse("10.32.0.0", 1)));
    EXPECT_TRUE(prefix->contains(*SocketAddress::parse("::ffff:10.16.0.1", 1)));
    EXPECT_FALSE(prefix->contains(*SocketAddress::parse("::a10:1", 1)));
    EXPECT_TRUE(AddressPrefix::parse("::/0")->contains(*SocketAddress::parse("2001:db8::1", 1)));
    EXPECT_FALSE(AddressPrefix::parse("::/0")->contains(SocketAddress{}));
}

TEST(AddressPrefix, RefusesNonsense) {
    for (const auto* text : {"", "/", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "host", "::/129"})
        EXPECT_FALSE(AddressPrefix::parse(text)) << text;
}

}  // namespace
}  // namespace cardea::config
