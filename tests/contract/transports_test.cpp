// The transport modules as the host sees them: real sockets, hostile clients, unloading.
#include <gtest/gtest.h>
#include <malloc.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "contract/transport_bench.hpp"

namespace cardea::bench {
namespace {

namespace fs = std::filesystem;
constexpr std::uint32_t kPlain = 0;
constexpr std::uint32_t kSecure = 1;
constexpr std::size_t kMessageLimit = 1U << 20U;

std::string read_file(const fs::path& path) {
    std::ifstream file{path, std::ios::binary};
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

bool is_mapped(const std::string& path) { return read_file("/proc/self/maps").find(path) != std::string::npos; }

std::size_t open_files() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator{"/proc/self/fd"}) ++count;
    return count;
}

// Without a sanitizer's allocator; 0 with one.
std::size_t allocated() { return ::mallinfo2().uordblks + ::mallinfo2().hblkhd; }

class Folder {
  public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "cardea-transport-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~Folder() { fs::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] const fs::path& path() const { return path_; }
    void write(const std::string& name, const std::string& text) const {
        fs::create_directories((path_ / name).parent_path());
        std::ofstream{path_ / name, std::ios::binary} << text;
    }

  private:
    fs::path path_;
};

void write_certificate(const fs::path& folder) {
    const CPtr<EVP_PKEY, EVP_PKEY_free> key{EVP_EC_gen("P-256")};
    const CPtr<X509, X509_free> certificate{X509_new()};
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    constexpr std::array<unsigned char, 9> host{'l', 'o', 'c', 'a', 'l', 'h', 'o', 's', 't'};
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC, host.data(), host.size(), -1, 0);
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    const CPtr<BIO, BIO_free_all> cert_file{BIO_new_file((folder / "cert.pem").c_str(), "w")};
    PEM_write_bio_X509(cert_file.get(), certificate.get());
    const CPtr<BIO, BIO_free_all> key_file{BIO_new_file((folder / "key.pem").c_str(), "w")};
    PEM_write_bio_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
}

Json config_with(Json members, const fs::path& certificates = {}) {
    Json host{{"limits", {{"message_bytes", std::uint64_t{kMessageLimit}}, {"outbox_stall_seconds", 1}}}};
    if (!certificates.empty()) {
        host.set("tls_certificate", (certificates / "cert.pem").string()).set("tls_key", (certificates / "key.pem").string());
    }
    return std::move(members.set("host", host));
}

class WebSocket : public ::testing::Test {
  protected:
    static void SetUpTestSuite() { pin_libraries(); }
    std::size_t message_count() {
        const std::lock_guard lock{host.mutex};
        return host.messages.size();
    }
    bool has_messages(std::size_t count) {
        return host.eventually([&] { return host.messages.size() >= count; });
    }
    bool is_gone(cardea_client_id client) {
        return host.eventually([&] { return std::count(host.gone.begin(), host.gone.end(), client) == 1; });
    }
    FakeHost host;
    Json config = config_with(Json{{"handshake_seconds", 1}});
};

constexpr const char* kSwitched = "HTTP/1.1 101 Switching Protocols";

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

class Pages : public ::testing::Test {
  protected:
    static void SetUpTestSuite() { pin_libraries(); }
    void SetUp() override {
        folder.write("outside.txt", "secret");
        folder.write("pages/index.html", "<p>hello</p>");
        folder.write("pages/js/app.mjs", "export {}");
        folder.write("pages/.hidden", "hidden");
        folder.write("pages/big.txt", std::string(3'000'000, 'b'));
        fs::create_symlink("../outside.txt", folder.path() / "pages/link.txt");
        fs::create_symlink("index.html", folder.path() / "pages/inside.html");
        fs::create_directory_symlink("..", folder.path() / "pages/up");
        ASSERT_EQ(::mkfifo((folder.path() / "pages/fifo").c_str(), 0600), 0);
        config = config_with(Json{{"folder", (folder.path() / "pages").string()}, {"handshake_seconds", 1}});
    }
    static std::string get(Client& client, const std::string& path, const std::string& method = "GET", const std::string& extra = "") {
        client.send(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + extra + "\r\n");
        return client.read_head();
    }
    static std::size_t length(const std::string& head) {
        const auto at = head.find("Content-Length: ");
        return at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
    }
    static unsigned status(const std::string& head) { return head.size() < 12 ? 0 : static_cast<unsigned>(std::stoul(head.substr(9, 3))); }
    static std::string header(const std::string& head, const std::string& name) {
        const auto at = head.find(name + ": ");
        if (at == std::string::npos) return {};
        const auto start = at + name.size() + 2;
        return head.substr(start, head.find("\r\n", start) - start);
    }
    Folder folder;
    FakeHost host;
    Json config;
};

TEST_F(Pages, ServesFilesOverOneConnection) {
    Module module{"http", host, config};
    ASSERT_EQ(module.status(), CARDEA_OK);
    Client client{module, kPlain};
    const auto index = get(client, "/");
    EXPECT_EQ(status(index), 200U);
    EXPECT_EQ(header(index, "Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(client.read_bytes(length(index)), "<p>hello</p>");
    const auto script = get(client, "/js/app.mjs?v=1");
    EXPECT_EQ(header(script, "Content-Type"), "text/javascript; charset=utf-8");
    EXPECT_EQ(client.read_bytes(length(script)), "export {}");
    const auto big = get(client, "/big.txt");
    EXPECT_EQ(client.read_bytes(length(big)), std::string(3'000'000, 'b'));
    const auto inside = get(client, "/inside.html");
    EXPECT_EQ(client.read_bytes(length(inside)), "<p>hello</p>");
}

TEST_F(Pages, HasSecurityHeadersOnEveryAnswer) {
    Module module{"http", host, config};
    for (const auto* const path : {"/", "/missing", "/healthz"}) {
        Client client{module, kPlain};
        const auto head = get(client, path);
        EXPECT_NE(header(head, "Content-Security-Policy").find("default-src 'self'"), std::string::npos);
        EXPECT_EQ(header(head, "X-Content-Type-Options"), "nosniff");
        EXPECT_EQ(header(head, "Referrer-Policy"), "no-referrer");
        EXPECT_NE(header(head, "Permissions-Policy").find("display-capture=(self)"), std::string::npos);
    }
}

TEST_F(Pages, HasNoWayOutOfTheFolder) {
    Module module{"http", host, config};
    for (const auto* const path : {"/../outside.txt",
                                   "/js/../../outside.txt",
                                   "/%2e%2e/outside.txt",
                                   "/..%2foutside.txt",
                                   "/%252e%252e/outside.txt",
                                   "/link.txt",
                                   "/up/outside.txt",
                                   "/up/pages/index.html",
                                   "/.hidden",
                                   "//etc/passwd",
                                   "/js//app.mjs",
                                   "/./index.html",
                                   "/..\\outside.txt",
                                   "/fifo",
                                   "/js",
                                   "/js/",
                                   "/index.html/",
                                   "/index.html%00.txt",
                                   "/%2foutside.txt",
                                   "/...../outside.txt"}) {
        Client client{module, kPlain};
        const auto head = get(client, path);
        const auto body = client.read_bytes(length(head));
        EXPECT_EQ(body.find("secret"), std::string::npos) << path;
        EXPECT_EQ(body.find("root:"), std::string::npos) << path;
        EXPECT_EQ(body.find("hidden"), std::string::npos) << path;
        EXPECT_NE(status(head), 500U) << path;
    }
    for (const auto* const path : {"/link.txt", "/up/outside.txt", "/.hidden", "/fifo", "/js", "/js/", "/%252e%252e/outside.txt"}) {
        Client client{module, kPlain};
        EXPECT_EQ(status(get(client, path)), 404U) << path;
    }
}

TEST_F(Pages, RevalidatesByEtag) {
    Module module{"http", host, config};
    Client client{module, kPlain};
    const auto first = get(client, "/");
    client.read_bytes(length(first));
    EXPECT_EQ(header(first, "Cache-Control"), "no-cache");
    const auto second = get(client, "/", "GET", "If-None-Match: " + header(first, "ETag") + "\r\n");
    EXPECT_EQ(status(second), 304U);
    EXPECT_EQ(status(get(client, "/js/app.mjs", "HEAD")), 200U);  // the 304 had no body
}

TEST_F(Pages, AnswersHeadWithoutABody) {
    Module module{"http", host, config};
    Client client{module, kPlain};
    EXPECT_EQ(length(get(client, "/", "HEAD")), 12U);
    const auto next = get(client, "/");
    EXPECT_EQ(status(next), 200U);
    EXPECT_EQ(client.read_bytes(length(next)), "<p>hello</p>");
}

TEST_F(Pages, RefusesOtherMethodsAndBodies) {
    Module module{"http", host, config};
    for (const auto* const method : {"POST", "PUT", "DELETE", "OPTIONS"}) {
        Client client{module, kPlain};
        const auto head = get(client, "/", method, "Content-Length: 0\r\n");
        EXPECT_EQ(status(head), 405U) << method;
        EXPECT_EQ(header(head, "Allow"), "GET, HEAD");
        EXPECT_TRUE(client.is_closed());
    }
    for (const auto* const extra :
         {"Content-Length: -5\r\n", "Content-Length: 99999999999999999999\r\n", "Transfer-Encoding: chunked\r\n"}) {
        Client client{module, kPlain};
        EXPECT_EQ(status(get(client, "/", "GET", extra)), 400U) << extra;
        EXPECT_TRUE(client.is_closed());
    }
}

TEST_F(Pages, RefusesUpgrades) {
    Module module{"http", host, config};
    for (const auto* const upgrade : {"h2c", "websocket", "gopher"}) {
        Client client{module, kPlain};
        const auto head = get(client, "/", "GET",
                              std::string{"Connection: Upgrade\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nSec-WebSocket-Key: "
                                          "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nUpgrade: "} +
                                  upgrade + "\r\n");
        EXPECT_EQ(status(head), 403U) << upgrade;
    }
}

TEST_F(Pages, TellsHealthAndWhereTheWebSocketIs) {
    host.health = R"({"name":"Cardea","version":"9.9","sessions":2,"listeners":[
        {"module":"websocket","name":"plain","port":8188,"tls":false},{"module":"websocket","name":"secure","port":8989,"tls":true},
        {"module":"http","name":"plain","port":8088,"tls":false}]})";
    Module module{"http", host, config};
    Client client{module, kPlain};
    const auto health = get(client, "/healthz");
    EXPECT_EQ(status(health), 200U);
    EXPECT_EQ(Json::parse(client.read_bytes(length(health)))["sessions"].integer(), 2);
    const auto gateway = get(client, "/cardea.json");
    EXPECT_EQ(header(gateway, "Content-Type"), "application/json");
    EXPECT_EQ(Json::parse(client.read_bytes(length(gateway))), (Json{{"websocket", {{"ws", 8188}, {"wss", 8989}}}, {"version", "9.9"}}));
}

TEST_F(Pages, NeedsLittleMemoryForASlowReader) {
    folder.write("pages/huge.txt", std::string(64'000'000, 'h'));
    Module module{"http", host, config};
    Client client{module, kPlain, 8192};
    const auto before = allocated();
    const auto head = get(client, "/huge.txt");
    EXPECT_EQ(length(head), 64'000'000U);
    client.read_bytes(100'000);
    EXPECT_LT(allocated(), before + 1'000'000);
}

TEST_F(Pages, SpeaksTls) {
    write_certificate(folder.path());
    Module module{"http", host, config_with(Json{{"folder", (folder.path() / "pages").string()}}, folder.path())};
    Client client{module, kSecure};
    ASSERT_TRUE(client.start_tls());
    EXPECT_EQ(client.alpn(), "http/1.1");
    const auto big = get(client, "/big.txt");
    EXPECT_EQ(client.read_bytes(length(big)), std::string(3'000'000, 'b'));
    EXPECT_EQ(status(get(client, "/")), 200U);
}

TEST_F(Pages, EndsASecondRequestThatDrips) {
    Module module{"http", host, config};
    Client client{module, kPlain};
    client.read_bytes(length(get(client, "/")));
    client.send("GET / HTTP/1.1\r\nX-Slow: ");
    bool open = true;
    for (int i = 0; i < 300 && open; ++i) {
        std::this_thread::sleep_for(100ms);
        open = client.send("a");
    }
    EXPECT_FALSE(open);
}

// The library picks a virtual host by name: neither name may turn one listener into the other.
TEST_F(Pages, DoesNotMixItsListenersByHostName) {
    write_certificate(folder.path());
    Module module{"http", host, config_with(Json{{"folder", (folder.path() / "pages").string()}}, folder.path())};
    for (const std::string name : {"plain", "secure", "other.example", ":1"}) {
        Client secure{module, kSecure};
        ASSERT_TRUE(secure.start_tls(name == ":1" ? "x" : name.c_str()));
        Client plain{module, kPlain};
        for (auto* const client : {&secure, &plain, &secure, &plain}) {
            client->send("GET / HTTP/1.1\r\nHost: " + name + "\r\n\r\n");
            EXPECT_EQ(client->read_bytes(length(client->read_head())), "<p>hello</p>") << name;
        }
    }
}

class AnyTransport : public ::testing::TestWithParam<const char*> {
  protected:
    static void SetUpTestSuite() { pin_libraries(); }
};

TEST_P(AnyTransport, LeavesNothingBehindWhenUnloaded) {
    const Folder folder;
    write_certificate(folder.path());
    const auto config = config_with(Json::object(), folder.path());
    std::size_t files = 0;
    for (int i = 0; i < 100; ++i) {
        FakeHost host;
        {
            Module module{GetParam(), host, config};
            ASSERT_EQ(module.status(), CARDEA_OK);
            ASSERT_TRUE(is_mapped(module_path(GetParam())));
            Client client{module, i % 2 == 0 ? kPlain : kSecure};
            if (i % 2 == 1) {
                ASSERT_TRUE(client.start_tls());
            }
            client.upgrade();
        }
        ASSERT_FALSE(is_mapped(module_path(GetParam())));
        if (i == 0) files = open_files();
    }
    EXPECT_EQ(open_files(), files);
}

TEST_P(AnyTransport, IsCreatedAndDestroyedWithoutStarting) {
    FakeHost host;
    void* const library = ::dlopen(module_path(GetParam()).c_str(), RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(library, nullptr) << ::dlerror();
    const auto* const module = static_cast<const cardea_module_descriptor*>(::dlsym(library, CARDEA_MODULE_SYMBOL));
    const auto config = config_with(Json::object()).dump();
    for (int i = 0; i < 100; ++i) {
        void* self = nullptr;
        ASSERT_EQ(module->transport->api->create(host.table(), sdk::slice(config), &self), CARDEA_OK);
        const auto [mine, theirs] = connected_pair();
        EXPECT_EQ(module->transport->api->adopt(self, theirs, kPlain), CARDEA_BUSY);
        Client client{mine};
        EXPECT_TRUE(client.is_closed());
        module->transport->api->destroy(self);
    }
    ::dlclose(library);
    EXPECT_FALSE(is_mapped(module_path(GetParam())));
}

INSTANTIATE_TEST_SUITE_P(Modules, AnyTransport, ::testing::Values("websocket", "http"),
                         [](const auto& one) { return std::string{one.param}; });

}  // namespace
}  // namespace cardea::bench
