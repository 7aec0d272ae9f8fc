// Packets live in 2 KiB slots of the worker that received them, counted by reference: many legs and the store share one.
// One worker, one thread: the count is a plain integer.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "proto/rtp/codec/layer_tag.hpp"
#include "proto/rtp/rtp_packet.hpp"

namespace cardea {

class PacketPool;

struct Packet {
    // 64 bytes of slack: libnice's STUN codec may read past a datagram's end, and GCM writes its tag there.
    static constexpr std::size_t kCapacity = 2048 - 64;

    std::array<std::uint8_t, 2048> buffer;
    std::uint16_t size = 0;
    std::uint32_t references = 0;
    PacketPool* pool = nullptr;
    Instant arrival{};
    // Set once the packet has been decrypted and parsed; the views point into the buffer.
    RtpHeader header{};
    HeaderExtensions extensions{};
    // Set by its source.
    Codec codec = Codec::unknown;
    LayerTag layers{};
    std::uint8_t padding = 0;  // octets of RTP padding behind the payload, for legs that want them

    [[nodiscard]] MutableBytes bytes() noexcept { return MutableBytes{buffer}.first(size); }
    [[nodiscard]] Bytes bytes() const noexcept { return Bytes{buffer}.first(size); }
    [[nodiscard]] Bytes payload() const noexcept {
        return payload_of(bytes(), header);
    }
    // RFC 3550 section 5.1: the last octet says how many there are.
    void pad(std::uint8_t octets) noexcept {
        padding = octets;
        if (octets == 0) return;
        const auto end = static_cast<std::size_t>(payload().data() - buffer.data()) + payload().size();
        std::fill_n(buffer.begin() + static_cast<std::ptrdiff_t>(end), octets - 1, std::uint8_t{0});
        buffer[end + octets - 1U] = octets;
    }
    [[nodiscard]] Bytes padded_payload() const noexcept { return {payload().data(), payload().size() + padding}; }
};

class PacketRef {
  public:
    PacketRef() noexcept = default;
    explicit PacketRef(Packet* packet) noexcept : packet_{packet} {
        if (packet_ != nullptr) ++packet_->references;
    }
    PacketRef(const PacketRef& other) noexcept : PacketRef{other.packet_} {}
    PacketRef(PacketRef&& other) noexcept : packet_{std::exchange(other.packet_, nullptr)} {}
    PacketRef& operator=(PacketRef other) noexcept {
        std::swap(packet_, other.packet_);
        return *this;
    }
    ~PacketRef();
    [[nodiscard]] Packet* get() const noexcept { return packet_; }
    [[nodiscard]] Packet* operator->() const noexcept { return packet_; }
    [[nodiscard]] Packet& operator*() const noexcept { return *packet_; }
    [[nodiscard]] explicit operator bool() const noexcept { return packet_ != nullptr; }

  private:
    Packet* packet_ = nullptr;
};

// Grows by blocks up to its limit and never shrinks; beyond the limit take() gives nothing and the packet is dropped.
class PacketPool {
  public:
    explicit PacketPool(std::size_t limit) : limit_{limit} {}
    ~PacketPool();
    PacketPool(const PacketPool&) = delete;
    PacketPool& operator=(const PacketPool&) = delete;

    [[nodiscard]] PacketRef take();
    [[nodiscard]] std::size_t in_use() const noexcept { return made_ - free_.size(); }

  private:
    friend class PacketRef;
    void give_back(Packet* packet) { free_.push_back(packet); }

    static constexpr std::size_t kBlock = 64;
    std::size_t limit_;
    std::size_t made_ = 0;
    std::vector<std::unique_ptr<Packet[]>> blocks_;
    std::vector<Packet*> free_;
};

inline PacketRef::~PacketRef() {
    if (packet_ != nullptr && --packet_->references == 0) packet_->pool->give_back(packet_);
}

}  // namespace cardea
