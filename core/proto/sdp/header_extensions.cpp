#include "proto/sdp/header_extensions.hpp"

#include <algorithm>
#include <array>

namespace cardea::sdp {
namespace {

// RFC 8285 section 4.2: the one-byte form ends at 14. Higher ids need the two-byte form, which without extmap-allow-mixed would
// have to be used in every packet.
constexpr std::uint8_t kHighestShortId = 14;

enum Kinds : std::uint8_t { kAudio = 1, kVideo = 2, kBoth = 3 };

struct ExtensionRow {
    std::string_view uri;
    std::uint8_t ExtensionIds::* id;
    bool ExtensionWish::* wish;  // nullptr: always
    Kinds kinds;
    std::uint8_t usual_id;  // in an offer of ours
    bool receiving_only;    // of use only where the gateway receives
    bool offered;           // in an offer of ours without simulcast
};
// An encoding is told apart by rid only where it is received; and transport-wide congestion control towards a receiver would
// need an estimator of ours, without which the receiver's REMB is worth more.
constexpr std::array<ExtensionRow, 9> kExtensions{{
    {"urn:ietf:params:rtp-hdrext:sdes:mid", &ExtensionIds::mid, nullptr, kBoth, 4, false, true},
    {"urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id", &ExtensionIds::rid, nullptr, kVideo, 10, true, false},
    {"urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id", &ExtensionIds::repaired_rid, nullptr, kVideo, 11, true, false},
    {"urn:ietf:params:rtp-hdrext:ssrc-audio-level", &ExtensionIds::audio_level, &ExtensionWish::audio_level, kAudio, 1, false, true},
    {"http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time", &ExtensionIds::abs_send_time, &ExtensionWish::abs_send_time, kBoth, 2,
     false, true},
    {"http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01", &ExtensionIds::transport_cc, &ExtensionWish::transport_cc,
     kBoth, 3, true, true},
    {"urn:3gpp:video-orientation", &ExtensionIds::video_orientation, &ExtensionWish::video_orientation, kVideo, 13, false, true},
    {"http://www.webrtc.org/experiments/rtp-hdrext/playout-delay", &ExtensionIds::playout_delay, &ExtensionWish::playout_delay, kVideo, 5,
     false, true},
    {"https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension", &ExtensionIds::dependency_descriptor,
     &ExtensionWish::dependency_descriptor, kVideo, 12, false, true},
}};

const ExtensionRow* row_of(std::string_view uri) noexcept {
    const auto found = std::find_if(kExtensions.begin(), kExtensions.end(), [&](const ExtensionRow& row) { return row.uri == uri; });
    return found == kExtensions.end() ? nullptr : &*found;
}

bool is_wanted(const ExtensionRow& row, MediaKind kind, const ExtensionWish& wish, MediaDirection direction) noexcept {
    if ((row.kinds & (kind == MediaKind::audio ? kAudio : kVideo)) == 0) return false;
    if (row.receiving_only && !receives(direction)) return false;
    return row.wish == nullptr || wish.*row.wish;
}

bool has(const std::vector<SdpExtension>& list, const SdpExtension& extension) {
    return std::any_of(list.begin(), list.end(),
                       [&](const SdpExtension& known) { return known.id == extension.id || known.uri == extension.uri; });
}

}  // namespace

std::vector<SdpExtension> accepted_extensions(const MediaDescription& offered, const ExtensionWish& wish, const MediaLine& line) {
    const auto kind = offered.kind.value_or(MediaKind::data);
    const std::uint8_t highest_id = line.extmap_allow_mixed ? 255 : kHighestShortId;
    std::vector<SdpExtension> accepted;
    for (const auto& extension : offered.extensions) {
        const auto* const row = row_of(extension.uri);
        if (row == nullptr || extension.id > highest_id || !is_wanted(*row, kind, wish, line.direction)) continue;
        // RFC 8285 section 6: the answer says the direction from its own side. One that was offered inactive is left out.
        if (extension.direction == MediaDirection::inactive || has(accepted, extension)) continue;
        accepted.push_back({extension.id, extension.uri, {}});
        if (extension.direction) accepted.back().direction = reversed(*extension.direction);
    }
    return accepted;
}

std::vector<SdpExtension> proposed_extensions(MediaKind kind, const ExtensionWish& wish, MediaDirection direction, ExtensionTable& table) {
    std::vector<SdpExtension> proposed;
    for (const auto& row : kExtensions) {
        if (!row.offered || !is_wanted(row, kind, wish, direction)) continue;
        if (const auto id = table.id_of(row.uri, row.usual_id)) proposed.push_back({*id, std::string{row.uri}, {}});
    }
    return proposed;
}

std::vector<SdpExtension> answered_extensions(const MediaDescription& answered, const std::vector<SdpExtension>& offered) {
    std::vector<SdpExtension> kept;
    for (const auto& extension : answered.extensions) {
        const auto proposed =
            std::any_of(offered.begin(), offered.end(), [&](const SdpExtension& ours) { return ours.uri == extension.uri; });
        if (!proposed || extension.id == 0 || extension.direction == MediaDirection::inactive || has(kept, extension)) continue;
        kept.push_back({extension.id, extension.uri, {}});
        if (extension.direction) kept.back().direction = reversed(*extension.direction);
    }
    return kept;
}

ExtensionIds receiving_ids(const std::vector<SdpExtension>& extensions) noexcept {
    ExtensionIds ids;
    for (const auto& extension : extensions) {
        const auto* const row = row_of(extension.uri);
        if (row != nullptr && receives(extension.direction.value_or(MediaDirection::sendrecv))) ids.*row->id = extension.id;
    }
    return ids;
}

ExtensionIds sending_ids(const std::vector<SdpExtension>& extensions) noexcept {
    ExtensionIds ids;
    for (const auto& extension : extensions) {
        const auto* const row = row_of(extension.uri);
        if (row == nullptr || row->receiving_only) continue;
        if (sends(extension.direction.value_or(MediaDirection::sendrecv))) ids.*row->id = extension.id;
    }
    return ids;
}

}  // namespace cardea::sdp
