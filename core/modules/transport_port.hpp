// The seam between the API on the control thread and a transport module.
#pragma once

#include <string>
#include <string_view>

#include "base/strong_id.hpp"
#include "cardea/json.hpp"
#include "modules/module_file.hpp"

namespace cardea {

// Any thread may call; the API does so on the control thread.
class TransportPort {
  public:
    TransportPort() = default;
    TransportPort(const TransportPort&) = delete;
    TransportPort& operator=(const TransportPort&) = delete;
    virtual ~TransportPort() = default;

    [[nodiscard]] virtual const ModuleIdentity& identity() const noexcept = 0;
    virtual void send(ClientId client, std::string_view json) = 0;
    virtual void close(ClientId client) = 0;
    // One message taken from on_message() is answered: it no longer counts against the bound of its connection.
    virtual void message_done(ClientId client) = 0;
    // While held, nothing more is read from the client.
    virtual void hold(ClientId client, bool held) = 0;
};

// Called on the control thread.
class TransportListener {
  public:
    virtual ~TransportListener() = default;
    virtual void on_client_open(TransportPort& transport, ClientId client) = 0;
    virtual void on_message(ClientId client, Json message) = 0;  // one document, not deeper than the limit
    virtual void on_unparsable(ClientId client, std::string reason) = 0;
    virtual void on_client_gone(ClientId client) = 0;
};

}  // namespace cardea
