#include "websocket.hpp"

#include <algorithm>
#include <array>

#include "base/random.hpp"

namespace cardea::testpeer {
namespace {

constexpr std::string_view kAcceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 section 1.3

std::string base64(Bytes data) {
    const CPtr<gchar, g_free> text{g_base64_encode(data.data(), data.size())};
    return text.get();
}

std::string accept_of(const std::string& key) {
    const std::string text = key + std::string{kAcceptSuffix};
    std::array<std::uint8_t, 20> digest{};
    gsize size = digest.size();
    const CPtr<GChecksum, g_checksum_free> sum{g_checksum_new(G_CHECKSUM_SHA1)};
    g_checksum_update(sum.get(), as_bytes(text).data(), static_cast<gssize>(text.size()));
    g_checksum_get_digest(sum.get(), digest.data(), &size);
    return base64(digest);
}

}  // namespace

WebSocket::WebSocket(GSocketConnection* connection, Events events) : connection_{connection}, events_{std::move(events)} {}

WebSocket::~WebSocket() {
    if (source_ != 0) g_source_remove(source_);
}

Result<std::unique_ptr<WebSocket>> WebSocket::open(const std::string& url, const std::string& protocol, Events events) {
    constexpr std::string_view kScheme = "ws://";
    if (!url.starts_with(kScheme)) return fail(0, "only ws:// URLs: " + url);
    const auto slash = url.find('/', kScheme.size());
    const auto host = url.substr(kScheme.size(), slash - kScheme.size());
    const auto path = slash == std::string::npos ? std::string{"/"} : url.substr(slash);
    const CPtr<GSocketClient, g_object_unref> client{g_socket_client_new()};
    GError* error = nullptr;
    auto* connection = g_socket_client_connect_to_host(client.get(), host.c_str(), 80, nullptr, &error);
    if (connection == nullptr) {
        const CPtr<GError, g_error_free> owned{error};
        return fail(0, owned->message);
    }
    std::unique_ptr<WebSocket> socket{new WebSocket{connection, std::move(events)}};
    if (auto done = socket->handshake(host, path, protocol); !done) return tl::unexpected{done.error()};
    auto* input = G_POLLABLE_INPUT_STREAM(g_io_stream_get_input_stream(G_IO_STREAM(connection)));
    const CPtr<GSource, g_source_unref> source{g_pollable_input_stream_create_source(input, nullptr)};
    g_source_set_callback(source.get(), G_SOURCE_FUNC(on_readable), socket.get(), nullptr);
    socket->source_ = g_source_attach(source.get(), nullptr);
    return socket;
}

Result<void> WebSocket::handshake(const std::string& host, const std::string& path, const std::string& protocol) {
    std::array<std::uint8_t, 16> nonce{};
    random_bytes(nonce);
    const auto key = base64(nonce);
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
                                "Sec-WebSocket-Key: " + key + "\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: " + protocol +
                                "\r\n\r\n";
    auto* stream = G_IO_STREAM(connection_.get());
    if (!g_output_stream_write_all(g_io_stream_get_output_stream(stream), request.data(), request.size(), nullptr, nullptr, nullptr))
        return fail(0, "WebSocket handshake not sent");
    std::string head;
    while (!head.ends_with("\r\n\r\n")) {
        char byte = 0;
        if (g_input_stream_read(g_io_stream_get_input_stream(stream), &byte, 1, nullptr, nullptr) != 1 || head.size() > 8192)
            return fail(0, "WebSocket handshake cut off");
        head += byte;
    }
    if (!head.starts_with("HTTP/1.1 101")) return fail(0, "WebSocket refused: " + head.substr(0, head.find('\r')));
    if (head.find(accept_of(key)) == std::string::npos) return fail(0, "wrong Sec-WebSocket-Accept");
    if (head.find(protocol) == std::string::npos) return fail(0, "sub-protocol not confirmed");
    return {};
}

void WebSocket::send_text(std::string_view text) { write_frame(Opcode::text, as_bytes(text)); }

void WebSocket::close() {
    if (ended_) return;
    constexpr std::array<std::uint8_t, 2> kNormal{0x03, 0xe8};
    write_frame(Opcode::close, kNormal);
}

void WebSocket::write_frame(Opcode opcode, Bytes payload) {
    if (ended_) return;
    std::vector<std::uint8_t> frame(14 + payload.size());
    ByteWriter out{frame};
    out.be(static_cast<std::uint8_t>(0x80U | static_cast<unsigned>(opcode)));
    if (payload.size() < 126) {
        out.be(static_cast<std::uint8_t>(0x80U | payload.size()));
    } else if (payload.size() <= 0xffff) {
        out.be(std::uint8_t{0x80 | 126});
        out.be(static_cast<std::uint16_t>(payload.size()));
    } else {
        out.be(std::uint8_t{0x80 | 127});
        out.be(std::uint64_t{payload.size()});
    }
    std::array<std::uint8_t, 4> mask{};
    random_bytes(mask);
    out.bytes(mask);
    for (std::size_t i = 0; i < payload.size(); ++i) out.be(static_cast<std::uint8_t>(payload[i] ^ mask[i % 4]));
    auto* output = g_io_stream_get_output_stream(G_IO_STREAM(connection_.get()));
    if (!g_output_stream_write_all(output, frame.data(), out.size(), nullptr, nullptr, nullptr)) end("write failed");
}

gboolean WebSocket::on_readable(GObject*, gpointer user) {
    auto& socket = *static_cast<WebSocket*>(user);
    socket.read_available();
    if (!socket.ended_) return G_SOURCE_CONTINUE;
    socket.source_ = 0;
    return G_SOURCE_REMOVE;
}

void WebSocket::read_available() {
    std::array<std::uint8_t, 16384> chunk{};
    auto* input = G_POLLABLE_INPUT_STREAM(g_io_stream_get_input_stream(G_IO_STREAM(connection_.get())));
    GError* error = nullptr;
    const auto got = g_pollable_input_stream_read_nonblocking(input, chunk.data(), chunk.size(), nullptr, &error);
    const CPtr<GError, g_error_free> owned{error};
    if (got < 0 && g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) return;
    if (got <= 0) return end(error != nullptr ? error->message : "closed by the server");
    buffer_.insert(buffer_.end(), chunk.begin(), chunk.begin() + got);
    while (!ended_ && take_frame()) {
    }
}

bool WebSocket::take_frame() {
    ByteReader in{buffer_};
    const auto first = in.be<std::uint8_t>();
    const auto second = in.be<std::uint8_t>();
    std::uint64_t size = second & 0x7fU;
    if (size == 126)
        size = in.be<std::uint16_t>();
    else if (size == 127)
        size = in.be<std::uint64_t>();
    const auto payload = in.take(size);
    if (!in.ok()) return false;
    const std::vector<std::uint8_t> owned{payload.begin(), payload.end()};
    buffer_.erase(buffer_.begin(), buffer_.end() - static_cast<std::ptrdiff_t>(in.left()));
    if ((second & 0x80) != 0 || (first & 0x70) != 0) {
        end("the server sent a masked frame or a reserved bit");  // RFC 6455 sections 5.1 and 5.2
        return false;
    }
    on_frame(first, owned);
    return true;
}

void WebSocket::on_frame(std::uint8_t first, Bytes payload) {
    switch (static_cast<Opcode>(first & 0x0f)) {
        case Opcode::text:
        case Opcode::continuation:
            message_ += as_text(payload);
            if ((first & 0x80) == 0) return;
            events_.on_text(std::exchange(message_, {}));
            return;
        case Opcode::ping:
            return write_frame(Opcode::pong, payload);
        case Opcode::pong:
            return;
        case Opcode::close:
            write_frame(Opcode::close, payload.first(std::min<std::size_t>(payload.size(), 2)));
            return end("closed by the server");
    }
    end("unexpected opcode");
}

void WebSocket::end(std::string reason) {
    if (std::exchange(ended_, true)) return;
    if (events_.on_closed) events_.on_closed(std::move(reason));
}

}  // namespace cardea::testpeer
