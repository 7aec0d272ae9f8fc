// The half of a negotiation in which the client offers; local_offer.cpp is the other.
#include "proto/sdp/negotiation.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "proto/sdp/codec_choice.hpp"
#include "proto/sdp/header_extensions.hpp"
#include "proto/sdp/local_description.hpp"
#include "proto/sdp/remote_description.hpp"
#include "proto/sdp/remote_media.hpp"
#include "proto/sdp/sdp_text.hpp"
#include "proto/sdp/sdp_writer.hpp"

namespace cardea {
namespace {

std::string hex_of(std::uint32_t value) {
    std::array<char, 8> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16);
    return {digits.data(), end};
}

const MediaPolicy* policy_of(const AnswerPolicy& policy, std::string_view mid) {
    const auto found = std::find_if(policy.media.begin(), policy.media.end(), [&](const MediaPolicy& entry) { return entry.mid == mid; });
    return found == policy.media.end() ? nullptr : &*found;
}

// Both want it, each from its own side.
MediaDirection common_direction(MediaDirection ours, MediaDirection theirs) noexcept {
    return direction_of(sends(ours) && receives(theirs), receives(ours) && sends(theirs));
}

bool is_rtp_profile(std::string_view protocol) noexcept { return protocol.ends_with("RTP/SAVPF") || protocol.ends_with("RTP/SAVP"); }

std::string placeholder_of(const MediaDescription& offered) {
    if (!offered.formats.empty()) return std::to_string(offered.formats.front().number);
    return offered.format_names.empty() ? "0" : offered.format_names.front();
}

void refuse(MediaLine& line) {
    line.rejected = true;
    line.direction = MediaDirection::inactive;
    line.payload_type.reset();
}

void answer_data(MediaLine& line, const MediaDescription& offered) {
    line.direction = MediaDirection::sendrecv;
    line.sctpmap = offered.sctpmap;
    line.data_format = offered.sctpmap ? "5000" : "webrtc-datachannel";
}

// RFC 8841 section 12.2: one DTLS association carries one SCTP association.
bool has_data(const std::vector<MediaLine>& lines) {
    return std::any_of(lines.begin(), lines.end(), [](const MediaLine& line) { return line.kind == MediaKind::data && !line.rejected; });
}

// RFC 9143 section 15: in one bundle an id has one meaning. Some clients number each m-line anew (aiortc does); the m-line that
// comes later then goes without.
void drop_taken_ids(std::vector<SdpExtension>& extensions, const std::vector<MediaLine>& lines) {
    const auto is_taken = [&](const SdpExtension& extension) {
        return std::any_of(lines.begin(), lines.end(), [&](const MediaLine& line) {
            return std::any_of(line.extensions.begin(), line.extensions.end(),
                               [&](const SdpExtension& known) { return known.id == extension.id && known.uri != extension.uri; });
        });
    };
    extensions.erase(std::remove_if(extensions.begin(), extensions.end(), is_taken), extensions.end());
}

void take_simulcast(MediaLine& line, const MediaDescription& offered) {
    line.rids.clear();
    if (line.kind == MediaKind::video && receives(line.direction) && sdp::receiving_ids(line.extensions).rid != 0)
        line.rids = sdp::sent_rids(offered);
}

}  // namespace

Negotiation::Negotiation(SdpLimits limits, Draw draw) : limits_{limits}, draw_{std::move(draw)} {
    cname_ = hex_of(draw_());
    cname_ += hex_of(draw_());
    // RFC 8829 section 5.2.1: the session id has 64 bits of which the highest is zero.
    session_id_ = std::uint64_t{draw_()} << 32U & 0x7fff'ffff'ffff'ffffU;
    session_id_ |= draw_();
}

Result<OfferSummary> Negotiation::set_remote_offer(std::string_view text, RidOrder order) {
    if (local_offer_) return fail(kInvalidSdp, "an offer of the gateway is still unanswered");
    auto parsed = parse_sdp(text, limits_);
    if (!parsed) return tl::unexpected{std::move(parsed.error())};
    if (auto usable = sdp::check_offer(*parsed); !usable) return tl::unexpected{std::move(usable.error())};
    if (auto fits = check_continues(*parsed); !fits) return tl::unexpected{std::move(fits.error())};

    OfferSummary summary;
    summary.update = !lines_.empty();
    summary.restart = is_restart(*parsed);
    const auto bundled = sdp::bundled_lines(*parsed);
    for (std::size_t i = 0; i < parsed->media.size(); ++i) {
        auto& media = parsed->media[i];
        if (!media.kind) continue;
        auto& entry = summary.media.emplace_back(sdp::summary_of(media, i, bundled[i], order));
        if (entry.mid.empty()) entry.mid = std::to_string(i);
    }
    remote_offer_ = RemoteOffer{std::move(*parsed), order, summary.restart};
    return summary;
}

// RFC 8829 section 5.8 and RFC 3264 section 8: m-lines are never dropped, and change their kind or mid only after port 0.
Result<void> Negotiation::check_continues(const SessionDescription& offer) const {
    if (offer.media.size() < lines_.size()) return fail(kInvalidSdp, "SDP: fewer m-lines than before");
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        const auto& media = offer.media[i];
        const auto& line = lines_[i];
        if (line.rejected || media.is_disabled()) continue;
        if (media.media != line.media) return fail(kInvalidSdp, "SDP: m-line " + std::to_string(i) + " changed its kind");
        if (!media.mid.empty() && media.mid != line.mid) return fail(kInvalidSdp, "SDP: m-line " + std::to_string(i) + " changed its mid");
    }
    return {};
}

// RFC 8839 section 4.4.1.1.1. Clients that give every m-line credentials of its own keep at least those of the bundle.
bool Negotiation::is_restart(const SessionDescription& offer) const {
    if (!remote_) return false;
    const auto bundled = sdp::bundled_lines(offer);
    bool any = false;
    for (std::size_t i = 0; i < bundled.size(); ++i) {
        if (!bundled[i]) continue;
        const auto transport = sdp::transport_on(offer, i);
        if (transport.ufrag.empty()) continue;
        if (transport.ufrag == remote_->ufrag && transport.pwd == remote_->pwd) return false;
        any = true;
    }
    return any;
}

Result<LocalAnswer> Negotiation::answer(const AnswerPolicy& policy, const LocalTransport& transport) {
    if (!remote_offer_) return fail(kNegotiationError, "no offer is pending");
    for (const auto& entry : policy.media)
        if ((!entry.msid.stream.empty() && !sdp::is_token(entry.msid.stream)) ||
            (!entry.msid.track.empty() && !sdp::is_token(entry.msid.track)))
            return fail(kNegotiationError, "an msid is not a token");
    auto lines = answer_lines(policy);
    auto remote = remote_for(lines);
    if (!remote) return tl::unexpected{std::move(remote.error())};

    draw_ssrcs(lines);
    LocalAnswer result;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        agree(lines[i], i, remote_offer_->description.media[i]);
        if (lines[i].kind) result.media.push_back(lines[i].agreed);
        if (!lines[i].rejected) {
            payloads_.note(remote_offer_->description.media[i]);
            extensions_.note(remote_offer_->description.media[i]);
        }
    }
    ++version_;
    result.sdp = write_answer(lines, transport, remote->local_setup);
    result.restart = remote_offer_->restart;
    result.remote = *remote;
    if (!remote->ufrag.empty()) remote_ = std::move(*remote);
    lines_ = std::move(lines);
    remote_offer_.reset();
    return result;
}

Negotiation::Lines Negotiation::answer_lines(const AnswerPolicy& policy) const {
    const auto& offer = remote_offer_->description;
    const auto bundled = sdp::bundled_lines(offer);
    Lines lines;
    for (std::size_t i = 0; i < offer.media.size(); ++i) {
        const auto& offered = offer.media[i];
        auto line = line_of_offer(i, offered);
        const auto* const own = policy_of(policy, line.mid);
        if (!bundled[i] || !line.kind || (own != nullptr && own->reject)) {
            refuse(line);
        } else if (line.kind == MediaKind::data) {
            policy.data && !has_data(lines) ? answer_data(line, offered) : refuse(line);
        } else {
            answer_rtp(line, offered, policy, lines);
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

// What is kept of an m-line over renegotiations are the SSRCs while it sends; one that was refused or renamed begins anew.
MediaLine Negotiation::line_of_offer(std::size_t index, const MediaDescription& offered) const {
    MediaLine line;
    line.media = offered.media;
    line.kind = offered.kind;
    line.protocol = offered.protocol;
    line.mid = offered.mid.empty() ? std::to_string(index) : offered.mid;
    line.mid_written = !offered.mid.empty();
    line.placeholder_format = placeholder_of(offered);
    line.rtcp_rsize = offered.rtcp_rsize;
    line.extmap_allow_mixed = offered.extmap_allow_mixed || remote_offer_->description.extmap_allow_mixed;
    line.mixed_on_line = offered.extmap_allow_mixed && !remote_offer_->description.extmap_allow_mixed;
    if (index >= lines_.size() || lines_[index].rejected || lines_[index].mid != line.mid) return line;
    if (lines_[index].agreed.send) {
        line.ssrc = lines_[index].ssrc;
        line.rtx_ssrc = lines_[index].rtx_ssrc;
    }
    line.msid = lines_[index].msid;
    return line;
}

void Negotiation::answer_rtp(MediaLine& line, const MediaDescription& offered, const AnswerPolicy& policy, const Lines& earlier) const {
    const auto& kind = line.kind == MediaKind::audio ? policy.audio : policy.video;
    const auto* const own = policy_of(policy, line.mid);
    const auto& codecs = own != nullptr && own->codecs ? *own->codecs : kind.codecs;
    line.payload_type = is_rtp_profile(offered.protocol) ? sdp::choose_payload(offered, kind, codecs) : std::nullopt;
    if (!line.payload_type) return refuse(line);
    line.direction = common_direction(own != nullptr ? own->direction.value_or(kind.direction) : kind.direction, offered.direction);
    line.extensions = sdp::accepted_extensions(offered, policy.extensions, line);
    drop_taken_ids(line.extensions, earlier);
    line.payload_type->transport_cc = line.payload_type->transport_cc && sdp::receiving_ids(line.extensions).transport_cc != 0;
    line.bandwidth = kind.bandwidth;
    if (own != nullptr && !own->msid.empty()) line.msid = own->msid;
    if (line.msid.empty()) line.msid = {"cardea", "cardea-" + line.mid};
    take_simulcast(line, offered);
}

// The transport of the first m-line that we take; when we take none, any that would do, and none when the client ended all.
Result<RemoteTransport> Negotiation::remote_for(const Lines& lines) const {
    const auto& offer = remote_offer_->description;
    const auto bundled = sdp::bundled_lines(offer);
    std::vector<bool> taken(lines.size());
    std::transform(lines.begin(), lines.end(), taken.begin(), [](const MediaLine& line) { return !line.rejected; });
    if (std::find(bundled.begin(), bundled.end(), true) == bundled.end()) return remote_.value_or(RemoteTransport{});
    auto remote = sdp::transport_of(offer, taken);
    if (!remote) remote = sdp::transport_of(offer, bundled);
    if (!remote || !remote_) return remote;
    // RFC 8842 section 5.3: the roles stay while the DTLS association does. An offer says actpass then, too.
    const auto is_open = [&](std::size_t i) { return bundled[i] && sdp::transport_on(offer, i).setup == SetupRole::actpass; };
    bool actpass = false;
    for (std::size_t i = 0; i < bundled.size(); ++i) actpass = actpass || is_open(i);
    if (actpass && remote->fingerprint == remote_->fingerprint) remote->local_setup = remote_->local_setup;
    return remote;
}

void Negotiation::agree(MediaLine& line, std::size_t index, const MediaDescription& offered) const {
    NegotiatedMedia agreed;
    agreed.mid = line.mid;
    agreed.mindex = static_cast<std::uint8_t>(index);
    agreed.kind = line.kind.value_or(MediaKind::data);
    agreed.direction = line.direction;
    agreed.rejected = line.rejected;
    agreed.payload_type = line.payload_type;
    if (!line.rejected) {
        agreed.bandwidth = offered.bandwidth;
        agreed.sctp_port = offered.sctp_port;
        agreed.max_message_size = offered.max_message_size;
    }
    if (line.payload_type && receives(line.direction)) {
        agreed.msid = sdp::sent_msid(offered);
        agreed.rids = sdp::from_highest(line.rids, remote_offer_->order);
        if (line.kind == MediaKind::video && agreed.rids.empty()) agreed.simulcast_ssrcs = sdp::simulcast_ssrcs(offered);
        agreed.receive = sdp::receive_track(line, index, *line.payload_type, line.extensions);
        agreed.receive->encodings = sdp::encodings_of(offered, agreed.rids);
    }
    if (line.payload_type && sends(line.direction)) agreed.send = sdp::send_track(line, index, *line.payload_type, line.extensions, cname_);
    line.agreed = std::move(agreed);
}

std::string Negotiation::write_answer(const Lines& lines, const LocalTransport& transport, SetupRole setup) const {
    const auto& offer = remote_offer_->description;
    const sdp::LocalDescription local{sdp::DescriptionType::answer, setup, session_id_, version_, cname_, !offer.bundles.empty(),
                                      offer.extmap_allow_mixed};
    return write_sdp(sdp::describe(local, lines, transport));
}

// Every SSRC of a peer connection is its own, the client's included (RFC 3550 section 8).
void Negotiation::draw_ssrcs(Lines& lines) const {
    for (auto& line : lines) {
        if (!sends(line.direction) || !line.payload_type) continue;
        if (!line.ssrc.is_set()) line.ssrc = draw_ssrc(lines);
        if (line.payload_type->rtx && !line.rtx_ssrc.is_set()) line.rtx_ssrc = draw_ssrc(lines);
    }
}

Ssrc Negotiation::draw_ssrc(const Lines& lines) const {
    const auto ours = [&](Ssrc ssrc) {
        return std::any_of(lines.begin(), lines.end(), [&](const MediaLine& line) { return line.ssrc == ssrc || line.rtx_ssrc == ssrc; });
    };
    const auto theirs = [&](Ssrc ssrc) {
        if (!remote_offer_) return false;
        const auto& media = remote_offer_->description.media;
        return std::any_of(media.begin(), media.end(), [&](const MediaDescription& description) {
            return std::any_of(description.ssrcs.begin(), description.ssrcs.end(),
                               [&](const SdpSsrc& known) { return known.ssrc == ssrc; });
        });
    };
    for (;;) {
        const Ssrc ssrc{draw_()};
        if (ssrc.is_set() && !ours(ssrc) && !theirs(ssrc)) return ssrc;
    }
}

std::vector<NegotiatedMedia> Negotiation::media() const {
    std::vector<NegotiatedMedia> media;
    for (const auto& line : lines_)
        if (line.kind) media.push_back(line.agreed);
    return media;
}

}  // namespace cardea
