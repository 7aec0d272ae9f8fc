#include "proto/sdp/sdp_attributes.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "proto/sdp/sdp_text.hpp"

namespace cardea::sdp {
namespace {

// Far above what a browser writes; what is past them is skipped, so that no list grows with the square of anything.
constexpr std::size_t kMaxSsrcs = 64;
constexpr std::size_t kMaxSsrcGroups = 64;
constexpr std::size_t kMaxGroupSize = 16;
constexpr std::size_t kMaxExtensions = 64;
constexpr std::size_t kMaxFeedback = 32;
constexpr std::size_t kMaxRids = 32;
constexpr std::size_t kMaxFingerprints = 8;
constexpr std::size_t kMaxBundles = 8;

template <class Reader, std::size_t N>
const Reader* find_reader(const std::array<std::pair<std::string_view, Reader>, N>& table, std::string_view name) noexcept {
    const auto found = std::find_if(table.begin(), table.end(), [&](const auto& entry) { return entry.first == name; });
    return found == table.end() ? nullptr : &found->second;
}

void set_once(std::string& field, std::string_view value) {
    if (field.empty()) field = value;
}

// ---- ICE and DTLS, at either level ----------------------------------------------------------------------------------

bool read_fingerprint(SdpTransport& transport, std::string_view value) {
    const auto algorithm = take_word(value);
    const auto digest = trimmed(value);
    if (algorithm.empty() || digest.empty()) return false;
    if (transport.fingerprints.size() < kMaxFingerprints) transport.fingerprints.push_back({lower_case(algorithm), std::string{digest}});
    return true;
}

bool read_setup(SdpTransport& transport, std::string_view value) {
    const auto role = setup_role_of(trimmed(value));
    if (role && !transport.setup) transport.setup = role;
    return role.has_value();
}

bool read_ufrag(SdpTransport& transport, std::string_view value) {
    set_once(transport.ufrag, value);
    return !value.empty();
}

bool read_pwd(SdpTransport& transport, std::string_view value) {
    set_once(transport.pwd, value);
    return !value.empty();
}

bool read_ice_options(SdpTransport& transport, std::string_view value) {
    set_once(transport.ice_options, value);
    return true;
}

using TransportReader = bool (*)(SdpTransport&, std::string_view);
constexpr std::array<std::pair<std::string_view, TransportReader>, 5> kTransportReaders{{{"fingerprint", read_fingerprint},
                                                                                         {"setup", read_setup},
                                                                                         {"ice-ufrag", read_ufrag},
                                                                                         {"ice-pwd", read_pwd},
                                                                                         {"ice-options", read_ice_options}}};

// ---- Payload types ----------------------------------------------------------------------------------------------------

// The format of the payload type that starts `value`; nullptr with ok when the m-line does not list it.
struct FormatLookup {
    SdpFormat* format = nullptr;
    bool ok = true;
};
FormatLookup take_format(MediaReading& reading, std::string_view& value) {
    const auto number = number_of<std::uint8_t>(take_word(value));
    if (!number || *number > 127) return {nullptr, false};
    const auto index = reading.format_index[*number];
    if (index == 0) return {};
    return {&reading.media->formats[index - 1U], true};
}

bool read_rtpmap(MediaReading& reading, std::string_view value) {
    if (!reading.media->is_rtp()) return true;
    const auto [format, ok] = take_format(reading, value);
    if (!ok) return false;
    auto rest = trimmed(value);
    const auto encoding = take_until(rest, '/');
    const auto clock = number_of<std::uint32_t>(take_until(rest, '/'));
    const auto channels = rest.empty() ? std::optional<std::uint8_t>{1} : number_of<std::uint8_t>(rest);
    if (!is_token(encoding) || !clock || *clock == 0 || !channels || *channels == 0) return false;
    if (format == nullptr || !format->encoding.empty()) return true;
    format->encoding = encoding;
    format->clock_rate = *clock;
    format->channels = *channels;
    return true;
}

bool read_fmtp(MediaReading& reading, std::string_view value) {
    if (!reading.media->is_rtp()) return true;
    const auto [format, ok] = take_format(reading, value);
    if (format != nullptr) set_once(format->fmtp, trimmed(value));
    return ok;
}

bool read_feedback(MediaReading& reading, std::string_view value) {
    if (!reading.media->is_rtp()) return true;
    std::vector<std::string>* list = nullptr;
    if (value.starts_with("* ")) {
        list = &reading.media->feedback;
        value.remove_prefix(2);
    } else {
        const auto [format, ok] = take_format(reading, value);
        if (!ok) return false;
        if (format != nullptr) list = &format->feedback;
    }
    const auto kind = trimmed(value);
    if (list != nullptr && !kind.empty() && list->size() < kMaxFeedback) list->emplace_back(kind);
    return true;
}

// ---- Streams ----------------------------------------------------------------------------------------------------------

Msid msid_of(std::string_view value) {
    const auto stream = take_word(value);
    const auto track = take_word(value);
    // An id ends up in other descriptions and in JSON: what is no token is not worth carrying.
    return {is_token(stream) && stream != "-" ? std::string{stream} : std::string{}, is_token(track) ? std::string{track} : std::string{}};
}

bool read_msid(MediaReading& reading, std::string_view value) {
    if (reading.media->msid.empty()) reading.media->msid = msid_of(value);
    return true;
}

SdpSsrc* find_or_add_ssrc(std::vector<SdpSsrc>& ssrcs, Ssrc ssrc) {
    const auto found = std::find_if(ssrcs.begin(), ssrcs.end(), [&](const SdpSsrc& known) { return known.ssrc == ssrc; });
    if (found != ssrcs.end()) return &*found;
    if (ssrcs.size() >= kMaxSsrcs) return nullptr;
    return &ssrcs.emplace_back(SdpSsrc{ssrc, {}, {}});
}

bool read_ssrc(MediaReading& reading, std::string_view value) {
    const auto number = number_of<std::uint32_t>(take_word(value));
    if (!number) return false;
    auto* const ssrc = find_or_add_ssrc(reading.media->ssrcs, Ssrc{*number});
    if (ssrc == nullptr) return true;
    const auto attribute = take_until(value, ':');
    if (attribute == "cname") set_once(ssrc->cname, value);
    if (attribute == "msid" && ssrc->msid.empty()) ssrc->msid = msid_of(value);
    return true;
}

bool read_ssrc_group(MediaReading& reading, std::string_view value) {
    SdpSsrcGroup group{std::string{take_word(value)}, {}};
    while (!trimmed(value).empty()) {
        const auto number = number_of<std::uint32_t>(take_word(value));
        if (!number) return false;
        if (group.ssrcs.size() < kMaxGroupSize) group.ssrcs.emplace_back(*number);
    }
    if (group.semantics.empty()) return false;
    if (reading.media->ssrc_groups.size() < kMaxSsrcGroups) reading.media->ssrc_groups.push_back(std::move(group));
    return true;
}

// RFC 8851 section 10: rid-id is letters, digits, "-" and "_"; RFC 8852 caps what fits into the header extension.
bool is_rid(std::string_view text) noexcept {
    return !text.empty() && text.size() <= 16 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
    });
}

bool read_rid(MediaReading& reading, std::string_view value) {
    const auto id = take_word(value);
    const auto direction = take_word(value);
    if (!is_rid(id) || (direction != "send" && direction != "recv")) return false;
    auto& rids = reading.media->rids;
    const auto known = std::any_of(rids.begin(), rids.end(), [&](const SdpRid& rid) { return rid.id == id; });
    if (!known && rids.size() < kMaxRids) rids.push_back({std::string{id}, direction == "send"});
    return true;
}

// RFC 8853 section 5.1: streams are separated by ";", alternatives by ",", and "~" marks one that starts paused.
bool read_simulcast_list(std::vector<std::string>& list, std::string_view text) {
    while (!text.empty()) {
        auto alternatives = take_until(text, ';');
        auto first = take_until(alternatives, ',');
        if (first.starts_with('~')) first.remove_prefix(1);
        if (!is_rid(first)) return false;
        if (list.size() < kMaxRids) list.emplace_back(first);
    }
    return !list.empty();
}

bool read_simulcast(MediaReading& reading, std::string_view value) {
    SdpSimulcast simulcast;
    while (!trimmed(value).empty()) {
        const auto direction = take_word(value);
        const auto streams = take_word(value);
        // The draft that old Firefox wrote: "rid=a;b".
        const auto list = streams.starts_with("rid=") ? streams.substr(4) : streams;
        if (direction != "send" && direction != "recv") return false;
        if (!read_simulcast_list(direction == "send" ? simulcast.send : simulcast.recv, list)) return false;
    }
    if (reading.media->simulcast.empty()) reading.media->simulcast = std::move(simulcast);
    return true;
}

// ---- The rest of an m-line ----------------------------------------------------------------------------------------------

bool read_mid(MediaReading& reading, std::string_view value) {
    value = trimmed(value);
    // 32 is twice what the one-byte header extension carries: a longer one is an attack on our memory, not a mid.
    if (!is_token(value) || value.size() > 32) return false;
    set_once(reading.media->mid, value);
    return true;
}

bool read_direction(MediaReading& reading, MediaDirection direction) {
    if (!std::exchange(reading.direction_seen, true)) reading.media->direction = direction;
    return true;
}

bool read_extmap(MediaReading& reading, std::string_view value) {
    auto key = take_word(value);
    const auto uri = take_word(value);
    const auto id = number_of<std::uint16_t>(take_until(key, '/'));
    const auto direction = direction_of(key);
    if (!id || uri.empty() || (!key.empty() && !direction)) return false;
    // RFC 8285 section 6: ids above 255 only ask for a number; one that carries nothing is not worth an entry.
    if (*id == 0 || *id > 255 || reading.media->extensions.size() >= kMaxExtensions) return true;
    reading.media->extensions.push_back({static_cast<std::uint8_t>(*id), std::string{uri}, direction});
    return true;
}

bool read_sctp_port(MediaReading& reading, std::string_view value) {
    const auto port = number_of<std::uint16_t>(trimmed(value));
    if (port && !reading.media->sctp_port) reading.media->sctp_port = port;
    return port.has_value();
}

bool read_sctpmap(MediaReading& reading, std::string_view value) {
    const auto port = number_of<std::uint16_t>(take_word(value));
    if (!port) return false;
    reading.media->sctpmap = true;
    if (!reading.media->sctp_port) reading.media->sctp_port = port;
    return true;
}

bool read_max_message_size(MediaReading& reading, std::string_view value) {
    const auto size = number_of<std::uint64_t>(trimmed(value));
    if (size && !reading.media->max_message_size) reading.media->max_message_size = size;
    return size.has_value();
}

template <bool MediaDescription::* Flag>
bool read_flag(MediaReading& reading, std::string_view) {
    reading.media->*Flag = true;
    return true;
}

using MediaReader = bool (*)(MediaReading&, std::string_view);
constexpr std::array<std::pair<std::string_view, MediaReader>, 18> kMediaReaders{{
    {"rtpmap", read_rtpmap},
    {"fmtp", read_fmtp},
    {"rtcp-fb", read_feedback},
    {"ssrc", read_ssrc},
    {"extmap", read_extmap},
    {"ssrc-group", read_ssrc_group},
    {"mid", read_mid},
    {"msid", read_msid},
    {"rid", read_rid},
    {"simulcast", read_simulcast},
    {"rtcp-mux", read_flag<&MediaDescription::rtcp_mux>},
    {"rtcp-rsize", read_flag<&MediaDescription::rtcp_rsize>},
    {"bundle-only", read_flag<&MediaDescription::bundle_only>},
    {"extmap-allow-mixed", read_flag<&MediaDescription::extmap_allow_mixed>},
    {"end-of-candidates", read_flag<&MediaDescription::end_of_candidates>},
    {"sctp-port", read_sctp_port},
    {"sctpmap", read_sctpmap},
    {"max-message-size", read_max_message_size},
}};

// ---- Session level ------------------------------------------------------------------------------------------------------

bool read_group(SessionDescription& session, std::string_view value) {
    if (take_word(value) != "BUNDLE" || session.bundles.size() >= kMaxBundles) return true;
    std::vector<std::string> mids;
    while (!trimmed(value).empty()) mids.emplace_back(take_word(value));
    session.bundles.push_back(std::move(mids));
    return true;
}

bool read_msid_semantic(SessionDescription& session, std::string_view value) {
    set_once(session.msid_semantic, trimmed(value));
    return true;
}

}  // namespace

bool read_session_attribute(SessionDescription& session, std::string_view name, std::string_view value) {
    if (const auto* const reader = find_reader(kTransportReaders, name)) return (*reader)(session.transport, value);
    if (name == "group") return read_group(session, value);
    if (name == "msid-semantic") return read_msid_semantic(session, value);
    if (name == "ice-lite") session.ice_lite = true;
    if (name == "extmap-allow-mixed") session.extmap_allow_mixed = true;
    return true;
}

bool read_media_attribute(MediaReading& reading, std::string_view name, std::string_view value) {
    if (const auto* const reader = find_reader(kMediaReaders, name)) return (*reader)(reading, value);
    if (const auto* const reader = find_reader(kTransportReaders, name)) return (*reader)(reading.media->transport, value);
    if (const auto direction = direction_of(name)) return read_direction(reading, *direction);
    return true;
}

void complete_formats(MediaDescription& media) {
    struct Static {
        std::uint8_t number;
        const char* encoding;
    };
    static constexpr std::array<Static, 3> kStatic{{{0, "PCMU"}, {8, "PCMA"}, {9, "G722"}}};
    if (media.kind != MediaKind::audio) return;
    for (auto& format : media.formats)
        for (const auto& known : kStatic)
            if (format.number == known.number && format.encoding.empty()) {
                format.encoding = known.encoding;
                format.clock_rate = 8000;
            }
}

}  // namespace cardea::sdp
