#include "app/self_signed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include "base/cptr.hpp"
#include "unit/config/files.hpp"

namespace cardea::app {
namespace {

using test::read_whole;
using test::TemporaryFolder;

const WallTime kNow{std::chrono::seconds{1'750'000'000}};
constexpr auto kDay = std::chrono::hours{24};
const CertificateNames kNames{.host = "gateway.example",
                              .addresses = {*SocketAddress::parse("192.0.2.5", 0), *SocketAddress::parse("2001:db8::5", 0)}};

CPtr<X509, X509_free> certificate_of(const CertificateFiles& files) {
    const CPtr<FILE, fclose> file{std::fopen(files.certificate.c_str(), "r")};
    return CPtr<X509, X509_free>{PEM_read_X509(file.get(), nullptr, nullptr, nullptr)};
}

TEST(SelfSigned, NamesTheHostAndItsAddresses) {
    const TemporaryFolder folder;
    const auto files = ensure_self_signed(folder.path(), kNames, kNow);
    ASSERT_TRUE(files) << files.error().detail;
    const auto certificate = certificate_of(*files);
    ASSERT_TRUE(certificate);
    for (const auto* host : {"gateway.example", "localhost"}) EXPECT_EQ(X509_check_host(certificate.get(), host, 0, 0, nullptr), 1) << host;
    for (const auto* ip : {"192.0.2.5", "2001:db8::5", "127.0.0.1", "::1"}) EXPECT_EQ(X509_check_ip_asc(certificate.get(), ip, 0), 1) << ip;
    EXPECT_EQ(X509_check_host(certificate.get(), "other.example", 0, 0, nullptr), 0);
}

TEST(SelfSigned, IsP256AndLasts397Days) {
    const TemporaryFolder folder;
    const auto files = ensure_self_signed(folder.path(), kNames, kNow);
    ASSERT_TRUE(files);
    const auto certificate = certificate_of(*files);
    std::array<char, 32> group{};
    ASSERT_EQ(EVP_PKEY_get_group_name(X509_get0_pubkey(certificate.get()), group.data(), group.size(), nullptr), 1);
    EXPECT_STREQ(group.data(), "prime256v1");
    int days = 0;
    int seconds = 0;
    ASSERT_EQ(ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(certificate.get()), X509_get0_notAfter(certificate.get())), 1);
    EXPECT_EQ(days, 397);
    EXPECT_EQ(seconds, 0);
    EXPECT_EQ(X509_verify(certificate.get(), X509_get0_pubkey(certificate.get())), 1);
}

TEST(SelfSigned, KeyIsForTheOwnerOnly) {
    const TemporaryFolder folder;
    const auto files = ensure_self_signed(folder.path(), kNames, kNow);
    ASSERT_TRUE(files);
    struct stat status{};
    ASSERT_EQ(stat(files->key.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST(SelfSigned, StaysTheSameOverARestart) {
    const TemporaryFolder folder;
    const auto first = ensure_self_signed(folder.path(), kNames, kNow);
    ASSERT_TRUE(first);
    const auto before = read_whole(first->certificate);
    ASSERT_TRUE(ensure_self_signed(folder.path(), kNames, kNow + 300 * kDay));
    EXPECT_EQ(read_whole(first->certificate), before);
}

TEST(SelfSigned, IsRenewedWhenItExpires) {
    const TemporaryFolder folder;
    const auto first = ensure_self_signed(folder.path(), kNames, kNow);
    ASSERT_TRUE(first);
    const auto before = read_whole(first->certificate);
    ASSERT_TRUE(ensure_self_signed(folder.path(), kNames, kNow + 397 * kDay));
    EXPECT_NE(read_whole(first->certificate), before);
}

TEST(SelfSigned, IsMadeAgainWhenTheKeyIsNotItsOwn) {
    const TemporaryFolder one;
    const TemporaryFolder other;
    const auto files = ensure_self_signed(one.path(), kNames, kNow);
    const auto foreign = ensure_self_signed(other.path(), kNames, kNow);
    ASSERT_TRUE(files && foreign);
    const auto before = read_whole(files->certificate);
    std::filesystem::copy_file(foreign->key, files->key, std::filesystem::copy_options::overwrite_existing);
    ASSERT_TRUE(ensure_self_signed(one.path(), kNames, kNow));
    EXPECT_NE(read_whole(files->certificate), before);
}

TEST(SelfSigned, SurvivesAStrangeHostName) {
    const TemporaryFolder folder;
    const auto files = ensure_self_signed(folder.path(), {.host = "a,DNS:evil.example", .addresses = {}}, kNow);
    ASSERT_TRUE(files) << files.error().detail;
    EXPECT_EQ(X509_check_host(certificate_of(*files).get(), "evil.example", 0, 0, nullptr), 0);
}

TEST(SelfSigned, SaysWhichFolderIsNotWritable) {
    const auto files = ensure_self_signed("/proc/none", kNames, kNow);
    ASSERT_FALSE(files);
    EXPECT_THAT(files.error().detail, testing::HasSubstr("/proc/none"));
}

}  // namespace
}  // namespace cardea::app
