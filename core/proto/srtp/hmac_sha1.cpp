#define OPENSSL_SUPPRESS_DEPRECATED
#include "proto/srtp/hmac_sha1.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>

#include "base/assert.hpp"

namespace cardea {

struct HmacSha1::State {
    SHA_CTX inner;
    SHA_CTX outer;
    ~State() { OPENSSL_cleanse(this, sizeof(*this)); }
};

namespace {
SHA_CTX hash_pad(Bytes key, std::uint8_t pad) {
    std::array<std::uint8_t, SHA_CBLOCK> block{};
    std::copy(key.begin(), key.end(), block.begin());
    for (auto& byte : block) byte = static_cast<std::uint8_t>(byte ^ pad);
    SHA_CTX context;
    SHA1_Init(&context);
    SHA1_Update(&context, block.data(), block.size());
    OPENSSL_cleanse(block.data(), block.size());
    return context;
}
}  // namespace

HmacSha1::HmacSha1(Bytes key) {
    CARDEA_ASSERT(key.size() <= SHA_CBLOCK);
    state_.reset(new State{hash_pad(key, 0x36), hash_pad(key, 0x5c)});
}
HmacSha1::HmacSha1(HmacSha1&&) noexcept = default;
HmacSha1& HmacSha1::operator=(HmacSha1&&) noexcept = default;
HmacSha1::~HmacSha1() = default;

HmacSha1::Digest HmacSha1::sign(Bytes data, Bytes trailer) const noexcept {
    Digest digest;
    SHA_CTX context = state_->inner;
    SHA1_Update(&context, data.data(), data.size());
    SHA1_Update(&context, trailer.data(), trailer.size());
    SHA1_Final(digest.data(), &context);
    context = state_->outer;
    SHA1_Update(&context, digest.data(), digest.size());
    SHA1_Final(digest.data(), &context);
    return digest;
}

}  // namespace cardea
