// What tests of transport modules start from: folders, certificates, configurations, and a look at the process itself.
#pragma once

#include <gtest/gtest.h>
#include <malloc.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "contract/transport_bench.hpp"

namespace cardea::bench {

namespace fs = std::filesystem;
inline constexpr std::uint32_t kPlain = 0;
inline constexpr std::uint32_t kSecure = 1;
inline constexpr std::size_t kMessageLimit = 1U << 20U;

inline std::string read_file(const fs::path& path) {
    std::ifstream file{path, std::ios::binary};
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

inline bool is_mapped(const std::string& path) { return read_file("/proc/self/maps").find(path) != std::string::npos; }

inline std::size_t open_files() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator{"/proc/self/fd"}) ++count;
    return count;
}

// Without a sanitizer's allocator; 0 with one.
inline std::size_t allocated() { return ::mallinfo2().uordblks + ::mallinfo2().hblkhd; }

class Folder {
  public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "cardea-transport-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~Folder() { fs::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] const fs::path& path() const { return path_; }
    void write(const std::string& name, const std::string& text) const {
        fs::create_directories((path_ / name).parent_path());
        std::ofstream{path_ / name, std::ios::binary} << text;
    }

  private:
    fs::path path_;
};

inline void write_certificate(const fs::path& folder) {
    const CPtr<EVP_PKEY, EVP_PKEY_free> key{EVP_EC_gen("P-256")};
    const CPtr<X509, X509_free> certificate{X509_new()};
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    constexpr std::array<unsigned char, 9> host{'l', 'o', 'c', 'a', 'l', 'h', 'o', 's', 't'};
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC, host.data(), host.size(), -1, 0);
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    const CPtr<BIO, BIO_free_all> cert_file{BIO_new_file((folder / "cert.pem").c_str(), "w")};
    PEM_write_bio_X509(cert_file.get(), certificate.get());
    const CPtr<BIO, BIO_free_all> key_file{BIO_new_file((folder / "key.pem").c_str(), "w")};
    PEM_write_bio_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
}

inline Json config_with(Json members, const fs::path& certificates = {}) {
    Json host{{"limits", {{"message_bytes", std::uint64_t{kMessageLimit}}, {"outbox_stall_seconds", 1}}}};
    if (!certificates.empty()) {
        host.set("tls_certificate", (certificates / "cert.pem").string()).set("tls_key", (certificates / "key.pem").string());
    }
    return std::move(members.set("host", host));
}

}  // namespace cardea::bench
