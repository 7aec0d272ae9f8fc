// A transport of text lines, for the tests of its runtime. A line from the client is one message; what the host says about
// it, and whatever else the host asks for, goes back as a line. It never stops reading by itself, so that a test sees
// exactly when the host wants it to.
#include <arpa/inet.h>
#include <cardea/transport.hpp>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <list>
#include <mutex>
#include <string>

namespace {

using cardea::Json;
using namespace cardea::sdk;

constexpr cardea_param kOptions[] = {array("addresses").elements(CARDEA_TYPE_STRING).fallback("[]"), integer("port").range(-1, 65535).fallback("0"),
                                     integer("browser_port").range(-1, 65535).fallback("-1")};
constexpr cardea_listener kListeners[] = {listener("plain", "port", Tls::no), listener("browser", "browser_port", Tls::no)};

// The peer's address as client_open() wants it.
std::string peer_of(int fd) {
    sockaddr_in address{};
    socklen_t size = sizeof(address);
    ::getpeername(fd, static_cast<sockaddr*>(static_cast<void*>(&address)), &size);
    std::array<char, INET_ADDRSTRLEN> text{};
    ::inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
    return std::string{text.data()} + ":" + std::to_string(ntohs(address.sin_port));
}

// One connection: a thread that reads it, and any thread that writes.
class Connection {
  public:
    // `clients` guards the ids of all connections.
    Connection(const TransportHost& host, Fd fd, bool of_a_page, std::mutex& clients)
        : host_{host}, fd_{std::move(fd)}, of_a_page_{of_a_page}, clients_{clients} {}

    cardea_status start() {
        // Blocking: the thread is this connection's own.
        ::fcntl(fd_.get(), F_SETFL, ::fcntl(fd_.get(), F_GETFL) & ~O_NONBLOCK);
        return host_.spawn_service(
            "lines", [](void* self) { static_cast<Connection*>(self)->run(); }, [](void* self) { static_cast<Connection*>(self)->end(); }, this);
    }
    [[nodiscard]] bool is(cardea_client_id client) const { return admission_.id == client; }
    void write(std::string line) {
        line += '\n';
        const std::lock_guard lock{writing_};
        ::send(fd_.get(), line.data(), line.size(), MSG_NOSIGNAL);
    }
    void end() { ::shutdown(fd_.get(), SHUT_RDWR); }

  private:
    void run() {
        Json about{{"address", peer_of(fd_.get())}, {"listener", of_a_page_ ? "browser" : "plain"}};
        if (of_a_page_) about.set("origin", "https://example.org");
        {
            // Held over the call: the host may answer the client on another thread at once.
            const std::lock_guard lock{clients_};
            admission_ = host_.client_open(about);
        }
        if (admission_.id == 0) {
            write("refused");
            return end();
        }
        write(admission_.trusted ? "welcome trusted" : "welcome");
        read_lines();
        host_.client_gone(admission_.id);
    }
    void read_lines() {
        std::string text;
        std::array<char, 65536> bytes{};
        for (;;) {
            const auto got = ::recv(fd_.get(), bytes.data(), bytes.size(), 0);
            if (got <= 0) return;
            text.append(bytes.data(), static_cast<std::size_t>(got));
            std::size_t begin = 0;
            for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
                const auto taken = host_.incoming(admission_.id, std::string_view{text}.substr(begin, end - begin));
                write(taken == Taken::hold ? "hold" : "on");
                begin = end + 1;
            }
            text.erase(0, begin);
        }
    }

    TransportHost host_;
    Fd fd_;
    bool of_a_page_;
    std::mutex& clients_;
    Admission admission_;  // changed under clients_, by this connection's thread
    std::mutex writing_;
};

class Lines final : public Transport {
  public:
    Lines(const TransportHost& host, const Json&) : host_{host} {}

    cardea_status start() override { return CARDEA_OK; }
    cardea_status adopt(Fd fd, std::uint32_t listener) override {
        const std::lock_guard lock{mutex_};
        return connections_.emplace_back(host_, std::move(fd), listener == 1, mutex_).start();
    }
    cardea_status send(cardea_client_id client, std::string_view text) override {
        return with(client, [&](Connection& to) { to.write(std::string{text}); });
    }
    void set_reading(cardea_client_id client, bool on) override {
        with(client, [&](Connection& to) { to.write(on ? "reading on" : "reading off"); });
    }
    void close(cardea_client_id client) override {
        with(client, [](Connection& to) { to.end(); });
    }

  private:
    template <class F>
    cardea_status with(cardea_client_id client, F&& call) {
        const std::lock_guard lock{mutex_};
        for (auto& connection : connections_)
            if (connection.is(client)) {
                call(connection);
                return CARDEA_OK;
            }
        return CARDEA_NOT_FOUND;
    }

    TransportHost host_;
    std::mutex mutex_;
    std::list<Connection> connections_;
};

}  // namespace

CARDEA_TRANSPORT(Lines, .name = "lines", .package = "test.transport.lines", .options = table(kOptions), .listeners = listeners(kListeners))
