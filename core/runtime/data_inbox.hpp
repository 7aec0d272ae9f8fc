// What the workers have for the SCTP thread: commands, which are never dropped, and packets, which are bounded in all and per peer, so that
// one client cannot take the room of the others. Taken together: a packet never overtakes a command that its worker gave before it.
#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "base/mailbox.hpp"
#include "peer/data_plane.hpp"
#include "base/packet_lane.hpp"

namespace cardea {

class DataRouter;

class DataInbox {
  public:
    static constexpr std::size_t kBytes = 8 * 1024 * 1024;
    static constexpr std::size_t kBytesOfPeer = 512 * 1024;

    using Command = std::function<void(DataRouter&)>;
    struct Contents {
        std::vector<Command> commands;  // to be run first
        PacketBatch packets;
        std::uint64_t dropped = 0;  // packets, since the last time
    };

    [[nodiscard]] int fd() const noexcept { return wake_.fd(); }
    // Any thread, both.
    void push(Command command);
    void push(PeerId peer, Bytes packet, DataBudget& budget);
    // The reader.
    void take_all(Contents& out);

  private:
    std::mutex mutex_;
    Contents contents_;
    std::uint64_t round_ = 1;  // budgets of an earlier one are used up no longer
    WakeFd wake_;
};

}  // namespace cardea
