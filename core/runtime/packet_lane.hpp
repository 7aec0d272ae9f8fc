// Packets of one thread for another, bounded in bytes: a packet that finds the lane full is lost as on a network. The reader's eventfd is
// written only when the lane was empty. Nothing is allocated once the buffers have grown.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "base/bytes.hpp"
#include "base/mailbox.hpp"
#include "base/strong_id.hpp"

namespace cardea {

class PacketBatch {
  public:
    void add(PeerId peer, Bytes packet) {
        entries_.push_back({peer, static_cast<std::uint32_t>(packet.size())});
        bytes_.insert(bytes_.end(), packet.begin(), packet.end());
    }
    struct Item {
        PeerId peer;
        Bytes packet;
    };
    [[nodiscard]] bool empty() const noexcept { return next_ == entries_.size(); }
    [[nodiscard]] std::size_t byte_count() const noexcept { return bytes_.size(); }
    // The first that has not been taken; only when not empty().
    [[nodiscard]] Item take() noexcept {
        const auto& entry = entries_[next_++];
        const Item item{entry.peer, Bytes{bytes_}.subspan(offset_, entry.size)};
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
        PeerId peer;
        std::uint32_t size;
    };
    std::vector<std::uint8_t> bytes_;
    std::vector<Entry> entries_;
    std::size_t next_ = 0;
    std::size_t offset_ = 0;
};

class PacketLane {
  public:
    explicit PacketLane(std::size_t limit) noexcept : limit_{limit} {}
    [[nodiscard]] int fd() const noexcept { return wake_.fd(); }

    // Any thread. False: full.
    bool push(PeerId peer, Bytes packet) {
        bool wake = false;
        {
            const std::lock_guard lock{mutex_};
            if (packet.size() > limit_ - batch_.byte_count()) return false;
            wake = batch_.empty();
            batch_.add(peer, packet);
        }
        if (wake) wake_.signal();
        return true;
    }
    // The reader. `out` has to be empty; its buffers serve the next ones.
    void take_all(PacketBatch& out) {
        wake_.drain();
        out.clear();
        const std::lock_guard lock{mutex_};
        std::swap(out, batch_);
    }

  private:
    const std::size_t limit_;
    std::mutex mutex_;
    PacketBatch batch_;
    WakeFd wake_;
};

}  // namespace cardea
