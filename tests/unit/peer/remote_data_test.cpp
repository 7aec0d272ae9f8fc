// Messages of data channels between gateways, as RTP.
#include "plain_rtp_world.hpp"

namespace cardea::test {
namespace {

constexpr SourceId kData{83};

class RemoteData : public ::testing::TestWithParam<bool> {
  protected:
    [[nodiscard]] std::optional<SrtpKeys> keys() const {
        return GetParam() ? std::optional{keys_of(SrtpProfile::aes_cm_128_hmac_sha1_80)} : std::nullopt;
    }
    // What was sent from here to rtp arrives at the remote publisher's port.
    void loop_back() {
        for (const auto& datagram : std::exchange(world.elsewhere[rtp].all, {})) world.deliver_to(kSockets.rtp, sender, datagram);
    }
    void say(std::string_view text, bool is_binary) {
        std::vector<std::uint8_t> framed{is_binary ? std::uint8_t{1} : std::uint8_t{0}};
        framed.insert(framed.end(), text.begin(), text.end());
        world.hub.send_data(PeerId{kForwarder.value}, framed);
        world.hub.flush();
    }
    void SetUp() override {
        ReceiveTrack data{.mid = "2", .mindex = 2, .kind = MediaKind::data, .payload_types = {}, .extensions = {}, .encodings = {}};
        data.encodings = {{.rid = {}, .ssrc = Ssrc{1020}, .rtx_ssrc = {}}};
        world.hub.plain_rtp().open_remote(world.now, {.id = kRemote, .sender = {}, .permitted = [](const SocketAddress&) { return true; },
                                                      .keys = keys(), .sources = {{kData, data}}}, kSockets);
    }
    void forward(std::optional<Ssrc> ssrc) {
        world.hub.plain_rtp().add_forwarder(world.now, {.id = kForwarder, .source = kData, .socket = 0, .rtp = rtp, .rtcp = {}, .payload_type = {},
                                                        .ssrc = ssrc, .encoding = {}, .keys = keys()});
    }
    const SocketAddress rtp = *SocketAddress::parse("198.51.100.1", 4000);
    const SocketAddress sender = *SocketAddress::parse("203.0.113.5", 10000);
    NotedDataPlane plane;
    OpenWorld world{HubOptions{.data = &plane}};
};

TEST_P(RemoteData, GoesAsItWasSentAndComesAsThat) {
    EXPECT_EQ(plane.remotes, std::set<SourceId>{kData});
    forward(Ssrc{1020});
    EXPECT_EQ(plane.taps[kForwarder], kData);
    say("hello", false);
    say(std::string_view{"\0\1", 2}, true);
    say("", false);
    const auto& first = world.elsewhere[rtp].all.front();
    EXPECT_EQ(first[0], 0x80);
    EXPECT_EQ(first[1], 0) << "text";
    EXPECT_EQ(first.size(), 12U + 5U + (GetParam() ? 10U : 0U));
    loop_back();
    EXPECT_EQ(plane.messages, (std::vector<NotedDataPlane::Message>{{kData, false, "hello"}, {kData, true, {"\0\1", 2}}, {kData, false, ""}}));
}

TEST_P(RemoteData, AMessageThatFitsNoDatagramIsCounted) {
    forward(Ssrc{1020});
    say(std::string(DataForwarder::kMaxMessage, 'x'), false);
    say(std::string(DataForwarder::kMaxMessage + 1, 'x'), false);
    EXPECT_EQ(world.elsewhere[rtp].all.size(), 1U);
    EXPECT_EQ(world.drops(Drop::too_large), 1U);
}

TEST_P(RemoteData, EndsWithItsForwarderAndItsPublisher) {
    forward(Ssrc{1020});
    world.hub.set_source_active(kData, false);
    EXPECT_EQ(plane.actives.size(), 1U);
    world.hub.plain_rtp().remove_forwarder(kForwarder);
    EXPECT_TRUE(plane.taps.empty());
    say("late", false);
    EXPECT_TRUE(world.elsewhere[rtp].all.empty());
    world.hub.plain_rtp().close_remote(kRemote);
    EXPECT_TRUE(plane.remotes.empty());
}
INSTANTIATE_TEST_SUITE_P(PlainAndSrtp, RemoteData, testing::Bool());

TEST(ForwardedData, WithoutAnSsrcGoesBare) {
    NotedDataPlane plane;
    OpenWorld world{HubOptions{.data = &plane}};
    const auto to = *SocketAddress::parse("198.51.100.1", 4000);
    world.hub.register_data_source(kData);
    world.hub.plain_rtp().add_forwarder(world.now, {.id = kForwarder, .source = kData, .socket = 0, .rtp = to, .rtcp = {}, .payload_type = {},
                                                    .ssrc = {}, .encoding = {}, .keys = {}});
    const std::array<std::uint8_t, 3> framed{0, 'h', 'i'};
    world.hub.send_data(PeerId{kForwarder.value}, framed);
    world.hub.flush();
    EXPECT_EQ(world.elsewhere[to].all, (std::vector<std::vector<std::uint8_t>>{{'h', 'i'}}));
}

}  // namespace
}  // namespace cardea::test
