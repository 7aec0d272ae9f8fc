// A real transport .so behind its runtime: listening sockets, clients and their bounds, messages on the control thread.
// The transport is modules/lines.cpp; whatever the runtime tells it can be read on the client's socket.
#include "modules/transport_runtime.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace cardea {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto kPatience = 10s;

// Answers nothing by itself: what is unanswered is the test's choice.
class Recorder final : public TransportListener {
  public:
    void on_client_open(TransportPort&, ClientId client) override { opened.push_back(client); }
    void on_message(ClientId client, Json message) override {
        messages.emplace_back(client, message.dump());
        if (answer) answer(client);
    }
    void on_unparsable(ClientId client, std::string reason) override { unparsable.emplace_back(client, std::move(reason)); }
    void on_client_gone(ClientId client) override { gone.push_back(client); }

    std::vector<ClientId> opened;
    std::vector<std::pair<ClientId, std::string>> messages;
    std::vector<std::pair<ClientId, std::string>> unparsable;
    std::vector<ClientId> gone;
    std::function<void(ClientId)> answer;
};

class LineClient {
  public:
    explicit LineClient(const SocketAddress& to) : fd_{socket(to.is_v6() ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        const timeval patience{std::chrono::duration_cast<std::chrono::seconds>(kPatience).count(), 0};
        setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        const auto raw = to.raw();
        connected_ = connect(fd_, static_cast<const sockaddr*>(static_cast<const void*>(&raw)), to.raw_size()) == 0;
    }
    ~LineClient() { close(); }
    LineClient(const LineClient&) = delete;
    LineClient& operator=(const LineClient&) = delete;

    [[nodiscard]] bool is_connected() const { return connected_; }
    void close() {
        if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    }
    bool write(std::string_view line) {
        std::string text{line};
        text += '\n';
        return ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
    }
    bool has_line() {
        fill(MSG_DONTWAIT);
        return text_.find('\n') != std::string::npos;
    }
    // The next line; empty when the connection is over.
    std::string read() {
        auto end = text_.find('\n');
        while (end == std::string::npos) {
            if (!fill(0)) return {};
            end = text_.find('\n');
        }
        auto line = text_.substr(0, end);
        text_.erase(0, end + 1);
        return line;
    }

  private:
    bool fill(int flags) {
        std::array<char, 4096> bytes{};
        const auto got = recv(fd_, bytes.data(), bytes.size(), flags);
        if (got > 0) text_.append(bytes.data(), static_cast<std::size_t>(got));
        return got > 0;
    }

    int fd_;
    bool connected_ = false;
    std::string text_;
};

class TransportRuntimeTest : public testing::Test {
  protected:
    void TearDown() override {
        if (!runtime) return;
        runtime->close_listeners();
        runtime->stop();
    }
    void start(ClientLimits limits = {}) {
        auto file = ModuleFile::load(std::string{CARDEA_TEST_MODULES} + "/lines.so", std::filesystem::path{testing::TempDir()} / "cardea-transports");
        ASSERT_TRUE(file) << file.error().detail;
        auto addresses = Json::array();
        addresses.push("127.0.0.1");
        const auto config = Json{{"addresses", addresses}, {"port", 0}, {"browser_port", 0}};
        auto started = TransportRuntime::start(std::move(*file), config, {control, recorder, [] { return std::string{"{}"}; }, std::move(limits)});
        ASSERT_TRUE(started) << started.error().detail;
        runtime = std::move(*started);
        auto listening = runtime->listen(config);
        ASSERT_TRUE(listening) << listening.error().detail;
        listeners = std::move(*listening);
    }
    template <class F>
    bool run_until(F&& done) {
        const auto deadline = MonotonicClock::now() + kPatience;
        while (!done() && MonotonicClock::now() < deadline) control.run_once(10ms);
        return done();
    }
    [[nodiscard]] SocketAddress address(const std::string& listener) const {
        for (const auto& one : listeners)
            if (one.name == listener) return one.address;
        return {};
    }
    // A client that the transport has greeted, and what it was told.
    std::pair<std::unique_ptr<LineClient>, std::string> connect(const std::string& listener = "plain") {
        auto client = std::make_unique<LineClient>(address(listener));
        EXPECT_TRUE(run_until([&] { return client->has_line(); }));
        auto welcome = client->read();
        return {std::move(client), std::move(welcome)};
    }
    std::unique_ptr<LineClient> admitted() {
        const auto before = recorder.opened.size();
        auto [client, welcome] = connect();
        EXPECT_EQ(welcome, "welcome");
        EXPECT_TRUE(run_until([&] { return recorder.opened.size() > before; }));
        return std::move(client);
    }
    bool delivered(std::size_t messages) {
        return run_until([&] { return recorder.messages.size() + recorder.unparsable.size() >= messages; });
    }
    void answer(ClientId client, std::size_t messages) {
        for (std::size_t i = 0; i < messages; ++i) runtime->message_done(client);
    }

    EventLoop control;
    Recorder recorder;
    std::unique_ptr<TransportRuntime> runtime;
    std::vector<ListenerState> listeners;
};

TEST_F(TransportRuntimeTest, ListensWhereItsOptionsSay) {
    start();
    ASSERT_THAT(listeners, SizeIs(2));
    for (const auto& listener : listeners) {
        EXPECT_EQ(listener.module, "lines");
        EXPECT_NE(listener.address.port(), 0);
        EXPECT_EQ(listener.address.ip(), "127.0.0.1");
    }
    auto taken = runtime->listen({{"port", listeners[0].address.port()}, {"browser_port", -1}});
    ASSERT_FALSE(taken) << "the port is ours already";
    EXPECT_THAT(taken.error().detail, HasSubstr("cannot listen on"));
}

TEST_F(TransportRuntimeTest, MessagesComeAfterTheirClientAndItsEndAfterThem) {
    start();
    auto [client, welcome] = connect();
    client->write(R"({"a":1}{"b":2})");
    client->write(R"({"c":3})");
    EXPECT_EQ(client->read(), "on");
    EXPECT_EQ(client->read(), "on");
    client->close();
    ASSERT_TRUE(run_until([&] { return !recorder.gone.empty(); }));
    ASSERT_THAT(recorder.opened, SizeIs(1));
    const auto id = recorder.opened[0];
    EXPECT_THAT(recorder.gone, ElementsAre(id));
    EXPECT_THAT(recorder.messages, ElementsAre(std::pair{id, R"({"a":1})"}, std::pair{id, R"({"b":2})"}, std::pair{id, R"({"c":3})"}));
}

TEST_F(TransportRuntimeTest, SendsToOneClientAndClosesIt) {
    start();
    const auto first = admitted();
    const auto second = admitted();
    runtime->send(recorder.opened.at(1), R"({"to":"second"})");
    EXPECT_EQ(second->read(), R"({"to":"second"})");
    runtime->close(recorder.opened.at(1));
    EXPECT_EQ(second->read(), "");
    ASSERT_TRUE(run_until([&] { return !recorder.gone.empty(); }));
    first->write("{}");
    EXPECT_EQ(first->read(), "on") << "the other one is none the wiser";
}

TEST_F(TransportRuntimeTest, WhatCannotBeParsedIsToldWithItsReason) {
    start({.json_depth = 3, .message_bytes = 20});
    const auto client = admitted();
    client->write(R"({"a":1}{"b":)");
    client->write("[[[[]]]]");
    client->write(R"({"long":"0123456789"})");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(client->read(), "on") << "one mistake does not end a connection";
    ASSERT_TRUE(delivered(4));
    EXPECT_THAT(recorder.messages, ElementsAre(std::pair{recorder.opened[0], R"({"a":1})"}));
    ASSERT_THAT(recorder.unparsable, SizeIs(3));
    EXPECT_THAT(recorder.unparsable[1].second, HasSubstr("deeper than 3"));
    EXPECT_THAT(recorder.unparsable[2].second, HasSubstr("larger than 20 bytes"));
}

TEST_F(TransportRuntimeTest, AtItsBoundAClientIsNotReadUntilHalfIsAnswered) {
    start({.requests_per_connection = 4});
    const auto client = admitted();
    const auto id = recorder.opened.at(0);
    for (int i = 0; i < 3; ++i) {
        client->write("{}");
        EXPECT_EQ(client->read(), "on");
    }
    client->write("{}");
    EXPECT_EQ(client->read(), "hold");
    ASSERT_TRUE(delivered(4));
    answer(id, 1);
    runtime->send(id, "still held");
    EXPECT_EQ(client->read(), "still held") << "three are unanswered: more than half";
    answer(id, 1);
    EXPECT_EQ(client->read(), "reading on");
    answer(id, 2);
    runtime->send(id, "resumed once");
    EXPECT_EQ(client->read(), "resumed once");
    client->write("{}");
    EXPECT_EQ(client->read(), "on");
}

TEST_F(TransportRuntimeTest, MistakesCountAgainstTheBoundToo) {
    start({.message_bytes = 8, .requests_per_connection = 3});
    const auto client = admitted();
    client->write("{");
    EXPECT_EQ(client->read(), "on");
    client->write("0123456789");
    EXPECT_EQ(client->read(), "on");
    client->write("{}");
    EXPECT_EQ(client->read(), "hold");
}

// The number that the documentation promises (limits.requests_per_connection).
TEST_F(TransportRuntimeTest, TheBoundIs4096UnlessSaidOtherwise) {
    start();
    const auto client = admitted();
    for (int i = 0; i < 4095; ++i) {
        ASSERT_TRUE(client->write("{}"));
        ASSERT_EQ(client->read(), "on") << i;
    }
    client->write("{}");
    EXPECT_EQ(client->read(), "hold");
    ASSERT_TRUE(delivered(4096)) << "none of them is lost";
    answer(recorder.opened.at(0), 2047);
    runtime->send(recorder.opened.at(0), "still held");
    EXPECT_EQ(client->read(), "still held");
    answer(recorder.opened.at(0), 1);
    EXPECT_EQ(client->read(), "reading on");
}

TEST_F(TransportRuntimeTest, OneMessageDoesNotHoldMoreDocumentsThanTheBound) {
    start({.requests_per_connection = 8});
    const auto client = admitted();
    std::string many;
    for (int i = 0; i < 1000; ++i) many += "1 ";
    client->write(many);
    EXPECT_EQ(client->read(), "on") << "answered with an error";
    ASSERT_TRUE(run_until([&] { return !recorder.unparsable.empty(); }));
    EXPECT_THAT(recorder.messages, SizeIs(8));
    EXPECT_THAT(recorder.unparsable[0].second, HasSubstr("more than 8"));
}

TEST_F(TransportRuntimeTest, AHeldClientIsReadAgainOnlyWhenNothingHoldsIt) {
    start({.requests_per_connection = 4});
    const auto client = admitted();
    const auto id = recorder.opened.at(0);
    runtime->hold(id, true);
    EXPECT_EQ(client->read(), "reading off");
    runtime->hold(id, true);
    for (int i = 0; i < 4; ++i) client->write("{}");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(client->read(), "on");
    EXPECT_EQ(client->read(), "hold");
    ASSERT_TRUE(delivered(4));
    runtime->hold(id, false);
    runtime->send(id, "full still");
    EXPECT_EQ(client->read(), "full still");
    runtime->hold(id, true);
    EXPECT_EQ(client->read(), "reading off");
    answer(id, 4);
    runtime->send(id, "held still");
    EXPECT_EQ(client->read(), "held still");
    runtime->hold(id, false);
    EXPECT_EQ(client->read(), "reading on");
}

TEST_F(TransportRuntimeTest, AnAddressHasSoManyClientsAndNoMore) {
    start({.connections_per_address = 2});
    const auto first = admitted();
    auto second = admitted();
    EXPECT_EQ(connect().second, "refused");
    EXPECT_THAT(recorder.opened, SizeIs(2));
    second->close();
    ASSERT_TRUE(run_until([&] { return !recorder.gone.empty(); }));
    EXPECT_EQ(connect().second, "welcome") << "a place is free again";
}

TEST_F(TransportRuntimeTest, WhoIsTrustedHasNoLimitUnlessItSpeaksForAPage) {
    start({.connections_per_address = 1, .trusted = {*config::AddressPrefix::parse("127.0.0.0/8")}});
    const auto first = connect();
    const auto second = connect();
    EXPECT_EQ(first.second, "welcome trusted");
    EXPECT_EQ(second.second, "welcome trusted");
    EXPECT_EQ(connect("browser").second, "refused") << "an Origin takes the trust away";
}

TEST_F(TransportRuntimeTest, WhatConcernsAGoneClientDoesNothing) {
    start({.requests_per_connection = 2});
    auto client = admitted();
    const auto id = recorder.opened.at(0);
    client->write("{}");
    ASSERT_TRUE(delivered(1));
    client->close();
    ASSERT_TRUE(run_until([&] { return !recorder.gone.empty(); }));
    answer(id, 3);
    runtime->hold(id, true);
    runtime->send(id, "{}");
    runtime->close(id);
    const auto next = admitted();
    EXPECT_NE(recorder.opened.at(1), id) << "an id is never given twice";
}

TEST_F(TransportRuntimeTest, AnswersBeyondWhatWasAskedDoNoHarm) {
    start({.requests_per_connection = 2});
    const auto client = admitted();
    answer(recorder.opened.at(0), 10);
    client->write("{}");
    EXPECT_EQ(client->read(), "on");
    client->write("{}");
    EXPECT_EQ(client->read(), "hold") << "the bound did not grow";
}

TEST_F(TransportRuntimeTest, NobodyConnectsOnceTheListenersAreClosed) {
    start();
    const auto where = address("plain");
    const auto client = admitted();
    runtime->close_listeners();
    EXPECT_FALSE(LineClient{where}.is_connected());
    client->write("{}");
    EXPECT_EQ(client->read(), "on") << "who is there stays";
}

TEST_F(TransportRuntimeTest, StoppingEndsWhoIsConnected) {
    start();
    const auto client = admitted();
    runtime->close_listeners();
    runtime->stop();
    EXPECT_EQ(client->read(), "");
    ASSERT_TRUE(run_until([&] { return !recorder.gone.empty(); }));
    runtime.reset();
}

#if !defined(__SANITIZE_ADDRESS__)  // the sanitizers' own checks open pipes
// Level-triggered, a connection that cannot be accepted would make the loop spin; forgotten, it would wait for ever.
TEST_F(TransportRuntimeTest, WithoutDescriptorsItPausesAndThenAccepts) {
    start();
    const auto client = std::make_unique<LineClient>(address("plain"));
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    const int lowest_free = dup(STDERR_FILENO);
    ASSERT_GE(lowest_free, 0);
    close(lowest_free);
    const rlimit none{static_cast<rlim_t>(lowest_free), before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
    int turns = 0;
    for (const auto end = MonotonicClock::now() + 150ms; MonotonicClock::now() < end; ++turns) control.run_once(20ms);
    setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_LT(turns, 20);
    EXPECT_TRUE(run_until([&] { return !recorder.opened.empty(); }));
}
#endif

// For the thread sanitizer above all: everything at once, with a bound so low that clients are held all the time.
TEST_F(TransportRuntimeTest, ManyClientsTalkWhileTheyAreAnsweredAndHeld) {
    constexpr int kClients = 4;
    constexpr int kMessages = 200;
    start({.requests_per_connection = 4});
    recorder.answer = [&](ClientId client) {
        runtime->send(client, R"({"answer":true})");
        runtime->message_done(client);
        runtime->hold(client, recorder.messages.size() % 2 == 0);
    };
    std::atomic<int> answers{0};
    std::vector<std::thread> clients;
    for (int c = 0; c < kClients; ++c)
        clients.emplace_back([&, where = address("plain")] {
            LineClient client{where};
            for (int i = 0; i < kMessages; ++i) client.write("{}");
            for (int i = 0; i < kMessages; ++i) {
                auto line = client.read();
                while (!line.empty() && line != R"({"answer":true})") line = client.read();
                if (!line.empty()) ++answers;
            }
        });
    EXPECT_TRUE(run_until([&] { return recorder.gone.size() == kClients; }));
    for (auto& client : clients) client.join();
    EXPECT_EQ(answers, kClients * kMessages);
    EXPECT_THAT(recorder.unparsable, IsEmpty());
}

}  // namespace
}  // namespace cardea
