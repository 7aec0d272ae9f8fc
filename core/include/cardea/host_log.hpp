// cardea/host_log.hpp: what the hosts of all kinds of modules have in common: the log, the clock, and a guard that lets nothing a module
// throws cross the boundary. Part of the headers of each kind.
#pragma once

#include <cardea/abi.h>
#include <cardea/json.hpp>
#include <cardea/slice.hpp>

#include <cstdint>
#include <exception>
#include <string_view>
#include <utility>

namespace cardea::sdk::detail {

/// Table: a cardea_*_host. Any thread, all of it.
template <class Table>
class HostLog {
  public:
    void debug(std::string_view event, const Json& fields = {}) const { log(CARDEA_LOG_DEBUG, event, fields); }
    void info(std::string_view event, const Json& fields = {}) const { log(CARDEA_LOG_INFO, event, fields); }
    void warn(std::string_view event, const Json& fields = {}) const { log(CARDEA_LOG_WARN, event, fields); }
    void error(std::string_view event, const Json& fields = {}) const { log(CARDEA_LOG_ERROR, event, fields); }
    void log(std::int32_t level, std::string_view event, const Json& fields) const {
        const auto dumped = fields.dump();
        host_->log(host_->self, level, slice(event), slice(dumped));
    }
    [[nodiscard]] std::int64_t now_ns() const { return host_->now(host_->self); }

    /// Runs body; what it throws is logged and ends here. False: it threw.
    template <class F>
    bool guard(std::string_view where, F&& body) const noexcept {
        try {
            std::forward<F>(body)();
            return true;
        } catch (const std::exception& e) {
            log_exception(where, e.what());
        } catch (...) {
            log_exception(where, "not a std::exception");
        }
        return false;
    }
    void log_exception(std::string_view where, std::string_view what) const noexcept {
        try {
            error(exception_event_, {{"in", where}, {"what", what}});
        } catch (...) {  // out of memory while logging: nothing is left to say
        }
    }

  protected:
    HostLog(const Table* host, const char* exception_event) noexcept : host_{host}, exception_event_{exception_event} {}
    const Table* host_;

  private:
    const char* exception_event_;
};

}  // namespace cardea::sdk::detail
