// From one worker to the disk thread: a ring of bytes with one writer and one reader, without a lock. When it is full the packet
// is dropped and counted, and the call goes on: a slow disk costs recordings, never calls.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <type_traits>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "proto/rtp/media_types.hpp"

namespace cardea {

// One packet of a recorded track, as its worker saw it; its payload follows it in the ring.
struct RecordedPacket {
    static constexpr std::uint8_t kAbsent = 0xff;
    static constexpr std::int64_t kNoTime = INT64_MIN;

    std::uint64_t track = 0;
    Instant arrival{};
    std::int64_t capture_ns = kNoTime;  // by our clock, from the sender's reports
    std::uint32_t timestamp = 0;
    std::uint32_t clock_rate = 0;
    std::uint32_t epoch = 0;  // another one: another encoding, with numbers of its own
    std::uint16_t sequence = 0;
    std::uint8_t payload_type = 0;
    Codec codec = Codec::unknown;
    bool marker = false;
    std::uint8_t audio_level = kAbsent;  // RFC 6464, as on the wire
    std::uint8_t orientation = kAbsent;  // CVO, as on the wire
};
static_assert(std::is_trivially_copyable_v<RecordedPacket>);

class PacketRing {
  public:
    // capacity: a power of two. The memory is not touched before it is needed.
    explicit PacketRing(std::size_t capacity) : size_{capacity}, bytes_{new std::uint8_t[capacity]} {
        CARDEA_ASSERT(capacity != 0 && (capacity & (capacity - 1)) == 0);
    }
    PacketRing(const PacketRing&) = delete;
    PacketRing& operator=(const PacketRing&) = delete;

    // The writer. False: full, the packet is lost.
    [[nodiscard]] bool push(const RecordedPacket& packet, Bytes payload) noexcept {
        const auto need = entry_size(payload.size());
        const auto head = head_.load(std::memory_order_relaxed);
        const auto used = head - tail_.load(std::memory_order_acquire);
        const auto to_end = size_ - (head & (size_ - 1));
        const auto skip = need <= to_end ? 0 : to_end;  // an entry lies in one piece
        if (need + skip > size_ - used) return false;
        if (skip != 0) put(head, Entry{0, 0});
        const auto at = head + skip;
        put(at, Entry{static_cast<std::uint32_t>(need), static_cast<std::uint32_t>(payload.size())});
        put(at + sizeof(Entry), packet);
        if (!payload.empty()) std::memcpy(place(at + kHead), payload.data(), payload.size());
        head_.store(at + need, std::memory_order_release);
        return true;
    }

    // The reader: take(const RecordedPacket&, Bytes payload) for everything that is there now.
    template <class F>
    void drain(F&& take) {
        const auto head = head_.load(std::memory_order_acquire);
        auto tail = tail_.load(std::memory_order_relaxed);
        while (tail != head) {
            const auto entry = get<Entry>(tail);
            if (entry.size == 0) {
                tail += size_ - (tail & (size_ - 1));
            } else {
                take(get<RecordedPacket>(tail + sizeof(Entry)), Bytes{place(tail + kHead), entry.payload});
                tail += entry.size;
            }
            tail_.store(tail, std::memory_order_release);
        }
    }

  private:
    struct Entry {
        std::uint32_t size;  // 0: the rest up to the ring's end is unused
        std::uint32_t payload;
    };
    static constexpr std::size_t kHead = sizeof(Entry) + sizeof(RecordedPacket);
    static constexpr std::size_t entry_size(std::size_t payload) noexcept { return (kHead + payload + 7U) & ~std::size_t{7}; }

    [[nodiscard]] std::uint8_t* place(std::size_t at) const noexcept { return bytes_.get() + (at & (size_ - 1)); }
    template <class T>
    void put(std::size_t at, const T& value) noexcept {
        std::memcpy(place(at), &value, sizeof(T));
    }
    template <class T>
    [[nodiscard]] T get(std::size_t at) const noexcept {
        T value;
        std::memcpy(&value, place(at), sizeof(T));
        return value;
    }

    std::size_t size_;
    std::unique_ptr<std::uint8_t[]> bytes_;
    alignas(64) std::atomic<std::size_t> head_{0};  // counts on; the place is its low bits
    alignas(64) std::atomic<std::size_t> tail_{0};
};

}  // namespace cardea
