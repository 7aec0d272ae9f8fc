// Timers of one thread on a hierarchical wheel (Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", scheme 7): starting, moving
// and cancelling one costs the same however many there are. A timer is a part of whoever owns it, so it is on the wheel once or not at
// all: nothing stale is left behind, and nothing is allocated. A tick is a millisecond; times are rounded up to it, so no timer is early.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/clock.hpp"

namespace cardea {

template <class Owner>
class TimerWheel {
    struct Link {
        Link* previous = nullptr;
        Link* next = nullptr;
    };

  public:
    static constexpr Duration kTick = 1ms;

    // Goes before its wheel does, and may go at any time before, from inside a visitor too.
    class Timer : private Link {
      public:
        Timer(TimerWheel& wheel, Owner& owner) noexcept : wheel_{wheel}, owner_{owner} {}
        ~Timer() { cancel(); }
        Timer(const Timer&) = delete;
        Timer& operator=(const Timer&) = delete;

        void arm(Instant at) noexcept { wheel_.arm(*this, at); }  // in place of what it was armed for; Instant::max() is never
        void cancel() noexcept { wheel_.cancel(*this); }
        [[nodiscard]] bool is_armed() const noexcept { return this->next != nullptr; }

      private:
        friend class TimerWheel;
        TimerWheel& wheel_;
        Owner& owner_;
        std::int64_t tick_ = 0;
        std::size_t slot_ = 0;  // where it was put last
    };

    TimerWheel() = default;
    ~TimerWheel() { CARDEA_ASSERT(levels_ == 0 && due_.is_empty() && firing_.is_empty()); }
    TimerWheel(const TimerWheel&) = delete;
    TimerWheel& operator=(const TimerWheel&) = delete;

    // visitor(Owner&) once for every timer that is due, tick by tick; it is not armed any more by then. The visitor may arm, move and
    // cancel any timer and destroy any owner. What it arms for `now` or before is due at the next call: it cannot keep this one going.
    template <class Visitor>
    void advance(Instant now, Visitor&& visitor);

    // Nothing is due before; Instant::max() when nothing is armed. Exact within 64 ticks. Further off it may be the time of a timer that
    // has been moved or cancelled since: who comes back then is told the exact one.
    [[nodiscard]] Instant next() const noexcept {
        if (!due_.is_empty()) return now_;
        if (levels_ == 0) return Instant::max();
        return Instant{kTick * slots_[first_slot()].earliest};
    }

  private:
    // Level 0 has a slot for each tick, level n one for 64^n. A timer is on the level of the highest digit (to base 64) in which its tick
    // and the current one differ. So whatever is on a level comes before all that is above it, and slots of a level are in order of time.
    // Eight levels are all that an Instant can say. Time begins at Instant{}: the clock is never before.
    static constexpr unsigned kDigit = 6;
    static constexpr std::size_t kSlots = std::size_t{1} << kDigit;
    static constexpr std::size_t kLevels = 8;
    static constexpr std::size_t kNoSlot = kLevels * kSlots;
    static constexpr std::int64_t kLastTick = Instant::max().time_since_epoch() / kTick;

    // A ring through its head.
    class List {
      public:
        List() noexcept { reset(); }
        List(const List&) = delete;
        List& operator=(const List&) = delete;
        [[nodiscard]] bool is_empty() const noexcept { return head_.next == &head_; }
        [[nodiscard]] Timer& front() const noexcept { return static_cast<Timer&>(*head_.next); }
        void push_back(Link& link) noexcept {
            link.previous = head_.previous;
            link.next = &head_;
            head_.previous->next = &link;
            head_.previous = &link;
        }
        void take_all_of(List& other) noexcept {
            if (other.is_empty()) return;
            other.head_.next->previous = head_.previous;
            other.head_.previous->next = &head_;
            head_.previous->next = other.head_.next;
            head_.previous = other.head_.previous;
            other.reset();
        }
        static void remove(Link& link) noexcept {
            link.previous->next = link.next;
            link.next->previous = link.previous;
            link = {};
        }

      private:
        void reset() noexcept { head_.previous = head_.next = &head_; }
        Link head_;
    };
    struct Slot {
        List timers;
        std::int64_t earliest = 0;  // no timer of it is before
    };

    void arm(Timer& timer, Instant at) noexcept;
    void cancel(Timer& timer) noexcept;
    void place(Timer& timer) noexcept;
    void note_empty(std::size_t slot) noexcept;
    [[nodiscard]] std::size_t first_slot() const noexcept;
    [[nodiscard]] std::int64_t begin_of(std::size_t slot) const noexcept;
    void open(std::size_t slot) noexcept;
    template <class Visitor>
    void fire(Visitor& visitor);

    std::array<Slot, kLevels * kSlots> slots_;
    std::array<std::uint64_t, kLevels> occupied_{};  // a bit for each slot that has timers
    std::uint64_t levels_ = 0;                       // a bit for each level that has any
    std::int64_t current_ = 0;                       // all ticks up to it are done
    Instant now_{};
    List due_;     // armed for what was past already
    List firing_;  // due in this call of advance()
    bool is_advancing_ = false;
};

template <class Owner>
void TimerWheel<Owner>::arm(Timer& timer, Instant at) noexcept {
    cancel(timer);
    if (at <= now_) {
        timer.slot_ = kNoSlot;
        return due_.push_back(timer);
    }
    const auto since = at.time_since_epoch();
    timer.tick_ = since / kTick + (since % kTick == Duration::zero() ? 0 : 1);
    if (timer.tick_ <= kLastTick) place(timer);
}

template <class Owner>
void TimerWheel<Owner>::cancel(Timer& timer) noexcept {
    if (!timer.is_armed()) return;
    List::remove(timer);
    // One that is to fire has left its slot, and that stays empty: it is of the past now.
    if (timer.slot_ != kNoSlot && slots_[timer.slot_].timers.is_empty()) note_empty(timer.slot_);
}

// Its tick is to come.
template <class Owner>
void TimerWheel<Owner>::place(Timer& timer) noexcept {
    const auto differs = static_cast<std::uint64_t>(timer.tick_ ^ current_);
    const auto level = static_cast<std::size_t>(std::bit_width(differs) - 1) / kDigit;
    const auto index = static_cast<std::size_t>(timer.tick_ >> (level * kDigit)) % kSlots;
    timer.slot_ = level * kSlots + index;
    auto& slot = slots_[timer.slot_];
    slot.earliest = slot.timers.is_empty() ? timer.tick_ : std::min(slot.earliest, timer.tick_);
    slot.timers.push_back(timer);
    occupied_[level] |= std::uint64_t{1} << index;
    levels_ |= std::uint64_t{1} << level;
}

template <class Owner>
void TimerWheel<Owner>::note_empty(std::size_t slot) noexcept {
    const auto level = slot / kSlots;
    occupied_[level] &= ~(std::uint64_t{1} << slot % kSlots);
    if (occupied_[level] == 0) levels_ &= ~(std::uint64_t{1} << level);
}

template <class Owner>
std::size_t TimerWheel<Owner>::first_slot() const noexcept {
    const auto level = static_cast<std::size_t>(std::countr_zero(levels_));
    return level * kSlots + static_cast<std::size_t>(std::countr_zero(occupied_[level]));
}

template <class Owner>
std::int64_t TimerWheel<Owner>::begin_of(std::size_t slot) const noexcept {
    const auto shift = slot / kSlots * kDigit;
    const auto above = current_ >> (shift + kDigit) << (shift + kDigit);
    return above | static_cast<std::int64_t>(slot % kSlots) << shift;
}

// Its time has come: what is due at its first tick fires, the rest goes to lower levels.
template <class Owner>
void TimerWheel<Owner>::open(std::size_t slot) noexcept {
    current_ = begin_of(slot);
    auto& timers = slots_[slot].timers;
    if (slot < kSlots) {
        firing_.take_all_of(timers);
    } else {
        while (!timers.is_empty()) {
            auto& timer = timers.front();
            List::remove(timer);
            if (timer.tick_ == current_) {
                firing_.push_back(timer);
            } else {
                place(timer);
            }
        }
    }
    note_empty(slot);
}

template <class Owner>
template <class Visitor>
void TimerWheel<Owner>::fire(Visitor& visitor) {
    while (!firing_.is_empty()) {
        auto& timer = firing_.front();
        List::remove(timer);
        visitor(timer.owner_);
    }
}

template <class Owner>
template <class Visitor>
void TimerWheel<Owner>::advance(Instant now, Visitor&& visitor) {
    CARDEA_ASSERT(!is_advancing_);
    is_advancing_ = true;
    now_ = std::max(now_, now);
    const std::int64_t target = now_.time_since_epoch() / kTick;
    firing_.take_all_of(due_);
    fire(visitor);
    // Empty slots are not visited, however far the time jumps.
    while (levels_ != 0 && begin_of(first_slot()) <= target) {
        open(first_slot());
        fire(visitor);
    }
    // Every slot that is left begins later, so that its timers are on the level where this tick wants them, too.
    current_ = target;
    is_advancing_ = false;
}

}  // namespace cardea
