#include "app/self_signed.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>

#include "base/cptr.hpp"
#include "base/random.hpp"

namespace cardea::app {
namespace {

using KeyPtr = CPtr<EVP_PKEY, EVP_PKEY_free>;
using CertificatePtr = CPtr<X509, X509_free>;
using ExtensionPtr = CPtr<X509_EXTENSION, X509_EXTENSION_free>;
using FilePtr = CPtr<FILE, fclose>;

// The longest time that browsers accept.
constexpr auto kValidity = std::chrono::hours{24 * 397};
// A clock a little behind ours still accepts a new certificate.
constexpr auto kBackdate = std::chrono::hours{1};

time_t seconds_of(WallTime time) noexcept { return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count(); }

FilePtr open_for_reading(const std::string& path) { return FilePtr{std::fopen(path.c_str(), "re")}; }

bool is_usable(const CertificateFiles& files, WallTime now) {
    const auto certificate_file = open_for_reading(files.certificate);
    const auto key_file = open_for_reading(files.key);
    if (!certificate_file || !key_file) return false;
    const CertificatePtr certificate{PEM_read_X509(certificate_file.get(), nullptr, nullptr, nullptr)};
    const KeyPtr key{PEM_read_PrivateKey(key_file.get(), nullptr, nullptr, nullptr)};
    if (!certificate || !key || X509_check_private_key(certificate.get(), key.get()) != 1) return false;
    time_t limit = seconds_of(now + std::chrono::hours{24});
    return X509_cmp_time(X509_get0_notAfter(certificate.get()), &limit) > 0;
}

// subjectAltName in OpenSSL's configuration syntax. A host name goes in only if it cannot break out of it.
std::string alternative_names(const CertificateNames& names) {
    std::string out = "DNS:localhost,IP:127.0.0.1,IP:::1";
    static constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
    if (!names.host.empty() && names.host != "localhost" && names.host.find_first_not_of(kPlain) == std::string::npos)
        out += ",DNS:" + names.host;
    for (const auto& address : names.addresses) out += ",IP:" + address.ip();
    return out;
}

bool add_extension(X509* certificate, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const ExtensionPtr extension{X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str())};
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool set_names(X509* certificate, const CertificateNames& names) {
    X509_NAME* subject = X509_get_subject_name(certificate);
    // RFC 5280: a common name has at most 64 characters. Clients look at the alternative names only.
    const std::string common = names.host.empty() || names.host.size() > 64 ? "cardea" : names.host;
    return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, as_bytes(common).data(), static_cast<int>(common.size()), -1, 0) == 1 &&
           X509_set_issuer_name(certificate, subject) == 1;
}

bool set_validity(X509* certificate, WallTime now) {
    return ASN1_TIME_set(X509_getm_notBefore(certificate), seconds_of(now - kBackdate)) != nullptr &&
           ASN1_TIME_set(X509_getm_notAfter(certificate), seconds_of(now - kBackdate + kValidity)) != nullptr;
}

CertificatePtr make_certificate(EVP_PKEY* key, const CertificateNames& names, WallTime now) {
    CertificatePtr certificate{X509_new()};
    X509* x = certificate.get();
    if (x == nullptr) return nullptr;
    const bool good = X509_set_version(x, X509_VERSION_3) == 1 && ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), random_id53()) == 1 &&
                      set_names(x, names) && set_validity(x, now) && X509_set_pubkey(x, key) == 1 &&
                      add_extension(x, NID_basic_constraints, "critical,CA:FALSE") &&
                      add_extension(x, NID_key_usage, "critical,digitalSignature") && add_extension(x, NID_ext_key_usage, "serverAuth") &&
                      add_extension(x, NID_subject_alt_name, alternative_names(names)) && X509_sign(x, key, EVP_sha256()) != 0;
    if (!good) certificate.reset();
    return certificate;
}

// A crash leaves the old file or the new one, never half of it, and a key is never readable by others, not even for a moment.
template <class Write>
bool replace_file(const std::string& path, mode_t mode, Write write) {
    const std::string fresh = path + ".new";
    std::error_code error;
    std::filesystem::remove(fresh, error);
    const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0) return false;
    FilePtr file{fdopen(fd, "w")};
    if (!file) {
        close(fd);
        return false;
    }
    if (!write(file.get()) || std::fflush(file.get()) != 0 || fsync(fd) != 0) return false;
    file.reset();
    std::filesystem::rename(fresh, path, error);
    return !error;
}

}  // namespace

Result<CertificateFiles> ensure_self_signed(const std::string& folder, const CertificateNames& names, WallTime now) {
    CertificateFiles files{.certificate = folder + "/self-signed.pem", .key = folder + "/self-signed.key"};
    if (is_usable(files, now)) return files;
    const KeyPtr key{EVP_EC_gen("P-256")};
    const auto certificate = key ? make_certificate(key.get(), names, now) : nullptr;
    if (!certificate) return fail(0, "cannot make a self-signed certificate");
    const bool written =
        replace_file(files.key, 0600,
                     [&](FILE* out) { return PEM_write_PKCS8PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1; }) &&
        replace_file(files.certificate, 0644, [&](FILE* out) { return PEM_write_X509(out, certificate.get()) == 1; });
    if (!written)
        return fail(0, "cannot write the self-signed certificate into " + folder + " (set state_dir, or tls.certificate and tls.key)");
    return files;
}

}  // namespace cardea::app
