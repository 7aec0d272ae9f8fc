#include "config/validate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstring>

#include "config/libconfig_reader.hpp"

namespace cardea::config {
namespace {

constexpr cardea_param param(std::uint32_t type, const char* name, std::uint32_t flags = 0) {
    cardea_param out{};
    out.struct_size = sizeof(out);
    out.type = type;
    out.name = name;
    out.flags = flags;
    return out;
}
constexpr cardea_param list_of(std::uint32_t element, const char* name, std::uint32_t flags = 0) {
    auto out = param(CARDEA_TYPE_ARRAY, name, flags);
    out.element_type = element;
    return out;
}

template <std::size_t N>
std::string check(const std::array<cardea_param, N>& table, std::string_view text, Json* json = nullptr) {
    const auto root = read_text(text, "f");
    if (!root) return root.error().to_text();
    Problems problems;
    const Json out = validate(&*root, ParamTable{table.data(), N, sizeof(cardea_param)}, "", problems);
    if (json != nullptr) *json = out;
    return to_text(problems);
}

TEST(Validate, KeepsEachTypeAsItIs) {
    const std::array table{param(CARDEA_TYPE_STRING, "s"), param(CARDEA_TYPE_INTEGER, "i"), param(CARDEA_TYPE_NUMBER, "n"),
                           param(CARDEA_TYPE_BOOL, "b"),   param(CARDEA_TYPE_ANY, "a"),     param(CARDEA_TYPE_OBJECT, "o")};
    Json json;
    EXPECT_EQ(check(table, "s=\"x\"; i=5000000000; n=1.5; b=true; a=({k=1;}, 2); o={any=\"thing\";};", &json), "");
    EXPECT_EQ(json.dump(JSON_COMPACT), R"({"s":"x","i":5000000000,"n":1.5,"b":true,"a":[{"k":1},2],"o":{"any":"thing"}})");
}

// libconfig 1.5 cuts them to 32 bits when left alone.
TEST(Validate, WideIntegersKeepAllTheirDigits) {
    Json json;
    const std::array table{list_of(CARDEA_TYPE_ANY, "room-1234567890")};
    EXPECT_EQ(
        check(table,
              "# 1234567890\n/* \" 1234567890 */ room-1234567890 = ( 9007199254740991, -5000000000, \"\\\"5000000000\", 0.12345678901 );",
              &json),
        "");
    EXPECT_EQ(json["room-1234567890"].dump(JSON_COMPACT | JSON_REAL_PRECISION(11)),
              R"([9007199254740991,-5000000000,"\"5000000000",0.12345678901])");
}

TEST(Validate, NumberTakesAnIntegerButIntegerNoFraction) {
    EXPECT_EQ(check(std::array{param(CARDEA_TYPE_NUMBER, "n")}, "n = 2;"), "");
    EXPECT_EQ(check(std::array{param(CARDEA_TYPE_INTEGER, "n")}, "n = 2.0;"), "f:1: n: expected an integer, got a number");
}

TEST(Validate, IdIsAnIntegerOrAString) {
    EXPECT_EQ(check(std::array{param(CARDEA_TYPE_ID, "id", CARDEA_PARAM_POSITIVE)}, "id = 1234;"), "");
    EXPECT_EQ(check(std::array{param(CARDEA_TYPE_ID, "id")}, "id = \"room\";"), "");
    EXPECT_EQ(check(std::array{param(CARDEA_TYPE_ID, "id")}, "id = true;"), "f:1: id: expected an integer or a string, got a boolean");
    EXPECT_EQ(check(std::array{param(CARDEA_TYPE_ID, "id", CARDEA_PARAM_POSITIVE)}, "id = -1;"), "f:1: id: -1 is negative");
}

TEST(Validate, RequiredAndNonEmpty) {
    EXPECT_EQ(check(std::array{param(CARDEA_TYPE_STRING, "s", CARDEA_PARAM_REQUIRED)}, ""), "f: s: is missing");
    EXPECT_EQ(check(std::array{param(CARDEA_TYPE_STRING, "s", CARDEA_PARAM_NONEMPTY)}, "s = \"\";"), "f:1: s: must not be empty");
    EXPECT_EQ(check(std::array{list_of(CARDEA_TYPE_STRING, "l", CARDEA_PARAM_NONEMPTY)}, "l = [ ];"), "f:1: l: must not be empty");
}

TEST(Validate, NamesTheElementOfAList) {
    EXPECT_EQ(check(std::array{list_of(CARDEA_TYPE_STRING, "l")}, "l = ( \"a\",\n 2 );"), "f:2: l[1]: expected a string, got an integer");
}

TEST(Validate, GoesIntoObjectsAndListsOfObjects) {
    static const std::array fields{param(CARDEA_TYPE_INTEGER, "room", CARDEA_PARAM_REQUIRED), param(CARDEA_TYPE_STRING, "pin")};
    auto rooms = list_of(CARDEA_TYPE_OBJECT, "rooms");
    rooms.fields = fields.data();
    rooms.field_count = fields.size();
    Json json;
    EXPECT_EQ(check(std::array{rooms}, "rooms = ( { room = 1; }, { room = 2; pin = \"x\"; } );", &json), "");
    EXPECT_EQ(json.dump(), R"({"rooms":[{"room":1},{"room":2,"pin":"x"}]})");
    EXPECT_EQ(check(std::array{rooms}, "rooms = ( { pni = \"x\"; } );"),
              "f:1: rooms[0].pni: unknown key, did you mean \"pin\"?\nf:1: rooms[0].room: is missing");
}

TEST(Validate, SecretOutOfRangeIsNotShown) {
    auto pin = param(CARDEA_TYPE_INTEGER, "pin", CARDEA_PARAM_SECRET);
    pin.minimum = 1;
    pin.maximum = 9;
    EXPECT_EQ(check(std::array{pin}, "pin = 4711;"), "f:1: pin: the value is out of range 1 to 9");
}

// A module built with a newer header has longer entries, one built with an older header shorter ones.
TEST(Validate, ReadsTablesOfAnotherStride) {
    struct Newer {
        cardea_param base;
        std::uint64_t added;
    };
    const std::array<Newer, 2> newer{Newer{param(CARDEA_TYPE_BOOL, "a"), 7}, Newer{param(CARDEA_TYPE_BOOL, "b"), 7}};
    const ParamTable table{&newer[0].base, newer.size(), sizeof(Newer)};
    EXPECT_STREQ(table.at(1).name, "b");

    constexpr std::size_t kOlder = offsetof(cardea_param, values);
    std::array<unsigned char, 2 * kOlder> raw{};
    const auto a = param(CARDEA_TYPE_BOOL, "a");
    auto b = param(CARDEA_TYPE_BOOL, "b");
    std::memcpy(raw.data(), &a, kOlder);
    std::memcpy(raw.data() + kOlder, &b, kOlder);
    const ParamTable older{static_cast<const cardea_param*>(static_cast<const void*>(raw.data())), 2, kOlder};
    EXPECT_STREQ(older.at(1).name, "b");
    EXPECT_EQ(older.at(1).values, nullptr);
    EXPECT_EQ(older.at(1).field_count, 0U);
}

TEST(Suggestion, FindsASlipAndNothingFarAway) {
    const std::vector<std::string> known{"workers", "base_port", "addresses"};
    EXPECT_EQ(suggestion("baseport", known), ", did you mean \"base_port\"?");
    EXPECT_EQ(suggestion("wokrers", known), ", did you mean \"workers\"?");
    EXPECT_EQ(suggestion("colour", known), "");
    EXPECT_EQ(suggestion("", known), "");
}

}  // namespace
}  // namespace cardea::config
