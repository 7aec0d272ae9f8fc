#include "api/authenticator.hpp"

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/signed_token.hpp"

namespace cardea::api {
namespace {

constexpr std::string_view kCoreRealm = "janus";

bool equal(std::string_view a, std::string_view b) { return equal_constant_time(as_bytes(a), as_bytes(b)); }

}  // namespace

bool Authenticator::secret_is_good(const Json& request) const {
    const auto secret = request["apisecret"];
    return needs_secret() && secret.is_string() && equal(secret.text(), options_.secret);
}

bool Authenticator::token_is_good(std::string_view token, std::string_view package, std::int64_t unix_now) const {
    if (!needs_token() || token.empty()) return false;
    if (!options_.token_auth_secret.empty()) return is_signed_token(token, options_.token_auth_secret, kCoreRealm, package, unix_now);
    // Every stored token is compared, so that the time taken tells nothing of them.
    bool good = false;
    for (const auto& [stored, packages] : options_.tokens) {
        const bool allowed = package.empty() || packages.empty() || packages.contains(std::string{package});
        if (equal(stored, token) && allowed) good = true;
    }
    return good;
}

bool Authenticator::may_use(const Json& request, std::int64_t unix_now) const {
    if (!needs_secret() && !needs_token()) return true;
    return secret_is_good(request) || token_is_good(request["token"].text(), {}, unix_now);
}

bool Authenticator::may_attach(const Json& request, std::string_view package, std::int64_t unix_now) const {
    if (!needs_token() || secret_is_good(request)) return true;
    return token_is_good(request["token"].text(), package, unix_now);
}

}  // namespace cardea::api
