#include "base/log.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <mutex>

#include "base/assert.hpp"

namespace cardea {

void assertion_failed(const char* condition, const char* file, int line) noexcept {
    std::fprintf(stderr, "cardea: assertion failed: %s (%s:%d)\n", condition, file, line);
    std::abort();
}

namespace log {
namespace {

struct Backend {
    std::shared_ptr<spdlog::logger> logger;
    bool json = false;
};

Backend& backend() {
    static Backend instance{std::make_shared<spdlog::logger>("cardea", std::make_shared<spdlog::sinks::stderr_sink_mt>()), false};
    return instance;
}
std::atomic<Level> current_level{Level::info};

spdlog::level::level_enum spd(Level level) {
    switch (level) {
        case Level::debug: return spdlog::level::debug;
        case Level::info: return spdlog::level::info;
        case Level::warn: return spdlog::level::warn;
        case Level::error: return spdlog::level::err;
        case Level::off: break;
    }
    return spdlog::level::off;
}

// Control characters in a value could forge a log line.
void append_quoted(std::string& out, std::string_view value) {
    out += '"';
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte == 0x7f) {
            static constexpr std::string_view kHex = "0123456789abcdef";
            out += "\\u00";
            out += kHex[byte >> 4U];
            out += kHex[byte & 15U];
        } else {
            out += c;
        }
    }
    out += '"';
}

bool is_plain(std::string_view value) {
    if (value.empty()) return false;
    for (const char c : value)
        if (static_cast<unsigned char>(c) <= 0x20 || c == '"' || c == '\\' || c == '=' || c == 0x7f) return false;
    return true;
}

std::string format_text(std::string_view event, std::span<const Field> fields) {
    std::string line{event};
    for (const auto& field : fields) {
        line += ' ';
        line += field.key;
        line += '=';
        if (is_plain(field.value)) {
            line += field.value;
        } else {
            append_quoted(line, field.value);
        }
    }
    return line;
}

std::string format_json(std::string_view event, std::span<const Field> fields) {
    std::string line;
    append_quoted(line, event);
    for (const auto& field : fields) {
        line += ',';
        append_quoted(line, field.key);
        line += ':';
        append_quoted(line, field.value);
    }
    return line;
}

}  // namespace

void configure(const Options& options) {
    auto& b = backend();
    b.json = options.json;
    if (options.file.empty()) {
        b.logger = std::make_shared<spdlog::logger>("cardea", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    } else {
        b.logger = std::make_shared<spdlog::logger>("cardea", std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.file));
    }
    b.logger->set_level(spdlog::level::debug);
    b.logger->flush_on(spdlog::level::info);
    b.logger->set_pattern(options.json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","event":%v})" : "%Y-%m-%dT%H:%M:%S.%eZ %L %v",
                          spdlog::pattern_time_type::utc);
    set_level(options.level);
}

void set_level(Level level) noexcept { current_level.store(level, std::memory_order_relaxed); }
Level level() noexcept { return current_level.load(std::memory_order_relaxed); }
bool enabled(Level level) noexcept { return level >= current_level.load(std::memory_order_relaxed); }

void write(Level level, std::string_view event, std::span<const Field> fields) {
    auto& b = backend();
    b.logger->log(spd(level), b.json ? format_json(event, fields) : format_text(event, fields));
}

void flush() { backend().logger->flush(); }

}  // namespace log
}  // namespace cardea
