#include "cases/rtp.hpp"
#include "measure.hpp"

namespace cardea::bench {
namespace {

template <class Case>
void BM(benchmark::State& state) {
    Case measured;
    measure(state, measured);
}
BENCHMARK(BM<RtpParse>)->Name("BM_Rtp_ParseWithFourExtensions");
BENCHMARK(BM<HeaderRewrite>)->Name("BM_RtpRewriter_HeaderOfALeg");
BENCHMARK(BM<HeaderRewriteOfHalf>)->Name("BM_RtpRewriter_EverySecondLeftOut");
BENCHMARK(BM<StorePutAndFind>)->Name("BM_PacketStore_TakePutEvictFind");
BENCHMARK(BM<NackTrackerInOrder>)->Name("BM_NackTracker_InOrder");
BENCHMARK(BM<NackTrackerWithLoss>)->Name("BM_NackTracker_FivePercentLost");
BENCHMARK(BM<ReceptionStatistics>)->Name("BM_ReceptionStats_Packet");
BENCHMARK(BM<TransportFeedbackOf100>)->Name("BM_TwccRecorder_FeedbackOf100");

}  // namespace
}  // namespace cardea::bench
