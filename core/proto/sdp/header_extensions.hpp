// RTP header extensions (RFC 8285) by name: which the gateway knows, which it accepts, which id they got.
#pragma once

#include <string_view>
#include <vector>

#include "proto/sdp/media_line.hpp"
#include "proto/sdp/payload_table.hpp"

namespace cardea::sdp {

// Those of an offer that are wanted. `line` says what the gateway will do on this m-line.
[[nodiscard]] std::vector<SdpExtension> accepted_extensions(const MediaDescription& offered, const ExtensionWish& wish,
                                                            const MediaLine& line);
// Those that an offer of ours proposes, with the ids of this peer connection.
[[nodiscard]] std::vector<SdpExtension> proposed_extensions(MediaKind kind, const ExtensionWish& wish, MediaDirection direction,
                                                            ExtensionTable& table);
// Those that we offered and the answer kept, with the answer's ids.
[[nodiscard]] std::vector<SdpExtension> answered_extensions(const MediaDescription& answered, const std::vector<SdpExtension>& offered);

// The ids that packets towards the gateway, and those from it, may use.
[[nodiscard]] ExtensionIds receiving_ids(const std::vector<SdpExtension>& extensions) noexcept;
[[nodiscard]] ExtensionIds sending_ids(const std::vector<SdpExtension>& extensions) noexcept;

}  // namespace cardea::sdp
