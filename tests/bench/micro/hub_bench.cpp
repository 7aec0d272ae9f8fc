#include "cases/hub.hpp"
#include "measure.hpp"

namespace cardea::bench {
namespace {

void BM_PeerHub_PathLookup(benchmark::State& state) {
    PathLookup lookup{static_cast<std::size_t>(state.range(0))};
    measure(state, lookup);
}
BENCHMARK(BM_PeerHub_PathLookup)->ArgName("peers")->Arg(1)->Arg(100)->Arg(1000);

void BM_PeerHub_UnknownPath(benchmark::State& state) {
    UnknownPath path{static_cast<std::size_t>(state.range(0))};
    measure(state, path);
}
BENCHMARK(BM_PeerHub_UnknownPath)->ArgName("peers")->Arg(1000);

void BM_PeerHub_Call(benchmark::State& state) {
    Call call{{.subscribers = static_cast<std::size_t>(state.range(0)), .lost_every = static_cast<unsigned>(state.range(1))}};
    measure(state, call);
}
BENCHMARK(BM_PeerHub_Call)->ArgNames({"subscribers", "lost_every"})->Args({1, 0})->Args({1, 100})->Args({10, 0})->Args({100, 0});

void BM_PeerHub_SecondOfIdlePeers(benchmark::State& state) {
    IdlePeers idle{static_cast<std::size_t>(state.range(0))};
    measure(state, idle);
}
BENCHMARK(BM_PeerHub_SecondOfIdlePeers)->ArgName("peers")->Arg(200)->Arg(10'000);

void BM_PeerHub_StunCheck(benchmark::State& state) {
    StunCheck check;
    measure(state, check);
}
BENCHMARK(BM_PeerHub_StunCheck);

void BM_StunServer_PeekUsername(benchmark::State& state) {
    StunPeek peek;
    measure(state, peek);
}
BENCHMARK(BM_StunServer_PeekUsername);

}  // namespace
}  // namespace cardea::bench
