#include "proto/sdp/late_answer.hpp"

#include <algorithm>

#include "proto/sdp/remote_description.hpp"

namespace cardea::sdp {
namespace {

bool is_number_of(const PayloadType& offered, std::uint8_t number) noexcept { return number == offered.number || number == offered.rtx; }

bool answers_line(const MediaDescription& answered, const MediaLine& line) {
    if (answered.media != line.media || (!answered.mid.empty() && answered.mid != line.mid)) return false;
    if (answered.is_disabled() || line.rejected) return answered.is_disabled() == line.rejected;
    if (!line.payload_type) return true;  // data
    if (receives(answered.direction) != sends(line.direction)) return false;
    return std::all_of(answered.formats.begin(), answered.formats.end(),
                       [&](const SdpFormat& format) { return is_number_of(*line.payload_type, format.number); });
}

// No credentials at all: every m-line is refused.
bool has_credentials_of(const SessionDescription& answer, const ReplacedOffer& offer, const std::optional<RemoteTransport>& agreed) {
    const auto remote = transport_of(answer, bundled_lines(answer));
    if (!agreed || !remote) return true;
    const bool is_same = remote->ufrag == agreed->ufrag && remote->pwd == agreed->pwd;
    return is_same != offer.restart;
}

}  // namespace

bool answers_exactly(const SessionDescription& answer, const ReplacedOffer& offer, const std::optional<RemoteTransport>& agreed) {
    return has_credentials_of(answer, offer, agreed) &&
           std::equal(answer.media.begin(), answer.media.end(), offer.lines.begin(), offer.lines.end(), answers_line);
}

}  // namespace cardea::sdp
