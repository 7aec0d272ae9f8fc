// The websocket module as the host sees it: messages, upgrades, TLS, its end.
#include "contract/websocket_fixture.hpp"

namespace cardea::bench {
namespace {

TEST_F(WebSocket, DescribesItself) {
    Module module{"websocket", host, config};
    ASSERT_EQ(module.status(), CARDEA_OK);
    EXPECT_STREQ(module.descriptor().name, "websocket");
    EXPECT_STREQ(module.descriptor().package, "janus.transport.websockets");
    EXPECT_EQ(module.descriptor().magic, CARDEA_ABI_MAGIC);
    EXPECT_EQ(module.descriptor().kind, std::uint32_t{CARDEA_KIND_TRANSPORT});
    ASSERT_EQ(module.descriptor().transport->listener_count, 2U);
    EXPECT_STREQ(module.descriptor().transport->listeners[1].port_option, "secure_port");
}

TEST_F(WebSocket, CarriesMessagesBothWays) {
    Module module{"websocket", host, config};
    Client client{module, kPlain};
    ASSERT_EQ(client.upgrade(), kSwitched);
    EXPECT_NE(client.head().find("janus-protocol"), std::string::npos);
    client.send(masked_frame(1, R"({"janus":"info"})"));
    ASSERT_TRUE(has_messages(1));
    EXPECT_EQ(host.messages[0], (std::pair{cardea_client_id{1}, std::string{R"({"janus":"info"})"}}));
    ASSERT_EQ(module.send(1, R"({"janus":"server_info"})"), CARDEA_OK);
    EXPECT_EQ(client.read_message(), R"({"janus":"server_info"})");
}

TEST_F(WebSocket, TellsTheHostWhoComes) {
    Module module{"websocket", host, config};
    Client client{module, kPlain};
    const std::string chain(700, '1');  // longer than a fixed buffer: must not look absent
    client.upgrade("Sec-WebSocket-Protocol: chat, janus-protocol\r\nOrigin: https://talk.example\r\nX-Forwarded-For: " + chain + "\r\n");
    ASSERT_TRUE(host.eventually([&] { return host.opened.size() == 1; }));
    EXPECT_EQ(host.opened[0]["address"].text().substr(0, 10), "127.0.0.1:");
    EXPECT_EQ(host.opened[0]["listener"].text(), "plain");
    EXPECT_EQ(host.opened[0]["origin"].text(), "https://talk.example");
    EXPECT_EQ(host.opened[0]["forwarded_for"].text(), chain);
}

TEST_F(WebSocket, ClosesWhomTheHostRefuses) {
    host.refuse = true;
    Module module{"websocket", host, config};
    Client client{module, kPlain};
    client.upgrade();
    EXPECT_TRUE(client.is_closed());
    EXPECT_TRUE(host.gone.empty());
}

TEST_F(WebSocket, ReportsAClientThatLeaves) {
    Module module{"websocket", host, config};
    {
        Client client{module, kPlain};
        client.upgrade();
        client.send(masked_frame(1, "{}"));
        ASSERT_TRUE(has_messages(1));
    }
    EXPECT_TRUE(is_gone(1));
    EXPECT_EQ(module.send(1, "{}"), CARDEA_NOT_FOUND);
}

TEST_F(WebSocket, DemandsTheSubProtocol) {
    Module module{"websocket", host, config};
    for (const auto* const header : {"", "Sec-WebSocket-Protocol: chat\r\n", "Sec-WebSocket-Protocol: http\r\n"}) {
        Client client{module, kPlain};
        EXPECT_EQ(client.upgrade(header), "HTTP/1.1 400 Bad Request");
        EXPECT_TRUE(client.is_closed());
    }
    EXPECT_TRUE(host.opened.empty());
}

TEST_F(WebSocket, AnswersPlainHttpWith403) {
    Module module{"websocket", host, config};
    Client client{module, kPlain};
    client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(client.read_head().substr(0, 22), "HTTP/1.1 403 Forbidden");
}

TEST_F(WebSocket, RefusesTheUpgradeToHttp2) {
    Module module{"websocket", host, config};
    Client client{module, kPlain};
    client.send(
        "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: "
        "AAMAAABkAAQAAP__\r\n\r\n");
    EXPECT_EQ(client.read_head().substr(0, 22), "HTTP/1.1 403 Forbidden");
    EXPECT_TRUE(client.is_closed());
}

TEST_F(WebSocket, DoesNotSpeakHttp2ByPriorKnowledge) {
    Module module{"websocket", host, config};
    Client client{module, kPlain};
    client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    EXPECT_TRUE(client.is_closed());
}

// The library reads freed memory here when the callback looks at what it is given.
TEST_F(WebSocket, SurvivesAnUnknownUpgradeOnAKeptConnection) {
    Module module{"websocket", host, config};
    Client client{module, kPlain};
    client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const auto head = client.read_head();
    client.read_bytes(std::string_view{"This port speaks WebSocket\n"}.size());
    client.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: gopher\r\n\r\n");
    EXPECT_TRUE(client.is_closed());
    Client next{module, kPlain};
    EXPECT_EQ(next.upgrade(), kSwitched);
}

TEST_F(WebSocket, ReassemblesFragments) {
    Module module{"websocket", host, config};
    Client client{module, kPlain};
    client.upgrade();
    client.send(masked_frame(1, R"({"janus":)", false) + masked_frame(9, "ping") + masked_frame(0, R"("pi)", false) +
                masked_frame(0, R"(ng"})"));
    ASSERT_TRUE(has_messages(1));
    EXPECT_EQ(host.messages[0].second, R"({"janus":"ping"})");
    const auto pong = client.read_frame();
    EXPECT_EQ(pong.opcode, 10U);
    EXPECT_EQ(pong.payload, "ping");
}

TEST_F(WebSocket, SplitsSeveralDocumentsOfOneMessage) {
    Module module{"websocket", host, config};
    Client client{module, kPlain};
    client.upgrade();
    client.send(masked_frame(1, R"({"a":"}{\""} {"b":{"c":1}})"
                                "\n{ broken"));
    ASSERT_TRUE(has_messages(3));
    EXPECT_EQ(host.messages[0].second, R"({"a":"}{\""})");
    EXPECT_EQ(Json::parse(host.messages[1].second)["b"]["c"].integer(), 1);
    EXPECT_EQ(host.messages[2].second, "\n{ broken");
}

TEST_F(WebSocket, SendsLongMessagesWhole) {
    Module module{"websocket", host, config};
    Client client{module, kPlain};
    client.upgrade();
    ASSERT_TRUE(host.eventually([&] { return host.opened.size() == 1; }));
    client.send(masked_frame(1, "{}"));
    ASSERT_TRUE(has_messages(1));
    std::string text(900'001, 'a');
    for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + i % 23);
    ASSERT_EQ(module.send(1, text), CARDEA_OK);
    ASSERT_EQ(module.send(1, "next"), CARDEA_OK);
    EXPECT_EQ(client.read_message(), text);
    EXPECT_EQ(client.read_message(), "next");
}

TEST_F(WebSocket, KeepsTheOrderOfManyMessagesFromAnotherThread) {
    Module module{"websocket", host, config};
    Client client{module, kPlain};
    client.upgrade();
    client.send(masked_frame(1, "{}"));
    ASSERT_TRUE(has_messages(1));
    std::thread sender{[&] {
        for (int i = 0; i < 5000; ++i) module.send(1, std::to_string(i));
    }};
    for (int i = 0; i < 5000; ++i) ASSERT_EQ(client.read_message(), std::to_string(i));
    sender.join();
}

TEST_F(WebSocket, CloseSendsWhatIsQueuedFirst) {
    Module module{"websocket", host, config};
    Client client{module, kPlain};
    client.upgrade();
    client.send(masked_frame(1, "{}"));
    ASSERT_TRUE(has_messages(1));
    const std::string text(500'000, 'x');
    ASSERT_EQ(module.send(1, text), CARDEA_OK);
    module.close(1);
    EXPECT_EQ(client.read_message(), text);
    EXPECT_EQ(client.read_frame().close_code(), 1000U);
    EXPECT_TRUE(is_gone(1));
}

TEST_F(WebSocket, SpeaksTlsWithoutHttp2) {
    const Folder folder;
    write_certificate(folder.path());
    Module module{"websocket", host, config_with(Json::object(), folder.path())};
    ASSERT_EQ(module.status(), CARDEA_OK);
    Client client{module, kSecure};
    ASSERT_TRUE(client.start_tls());
    EXPECT_EQ(client.alpn(), "http/1.1");
    ASSERT_EQ(client.upgrade(), kSwitched);
    ASSERT_TRUE(host.eventually([&] { return host.opened.size() == 1; }));
    EXPECT_EQ(host.opened[0]["listener"].text(), "secure");
    client.send(masked_frame(1, std::string(300'000, ' ')));
    ASSERT_TRUE(has_messages(1));
    const std::string text(300'000, 'y');
    module.send(1, text);
    EXPECT_EQ(client.read_message(), text);
}

TEST_F(WebSocket, KeepsPlainAndTlsApart) {
    const Folder folder;
    write_certificate(folder.path());
    Module module{"websocket", host, config_with(Json{{"handshake_seconds", 1}}, folder.path())};
    Client plain_at_secure{module, kSecure};
    plain_at_secure.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(plain_at_secure.is_closed());
    Client silent{module, kSecure};
    EXPECT_TRUE(silent.is_closed());
    Client plain{module, kPlain};
    EXPECT_EQ(plain.upgrade(), kSwitched);
}

TEST_F(WebSocket, RefusesToStartWithABadCertificate) {
    const Folder folder;
    folder.write("cert.pem", "nonsense");
    folder.write("key.pem", "nonsense");
    Module module{"websocket", host, config_with(Json::object(), folder.path())};
    EXPECT_EQ(module.status(), CARDEA_INVALID);
    EXPECT_NE(host.logged.find("cert.pem"), std::string::npos);
}

TEST_F(WebSocket, RefusesTlsSocketsWithoutACertificate) {
    Module module{"websocket", host, config};
    const auto before = open_files();
    Client client{module, kSecure};
    EXPECT_EQ(client.adopted(), CARDEA_UNSUPPORTED);
    EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(open_files(), before + 1);
    Client wrong{module, 7};
    EXPECT_EQ(wrong.adopted(), CARDEA_INVALID);
}

TEST_F(WebSocket, StoppingSendsWhatIsQueuedAndSaysGoodbye) {
    Module module{"websocket", host, config};
    Client client{module, kPlain};
    Client half{module, kPlain};
    client.upgrade();
    client.send(masked_frame(1, "{}"));
    ASSERT_TRUE(has_messages(1));
    const std::string text(600'000, 'x');
    ASSERT_EQ(module.send(1, text), CARDEA_OK);
    std::thread stopping{[&] { module.destroy(); }};
    EXPECT_EQ(client.read_message(), text);
    const auto close = client.read_frame();
    EXPECT_EQ(close.close_code(), 1000U);
    client.send(masked_frame(8, close.payload));
    EXPECT_TRUE(client.is_closed());
    stopping.join();
}

TEST_F(WebSocket, StoppingDoesNotWaitForWhoDoesNotRead) {
    Module module{"websocket", host, config};
    Client client{module, kPlain, 4096};
    client.upgrade();
    client.send(masked_frame(1, "{}"));
    ASSERT_TRUE(has_messages(1));
    ASSERT_EQ(module.send(1, std::string(900'000, 'x')), CARDEA_OK);
    const auto start = std::chrono::steady_clock::now();
    module.destroy();
    EXPECT_LT(std::chrono::steady_clock::now() - start, 3s);
}

TEST_F(WebSocket, DestroyEndsOpenConnections) {
    Module module{"websocket", host, config};
    Client first{module, kPlain};
    Client second{module, kPlain};
    Client silent{module, kPlain};
    first.upgrade();
    second.upgrade();
    first.send(masked_frame(1, "{}"));
    second.send(masked_frame(1, "{}"));
    ASSERT_TRUE(has_messages(2));
    module.send(1, std::string(500'000, 'x'));
    module.destroy();
    EXPECT_EQ(host.gone.size(), 2U);
    EXPECT_TRUE(first.is_closed());
    EXPECT_TRUE(silent.is_closed());
}

}  // namespace
}  // namespace cardea::bench
