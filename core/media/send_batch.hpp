// Everything a worker's turn wants to send. Legs write their packets straight into the batch's arena; flush() hands them to
// the sockets: audio and control first, then video receiver by receiver, so that a frame's packets to one peer can leave as a train.
// One worker, one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/address.hpp"
#include "base/bytes.hpp"

namespace cardea {

// Where a peer is reached: which of the worker's sockets, and the address on the other side.
struct Path {
    std::uint32_t socket = 0;
    SocketAddress remote;
    friend bool operator==(const Path&, const Path&) = default;
};

enum class SendClass : std::uint8_t { control, audio, video };

// Takes datagrams away. Implemented over sendmmsg by the worker, over a simulated network by tests.
class DatagramOutput {
  public:
    virtual ~DatagramOutput() = default;
    struct Datagram {
        const Path* path;
        Bytes bytes;
        SendClass send_class;
    };
    virtual void send(std::span<const Datagram> datagrams) = 0;
};

class SendBatch {
  public:
    static constexpr std::size_t kDatagramRoom = 1600;  // header, extensions, payload of 1,400 bytes, SRTP tag
    static constexpr std::size_t kDatagrams = 512;

    explicit SendBatch(DatagramOutput& output) : output_{output}, arena_(kDatagrams * kDatagramRoom) {
        entries_.reserve(kDatagrams);
        groups_.reserve(kDatagrams);
        ordered_.reserve(kDatagrams);
    }

    // Room for one datagram; commit() or simply ask again to throw it away. Flushes when the batch is full.
    [[nodiscard]] MutableBytes begin() {
        if (entries_.size() == kDatagrams) flush();
        return MutableBytes{arena_}.subspan(entries_.size() * kDatagramRoom, kDatagramRoom);
    }
    void commit(std::size_t size, const Path& path, SendClass send_class) {
        entries_.push_back({path, static_cast<std::uint16_t>(size), send_class, kNone});
    }
    void add(Bytes bytes, const Path& path, SendClass send_class = SendClass::control) {
        if (bytes.size() > kDatagramRoom) return;
        std::copy(bytes.begin(), bytes.end(), begin().begin());
        commit(bytes.size(), path, send_class);
    }
    void flush();
    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }

  private:
    struct Entry {
        Path path;
        std::uint16_t size;
        SendClass send_class;
        std::uint16_t next_of_path;  // index of the next entry of the same group, kNone at its end
    };
    // Receivers of this flush, by hash of the path: where their packets begin and end in entries_.
    struct Group {
        std::uint16_t first;
        std::uint16_t last;
    };
    static constexpr std::uint16_t kNone = 0xffff;
    static constexpr std::size_t kSlots = 2 * kDatagrams;  // a power of two
    void group_video();
    DatagramOutput& output_;
    std::vector<std::uint8_t> arena_;
    std::vector<Entry> entries_;
    std::vector<Group> groups_;                 // in the order in which receivers first appeared
    std::array<std::uint16_t, kSlots> slots_{};  // index into groups_, open addressing
    std::vector<DatagramOutput::Datagram> ordered_;
};

}  // namespace cardea
