// Who may use the API: a shared secret, stored tokens, or tokens that prove themselves by their signature.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "cardea/json.hpp"

namespace cardea::api {

struct AuthOptions {
    std::string secret;             // empty: none
    bool token_auth = false;
    std::string token_auth_secret;  // signed tokens; empty: stored ones
    // Token -> packages it may attach to; an empty set: every one.
    std::map<std::string, std::set<std::string>> tokens;
};

class Authenticator {
  public:
    explicit Authenticator(AuthOptions options) : options_{std::move(options)} {}

    [[nodiscard]] bool needs_secret() const noexcept { return !options_.secret.empty(); }
    [[nodiscard]] bool needs_token() const noexcept { return options_.token_auth; }
    // A good secret or a good token is enough. unix_now: seconds of the wall clock, for the expiry of signed tokens.
    [[nodiscard]] bool may_use(const Json& request, std::int64_t unix_now) const;
    [[nodiscard]] bool may_attach(const Json& request, std::string_view package, std::int64_t unix_now) const;

  private:
    [[nodiscard]] bool secret_is_good(const Json& request) const;
    [[nodiscard]] bool token_is_good(std::string_view token, std::string_view package, std::int64_t unix_now) const;

    AuthOptions options_;
};

}  // namespace cardea::api
