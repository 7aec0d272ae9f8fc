// The http module as the host sees it: pages, and no way out of their folder.
#include <sys/stat.h>

#include "contract/transport_setup.hpp"

namespace cardea::bench {
namespace {

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

}  // namespace
}  // namespace cardea::bench
