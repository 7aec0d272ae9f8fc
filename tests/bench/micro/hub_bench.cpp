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

// Peers that are up and silent: nothing but timers, a second of them.
class IdlePeers {
  public:
    static constexpr int kWarmUp = 4;
    explicit IdlePeers(std::size_t peers) : peers_{peers} {
        for (std::size_t i = 0; i < peers; ++i) world_.add_client(static_cast<std::uint16_t>(2000 + i), peer_config(1 + i, world_)).handshake();
    }
    std::size_t step() {
        world_.run_for(1s);
        return world_.hangups.empty() ? peers_ : 0;
    }

  private:
    test::World world_{HubOptions{.consent_timeout = std::chrono::hours{100'000}}};
    std::size_t peers_;
};
void BM_PeerHub_SecondOfIdlePeers(benchmark::State& state) {
    IdlePeers idle{static_cast<std::size_t>(state.range(0))};
    measure(state, idle);
}
BENCHMARK(BM_PeerHub_SecondOfIdlePeers)->ArgName("peers")->Arg(200);

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
