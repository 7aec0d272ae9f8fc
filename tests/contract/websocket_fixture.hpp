// A websocket module with a host that takes notes.
#pragma once

#include "contract/transport_setup.hpp"

namespace cardea::bench {

class WebSocket : public ::testing::Test {
  protected:
    static void SetUpTestSuite() { pin_libraries(); }
    std::size_t message_count() {
        const std::lock_guard lock{host.mutex};
        return host.messages.size();
    }
    bool has_messages(std::size_t count) {
        return host.eventually([&] { return host.messages.size() >= count; });
    }
    bool is_gone(cardea_client_id client) {
        return host.eventually([&] { return std::count(host.gone.begin(), host.gone.end(), client) == 1; });
    }
    FakeHost host;
    Json config = config_with(Json{{"handshake_seconds", 1}});
};

inline constexpr const char* kSwitched = "HTTP/1.1 101 Switching Protocols";

}  // namespace cardea::bench
