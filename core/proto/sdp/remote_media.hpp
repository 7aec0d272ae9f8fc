// What a client says about the streams of one m-line: simulcast, SSRCs, names.
#pragma once

#include <string>
#include <vector>

#include "proto/sdp/negotiation_types.hpp"

namespace cardea::sdp {

constexpr std::size_t kMaxEncodings = 3;  // Janus' substreams 0, 1, 2

// Simulcast rids that the client sends, at most three, in its order.
[[nodiscard]] std::vector<std::string> sent_rids(const MediaDescription& media);
// Highest quality first.
[[nodiscard]] std::vector<std::string> from_highest(std::vector<std::string> rids, RidOrder order);
// The SIM group of clients that announce simulcast by SSRC, lowest quality first; at most three; empty unless there are two.
[[nodiscard]] std::vector<Ssrc> simulcast_ssrcs(const MediaDescription& media);
// Lowest quality first. `rids_from_highest` are those that were accepted.
[[nodiscard]] std::vector<RemoteEncoding> encodings_of(const MediaDescription& media, const std::vector<std::string>& rids_from_highest);
// a=msid, or the one that old clients write with a=ssrc.
[[nodiscard]] Msid sent_msid(const MediaDescription& media);

// One entry of an OfferSummary.
[[nodiscard]] OfferedMedia summary_of(const MediaDescription& media, std::size_t index, bool usable, RidOrder order);

}  // namespace cardea::sdp
