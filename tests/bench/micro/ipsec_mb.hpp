// For cases that need libipsec-mb: a machine without it says so in their place.
#pragma once

#include <benchmark/benchmark.h>

#include <string>

#include "proto/srtp/srtp.hpp"

namespace cardea::bench {

inline bool is_without_ipsec_mb(benchmark::State& state) {
    const std::string problem{ipsec_mb_problem()};
    if (!problem.empty()) state.SkipWithError(("libipsec-mb is not usable: " + problem).c_str());
    return !problem.empty();
}

}  // namespace cardea::bench
