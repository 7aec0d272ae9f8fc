#include "base/random.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>

namespace cardea {
namespace {

TEST(Random, IdsFitIntoAJavaScriptNumberAndAreNeverZero) {
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 1000; ++i) {
        const auto id = random_id53();
        EXPECT_GE(id, 1U);
        EXPECT_LT(id, std::uint64_t{1} << 53U);
        EXPECT_TRUE(seen.insert(id).second);
    }
}

// Small amounts come out of a supply, large ones do not; neither may say a thing twice.
TEST(Random, NothingComesTwice) {
    std::set<std::string> seen;
    for (const std::size_t size : {8U, 12U, 16U, 17U, 32U, 600U})
        for (int i = 0; i < 200; ++i) {
            std::string bytes(size, '\0');
            random_bytes({static_cast<std::uint8_t*>(static_cast<void*>(bytes.data())), size});
            EXPECT_TRUE(seen.insert(bytes.substr(0, 8)).second) << size;
        }
    std::uint64_t here = random_u64(), there = 0;
    std::thread{[&there] { there = random_u64(); }}.join();
    EXPECT_NE(here, there);
}

// RFC 8839 section 5.4: ice-char is ALPHA, DIGIT, "+" or "/".
TEST(Random, IceTextHasTheWantedLengthAndOnlyIceCharacters) {
    for (const std::size_t size : {0U, 4U, 22U, 64U, 65U, 256U}) {
        const auto text = random_ice_text(size);
        EXPECT_EQ(text.size(), size);
        EXPECT_EQ(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"), std::string::npos);
    }
    EXPECT_NE(random_ice_text(22), random_ice_text(22));
}

TEST(EqualConstantTime, ComparesSizeAndContent) {
    EXPECT_TRUE(equal_constant_time(as_bytes("secret"), as_bytes("secret")));
    EXPECT_FALSE(equal_constant_time(as_bytes("secret"), as_bytes("secreT")));
    EXPECT_FALSE(equal_constant_time(as_bytes("secret"), as_bytes("secre")));
    EXPECT_TRUE(equal_constant_time({}, {}));
}

}  // namespace
}  // namespace cardea
