// What clients may not do to the websocket module: messages without end, silence, not reading, dripping headers, garbage.
#include "contract/websocket_fixture.hpp"

namespace cardea::bench {
namespace {

TEST_F(WebSocket, TakesAMessageOfTheLimit) {
    Module module{"websocket", host, config};
    Client client{module, kPlain};
    client.upgrade();
    client.send(masked_frame(1, std::string(kMessageLimit, ' ')));
    ASSERT_TRUE(has_messages(1));
    EXPECT_EQ(host.messages[0].second.size(), kMessageLimit);
}

TEST_F(WebSocket, ClosesAnOversizeMessageWith1009) {
    Module module{"websocket", host, config};
    Client client{module, kPlain};
    client.upgrade();
    client.send(masked_frame(1, std::string(kMessageLimit + 1, ' ')));
    EXPECT_EQ(client.read_frame().close_code(), 1009U);
    EXPECT_TRUE(is_gone(1));
    EXPECT_EQ(message_count(), 0U);
}

TEST_F(WebSocket, TellsWhyToAClientThatStillSends) {
    Module module{"websocket", host, config};
    Client client{module, kPlain};
    client.upgrade();
    ASSERT_TRUE(client.send(masked_frame(1, std::string(3 * kMessageLimit, 'x')) + masked_frame(1, "{}")));
    const auto close = client.read_frame();
    EXPECT_EQ(close.close_code(), 1009U);
    EXPECT_EQ(close.payload.substr(2), "message too large");
    client.send(masked_frame(8, close.payload));
    EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(message_count(), 0U);
}

TEST_F(WebSocket, CutsANeverEndingFragmentedMessage) {
    Module module{"websocket", host, config};
    Client client{module, kPlain};
    client.upgrade();
    const auto fragment = masked_frame(0, std::string(1000, 'x'), false);
    client.send(masked_frame(1, "{", false));
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (client.send(fragment) && std::chrono::steady_clock::now() < end) {
    }
    EXPECT_LT(std::chrono::steady_clock::now(), end);
    EXPECT_TRUE(is_gone(1));
    EXPECT_EQ(message_count(), 0U);
}

TEST_F(WebSocket, CutsAMessageOfEndlessEmptyFragments) {
    Module module{"websocket", host, config};
    Client client{module, kPlain};
    client.upgrade();
    client.send(masked_frame(1, "{", false));
    for (int i = 0; i < 5000; ++i) ASSERT_TRUE(client.send(masked_frame(0, "", false)));
    const auto close = client.read_frame();
    EXPECT_EQ(close.close_code(), 1009U);
    EXPECT_EQ(close.payload.substr(2), "message of too many fragments");
    EXPECT_TRUE(is_gone(1));
}

TEST_F(WebSocket, CountsTheFragmentsOfEachMessageForItself) {
    Module module{"websocket", host, config};
    Client client{module, kPlain};
    client.upgrade();
    for (int message = 0; message < 3; ++message) {
        std::string frames = masked_frame(1, "{", false);
        for (int i = 0; i < 4000; ++i) frames += masked_frame(0, "", false);
        ASSERT_TRUE(client.send(frames + masked_frame(0, "}")));
    }
    EXPECT_TRUE(has_messages(3));
}

TEST_F(WebSocket, CutsAMessageThatTakesTooLong) {
    config.set("host", Json{{"limits", {{"message_seconds", 1}}}});
    Module module{"websocket", host, config};
    Client client{module, kPlain};
    client.upgrade();
    client.send(masked_frame(1, "{", false));
    const auto close = client.read_frame();
    EXPECT_EQ(close.close_code(), 1008U);
    EXPECT_EQ(close.payload.substr(2), "message takes too long");
    EXPECT_TRUE(is_gone(1));
}

TEST_F(WebSocket, StopsReadingWhenTheHostIsBusyAndResumes) {
    host.hold = true;
    Module module{"websocket", host, config};
    Client client{module, kPlain};
    client.upgrade();
    client.send(masked_frame(1, "{}{}"));
    ASSERT_TRUE(has_messages(1));
    // What is not read fills the socket buffers until nothing more is taken.
    const auto frame = masked_frame(1, std::string(60'000, ' '));
    const timeval brief{0, 500'000};
    ::setsockopt(client.fd(), SOL_SOCKET, SO_SNDTIMEO, &brief, sizeof(brief));
    std::size_t frames = 0;
    std::size_t pending = 0;
    for (;;) {
        const auto sent = ::send(client.fd(), frame.data(), frame.size(), MSG_NOSIGNAL);
        if (sent == static_cast<ssize_t>(frame.size())) {
            ++frames;
            continue;
        }
        if (sent > 0) pending = frame.size() - static_cast<std::size_t>(sent);
        break;
    }
    EXPECT_EQ(message_count(), 1U);  // not even the second document of the message
    {
        const std::lock_guard lock{host.mutex};
        host.hold = false;
    }
    module.set_reading(1, true);
    const timeval patience{10, 0};
    ::setsockopt(client.fd(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    EXPECT_TRUE(client.send(std::string_view{frame}.substr(frame.size() - pending)));
    EXPECT_TRUE(has_messages(2 + frames + (pending > 0 ? 1 : 0)));
}

TEST_F(WebSocket, SetReadingFromOutsideStopsReading) {
    Module module{"websocket", host, config};
    Client client{module, kPlain};
    client.upgrade();
    client.send(masked_frame(1, "{}"));
    ASSERT_TRUE(has_messages(1));
    module.set_reading(1, false);
    ASSERT_EQ(module.send(1, "barrier"), CARDEA_OK);  // processed after set_reading
    ASSERT_EQ(client.read_message(), "barrier");
    client.send(masked_frame(1, "{}"));
    module.send(1, "barrier");
    ASSERT_EQ(client.read_message(), "barrier");
    std::this_thread::sleep_for(100ms);
    EXPECT_EQ(message_count(), 1U);
    module.set_reading(1, true);
    EXPECT_TRUE(has_messages(2));
}

TEST_F(WebSocket, ClosesAtTheHardCapAndGivesTheMemoryBack) {
    Module module{"websocket", host, config};
    Client client{module, kPlain, 8192};
    client.upgrade();
    client.send(masked_frame(1, "{}"));
    ASSERT_TRUE(has_messages(1));
    const auto before = allocated();
    const std::string text(100'000, 'x');
    int accepted = 0;
    while (accepted < 1000 && module.send(1, text) == CARDEA_OK) ++accepted;
    EXPECT_GE(accepted, 41);  // 4 MiB
    EXPECT_LT(accepted, 60);
    EXPECT_TRUE(is_gone(1));
    module.destroy();
    EXPECT_LT(allocated(), before + 200'000);
}

TEST_F(WebSocket, LetsATrustedClientQueueMore) {
    host.trusted = true;
    Module module{"websocket", host, config};
    Client client{module, kPlain, 8192};
    client.upgrade();
    client.send(masked_frame(1, "{}"));
    ASSERT_TRUE(has_messages(1));
    const std::string text(1'000'000, 'x');
    for (int i = 0; i < 10; ++i) ASSERT_EQ(module.send(1, text), CARDEA_OK);
    for (int i = 0; i < 10; ++i) ASSERT_EQ(client.read_message(), text);
}

TEST_F(WebSocket, ClosesAClientThatNeverReads) {
    Module module{"websocket", host, config};
    Client client{module, kPlain, 8192};
    client.upgrade();
    client.send(masked_frame(1, "{}"));
    ASSERT_TRUE(has_messages(1));
    ASSERT_EQ(module.send(1, std::string(1'000'000, 'x')), CARDEA_OK);
    EXPECT_TRUE(is_gone(1));
    EXPECT_NE(host.logged.find("outbox stalled"), std::string::npos);
}

TEST_F(WebSocket, KeepsAClientThatReadsSlowly) {
    Module module{"websocket", host, config};
    Client client{module, kPlain};
    const int small = 8192;
    ::setsockopt(client.fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    client.upgrade();
    client.send(masked_frame(1, "{}"));
    ASSERT_TRUE(has_messages(1));
    ASSERT_EQ(module.send(1, std::string(1'000'000, 'x')), CARDEA_OK);
    ASSERT_EQ(module.send(1, std::string(3'000'000, 'x')), CARDEA_OK);
    for (int i = 0; i < 30; ++i) {
        ASSERT_EQ(client.read_bytes(20'000).size(), 20'000U);
        std::this_thread::sleep_for(100ms);
    }
    EXPECT_TRUE(host.gone.empty());
}

TEST_F(WebSocket, StopsReadingFromAClientOverTheSoftLimit) {
    auto slow = config_with(Json::object());
    slow["host"]["limits"].set("outbox_stall_seconds", 60);
    Module module{"websocket", host, slow};
    Client client{module, kPlain, 8192};
    client.upgrade();
    client.send(masked_frame(1, "{}"));
    ASSERT_TRUE(has_messages(1));
    ASSERT_EQ(module.send(1, std::string(3'000'000, 'x')), CARDEA_OK);
    std::this_thread::sleep_for(50ms);
    client.send(masked_frame(1, "{}"));
    std::this_thread::sleep_for(200ms);
    EXPECT_EQ(message_count(), 1U);
    EXPECT_EQ(client.read_message().size(), 3'000'000U);
    EXPECT_TRUE(has_messages(2));
}

// The outbox may empty at once, without a turn in which the socket is asked for room.
TEST_F(WebSocket, ReadsOnWhenOneWriteBringsTheClientBelowTheSoftLimit) {
    auto tight = config_with(Json::object());
    tight["host"]["limits"].set("outbox_soft_bytes", 1024);
    Module module{"websocket", host, tight};
    Client client{module, kPlain};
    client.upgrade();
    client.send(masked_frame(1, "{}"));
    ASSERT_TRUE(has_messages(1));
    ASSERT_EQ(module.send(1, std::string(10'000, 'x')), CARDEA_OK);
    EXPECT_EQ(client.read_message().size(), 10'000U);
    client.send(masked_frame(1, "{}"));
    EXPECT_TRUE(has_messages(2));
}

TEST_F(WebSocket, PingsASilentClientAndEndsADeadOne) {
    auto eager = config_with(Json{{"ping_seconds", 1}, {"ping_timeout_seconds", 1}});
    Module module{"websocket", host, eager};
    Client client{module, kPlain};
    client.upgrade();
    EXPECT_EQ(client.read_frame().opcode, 9U);
    EXPECT_TRUE(is_gone(1));
}

TEST_F(WebSocket, EndsAConnectionThatSaysNothing) {
    Module module{"websocket", host, config};
    Client client{module, kPlain};
    EXPECT_TRUE(client.is_closed());
}

TEST_F(WebSocket, EndsAConnectionThatDripsHeaders) {
    Module module{"websocket", host, config};
    Client client{module, kPlain};
    client.send("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ");
    bool open = true;
    for (int i = 0; i < 60 && open; ++i) {
        std::this_thread::sleep_for(100ms);
        open = client.send("a");
    }
    EXPECT_FALSE(open);
}

TEST_F(WebSocket, EndsAConnectionWithEndlessHeaders) {
    Module module{"websocket", host, config};
    Client client{module, kPlain};
    client.send("GET / HTTP/1.1\r\nHost: x\r\nOrigin: ");
    const std::string more(4096, 'o');
    int sent = 0;
    while (sent < 4096 && client.send(more)) ++sent;
    EXPECT_LT(sent, 4096);
}

TEST_F(WebSocket, SurvivesGarbage) {
    Module module{"websocket", host, config};
    for (unsigned seed = 1; seed < 40; ++seed) {
        Client client{module, kPlain};
        if (seed % 2 == 0) client.upgrade();
        std::string noise;
        for (unsigned i = 0; i < 3000; ++i) noise.push_back(static_cast<char>((i * 2654435761U * seed) >> 13U));
        client.send(noise);
    }
    Client client{module, kPlain};
    EXPECT_EQ(client.upgrade(), kSwitched);
}

}  // namespace
}  // namespace cardea::bench
