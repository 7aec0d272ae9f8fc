// Offer and answer of one peer connection (RFC 8829, RFC 9429) as an ICE-lite gateway sees it: everything in one BUNDLE
// (RFC 8843) with rtcp-mux, one codec per m-line. Comes after the parser and before the media plane: it takes SDP text and
// wishes, and gives tracks. A value owned by one thread; it does no I/O and copies freely.
//
//   client offers:   set_remote_offer -> answer (or rollback_remote_offer)
//   gateway offers:  offer -> set_remote_answer (or rollback_local_offer)
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "base/result.hpp"
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
    // nothing of it is in force. The caller gives new credentials in `transport` for an ICE restart. The error's code is 490.
    [[nodiscard]] Result<LocalOffer> offer(const std::vector<OfferTrack>& tracks, const LocalTransport& transport, bool restart = false);
    // 469: no offer is pending. 465: the text is no SDP, or no answer to the offer, which then stays pending.
    [[nodiscard]] Result<RemoteAnswer> set_remote_answer(std::string_view text);
    void rollback_local_offer() noexcept { local_offer_.reset(); }

    [[nodiscard]] bool is_offer_pending() const noexcept { return local_offer_.has_value(); }          // ours, unanswered
    [[nodiscard]] bool is_remote_offer_pending() const noexcept { return remote_offer_.has_value(); }  // the client's
    [[nodiscard]] bool is_established() const noexcept { return remote_.has_value(); }
    // What was last agreed, one per m-line that is audio, video or data.
    [[nodiscard]] std::vector<NegotiatedMedia> media() const;
    [[nodiscard]] const std::optional<RemoteTransport>& remote() const noexcept { return remote_; }

  private:
    struct PendingOffer {
        SessionDescription description;
        RidOrder order = RidOrder::hml;
        bool restart = false;
    };
    struct LocalOfferState {
        std::vector<MediaLine> lines;
    };

    [[nodiscard]] Result<void> check_continues(const SessionDescription& offer) const;
    [[nodiscard]] bool is_restart(const SessionDescription& offer) const;
    [[nodiscard]] MediaLine answer_line(std::size_t index, const AnswerPolicy& policy);
    void answer_rtp(MediaLine& line, const MediaDescription& offered, const AnswerPolicy& policy);
    [[nodiscard]] Result<std::size_t> line_for(const OfferTrack& track, std::vector<MediaLine>& lines, std::vector<bool>& taken) const;
    [[nodiscard]] Result<void> offer_track(MediaLine& line, const OfferTrack& track);
    void draw_ssrcs(MediaLine& line, const std::vector<MediaLine>& others);
    [[nodiscard]] std::string write(const std::vector<MediaLine>& lines, const LocalTransport& transport, SetupRole setup);

    SdpLimits limits_;
    Draw draw_;
    std::string cname_;
    std::uint64_t session_id_ = 0;
    std::uint64_t version_ = 0;  // of the last local description
    std::vector<MediaLine> lines_;
    PayloadTable payloads_;
    ExtensionTable extensions_;
    std::optional<RemoteTransport> remote_;
    std::optional<PendingOffer> remote_offer_;
    std::optional<LocalOfferState> local_offer_;
};

}  // namespace cardea
