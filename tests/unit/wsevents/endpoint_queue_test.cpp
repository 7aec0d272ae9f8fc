#include "wsevents/endpoint_queue.hpp"

#include <gtest/gtest.h>

#include <cardea/json.hpp>

namespace cardea::wsevents {
namespace {

std::string taken(EndpointQueue& queue) {
    std::string message;
    return queue.take(message) ? message : "nothing";
}

TEST(EndpointQueue, TellsWhenItStopsBeingEmpty) {
    EndpointQueue queue{{}, {}};
    EXPECT_TRUE(queue.push(R"({"type":1})"));
    EXPECT_FALSE(queue.push(R"({"type":2})"));
    EXPECT_EQ(taken(queue), R"([{"type":1},{"type":2}])");
    EXPECT_EQ(taken(queue), "nothing");
    EXPECT_TRUE(queue.push(R"({"type":3})"));
}

TEST(EndpointQueue, SendsOneByOneWithoutGrouping) {
    EndpointQueue queue{{}, {.grouping = false}};
    EXPECT_TRUE(queue.push("{}"));
    EXPECT_FALSE(queue.push(R"({"type":2})"));
    EXPECT_EQ(taken(queue), "{}");
    EXPECT_EQ(taken(queue), R"({"type":2})");
}

TEST(EndpointQueue, DropsTheOldestBeyondItsEvents) {
    EndpointQueue queue{{.events = 2}, {}};
    for (const auto* event : {"[1]", "[2]", "[3]", "[4]"}) (void)queue.push(event);
    EXPECT_EQ(queue.size(), 2U);
    EXPECT_EQ(taken(queue), "[[3],[4]]");
    EXPECT_EQ(queue.take_dropped(), 2U);
    EXPECT_EQ(queue.take_dropped(), 0U);
}

TEST(EndpointQueue, DropsTheOldestBeyondItsBytes) {
    EndpointQueue queue{{.events = 100, .bytes = 10}, {}};
    (void)queue.push("12345");
    (void)queue.push("67890");
    EXPECT_EQ(queue.take_dropped(), 0U);
    (void)queue.push("1");
    EXPECT_EQ(queue.take_dropped(), 1U);
    (void)queue.push("an event larger than all of it");
    EXPECT_EQ(queue.take_dropped(), 3U);
    EXPECT_EQ(taken(queue), "nothing");
}

TEST(EndpointQueue, GroupsStayBelowAMessage) {
    EndpointQueue queue{{}, {}};
    const std::string event = "\"" + std::string(1000, 'x') + "\"";
    for (int i = 0; i < 200; ++i) (void)queue.push(event);
    std::string message;
    std::size_t events = 0;
    while (queue.take(message)) {
        EXPECT_LT(message.size(), EndpointQueue::kGroupBytes + 2 * event.size());
        events += Json::parse(message).size();
    }
    EXPECT_EQ(events, 200U);
}

TEST(EndpointQueue, TakesTheOpaqueIdFromTheTopAlone) {
    const char* event = R"({"type":2,"opaque_id":"abc","event":{"name":"attached","opaque_id":"abc"}})";
    EndpointQueue without{{}, {.grouping = false, .opaque_id = false}};
    (void)without.push(event);
    const auto shaped = Json::parse(taken(without));
    EXPECT_FALSE(shaped.has("opaque_id"));
    EXPECT_EQ(shaped["event"]["opaque_id"].text(), "abc");
    EndpointQueue with{{}, {.grouping = false, .opaque_id = true}};
    (void)with.push(event);
    EXPECT_EQ(Json::parse(taken(with))["opaque_id"].text(), "abc");
}

}  // namespace
}  // namespace cardea::wsevents
