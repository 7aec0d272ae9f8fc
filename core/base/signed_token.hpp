// Tokens that prove themselves: whoever knows the secret may write one, and nothing is stored.
//   <expiry unix>,<realm>,<descriptor>[,<descriptor>...]:<base64 of HMAC-SHA1(secret, what is before the colon)>
#pragma once

#include <cstdint>
#include <string_view>

namespace cardea {

// descriptor empty: any. unix_now: seconds of the wall clock.
[[nodiscard]] bool is_signed_token(std::string_view token, std::string_view secret, std::string_view realm, std::string_view descriptor,
                                   std::int64_t unix_now);

}  // namespace cardea
