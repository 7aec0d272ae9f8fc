// Two peers' data channels over a link that loses packets.
#include "proto/sctp/data_channels.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data_link.hpp"

namespace cardea {
namespace {

using test::Link;
using test::Message;
using test::pattern;
using testing::ElementsAre;

std::vector<std::uint8_t> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

TEST(DataChannels, OpensOnEvenStreamsAsClientAndOnOddOnesAsServer) {
    Link link;
    link.connect();
    EXPECT_EQ(link.alice.channels().open({"a", "", {}}), StreamId{0});
    EXPECT_EQ(link.alice.channels().open({"b", "", {}}), StreamId{2});
    EXPECT_EQ(link.bob.channels().open({"c", "", {}}), StreamId{1});
    link.run_for(100ms);
    EXPECT_EQ(link.bob.opened.at(0).label, "a");
    EXPECT_EQ(link.bob.opened.at(2).label, "b");
    EXPECT_EQ(link.alice.opened.at(1).label, "c");
}

TEST(DataChannels, TellsLabelProtocolAndReliability) {
    Link link;
    link.connect();
    const ChannelOptions options{"status", "talk", {false, 3, {}}, 512};
    ASSERT_TRUE(link.alice.channels().open(options));
    link.run_for(100ms);
    EXPECT_EQ(link.bob.opened.at(0), options);
}

TEST(DataChannels, CarriesTextBinaryAndEmptyMessages) {
    Link link;
    link.connect();
    const auto stream = *link.alice.channels().open({"a", "", {}});
    EXPECT_TRUE(link.alice.channels().send(stream, DataFormat::text, as_bytes("hello")));
    EXPECT_TRUE(link.alice.channels().send(stream, DataFormat::binary, pattern(3)));
    EXPECT_TRUE(link.alice.channels().send(stream, DataFormat::text, {}));
    EXPECT_TRUE(link.alice.channels().send(stream, DataFormat::binary, {}));
    link.run_for(200ms);
    EXPECT_THAT(link.bob.messages, ElementsAre(Message{stream, DataFormat::text, bytes_of("hello")}, Message{stream, DataFormat::binary, pattern(3)},
                                               Message{stream, DataFormat::text, {}}, Message{stream, DataFormat::binary, {}}));
    EXPECT_EQ(link.bob.statistics.messages_in, 4U);
    EXPECT_EQ(link.bob.statistics.bytes_in, 8U);
    EXPECT_EQ(link.alice.statistics.messages_out, 4U);
}

TEST(DataChannels, AnswersOnTheChannelOfThePeer) {
    Link link;
    link.connect();
    link.bob.answer = [&](const Message& message) { link.bob.channels().send(message.stream, message.format, message.bytes); };
    const auto stream = *link.alice.channels().open({"echo", "", {}});
    link.alice.channels().send(stream, DataFormat::text, as_bytes("hello"));
    link.run_for(200ms);
    EXPECT_THAT(link.alice.messages, ElementsAre(Message{stream, DataFormat::text, bytes_of("hello")}));
}

TEST(DataChannels, NoPacketIsLargerThanADatagramTakes) {
    Link link;
    link.connect();
    link.alice.channels().send(*link.alice.channels().open({"a", "", {}}), DataFormat::binary, pattern(50'000));
    link.run_for(2s);
    ASSERT_EQ(link.bob.messages.size(), 1U);
    EXPECT_LE(link.largest, 1108U);
    EXPECT_GT(link.largest, 1000U);
}

TEST(DataChannels, CarriesTheLargestMessageOverALossyLink) {
    Link link{0.05};
    link.connect();
    const auto stream = *link.alice.channels().open({"a", "", {}});
    EXPECT_TRUE(link.alice.channels().send(stream, DataFormat::binary, pattern(kMaxMessage)));
    link.run_for(60s);
    ASSERT_EQ(link.bob.messages.size(), 1U);
    EXPECT_EQ(link.bob.messages[0].bytes, pattern(kMaxMessage));
}

TEST(DataChannels, KeepsOrderOverALossyLink) {
    Link link{0.1};
    link.connect();
    const auto stream = *link.alice.channels().open({"a", "", {}});
    for (int i = 0; i < 300; ++i) {
        EXPECT_TRUE(link.alice.channels().send(stream, DataFormat::text, as_bytes(std::to_string(i))));
        link.run_for(5ms);
    }
    link.run_for(60s);
    ASSERT_EQ(link.bob.messages.size(), 300U);
    for (std::size_t i = 0; i < 300; ++i) EXPECT_EQ(link.bob.text(i), std::to_string(i));
}

TEST(DataChannels, UnorderedMessagesOvertakeOneThatWasLost) {
    Link link;
    link.connect();
    const auto stream = *link.alice.channels().open({"a", "", {.ordered = false}});
    link.run_for(200ms);  // the acknowledgement is there
    link.drop = [](Bytes) { return true; };
    link.alice.channels().send(stream, DataFormat::text, as_bytes("lost at first"));
    link.drop = nullptr;
    link.alice.channels().send(stream, DataFormat::text, as_bytes("second"));
    link.run_for(20ms);
    ASSERT_EQ(link.bob.messages.size(), 1U);
    EXPECT_EQ(link.bob.text(0), "second");
    link.run_for(5s);
    ASSERT_EQ(link.bob.messages.size(), 2U);
    EXPECT_EQ(link.bob.text(1), "lost at first");
}

TEST(DataChannels, MessagesWaitBehindTheOneThatOpensTheChannel) {
    Link link;
    link.connect();
    link.drop = [](Bytes) { return true; };
    const auto stream = *link.alice.channels().open({"a", "", {.ordered = false}});
    link.drop = nullptr;
    link.alice.channels().send(stream, DataFormat::text, as_bytes("early"));
    link.run_for(20ms);
    EXPECT_TRUE(link.bob.messages.empty());
    link.run_for(5s);
    ASSERT_EQ(link.bob.messages.size(), 1U);
    EXPECT_EQ(link.bob.statistics.of(DataDrop::unknown_channel), 0U);
}

TEST(DataChannels, WithoutRetransmissionsALostMessageStaysLost) {
    Link link;
    link.connect();
    const auto stream = *link.alice.channels().open({"a", "", {.ordered = false, .max_retransmits = 0}});
    link.run_for(200ms);
    link.drop = [](Bytes) { return true; };
    link.alice.channels().send(stream, DataFormat::text, as_bytes("lost"));
    link.drop = nullptr;
    link.run_for(10s);
    link.alice.channels().send(stream, DataFormat::text, as_bytes("arrives"));
    link.run_for(10s);
    ASSERT_EQ(link.bob.messages.size(), 1U);
    EXPECT_EQ(link.bob.text(0), "arrives");
}

TEST(DataChannels, AMessageIsGivenUpWhenItsTimeIsOver) {
    Link link;
    link.connect();
    const auto stream = *link.alice.channels().open({"a", "", {.max_lifetime = 500}});
    link.run_for(200ms);
    link.drop = [](Bytes) { return true; };
    link.alice.channels().send(stream, DataFormat::text, as_bytes("too late"));
    link.run_for(3s);
    link.drop = nullptr;
    link.alice.channels().send(stream, DataFormat::text, as_bytes("in time"));
    link.run_for(20s);
    ASSERT_EQ(link.bob.messages.size(), 1U);
    EXPECT_EQ(link.bob.text(0), "in time");
}

TEST(DataChannels, AClosedChannelGivesItsNumberBack) {
    Link link;
    link.connect();
    const auto stream = *link.alice.channels().open({"a", "", {}});
    link.alice.channels().send(stream, DataFormat::text, as_bytes("last words"));
    link.alice.channels().close(stream);
    link.run_for(2s);
    EXPECT_EQ(link.bob.text(0), "last words");
    EXPECT_THAT(link.bob.closed, ElementsAre(stream));
    EXPECT_TRUE(link.alice.closed.empty()) << "it knows";
    EXPECT_EQ(link.alice.statistics.channels, 0U);
    EXPECT_EQ(link.bob.statistics.channels, 0U);
    EXPECT_EQ(link.alice.channels().open({"again", "", {}}), stream);
    link.run_for(2s);
    EXPECT_EQ(link.bob.opened.at(stream).label, "again");
}

TEST(DataChannels, ClosesManyAtOnce) {
    Link link{0.1};
    link.connect();
    std::vector<StreamId> streams;
    while (const auto stream = link.alice.channels().open({"a", "", {}})) streams.push_back(*stream);
    EXPECT_EQ(streams.size(), kStreams / 2U);
    link.run_for(20s);
    EXPECT_EQ(link.bob.opened.size(), streams.size());
    for (const auto stream : streams) link.alice.channels().close(stream);
    link.run_for(60s);
    EXPECT_EQ(link.alice.statistics.channels, 0U);
    EXPECT_EQ(link.bob.statistics.channels, 0U);
}

TEST(DataChannels, RefusesMoreThanItsQueueHolds) {
    Link link;
    link.connect();
    const auto stream = *link.alice.channels().open({"a", "", {}});
    link.run_for(100ms);
    link.drop = [](Bytes) { return true; };
    const auto message = pattern(64 * 1024);
    std::size_t taken = 0;
    for (int i = 0; i < 40; ++i) taken += link.alice.channels().send(stream, DataFormat::binary, message) ? 1U : 0U;
    EXPECT_GE(taken, 8U);
    EXPECT_LE(taken, kSendQueue / message.size());
    EXPECT_EQ(link.alice.statistics.of(DataDrop::queue_full), 40U - taken);
    link.drop = nullptr;
    link.run_for(60s);
    EXPECT_EQ(link.bob.messages.size(), taken) << "what was taken arrives whole";
    EXPECT_TRUE(link.alice.channels().send(stream, DataFormat::binary, message)) << "there is room again";
}

TEST(DataChannels, AChannelOpenedWhileTheQueueIsFullOpensLater) {
    Link link;
    link.connect();
    const auto stream = *link.alice.channels().open({"a", "", {}});
    link.run_for(100ms);
    link.drop = [](Bytes) { return true; };
    while (link.alice.channels().send(stream, DataFormat::binary, pattern(16 * 1024))) {}
    while (link.alice.channels().send(stream, DataFormat::binary, pattern(1))) {}
    const auto late = link.alice.channels().open({"late", "", {}});
    ASSERT_TRUE(late);
    EXPECT_FALSE(link.alice.channels().send(*late, DataFormat::text, as_bytes("dropped: nothing overtakes the message that opens")));
    link.drop = nullptr;
    link.run_for(60s);
    EXPECT_EQ(link.bob.opened.at(*late).label, "late");
    EXPECT_TRUE(link.alice.channels().send(*late, DataFormat::text, as_bytes("now")));
    link.run_for(5s);
    EXPECT_EQ(link.bob.messages.back().stream, *late);
}

TEST(DataChannels, TheEndOfTheAssociationClosesChannelsOnce) {
    Link link;
    link.connect();
    const auto stream = *link.alice.channels().open({"a", "", {}});
    link.run_for(100ms);
    link.alice.channels_.reset();  // aborts
    link.run_for(1s);
    EXPECT_THAT(link.bob.closed, ElementsAre(stream));
    EXPECT_TRUE(link.bob.down);
    EXPECT_FALSE(link.bob.channels().is_up());
    EXPECT_FALSE(link.bob.channels().open({"b", "", {}}));
    EXPECT_FALSE(link.bob.channels().send(stream, DataFormat::text, as_bytes("nobody there")));
    EXPECT_EQ(link.bob.statistics.channels, 0U);
}

TEST(DataChannels, APeerThatNeverAnswersIsGivenUp) {
    Link link{1.0};
    link.start();
    link.run_for(200s);
    EXPECT_TRUE(link.alice.down);
    EXPECT_TRUE(link.bob.down);
}

}  // namespace
}  // namespace cardea
