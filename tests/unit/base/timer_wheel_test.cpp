#include "base/timer_wheel.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <vector>

namespace cardea {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Alarm {
    Alarm(TimerWheel<Alarm>& wheel, int its_number) : timer{wheel, *this}, number{its_number} {}
    TimerWheel<Alarm>::Timer timer;
    int number;
};

constexpr Instant kBegin = instant_of_ns(1'000'000'000'000);

class TimerWheelTest : public testing::Test {
  protected:
    TimerWheelTest() { advance(kBegin); }
    Alarm& make() {
        const int number = static_cast<int>(alarms.size());
        return *(alarms[number] = std::make_unique<Alarm>(wheel, number));
    }
    Alarm& armed(Instant at) {
        auto& alarm = make();
        alarm.timer.arm(at);
        return alarm;
    }
    std::vector<int> advance(Instant now) {
        std::vector<int> fired;
        wheel.advance(now, [&](Alarm& alarm) {
            EXPECT_FALSE(alarm.timer.is_armed());
            fired.push_back(alarm.number);
            if (on_fire) on_fire(alarm);
        });
        return fired;
    }
    // Comes when it is told to, until then; counts how often in vain.
    std::vector<int> run_until(Instant end) {
        std::vector<int> fired;
        for (auto next = wheel.next(); next <= end; next = wheel.next()) {
            const auto now_fired = advance(next);
            if (now_fired.empty()) ++in_vain;
            fired.insert(fired.end(), now_fired.begin(), now_fired.end());
        }
        return fired;
    }

    TimerWheel<Alarm> wheel;
    std::map<int, std::unique_ptr<Alarm>> alarms;
    std::function<void(Alarm&)> on_fire;
    int in_vain = 0;
};

TEST_F(TimerWheelTest, HasNothingToComeBackForWhenNothingIsArmed) {
    EXPECT_EQ(wheel.next(), Instant::max());
    make();
    EXPECT_EQ(wheel.next(), Instant::max());
    EXPECT_THAT(advance(kBegin + 1h), IsEmpty());
}

TEST_F(TimerWheelTest, FiresOnceAndNotBeforeItsTime) {
    armed(kBegin + 5ms);
    EXPECT_EQ(wheel.next(), kBegin + 5ms);
    EXPECT_THAT(advance(kBegin + 5ms - 1ns), IsEmpty());
    EXPECT_THAT(advance(kBegin + 5ms), ElementsAre(0));
    EXPECT_THAT(advance(kBegin + 5ms), IsEmpty());
    EXPECT_THAT(advance(kBegin + 1h), IsEmpty());
    EXPECT_EQ(wheel.next(), Instant::max());
}

TEST_F(TimerWheelTest, RoundsUpToTheTick) {
    armed(kBegin + 5ms + 1ns);
    EXPECT_EQ(wheel.next(), kBegin + 6ms);
    EXPECT_THAT(advance(kBegin + 6ms - 1ns), IsEmpty());
    EXPECT_THAT(advance(kBegin + 6ms), ElementsAre(0));
}

TEST_F(TimerWheelTest, FiresInOrderOfTime) {
    for (const auto after : {4097ms, 3ms, 300'000ms, 70ms, 1ms, 4096ms, 64ms}) armed(kBegin + after);
    EXPECT_THAT(advance(kBegin + 1h), ElementsAre(4, 1, 6, 3, 5, 0, 2));
}

TEST_F(TimerWheelTest, FiresOfATickInTheOrderOfArming) {
    for (int i = 0; i < 4; ++i) armed(kBegin + 3ms);
    EXPECT_THAT(advance(kBegin + 3ms), ElementsAre(0, 1, 2, 3));
}

TEST_F(TimerWheelTest, FiresWhatWasPastWhenItWasArmedAtOnce) {
    armed(kBegin);
    armed(kBegin - 1h);
    armed(Instant::min());
    EXPECT_LE(wheel.next(), kBegin);
    EXPECT_THAT(advance(kBegin), ElementsAre(0, 1, 2));
}

TEST_F(TimerWheelTest, NeverFiresWhatIsForNever) {
    auto& alarm = armed(Instant::max());
    EXPECT_FALSE(alarm.timer.is_armed());
    EXPECT_EQ(wheel.next(), Instant::max());
    alarm.timer.arm(kBegin + 1ms);
    alarm.timer.arm(Instant::max());
    EXPECT_THAT(advance(kBegin + 1h), IsEmpty());
}

TEST_F(TimerWheelTest, FiresAtTheLastTickThereIs) {
    const auto last = Instant{Instant::max().time_since_epoch() / 1ms * 1ms};
    armed(last);
    EXPECT_EQ(wheel.next(), last);
    EXPECT_THAT(advance(last - 1ns), IsEmpty());
    EXPECT_THAT(advance(last), ElementsAre(0));
}

TEST_F(TimerWheelTest, MovesToAnEarlierTime) {
    armed(kBegin + 1h).timer.arm(kBegin + 2ms);
    EXPECT_EQ(wheel.next(), kBegin + 2ms);
    EXPECT_THAT(advance(kBegin + 2ms), ElementsAre(0));
    EXPECT_THAT(advance(kBegin + 2h), IsEmpty());
}

TEST_F(TimerWheelTest, MovesToALaterTime) {
    armed(kBegin + 2ms).timer.arm(kBegin + 1h);
    EXPECT_EQ(wheel.next(), kBegin + 1h);
    EXPECT_THAT(advance(kBegin + 1h - 1ns), IsEmpty());
    EXPECT_THAT(advance(kBegin + 1h), ElementsAre(0));
}

TEST_F(TimerWheelTest, ForgetsWhatIsCancelled) {
    auto& alarm = armed(kBegin + 2ms);
    armed(kBegin + 2ms);
    alarm.timer.cancel();
    EXPECT_FALSE(alarm.timer.is_armed());
    alarm.timer.cancel();
    EXPECT_THAT(advance(kBegin + 1h), ElementsAre(1));
}

TEST_F(TimerWheelTest, ForgetsWhatWasPastAndIsCancelled) {
    armed(kBegin).timer.cancel();
    EXPECT_EQ(wheel.next(), Instant::max());
    EXPECT_THAT(advance(kBegin), IsEmpty());
}

TEST_F(TimerWheelTest, ForgetsATimerThatGoes) {
    armed(kBegin + 2ms);
    armed(kBegin + 1h);
    alarms.clear();
    EXPECT_EQ(wheel.next(), Instant::max());
    EXPECT_THAT(advance(kBegin + 2h), IsEmpty());
}

// ---- from inside a visitor -----------------------------------------------------------------------------------------------

TEST_F(TimerWheelTest, AVisitorStartsItsTimerAnew) {
    armed(kBegin + 10ms);
    Instant at = kBegin + 10ms;
    on_fire = [&](Alarm& alarm) { alarm.timer.arm(at += 10ms); };
    for (int i = 1; i <= 1000; ++i) EXPECT_THAT(advance(kBegin + 10ms * i), ElementsAre(0)) << i;
}

TEST_F(TimerWheelTest, WhatAVisitorArmsForNowIsForTheNextCall) {
    armed(kBegin + 1ms);
    const auto now = kBegin + 100ms;
    on_fire = [&](Alarm& alarm) { alarm.timer.arm(now); };
    EXPECT_THAT(advance(now), ElementsAre(0));
    EXPECT_LE(wheel.next(), now);
    on_fire = nullptr;
    EXPECT_THAT(advance(now), ElementsAre(0));
    EXPECT_THAT(advance(now), IsEmpty());
}

TEST_F(TimerWheelTest, WhatAVisitorArmsForTimesThatWereJumpedOverIsForTheNextCall) {
    armed(kBegin + 1ms);
    on_fire = [&](Alarm& alarm) { alarm.timer.arm(kBegin + 2ms); };
    EXPECT_THAT(advance(kBegin + 1h), ElementsAre(0));
    EXPECT_LE(wheel.next(), kBegin + 1h);
}

TEST_F(TimerWheelTest, AVisitorCancelsOthersThatAreDue) {
    armed(kBegin + 1ms);
    armed(kBegin + 1ms);    // in the same slot
    armed(kBegin + 2ms);    // in another that is due
    armed(kBegin + 100ms);  // on another level
    armed(kBegin + 101ms);
    on_fire = [&](Alarm& alarm) {
        if (alarm.number == 0)
            for (int i = 1; i <= 3; ++i) alarms.at(i)->timer.cancel();
    };
    EXPECT_THAT(advance(kBegin + 1s), ElementsAre(0, 4));
    EXPECT_EQ(wheel.next(), Instant::max());
}

TEST_F(TimerWheelTest, AVisitorMovesOthersThatAreDue) {
    for (int i = 0; i < 4; ++i) armed(kBegin + 1ms);
    on_fire = [&](Alarm& alarm) {
        if (alarm.number != 0) return;
        alarms.at(1)->timer.arm(kBegin + 5ms);
        alarms.at(2)->timer.arm(kBegin);  // past: again for the next call
    };
    EXPECT_THAT(advance(kBegin + 1ms), ElementsAre(0, 3));
    EXPECT_THAT(advance(kBegin + 1ms), ElementsAre(2));
    EXPECT_THAT(advance(kBegin + 5ms), ElementsAre(1));
}

TEST_F(TimerWheelTest, AVisitorDestroysOwners) {
    for (int i = 0; i < 4; ++i) armed(kBegin + 1ms);
    armed(kBegin + 2ms);
    on_fire = [&](Alarm& alarm) {
        if (alarm.number == 0) {
            alarms.erase(1);
            alarms.erase(4);
        } else {
            alarm.timer.arm(kBegin + 5ms);
            alarms.erase(alarm.number);  // its own, armed
        }
    };
    EXPECT_THAT(advance(kBegin + 1s), ElementsAre(0, 2, 3));
    EXPECT_EQ(alarms.size(), 1U);
    EXPECT_EQ(wheel.next(), Instant::max());
}

TEST_F(TimerWheelTest, AVisitorEmptiesTheWheel) {
    for (int i = 0; i < 100; ++i) armed(kBegin + 1ms * (1 + i % 10) + 1min * (i % 3));
    on_fire = [&](Alarm&) { alarms.clear(); };
    EXPECT_EQ(advance(kBegin + 1h).size(), 1U);
    EXPECT_EQ(wheel.next(), Instant::max());
}

// ---- levels --------------------------------------------------------------------------------------------------------------

class TimerWheelLevel : public TimerWheelTest, public testing::WithParamInterface<int> {
  protected:
    [[nodiscard]] Duration slot_length() const { return TimerWheel<Alarm>::kTick * (std::int64_t{1} << 6 * GetParam()); }
    // Where a slot of this level begins.
    [[nodiscard]] Instant border(std::int64_t slot) const {
        return Instant{(kBegin.time_since_epoch() / slot_length() + slot) * slot_length()};
    }
    [[nodiscard]] std::set<Instant> times_around_borders() const {
        std::set<Instant> times;
        for (const std::int64_t slot : {1, 2, 62, 63, 64, 65, 128})
            for (int i = -2; i <= 2; ++i)
                if (const auto at = border(slot) + 1ms * i; at > kBegin) times.insert(at);
        return times;
    }
};

TEST_P(TimerWheelLevel, FiresToTheTickAroundABorder) {
    for (const auto at : times_around_borders()) {
        auto& alarm = armed(at);
        EXPECT_EQ(wheel.next(), at);
        EXPECT_THAT(advance(at - 1ns), IsEmpty()) << ns_of(at);
        EXPECT_EQ(wheel.next(), at);
        EXPECT_THAT(advance(at), ElementsAre(alarm.number)) << ns_of(at);
        EXPECT_EQ(wheel.next(), Instant::max());
    }
}

TEST_P(TimerWheelLevel, FiresToTheTickAroundABorderWhatWasArmedLongBefore) {
    const auto times = times_around_borders();
    for (const auto at : times) armed(at);
    int number = 0;
    for (const auto at : times) {
        EXPECT_THAT(advance(at - 1ns), IsEmpty()) << ns_of(at);
        EXPECT_THAT(advance(at), ElementsAre(number++)) << ns_of(at);
    }
    EXPECT_EQ(wheel.next(), Instant::max());
}

TEST_P(TimerWheelLevel, WakesNobodyInVainForTimersThatStay) {
    const auto times = times_around_borders();
    for (const auto at : times) armed(at);
    EXPECT_EQ(run_until(border(1000)).size(), times.size());
    EXPECT_EQ(in_vain, 0);
}

TEST_P(TimerWheelLevel, WakesInVainOnceForTimersThatAreGone) {
    auto& last = armed(border(4) - 1ms);
    for (auto after = Duration{1ms}; after < slot_length(); after *= 2) armed(border(4) - after).timer.cancel();
    EXPECT_EQ(run_until(border(4)), std::vector{last.number});
    EXPECT_LE(in_vain, 1);
}

INSTANTIATE_TEST_SUITE_P(Levels, TimerWheelLevel, testing::Range(0, 6));

// ---- jumps ---------------------------------------------------------------------------------------------------------------

TEST_F(TimerWheelTest, CatchesUpInOrderAfterALongSleep) {
    std::vector<int> all;
    for (int i = 0; i < 1000; ++i) all.push_back(armed(kBegin + 7ms * (i + 1)).number);
    armed(kBegin + std::chrono::hours{24 * 365} + 1s);
    EXPECT_EQ(advance(kBegin + std::chrono::hours{24 * 365}), all);
    EXPECT_EQ(wheel.next(), kBegin + std::chrono::hours{24 * 365} + 1s);
    EXPECT_THAT(run_until(wheel.next()), ElementsAre(1000));
}

TEST_F(TimerWheelTest, KeepsWhatLiesBehindAJump) {
    armed(kBegin + 10h + 3ms);
    EXPECT_THAT(advance(kBegin + 10h), IsEmpty());
    EXPECT_THAT(advance(kBegin + 10h + 2ms), IsEmpty());
    EXPECT_THAT(advance(kBegin + 10h + 3ms), ElementsAre(0));
}

TEST_F(TimerWheelTest, TakesATimeBeforeTheLastForTheLast) {
    advance(kBegin + 1s);
    armed(kBegin + 1s + 1ms);
    EXPECT_THAT(advance(kBegin), IsEmpty());
    EXPECT_EQ(wheel.next(), kBegin + 1s + 1ms);
    EXPECT_THAT(advance(kBegin + 1s + 1ms), ElementsAre(0));
}

// ---- against a model -----------------------------------------------------------------------------------------------------

// Which timer is due when, by a map ordered by time.
class Model {
  public:
    void arm(int number, Instant at, Instant now) {
        cancel(number);
        at = at <= now ? now : Instant{std::chrono::ceil<std::chrono::milliseconds>(at.time_since_epoch())};
        by_number_[number] = by_time_.emplace(at, number);
    }
    void cancel(int number) {
        const auto found = by_number_.find(number);
        if (found == by_number_.end()) return;
        by_time_.erase(found->second);
        by_number_.erase(found);
    }
    [[nodiscard]] bool has(int number) const { return by_number_.contains(number); }
    [[nodiscard]] Instant time_of(int number) const { return by_number_.at(number)->first; }
    [[nodiscard]] Instant next() const { return by_time_.empty() ? Instant::max() : by_time_.begin()->first; }

  private:
    std::multimap<Instant, int> by_time_;
    std::map<int, std::multimap<Instant, int>::iterator> by_number_;
};

class RandomTimers : public testing::TestWithParam<unsigned> {
  protected:
    static constexpr int kAlarms = 200;
    RandomTimers() {
        for (int i = 0; i < kAlarms; ++i) alarms_.push_back(std::make_unique<Alarm>(wheel_, i));
        advance();
    }
    void step() {
        for (int i = random_below(5); i > 0; --i) change(random_below(kAlarms));
        ASSERT_LE(wheel_.next(), model_.next());
        switch (random_below(4)) {
            case 0: now_ += 1ns * random_below(3'000'000); break;
            case 1: now_ += std::max<Duration>(random_time(), 0ns); break;
            default:
                if (wheel_.next() != Instant::max()) now_ = std::max(now_, wheel_.next());
        }
        advance();
    }

  private:
    int random_below(int bound) { return std::uniform_int_distribution{0, bound - 1}(random_); }
    // Of every order of magnitude, on ticks and beside them, a little in the past too.
    Duration random_time() {
        Duration time = 1ms * std::uniform_int_distribution<std::int64_t>{0, std::int64_t{1} << random_below(35)}(random_);
        if (random_below(2) == 0) time += 1ns * random_below(1'000'000);
        return random_below(20) == 0 ? -time / 1000 : time;
    }
    void change(int number) {
        auto& alarm = alarms_[static_cast<std::size_t>(number)];
        const int what = random_below(6);
        if (what > 1) {
            const auto at = now_ + random_time();
            alarm->timer.arm(at);
            return model_.arm(number, at, now_);
        }
        if (what == 0) alarm->timer.cancel();
        if (what == 1) alarm = std::make_unique<Alarm>(wheel_, number);
        model_.cancel(number);
    }
    // What was due before the call and no visitor took away fires in order, and nothing else does.
    void advance() {
        Instant before = Instant::min();
        std::set<int> armed_meanwhile;
        wheel_.advance(now_, [&](const Alarm& alarm) {
            const int number = alarm.number;
            ASSERT_FALSE(armed_meanwhile.contains(number)) << "it is for the next call";
            ASSERT_TRUE(model_.has(number)) << "nobody armed it";
            const auto at = model_.time_of(number);
            ASSERT_LE(at, now_) << "early";
            ASSERT_GE(at, before) << "out of order";
            before = at;
            model_.cancel(number);
            for (int i = random_below(3); i > 0; --i) {
                const int changed = random_below(4) == 0 ? number : random_below(kAlarms);
                change(changed);
                armed_meanwhile.insert(changed);
            }
        });
        for (int i = 0; i < kAlarms; ++i) {
            ASSERT_EQ(alarms_[static_cast<std::size_t>(i)]->timer.is_armed(), model_.has(i)) << i;
            const bool armed_before = model_.has(i) && !armed_meanwhile.contains(i);
            ASSERT_TRUE(!armed_before || model_.time_of(i) > now_) << "it should have fired";
        }
        ASSERT_LE(wheel_.next(), model_.next());
        ASSERT_GE(wheel_.next(), now_);
    }

    std::mt19937 random_{GetParam()};
    TimerWheel<Alarm> wheel_;
    Model model_;
    std::vector<std::unique_ptr<Alarm>> alarms_;
    Instant now_ = kBegin;
};

TEST_P(RandomTimers, FireAsThoseOfAMapDo) {
    for (int i = 0; i < 5000 && !HasFatalFailure(); ++i) step();
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomTimers, testing::Range(1U, 9U));

}  // namespace
}  // namespace cardea
