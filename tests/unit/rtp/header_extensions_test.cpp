#include "proto/rtp/header_extensions.hpp"

#include <utility>

#include "proto/rtp/rtp_packet.hpp"
#include "unit/rtp/hex.hpp"

namespace cardea {
namespace {

using test::copy_of;
using test::hex;
using Element = std::pair<int, std::vector<std::uint8_t>>;

std::vector<std::uint8_t> with_block(std::string_view block) { return hex("90600001 00000000 00000001" + std::string{block}); }

std::vector<Element> elements_of(const std::vector<std::uint8_t>& packet) {
    std::vector<Element> found;
    for_each_extension(packet, parse_rtp_header(packet).value(),
                       [&](std::uint8_t id, Bytes value) { found.emplace_back(id, copy_of(value)); });
    return found;
}

HeaderExtensions read(const std::vector<std::uint8_t>& packet, const ExtensionIds& ids) {
    return read_extensions(packet, parse_rtp_header(packet).value(), ids);
}

// RFC 8285 section 4.2: "a sample header extension, with three extension elements and some padding".
TEST(HeaderExtensions, ReadsTheOneByteForm) {
    EXPECT_THAT(elements_of(with_block("bede0003 10aa 21bbbb 0000 33cccccccc")),
                testing::ElementsAre(Element{1, hex("aa")}, Element{2, hex("bbbb")}, Element{3, hex("cccccccc")}));
}

// RFC 8285 section 4.3, with an element of length 0.
TEST(HeaderExtensions, ReadsTheTwoByteForm) {
    EXPECT_THAT(elements_of(with_block("10050003 0100 0201bb 00 0304cccccccc")),
                testing::ElementsAre(Element{1, {}}, Element{2, hex("bb")}, Element{3, hex("cccccccc")}));
}

TEST(HeaderExtensions, StopsAtIdFifteenOfTheOneByteForm) {
    EXPECT_THAT(elements_of(with_block("bede0002 10aa f0bb 20cc 0000")), testing::ElementsAre(Element{1, hex("aa")}));
}

TEST(HeaderExtensions, KeepsWhatCameBeforeAnElementThatRunsOver) {
    EXPECT_THAT(elements_of(with_block("bede0001 10aa 2fbb")), testing::ElementsAre(Element{1, hex("aa")}));
    EXPECT_THAT(elements_of(with_block("10000001 0101aa 02")), testing::ElementsAre(Element{1, hex("aa")}));
}

TEST(HeaderExtensions, SkipsTheReservedIdZeroWithALength) {
    EXPECT_THAT(elements_of(with_block("bede0001 01bbbb 00")), testing::IsEmpty());
}

TEST(HeaderExtensions, IgnoresOtherProfiles) { EXPECT_THAT(elements_of(with_block("abcd0001 10aa0000")), testing::IsEmpty()); }

TEST(HeaderExtensions, NoneWithoutABlock) { EXPECT_THAT(elements_of(hex("80600001 00000000 00000001 10aa")), testing::IsEmpty()); }

TEST(HeaderExtensions, GathersTheOnesThatWereNegotiated) {
    const ExtensionIds ids{.mid = 1,
                           .rid = 2,
                           .repaired_rid = 3,
                           .audio_level = 4,
                           .abs_send_time = 5,
                           .transport_cc = 6,
                           .video_orientation = 7,
                           .playout_delay = 8,
                           .dependency_descriptor = 9};
    const auto packet = with_block("bede0008 116130 2068 3068 40ff 52010203 61abcd 700b 82064190 92840001 100000000000");
    const auto found = read(packet, ids);
    EXPECT_EQ(found.rid, "h");
    EXPECT_EQ(found.repaired_rid, "h");
    EXPECT_EQ(found.audio_level, (AudioLevel{127, true}));
    EXPECT_EQ(found.abs_send_time, 0x010203U);
    EXPECT_EQ(found.transport_sequence, 0xabcd);
    EXPECT_EQ(found.video_orientation, (VideoOrientation{true, false, 3}));
    EXPECT_EQ(found.playout_delay, (PlayoutDelay{100, 400}));
    EXPECT_EQ(copy_of(found.dependency_descriptor), hex("840001"));
}

TEST(HeaderExtensions, ReadsMidAsText) {
    const auto packet = with_block("bede0001 11613100");
    EXPECT_EQ(read(packet, {.mid = 1}).mid, "a1");
    EXPECT_TRUE(read(packet, {.mid = 2}).mid.empty());
}

TEST(HeaderExtensions, RefusesNamesThatAreNoNames) {
    EXPECT_EQ(read_stream_name(as_bytes("video-1_A")), "video-1_A");
    EXPECT_EQ(read_stream_name(as_bytes("a b")), "");
    EXPECT_EQ(read_stream_name(as_bytes("x\n")), "");
    EXPECT_EQ(read_stream_name(as_bytes("12345678901234567")), "");
}

TEST(HeaderExtensions, ValuesOfTheWrongSizeAreAbsent) {
    EXPECT_FALSE(read_audio_level({}));
    EXPECT_FALSE(read_video_orientation({}));
    EXPECT_FALSE(read_abs_send_time(hex("0102")));
    EXPECT_FALSE(read_playout_delay(hex("01020304")));
    EXPECT_FALSE(read_transport_sequence(hex("01")));
    EXPECT_EQ(read_transport_sequence(hex("0102 0001")), 0x0102);  // version 2 with a feedback request
}

TEST(HeaderExtensions, AbsSendTimeIsSecondsModulo64In18BitsOfFraction) {
    EXPECT_EQ(abs_send_time_of(Instant{1s}), 1U << 18U);
    EXPECT_EQ(abs_send_time_of(Instant{500ms}), 1U << 17U);
    EXPECT_EQ(abs_send_time_of(Instant{63s}), 63U << 18U);
    EXPECT_EQ(abs_send_time_of(Instant{65s}), 1U << 18U);
    EXPECT_EQ(abs_send_time_of(Instant{std::chrono::hours{24 * 365 * 100}}) >> 24U, 0U);
}

}  // namespace
}  // namespace cardea
