#include "cases/layers.hpp"
#include "measure.hpp"

namespace cardea::bench {
namespace {

void BM_LayerFilter_Vp8(benchmark::State& state) {
    LayerChoice choice{Codec::vp8, packets_of_vp8()};
    measure(state, choice);
}
BENCHMARK(BM_LayerFilter_Vp8);

void BM_LayerFilter_Vp9Svc(benchmark::State& state) {
    LayerChoice choice{Codec::vp9, packets_of_svc(test::Vp9Stream{false})};
    measure(state, choice);
}
BENCHMARK(BM_LayerFilter_Vp9Svc);

void BM_LayerFilter_Av1Descriptor(benchmark::State& state) {
    LayerChoice choice{Codec::av1, packets_of_svc(test::DescribedStream{false})};
    measure(state, choice);
}
BENCHMARK(BM_LayerFilter_Av1Descriptor);

}  // namespace
}  // namespace cardea::bench
