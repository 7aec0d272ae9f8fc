#include "cases/media.hpp"
#include "ipsec_mb.hpp"
#include "measure.hpp"

namespace cardea::bench {
namespace {

std::size_t legs_of(const benchmark::State& state) { return static_cast<std::size_t>(state.range(0)); }

void BM_FanOut_Video(benchmark::State& state) {
    FanOut fan_out{{.legs = legs_of(state)}};
    measure(state, fan_out);
}
BENCHMARK(BM_FanOut_Video)->ArgName("legs")->Arg(1)->Arg(10)->Arg(100);

void BM_FanOut_Audio(benchmark::State& state) {
    FanOut fan_out{{.kind = MediaKind::audio, .legs = legs_of(state)}};
    measure(state, fan_out);
}
BENCHMARK(BM_FanOut_Audio)->ArgName("legs")->Arg(1)->Arg(10)->Arg(100);

void BM_FanOut_VideoByIpsecMb(benchmark::State& state) {
    if (is_without_ipsec_mb(state)) return;
    FanOut fan_out{{.legs = legs_of(state), .srtp = SrtpBackend::ipsec_mb}};
    measure(state, fan_out);
}
BENCHMARK(BM_FanOut_VideoByIpsecMb)->ArgName("legs")->Arg(1)->Arg(10)->Arg(100);

void BM_FanOut_AudioByIpsecMb(benchmark::State& state) {
    if (is_without_ipsec_mb(state)) return;
    FanOut fan_out{{.kind = MediaKind::audio, .legs = legs_of(state), .srtp = SrtpBackend::ipsec_mb}};
    measure(state, fan_out);
}
BENCHMARK(BM_FanOut_AudioByIpsecMb)->ArgName("legs")->Arg(1)->Arg(10)->Arg(100);

void BM_FanOut_VideoWithoutUpperLayer(benchmark::State& state) {
    FanOut fan_out{{.legs = legs_of(state), .wish = {.temporal = 0}}};
    measure(state, fan_out);
}
BENCHMARK(BM_FanOut_VideoWithoutUpperLayer)->ArgName("legs")->Arg(1)->Arg(10)->Arg(100);

void BM_FanOut_Simulcast(benchmark::State& state) {
    FanOut fan_out{{.legs = legs_of(state), .encodings = 3}};
    measure(state, fan_out);
}
BENCHMARK(BM_FanOut_Simulcast)->ArgName("legs")->Arg(1)->Arg(10)->Arg(100);

void BM_Sink_AnsweredNack(benchmark::State& state) {
    AnsweredNack nack;
    measure(state, nack);
}
BENCHMARK(BM_Sink_AnsweredNack);

void BM_SendBatch_FourTo100(benchmark::State& state) {
    BatchGrouping batch;
    measure(state, batch);
}
BENCHMARK(BM_SendBatch_FourTo100);

}  // namespace
}  // namespace cardea::bench
