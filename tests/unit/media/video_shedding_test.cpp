#include "media/video_shedding.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace cardea {
namespace {

constexpr auto kLate = VideoShedding::kLate;
constexpr auto kWindow = VideoShedding::kWindow;

class Shedding : public ::testing::Test {
  protected:
    // Reads every millisecond that find their newest datagram so old.
    void read_for(Duration time, Duration waited) {
        for (const auto end = now_ + time; now_ < end; now_ += 1ms) shedding_.on_read(now_, waited);
    }
    Instant now_ = instant_of_ns(1'000'000'000'000);
    VideoShedding shedding_;
};

TEST_F(Shedding, WhoKeepsUpShedsNothing) {
    read_for(10s, 9ms);
    EXPECT_FALSE(shedding_.is_base_only());
    EXPECT_EQ(shedding_.share(), 0U);
}

TEST_F(Shedding, AHiccupIsWorkedOff) {
    for (int i = 0; i < 20; ++i) {
        read_for(kWindow - 20ms, 300ms);
        read_for(40ms, 0ms);
        EXPECT_FALSE(shedding_.is_base_only()) << i;
    }
}

TEST_F(Shedding, FirstBaseLayersThenLegsByAndBy) {
    read_for(2 * kWindow, 2 * kLate);
    EXPECT_TRUE(shedding_.is_base_only());
    EXPECT_EQ(shedding_.share(), 0U);
    unsigned last = 0;
    for (int i = 0; i < 20; ++i) {
        read_for(kWindow, 2 * kLate);
        EXPECT_GT(shedding_.share(), last);
        last = shedding_.share();
        EXPECT_LE(last, VideoShedding::kPlaces);
        if (last == VideoShedding::kPlaces) break;
    }
    read_for(10 * kWindow, 10s);
    EXPECT_EQ(shedding_.share(), VideoShedding::kPlaces);
}

TEST_F(Shedding, TheFurtherBehindTheMore) {
    VideoShedding little;
    VideoShedding far;
    for (; now_ < instant_of_ns(1'001'000'000'000); now_ += 1ms) {
        little.on_read(now_, kLate + 1ms);
        far.on_read(now_, 500ms);
    }
    EXPECT_GT(little.share(), 0U);
    EXPECT_GT(far.share(), 4 * little.share());
}

TEST_F(Shedding, AllComesBackWhenTheWorkerKeepsUp) {
    read_for(5 * kWindow, 30ms);
    ASSERT_GT(shedding_.share(), 0U);
    read_for(kWindow, 0ms);
    const auto most = shedding_.share();
    read_for(500ms, 0ms);
    EXPECT_EQ(shedding_.share(), most) << "not at once";
    read_for(60s, 0ms);
    EXPECT_EQ(shedding_.share(), 0U);
    EXPECT_FALSE(shedding_.is_base_only());
}

TEST_F(Shedding, SilenceIsNotLateness) {
    read_for(kWindow, 1s);
    now_ += 10s;
    read_for(10ms, 1s);
    EXPECT_FALSE(shedding_.is_base_only());
}

// A worker of which each leg takes a share: what it cannot carry waits, and waits longer.
class Overloaded {
  public:
    explicit Overloaded(double load) : load_{load} {}
    void run_for(Duration time) {
        for (const auto end = now_ + time; now_ < end; now_ += 1ms) {
            const auto carried = load_ * (1 - static_cast<double>(shedding.share()) / VideoShedding::kPlaces);
            backlog_ms_ = std::max(0.0, backlog_ms_ + carried - 1);
            most_ms = std::max(most_ms, backlog_ms_);
            late_ms += backlog_ms_ > 10 ? 1 : 0;
            shedding.on_read(now_, std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::milli>{backlog_ms_}));
            changes += shedding.share() != std::exchange(last_, shedding.share()) ? 1 : 0;
        }
    }
    VideoShedding shedding;
    double most_ms = 0;
    int late_ms = 0;
    int changes = 0;

  private:
    double load_;
    double backlog_ms_ = 0;
    unsigned last_ = 0;
    Instant now_ = instant_of_ns(1'000'000'000'000);
};

TEST(SheddingOfAWorker, FindsWhatItCanCarryAndStaysNearIt) {
    for (const double load : {1.05, 1.4, 2.0, 5.0}) {
        Overloaded worker{load};
        worker.run_for(60s);
        const auto needed = 1 - 1 / load;
        worker.late_ms = worker.changes = 0;
        worker.run_for(300s);
        EXPECT_GE(static_cast<double>(worker.shedding.share()) / VideoShedding::kPlaces, needed - 0.05) << load;
        EXPECT_LE(static_cast<double>(worker.shedding.share()) / VideoShedding::kPlaces, needed + 0.35) << load;
        EXPECT_LT(worker.late_ms, 300 * 100) << load << ": a tenth of the time";
        EXPECT_LT(worker.changes, 200) << load << ": pictures come and go";
    }
}

TEST(SheddingOfAWorker, LegsAreSpreadOverThePlaces) {
    std::set<unsigned> quarters;
    unsigned first_half = 0;
    for (std::uint64_t id = 1; id <= 1000; ++id) {
        const auto place = VideoShedding::place_of(SinkId{id});
        quarters.insert(place / 64U);
        if (place < 128) ++first_half;
    }
    EXPECT_EQ(quarters.size(), 4U);
    EXPECT_NEAR(first_half, 500, 60);
}

}  // namespace
}  // namespace cardea
