// Which payload type of a remote m-line the gateway takes.
#pragma once

#include <optional>
#include <vector>

#include "proto/sdp/negotiation_types.hpp"

namespace cardea::sdp {

// Codec of a format, unknown unless the gateway forwards it with this clock rate.
[[nodiscard]] Codec codec_of_format(const MediaDescription& media, const SdpFormat& format) noexcept;
// Those of an offer that the gateway can forward, in its order.
[[nodiscard]] std::vector<OfferedCodec> offered_codecs(const MediaDescription& media);

// The payload type of an offer that fits the policy best; its fmtp is what the answer writes.
[[nodiscard]] std::optional<PayloadType> choose_payload(const MediaDescription& offered, const KindPolicy& policy,
                                                        const std::vector<Codec>& codecs);
// What an answer made of the payload type that we offered: number, rtx and feedback are the answer's.
[[nodiscard]] std::optional<PayloadType> answered_payload(const MediaDescription& answered, const PayloadType& offered);

// The number of the RTX format (RFC 4588) for a payload type.
[[nodiscard]] std::optional<std::uint8_t> rtx_of(const MediaDescription& media, std::uint8_t number);

// The SDP of a payload type: its format, then that of its retransmissions.
[[nodiscard]] std::vector<SdpFormat> formats_of(const PayloadType& type);

}  // namespace cardea::sdp
