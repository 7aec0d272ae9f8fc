// A message of a data channel from one client to so many others, over SCTP both ways. The clients are of the same stack, so what they
// cost, about half, is in it, and so is a copy of each packet on its way.
#include <deque>
#include <memory>

#include "cases/common.hpp"
#include "measure.hpp"
#include "peer/data_router.hpp"

namespace cardea::bench {
namespace {

constexpr std::uint64_t kClient = 1000;  // the client of peer 7 is association 1007

class DataClient final : public DataObserver {
  public:
    DataClient(SctpStack& stack, std::uint64_t peer)
        : channels{stack, {.sctp = {.id = AssociationId{kClient + peer}}, .even_streams = true}, *this, statistics} {}
    void on_data_up() override {}
    void on_channel_open(StreamId, const ChannelOptions&) override {}
    void on_channel_closed(StreamId) override {}
    void on_message(StreamId, DataFormat, Bytes) override { ++received; }
    void on_data_down() override {}
    std::size_t received = 0;
    DataStatistics statistics;
    DataChannels channels;
};

class DataFanOut final : private SctpOutput {
  public:
    static constexpr int kWarmUp = 256;
    DataFanOut(std::size_t receivers, std::size_t size) : message_(size, 'x') {
        for (std::uint64_t peer = 1; peer <= receivers + 1; ++peer) {
            router_.open({.id = PeerId{peer}, .source = source(peer), .sink = sink(peer)});
            clients_.push_back(std::make_unique<DataClient>(stack_, peer));
        }
        settle(100);
        for (std::uint64_t peer = 2; peer <= receivers + 1; ++peer) router_.route(sink(peer), source(1), {});
        stream_ = clients_.front()->channels.open({"chat", "", {}}).value_or(0);
        settle(100);
    }
    // As many messages as arrived.
    std::size_t step() {
        const auto before = received();
        if (!clients_.front()->channels.send(stream_, DataFormat::text, message_)) return 0;
        settle(1);
        return received() - before;
    }

  private:
    static SourceId source(std::uint64_t peer) { return SourceId{peer * 10}; }
    static SinkId sink(std::uint64_t peer) { return SinkId{peer * 10 + 1}; }
    struct Flight {
        AssociationId to;
        std::vector<std::uint8_t> packet;
    };
    void send_sctp(AssociationId from, Bytes packet) override {
        const bool of_client = from.value >= kClient;
        flying_.push_back({AssociationId{of_client ? from.value - kClient : from.value + kClient}, {packet.begin(), packet.end()}});
    }
    void settle(int ticks) {
        for (; ticks > 0; --ticks) {
            while (!flying_.empty()) {
                const auto flight = std::move(flying_.front());
                flying_.pop_front();
                if (flight.to.value >= kClient)
                    stack_.on_packet(flight.to, flight.packet);
                else
                    router_.on_packet(PeerId{flight.to.value}, flight.packet);
            }
            now_ += SctpStack::kTick;
            stack_.on_timer(now_);
        }
    }
    [[nodiscard]] std::size_t received() const noexcept {
        std::size_t sum = 0;
        for (const auto& client : clients_) sum += client->received;
        return sum;
    }

    Instant now_ = kBegin;
    std::deque<Flight> flying_;
    SctpStack stack_{*this};
    DataRouter router_{stack_};
    std::vector<std::unique_ptr<DataClient>> clients_;
    std::vector<std::uint8_t> message_;
    StreamId stream_{};
};

void BM_DataRouter_Message(benchmark::State& state) {
    DataFanOut fan_out{static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1))};
    measure(state, fan_out);
}
BENCHMARK(BM_DataRouter_Message)->ArgNames({"receivers", "bytes"})->Args({1, 100})->Args({10, 100})->Args({10, 1000});

}  // namespace
}  // namespace cardea::bench
