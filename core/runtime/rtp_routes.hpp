// RTP outside of peer connections, as the media engine does it: which addresses it may come from and go to, names, ports; then
// the worker of the source has it. Any thread.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/address_prefix.hpp"
#include "runtime/host_resolver.hpp"
#include "runtime/media_control.hpp"
#include "runtime/media_engine.hpp"
#include "runtime/plain_rtp_control.hpp"
#include "runtime/remote_ports.hpp"
#include "runtime/worker.hpp"

namespace cardea {

class RtpRoutes {
  public:
    // The workers outlive it.
    RtpRoutes(PlainRtpOptions options, std::vector<AnnounceRule> announce, const std::vector<std::unique_ptr<Worker>>& workers);

    [[nodiscard]] Result<ForwardRoute> forward(WorkerIndex worker, ForwardWish wish);
    void stop_forwarding(WorkerIndex worker, ForwarderId forwarder);
    [[nodiscard]] Result<RemotePorts> open_remote(WorkerIndex worker, RemoteWish wish);
    void update_remote(WorkerIndex worker, RemoteId remote, std::vector<SourceConfig> sources);
    void close_remote(WorkerIndex worker, RemoteId remote);

  private:
    [[nodiscard]] bool permitted(const SocketAddress& address) const { return config::contains(options_.allow, address); }
    [[nodiscard]] Result<void> begin(WorkerIndex worker, const SocketAddress& host, const ForwardWish& wish);
    void on_resolved(WorkerIndex worker, const ForwardWish& wish, const std::vector<SocketAddress>& addresses);
    [[nodiscard]] Result<SocketAddress> listen_address(WorkerIndex worker, const RemoteWish& wish) const;
    [[nodiscard]] std::string announced_ip(WorkerIndex worker, const SocketAddress& local) const;
    void forget(ForwarderId id);

    PlainRtpOptions options_;
    std::vector<AnnounceRule> announce_;
    const std::vector<std::unique_ptr<Worker>>& workers_;
    RemotePortPool ports_;
    std::mutex mutex_;
    std::set<ForwarderId> forwarders_;
    HostResolver resolver_;  // last: once it is gone nothing calls back
};

}  // namespace cardea
