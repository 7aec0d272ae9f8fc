// Cost of SRTP a packet. The fan-out case goes round many peers, as a worker does, so that their contexts are not all in the cache.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/random.hpp"
#include "proto/srtp/srtp.hpp"

namespace {

using namespace cardea;

SrtpKeys random_keys(SrtpProfile profile) {
    std::array<std::uint8_t, SrtpKeys::kMaxKey + SrtpKeys::kMaxSalt> raw{};
    random_bytes(raw);
    const auto sizes = sizes_of(profile);
    return SrtpKeys::from(profile, Bytes{raw}.first(sizes.key), Bytes{raw}.last(sizes.salt));
}

std::vector<std::uint8_t> rtp_of(std::size_t size) {
    std::vector<std::uint8_t> packet(size + kSrtpMaxOverhead);
    packet[0] = 0x80;
    packet[1] = 96;
    return packet;
}

void count(benchmark::State& state, std::size_t size) {
    state.SetItemsProcessed(state.iterations());
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(size));
}

// Arguments: profile, packet size, peers.
void BM_SrtpOut_FanOut(benchmark::State& state) {
    const auto profile = static_cast<SrtpProfile>(state.range(0));
    const auto size = static_cast<std::size_t>(state.range(1));
    std::vector<SrtpOut> peers;
    for (std::int64_t i = 0; i < state.range(2); ++i) peers.emplace_back(random_keys(profile));
    const auto header = rtp_of(12);
    const std::vector<std::uint8_t> payload(size - 12, 0x5a);
    std::vector<std::uint8_t> batch(64 * 2048);
    std::size_t slot = 0;
    std::size_t peer = 0;
    for (auto _ : state) {
        const auto destination = MutableBytes{batch}.subspan(slot * 2048, 2048);
        std::copy_n(header.begin(), 12, destination.begin());
        benchmark::DoNotOptimize(peers[peer].protect_rtp_from(destination, 12, payload, 0));
        slot = (slot + 1) % 64;
        peer = (peer + 1) % peers.size();
    }
    count(state, size);
}
BENCHMARK(BM_SrtpOut_FanOut)
    ->ArgNames({"profile", "bytes", "peers"})
    ->ArgsProduct({{0, 1, 2}, {172, 1100}, {100, 3000}});

// Sealed and opened: what is opened must be fresh each time, and pausing the clock costs more than the work. Subtract the case above.
void BM_SrtpIn_SealAndOpen(benchmark::State& state) {
    const auto keys = random_keys(static_cast<SrtpProfile>(state.range(0)));
    const auto size = static_cast<std::size_t>(state.range(1));
    SrtpOut out{keys};
    SrtpIn in{keys};
    auto packet = rtp_of(size);
    std::uint32_t index = 0;
    for (auto _ : state) {
        ++index;
        packet[2] = static_cast<std::uint8_t>(index >> 8U);
        packet[3] = static_cast<std::uint8_t>(index);
        const auto sealed = out.protect_rtp(packet, size, index >> 16U).value_or(0);
        if (!in.unprotect_rtp(MutableBytes{packet}.first(sealed))) state.SkipWithError("not authentic");
    }
    count(state, size);
}
BENCHMARK(BM_SrtpIn_SealAndOpen)->ArgNames({"profile", "bytes"})->ArgsProduct({{0, 1, 2}, {172, 1100}});

}  // namespace

BENCHMARK_MAIN();
