// A description cut anywhere: read or refused, never read past its end, and what is read can be written and read again.
#include "proto/sdp/sdp_parser.hpp"
#include "proto/sdp/sdp_writer.hpp"
#include "unit/sdp/sdp_samples.hpp"

namespace cardea {
namespace {

class SdpTruncation : public testing::TestWithParam<const char*> {};

TEST_P(SdpTruncation, EveryOneIsReadOrRefused) {
    const auto text = sdp_test::sample(GetParam());
    for (std::size_t size = 0; size < text.size(); ++size) {
        // A buffer of its own size: the sanitizer sees a byte read too much.
        const std::vector<char> cut{text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size)};
        const auto parsed = parse_sdp({cut.data(), cut.size()});
        if (!parsed) {
            ASSERT_EQ(parsed.error().code, kInvalidSdp) << size;
            ASSERT_NE(parsed.error().detail, "") << size;
            continue;
        }
        const auto again = parse_sdp(write_sdp(*parsed));
        ASSERT_TRUE(again) << size << ": " << again.error().detail;
        const auto third = parse_sdp(write_sdp(*again));
        ASSERT_TRUE(third && *third == *again) << size;
    }
}

INSTANTIATE_TEST_SUITE_P(Samples, SdpTruncation,
                         testing::Values("chromium_simulcast_rid.sdp", "firefox_simulcast.sdp"),
                         [](const auto& test) { return std::string{test.param}.substr(0, std::string_view{test.param}.find('.')); });

}  // namespace
}  // namespace cardea
