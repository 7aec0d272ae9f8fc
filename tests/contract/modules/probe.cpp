// A plugin that does on request whatever a plugin may do, for the tests of its runtime.
#include <cardea/plugin.hpp>
#include <unistd.h>

#include <set>

namespace {

using cardea::Json;
using namespace cardea::sdk;

constexpr cardea_param kOptions[] = {string("greeting").fallback("\"hello\""), integer("level").range(0, 9).fallback("3")};
constexpr cardea_param kRoom[] = {integer("room").required().positive()};
constexpr cardea_request_type kRequests[] = {
    sync_request("config"), sync_request("room", table(kRoom)), sync_request("throw"),        sync_request("refuse"),
    sync_request("block"),  sync_request("cancel"),             sync_request("end"),          sync_request("handles"),
    sync_request("tell"),
    async_request("now"),   async_request("later"),             async_request("service"),     async_request("throw_async"),
};

class Probe final : public Plugin {
  public:
    using Plugin::Plugin;

    bool attach(HandleId handle) override { return handles_.insert(handle).second; }
    void detach(HandleId handle) override { handles_.erase(handle); }

    Reply on_request(const Request& request) override {
        const auto name = request.name();
        if (name == "config") return config();
        if (name == "throw" || name == "throw_async") throw std::runtime_error{"on purpose"};
        if (name == "refuse") throw RequestError{426, "No such room"};
        if (name == "block") return block(static_cast<int>(request.body["until_readable"].integer()));
        if (name == "cancel") return cancel_one_of_two(request.handle);
        if (name == "tell") return tell(request);
        if (name == "end") host().end_handle(request.handle);
        if (name == "later") return later(request);
        if (name == "service") return service(request);
        return Json{{"probe", name}, {"handles", handles_.size()}};
    }

  private:
    // What a plugin must never do: waits on its own thread, for a byte of whoever tests.
    static Reply block(int fd) {
        char byte = 0;
        return Json{{"got", ::read(fd, &byte, 1)}};
    }
    // About itself, about nobody, about a handle that is not there; and whether they were built at all.
    Reply tell(const Request& request) {
        int built = 0;
        for (const auto handle : {request.handle, HandleId{}, HandleId{4711}})
            host().notify_event(handle, [&] { return Json{{"event", "told"}, {"number", ++built}}; });
        return Json{{"built", built}};
    }
    Reply later(const Request& request) {
        host().start_timer(std::chrono::milliseconds{1}, [this, handle = request.handle, transaction = request.transaction] {
            host().push_event(handle, {{"probe", "timer"}}, transaction);
        });
        return {};
    }
    Reply cancel_one_of_two(HandleId handle) {
        const auto cancelled = host().start_timer(std::chrono::milliseconds{1},
                                                  [this, handle] { host().push_event(handle, {{"probe", "cancelled timer"}}); });
        host().start_timer(std::chrono::milliseconds{2}, [this, handle] { host().push_event(handle, {{"probe", "second timer"}}); });
        host().cancel_timer(cancelled);
        return Json::object();
    }
    Reply service(const Request& request) {
        host().spawn_service("probe-service", [this, handle = request.handle, transaction = request.transaction](std::stop_token) {
            host().post([this, handle, transaction] { host().push_event(handle, {{"probe", "service"}}, transaction); });
        });
        return {};
    }

    std::set<HandleId> handles_;
};

}  // namespace

CARDEA_PLUGIN(Probe, .name = "probe", .package = "test.plugin.probe", .version = "1.2.3", .version_number = 123,
              .options = table(kOptions), .requests = requests(kRequests),
              .errors = {.key = "probe", .missing_element = 429, .invalid_element = 430, .invalid_request = 423}, .validate_first = true)
