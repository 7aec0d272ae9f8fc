// The timers of control and plugin threads. Those of peers are a heap of the hub: see BM_PeerHub_SecondOfIdlePeers.
#include "cases/common.hpp"
#include "measure.hpp"
#include "runtime/loop/timer_queue.hpp"

namespace cardea::bench {
namespace {

// Of many running timers one is due, and starts itself anew.
class RunningTimers {
  public:
    static constexpr int kWarmUp = 64;
    explicit RunningTimers(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) start(kBegin + 1ms * static_cast<int>(i));
        period_ = 1ms * static_cast<int>(count);
    }
    std::size_t step() {
        const auto before = ran_;
        timers_.run_due(now_);
        now_ += 1ms;
        return ran_ - before;
    }

  private:
    void start(Instant at) {
        timers_.add(at, [this] {
            ++ran_;
            start(now_ + period_);
        });
    }
    TimerQueue timers_;
    Instant now_ = kBegin;
    Duration period_{};
    std::size_t ran_ = 0;
};
void BM_TimerQueue_RunAndRestart(benchmark::State& state) {
    RunningTimers timers{static_cast<std::size_t>(state.range(0))};
    measure(state, timers);
}
BENCHMARK(BM_TimerQueue_RunAndRestart)->ArgName("timers")->Arg(1)->Arg(1000);

// A session's timeout that never comes: pushed back with every request.
class Timeout {
  public:
    static constexpr int kWarmUp = 64;
    Timeout() {
        for (int i = 0; i < 1000; ++i) timers_.add(kBegin + 60s + 1ms * i, [] {});
    }
    std::size_t step() {
        now_ += 1ms;
        const auto id = timers_.add(now_ + 60s, [] {});
        return timers_.cancel(id) ? 1 : 0;
    }

  private:
    TimerQueue timers_;
    Instant now_ = kBegin;
};
void BM_TimerQueue_AddAndCancel(benchmark::State& state) {
    Timeout timeout;
    measure(state, timeout);
}
BENCHMARK(BM_TimerQueue_AddAndCancel);

}  // namespace
}  // namespace cardea::bench
