// ICE of the test peer: one NiceAgent, one component, host candidates. All of it on the thread of the default main context.
#pragma once

#include <nice/agent.h>

#include <functional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/cptr.hpp"

namespace cardea::testpeer {

struct IceCredentials {
    std::string ufrag;
    std::string password;
    friend bool operator==(const IceCredentials&, const IceCredentials&) = default;
};

class IceSocket {
  public:
    struct Events {
        std::function<void()> on_connected;
        std::function<void()> on_failed;
        std::function<void(Bytes)> on_datagram;
    };
    // Only `address` is bound when it isn't empty.
    IceSocket(const std::string& address, Events events);
    ~IceSocket();
    IceSocket(const IceSocket&) = delete;
    IceSocket& operator=(const IceSocket&) = delete;

    [[nodiscard]] IceCredentials local() const;
    [[nodiscard]] std::vector<std::string> candidates() const;  // as SDP lines, "a=" included
    void set_remote(const IceCredentials& remote, const std::vector<std::string>& candidate_lines, bool controlling);
    void restart();  // new local credentials; media goes on on the old pair until the new one is there
    void send(Bytes datagram);

  private:
    CPtr<NiceAgent, g_object_unref> agent_;
    unsigned stream_ = 0;
    Events events_;
};

}  // namespace cardea::testpeer
