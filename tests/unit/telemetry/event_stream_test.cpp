#include "telemetry/event_stream.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace cardea {
namespace {

class Collector final : public EventOutput {
  public:
    explicit Collector(std::uint32_t wanted) : wanted_{wanted} {}
    [[nodiscard]] std::uint32_t wanted() const noexcept override { return wanted_; }
    void tell(EventKind kind, const std::string& json) override { told.emplace_back(kind, Json::parse(json)); }
    std::vector<std::pair<EventKind, Json>> told;

  private:
    std::uint32_t wanted_;
};

TEST(EventStream, WantsNothingUntilSomebodyDoes) {
    EventStream stream{"gateway"};
    EXPECT_FALSE(stream.wants(EventKind::session));
    Collector sessions{1};
    stream.add(sessions);
    EXPECT_TRUE(stream.wants(EventKind::session));
    EXPECT_FALSE(stream.wants(EventKind::media));
    stream.clear();
    EXPECT_FALSE(stream.wants(EventKind::session));
    stream.emit(EventKind::session, 0, {}, Json::object());
    EXPECT_TRUE(sessions.told.empty());
}

TEST(EventStream, TellsEachOutputTheKindsItWants) {
    EventStream stream{"gateway"};
    Collector media{32};
    Collector both{1 | 32};
    stream.add(media);
    stream.add(both);
    stream.emit(EventKind::session, 0, {.session = SessionId{7}}, {{"name", "created"}});
    stream.emit(EventKind::media, event_subtype::kStatistics, {.session = SessionId{7}, .handle = HandleId{8}}, {{"mid", "0"}});
    ASSERT_EQ(media.told.size(), 1U);
    EXPECT_EQ(media.told[0].first, EventKind::media);
    ASSERT_EQ(both.told.size(), 2U);
    EXPECT_EQ(both.told[0].first, EventKind::session);
}

TEST(EventStream, WritesTheEnvelope) {
    EventStream stream{"gateway"};
    Collector all{0x1ff};
    stream.add(all);
    stream.emit(EventKind::webrtc, event_subtype::kIce, {.session = SessionId{7}, .handle = HandleId{8}, .opaque_id = "abc"}, {{"ice", "connected"}});
    auto json = all.told.at(0).second;
    EXPECT_GT(json["timestamp"].integer(), 1'700'000'000'000'000) << "microseconds of the wall clock";
    json.erase("timestamp");
    const Json expected{{"emitter", "gateway"}, {"type", 16},         {"subtype", 1}, {"session_id", 7}, {"handle_id", 8},
                        {"opaque_id", "abc"},   {"event", {{"ice", "connected"}}}};
    EXPECT_EQ(json.dump(JSON_SORT_KEYS), expected.dump(JSON_SORT_KEYS));
    stream.emit(EventKind::core, 0, {}, {{"status", "started"}});
    for (const auto* absent : {"subtype", "session_id", "handle_id", "opaque_id"}) EXPECT_FALSE(all.told.at(1).second.has(absent)) << absent;
}

}  // namespace
}  // namespace cardea
