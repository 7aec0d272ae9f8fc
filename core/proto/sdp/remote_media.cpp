#include "proto/sdp/remote_media.hpp"

#include <algorithm>
#include <optional>

#include "proto/sdp/codec_choice.hpp"

namespace cardea::sdp {
namespace {

// RFC 5576 section 4.2, RFC 4588 section 8.5: FID names a stream, then its retransmissions.
std::optional<Ssrc> rtx_ssrc_of(const MediaDescription& media, Ssrc primary) {
    for (const auto& group : media.ssrc_groups)
        if (group.semantics == "FID" && group.ssrcs.size() == 2 && group.ssrcs[0] == primary) return group.ssrcs[1];
    return std::nullopt;
}

// The stream itself, not its repair: the first SSRC that no group lists behind another one.
std::optional<Ssrc> primary_ssrc(const MediaDescription& media) {
    const auto repairs = [&](Ssrc ssrc) {
        return std::any_of(media.ssrc_groups.begin(), media.ssrc_groups.end(), [&](const SdpSsrcGroup& group) {
            return group.semantics != "SIM" && group.ssrcs.size() > 1 &&
                   std::find(group.ssrcs.begin() + 1, group.ssrcs.end(), ssrc) != group.ssrcs.end();
        });
    };
    for (const auto& entry : media.ssrcs)
        if (entry.ssrc.is_set() && !repairs(entry.ssrc)) return entry.ssrc;
    return std::nullopt;
}

}  // namespace

std::vector<std::string> sent_rids(const MediaDescription& media) {
    std::vector<std::string> rids;
    for (const auto& id : media.simulcast.send) {
        const auto declared =
            std::any_of(media.rids.begin(), media.rids.end(), [&](const SdpRid& rid) { return rid.send && rid.id == id; });
        if (declared && rids.size() < kMaxEncodings && std::find(rids.begin(), rids.end(), id) == rids.end()) rids.push_back(id);
    }
    return rids;
}

std::vector<std::string> from_highest(std::vector<std::string> rids, RidOrder order) {
    if (order == RidOrder::lmh) std::reverse(rids.begin(), rids.end());
    return rids;
}

std::vector<Ssrc> simulcast_ssrcs(const MediaDescription& media) {
    for (const auto& group : media.ssrc_groups) {
        if (group.semantics != "SIM" || group.ssrcs.size() < 2) continue;
        auto ssrcs = group.ssrcs;
        if (ssrcs.size() > kMaxEncodings) ssrcs.resize(kMaxEncodings);
        return ssrcs;
    }
    return {};
}

std::vector<RemoteEncoding> encodings_of(const MediaDescription& media, const std::vector<std::string>& rids_from_highest) {
    std::vector<RemoteEncoding> encodings;
    for (auto rid = rids_from_highest.rbegin(); rid != rids_from_highest.rend(); ++rid) encodings.push_back({*rid, {}, {}});
    if (!encodings.empty()) return encodings;
    for (const auto ssrc : simulcast_ssrcs(media)) encodings.push_back({{}, ssrc, rtx_ssrc_of(media, ssrc)});
    if (!encodings.empty()) return encodings;
    if (const auto ssrc = primary_ssrc(media)) encodings.push_back({{}, *ssrc, rtx_ssrc_of(media, *ssrc)});
    return encodings;
}

Msid sent_msid(const MediaDescription& media) {
    if (!media.msid.empty()) return media.msid;
    const auto named = std::find_if(media.ssrcs.begin(), media.ssrcs.end(), [](const SdpSsrc& ssrc) { return !ssrc.msid.empty(); });
    return named == media.ssrcs.end() ? Msid{} : named->msid;
}

OfferedMedia summary_of(const MediaDescription& media, std::size_t index, bool usable, RidOrder order) {
    OfferedMedia summary;
    summary.mid = media.mid;
    summary.mindex = static_cast<std::uint8_t>(index);
    summary.kind = media.kind.value_or(MediaKind::data);
    summary.bandwidth = media.bandwidth;
    summary.disabled = !usable;
    if (!usable) return summary;
    summary.direction = media.direction;
    if (!media.is_rtp()) return summary;
    summary.codecs = offered_codecs(media);
    summary.msid = sent_msid(media);
    if (media.kind != MediaKind::video) return summary;
    summary.rids = from_highest(sent_rids(media), order);
    if (summary.rids.empty()) summary.simulcast_ssrcs = simulcast_ssrcs(media);
    return summary;
}

}  // namespace cardea::sdp
