// Reading a compound RTCP packet (RFC 3550 section 6.1, reduced-size RFC 5506) after SRTCP: framing of the whole compound first,
// then item by item.
#pragma once

#include <optional>
#include <tl/expected.hpp>
#include <utility>

#include "base/bytes.hpp"
#include "proto/rtp/rtcp/rtcp_types.hpp"

namespace cardea {

// Versions, lengths and padding of all its packets. A compound that fails says nothing we may believe.
[[nodiscard]] tl::expected<void, RtcpErrc> check_compound(Bytes compound) noexcept;

class RtcpCursor {
  public:
    explicit RtcpCursor(Bytes compound) noexcept : rest_{compound} {}
    // Nothing: the end.
    [[nodiscard]] tl::expected<std::optional<RtcpItem>, RtcpErrc> next() noexcept;

  private:
    Bytes rest_;
};

// Calls visitor(const T&) for each item, T one of RtcpItem's alternatives. Checks the framing before the first call; an item whose
// inside is wrong ends the walk with an error, those before it have been visited.
template <class Visitor>
tl::expected<void, RtcpErrc> for_each_rtcp(Bytes compound, Visitor&& visitor) {
    if (auto checked = check_compound(compound); !checked) return checked;
    RtcpCursor cursor{compound};
    while (true) {
        const auto item = cursor.next();
        if (!item) return tl::unexpected{item.error()};
        if (!*item) return {};
        std::visit(visitor, **item);
    }
}

}  // namespace cardea
