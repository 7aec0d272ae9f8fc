// The part of the server that any thread may call: queues, and a wake-up when the service thread has to look.
#include "lws/server.hpp"

#include <utility>

#include "lws/service.hpp"

namespace cardea::net {
namespace {

constexpr std::int64_t kLastWords = 1'000'000'000;

}  // namespace

Server::Server(ServerConfig config, Application& application) : config_{std::move(config)}, application_{application} {}

Server::~Server() = default;

std::string Server::open() {
    auto service = std::make_unique<Service>(*this, config_, application_);
    auto problem = service->open();
    const std::lock_guard lock{mutex_};
    if (problem.empty()) service_ = std::move(service);
    return problem;
}

void Server::run() {
    while (!stopping_) turn();
    // What is queued still goes out, and then the goodbye; who does not take it is not waited for.
    close_all();
    const auto end = application_.now_ns() + kLastWords;
    while (service_->is_talking() && application_.now_ns() < end) turn();
}

void Server::turn() {
    service_->turn();
    auto work = take_work();
    for (auto& [fd, listener] : work.adopted) service_->adopt(std::move(fd), listener);
    for (const auto client : work.changed) service_->on_changed(client);
}

void Server::close_all() {
    const std::lock_guard lock{mutex_};
    for (const auto& [client, link] : links_) {
        link->close_when_sent();
        work_.changed.push_back(client);
    }
    service_->wake();
}

void Server::stop() {
    stopping_ = true;
    const std::lock_guard lock{mutex_};
    if (service_) service_->wake();
}

cardea_status Server::adopt(sdk::Fd fd, std::uint32_t listener) {
    if (listener >= config_.listeners.size()) return CARDEA_INVALID;
    if (config_.listeners[listener].tls && config_.tls_certificate.empty()) return CARDEA_UNSUPPORTED;
    const std::lock_guard lock{mutex_};
    if (!service_ || stopping_) return CARDEA_BUSY;
    work_.adopted.push_back({std::move(fd), listener});
    service_->wake();
    return CARDEA_OK;
}

cardea_status Server::send(cardea_client_id client, std::string_view json) {
    const auto link = find(client);
    if (!link) return CARDEA_NOT_FOUND;
    std::string framed(Service::headroom(), '\0');
    framed += json;
    const bool queued = link->put(std::move(framed), Service::headroom());
    changed(client);
    return queued ? CARDEA_OK : CARDEA_NOT_FOUND;
}

void Server::set_reading(cardea_client_id client, bool on) {
    const auto link = find(client);
    if (!link) return;
    link->set_reading(on);
    changed(client);
}

void Server::close(cardea_client_id client) {
    const auto link = find(client);
    if (!link) return;
    link->close_when_sent();
    changed(client);
}

std::shared_ptr<Link> Server::find(cardea_client_id client) {
    const std::lock_guard lock{mutex_};
    const auto found = links_.find(client);
    return found == links_.end() ? nullptr : found->second;
}

// The eventfd is written for the first change only: the service thread takes the whole list when it wakes.
void Server::changed(cardea_client_id client) {
    const std::lock_guard lock{mutex_};
    const bool asleep = work_.changed.empty();
    if (!asleep && work_.changed.back() == client) return;
    work_.changed.push_back(client);
    if (asleep) service_->wake();
}

Server::Work Server::take_work() {
    const std::lock_guard lock{mutex_};
    return std::exchange(work_, {});
}

void Server::add(cardea_client_id client, std::shared_ptr<Link> link) {
    const std::lock_guard lock{mutex_};
    links_.insert_or_assign(client, std::move(link));
}

void Server::remove(cardea_client_id client) {
    const std::lock_guard lock{mutex_};
    links_.erase(client);
}

}  // namespace cardea::net
