// cardea/plugin_values.hpp: what passes between a plugin and its host, in C++: ids, requests and their answers, m-lines. Part of
// cardea/plugin.hpp, which is what a plugin includes.
#pragma once

#include <cardea/abi.h>
#include <cardea/json.hpp>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace cardea::sdk {

enum class HandleId : std::uint64_t {};
enum class SourceId : std::uint64_t { none = 0 };
enum class SinkId : std::uint64_t { none = 0 };
enum class RecordingId : std::uint64_t { none = 0 };
enum class ForwarderId : std::uint64_t { none = 0 };
enum class RemoteId : std::uint64_t { none = 0 };
enum class TimerId : std::uint64_t { none = 0 };
enum class Ticket : std::uint64_t { none = 0 };              ///< a local description that waits for its event
enum class Transaction : std::uint64_t { unsolicited = 0 };  ///< token of an asynchronous request

[[nodiscard]] constexpr std::uint64_t raw(auto id) noexcept { return static_cast<std::uint64_t>(id); }

/// Thrown by on_request: answered as {"<error_key>":"<error_value>","error_code":code,"error":text}.
class RequestError : public std::runtime_error {
  public:
    RequestError(int code, const std::string& text) : std::runtime_error{text}, code_{code} {}
    [[nodiscard]] int code() const noexcept { return code_; }

  private:
    int code_;
};

struct Request {
    HandleId handle{};
    Transaction transaction{};
    bool async = false;  ///< acked already; answered by the reply returned, or later by Host::push_event
    Json body;           ///< object
    Json media;          ///< absent without jsep; see cardea_request.media
    [[nodiscard]] std::string name() const { return std::string{body["request"].text()}; }
    [[nodiscard]] bool has_offer() const { return media["type"].text() == "offer"; }
    [[nodiscard]] bool has_answer() const { return media["type"].text() == "answer"; }
};

/// The answer to a request. Empty for an asynchronous request: it is answered later by Host::push_event.
struct Reply {
    Reply() = default;
    Reply(Json answer, Ticket description = Ticket::none) : data{std::move(answer)}, ticket{description} {}
    Json data;
    Ticket ticket = Ticket::none;
};

/// One m-line of a description as negotiated.
struct MediaLine {
    std::string mid;
    std::uint32_t mindex = 0;
    std::string kind;       ///< "audio", "video", "data"
    std::string direction;  ///< the gateway's
    std::string codec;
    std::string fmtp;
    SourceId source{};
    SinkId sink{};
    bool disabled = false;
    Json json;  ///< all of it, "simulcast" and "pt" too
};

struct Description {
    Ticket ticket{};
    std::vector<MediaLine> media;
};

/// Files being written by the host.
struct Recording {
    RecordingId id{};
    std::vector<std::string> files;  ///< absolute paths so far
};

/// RTP that the host sends to an address outside of any peer connection.
struct Forwarder {
    ForwarderId id{};
    Json json;  ///< "host", "port", "rtcp_port"?, "local_rtcp_port"?, "ssrc"?, "pt"?, "substream"?, "srtp"?
};

/// A publisher of another gateway, whose RTP the host receives.
struct RemotePublisher {
    RemoteId id{};
    std::string ip;
    std::uint16_t port = 0;
    std::uint16_t rtcp_port = 0;
    std::vector<MediaLine> media;
};

/// A value, or the status and the host's words why there is none.
template <class T>
class Outcome {
  public:
    Outcome(T value) : value_{std::move(value)} {}
    Outcome(cardea_status status, std::string error) : status_{status}, error_{std::move(error)} {}
    [[nodiscard]] explicit operator bool() const noexcept { return value_.has_value(); }
    [[nodiscard]] const T& operator*() const& { return *value_; }
    [[nodiscard]] const T* operator->() const { return &*value_; }
    [[nodiscard]] cardea_status status() const noexcept { return status_; }
    [[nodiscard]] const std::string& error() const noexcept { return error_; }

  private:
    std::optional<T> value_;
    cardea_status status_ = CARDEA_OK;
    std::string error_;
};

/// What validation of a request found.
struct ParamProblem {
    bool missing = false;
    std::string text;
};

/// The m-lines of "media" in a result of answer() and offer(), and in an applied answer.
[[nodiscard]] inline std::vector<MediaLine> media_lines(const Json& media) {
    std::vector<MediaLine> lines;
    media.for_each([&](const Json& entry) {
        MediaLine line;
        line.mid = entry["mid"].text();
        line.mindex = static_cast<std::uint32_t>(entry["mindex"].integer());
        line.kind = entry["kind"].text();
        line.direction = entry["direction"].text();
        line.codec = entry["codec"].text();
        line.fmtp = entry["fmtp"].text();
        line.source = SourceId{entry["source"].unsigned_integer()};
        line.sink = SinkId{entry["sink"].unsigned_integer()};
        line.disabled = entry["disabled"].boolean();
        line.json = entry;
        lines.push_back(std::move(line));
    });
    return lines;
}

}  // namespace cardea::sdk
