// The hand-over between workers and the SCTP thread: bounds, order, and many threads at once (for the thread sanitizer).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <array>
#include <thread>

#include "runtime/data_inbox.hpp"
#include "base/packet_lane.hpp"
#include "runtime/sctp_thread.hpp"

namespace cardea {
namespace {

constexpr auto kPatience = 10s;

std::vector<std::uint8_t> packet_of(std::size_t size, std::uint8_t value = 7) { return std::vector<std::uint8_t>(size, value); }
bool is_readable(int fd) {
    pollfd ready{fd, POLLIN, 0};
    return poll(&ready, 1, 0) == 1;
}

TEST(PacketLane, HandsPacketsOverInOrder) {
    PacketLane lane{1000};
    ASSERT_TRUE(lane.push(PeerId{1}, packet_of(3)));
    ASSERT_TRUE(lane.push(PeerId{2}, packet_of(5, 9)));
    EXPECT_TRUE(is_readable(lane.fd()));
    PacketBatch batch;
    lane.take_all(batch);
    EXPECT_FALSE(is_readable(lane.fd()));
    const auto first = batch.take();
    EXPECT_EQ(first.label, PeerId{1});
    EXPECT_EQ(first.packet.size(), 3U);
    const auto second = batch.take();
    EXPECT_EQ(second.label, PeerId{2});
    EXPECT_THAT(second.packet, testing::Each(9));
    EXPECT_TRUE(batch.empty());
}

TEST(PacketLane, RefusesWhatDoesNotFit) {
    PacketLane lane{1000};
    EXPECT_TRUE(lane.push(PeerId{1}, packet_of(600)));
    EXPECT_FALSE(lane.push(PeerId{1}, packet_of(401)));
    EXPECT_TRUE(lane.push(PeerId{1}, packet_of(400)));
    PacketBatch batch;
    lane.take_all(batch);
    EXPECT_TRUE(lane.push(PeerId{1}, packet_of(1000))) << "empty again";
}

TEST(DataInbox, OnePeerCannotTakeTheRoomOfTheOthers) {
    DataInbox inbox;
    DataBudget greedy, modest;
    const auto packet = packet_of(1000);
    for (std::size_t sent = 0; sent < 2 * DataInbox::kBytesOfPeer; sent += packet.size()) inbox.push(PeerId{1}, packet, greedy);
    inbox.push(PeerId{2}, packet, modest);
    DataInbox::Contents contents;
    inbox.take_all(contents);
    EXPECT_GT(contents.dropped, 500U);
    std::size_t of_greedy = 0, of_modest = 0;
    while (!contents.packets.empty()) ++(contents.packets.take().label == PeerId{1} ? of_greedy : of_modest);
    EXPECT_LE(of_greedy * packet.size(), DataInbox::kBytesOfPeer);
    EXPECT_EQ(of_modest, 1U);
    inbox.push(PeerId{1}, packet, greedy);
    inbox.take_all(contents);
    EXPECT_EQ(contents.dropped, 0U) << "a new round";
    EXPECT_FALSE(contents.packets.empty());
}

TEST(DataInbox, NeverDropsACommand) {
    DataInbox inbox;
    std::vector<DataBudget> budgets(40);
    for (std::uint64_t i = 0; i < 40; ++i)
        for (std::size_t sent = 0; sent < DataInbox::kBytesOfPeer; sent += 1000) inbox.push(PeerId{i}, packet_of(1000), budgets[i]);
    for (int i = 0; i < 1000; ++i) inbox.push([](DataRouter&) {});
    DataInbox::Contents contents;
    inbox.take_all(contents);
    EXPECT_EQ(contents.commands.size(), 1000U);
    EXPECT_GT(contents.dropped, 0U);
}

// Two workers whose peers are each other's clients: what leaves for peer 1 arrives from peer 2.
class TwoWorkers {
  public:
    TwoWorkers() {
        for (auto& lane : lanes_) lane = std::make_unique<PacketLane>(1024 * 1024);
        sctp_ = std::make_unique<SctpThread>(lanes_);
        for (std::size_t i = 0; i < 2; ++i) threads_[i] = std::thread{[this, i] { run(i); }};
    }
    ~TwoWorkers() {
        stopping_.store(true);
        for (auto& thread : threads_) thread.join();
    }
    SctpThread& sctp() { return *sctp_; }

    // Peers 2n and 2n+1, on one worker each.
    void open_pair(std::uint64_t n) {
        for (std::uint32_t side = 0; side < 2; ++side) {
            const auto id = 2 * n + side;
            sctp_->open({.id = PeerId{id}, .worker = side, .source = SourceId{id}, .sink = SinkId{id}, .even_streams = side == 0});
        }
    }
    void close_pair(std::uint64_t n) {
        for (std::uint64_t id = 2 * n; id < 2 * n + 2; ++id) sctp_->close(PeerId{id}, SourceId{id}, SinkId{id});
    }
    [[nodiscard]] std::size_t carried() const { return carried_.load(); }

  private:
    void run(std::size_t index) {
        std::map<PeerId, DataBudget> budgets;
        PacketBatch batch;
        while (!stopping_.load()) {
            pollfd ready{lanes_[index]->fd(), POLLIN, 0};
            poll(&ready, 1, 5);
            lanes_[index]->take_all(batch);
            while (!batch.empty()) {
                const auto [peer, packet] = batch.take();
                const PeerId other{peer.value ^ 1U};
                sctp_->on_packet(other, packet, budgets[other]);
                ++carried_;
            }
        }
    }

    SctpThread::Lanes lanes_{2};
    std::unique_ptr<SctpThread> sctp_;
    std::atomic<bool> stopping_{false};
    std::atomic<std::size_t> carried_{0};
    std::array<std::thread, 2> threads_;
};

bool eventually(const std::function<bool()>& condition) {
    for (const auto end = MonotonicClock::now() + kPatience; MonotonicClock::now() < end; std::this_thread::sleep_for(1ms))
        if (condition()) return true;
    return condition();
}

TEST(SctpThread, AssociationsComeUpAndGo) {
    TwoWorkers workers;
    constexpr std::uint64_t kPairs = 20;
    for (std::uint64_t n = 1; n <= kPairs; ++n) workers.open_pair(n);
    EXPECT_TRUE(eventually([&] { return workers.sctp().statistics().associations == 2 * kPairs; }));
    // INIT, its answer, cookie and its answer: four packets at least for each pair.
    EXPECT_TRUE(eventually([&] { return workers.carried() >= 4 * kPairs; }));
    for (std::uint64_t n = 1; n <= kPairs; ++n) workers.close_pair(n);
    EXPECT_TRUE(eventually([&] { return workers.sctp().statistics().associations == 0; }));
}

TEST(SctpThread, TakesCommandsAndPacketsOfManyThreads) {
    TwoWorkers workers;
    std::vector<std::thread> threads;
    for (std::uint64_t t = 0; t < 4; ++t)
        threads.emplace_back([&workers, t] {
            DataBudget budget;
            for (std::uint64_t i = 1; i <= 100; ++i) {
                const auto n = t * 1000 + i;
                workers.open_pair(n);
                workers.sctp().route(SinkId{2 * n}, SourceId{2 * n + 1}, {.label = "x"});
                workers.sctp().on_packet(PeerId{2 * n}, packet_of(100), budget);
                workers.sctp().set_source_active(SourceId{2 * n}, i % 2 == 0);
                workers.sctp().unroute(SinkId{2 * n}, SourceId{2 * n + 1});
                static_cast<void>(workers.sctp().statistics());
                workers.close_pair(n);
            }
        });
    for (auto& thread : threads) thread.join();
    EXPECT_TRUE(eventually([&] { return workers.sctp().statistics().associations == 0; }));
}

TEST(SctpThread, EndsWithAssociationsUp) {
    TwoWorkers workers;
    workers.open_pair(1);
    EXPECT_TRUE(eventually([&] { return workers.carried() >= 4; }));
}

}  // namespace
}  // namespace cardea
