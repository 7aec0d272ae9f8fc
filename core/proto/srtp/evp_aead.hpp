// An AEAD cipher of OpenSSL with its key set, in one direction: SRTP packets and DTLS records are sealed with it.
// One operation: begin(), add() what is associated, crypt() as often as needed, finish. Inline: five calls a packet.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "proto/srtp/crypt_direction.hpp"
#include "proto/srtp/evp.hpp"

namespace cardea {

class EvpAead {
  public:
    static constexpr std::size_t kTag = 16;
    static constexpr std::size_t kNonce = 12;
    using Nonce = std::array<std::uint8_t, kNonce>;

    // key: as long as the cipher's.
    EvpAead(const EVP_CIPHER& cipher, Bytes key, CryptDirection direction) : context_{EVP_CIPHER_CTX_new()} {
        CARDEA_ASSERT(context_ != nullptr && key.size() == static_cast<std::size_t>(EVP_CIPHER_get_key_length(&cipher)));
        CARDEA_ASSERT(
            EVP_CipherInit_ex2(context_.get(), &cipher, key.data(), nullptr, direction == CryptDirection::seal ? 1 : 0, nullptr) == 1);
    }

    [[nodiscard]] bool begin(const Nonce& nonce) noexcept {
        return EVP_CipherInit_ex2(context_.get(), nullptr, nullptr, nonce.data(), -1, nullptr) == 1;
    }
    [[nodiscard]] bool add(Bytes associated) noexcept {
        int written = 0;
        return EVP_CipherUpdate(context_.get(), nullptr, &written, associated.data(), static_cast<int>(associated.size())) == 1;
    }
    // out: room for as many octets as `in`; may be the same.
    [[nodiscard]] bool crypt(Bytes in, std::uint8_t* out) noexcept {
        if (in.empty()) return true;
        int written = 0;
        return EVP_CipherUpdate(context_.get(), out, &written, in.data(), static_cast<int>(in.size())) == 1;
    }
    // tag: room for kTag octets.
    [[nodiscard]] bool finish_seal(std::uint8_t* tag) noexcept {
        int written = 0;
        return EVP_CipherFinal_ex(context_.get(), tag, &written) == 1 &&
               EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kTag), tag) == 1;
    }
    // False: not authentic, and what crypt() wrote is not to be looked at.
    [[nodiscard]] bool finish_open(Bytes tag) noexcept {
        int written = 0;
        std::array<std::uint8_t, kTag> nothing{};
        std::array<std::uint8_t, kTag> expected{};
        std::copy_n(tag.begin(), kTag, expected.begin());
        return EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(kTag), expected.data()) == 1 &&
               EVP_CipherFinal_ex(context_.get(), nothing.data(), &written) == 1;
    }

  private:
    EvpCipherCtx context_;
};

}  // namespace cardea
