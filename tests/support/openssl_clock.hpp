// Invented time for OpenSSL's DTLS timers, which ask gettimeofday and take no clock from outside. Include this in exactly one source file
// of a test executable: its definition of gettimeofday is then the one that libssl finds. Time stands still until it is set.
#pragma once

#include <sys/time.h>

#include <cstdint>

#include "base/clock.hpp"

namespace cardea::testing {

inline std::int64_t openssl_time_us = 0;

inline void set_openssl_time(Instant now) {
    constexpr std::int64_t kEpochUs = 1'700'000'000'000'000;  // far from zero, which OpenSSL takes for "no timer"
    openssl_time_us = kEpochUs + ns_of(now) / 1000;
}

}  // namespace cardea::testing

extern "C" int gettimeofday(timeval* __restrict now, void* __restrict) noexcept {
    now->tv_sec = cardea::testing::openssl_time_us / 1'000'000;
    now->tv_usec = cardea::testing::openssl_time_us % 1'000'000;
    return 0;
}
