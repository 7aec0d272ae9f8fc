#include "proto/sdp/local_description.hpp"

#include "proto/sdp/codec_choice.hpp"
#include "proto/sdp/header_extensions.hpp"
#include "proto/sdp/sdp_text.hpp"

namespace cardea {

LocalCandidate host_candidate(const SocketAddress& address, std::size_t rank) {
    constexpr std::uint32_t kHostPreference = 126;
    constexpr std::uint32_t kComponent = 1;
    const auto local_preference = static_cast<std::uint32_t>(rank < 65'535 ? 65'535 - rank : 0);
    // RFC 8445 section 5.1.1.3: one foundation per type, base address and protocol.
    return {address.ip(), address.port(), kHostPreference << 24U | local_preference << 8U | (256 - kComponent), std::to_string(rank + 1)};
}

namespace sdp {
namespace {

constexpr std::uint16_t kSctpPort = 5000;
constexpr std::uint64_t kMaxMessageSize = 262'144;

std::string candidate_text(const LocalCandidate& candidate) {
    return candidate.foundation + " 1 udp " + std::to_string(candidate.priority) + ' ' + candidate.ip + ' ' +
           std::to_string(candidate.port) + " typ host";
}

void add_transport(MediaDescription& media, const LocalTransport& transport, SetupRole setup) {
    std::string_view digest = transport.fingerprint;
    const auto algorithm = take_word(digest);
    media.transport.ufrag = transport.ufrag;
    media.transport.pwd = transport.pwd;
    media.transport.ice_options = "trickle";
    media.transport.fingerprints.push_back({std::string{algorithm}, std::string{digest}});
    media.transport.setup = setup;
}

void add_candidates(MediaDescription& media, const LocalTransport& transport) {
    for (const auto& candidate : transport.candidates) media.candidates.push_back(candidate_text(candidate));
    media.end_of_candidates = true;
}

// RFC 8830 for the ids; the a=ssrc form of the same is for clients that know no other.
void add_streams(MediaDescription& media, const MediaLine& line, std::string_view cname) {
    media.msid = line.msid;
    media.ssrcs.push_back({line.ssrc, std::string{cname}, line.msid});
    if (!line.payload_type || !line.payload_type->rtx) return;
    media.ssrcs.push_back({line.rtx_ssrc, std::string{cname}, line.msid});
    media.ssrc_groups.push_back({"FID", {line.ssrc, line.rtx_ssrc}});
}

void add_simulcast(MediaDescription& media, const MediaLine& line) {
    if (!receives(line.direction)) return;
    for (const auto& rid : line.rids) media.rids.push_back({rid, false});
    media.simulcast.recv = line.rids;
}

void add_rtp(MediaDescription& media, const MediaLine& line, std::string_view cname) {
    media.rtcp_mux = true;
    media.rtcp_rsize = line.rtcp_rsize;
    media.extmap_allow_mixed = line.mixed_on_line;
    media.extensions = line.extensions;
    media.bandwidth = line.bandwidth;
    if (line.payload_type) media.formats = formats_of(*line.payload_type);
    if (sends(line.direction)) add_streams(media, line, cname);
    add_simulcast(media, line);
}

void add_data(MediaDescription& media, const MediaLine& line) {
    media.format_names = {line.data_format};
    media.sctpmap = line.sctpmap;
    media.sctp_port = kSctpPort;
    media.max_message_size = kMaxMessageSize;
}

// RFC 8829 section 5.3.1: a refused m-line keeps its place and its mid.
MediaDescription describe_line(const LocalDescription& local, const MediaLine& line, const LocalTransport& transport) {
    MediaDescription media;
    media.media = line.media;
    media.kind = line.kind;
    media.protocol = line.protocol;
    media.connection = "IN IP4 0.0.0.0";
    if (line.mid_written) media.mid = line.mid;
    media.direction = line.rejected ? MediaDirection::inactive : line.direction;
    if (line.rejected) {
        media.format_names = {line.placeholder_format};
        return media;
    }
    media.port = 9;  // RFC 8840 section 4.1.1: the candidates say where
    add_transport(media, transport, local.setup);
    if (line.kind == MediaKind::data) {
        media.direction = MediaDirection::sendrecv;
        add_data(media, line);
    } else {
        add_rtp(media, line, local.cname);
    }
    return media;
}

}  // namespace

SessionDescription describe(const LocalDescription& local, const std::vector<MediaLine>& lines, const LocalTransport& transport) {
    SessionDescription description;
    description.session_id = local.session_id;
    description.version = local.version;
    description.session_name = "Cardea";
    description.ice_lite = transport.ice_lite;
    description.extmap_allow_mixed = local.allow_mixed;
    description.msid_semantic = "WMS *";
    std::vector<std::string> bundle;
    bool candidates_written = false;
    for (const auto& line : lines) {
        auto& media = description.media.emplace_back(describe_line(local, line, transport));
        if (line.rejected) continue;
        if (line.mid_written) bundle.push_back(line.mid);
        // The client may refuse any m-line of an offer, so each has them; what an answer accepts is settled.
        if (local.type == DescriptionType::offer || !candidates_written) add_candidates(media, transport);
        candidates_written = true;
    }
    if (local.bundle && !bundle.empty()) description.bundles.push_back(std::move(bundle));
    return description;
}

SendTrack send_track(const MediaLine& line, std::size_t index, const PayloadType& payload, const std::vector<SdpExtension>& extensions,
                     std::string_view cname) {
    SendTrack track;
    track.mid = line.mid;
    track.mindex = static_cast<std::uint8_t>(index);
    track.kind = line.kind.value_or(MediaKind::data);
    track.payload_type = payload;
    track.extensions = sending_ids(extensions);
    track.ssrc = line.ssrc;
    if (payload.rtx) track.rtx_ssrc = line.rtx_ssrc;
    track.cname = cname;
    return track;
}

ReceiveTrack receive_track(const MediaLine& line, std::size_t index, const PayloadType& payload,
                           const std::vector<SdpExtension>& extensions) {
    ReceiveTrack track;
    track.mid = line.mid;
    track.mindex = static_cast<std::uint8_t>(index);
    track.kind = line.kind.value_or(MediaKind::data);
    track.payload_types = {payload};
    track.extensions = receiving_ids(extensions);
    return track;
}

}  // namespace sdp
}  // namespace cardea
