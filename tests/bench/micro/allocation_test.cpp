// The media path allocates nothing per packet in its steady state: every case that the micro-benchmarks measure, counted instead of timed.
#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include <memory>

#include "allocations.hpp"
#include "cases/hand_over.hpp"
#include "cases/hub.hpp"
#include "cases/layers.hpp"
#include "cases/media.hpp"
#include "cases/rtp.hpp"
#include "cases/srtp.hpp"
#include "cases/udp.hpp"

namespace cardea::bench {
namespace {

struct Outcome {
    std::uint64_t allocations = 0;
    int failed_steps = 0;
};

template <class Case>
Outcome run(Case& measured, int steps = 500) {
    for (int i = 0; i < Case::kWarmUp; ++i) static_cast<void>(measured.step());
    Outcome outcome;
    const auto before = allocations();
    for (int i = 0; i < steps; ++i) outcome.failed_steps += measured.step() == 0 ? 1 : 0;
    outcome.allocations = allocations() - before;
    return outcome;
}

template <class Case>
void expect_none(Case&& measured, int steps = 500) {
    const auto outcome = run(measured, steps);
    EXPECT_EQ(outcome.allocations, 0U);
    EXPECT_EQ(outcome.failed_steps, 0) << "so it tells nothing";
}

// ---- the counter itself ------------------------------------------------------------------------------------------------

class Wasteful {
  public:
    static constexpr int kWarmUp = 1;
    std::size_t step() {
        kept_ = std::make_unique<int>(1);
        return 1;
    }

  private:
    std::unique_ptr<int> kept_;
};

TEST(AllocationCounter, SeesWhatACaseAllocates) {
    Wasteful wasteful;
    EXPECT_EQ(run(wasteful, 10).allocations, 10U);
}

TEST(AllocationCounter, SeesWhatACLibraryAllocates) {
    const auto before = allocations();
    void* memory = OPENSSL_malloc(100);
    const auto made = allocations() - before;
    OPENSSL_free(memory);
    EXPECT_EQ(made, counts_malloc() ? 1U : 0U);
}

// ---- the media path ----------------------------------------------------------------------------------------------------

class SrtpAllocation : public testing::TestWithParam<SrtpProfile> {};
TEST_P(SrtpAllocation, NoneToSealForALeg) { expect_none(SrtpFanOut{GetParam(), kVideoPayload, 10}); }
TEST_P(SrtpAllocation, NoneToOpen) { expect_none(SrtpSealAndOpen{GetParam(), kVideoPayload}); }
TEST_P(SrtpAllocation, NoneForRtcp) { expect_none(SrtcpSealAndOpen{GetParam()}); }
INSTANTIATE_TEST_SUITE_P(Profiles, SrtpAllocation,
                         testing::Values(SrtpProfile::aes_cm_128_hmac_sha1_80, SrtpProfile::aes_cm_128_hmac_sha1_32, SrtpProfile::aead_aes_128_gcm,
                                         SrtpProfile::aead_aes_256_gcm),
                         [](const auto& each) { return std::string{to_text(each.param)}; });

TEST(IpsecMbAllocation, NoneToSealAndOpen) {
    if (const auto problem = ipsec_mb_problem(); !problem.empty()) GTEST_SKIP() << "libipsec-mb is not usable: " << problem;
    for (const auto profile : {SrtpProfile::aead_aes_128_gcm, SrtpProfile::aead_aes_256_gcm}) {
        expect_none(SrtpFanOut{profile, kVideoPayload, 10, SrtpBackend::ipsec_mb});
        expect_none(SrtpSealAndOpen{profile, kVideoPayload, SrtpBackend::ipsec_mb});
        expect_none(SrtcpSealAndOpen{profile, SrtpBackend::ipsec_mb});
    }
}

TEST(RtpAllocation, NoneToParse) { expect_none(RtpParse{}); }
TEST(RtpAllocation, NoneToRewriteAHeader) { expect_none(HeaderRewrite{}); }
TEST(RtpAllocation, NoneWhereHalfIsLeftOut) { expect_none(HeaderRewriteOfHalf{}); }
TEST(RtpAllocation, NoneInTheStore) { expect_none(StorePutAndFind{}); }
TEST(RtpAllocation, NoneToTrackWhatIsInOrder) { expect_none(NackTrackerInOrder{}); }
TEST(RtpAllocation, NoneToTrackLoss) { expect_none(NackTrackerWithLoss{}); }
TEST(RtpAllocation, NoneForStatistics) { expect_none(ReceptionStatistics{}); }
TEST(RtpAllocation, NoneForTransportFeedback) { expect_none(TransportFeedbackOf100{}); }

TEST(LayerAllocation, NoneForVp8) { expect_none(LayerChoice{Codec::vp8, packets_of_vp8()}); }
TEST(LayerAllocation, NoneForVp9) { expect_none(LayerChoice{Codec::vp9, packets_of_svc(test::Vp9Stream{false})}); }
TEST(LayerAllocation, NoneForDescriptors) { expect_none(LayerChoice{Codec::av1, packets_of_svc(test::DescribedStream{false})}); }

TEST(FanOutAllocation, NoneForVideo) { expect_none(FanOut{{.legs = 10}}); }
TEST(FanOutAllocation, NoneForAudio) { expect_none(FanOut{{.kind = MediaKind::audio, .legs = 10}}); }
TEST(FanOutAllocation, NoneWithoutTheUpperLayer) { expect_none(FanOut{{.legs = 10, .wish = {.temporal = 0}}}); }
TEST(FanOutAllocation, NoneForSimulcast) { expect_none(FanOut{{.legs = 10, .encodings = 3}}); }
TEST(FanOutAllocation, NoneForAnAnsweredNack) { expect_none(AnsweredNack{}); }
TEST(FanOutAllocation, NoneToGroupABatch) { expect_none(BatchGrouping{}); }

TEST(HubAllocation, NoneToFindAPeer) { expect_none(PathLookup{100}); }
TEST(HubAllocation, NoneForAnUnknownPath) { expect_none(UnknownPath{100}); }
TEST(HubAllocation, NoneToLookIntoACheck) { expect_none(StunPeek{}); }
TEST(HubAllocation, NoneForACall) {
    Call call{{.subscribers = 10}};
    expect_none(call, 3 * Call::kSecond);
    EXPECT_GT(call.statistics().retransmitted, 500U) << "subscribers ask again";
    EXPECT_EQ(call.statistics().nacks_sent, 0U);
}
TEST(HubAllocation, NoneForACallWithLoss) {
    Call call{{.subscribers = 10, .lost_every = 100}};
    expect_none(call, 3 * Call::kSecond);
    EXPECT_GT(call.statistics().nacks_sent, 50U);
}

TEST(HandOverAllocation, NoneForPacketsOfDataChannels) {
    expect_none(LanePushAndTake{});
    expect_none(InboxPushAndTake{});
}
TEST(HandOverAllocation, NoneForPacketsOfARecording) { expect_none(RecordingRing{}); }
TEST(HandOverAllocation, NoneForDatagramsOfASocket) { expect_none(SocketRoundTrip{}); }

}  // namespace
}  // namespace cardea::bench
