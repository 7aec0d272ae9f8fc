// A case is something that can be done again and again: step() does it once and gives how many packets (or messages, or requests) that
// were; 0 says that it went wrong. kWarmUp steps bring it where nothing has to grow any more.
#pragma once

#include <benchmark/benchmark.h>

#include "allocations.hpp"

namespace cardea::bench {

// Reports "per_item", the time a packet, and "allocs", the allocations a packet.
template <class Case>
void measure(benchmark::State& state, Case& measured) {
    for (int i = 0; i < Case::kWarmUp; ++i) static_cast<void>(measured.step());
    std::uint64_t items = 0;
    bool failed = false;
    const auto before = allocations();
    for (auto _ : state) {
        const std::size_t done = measured.step();
        failed |= done == 0;
        items += done;
    }
    const auto made = allocations() - before;
    if (failed) return state.SkipWithError("a step did nothing");
    const auto count = static_cast<double>(items);
    state.counters["per_item"] = benchmark::Counter(count, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
    state.counters["allocs"] = static_cast<double>(made) / count;
}

}  // namespace cardea::bench
