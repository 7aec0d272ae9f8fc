// SDP of a stranger: parsed, written and parsed again; taken as an offer and as an answer.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "proto/sdp/negotiation.hpp"
#include "proto/sdp/sdp_writer.hpp"

namespace {

using namespace cardea;

std::uint32_t next_number() {
    static std::uint32_t number = 0;
    return ++number;
}

LocalTransport transport() {
    std::string fingerprint = "sha-256 00";
    for (int i = 1; i < 32; ++i) fingerprint += ":00";
    return {"ufrg", "passwordpasswordpassword12", fingerprint, {{"192.0.2.1", 10000, 1, "1"}}, true};
}

void round_trip(std::string_view text) {
    const auto parsed = parse_sdp(text);
    if (!parsed) return;
    // What is written may be longer than what was read, so only the count of lines and bytes is let go.
    const SdpLimits wide{.bytes = 64U << 20U, .lines = 1U << 20U, .media = 64};
    const auto again = parse_sdp(write_sdp(*parsed), wide);
    CARDEA_ASSERT(again.has_value());
    const auto third = parse_sdp(write_sdp(*again), wide);
    CARDEA_ASSERT(third.has_value() && *third == *again);
}

void as_offer(std::string_view text) {
    Negotiation peer{{}, next_number};
    for (int round = 0; round < 2; ++round) {
        if (!peer.set_remote_offer(text)) return;
        const auto answer = peer.answer({.data = true}, transport());
        CARDEA_ASSERT(answer.has_value() || answer.error().code == kInvalidSdp);
        if (!answer) return;
        const auto parsed = parse_sdp(answer->sdp);
        CARDEA_ASSERT(parsed.has_value() && parsed->ice_lite);
    }
    OfferTrack track;
    track.kind = MediaKind::video;
    track.payload_type = default_payload_type(Codec::vp8);
    if (const auto offer = peer.offer({track}, transport())) CARDEA_ASSERT(parse_sdp(offer->sdp).has_value());
    if (peer.is_offer_pending()) static_cast<void>(peer.set_remote_answer(text));
}

void as_answer(std::string_view text) {
    Negotiation peer{{}, next_number};
    OfferTrack audio;
    audio.payload_type = default_payload_type(Codec::opus);
    OfferTrack video;
    video.kind = MediaKind::video;
    video.direction = MediaDirection::sendrecv;
    video.payload_type = default_payload_type(Codec::vp8);
    OfferTrack data;
    data.kind = MediaKind::data;
    CARDEA_ASSERT(peer.offer({audio, video, data}, transport()).has_value());
    if (!peer.set_remote_answer(text)) return;
    CARDEA_ASSERT(peer.media().size() == 3);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = as_text({data, size});
    round_trip(text);
    as_offer(text);
    as_answer(text);
    return 0;
}
