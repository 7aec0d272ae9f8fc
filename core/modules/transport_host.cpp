// The C functions of cardea_transport_host, and what they do with clients. Any thread.
#include "base/clock.hpp"
#include "base/log.hpp"
#include "cardea/slice.hpp"
#include "modules/json_documents.hpp"
#include "modules/module_log.hpp"
#include "modules/transport_host.hpp"
#include "modules/transport_runtime.hpp"

namespace cardea {
namespace {

// One counter for all transports: a client id is never reused.
std::atomic<std::uint64_t> last_client{0};

// "192.0.2.1:5000", "[2001:db8::1]:5000" -> the address; a Unix socket has none.
std::string ip_of(std::string_view address) {
    const auto colon = address.rfind(':');
    if (colon == std::string_view::npos) return std::string{address};
    auto ip = address.substr(0, colon);
    if (ip.size() > 2 && ip.front() == '[' && ip.back() == ']') ip = ip.substr(1, ip.size() - 2);
    return std::string{ip};
}

// A browser's page (Origin) and whoever comes through a proxy (X-Forwarded-For) speak for somebody else.
bool is_trusted(const Json& about, const std::string& ip, const std::vector<config::AddressPrefix>& trusted) {
    if (about.has("origin") || about.has("forwarded_for")) return false;
    const auto address = SocketAddress::parse(ip, 0);
    return address && config::contains(trusted, *address);
}

}  // namespace

ClientId TransportRuntime::open_client(const Json& about, bool& trusted) {
    Client client;
    client.ip = ip_of(about["address"].text());
    client.trusted = is_trusted(about, client.ip, services_.limits.trusted);
    trusted = client.trusted;
    const ClientId id{++last_client};
    {
        const std::lock_guard lock{mutex_};
        auto& count = per_address_[client.ip];
        const auto limit = services_.limits.connections_per_address;
        if (!client.trusted && limit != 0 && count >= limit) {
            if (const auto times = refusals_.count(MonotonicClock::now()); times > 0)
                log::warn("client refused: too many connections of its address", log::kv("module", identity_.name), log::kv("times", times));
            return {};
        }
        ++count;
        clients_.emplace(id, std::move(client));
    }
    log::debug("client connected", log::kv("module", identity_.name), log::kv("client", id), log::kv("address", about["address"].text()),
               log::kv("listener", about["listener"].text()));
    services_.control.post([this, id] { services_.listener.on_client_open(*this, id); });
    return id;
}

bool TransportRuntime::count_message(ClientId id) {
    const std::lock_guard lock{mutex_};
    const auto found = clients_.find(id);
    if (found == clients_.end()) return false;
    auto& client = found->second;
    if (++client.unanswered >= services_.limits.requests_per_connection) client.full = true;
    return true;
}

cardea_status TransportRuntime::take_message(ClientId id, std::string_view text) {
    if (text.size() > services_.limits.message_bytes) {
        if (!count_message(id)) return CARDEA_NOT_FOUND;
        deliver(id, {}, "larger than " + std::to_string(services_.limits.message_bytes) + " bytes");
        return CARDEA_INVALID;
    }
    auto documents = parse_documents(text, services_.limits.json_depth, services_.limits.requests_per_connection);
    const auto count = documents.list.size() + (documents.problem.empty() ? 0 : 1);
    for (std::size_t i = 0; i < count; ++i)
        if (!count_message(id)) return CARDEA_NOT_FOUND;
    const bool invalid = !documents.problem.empty();
    deliver(id, std::move(documents.list), std::move(documents.problem));
    if (invalid) return CARDEA_INVALID;
    const std::lock_guard lock{mutex_};
    const auto found = clients_.find(id);
    return found != clients_.end() && found->second.full ? CARDEA_BUSY : CARDEA_OK;
}

void TransportRuntime::deliver(ClientId id, std::vector<Json> documents, std::string problem) {
    services_.control.post([this, id, documents = std::move(documents), problem = std::move(problem)] {
        for (const auto& document : documents) services_.listener.on_message(id, document);
        if (!problem.empty()) services_.listener.on_unparsable(id, problem);
    });
}

void TransportRuntime::drop_client(ClientId id) {
    {
        const std::lock_guard lock{mutex_};
        const auto found = clients_.find(id);
        if (found == clients_.end()) return;
        if (const auto count = per_address_.find(found->second.ip); count != per_address_.end() && --count->second == 0)
            per_address_.erase(count);
        clients_.erase(found);
    }
    services_.control.post([this, id] { services_.listener.on_client_gone(id); });
}

void TransportRuntime::message_done(ClientId id) {
    bool resume = false;
    {
        const std::lock_guard lock{mutex_};
        const auto found = clients_.find(id);
        if (found == clients_.end()) return;
        auto& client = found->second;
        if (client.unanswered > 0) --client.unanswered;
        if (client.full && client.unanswered <= services_.limits.requests_per_connection / 2) {
            client.full = false;
            resume = !client.held;
        }
    }
    if (resume) api_.set_reading(transport_, id.value, 1);
}

void TransportRuntime::hold(ClientId id, bool held) {
    bool reading = false;
    {
        const std::lock_guard lock{mutex_};
        const auto found = clients_.find(id);
        if (found == clients_.end() || found->second.held == held) return;
        found->second.held = held;
        reading = !held && !found->second.full;
        if (!held && !reading) return;  // resumed when it is no longer full
    }
    api_.set_reading(transport_, id.value, reading ? 1 : 0);
}

struct TransportHostTable {
    static TransportRuntime& of(void* self) { return *static_cast<TransportRuntime*>(self); }
    static void log(void* self, std::int32_t level, cardea_slice event, cardea_slice fields) {
        log_of_module(of(self).identity_.name, level, sdk::text(event), sdk::text(fields));
    }
    static std::int64_t now(void*) { return ns_of(MonotonicClock::now()); }
    static cardea_client_id client_open(void* self, cardea_slice about, std::uint32_t* trusted) {
        bool is_trusted = false;
        const auto id = of(self).open_client(Json::parse(sdk::text(about)), is_trusted);
        if (trusted != nullptr) *trusted = is_trusted ? 1 : 0;
        return id.value;
    }
    static cardea_status incoming(void* self, cardea_client_id client, cardea_slice json) {
        return of(self).take_message(ClientId{client}, sdk::text(json));
    }
    static void client_gone(void* self, cardea_client_id client) { of(self).drop_client(ClientId{client}); }
    static void health(void* self, const cardea_out* out) { sdk::write(out, of(self).services_.health()); }
    static cardea_status spawn_service(void* self, const char* name, cardea_task run, cardea_task stop, void* arg) {
        return of(self).service_threads_.spawn(name == nullptr ? "service" : name, run, stop, arg) ? CARDEA_OK : CARDEA_INVALID;
    }
};

cardea_transport_host make_transport_host(TransportRuntime& runtime) {
    using T = TransportHostTable;
    return {sizeof(cardea_transport_host), 0,         &runtime, T::log, T::now, T::client_open, T::incoming, T::client_gone,
            T::health,                     T::spawn_service};
}

}  // namespace cardea
