// A client that speaks SCTP but keeps to nothing above it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data_link.hpp"

namespace cardea {
namespace {

using test::Link;
using test::pattern;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint32_t kControl = 50, kText = 51, kBinary = 53, kTextEmpty = 56;

class RoughClient final : public SctpObserver {
  public:
    explicit RoughClient(Link& link) : sctp{link.stack, {.id = Link::kAlice}, *this} {}
    void on_sctp_up(std::uint16_t streams) override { up = streams; }
    void on_sctp_message(StreamId stream, std::uint32_t ppid, Bytes message) override {
        if (ppid == kControl && message.size() == 1) acknowledged.push_back(stream);
    }
    void on_sctp_too_large(StreamId) override {}
    void on_sctp_incoming_reset(StreamId stream) override { reset.push_back(stream); }
    void on_sctp_outgoing_reset(StreamId) override {}
    void on_sctp_writable() override {}
    void on_sctp_down() override { down = true; }

    void send(StreamId stream, std::uint32_t ppid, Bytes bytes) { ASSERT_TRUE(sctp.send({stream, ppid, bytes, {}})); }
    void open(StreamId stream) { send(stream, kControl, write_dcep_open({"rough", "", {}})); }

    std::uint16_t up = 0;
    bool down = false;
    std::vector<StreamId> acknowledged, reset;
    SctpTransport sctp;
};

class RoughClientTest : public testing::Test {
  protected:
    void SetUp() override {
        link.bob.channels_ = std::make_unique<DataChannels>(link.stack, DataChannels::Config{{.id = Link::kBob}, false}, link.bob, link.bob.statistics);
        client = std::make_unique<RoughClient>(link);
        link.run_for(3s);
        ASSERT_EQ(client->up, kStreams);
        client->open(0);
        link.run_for(1s);
        ASSERT_THAT(client->acknowledged, ElementsAre(0));
    }
    void expect_still_working() {
        client->open(10);
        client->send(10, kText, as_bytes("fine"));
        link.run_for(2s);
        ASSERT_FALSE(link.bob.messages.empty());
        EXPECT_EQ(link.bob.messages.back().stream, 10);
        EXPECT_FALSE(client->down);
    }

    Link link;
    std::unique_ptr<RoughClient> client;
};

TEST_F(RoughClientTest, AMessageAboveTheLimitClosesItsChannelAlone) {
    client->send(0, kBinary, pattern(kMaxMessage + 1));
    link.run_for(5s);
    EXPECT_THAT(link.bob.messages, IsEmpty());
    EXPECT_THAT(link.bob.closed, ElementsAre(0));
    EXPECT_THAT(client->reset, ElementsAre(0));
    EXPECT_EQ(link.bob.statistics.of(DataDrop::too_large), 1U);
    expect_still_working();
}

TEST_F(RoughClientTest, ALargeMessageThatIsMuchTooLargeIsNotKept) {
    for (int i = 0; i < 3; ++i) {
        client->send(0, kBinary, pattern(3 * kMaxMessage));
        link.run_for(5s);
    }
    EXPECT_THAT(link.bob.messages, IsEmpty());
    EXPECT_EQ(link.bob.closed.size(), 1U);
    expect_still_working();
}

TEST_F(RoughClientTest, DcepThatIsNoneClosesItsChannel) {
    client->send(0, kControl, pattern(7, 3));
    link.run_for(1s);
    EXPECT_THAT(link.bob.closed, ElementsAre(0));
    EXPECT_THAT(client->reset, ElementsAre(0));
    EXPECT_EQ(link.bob.statistics.of(DataDrop::bad_control), 1U);
    expect_still_working();
}

TEST_F(RoughClientTest, OpeningAChannelTwiceClosesIt) {
    client->open(0);
    link.run_for(1s);
    EXPECT_THAT(link.bob.closed, ElementsAre(0));
    EXPECT_EQ(link.bob.statistics.of(DataDrop::bad_control), 1U);
    expect_still_working();
}

TEST_F(RoughClientTest, ATooLongLabelIsRefused) {
    auto message = write_dcep_open({std::string(kMaxChannelName, 'x'), "", {}});
    message[9] = 0x2c;  // 300
    message[8] = 0x01;
    message.resize(12 + 300, 'x');
    client->send(4, kControl, message);
    link.run_for(1s);
    EXPECT_THAT(client->reset, ElementsAre(4));
    EXPECT_EQ(link.bob.opened.size(), 1U);
    expect_still_working();
}

TEST_F(RoughClientTest, UnknownPayloadIdentifiersAreDroppedAndCounted) {
    for (const std::uint32_t ppid : {0U, 46U, 52U, 54U, 99U, 0xffffffffU}) client->send(0, ppid, pattern(10));
    link.run_for(1s);
    EXPECT_THAT(link.bob.messages, IsEmpty());
    EXPECT_EQ(link.bob.statistics.of(DataDrop::unknown_format), 6U);
    expect_still_working();
}

TEST_F(RoughClientTest, MessagesOnStreamsThatNobodyOpenedAreDroppedAndCounted) {
    client->send(6, kText, as_bytes("who is there"));
    client->send(127, kText, as_bytes("nobody"));
    link.run_for(1s);
    EXPECT_THAT(link.bob.messages, IsEmpty());
    EXPECT_EQ(link.bob.statistics.of(DataDrop::unknown_channel), 2U);
    expect_still_working();
}

TEST_F(RoughClientTest, AnAcknowledgementOfNothingIsIgnored) {
    client->send(8, kControl, write_dcep_ack());
    client->send(0, kControl, write_dcep_ack());
    link.run_for(1s);
    EXPECT_THAT(link.bob.closed, IsEmpty());
    expect_still_working();
}

TEST_F(RoughClientTest, AnEmptyMessageWithContentIsEmpty) {
    client->send(0, kTextEmpty, as_bytes("not empty at all"));
    link.run_for(1s);
    ASSERT_EQ(link.bob.messages.size(), 1U);
    EXPECT_THAT(link.bob.messages[0].bytes, IsEmpty());
}

TEST_F(RoughClientTest, ResettingWhatWasNeverOpenedChangesNothing) {
    client->sctp.reset(20);
    link.run_for(1s);
    EXPECT_THAT(link.bob.closed, IsEmpty());
    expect_still_working();
}

TEST_F(RoughClientTest, ManyChannelsOpenedAndClosedLeaveNothing) {
    for (int round = 0; round < 50; ++round) {
        client->open(2);
        link.run_for(200ms);
        client->sctp.reset(2);
        link.run_for(500ms);
    }
    EXPECT_EQ(link.bob.closed.size(), 50U);
    EXPECT_EQ(link.bob.statistics.channels, 1U);
    expect_still_working();
}

TEST_F(RoughClientTest, GarbageInPlaceOfPacketsIsIgnored) {
    for (std::size_t size = 0; size < 200; ++size) link.stack.on_packet(Link::kBob, pattern(size, static_cast<std::uint8_t>(size)));
    expect_still_working();
}

}  // namespace
}  // namespace cardea
