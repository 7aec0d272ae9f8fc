#include "proto/sctp/dcep.hpp"

#include <gtest/gtest.h>

namespace cardea {
namespace {

ChannelOptions options_of(Bytes message) {
    const auto parsed = parse_dcep(message);
    EXPECT_TRUE(parsed.has_value());
    return parsed ? std::get<ChannelOptions>(*parsed) : ChannelOptions{};
}

std::vector<std::uint8_t> open_message(std::uint8_t type, std::uint32_t parameter, std::string_view label, std::string_view protocol) {
    std::vector<std::uint8_t> message(12 + label.size() + protocol.size());
    ByteWriter writer{message};
    writer.be(std::uint8_t{0x03});
    writer.be(type);
    writer.be(std::uint16_t{256});
    writer.be(parameter);
    writer.be(static_cast<std::uint16_t>(label.size()));
    writer.be(static_cast<std::uint16_t>(protocol.size()));
    writer.bytes(as_bytes(label));
    writer.bytes(as_bytes(protocol));
    return message;
}

TEST(Dcep, ReadsEveryChannelTypeOfTheRfc) {
    EXPECT_EQ(options_of(open_message(0x00, 0, "a", "p")), (ChannelOptions{"a", "p", {true, {}, {}}}));
    EXPECT_EQ(options_of(open_message(0x80, 0, "a", "")), (ChannelOptions{"a", "", {false, {}, {}}}));
    EXPECT_EQ(options_of(open_message(0x01, 3, "", "")).reliability, (Reliability{true, 3, {}}));
    EXPECT_EQ(options_of(open_message(0x81, 0, "", "")).reliability, (Reliability{false, 0, {}}));
    EXPECT_EQ(options_of(open_message(0x02, 500, "", "")).reliability, (Reliability{true, {}, 500}));
    EXPECT_EQ(options_of(open_message(0x82, 500, "", "")).reliability, (Reliability{false, {}, 500}));
}

TEST(Dcep, WritesWhatItReads) {
    for (const auto& reliability : {Reliability{}, Reliability{false, {}, {}}, Reliability{true, 7, {}}, Reliability{false, {}, 1000}}) {
        const ChannelOptions options{"status", "talk", reliability, 512};
        EXPECT_EQ(options_of(write_dcep_open(options)), options);
    }
    const auto ack = parse_dcep(write_dcep_ack());
    ASSERT_TRUE(ack.has_value());
    EXPECT_TRUE(std::holds_alternative<DcepAck>(*ack));
}

TEST(Dcep, WritesTheBytesOfTheRfc) {
    const std::vector<std::uint8_t> expected{0x03, 0x81, 0x01, 0x00, 0, 0, 0, 2, 0, 2, 0, 1, 'a', 'b', 'p'};
    EXPECT_EQ(write_dcep_open({"ab", "p", {false, 2, {}}, 256}), expected);
    EXPECT_EQ(write_dcep_ack(), std::vector<std::uint8_t>{0x02});
}

TEST(Dcep, RefusesEveryTruncation) {
    const auto whole = open_message(0x01, 9, "label", "protocol");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto parsed = parse_dcep(Bytes{whole}.first(size));
        ASSERT_FALSE(parsed.has_value()) << size;
        EXPECT_EQ(parsed.error(), DcepErrc::truncated) << size;
    }
}

TEST(Dcep, RefusesUnknownTypes) {
    EXPECT_EQ(parse_dcep(open_message(0x03, 0, "a", "")).error(), DcepErrc::unknown_channel_type);
    EXPECT_EQ(parse_dcep(open_message(0x7f, 0, "a", "")).error(), DcepErrc::unknown_channel_type);
    EXPECT_EQ(parse_dcep(std::vector<std::uint8_t>{0x01}).error(), DcepErrc::unknown_message);
    EXPECT_EQ(parse_dcep(std::vector<std::uint8_t>{0x04, 0, 0}).error(), DcepErrc::unknown_message);
}

TEST(Dcep, BoundsNamesAndTakesOnlyText) {
    const std::string longest(kMaxChannelName, 'x');
    EXPECT_EQ(options_of(open_message(0, 0, longest, longest)).label, longest);
    EXPECT_EQ(parse_dcep(open_message(0, 0, longest + "x", "")).error(), DcepErrc::name_too_long);
    EXPECT_EQ(parse_dcep(open_message(0, 0, "", longest + "x")).error(), DcepErrc::name_too_long);
    EXPECT_EQ(parse_dcep(open_message(0, 0, "\xff", "")).error(), DcepErrc::bad_text);
    EXPECT_EQ(parse_dcep(open_message(0, 0, "", "\xc3")).error(), DcepErrc::bad_text);
}

TEST(Dcep, CutsALongNameBetweenCharacters) {
    std::string label(kMaxChannelName - 1, 'x');
    label += "\xc3\xa9";  // e with acute accent, across the limit
    EXPECT_EQ(options_of(write_dcep_open({label, "", {}})).label, std::string(kMaxChannelName - 1, 'x'));
}

TEST(Dcep, KnowsUtf8) {
    EXPECT_TRUE(is_utf8("plain \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"));
    EXPECT_TRUE(is_utf8(""));
    EXPECT_FALSE(is_utf8("\xc0\xaf")) << "overlong";
    EXPECT_FALSE(is_utf8("\xe0\x80\x80")) << "overlong";
    EXPECT_FALSE(is_utf8("\xed\xa0\x80")) << "surrogate";
    EXPECT_FALSE(is_utf8("\xf4\x90\x80\x80")) << "above U+10FFFF";
    EXPECT_FALSE(is_utf8("\x80"));
    EXPECT_FALSE(is_utf8("\xe2\x82"));
}

}  // namespace
}  // namespace cardea
