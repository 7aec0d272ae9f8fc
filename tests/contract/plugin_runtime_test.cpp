// A real plugin .so behind its runtime: requests, events, timers, services, and its end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <optional>
#include <vector>

#include "modules/plugin_runtime.hpp"
#include "support/fake_media.hpp"

namespace cardea {
namespace {

struct Told {
    std::string what;
    HandleId handle;
    RequestId request;
    Json json;
    int code = 0;
};

class Recorder final : public PluginListener {
  public:
    void on_attached(HandleId handle, bool accepted) override { add({accepted ? "attached" : "refused handle", handle, {}, {}}); }
    void on_detached(HandleId handle) override { add({"detached", handle, {}, {}}); }
    void on_ack(RequestId request) override { add({"ack", {}, request, {}}); }
    void on_reply(RequestId request, JsonText data) override { add({"reply", {}, request, Json::parse(data.text)}); }
    void on_refused(RequestId request, int code, std::string text) override { add({"refused", {}, request, Json{text}, code}); }
    void on_done(RequestId request) override { add({"done", {}, request, {}}); }
    void on_event(HandleId handle, RequestId request, JsonText data, Json) override { add({"event", handle, request, Json::parse(data.text)}); }
    void on_core_event(HandleId handle, Json event) override { add({"core event", handle, {}, event}); }
    void on_telemetry(HandleId handle, EventKind kind, int, Json event) override {
        if (kind == EventKind::plugin) add({"plugin event", handle, {}, event});
    }
    bool wants(EventKind kind) const noexcept override { return kind == EventKind::plugin && listens; }
    std::vector<Told> told;
    std::atomic<bool> listens{false};

  private:
    void add(Told one) { told.push_back(std::move(one)); }
};

class PluginRuntimeTest : public testing::Test {
  protected:
    void SetUp() override {
        auto file = ModuleFile::load(std::string{CARDEA_TEST_MODULES} + "/probe.so", std::filesystem::path{testing::TempDir()} / "cardea-runtime");
        ASSERT_TRUE(file) << file.error().detail;
        auto started = PluginRuntime::start(std::move(*file), {{"greeting", "hi"}}, {peers, control, recorder});
        ASSERT_TRUE(started) << started.error().detail;
        runtime = std::move(*started);
    }
    void TearDown() override {
        if (!runtime) return;
        EXPECT_TRUE(runtime->stop(5s));
    }
    // Turns the control loop until `count` things were told.
    const std::vector<Told>& wait_for(std::size_t count) {
        const auto deadline = MonotonicClock::now() + 10s;
        while (recorder.told.size() < count && MonotonicClock::now() < deadline) control.run_once(100ms);
        EXPECT_GE(recorder.told.size(), count);
        return recorder.told;
    }
    void ask(const char* request, Json extra = {}) {
        Json body{{"request", request}};
        extra.for_each_member([&](std::string_view key, const Json& value) { body.set(std::string{key}.c_str(), value); });
        runtime->request({HandleId{7}, RequestId{++last_request}, false, body, {}});
    }
    // The one thing that is told about a synchronous request.
    Told answer(const char* request, Json extra = {}) {
        const auto before = recorder.told.size();
        ask(request, std::move(extra));
        return wait_for(before + 1).at(before);
    }
    void attach() {
        runtime->attach(HandleId{7});
        wait_for(1);
    }

    FakeMedia media;
    PeerRouter router;
    PeerServices peers{media, router, {}};
    EventLoop control;
    Recorder recorder;
    std::unique_ptr<PluginRuntime> runtime;
    std::uint64_t last_request = 0;
};

TEST_F(PluginRuntimeTest, AttachesOnceAndDetaches) {
    attach();
    EXPECT_EQ(recorder.told[0].what, "attached");
    EXPECT_EQ(runtime->handle_count(), 1U);
    runtime->detach(HandleId{7});
    EXPECT_EQ(wait_for(2)[1].what, "detached");
    EXPECT_EQ(runtime->handle_count(), 0U);
}

TEST_F(PluginRuntimeTest, GivesThePluginItsConfiguration) {
    attach();
    EXPECT_EQ(answer("config").json["greeting"].text(), "hi");
}

TEST_F(PluginRuntimeTest, AnswersMistakesInThePluginsCodesAndJanusWords) {
    attach();
    const auto missing = answer("room");
    EXPECT_EQ(missing.json["probe"].text(), "event");
    EXPECT_EQ(missing.json["error_code"].integer(), 429);
    EXPECT_EQ(missing.json["error"].text(), "Missing mandatory element (room)");
    EXPECT_EQ(answer("room", {{"room", -1}}).json["error"].text(), "Invalid element type (room should be a positive integer)");
    EXPECT_EQ(answer("room", {{"room", "x"}}).json["error_code"].integer(), 430);
    EXPECT_EQ(answer("dance").json["error"].text(), "Unknown request 'dance'");
    EXPECT_EQ(answer("dance").json["error_code"].integer(), 423);
}

TEST_F(PluginRuntimeTest, TellsEventHandlersOnlyWhatTheyListenTo) {
    attach();
    EXPECT_EQ(answer("tell").json["built"].integer(), 0);
    recorder.listens = true;
    ask("tell");
    const auto& told = wait_for(5);
    EXPECT_EQ(told[2].what, "plugin event");
    EXPECT_EQ(told[2].handle, HandleId{7});
    EXPECT_EQ(told[2].json["plugin"].text(), "test.plugin.probe");
    EXPECT_EQ(told[2].json["data"]["event"].text(), "told");
    EXPECT_EQ(told[3].handle, HandleId{});
    EXPECT_EQ(told[4].what, "reply") << "a handle that is not there is told nothing of";
    EXPECT_EQ(told[4].json["built"].integer(), 3);
}

TEST_F(PluginRuntimeTest, AnExceptionBecomesAnErrorAnswer) {
    attach();
    EXPECT_EQ(answer("throw").json["error_code"].integer(), 499);
    EXPECT_EQ(answer("refuse").json["error_code"].integer(), 426);
    EXPECT_EQ(answer("refuse").json["error"].text(), "No such room");
}

TEST_F(PluginRuntimeTest, AcksBeforeTheEventOfAnAsynchronousRequest) {
    attach();
    ask("now");
    const auto& told = wait_for(4);
    EXPECT_EQ(told[1].what, "ack");
    EXPECT_EQ(told[2].what, "event");
    EXPECT_EQ(told[2].request, RequestId{1});
    EXPECT_EQ(told[3].what, "done");
}

TEST_F(PluginRuntimeTest, AnExceptionInAnAsynchronousRequestIsAnEvent) {
    attach();
    ask("throw_async");
    EXPECT_EQ(wait_for(3)[2].json["error_code"].integer(), 499);
}

TEST_F(PluginRuntimeTest, TimersAndServicesAnswerLater) {
    attach();
    ask("later");
    EXPECT_EQ(wait_for(4)[3].json["probe"].text(), "timer");
    ask("service");
    EXPECT_TRUE(std::any_of(wait_for(7).begin(), wait_for(7).end(), [](const Told& one) { return one.json["probe"].text() == "service"; }));
}

TEST_F(PluginRuntimeTest, ACancelledTimerNeverRuns) {
    attach();
    ask("cancel");
    EXPECT_EQ(wait_for(3)[2].json["probe"].text(), "second timer");
}

TEST_F(PluginRuntimeTest, APluginEndsAHandleAfterItsCall) {
    attach();
    ask("end");
    const auto& told = wait_for(3);
    EXPECT_EQ(told[1].what, "reply");
    EXPECT_EQ(told[2].what, "detached");
}

TEST_F(PluginRuntimeTest, RefusesARequestOfAGoneHandle) {
    const auto refused = answer("config");
    EXPECT_EQ(refused.what, "refused");
    EXPECT_EQ(refused.code, 459);
}

TEST_F(PluginRuntimeTest, RefusesBadSdpInPlaceOfTheAck) {
    attach();
    const auto with = [&](const char* type) {
        runtime->request({HandleId{7}, RequestId{++last_request}, false, {{"request", "now"}}, {{"type", type}, {"sdp", "garbage"}}});
    };
    with("offer");
    EXPECT_EQ(wait_for(2)[1].code, 465);
    with("answer");
    EXPECT_EQ(wait_for(3)[2].code, 469);
}

TEST_F(PluginRuntimeTest, NamesNoStuckCallWhenIdle) {
    attach();
    EXPECT_FALSE(runtime->stuck_call(MonotonicClock::now() + 10s, 1s));
}

// A plugin that does not come back is named, stalls nobody, and does not let the host wait for ever either.
TEST_F(PluginRuntimeTest, NamesAStuckCallAndGivesUpWaitingForIt) {
    std::array<int, 2> pipe_ends{};
    ASSERT_EQ(pipe(pipe_ends.data()), 0);
    attach();
    ask("block", {{"until_readable", pipe_ends[0]}});
    std::optional<StuckCall> stuck;
    const auto deadline = MonotonicClock::now() + 10s;
    while (!stuck && MonotonicClock::now() < deadline) stuck = runtime->stuck_call(MonotonicClock::now() + 2s, 1s);
    ASSERT_TRUE(stuck);
    EXPECT_EQ(stuck->call, "on_request");
    EXPECT_GE(stuck->since, 1s);
    ask("config");
    EXPECT_FALSE(runtime->stop(1ms));
    EXPECT_THAT(recorder.told, testing::SizeIs(1)) << "nothing was answered";
    ASSERT_EQ(write(pipe_ends[1], "x", 1), 1);
    const auto& told = wait_for(3);
    EXPECT_EQ(told[1].json["got"].integer(), 1);
    EXPECT_EQ(told[2].what, "reply") << "what waited behind it is answered";
    EXPECT_TRUE(runtime->stop(5s));
    EXPECT_FALSE(runtime->stuck_call(MonotonicClock::now() + 10s, 1s));
    runtime.reset();
    close(pipe_ends[0]);
    close(pipe_ends[1]);
}

TEST_F(PluginRuntimeTest, StoppingDetachesEveryHandle) {
    attach();
    EXPECT_TRUE(runtime->stop(5s));
    EXPECT_EQ(wait_for(2)[1].what, "detached");
    runtime.reset();
}

}  // namespace
}  // namespace cardea
