#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "dtls_pair.hpp"

namespace cardea {
namespace {

using testing::Datagram;
using testing::DtlsEnd;
using testing::DtlsPair;
using testing::Side;

std::vector<std::uint8_t> bytes_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

void expect_mirrored_keys(const DtlsPair& pair, SrtpProfile profile) {
    const auto& client = *pair.client.transport->connected();
    const auto& server = *pair.server.transport->connected();
    for (const auto* keys : {&client.local, &client.remote, &server.local, &server.remote}) EXPECT_EQ(keys->profile, profile);
    EXPECT_EQ(bytes_of(client.local.master_key()), bytes_of(server.remote.master_key()));
    EXPECT_EQ(bytes_of(client.local.master_salt()), bytes_of(server.remote.master_salt()));
    EXPECT_EQ(bytes_of(client.remote.master_key()), bytes_of(server.local.master_key()));
    EXPECT_EQ(bytes_of(client.remote.master_salt()), bytes_of(server.local.master_salt()));
    EXPECT_NE(bytes_of(client.local.master_key()), bytes_of(client.remote.master_key()));
}

TEST(DtlsHandshake, AgreesOnAes256GcmByDefault) {
    DtlsPair pair;
    pair.start();
    pair.exchange();
    ASSERT_TRUE(pair.connected());
    expect_mirrored_keys(pair, SrtpProfile::aead_aes_256_gcm);
    EXPECT_EQ(pair.client.transport->next_timeout(), Instant::max());
    EXPECT_EQ(pair.server.transport->next_timeout(), Instant::max());
}

TEST(DtlsHandshake, AgreesOnWhateverTheClientOffers) {
    for (const auto profile : {SrtpProfile::aes_cm_128_hmac_sha1_80, SrtpProfile::aead_aes_128_gcm, SrtpProfile::aead_aes_256_gcm}) {
        DtlsPair pair{DtlsOptions{.profiles = {profile}}};
        pair.start();
        pair.exchange();
        ASSERT_TRUE(pair.connected()) << to_text(profile);
        expect_mirrored_keys(pair, profile);
    }
}

TEST(DtlsHandshake, TheServersOrderDecides) {
    DtlsPair pair{DtlsOptions{.profiles = {SrtpProfile::aes_cm_128_hmac_sha1_80, SrtpProfile::aead_aes_128_gcm}}};
    pair.start();
    pair.exchange();
    ASSERT_TRUE(pair.connected());
    expect_mirrored_keys(pair, SrtpProfile::aead_aes_128_gcm);
}

TEST(DtlsHandshake, AStrictServerGivesNoKeysToAPeerWithoutItsProfile) {
    DtlsPair pair{DtlsOptions{.profiles = {SrtpProfile::aes_cm_128_hmac_sha1_80}}, DtlsOptions{.profiles = {SrtpProfile::aead_aes_256_gcm}}};
    pair.start();
    pair.exchange();
    EXPECT_FALSE(pair.connected());
    ASSERT_NE(pair.server.failed(), nullptr);
    EXPECT_EQ(pair.server.failed()->reason, DtlsFailure::no_srtp_profile);
}

TEST(DtlsHandshake, NoDatagramIsLargerThanTheMtu) {
    DtlsPair pair;
    pair.start();
    pair.exchange();
    EXPECT_LE(pair.largest, DtlsTransport::kMtu);
}

TEST(DtlsHandshake, AServerWithoutStartBeginsWithTheFirstDatagram) {
    DtlsPair pair;
    pair.client.transport->start(pair.now);
    pair.exchange();
    EXPECT_TRUE(pair.connected());
}

// Each datagram of the handshake is lost once: whoever waits sends again.
TEST(DtlsHandshake, SurvivesTheLossOfAnyDatagram) {
    DtlsPair lossless;
    lossless.start();
    lossless.exchange();
    ASSERT_GE(lossless.sent, 4U);
    for (std::size_t lost = 0; lost < lossless.sent; ++lost) {
        DtlsPair pair;
        pair.network = [&](Side, std::size_t number, Datagram datagram) {
            return number == lost ? std::vector<Datagram>{} : std::vector<Datagram>{std::move(datagram)};
        };
        pair.start();
        pair.run_for(2s);
        EXPECT_TRUE(pair.connected()) << "datagram " << lost;
    }
}

TEST(DtlsHandshake, SurvivesTheLossOfAWholeFlight) {
    for (const auto silent : {Side::client, Side::server}) {
        DtlsPair pair;
        const auto until = pair.now + 150ms;
        pair.network = [&](Side from, std::size_t, Datagram datagram) {
            return from == silent && pair.now < until ? std::vector<Datagram>{} : std::vector<Datagram>{std::move(datagram)};
        };
        pair.start();
        pair.run_for(2s);
        EXPECT_TRUE(pair.connected());
    }
}

TEST(DtlsHandshake, SurvivesDuplicatesAndHeavyRandomLoss) {
    for (unsigned seed = 1; seed <= 10; ++seed) {
        DtlsPair pair;
        std::mt19937 random{seed};
        pair.network = [&](Side, std::size_t, const Datagram& datagram) {
            const auto draw = random() % 10;
            if (draw < 3) return std::vector<Datagram>{};
            return draw < 5 ? std::vector<Datagram>{datagram, datagram} : std::vector<Datagram>{datagram};
        };
        pair.start();
        pair.run_for(19s);
        EXPECT_TRUE(pair.connected()) << "seed " << seed;
    }
}

TEST(DtlsHandshake, SendsAgainAfter100MillisecondsDoublingUpToThreeSeconds) {
    DtlsPair pair;
    std::vector<Duration> at;
    const auto begin = pair.now;
    pair.network = [&](Side, std::size_t, const Datagram&) {
        at.push_back(pair.now - begin);
        return std::vector<Datagram>{};
    };
    pair.start();
    pair.run_for(10s);
    EXPECT_THAT(at, ::testing::ElementsAre(0ms, 100ms, 300ms, 700ms, 1500ms, 3100ms, 6100ms, 9100ms));
}

TEST(DtlsHandshake, GivesUpAtItsDeadline) {
    DtlsPair pair;
    pair.network = [](Side, std::size_t, const Datagram&) { return std::vector<Datagram>{}; };
    pair.start();
    pair.run_for(19999ms);
    EXPECT_EQ(pair.client.failed(), nullptr);
    pair.run_for(1ms);
    for (const auto* end : {&pair.client, &pair.server}) {
        ASSERT_NE(end->failed(), nullptr);
        EXPECT_EQ(end->failed()->reason, DtlsFailure::timeout);
        EXPECT_EQ(end->transport->next_timeout(), Instant::max());
    }
}

// What current browsers send: a ClientHello too large for one datagram.
class FragmentingNetwork {
  public:
    explicit FragmentingNetwork(bool swapped) : swapped_{swapped} {}
    std::vector<Datagram> operator()(Side from, std::size_t number, const Datagram& datagram) {
        if (from == Side::server) return {datagram};
        if (number == 0) return split(datagram);
        return {renumber(datagram)};
    }

  private:
    // Record header 13 bytes; handshake header: type, length (3), message number (2), fragment offset (3), fragment length (3).
    std::vector<Datagram> split(const Datagram& hello) const {
        constexpr std::ptrdiff_t kHeaders = 25;
        const auto body = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(hello.size()) - kHeaders);
        const auto half = body / 2;
        std::vector<Datagram> parts;
        for (std::uint8_t i = 0; i < 2; ++i) {
            const auto offset = i == 0 ? 0 : half;
            const auto size = i == 0 ? half : body - half;
            Datagram part(hello.begin(), hello.begin() + kHeaders);
            part[10] = i;
            write(part, 11, size + 12, 2);
            write(part, 19, offset, 3);
            write(part, 22, size, 3);
            const auto begin = hello.begin() + kHeaders + static_cast<std::ptrdiff_t>(offset);
            part.insert(part.end(), begin, begin + static_cast<std::ptrdiff_t>(size));
            parts.push_back(std::move(part));
        }
        if (swapped_) std::swap(parts[0], parts[1]);
        return parts;
    }
    // The second half took sequence number 1: everything plain behind it moves up by one.
    static Datagram renumber(const Datagram& datagram) {
        Datagram moved;
        for (auto record : testing::records_of(datagram)) {
            if (record[3] == 0 && record[4] == 0) ++record[10];
            moved.insert(moved.end(), record.begin(), record.end());
        }
        return moved;
    }
    static void write(Datagram& out, std::size_t at, std::size_t value, std::size_t size) {
        for (std::size_t i = 0; i < size; ++i) out[at + i] = static_cast<std::uint8_t>(value >> (8 * (size - 1 - i)));
    }
    bool swapped_;
};

TEST(DtlsHandshake, AcceptsAClientHelloInTwoDatagrams) {
    for (const bool swapped : {false, true}) {
        DtlsPair pair;
        pair.network = FragmentingNetwork{swapped};
        pair.start();
        pair.exchange();
        EXPECT_TRUE(pair.connected()) << "swapped: " << swapped;
    }
}

TEST(DtlsHandshake, RefusesACertificateOtherThanTheSdpsOnEitherSide) {
    for (const auto suspicious : {Side::client, Side::server}) {
        DtlsPair pair;
        const DtlsEnd stranger;
        auto& careful = suspicious == Side::client ? pair.client : pair.server;
        auto& other = suspicious == Side::client ? pair.server : pair.client;
        careful.connect_to(stranger, suspicious == Side::client ? DtlsRole::client : DtlsRole::server);
        pair.start();
        pair.exchange();
        EXPECT_FALSE(pair.connected());
        EXPECT_EQ(careful.transport->connected(), nullptr);
        ASSERT_NE(careful.failed(), nullptr);
        EXPECT_EQ(careful.failed()->reason, DtlsFailure::fingerprint_mismatch);
        EXPECT_EQ(other.transport->connected(), nullptr);
        ASSERT_NE(other.failed(), nullptr);
        EXPECT_EQ(other.failed()->reason, DtlsFailure::alert);
        EXPECT_NE(other.failed()->alert, 0);
    }
}

TEST(DtlsHandshake, AFingerprintThatDiffersInOneBitIsAnother) {
    DtlsPair pair;
    auto wanted = pair.client.context.certificate().fingerprint(FingerprintHash::sha256);
    wanted.value.back() ^= 1U;
    pair.server.connect(DtlsRole::server, wanted);
    pair.start();
    pair.exchange();
    ASSERT_NE(pair.server.failed(), nullptr);
    EXPECT_EQ(pair.server.failed()->reason, DtlsFailure::fingerprint_mismatch);
}

TEST(DtlsHandshake, AnEmptyFingerprintMatchesNothing) {
    DtlsPair pair;
    pair.server.connect(DtlsRole::server, Fingerprint{});
    pair.start();
    pair.exchange();
    EXPECT_EQ(pair.server.transport->connected(), nullptr);
}

TEST(DtlsHandshake, ComparesLongerHashesToo) {
    for (const auto hash : {FingerprintHash::sha384, FingerprintHash::sha512}) {
        DtlsPair pair;
        pair.server.connect(DtlsRole::server, pair.client.context.certificate().fingerprint(hash));
        pair.client.connect(DtlsRole::client, pair.server.context.certificate().fingerprint(hash));
        pair.start();
        pair.exchange();
        EXPECT_TRUE(pair.connected());
    }
}

TEST(DtlsHandshake, IgnoresGarbageAndConnectsNevertheless) {
    DtlsPair pair;
    std::mt19937 random{42};
    pair.network = [&](Side, std::size_t, const Datagram& datagram) {
        std::vector<Datagram> delivered;
        for (int i = 0; i < 20; ++i) {
            Datagram junk(random() % 1500);
            for (auto& byte : junk) byte = static_cast<std::uint8_t>(random());
            if (!junk.empty() && i % 2 == 0) junk[0] = static_cast<std::uint8_t>(20 + random() % 44);
            delivered.push_back(std::move(junk));
        }
        delivered.push_back(datagram);
        return delivered;
    };
    pair.start();
    pair.run_for(2s);
    EXPECT_TRUE(pair.connected());
}

TEST(DtlsHandshake, EveryTruncationOfAFlightIsIgnored) {
    DtlsPair pair;
    pair.network = [&](Side, std::size_t, const Datagram& datagram) {
        std::vector<Datagram> delivered;
        for (std::size_t size = 0; size < datagram.size(); ++size) {
            // A cut between two records leaves whole ones, which are good.
            std::size_t whole = 0;
            bool at_boundary = false;
            for (const auto& record : testing::records_of(datagram)) at_boundary = at_boundary || size == (whole += record.size());
            if (!at_boundary && size < testing::records_of(datagram).front().size())
                delivered.emplace_back(datagram.begin(), datagram.begin() + static_cast<std::ptrdiff_t>(size));
        }
        delivered.push_back(datagram);
        return delivered;
    };
    pair.start();
    pair.run_for(2s);
    EXPECT_TRUE(pair.connected());
}

TEST(DtlsHandshake, ABentClientHelloNeverYieldsKeys) {
    DtlsEnd client;
    DtlsEnd server;
    client.connect_to(server, DtlsRole::client);
    client.transport->start(instant_of_ns(1));
    const auto hello = client.drain().front();
    for (std::size_t i = 0; i < hello.size(); ++i) {
        auto bent = hello;
        bent[i] ^= 0xffU;
        server.connect_to(client, DtlsRole::server);
        server.transport->on_datagram(instant_of_ns(1), bent);
        EXPECT_EQ(server.transport->connected(), nullptr) << "byte " << i;
    }
}

TEST(Fingerprint, RefusesWeakHashesAndWrongSizes) {
    const std::vector<std::uint8_t> value(64, 0xab);
    EXPECT_TRUE(Fingerprint::from("sha-256", Bytes{value}.first(32)).has_value());
    EXPECT_TRUE(Fingerprint::from("SHA-384", Bytes{value}.first(48)).has_value());
    EXPECT_TRUE(Fingerprint::from("sha-512", value).has_value());
    EXPECT_FALSE(Fingerprint::from("sha-256", Bytes{value}.first(31)).has_value());
    EXPECT_FALSE(Fingerprint::from("sha-512", Bytes{value}.first(32)).has_value());
    EXPECT_FALSE(Fingerprint::from("sha-1", Bytes{value}.first(20)).has_value());
    EXPECT_FALSE(Fingerprint::from("md5", Bytes{value}.first(16)).has_value());
    EXPECT_FALSE(Fingerprint::from("", {}).has_value());
}

TEST(DtlsCertificate, IsItsOwnEachTimeAndSaysItsFingerprint) {
    const auto one = DtlsCertificate::generate(WallTime{} + std::chrono::hours{24 * 20000});
    const auto two = DtlsCertificate::generate(WallTime{} + std::chrono::hours{24 * 20000});
    EXPECT_NE(one.sha256_text(), two.sha256_text());
    EXPECT_EQ(one.sha256_text().size(), 32U * 3 - 1);
    EXPECT_EQ(fingerprint_to_text(one.sha256()), one.sha256_text());
    EXPECT_EQ(fingerprint_to_text(std::vector<std::uint8_t>{0x0a, 0xff}), "0A:FF");
    const auto copy = one;
    EXPECT_EQ(copy.sha256_text(), one.sha256_text());
}

}  // namespace
}  // namespace cardea
