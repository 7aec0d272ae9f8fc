// The media description as it crosses the module boundary: policies and wishes from JSON, summaries and results to JSON.
// cardea/abi.h names the fields.
#pragma once

#include "cardea/json.hpp"
#include "peer/data_plane.hpp"
#include "proto/sdp/negotiation_types.hpp"

namespace cardea {

[[nodiscard]] AnswerPolicy answer_policy(const Json& policy);
// Without the source's payload type, which the caller looks up.
[[nodiscard]] OfferTrack offer_track(const Json& wish, const ExtensionWish& extensions);
[[nodiscard]] ExtensionWish extension_wish(const Json& extensions);

// {"type":"offer","update","restart","media":[...]}
[[nodiscard]] Json offer_json(const OfferSummary& offer);
[[nodiscard]] Json media_json(const NegotiatedMedia& media, SourceId source, SinkId sink);

// "label" and "protocol" of a data route.
[[nodiscard]] DataRouteOptions data_route_options(const Json& json);

}  // namespace cardea
