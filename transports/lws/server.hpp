// A server without listening sockets: the host accepts and hands connected sockets over. One service thread runs it; that
// is the thread of all calls into the application.
//
//   adopt() -> queue -> service thread: [TLS] -> HTTP request -> Application::on_request
//                                                           \-> WebSocket -> on_open, on_message ..., on_gone
//   send() -> link (lws/link.hpp) -> service thread: frames
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lws/application.hpp"
#include "lws/link.hpp"

namespace cardea::net {

class Service;  // everything of libwebsockets, owned by the service thread

class Server {
  public:
    // The application outlives the server.
    Server(ServerConfig config, Application& application);
    ~Server();  // after run() has returned: ends every connection
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Opens the context. A text for people on failure, else empty.
    [[nodiscard]] std::string open();
    void run();   // on the service thread, until stop()
    void stop();  // any thread

    // Any thread.
    [[nodiscard]] cardea_status adopt(sdk::Fd fd, std::uint32_t listener);
    [[nodiscard]] cardea_status send(cardea_client_id client, std::string_view json);
    void set_reading(cardea_client_id client, bool on);
    void close(cardea_client_id client);

  private:
    friend class Service;
    struct Adopted {
        sdk::Fd fd;
        std::uint32_t listener;
    };
    struct Work {
        std::vector<Adopted> adopted;
        std::vector<cardea_client_id> changed;
    };
    [[nodiscard]] std::shared_ptr<Link> find(cardea_client_id client);
    void changed(cardea_client_id client);
    [[nodiscard]] Work take_work();
    void turn();
    void close_all();
    void add(cardea_client_id client, std::shared_ptr<Link> link);
    void remove(cardea_client_id client);

    const ServerConfig config_;
    Application& application_;
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    std::unordered_map<cardea_client_id, std::shared_ptr<Link>> links_;
    Work work_;
    std::unique_ptr<Service> service_;
};

}  // namespace cardea::net
