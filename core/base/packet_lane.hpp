// Packets of one thread for another, bounded in bytes: a packet that finds the lane full is lost as on a network. The reader's eventfd is
// written only when the lane was empty. Nothing is allocated once the buffers have grown. Each packet has a label: whose it is.
#pragma once

#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/mailbox.hpp"
#include "base/strong_id.hpp"

namespace cardea {

template <class Label>
class PacketBatchOf {
  public:
    void add(const Label& label, Bytes packet) {
        entries_.push_back({label, static_cast<std::uint32_t>(packet.size())});
        bytes_.insert(bytes_.end(), packet.begin(), packet.end());
    }
    // What the other one holds, behind what is here.
    void append(const PacketBatchOf& other) {
        entries_.insert(entries_.end(), other.entries_.begin(), other.entries_.end());
        bytes_.insert(bytes_.end(), other.bytes_.begin(), other.bytes_.end());
    }
    struct Item {
        Label label;
        Bytes packet;
    };
    [[nodiscard]] bool empty() const noexcept { return next_ == entries_.size(); }
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size() - next_; }
    [[nodiscard]] std::size_t byte_count() const noexcept { return bytes_.size(); }
    // The first that has not been taken; only when not empty().
    [[nodiscard]] Item take() noexcept {
        const auto& entry = entries_[next_++];
        const Item item{entry.label, Bytes{bytes_}.subspan(offset_, entry.size)};
        offset_ += entry.size;
        return item;
    }
    // What a burst took is given back; what usual traffic needs is kept.
    void clear() {
        constexpr std::size_t kKept = 256 * 1024;
        if (bytes_.capacity() > kKept) bytes_ = {};
        bytes_.clear();
        entries_.clear();
        next_ = offset_ = 0;
    }

  private:
    struct Entry {
        Label label;
        std::uint32_t size;
    };
    std::vector<std::uint8_t> bytes_;
    std::vector<Entry> entries_;
    std::size_t next_ = 0;
    std::size_t offset_ = 0;
};

template <class Label>
class PacketLaneOf {
  public:
    using Batch = PacketBatchOf<Label>;
    explicit PacketLaneOf(std::size_t limit) noexcept : limit_{limit} {}
    [[nodiscard]] int fd() const noexcept { return wake_.fd(); }

    // Any thread. False: full.
    bool push(const Label& label, Bytes packet) {
        return put(packet.size(), [&] { batch_.add(label, packet); });
    }
    // Any thread: all of a batch or, when they do not fit, nothing. It is empty afterwards.
    bool push(Batch& batch) {
        const bool taken = put(batch.byte_count(), [&] { batch_.empty() ? std::swap(batch_, batch) : batch_.append(batch); });
        batch.clear();
        return taken;
    }
    // The reader. `out` has to be empty; its buffers serve the next ones.
    void take_all(Batch& out) {
        wake_.drain();
        out.clear();
        const std::lock_guard lock{mutex_};
        std::swap(out, batch_);
    }

  private:
    template <class Put>
    bool put(std::size_t size, Put&& add) {
        bool wake = false;
        {
            const std::lock_guard lock{mutex_};
            if (size > limit_ - batch_.byte_count()) return false;
            wake = batch_.empty();
            add();
        }
        if (wake) wake_.signal();
        return true;
    }

    const std::size_t limit_;
    std::mutex mutex_;
    Batch batch_;
    WakeFd wake_;
};

using PacketBatch = PacketBatchOf<PeerId>;
using PacketLane = PacketLaneOf<PeerId>;

}  // namespace cardea
