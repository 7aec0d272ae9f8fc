// The benchmarks of all *_bench.cpp beside this file.
#include <benchmark/benchmark.h>

BENCHMARK_MAIN();
