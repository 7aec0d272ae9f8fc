#include "proto/srtp/key_derivation.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "proto/srtp/evp.hpp"

namespace cardea {
namespace {

// AES in counter mode over zeros is the pseudo-random function; the label is the only thing that differs, the rate is 0.
void derive(const SrtpKeys& master, std::uint8_t label, MutableBytes out) {
    std::array<std::uint8_t, 16> counter{};
    const auto salt = master.master_salt();
    std::copy(salt.begin(), salt.end(), counter.begin());
    counter[7] = static_cast<std::uint8_t>(counter[7] ^ label);
    const auto& cipher = master.master_key().size() == 32 ? EvpCiphers::instance().ctr256() : EvpCiphers::instance().ctr128();
    const EvpCipherCtx context{EVP_CIPHER_CTX_new()};
    CARDEA_ASSERT(context != nullptr);
    CARDEA_ASSERT(EVP_EncryptInit_ex2(context.get(), &cipher, master.master_key().data(), counter.data(), nullptr) == 1);
    std::fill(out.begin(), out.end(), std::uint8_t{0});
    int written = 0;
    CARDEA_ASSERT(EVP_EncryptUpdate(context.get(), out.data(), &written, out.data(), static_cast<int>(out.size())) == 1);
}

SrtpSessionKeys derive_all(const SrtpKeys& master, std::uint8_t first_label) {
    const auto sizes = sizes_of(master.profile);
    SrtpSessionKeys keys;
    keys.profile = master.profile;
    derive(master, first_label, keys.key.first(sizes.key));
    if (!sizes.aead) derive(master, static_cast<std::uint8_t>(first_label + 1), keys.auth.bytes());
    derive(master, static_cast<std::uint8_t>(first_label + 2), keys.salt.first(sizes.salt));
    return keys;
}

}  // namespace

SrtpSessionKeys derive_rtp_keys(const SrtpKeys& master) { return derive_all(master, 0); }
SrtpSessionKeys derive_rtcp_keys(const SrtpKeys& master) { return derive_all(master, 3); }

}  // namespace cardea
