// Names to addresses on a thread of its own: the system's resolver may block for many seconds, and nothing else may wait for it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "runtime/plain_rtp_control.hpp"

namespace cardea {

class HostResolver {
  public:
    HostResolver();
    ~HostResolver();  // whoever still waits is not called any more
    HostResolver(const HostResolver&) = delete;
    HostResolver& operator=(const HostResolver&) = delete;

    // Called on the resolver's thread, with port 0; empty: there is none. It must only post.
    using Done = std::function<void(const std::vector<SocketAddress>& addresses)>;
    // False: too many wait already.
    [[nodiscard]] bool resolve(std::string host, AddressFamily family, Done done);

  private:
    struct State;
    std::shared_ptr<State> state_;  // the thread's too: it may be inside the system's resolver when this object goes
};

}  // namespace cardea
