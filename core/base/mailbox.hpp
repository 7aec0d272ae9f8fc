// Many writers, one reader. The eventfd is written only when the reader may be asleep, so a busy reader costs its
// writers no system call. Order per writer is kept. Bounded at the edge (ARCHITECTURE section 2), not here.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace cardea {

// An eventfd. fd() belongs into an epoll set with EPOLLIN; it stays open while a signal of it is still to be given.
class WakeFd {
  public:
    WakeFd();
    WakeFd(const WakeFd&) = delete;
    WakeFd& operator=(const WakeFd&) = delete;
    [[nodiscard]] int fd() const noexcept;
    void signal();          // any thread; at the end of the thread's WakeLater, if it has one
    void drain() noexcept;  // the reader

  private:
    friend class WakeLater;
    class Owned;
    std::shared_ptr<const Owned> owned_;
};

// While it lives, what its thread signals waits: a reader that is woken at the first message of a turn runs for that one, on a busy
// machine in its writer's stead, where it could have had all. One a thread; such a thread must not wait for a reader.
class WakeLater {
  public:
    WakeLater();
    ~WakeLater();
    WakeLater(const WakeLater&) = delete;
    WakeLater& operator=(const WakeLater&) = delete;
    void wake_now() noexcept;  // those that wait so far

  private:
    friend class WakeFd;
    std::vector<std::shared_ptr<const WakeFd::Owned>> waiting_;
};

template <class T>
class Mailbox {
  public:
    [[nodiscard]] int fd() const noexcept { return wake_.fd(); }

    // Any thread. False when the mailbox is closed: the item is gone.
    bool push(T item) {
        bool wake = false;
        {
            const std::lock_guard lock{mutex_};
            if (closed_) return false;
            wake = items_.empty();
            items_.push_back(std::move(item));
        }
        if (wake) wake_.signal();
        return true;
    }

    // The reader. Everything that is there now, in order; the vector given is emptied and reused as the next inbox.
    void take_all(std::vector<T>& out) {
        out.clear();
        wake_.drain();
        const std::lock_guard lock{mutex_};
        out.swap(items_);
    }

    [[nodiscard]] bool is_empty() {
        const std::lock_guard lock{mutex_};
        return items_.empty();
    }

    // The reader, when it has run what it took. False: something came meanwhile.
    [[nodiscard]] bool close_if_empty() {
        const std::lock_guard lock{mutex_};
        if (items_.empty()) closed_ = true;
        return closed_;
    }

  private:
    std::mutex mutex_;
    std::vector<T> items_;
    bool closed_ = false;
    WakeFd wake_;
};

using Task = std::function<void()>;
using TaskMailbox = Mailbox<Task>;

}  // namespace cardea
