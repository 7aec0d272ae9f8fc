#include "proto/dtls/dtls_crypto.hpp"

#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace cardea {
namespace {

constexpr const char* kProviderName = "cardea-dtls";
constexpr std::array<std::string_view, 4> kCertificateKeys{"EC", "RSA", "RSA-PSS", "ED25519"};
constexpr std::array<std::string_view, 6> kKeys{"EC", "RSA", "RSA-PSS", "ED25519", "X25519", "HMAC"};

// Provider functions of different types go through tables of this one (provider-base(7)).
using AnyFunction = void (*)();

struct Provider {
    OSSL_PROVIDER* base = nullptr;  // OpenSSL's default provider, in OpenSSL's own context
    std::vector<OSSL_ALGORITHM> decoders;
    std::vector<OSSL_ALGORITHM> keys;
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

bool reads_certificate_key(const OSSL_ALGORITHM& algorithm) {
    const std::string_view properties{algorithm.property_definition};
    const bool format = properties.find("input=der,structure=SubjectPublicKeyInfo") != std::string_view::npos;
    return format && std::find(kCertificateKeys.begin(), kCertificateKeys.end(), name_of(algorithm)) != kCertificateKeys.end();
}

bool is_wanted_key(const OSSL_ALGORITHM& algorithm) { return std::find(kKeys.begin(), kKeys.end(), name_of(algorithm)) != kKeys.end(); }

// Those that are wanted, and the entry without a name that ends the list.
std::vector<OSSL_ALGORITHM> chosen(int operation, bool (*wanted)(const OSSL_ALGORITHM&)) {
    std::vector<OSSL_ALGORITHM> list;
    int no_cache = 0;
    const auto* each = OSSL_PROVIDER_query_operation(provider().base, operation, &no_cache);
    for (; each != nullptr && each->algorithm_names != nullptr; ++each)
        if (wanted(*each)) list.push_back(*each);
    list.push_back({nullptr, nullptr, nullptr, nullptr});
    return list;
}

const OSSL_ALGORITHM* query(void*, int operation, int* no_cache) {
    *no_cache = 0;
    if (operation == OSSL_OP_DECODER) return provider().decoders.data();
    if (operation == OSSL_OP_KEYMGMT) return provider().keys.data();
    return OSSL_PROVIDER_query_operation(provider().base, operation, no_cache);
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
    made.decoders = chosen(OSSL_OP_DECODER, reads_certificate_key);
    made.keys = chosen(OSSL_OP_KEYMGMT, is_wanted_key);
    if (made.decoders.size() != kCertificateKeys.size() + 1 || made.keys.size() != kKeys.size() + 1) return nullptr;  // not the OpenSSL we know
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
