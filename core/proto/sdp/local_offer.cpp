// The half of a negotiation in which the gateway offers; negotiation.cpp is the other.
#include <algorithm>
#include <utility>

#include "proto/sdp/codec_choice.hpp"
#include "proto/sdp/header_extensions.hpp"
#include "proto/sdp/local_description.hpp"
#include "proto/sdp/negotiation.hpp"
#include "proto/sdp/remote_description.hpp"
#include "proto/sdp/remote_media.hpp"
#include "proto/sdp/sdp_text.hpp"
#include "proto/sdp/sdp_writer.hpp"

namespace cardea {
namespace {

using Lines = std::vector<MediaLine>;

// Of offers that replace one another without an answer so many are told apart; payload type numbers are few.
constexpr unsigned kNumberings = 3;

bool has_mid(const Lines& lines, std::string_view mid) {
    return std::any_of(lines.begin(), lines.end(), [&](const MediaLine& line) { return line.mid == mid; });
}

// As Janus: the index as a decimal. Taken only where the client chose mids, or where an m-line is reused after port 0, which
// has to get a mid that was not there before (RFC 8829 section 5.2.2).
std::string new_mid(const Lines& lines, std::size_t index) {
    while (has_mid(lines, std::to_string(index))) ++index;
    return std::to_string(index);
}

MediaLine new_line(const Lines& lines, std::size_t index, MediaKind kind) {
    MediaLine line;
    line.kind = kind;
    line.media = kind == MediaKind::data ? "application" : to_text(kind);
    line.protocol = kind == MediaKind::data ? "UDP/DTLS/SCTP" : "UDP/TLS/RTP/SAVPF";
    line.placeholder_format = kind == MediaKind::data ? "webrtc-datachannel" : "0";
    line.mid = new_mid(lines, index);
    return line;
}

bool is_line_text(std::string_view text) noexcept { return text.find_first_of(std::string_view{"\r\n\0", 3}) == std::string_view::npos; }

Result<void> check_track(const OfferTrack& track) {
    const auto token_or_empty = [](const std::string& text) { return text.empty() || sdp::is_token(text); };
    if (!token_or_empty(track.msid.stream) || !token_or_empty(track.msid.track)) return fail(kNegotiationError, "an msid is not a token");
    if (!is_line_text(track.payload_type.fmtp)) return fail(kNegotiationError, "an fmtp holds a line break");
    return {};
}

bool is_codec_of(Codec codec, MediaKind kind) {
    if (codec == Codec::unknown) return false;
    const bool audio = codec == Codec::opus || codec == Codec::pcmu || codec == Codec::pcma || codec == Codec::g722;
    return audio == (kind == MediaKind::audio);
}

// What an offer says of a line before anybody agreed to it.
NegotiatedMedia proposal_of(const MediaLine& line, std::size_t index, std::string_view cname) {
    NegotiatedMedia proposed;
    proposed.mid = line.mid;
    proposed.mindex = static_cast<std::uint8_t>(index);
    proposed.kind = line.kind.value_or(MediaKind::data);
    proposed.direction = line.direction;
    proposed.rejected = line.rejected;
    proposed.payload_type = line.payload_type;
    if (line.payload_type && sends(line.direction))
        proposed.send = sdp::send_track(line, index, *line.payload_type, line.extensions, cname);
    return proposed;
}

Result<void> check_matches(const SessionDescription& answer, const Lines& lines) {
    if (answer.media.size() != lines.size()) return fail(kInvalidSdp, "SDP: the answer has not as many m-lines as the offer");
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto& media = answer.media[i];
        const auto number = std::to_string(i);
        if (media.media != lines[i].media) return fail(kInvalidSdp, "SDP: m-line " + number + " is of another kind than in the offer");
        if (media.is_disabled()) continue;
        if (lines[i].rejected) return fail(kInvalidSdp, "SDP: m-line " + number + " was not offered");
        if (!media.mid.empty() && media.mid != lines[i].mid)
            return fail(kInvalidSdp, "SDP: m-line " + number + " has another mid than in the offer");
    }
    return {};
}

NegotiatedMedia refused(const MediaLine& line, std::size_t index) {
    NegotiatedMedia agreed;
    agreed.mid = line.mid;
    agreed.mindex = static_cast<std::uint8_t>(index);
    agreed.kind = line.kind.value_or(MediaKind::data);
    agreed.rejected = true;
    return agreed;
}

// Packets to us carry the numbers of our offer, packets from us those of the answer (RFC 3264 section 5.1).
PayloadType numbered_as_offered(PayloadType answered, const PayloadType& offered) {
    answered.number = offered.number;
    answered.rtx = answered.rtx ? offered.rtx : std::nullopt;
    return answered;
}

void agree_rtp(NegotiatedMedia& agreed, const MediaLine& line, const MediaDescription& answered, const PayloadType& payload,
               std::string_view cname) {
    const auto extensions = sdp::answered_extensions(answered, line.extensions);
    agreed.direction =
        direction_of(sends(line.direction) && receives(answered.direction), receives(line.direction) && sends(answered.direction));
    agreed.payload_type = payload;
    if (sends(agreed.direction)) agreed.send = sdp::send_track(line, agreed.mindex, payload, extensions, cname);
    if (!receives(agreed.direction)) return;
    agreed.msid = sdp::sent_msid(answered);
    agreed.receive = sdp::receive_track(line, agreed.mindex, numbered_as_offered(payload, *line.payload_type), extensions);
    agreed.receive->encodings = sdp::encodings_of(answered, {});
}

Result<NegotiatedMedia> agreed_line(const MediaLine& line, std::size_t index, const MediaDescription& answered, std::string_view cname) {
    auto agreed = refused(line, index);
    if (answered.is_disabled()) return agreed;
    agreed.rejected = false;
    agreed.bandwidth = answered.bandwidth;
    agreed.sctp_port = answered.sctp_port;
    agreed.max_message_size = answered.max_message_size;
    if (line.kind == MediaKind::data) {
        agreed.direction = MediaDirection::sendrecv;
        return agreed;
    }
    const auto payload = sdp::answered_payload(answered, *line.payload_type);
    if (!payload) return fail(kInvalidSdp, "SDP: m-line " + std::to_string(index) + " has no codec of the offer");
    agree_rtp(agreed, line, answered, *payload, cname);
    return agreed;
}

}  // namespace

Result<LocalOffer> Negotiation::offer(const std::vector<OfferTrack>& tracks, const LocalTransport& transport, bool restart) {
    if (local_offer_) return fail(kNegotiationError, "an earlier offer is unanswered");
    if (remote_offer_) return fail(kNegotiationError, "the client's offer is unanswered");
    auto lines = lines_;
    for (auto& line : lines) {
        if (line.kind != MediaKind::data) line.direction = MediaDirection::inactive;
        if (!line.agreed.send) line.ssrc = line.rtx_ssrc = {};
    }
    auto placed = place_tracks(tracks, lines);
    if (!placed) return tl::unexpected{std::move(placed.error())};
    for (std::size_t i = 0; i < tracks.size(); ++i)
        if (auto offered = offer_track(lines[(*placed)[i]], tracks[i]); !offered) return tl::unexpected{std::move(offered.error())};
    if (lines.empty()) return fail(kNegotiationError, "an offer of nothing");

    draw_ssrcs(lines);
    LocalOffer result;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        lines[i].mid_written = true;
        result.media.push_back(proposal_of(lines[i], i, cname_));
    }
    const sdp::LocalDescription local{sdp::DescriptionType::offer, SetupRole::actpass, session_id_, ++version_, cname_, true, true};
    result.sdp = write_sdp(sdp::describe(local, lines, transport));
    result.track_lines = std::move(*placed);
    local_offer_ = std::move(lines);
    local_restart_ = restart;
    return result;
}

// Those that name their m-line come first, so that nobody else takes it.
Result<std::vector<std::uint8_t>> Negotiation::place_tracks(const std::vector<OfferTrack>& tracks, Lines& lines) const {
    std::vector<std::uint8_t> placed(tracks.size());
    std::vector<bool> taken(lines.size(), false);
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        if (tracks[i].mid.empty()) continue;
        const auto found = std::find_if(lines.begin(), lines.end(), [&](const MediaLine& line) { return line.mid == tracks[i].mid; });
        if (found == lines.end()) return fail(kNegotiationError, "no m-line has the mid " + tracks[i].mid);
        if (found->kind != tracks[i].kind) return fail(kNegotiationError, "the m-line " + tracks[i].mid + " is of another kind");
        const auto index = static_cast<std::size_t>(found - lines.begin());
        if (taken[index]) return fail(kNegotiationError, "two tracks for the m-line " + tracks[i].mid);
        taken[index] = true;
        placed[i] = static_cast<std::uint8_t>(index);
    }
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        if (!tracks[i].mid.empty()) continue;
        const auto index = free_line(tracks[i], lines, taken);
        if (!index) return tl::unexpected{index.error()};
        taken.resize(lines.size(), false);
        taken[*index] = true;
        placed[i] = static_cast<std::uint8_t>(*index);
    }
    return placed;
}

// One of the kind that carries nothing at present, else one that was refused, whose kind may change, else another one.
Result<std::size_t> Negotiation::free_line(const OfferTrack& track, Lines& lines, const std::vector<bool>& taken) const {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        const auto& line = lines_[i];
        const bool idle = line.kind == MediaKind::data || line.agreed.direction == MediaDirection::inactive;
        if (!taken[i] && !line.rejected && line.kind == track.kind && idle) return i;
    }
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        if (taken[i] || !lines_[i].rejected) continue;
        lines[i] = fresh_line(lines, i, track.kind);
        return i;
    }
    if (lines.size() >= limits_.media) return fail(kNegotiationError, "more than " + std::to_string(limits_.media) + " m-lines");
    lines.push_back(fresh_line(lines, lines.size(), track.kind));
    return lines.size() - 1;
}

MediaLine Negotiation::fresh_line(const Lines& lines, std::size_t index, MediaKind kind) const {
    auto line = new_line(lines, index, kind);
    line.numbering = offers_replaced_ % kNumberings;
    return line;
}

Result<void> Negotiation::offer_track(MediaLine& line, const OfferTrack& track) {
    if (line.rejected) return {};  // the client ended it: a track that names it stays refused
    if (auto fine = check_track(track); !fine) return fine;
    if (track.kind == MediaKind::data) {
        line.direction = MediaDirection::sendrecv;
        if (line.data_format.empty()) line.data_format = "webrtc-datachannel";
        return {};
    }
    const bool keeps_codec = track.payload_type.codec == Codec::unknown && line.payload_type && track.direction == MediaDirection::inactive;
    if (keeps_codec) return {};
    if (!is_codec_of(track.payload_type.codec, track.kind)) return fail(kNegotiationError, "a track without a codec of its kind");
    const auto numbers = payloads_.numbers_of(track.payload_type, line.numbering);
    if (!numbers) return fail(kNegotiationError, "no payload type number is left");
    line.payload_type = track.payload_type;
    line.payload_type->number = numbers->number;
    if (track.payload_type.rtx) line.payload_type->rtx = numbers->rtx;
    line.direction = track.direction;
    line.extensions = sdp::proposed_extensions(track.kind, track.extensions, track.direction, extensions_);
    line.payload_type->transport_cc = line.payload_type->transport_cc && sdp::receiving_ids(line.extensions).transport_cc != 0;
    line.rids.clear();
    line.bandwidth = track.bandwidth;
    line.rtcp_rsize = true;
    line.mixed_on_line = false;
    if (!track.msid.empty()) line.msid = track.msid;
    if (line.msid.empty()) line.msid = {"cardea", "cardea-" + line.mid};
    return {};
}

Result<RemoteAnswer> Negotiation::set_remote_answer(std::string_view text) {
    if (!local_offer_) return fail(kUnexpectedAnswer, "no offer is waiting for an answer");
    const auto answer = parse_sdp(text, limits_);
    if (!answer) return tl::unexpected{answer.error()};
    if (is_late(*answer)) return fail(kUnexpectedAnswer, "the answer is for an offer that was replaced");
    auto lines = answered_lines(*answer);
    if (!lines) return tl::unexpected{std::move(lines.error())};

    RemoteAnswer result;
    result.restart = local_restart_;
    result.remote = remote_.value_or(RemoteTransport{});
    const auto bundled = sdp::bundled_lines(*answer);
    if (std::find(bundled.begin(), bundled.end(), true) != bundled.end()) {
        auto remote = sdp::transport_of(*answer, bundled);
        if (!remote) return tl::unexpected{std::move(remote.error())};
        result.restart = result.restart || (remote_ && (remote_->ufrag != remote->ufrag || remote_->pwd != remote->pwd));
        result.remote = *remote;
        remote_ = std::move(*remote);
    }
    for (const auto& line : *lines)
        if (line.kind) result.media.push_back(line.agreed);
    lines_ = std::move(*lines);
    local_offer_.reset();
    replaced_.clear();
    return result;
}

void Negotiation::replace_local_offer() {
    if (!local_offer_) return;
    replaced_.push_back({std::move(*local_offer_), local_restart_});
    if (replaced_.size() > kNumberings) replaced_.pop_front();
    ++offers_replaced_;
    local_offer_.reset();
}

// Each replaced offer explains one late answer at most: who then sends the same again means it. There are clients that answer
// a second offer with the numbers of the first (libdatachannel), and clients that want less than they are offered.
bool Negotiation::is_late(const SessionDescription& answer) {
    if (sdp::answers_exactly(answer, {*local_offer_, local_restart_}, remote_)) return false;
    const auto found = std::find_if(replaced_.begin(), replaced_.end(),
                                    [&](const ReplacedOffer& offer) { return sdp::answers_exactly(answer, offer, remote_); });
    if (found == replaced_.end()) return false;
    replaced_.erase(replaced_.begin(), std::next(found));
    return true;
}

Result<Negotiation::Lines> Negotiation::answered_lines(const SessionDescription& answer) const {
    auto lines = *local_offer_;
    if (auto matches = check_matches(answer, lines); !matches) return tl::unexpected{std::move(matches.error())};
    if (auto usable = sdp::check_answer(answer); !usable) return tl::unexpected{std::move(usable.error())};
    for (std::size_t i = 0; i < lines.size(); ++i) {
        auto& line = lines[i];
        auto agreed = agreed_line(line, i, answer.media[i], cname_);
        if (!agreed) return tl::unexpected{std::move(agreed.error())};
        line.agreed = std::move(*agreed);
        line.direction = line.agreed.direction;
        line.rejected = line.agreed.rejected;
        if (line.rejected) line.payload_type.reset();
    }
    return lines;
}

}  // namespace cardea
