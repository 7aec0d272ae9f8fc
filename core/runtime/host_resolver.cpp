#include "runtime/host_resolver.hpp"

#include <netdb.h>

#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>

#include "base/cptr.hpp"
#include "runtime/loop/event_loop.hpp"

namespace cardea {
namespace {

constexpr std::size_t kMostWaiting = 64;
using AddressList = CPtr<addrinfo, freeaddrinfo>;

std::vector<SocketAddress> look_up(const std::string& host, AddressFamily family) {
    addrinfo hints{};
    hints.ai_family = family == AddressFamily::ipv4 ? AF_INET : family == AddressFamily::ipv6 ? AF_INET6 : AF_UNSPEC;
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* raw = nullptr;
    if (getaddrinfo(host.c_str(), nullptr, &hints, &raw) != 0) return {};
    const AddressList list{raw};
    std::vector<SocketAddress> found;
    for (const auto* entry = raw; entry != nullptr; entry = entry->ai_next) {
        if (entry->ai_addr == nullptr || (entry->ai_family != AF_INET && entry->ai_family != AF_INET6)) continue;
        sockaddr_storage storage{};
        std::memcpy(&storage, entry->ai_addr, entry->ai_addrlen);
        found.push_back(SocketAddress::from(storage).with_port(0));
    }
    return found;
}

}  // namespace

struct HostResolver::State {
    struct Question {
        std::string host;
        AddressFamily family;
        Done done;
    };
    std::mutex mutex;
    std::condition_variable wake;
    std::deque<Question> waiting;
    bool running = false, stopping = false;

    static void run(const std::shared_ptr<State>& self) {
        name_thread("resolver");
        std::unique_lock lock{self->mutex};
        while (true) {
            self->wake.wait(lock, [&] { return self->stopping || !self->waiting.empty(); });
            if (self->stopping) return;
            auto question = std::move(self->waiting.front());
            self->waiting.pop_front();
            lock.unlock();
            const auto addresses = look_up(question.host, question.family);
            lock.lock();
            // Under the lock: once the resolver's owner has let go, nobody is called.
            if (!self->stopping) question.done(addresses);
        }
    }
};

HostResolver::HostResolver() : state_{std::make_shared<State>()} {}

HostResolver::~HostResolver() {
    const std::lock_guard lock{state_->mutex};
    state_->stopping = true;
    state_->wake.notify_all();
}

bool HostResolver::resolve(std::string host, AddressFamily family, Done done) {
    const std::lock_guard lock{state_->mutex};
    if (state_->waiting.size() >= kMostWaiting) return false;
    state_->waiting.push_back({std::move(host), family, std::move(done)});
    // Most gateways never forward to a name: the thread begins with the first one.
    if (!std::exchange(state_->running, true)) std::thread{[state = state_] { State::run(state); }}.detach();
    state_->wake.notify_one();
    return true;
}

}  // namespace cardea
