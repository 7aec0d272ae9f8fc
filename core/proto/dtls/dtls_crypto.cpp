#include "proto/dtls/dtls_crypto.hpp"

#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <vector>

namespace cardea {
namespace {

constexpr const char* kProviderName = "cardea-dtls";
constexpr std::array<std::string_view, 4> kCertificateKeys{"EC", "RSA", "RSA-PSS", "ED25519"};
constexpr std::array<std::string_view, 6> kKeys{"EC", "RSA", "RSA-PSS", "ED25519", "X25519", "HMAC"};
// Of the suites (dtls_suites.hpp) and of OpenSSL's random generator; of the suites, of signatures and of fingerprints.
constexpr std::array<std::string_view, 5> kCiphers{"AES-256-GCM", "AES-128-GCM", "ChaCha20-Poly1305", "AES-256-CTR", "AES-256-ECB"};
constexpr std::array<std::string_view, 5> kDigests{"SHA1", "SHA2-224", "SHA2-256", "SHA2-384", "SHA2-512"};

// Provider functions of different types go through tables of this one (provider-base(7)).
using AnyFunction = void (*)();

struct Provider {
    OSSL_PROVIDER* base = nullptr;  // OpenSSL's default provider, in OpenSSL's own context
    std::vector<OSSL_ALGORITHM> decoders;
    std::vector<OSSL_ALGORITHM> keys;
    std::vector<OSSL_ALGORITHM> ciphers;
    std::vector<OSSL_ALGORITHM> digests;
};

Provider& provider() {
    static Provider only;
    return only;
}

// "EC:id-ecPublicKey:1.2.840.10045.2.1": the first is the name.
std::string_view name_of(const OSSL_ALGORITHM& algorithm) {
    const std::string_view names{algorithm.algorithm_names};
    return names.substr(0, names.find(':'));
}

bool is_one_of(std::span<const std::string_view> names, const OSSL_ALGORITHM& algorithm) {
    return std::find(names.begin(), names.end(), name_of(algorithm)) != names.end();
}

bool reads_certificates(const OSSL_ALGORITHM& decoder) {
    return std::string_view{decoder.property_definition}.find("input=der,structure=SubjectPublicKeyInfo") != std::string_view::npos;
}

// Those of these names that the predicate agrees to, and the entry without a name that ends the list. Empty when one is missing: this is
// not the OpenSSL we know.
std::vector<OSSL_ALGORITHM> chosen(int operation, std::span<const std::string_view> names, bool (*agrees)(const OSSL_ALGORITHM&) = nullptr) {
    std::vector<OSSL_ALGORITHM> list;
    int no_cache = 0;
    const auto* each = OSSL_PROVIDER_query_operation(provider().base, operation, &no_cache);
    for (; each != nullptr && each->algorithm_names != nullptr; ++each)
        if (is_one_of(names, *each) && (agrees == nullptr || agrees(*each))) list.push_back(*each);
    if (list.size() != names.size()) return {};
    list.push_back({nullptr, nullptr, nullptr, nullptr});
    return list;
}

const OSSL_ALGORITHM* query(void*, int operation, int* no_cache) {
    *no_cache = 0;
    switch (operation) {
        case OSSL_OP_DECODER: return provider().decoders.data();
        case OSSL_OP_KEYMGMT: return provider().keys.data();
        case OSSL_OP_CIPHER: return provider().ciphers.data();
        case OSSL_OP_DIGEST: return provider().digests.data();
        default: return OSSL_PROVIDER_query_operation(provider().base, operation, no_cache);
    }
}

int capabilities(void*, const char* capability, OSSL_CALLBACK* callback, void* argument) {
    return OSSL_PROVIDER_get_capabilities(provider().base, capability, callback, argument);
}

// The algorithms are those of the default provider, and so is what they find in their context.
int initialise(const OSSL_CORE_HANDLE*, const OSSL_DISPATCH*, const OSSL_DISPATCH** functions, void** context) {
    static const std::array<OSSL_DISPATCH, 3> table{{
        {OSSL_FUNC_PROVIDER_QUERY_OPERATION, reinterpret_cast<AnyFunction>(&query)},
        {OSSL_FUNC_PROVIDER_GET_CAPABILITIES, reinterpret_cast<AnyFunction>(&capabilities)},
        {0, nullptr},
    }};
    *functions = table.data();
    *context = OSSL_PROVIDER_get0_provider_ctx(provider().base);
    return 1;
}

OSSL_LIB_CTX* make() {
    // A system that is configured for other providers, or for FIPS, gets what it wants.
    if (OSSL_PROVIDER_available(nullptr, "default") != 1 || EVP_default_properties_is_fips_enabled(nullptr) == 1) return nullptr;
    auto& made = provider();
    made.base = OSSL_PROVIDER_load(nullptr, "default");
    if (made.base == nullptr) return nullptr;
    made.decoders = chosen(OSSL_OP_DECODER, kCertificateKeys, reads_certificates);
    made.keys = chosen(OSSL_OP_KEYMGMT, kKeys);
    made.ciphers = chosen(OSSL_OP_CIPHER, kCiphers);
    made.digests = chosen(OSSL_OP_DIGEST, kDigests);
    if (made.decoders.empty() || made.keys.empty() || made.ciphers.empty() || made.digests.empty()) return nullptr;
    auto* context = OSSL_LIB_CTX_new();
    if (context == nullptr) return nullptr;
    if (OSSL_PROVIDER_add_builtin(context, kProviderName, initialise) == 1 && OSSL_PROVIDER_load(context, kProviderName) != nullptr) return context;
    OSSL_LIB_CTX_free(context);
    return nullptr;
}

}  // namespace

OSSL_LIB_CTX* dtls_crypto() {
    static OSSL_LIB_CTX* const context = make();
    return context;
}

}  // namespace cardea
