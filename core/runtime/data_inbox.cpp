#include "runtime/data_inbox.hpp"

#include <utility>

namespace cardea {

void DataInbox::push(Command command) {
    bool wake = false;
    {
        const std::lock_guard lock{mutex_};
        wake = contents_.commands.empty() && contents_.packets.empty();
        contents_.commands.push_back(std::move(command));
    }
    if (wake) wake_.signal();
}

void DataInbox::push(PeerId peer, Bytes packet, DataBudget& budget) {
    bool wake = false;
    {
        const std::lock_guard lock{mutex_};
        if (budget.round != round_) budget = {round_, 0};
        if (packet.size() > kBytes - contents_.packets.byte_count() || packet.size() > kBytesOfPeer - budget.bytes) {
            ++contents_.dropped;
            return;
        }
        budget.bytes += packet.size();
        wake = contents_.commands.empty() && contents_.packets.empty();
        contents_.packets.add(peer, packet);
    }
    if (wake) wake_.signal();
}

void DataInbox::take_all(Contents& out) {
    wake_.drain();
    out.commands.clear();
    out.packets.clear();
    out.dropped = 0;
    const std::lock_guard lock{mutex_};
    std::swap(out, contents_);
    ++round_;
}

}  // namespace cardea
