// One HTTP/1.1 request and its response on the service thread. The response is written by hand: libwebsockets' own
// helpers serve files from a mount, which we do not want.
#pragma once

#include <string>

#include "lws/application.hpp"

struct lws;

namespace cardea::net {

enum class AfterResponse { keep_alive, close };

// The request in whose callback we are.
[[nodiscard]] HttpRequest read_request(::lws* wsi);
// One header of it, empty when absent.
[[nodiscard]] std::string request_header(::lws* wsi, int token);

class HttpExchange {
  public:
    enum class Progress { more, done, failed };

    // Writes the status line and headers, and the body if it is short.
    [[nodiscard]] Progress begin(::lws* wsi, Method method, HttpResponse response, AfterResponse after);
    // The socket takes more.
    [[nodiscard]] Progress resume(::lws* wsi);
    [[nodiscard]] AfterResponse after() const noexcept { return after_; }

  private:
    HttpResponse response_;
    std::size_t sent_ = 0;
    AfterResponse after_ = AfterResponse::close;
};

}  // namespace cardea::net
