#include "proto/dtls/dtls_secrets.hpp"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <string>

#include "base/assert.hpp"
#include "base/cptr.hpp"
#include "proto/dtls/dtls_crypto.hpp"
#include "proto/srtp/evp.hpp"

namespace cardea {
namespace {

constexpr std::size_t kLongestKeyBlock = 2 * (32 + 12);

const DtlsSuite* suite_of(const SSL_CIPHER* cipher) {
    if (cipher == nullptr) return nullptr;
    const auto id = SSL_CIPHER_get_protocol_id(cipher);
    const auto* const found = std::find_if(kDtlsSuites.begin(), kDtlsSuites.end(), [&](const DtlsSuite& each) { return each.id == id; });
    return found == kDtlsSuites.end() ? nullptr : &*found;
}

// RFC 5246 section 6.3: the server's random comes first here.
void expand(const DtlsSecrets& secrets, MutableBytes block) {
    static const CPtr<EVP_KDF, EVP_KDF_free> prf{EVP_KDF_fetch(dtls_crypto(), "TLS1-PRF", nullptr)};
    const CPtr<EVP_KDF_CTX, EVP_KDF_CTX_free> context{EVP_KDF_CTX_new(prf.get())};
    CARDEA_ASSERT(context != nullptr);
    std::string digest{secrets.suite->prf_digest};
    std::string label{"key expansion"};
    auto master = secrets.master;
    auto server = secrets.server_random;
    auto client = secrets.client_random;
    // Several seeds are one after the other (EVP_KDF-TLS1_PRF(7)).
    const std::array<OSSL_PARAM, 6> parameters{{
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, master.bytes().data(), master.bytes().size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, label.data(), label.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, server.data(), server.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, client.data(), client.size()),
        OSSL_PARAM_construct_end(),
    }};
    CARDEA_ASSERT(EVP_KDF_derive(context.get(), block.data(), block.size(), parameters.data()) == 1);
}

void copy(Bytes from, MutableBytes to) { std::copy(from.begin(), from.end(), to.begin()); }

}  // namespace

std::optional<DtlsSecrets> secrets_of(SSL& ssl, DtlsRole role) {
    DtlsSecrets secrets{.suite = suite_of(SSL_get_current_cipher(&ssl)), .role = role};
    const auto* session = SSL_get_session(&ssl);
    if (secrets.suite == nullptr || session == nullptr) return std::nullopt;
    const auto master = secrets.master.bytes();
    if (SSL_SESSION_get_master_key(session, master.data(), master.size()) != master.size()) return std::nullopt;
    SSL_get_client_random(&ssl, secrets.client_random.data(), secrets.client_random.size());
    SSL_get_server_random(&ssl, secrets.server_random.data(), secrets.server_random.size());
    return secrets;
}

DtlsKeys derive_keys(const DtlsSecrets& secrets) {
    const auto sizes = sizes_of(secrets.suite->cipher);
    SecretBytes<kLongestKeyBlock> block;
    const auto used = block.first(2 * (sizes.key + sizes.salt));
    expand(secrets, used);
    // Client's key, server's key, client's salt, server's salt: an AEAD cipher has no MAC keys before them.
    ByteReader reader{used};
    DtlsKeys keys;
    const bool is_client = secrets.role == DtlsRole::client;
    auto& client = is_client ? keys.ours : keys.theirs;
    auto& server = is_client ? keys.theirs : keys.ours;
    copy(reader.take(sizes.key), client.key.bytes());
    copy(reader.take(sizes.key), server.key.bytes());
    copy(reader.take(sizes.salt), client.salt.bytes());
    copy(reader.take(sizes.salt), server.salt.bytes());
    return keys;
}

const EVP_CIPHER& evp_cipher_of(RecordCipher cipher) {
    static const std::array<EvpCipher, 3> ciphers{EvpCipher{EVP_CIPHER_fetch(dtls_crypto(), "ChaCha20-Poly1305", nullptr)},
                                                  EvpCipher{EVP_CIPHER_fetch(dtls_crypto(), "AES-256-GCM", nullptr)},
                                                  EvpCipher{EVP_CIPHER_fetch(dtls_crypto(), "AES-128-GCM", nullptr)}};
    const auto& found = ciphers[static_cast<std::size_t>(cipher)];
    CARDEA_ASSERT(found != nullptr);  // a handshake has agreed on it, with the same context
    return *found;
}

}  // namespace cardea
