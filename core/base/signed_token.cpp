#include "base/signed_token.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>
#include <string>

#include "base/bytes.hpp"
#include "base/random.hpp"

namespace cardea {
namespace {

bool equal(std::string_view a, std::string_view b) { return equal_constant_time(as_bytes(a), as_bytes(b)); }

std::string signature_of(std::string_view text, std::string_view secret) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned size = 0;
    const auto bytes = as_bytes(text);
    if (HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), bytes.data(), bytes.size(), mac.data(), &size) == nullptr) return {};
    std::array<unsigned char, 4 * ((EVP_MAX_MD_SIZE + 2) / 3) + 1> base64{};
    const int length = EVP_EncodeBlock(base64.data(), mac.data(), static_cast<int>(size));
    return {base64.begin(), base64.begin() + length};
}

// Cuts the text before the first comma off `rest`.
std::string_view next_field(std::string_view& rest) {
    const auto comma = rest.find(',');
    const auto field = rest.substr(0, comma);
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    return field;
}

}  // namespace

bool is_signed_token(std::string_view token, std::string_view secret, std::string_view realm, std::string_view descriptor,
                     std::int64_t unix_now) {
    const auto colon = token.find(':');
    if (colon == std::string_view::npos) return false;
    const auto signed_part = token.substr(0, colon);
    // The signature first: nothing is read out of a text that anybody could have written.
    if (!equal(signature_of(signed_part, secret), token.substr(colon + 1))) return false;
    auto rest = signed_part;
    const auto expiry_text = next_field(rest);
    std::int64_t expiry = 0;
    const auto parsed = std::from_chars(expiry_text.data(), expiry_text.data() + expiry_text.size(), expiry);
    if (parsed.ec != std::errc{} || parsed.ptr != expiry_text.data() + expiry_text.size() || expiry < unix_now) return false;
    if (next_field(rest) != realm) return false;
    if (descriptor.empty()) return true;
    while (!rest.empty())
        if (next_field(rest) == descriptor) return true;
    return false;
}

}  // namespace cardea
