#include "proto/sdp/fmtp.hpp"

#include <gtest/gtest.h>

#include <initializer_list>

namespace cardea::sdp {
namespace {

TEST(Fmtp, FindsAParameterInAnyCaseAndSpacing) {
    constexpr std::string_view kFmtp = "level-asymmetry-allowed=1; Packetization-Mode = 1 ;profile-level-id=42e01f;flag";
    EXPECT_EQ(fmtp_parameter(kFmtp, "packetization-mode"), "1");
    EXPECT_EQ(fmtp_parameter(kFmtp, "PROFILE-LEVEL-ID"), "42e01f");
    EXPECT_EQ(fmtp_parameter(kFmtp, "flag"), "");
    EXPECT_FALSE(fmtp_parameter(kFmtp, "profile"));
    EXPECT_FALSE(fmtp_parameter("", "x"));
}

TEST(H264Profile, FollowsTheTableOfRfc6184) {
    for (const auto* const id : {"42e01f", "42E01F", "42c00a", "4d8015", "58c01f"})
        EXPECT_EQ(h264_profile_of(id), H264Profile::constrained_baseline) << id;
    for (const auto* const id : {"42001f", "42a01e", "58a01f"}) EXPECT_EQ(h264_profile_of(id), H264Profile::baseline) << id;
    EXPECT_EQ(h264_profile_of("4d001f"), H264Profile::main);
    EXPECT_EQ(h264_profile_of("4d401f"), H264Profile::main);
    EXPECT_EQ(h264_profile_of("64001f"), H264Profile::high);
    EXPECT_EQ(h264_profile_of("640c1f"), H264Profile::constrained_high);
    EXPECT_EQ(h264_profile_of("58001f"), H264Profile::extended);
}

TEST(H264Profile, IsUnknownForWhatIsNoProfileLevelId) {
    for (const auto* const id : {"", "42e0", "42e01f00", "zz001f", "42g01f", "-42e01", "ff001f"})
        EXPECT_EQ(h264_profile_of(id), H264Profile::unknown) << id;
}

TEST(H264Profile, IsBaselineWithModeZeroWhenNothingIsSaid) {
    EXPECT_EQ(h264_profile_in(""), H264Profile::baseline);
    EXPECT_EQ(h264_packetization_mode(""), 0);
    EXPECT_EQ(h264_packetization_mode("packetization-mode=1"), 1);
    EXPECT_EQ(h264_packetization_mode("packetization-mode=999"), 0);
}

}  // namespace
}  // namespace cardea::sdp
