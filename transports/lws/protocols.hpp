// The structures of libwebsockets inside Service, for its two source files only.
#pragma once

#include <libwebsockets.h>

#include <algorithm>
#include <array>
#include <string>

#include "lws/service.hpp"

namespace cardea::net {

int on_lws_event(::lws* wsi, lws_callback_reasons reason, void* user, void* data, std::size_t size) noexcept;

struct Service::Protocols {
    explicit Protocols(const ServerConfig& config);
    std::string sub_protocol;
    std::array<lws_protocols, 3> table{};  // zeroes end it
    lws_retry_bo_t idle{};
};

struct Service::Ticker {
    explicit Ticker(Service& of) noexcept;
    lws_sorted_usec_list_t sul;  // first: its address is the ticker's
    Service* service;
    bool armed = false;
};

}  // namespace cardea::net
