// Offer and answer of one peer connection (RFC 8829, RFC 9429) as an ICE-lite gateway sees it: everything in one BUNDLE
// (RFC 8843) with rtcp-mux, one codec per m-line. Comes after the parser and before the media plane: it takes SDP text and
// wishes, and gives tracks. A value owned by one thread; it does no I/O and copies freely.
//
//   client offers:   set_remote_offer -> answer (or rollback_remote_offer)
//   gateway offers:  offer -> set_remote_answer (or rollback_local_offer)
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "base/result.hpp"
#include "proto/sdp/late_answer.hpp"
#include "proto/sdp/media_line.hpp"
#include "proto/sdp/negotiation_types.hpp"
#include "proto/sdp/payload_table.hpp"
#include "proto/sdp/sdp_parser.hpp"

namespace cardea {

class Negotiation {
  public:
    using Draw = std::function<std::uint32_t()>;
    // draw gives SSRCs, the CNAME and the session id; a test gives its own.
    explicit Negotiation(SdpLimits limits = {}, Draw draw = random_u32);

    // Parses and checks an offer and keeps it until answer() or rollback_remote_offer(). A second offer before that takes the
    // place of the first. Error 465 says what is wrong with it; the state is then as before the call. An offer of the gateway
    // that is still unanswered must be answered or rolled back first: also 465.
    [[nodiscard]] Result<OfferSummary> set_remote_offer(std::string_view text, RidOrder order = RidOrder::hml);
    [[nodiscard]] Result<LocalAnswer> answer(const AnswerPolicy& policy, const LocalTransport& transport);
    void rollback_remote_offer() noexcept { remote_offer_.reset(); }

    // `tracks` is the whole desired state, in order: an m-line that no track names becomes inactive. Until the answer comes
    // nothing of it is in force. `restart` says that the credentials in `transport` are new. The error's code is 490.
    [[nodiscard]] Result<LocalOffer> offer(const std::vector<OfferTrack>& tracks, const LocalTransport& transport, bool restart = false);
    // 469: no offer is pending, or this is the late answer to one that was replaced. 465: the text is no SDP, or no answer to
    // the offer, which then stays pending.
    [[nodiscard]] Result<RemoteAnswer> set_remote_answer(std::string_view text);
    void rollback_local_offer() noexcept { local_offer_.reset(); }
    // The unanswered offer gives way to the next one. What an answer says tells which of them it is for (late_answer.hpp).
    void replace_local_offer();
    [[nodiscard]] bool is_restart_pending() const noexcept { return local_offer_.has_value() && local_restart_; }

    [[nodiscard]] bool is_offer_pending() const noexcept { return local_offer_.has_value(); }          // ours, unanswered
    [[nodiscard]] bool is_remote_offer_pending() const noexcept { return remote_offer_.has_value(); }  // the client's
    [[nodiscard]] bool is_established() const noexcept { return remote_.has_value(); }
    // What was last agreed, one per m-line that is audio, video or data.
    [[nodiscard]] std::vector<NegotiatedMedia> media() const;
    [[nodiscard]] const std::optional<RemoteTransport>& remote() const noexcept { return remote_; }

  private:
    struct RemoteOffer {
        SessionDescription description;
        RidOrder order = RidOrder::hml;
        bool restart = false;
    };
    using Lines = std::vector<MediaLine>;

    // negotiation.cpp: the client offers
    [[nodiscard]] Result<void> check_continues(const SessionDescription& offer) const;
    [[nodiscard]] bool is_restart(const SessionDescription& offer) const;
    [[nodiscard]] MediaLine line_of_offer(std::size_t index, const MediaDescription& offered) const;
    [[nodiscard]] Lines answer_lines(const AnswerPolicy& policy) const;
    void answer_rtp(MediaLine& line, const MediaDescription& offered, const AnswerPolicy& policy, const Lines& earlier) const;
    void agree(MediaLine& line, std::size_t index, const MediaDescription& offered) const;
    [[nodiscard]] Result<RemoteTransport> remote_for(const Lines& lines) const;
    [[nodiscard]] std::string write_answer(const Lines& lines, const LocalTransport& transport, SetupRole setup) const;

    // local_offer.cpp: the gateway offers
    [[nodiscard]] Result<std::vector<std::uint8_t>> place_tracks(const std::vector<OfferTrack>& tracks, Lines& lines) const;
    [[nodiscard]] Result<std::size_t> free_line(const OfferTrack& track, Lines& lines, const std::vector<bool>& taken) const;
    [[nodiscard]] MediaLine fresh_line(const Lines& lines, std::size_t index, MediaKind kind) const;
    [[nodiscard]] Result<void> offer_track(MediaLine& line, const OfferTrack& track);
    [[nodiscard]] bool is_late(const SessionDescription& answer);
    [[nodiscard]] Result<Lines> answered_lines(const SessionDescription& answer) const;

    void draw_ssrcs(Lines& lines) const;
    [[nodiscard]] Ssrc draw_ssrc(const Lines& lines) const;

    SdpLimits limits_;
    Draw draw_;
    std::string cname_;
    std::uint64_t session_id_ = 0;
    std::uint64_t version_ = 0;  // of the last local description
    Lines lines_;
    PayloadTable payloads_;
    ExtensionTable extensions_;
    std::optional<RemoteTransport> remote_;
    std::optional<RemoteOffer> remote_offer_;
    std::optional<Lines> local_offer_;
    bool local_restart_ = false;  // of local_offer_
    std::deque<ReplacedOffer> replaced_;  // the newest last
    unsigned offers_replaced_ = 0;
};

}  // namespace cardea
