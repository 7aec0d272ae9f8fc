// An offer that takes the place of one that nobody answered, and the answer to that one when it comes after all.
#include "unit/sdp/sdp_samples.hpp"

namespace cardea {
namespace {

using namespace sdp_test;

LocalOffer offer_of(Negotiation& peer, const std::vector<OfferTrack>& tracks, bool restart = false, std::string ufrag = "ufrg") {
    auto offer = peer.offer(tracks, transport(std::move(ufrag)), restart);
    EXPECT_TRUE(offer) << offer.error().detail;
    return std::move(offer.value());
}
LocalOffer replaced_by(Negotiation& peer, const std::vector<OfferTrack>& tracks, bool restart = false, std::string ufrag = "ufrg") {
    peer.replace_local_offer();
    EXPECT_FALSE(peer.is_offer_pending());
    return offer_of(peer, tracks, restart, std::move(ufrag));
}
int code_of(Negotiation& peer, const std::string& answer) {
    const auto result = peer.set_remote_answer(answer);
    return result ? 0 : result.error().code;
}

TEST(ReplacedOffer, ALateAnswerToTheFirstOfferIsRefusedAndTheRightOneTaken) {
    auto peer = negotiation();
    const auto first = offer_of(peer, {track(Codec::opus), track(Codec::vp8)});
    const auto second = replaced_by(peer, {track(Codec::opus), track(Codec::vp8)});
    EXPECT_EQ(code_of(peer, answer_to(first.sdp)), 469);
    EXPECT_TRUE(peer.is_offer_pending());
    EXPECT_EQ(code_of(peer, answer_to(second.sdp)), 0);
    EXPECT_EQ(code_of(peer, answer_to(first.sdp)), 469);
}

TEST(ReplacedOffer, KeepsTheMidsAndNumbersTheCodecsAnew) {
    auto peer = negotiation();
    const auto first = offer_of(peer, {track(Codec::vp8)});
    const auto second = replaced_by(peer, {track(Codec::vp8)});
    EXPECT_EQ(first.media[0].mid, second.media[0].mid);
    EXPECT_NE(first.media[0].payload_type->number, second.media[0].payload_type->number);
    EXPECT_NE(first.media[0].payload_type->rtx, second.media[0].payload_type->rtx);
}

TEST(ReplacedOffer, NumbersOfAnAgreedLineStay) {
    auto peer = negotiation();
    EXPECT_EQ(code_of(peer, answer_to(offer_of(peer, {track(Codec::vp8)}).sdp)), 0);
    offer_of(peer, {track(Codec::vp8, "0"), track(Codec::opus)});
    const auto second = replaced_by(peer, {track(Codec::vp8, "0"), track(Codec::opus)});
    EXPECT_EQ(second.media[0].payload_type->number, 96);
    EXPECT_NE(second.media[1].payload_type->number, 111);
    EXPECT_EQ(code_of(peer, answer_to(second.sdp)), 0);
    const auto third = offer_of(peer, {track(Codec::vp8, "0"), track(Codec::opus, "1")});
    EXPECT_EQ(third.media[1].payload_type->number, second.media[1].payload_type->number);
}

TEST(ReplacedOffer, TellsAnswersApartByTheirDirections) {
    auto peer = negotiation();
    auto silent = track(Codec::vp8, "0");
    silent.direction = MediaDirection::inactive;
    EXPECT_EQ(code_of(peer, answer_to(offer_of(peer, {track(Codec::vp8)}).sdp)), 0);
    const auto first = offer_of(peer, {silent});
    const auto second = replaced_by(peer, {track(Codec::vp8, "0")});
    EXPECT_EQ(code_of(peer, answer_to(first.sdp)), 469);
    EXPECT_EQ(code_of(peer, answer_to(second.sdp)), 0);
}

TEST(ReplacedOffer, TellsAnswersApartByTheCredentialsOfARestart) {
    auto peer = negotiation();
    EXPECT_EQ(code_of(peer, answer_to(offer_of(peer, {track(Codec::vp8)}).sdp)), 0);
    const auto first = offer_of(peer, {track(Codec::vp8, "0")});
    const auto second = replaced_by(peer, {track(Codec::vp8, "0")}, true, "fresh");
    EXPECT_TRUE(peer.is_restart_pending());
    EXPECT_EQ(code_of(peer, answer_to(first.sdp)), 469);
    EXPECT_EQ(code_of(peer, with_every(answer_to(second.sdp), "a=ice-ufrag:fresh", "a=ice-ufrag:client2")), 0);
    EXPECT_EQ(peer.remote()->ufrag, "client2");
}

TEST(ReplacedOffer, AnAnswerServesTwoOffersThatSayTheSame) {
    auto peer = negotiation();
    EXPECT_EQ(code_of(peer, answer_to(offer_of(peer, {track(Codec::vp8)}).sdp)), 0);
    const auto first = offer_of(peer, {track(Codec::vp8, "0")});
    replaced_by(peer, {track(Codec::vp8, "0")});
    EXPECT_EQ(code_of(peer, answer_to(first.sdp)), 0);
}

TEST(ReplacedOffer, WhoInsistsIsBelieved) {
    auto peer = negotiation();
    auto silent = track(Codec::vp8, "0");
    silent.direction = MediaDirection::inactive;
    EXPECT_EQ(code_of(peer, answer_to(offer_of(peer, {track(Codec::vp8)}).sdp)), 0);
    offer_of(peer, {silent});
    const auto second = replaced_by(peer, {track(Codec::vp8, "0")});
    const auto declined = with(answer_to(second.sdp), "a=recvonly", "a=inactive");
    EXPECT_EQ(code_of(peer, declined), 469);
    EXPECT_EQ(code_of(peer, declined), 0);
}

TEST(ReplacedOffer, MayBeReplacedForEverWithoutRunningOutOfNumbers) {
    auto peer = negotiation();
    offer_of(peer, {track(Codec::opus), track(Codec::vp8), track(Codec::vp9), track(Codec::h264), track(Codec::av1)});
    for (int i = 0; i < 100; ++i)
        replaced_by(peer, {track(Codec::opus), track(Codec::vp8), track(Codec::vp9), track(Codec::h264), track(Codec::av1)});
    EXPECT_TRUE(peer.is_offer_pending());
}

}  // namespace
}  // namespace cardea
