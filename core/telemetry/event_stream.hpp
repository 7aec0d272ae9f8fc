// What happens in the gateway, told to event handlers in the words of Janus' event stream: {emitter, type, subtype?, timestamp
// (microseconds of the wall clock), session_id?, handle_id?, opaque_id?, event}. An event that nobody wants is never built.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/strong_id.hpp"
#include "cardea/json.hpp"

namespace cardea {

// The values are those of the wire and of CARDEA_TELL_*.
enum class EventKind : std::uint32_t {
    session = 1, handle = 2, external = 4, jsep = 8, webrtc = 16, media = 32, plugin = 64, transport = 128, core = 256
};

// Subtypes as the wire has them; 0: the kind has none.
namespace event_subtype {
inline constexpr int kIce = 1, kLocalCandidate = 2, kRemoteCandidate = 3, kSelectedPair = 4, kDtls = 5, kPeerConnection = 6;  // webrtc
inline constexpr int kReceiving = 1, kSlowLink = 2, kStatistics = 3;                                                          // media
inline constexpr int kStatus = 1, kShutdown = 2;                                                                             // core
}  // namespace event_subtype

class EventOutput {
  public:
    virtual ~EventOutput() = default;
    [[nodiscard]] virtual std::uint32_t wanted() const noexcept = 0;  // or-ed kinds
    virtual void tell(EventKind kind, const std::string& json) = 0;   // queues and returns
};

struct EventAbout {
    SessionId session{};
    HandleId handle{};
    std::string_view opaque_id{};
};

class EventStream {
  public:
    explicit EventStream(std::string emitter) : emitter_{std::move(emitter)} {}

    // Before the first event. The output outlives the stream, or clear() comes first.
    void add(EventOutput& output);
    void clear();
    // Any thread.
    [[nodiscard]] bool wants(EventKind kind) const noexcept {
        return (wanted_.load(std::memory_order_relaxed) & static_cast<std::uint32_t>(kind)) != 0;
    }
    // The control thread.
    void emit(EventKind kind, int subtype, const EventAbout& about, const Json& event);

  private:
    std::string emitter_;
    std::vector<EventOutput*> outputs_;
    std::atomic<std::uint32_t> wanted_{0};
};

}  // namespace cardea
