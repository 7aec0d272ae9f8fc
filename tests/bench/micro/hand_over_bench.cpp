#include "base/mailbox.hpp"
#include "cases/hand_over.hpp"
#include "measure.hpp"

namespace cardea::bench {
namespace {

template <class Case>
void BM(benchmark::State& state) {
    Case measured;
    measure(state, measured);
}
BENCHMARK(BM<LanePushAndTake>)->Name("BM_PacketLane_16PushedAndTaken");
BENCHMARK(BM<InboxPushAndTake>)->Name("BM_DataInbox_16PushedAndTaken");
BENCHMARK(BM<RecordingRing>)->Name("BM_PacketRing_PushAndDrain");

// Tasks from one thread to itself, so many at a time: the first one wakes.
class Tasks {
  public:
    static constexpr int kWarmUp = 16;
    explicit Tasks(std::size_t count) : count_{count} {}
    std::size_t step() {
        for (std::size_t i = 0; i < count_; ++i)
            if (!mailbox_.push([this, i] { last_ = i; })) return 0;
        mailbox_.take_all(inbox_);
        for (auto& task : inbox_) task();
        return inbox_.size();
    }

  private:
    std::size_t count_;
    TaskMailbox mailbox_;
    std::vector<Task> inbox_;
    volatile std::size_t last_ = 0;
};
void BM_Mailbox_PushAndRun(benchmark::State& state) {
    Tasks tasks{static_cast<std::size_t>(state.range(0))};
    measure(state, tasks);
}
BENCHMARK(BM_Mailbox_PushAndRun)->ArgName("tasks")->Arg(1)->Arg(16);

}  // namespace
}  // namespace cardea::bench
