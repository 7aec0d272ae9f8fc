// The two messages of the Data Channel Establishment Protocol (RFC 8832): who opens a channel says what it is like on the stream that
// carries it, and the other side agrees. Bytes in, values out; the channels themselves are in data_channels.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include "base/bytes.hpp"

namespace cardea {

// How hard SCTP tries to deliver a message (RFC 8831 section 6.1). At most one of the two limits is set.
struct Reliability {
    bool ordered = true;
    std::optional<std::uint32_t> max_retransmits;
    std::optional<std::uint32_t> max_lifetime;  // milliseconds
    friend bool operator==(const Reliability&, const Reliability&) = default;
};

struct ChannelOptions {
    std::string label;
    std::string protocol;
    Reliability reliability;
    std::uint16_t priority = 256;  // RFC 8831 section 6.4: normal. Carried on, not acted upon
    friend bool operator==(const ChannelOptions&, const ChannelOptions&) = default;
};

// The RFC allows 65,535 octets of each; a peer that opens all its channels could then hold megabytes by their names alone.
constexpr std::size_t kMaxChannelName = 256;

struct DcepAck {};
using DcepMessage = std::variant<ChannelOptions, DcepAck>;  // options: DATA_CHANNEL_OPEN

enum class DcepErrc : std::uint8_t {
    truncated,
    unknown_message,
    unknown_channel_type,
    name_too_long,  // label or protocol above kMaxChannelName
    bad_text,       // label or protocol is not UTF-8
};

[[nodiscard]] tl::expected<DcepMessage, DcepErrc> parse_dcep(Bytes message);
// Names above kMaxChannelName are cut at a character.
[[nodiscard]] std::vector<std::uint8_t> write_dcep_open(const ChannelOptions& options);
[[nodiscard]] std::vector<std::uint8_t> write_dcep_ack();

[[nodiscard]] bool is_utf8(std::string_view text) noexcept;  // RFC 3629
[[nodiscard]] std::string_view cut_utf8(std::string_view text, std::size_t size) noexcept;

}  // namespace cardea
