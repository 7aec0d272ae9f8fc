// What the data channels have carried and why messages got lost. Counted by the thread that owns them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cardea {

enum class DataDrop : std::uint8_t {
    queue_full,       // the peer reads too slowly: its association has kSendQueue waiting
    too_large,        // above kMaxMessage; its channel is closed
    unknown_channel,  // on a stream that nobody opened
    unknown_format,   // payload protocol identifier that RFC 8831 does not have
    bad_control,      // not DCEP, or DCEP that makes no sense there; its channel is closed
    no_stream,        // no stream left towards the receiver
    no_peer,          // SCTP of a peer that has no association
    malformed,        // SCTP that usrsctp must not have
    worker_queue,     // the SCTP thread had more waiting than it may; SCTP sends again
    count
};

[[nodiscard]] constexpr std::string_view to_text(DataDrop drop) noexcept {
    constexpr std::array<std::string_view, static_cast<std::size_t>(DataDrop::count)> kNames{
        "queue_full", "too_large", "unknown_channel", "unknown_format", "bad_control", "no_stream", "no_peer", "malformed", "worker_queue"};
    return kNames[static_cast<std::size_t>(drop)];
}

struct DataStatistics {
    std::uint64_t associations = 0, channels = 0;  // at present
    std::uint64_t messages_in = 0, bytes_in = 0;
    std::uint64_t messages_out = 0, bytes_out = 0;
    std::array<std::uint64_t, static_cast<std::size_t>(DataDrop::count)> dropped{};
    void drop(DataDrop reason, std::uint64_t count = 1) noexcept { dropped[static_cast<std::size_t>(reason)] += count; }
    [[nodiscard]] std::uint64_t of(DataDrop reason) const noexcept { return dropped[static_cast<std::size_t>(reason)]; }
};

}  // namespace cardea
