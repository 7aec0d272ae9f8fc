// One HTTP/1.1 request and its response (RFC 9110, RFC 9112).
#include "lws/http_exchange.hpp"

#include <libwebsockets.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace cardea::net {
namespace {

constexpr std::size_t kChunkBytes = 16 * 1024;
constexpr int kStallSeconds = 60;

std::string_view reason(unsigned status) {
    switch (status) {
        case 200:
            return "OK";
        case 304:
            return "Not Modified";
        case 400:
            return "Bad Request";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 503:
            return "Service Unavailable";
        default:
            return "Error";
    }
}

std::string head_of(const HttpResponse& response, AfterResponse after) {
    std::string head = "HTTP/1.1 " + std::to_string(response.status) + " " + std::string{reason(response.status)} + "\r\n";
    for (const auto& [name, value] : response.headers) head += name + ": " + value + "\r\n";
    // RFC 9110 §8.6: a 304 carries no length of its own.
    if (response.status != 304) head += "Content-Length: " + std::to_string(response.size) + "\r\n";
    head += after == AfterResponse::close ? "Connection: close\r\n\r\n" : "Connection: keep-alive\r\n\r\n";
    return head;
}

bool write(::lws* wsi, unsigned char* bytes, std::size_t size, lws_write_protocol kind) { return lws_write(wsi, bytes, size, kind) >= 0; }

bool write_text(::lws* wsi, std::string_view text, lws_write_protocol kind) {
    std::string framed(LWS_PRE, '\0');
    framed += text;
    return write(wsi, static_cast<unsigned char*>(static_cast<void*>(framed.data())) + LWS_PRE, text.size(), kind);
}

}  // namespace

std::string request_header(::lws* wsi, int token) {
    const auto index = static_cast<lws_token_indexes>(token);
    const auto length = lws_hdr_total_length(wsi, index);
    if (length <= 0) return {};
    std::string value(static_cast<std::size_t>(length) + 1, '\0');
    const auto copied = lws_hdr_copy(wsi, value.data(), static_cast<int>(value.size()), index);
    if (copied <= 0) return "?";  // present, at least: its presence alone decides about trust
    value.resize(static_cast<std::size_t>(copied));
    return value;
}

HttpRequest read_request(::lws* wsi) {
    HttpRequest request;
    char* path = nullptr;
    int size = 0;
    const auto method = lws_http_get_uri_and_method(wsi, &path, &size);
    if (method == LWSHUMETH_GET) request.method = Method::get;
    if (method == LWSHUMETH_HEAD) request.method = Method::head;
    if (path != nullptr && size > 0) request.path.assign(path, static_cast<std::size_t>(size));
    request.if_none_match = request_header(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH);
    return request;
}

HttpExchange::Progress HttpExchange::begin(::lws* wsi, Method method, HttpResponse response, AfterResponse after) {
    response_ = std::move(response);
    if (!response_.file) response_.size = response_.text.size();
    after_ = after;
    sent_ = 0;
    lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, kStallSeconds);
    if (!write_text(wsi, head_of(response_, after), LWS_WRITE_HTTP_HEADERS)) return Progress::failed;
    if (method == Method::head || response_.size == 0) return Progress::done;
    return Progress::more;
}

HttpExchange::Progress HttpExchange::resume(::lws* wsi) {
    std::array<unsigned char, LWS_PRE + kChunkBytes> buffer;
    auto* const body = buffer.data() + LWS_PRE;
    const auto want = std::min(kChunkBytes, response_.size - sent_);
    auto size = want;
    if (response_.file) {
        const auto got = ::pread(response_.file.get(), body, want, static_cast<off_t>(sent_));
        if (got <= 0) return Progress::failed;  // the file shrank: the length promised cannot be kept
        size = static_cast<std::size_t>(got);
    } else {
        std::memcpy(body, response_.text.data() + sent_, size);
    }
    sent_ += size;
    const bool last = sent_ == response_.size;
    lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, kStallSeconds);
    if (!write(wsi, body, size, last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP)) return Progress::failed;
    return last ? Progress::done : Progress::more;
}

}  // namespace cardea::net
