#include "base/bytes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace cardea {
namespace {

using testing::ElementsAre;

constexpr std::array<std::uint8_t, 8> kEight{0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08};

TEST(ByteReader, ReadsBigEndian) {
    ByteReader r{kEight};
    EXPECT_EQ(r.be<std::uint8_t>(), 0x01);
    EXPECT_EQ(r.be<std::uint16_t>(), 0x0203);
    EXPECT_EQ(r.be24(), 0x040506U);
    EXPECT_EQ(r.left(), 2U);
    EXPECT_EQ(ByteReader{kEight}.be<std::uint32_t>(), 0x01020304U);
    EXPECT_EQ(ByteReader{kEight}.be<std::uint64_t>(), 0x0102030405060708U);
    EXPECT_TRUE(r.ok());
}

TEST(ByteReader, PastTheEndIsZeroAndStaysSo) {
    ByteReader r{Bytes{kEight}.first(3)};
    EXPECT_EQ(r.be<std::uint32_t>(), 0U);
    EXPECT_FALSE(r.ok());
    EXPECT_EQ(r.be<std::uint8_t>(), 0) << "what is left after a failed read must not be taken for the next field";
    EXPECT_EQ(r.left(), 0U);
    EXPECT_FALSE(r.ok());
}

TEST(ByteReader, TakesExactlyWhatIsThere) {
    ByteReader r{kEight};
    EXPECT_EQ(r.take(8).size(), 8U);
    EXPECT_TRUE(r.take(0).empty());
    EXPECT_TRUE(r.ok());
    r.skip(1);
    EXPECT_FALSE(r.ok());
}

TEST(ByteReader, AnAbsurdSizeDoesNotWrap) {
    ByteReader r{kEight};
    EXPECT_TRUE(r.take(static_cast<std::size_t>(-1)).empty());
    EXPECT_FALSE(r.ok());
}

TEST(ByteWriter, WritesWhatTheReaderReads) {
    std::array<std::uint8_t, 16> out{};
    ByteWriter w{out};
    w.be(std::uint8_t{1});
    w.be(std::uint16_t{0x0203});
    w.be24(0x040506);
    w.be(std::uint32_t{0x0708090a});
    w.zeros(2);
    w.bytes(Bytes{kEight}.first(2));
    EXPECT_TRUE(w.ok());
    EXPECT_EQ(w.room(), 2U);
    EXPECT_THAT(w.written(), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 0, 1, 2));
}

TEST(ByteWriter, PastTheEndWritesNothingAndNothingAfterThat) {
    std::array<std::uint8_t, 3> out{9, 9, 9};
    ByteWriter w{out};
    w.be(std::uint16_t{0x0102});
    w.be(std::uint16_t{0x0304});
    w.be(std::uint8_t{5});
    w.bytes(kEight);
    w.zeros(static_cast<std::size_t>(-1));
    EXPECT_FALSE(w.ok());
    EXPECT_THAT(w.written(), ElementsAre(1, 2));
    EXPECT_THAT(out, ElementsAre(1, 2, 9));
}

TEST(Bytes, TextAndBytesAreTheSameOctets) {
    EXPECT_EQ(as_text(as_bytes("caf\xc3\xa9")), "caf\xc3\xa9");
    EXPECT_TRUE(as_bytes({}).empty());
}

}  // namespace
}  // namespace cardea
