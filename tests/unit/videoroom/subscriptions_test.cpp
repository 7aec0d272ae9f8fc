// Which feed is on which m-line of a subscriber.
#include "videoroom/subscriptions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cardea::videoroom {
namespace {

struct SubscriptionsTest : testing::Test {
    Room room;
    Subscriber subscriber;

    static Stream stream(const char* mid, const char* kind, const char* codec, std::uint64_t source) {
        Stream stream;
        stream.mid = mid;
        stream.kind = kind;
        stream.codec = codec;
        stream.source = sdk::SourceId{source};
        return stream;
    }
    void publish(std::uint64_t id, std::vector<Stream> streams) {
        Publisher publisher;
        publisher.id = id;
        publisher.up = publisher.negotiated = true;
        publisher.streams = std::move(streams);
        room.publishers[id] = std::move(publisher);
    }
    void SetUp() override {
        for (std::uint64_t id = 1; id <= 2; ++id)
            publish(id, {stream("0", "audio", "opus", 10 * id), stream("1", "video", "vp8", 10 * id + 1)});
    }
    void subscribe(const Json& wish) {
        check_feed(room, wish);
        add_feed(room, subscriber, wish);
        for (std::size_t i = 0; i < subscriber.lines.size(); ++i) subscriber.lines[i].mid = std::to_string(i);
    }
    int code_of(const Json& wish) {
        try {
            check_feed(room, wish);
            return 0;
        } catch (const sdk::RequestError& error) {
            return error.code();
        }
    }
    // "1/0 -" : feed and mid of each line, - where it waits.
    [[nodiscard]] std::string shown() const {
        std::string text;
        for (const auto& line : subscriber.lines)
            text += (text.empty() ? "" : " ") + (line.feed ? to_text(*line.feed) + "/" + line.feed_mid : std::string{"-"});
        return text;
    }
};

TEST_F(SubscriptionsTest, AFeedTakesALineForEachOfItsStreams) {
    subscribe({{"feed", 1}, {"crossrefid", "mine"}, {"send", false}, {"substream", 1}});
    EXPECT_EQ(shown(), "1/0 1/1");
    EXPECT_EQ(subscriber.lines[1].source, sdk::SourceId{11});
    EXPECT_EQ(subscriber.lines[1].crossrefid, "mine");
    EXPECT_FALSE(subscriber.lines[1].send);
    EXPECT_EQ(subscriber.lines[1].layers.substream, 1U);
}

TEST_F(SubscriptionsTest, FeedsAndMidsHaveToBeThere) {
    EXPECT_EQ(code_of({{"feed", 3}}), 428);
    EXPECT_EQ(code_of({{"feed", 1}, {"mid", "x"}}), 428);
    EXPECT_EQ(code_of({{"feed", 1}, {"substream", 3}}), 430);
    room.publishers[std::uint64_t{1}].up = false;
    EXPECT_EQ(code_of({{"feed", 1}}), 428);
}

TEST_F(SubscriptionsTest, WhatComesTakesTheLinesOfWhatLeft) {
    subscribe({{"feed", 1}});
    EXPECT_TRUE(remove_lines(subscriber, {{"feed", 1}, {"mid", "0"}}));
    EXPECT_EQ(shown(), "- 1/1");
    subscribe({{"feed", 2}});
    EXPECT_EQ(shown(), "2/0 1/1 2/1");
    EXPECT_TRUE(subscriber.lines[0].active);
}

TEST_F(SubscriptionsTest, LinesAreLeftByTheirMidOrByTheirFeed) {
    subscribe({{"feed", 1}});
    subscribe({{"feed", 2}});
    EXPECT_TRUE(remove_lines(subscriber, {{"sub_mid", "3"}}));
    EXPECT_TRUE(remove_lines(subscriber, {{"feed", 1}}));
    EXPECT_EQ(shown(), "- - 2/0 -");
    EXPECT_FALSE(remove_lines(subscriber, {{"feed", 1}}));
    EXPECT_FALSE(remove_lines(subscriber, {{"mid", "0"}})) << "a mid of nobody";
    EXPECT_FALSE(remove_lines(subscriber, {{"sub_mid", "x"}}));
}

TEST_F(SubscriptionsTest, ALineSwitchesToTheSameKindAndCodec) {
    subscribe({{"feed", 1}});
    const auto* line = switch_line(room, subscriber, {{"feed", 2}, {"mid", "1"}, {"sub_mid", "1"}, {"temporal", 0}});
    ASSERT_NE(line, nullptr);
    EXPECT_EQ(line->source, sdk::SourceId{21});
    EXPECT_EQ(line->layers.temporal, 0U);
    EXPECT_EQ(shown(), "1/0 2/1");
    EXPECT_EQ(switch_line(room, subscriber, {{"feed", 2}, {"mid", "1"}, {"sub_mid", "1"}}), nullptr) << "it is there already";
    EXPECT_EQ(switch_line(room, subscriber, {{"feed", 2}, {"mid", "1"}, {"sub_mid", "0"}}), nullptr) << "another kind";
    publish(3, {stream("1", "video", "h264", 31)});
    EXPECT_EQ(switch_line(room, subscriber, {{"feed", 3}, {"mid", "1"}, {"sub_mid", "1"}}), nullptr) << "another codec";
    EXPECT_EQ(switch_line(room, subscriber, {{"feed", 2}, {"mid", "1"}, {"sub_mid", "x"}}), nullptr);
}

TEST_F(SubscriptionsTest, LinesOfAFeedThatIsGoneWaitForAnother) {
    subscribe({{"feed", 1}});
    EXPECT_FALSE(follow_feed(room, subscriber, std::uint64_t{1}));
    room.publishers[std::uint64_t{1}].up = false;
    EXPECT_TRUE(follow_feed(room, subscriber, std::uint64_t{1}));
    EXPECT_EQ(shown(), "- -");
    room.publishers[std::uint64_t{1}].up = true;
    EXPECT_FALSE(follow_feed(room, subscriber, std::uint64_t{1})) << "it has to be subscribed to again";
}

TEST_F(SubscriptionsTest, AStreamThatPausesKeepsItsLine) {
    subscribe({{"feed", 1}});
    room.publishers[std::uint64_t{1}].streams[1].disabled = true;
    EXPECT_TRUE(follow_feed(room, subscriber, std::uint64_t{1}));
    EXPECT_FALSE(subscriber.lines[1].active);
    room.publishers[std::uint64_t{1}].streams[1].disabled = false;
    EXPECT_TRUE(follow_feed(room, subscriber, std::uint64_t{1}));
    EXPECT_TRUE(subscriber.lines[1].active);
}

TEST_F(SubscriptionsTest, DataOfAllFeedsSharesOneLine) {
    publish(3, {stream("2", "data", "", 32)});
    publish(4, {stream("0", "data", "", 40)});
    subscribe({{"feed", 3}});
    subscribe({{"feed", 4}});
    subscribe({{"feed", 4}});
    ASSERT_EQ(subscriber.lines.size(), 1U);
    EXPECT_THAT(subscriber.lines[0].data_feeds, testing::ElementsAre(ApiId{std::uint64_t{3}}, ApiId{std::uint64_t{4}}));
    EXPECT_TRUE(remove_lines(subscriber, {{"feed", 3}}));
    EXPECT_TRUE(subscriber.lines[0].active);
    room.publishers.erase(std::uint64_t{4});
    EXPECT_TRUE(follow_feed(room, subscriber, std::uint64_t{4}));
    EXPECT_FALSE(subscriber.lines[0].active);
}

}  // namespace
}  // namespace cardea::videoroom
