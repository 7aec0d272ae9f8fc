// Records after the handshake, against OpenSSL's and against whoever bends them.
#include "proto/dtls/record_layer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <set>
#include <string>

#include "openssl_peer.hpp"

namespace cardea {
namespace {

using testing::Datagram;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::OpenSslPeer;
using testing::records_of;

constexpr auto kData = DtlsContent::application_data;

std::vector<Datagram> protected_records(const std::vector<Datagram>& datagrams) {
    std::vector<Datagram> found;
    for (const auto& datagram : datagrams)
        for (auto& record : records_of(datagram))
            if (record[4] == 1) found.push_back(std::move(record));
    return found;
}

struct Case {
    const char* suite;
    DtlsRole role;  // ours
    bool has_explicit_nonce;
};
void PrintTo(const Case& each, std::ostream* out) {
    *out << each.suite << (each.role == DtlsRole::client ? ", we are client" : ", we are server");
}

class RecordLayerAgainstOpenSsl : public ::testing::TestWithParam<Case> {
  protected:
    void SetUp() override {
        peer_.connect();
        ASSERT_EQ(peer_.theirs->status(), testpeer::DtlsStatus::connected) << peer_.theirs->problem();
        ASSERT_NE(transport_.connected(), nullptr);
    }
    OpenSslPeer peer_{GetParam().role, GetParam().suite};
    DtlsTransport& transport_ = *peer_.ours.transport;
};

TEST_P(RecordLayerAgainstOpenSsl, CarriesDataBothWays) {
    for (std::uint8_t i = 0; i < 5; ++i) {
        const Datagram small{i, 2, 3};
        const Datagram large(DtlsTransport::kMaxData, i);
        peer_.peer_sends(small);
        peer_.peer_sends(large);
        ASSERT_TRUE(transport_.send(large));
        ASSERT_TRUE(transport_.send(small));
        peer_.exchange();
        EXPECT_THAT(peer_.received(), ElementsAre(small, large));
        EXPECT_THAT(std::exchange(peer_.peer_received, {}), ElementsAre(large, small));
    }
}

// Were one used twice, whoever listens could compute the key of the tags (NIST SP 800-38D appendix A).
TEST_P(RecordLayerAgainstOpenSsl, NoNumberAndNoNonceIsUsedTwiceFromTheHandshakeOn) {
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(transport_.send(Datagram{1}));
    transport_.close();
    peer_.exchange();
    const auto records = protected_records(peer_.sent);
    ASSERT_EQ(records.size(), 1U + 20U + 1U) << "Finished, data, close_notify";
    std::set<Datagram> numbers;
    std::set<Datagram> nonces;
    for (const auto& record : records) {
        numbers.emplace(record.begin() + 5, record.begin() + 11);
        nonces.emplace(record.begin() + 13, record.begin() + 21);
    }
    EXPECT_EQ(numbers.size(), records.size());
    if (GetParam().has_explicit_nonce) {
        EXPECT_EQ(nonces.size(), records.size());
    }
}

TEST_P(RecordLayerAgainstOpenSsl, HearsTheGoodbyeAndAnswersIt) {
    peer_.theirs->close();
    peer_.exchange();
    EXPECT_TRUE(peer_.ours.is_closed());
    ASSERT_FALSE(peer_.sent.empty());
    EXPECT_EQ(peer_.sent.back()[0], 21);
}

TEST_P(RecordLayerAgainstOpenSsl, SaysGoodbye) {
    transport_.close();
    peer_.exchange();
    EXPECT_EQ(peer_.theirs->status(), testpeer::DtlsStatus::closed);
}

TEST_P(RecordLayerAgainstOpenSsl, AFatalAlertEndsItAndAWarningDoesNot) {
    transport_.on_datagram(peer_.now, peer_.seal_as_peer(DtlsContent::alert, {1, 90}));
    EXPECT_NE(transport_.connected(), nullptr);
    transport_.on_datagram(peer_.now, peer_.seal_as_peer(DtlsContent::alert, {2}));
    EXPECT_NE(transport_.connected(), nullptr);
    transport_.on_datagram(peer_.now, peer_.seal_as_peer(DtlsContent::alert, {2, 80}));
    ASSERT_NE(peer_.ours.failed(), nullptr);
    EXPECT_EQ(peer_.ours.failed()->reason, DtlsFailure::alert);
    EXPECT_EQ(peer_.ours.failed()->alert, 80);
}

TEST_P(RecordLayerAgainstOpenSsl, OtherKindsOfRecordsChangeNothing) {
    for (const int type : {0, 20, 22, 24, 25, 26, 255})
        for (const auto& content : {Datagram{}, Datagram{0}, Datagram{1}, Datagram(100, 1)})
            transport_.on_datagram(peer_.now, peer_.seal_as_peer(static_cast<DtlsContent>(type), content));
    transport_.on_datagram(peer_.now, peer_.seal_as_peer(kData, {}));
    EXPECT_NE(transport_.connected(), nullptr);
    EXPECT_TRUE(peer_.ours.drain().empty());
    EXPECT_THAT(peer_.received(), IsEmpty());
    transport_.on_datagram(peer_.now, peer_.seal_as_peer(kData, {7}));
    EXPECT_THAT(peer_.received(), ElementsAre(Datagram{7}));
}

TEST_P(RecordLayerAgainstOpenSsl, TheServerRepeatsItsLastFlightOnlyForAFinishedOfThePeer) {
    const Datagram finished{20, 0, 0, 12, 0, 5, 0, 0, 0, 0, 0, 12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    auto forged = peer_.seal_as_peer(DtlsContent::handshake, finished);
    forged.back() ^= 1U;
    transport_.on_datagram(peer_.now, forged);
    EXPECT_TRUE(peer_.ours.drain().empty());

    const auto asked = peer_.seal_as_peer(DtlsContent::handshake, finished);
    transport_.on_datagram(peer_.now, asked);
    const auto answer = peer_.ours.drain();
    if (GetParam().role == DtlsRole::server) {
        ASSERT_EQ(answer.size(), 1U);
        const auto records = records_of(answer[0]);
        ASSERT_EQ(records.size(), 2U);
        EXPECT_EQ(records[0][0], 20);
        EXPECT_EQ(records[1][0], 22);
        transport_.on_datagram(peer_.now, asked);
        EXPECT_TRUE(peer_.ours.drain().empty()) << "a replay asks for nothing";
    } else {
        EXPECT_TRUE(answer.empty());
    }
}

TEST_P(RecordLayerAgainstOpenSsl, ReadsOnBehindARecordThatIsNotGood) {
    auto datagram = peer_.seal_as_peer(kData, {1});
    datagram.back() ^= 1U;
    const auto good = peer_.seal_as_peer(kData, {2});
    datagram.insert(datagram.end(), good.begin(), good.end());
    transport_.on_datagram(peer_.now, datagram);
    EXPECT_THAT(peer_.received(), ElementsAre(Datagram{2}));
}

TEST_P(RecordLayerAgainstOpenSsl, EveryTruncationAndEveryBentOctetIsDropped) {
    const auto record = peer_.seal_as_peer(kData, {1, 2, 3});
    for (std::size_t size = 0; size < record.size(); ++size) transport_.on_datagram(peer_.now, Bytes{record}.first(size));
    for (std::size_t at = 0; at < record.size(); ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            auto bent = record;
            bent[at] = static_cast<std::uint8_t>(bent[at] ^ 1U << bit);
            transport_.on_datagram(peer_.now, bent);
        }
    }
    EXPECT_THAT(peer_.received(), IsEmpty());
    EXPECT_NE(transport_.connected(), nullptr);
    EXPECT_TRUE(peer_.ours.drain().empty());
    // None of that has moved the window.
    transport_.on_datagram(peer_.now, record);
    EXPECT_THAT(peer_.received(), ElementsAre(Datagram{1, 2, 3}));
}

TEST_P(RecordLayerAgainstOpenSsl, EveryRecordArrivesOnceInAnyOrderAndNotWhenOld) {
    std::vector<Datagram> records;
    for (std::uint8_t i = 0; i < 200; ++i) records.push_back(peer_.seal_as_peer(kData, {i}));
    for (const std::size_t i : {5U, 3U, 5U, 4U, 3U}) transport_.on_datagram(peer_.now, records[i]);
    EXPECT_THAT(peer_.received(), ElementsAre(Datagram{5}, Datagram{3}, Datagram{4}));
    transport_.on_datagram(peer_.now, records[199]);
    transport_.on_datagram(peer_.now, records[199 - ReplayWindow::kSize]);
    transport_.on_datagram(peer_.now, records[200 - ReplayWindow::kSize]);
    EXPECT_THAT(peer_.received(), ElementsAre(Datagram{199}, Datagram{200 - ReplayWindow::kSize}));
}

constexpr const char* kChaCha = "ECDHE-ECDSA-CHACHA20-POLY1305";
constexpr const char* kGcm256 = "ECDHE-ECDSA-AES256-GCM-SHA384";
constexpr const char* kGcm128 = "ECDHE-ECDSA-AES128-GCM-SHA256";
INSTANTIATE_TEST_SUITE_P(Suites, RecordLayerAgainstOpenSsl,
                         ::testing::Values(Case{kChaCha, DtlsRole::server, false}, Case{kChaCha, DtlsRole::client, false},
                                           Case{kGcm256, DtlsRole::server, true}, Case{kGcm256, DtlsRole::client, true},
                                           Case{kGcm128, DtlsRole::server, true}, Case{kGcm128, DtlsRole::client, true}),
                         [](const auto& each) {
                             std::string name = each.param.suite;
                             std::erase(name, '-');
                             return name + (each.param.role == DtlsRole::client ? "Client" : "Server");
                         });

// Data that overtakes the peer's Finished waits in OpenSSL, and is not lost with it.
TEST(DtlsFirstData, ThatComesWithTheEndOfTheHandshakeArrives) {
    OpenSslPeer peer{DtlsRole::client, kChaCha};
    auto& transport = *peer.ours.transport;
    transport.start(peer.now);
    while (transport.connected() == nullptr) {
        const auto datagrams = peer.ours.drain();
        ASSERT_FALSE(datagrams.empty());
        const auto before = peer.sent_by_peer.size();
        for (const auto& datagram : datagrams) peer.theirs->receive(datagram);
        if (peer.theirs->status() != testpeer::DtlsStatus::connected) {
            for (auto at = before; at < peer.sent_by_peer.size(); ++at) transport.on_datagram(peer.now, peer.sent_by_peer[at]);
            continue;
        }
        // The server is done: its last flight, and data in front of it and in the same datagram.
        ASSERT_EQ(peer.sent_by_peer.size(), before + 1);
        peer.peer_sends({1});
        peer.peer_sends({2});
        auto flight = peer.sent_by_peer[before];
        const auto& second = peer.sent_by_peer[before + 2];
        flight.insert(flight.end(), second.begin(), second.end());
        transport.on_datagram(peer.now, peer.sent_by_peer[before + 1]);
        ASSERT_EQ(transport.connected(), nullptr);
        transport.on_datagram(peer.now, flight);
    }
    EXPECT_THAT(peer.received(), ::testing::UnorderedElementsAre(Datagram{1}, Datagram{2}));
    ASSERT_TRUE(transport.send(Datagram{3}));
    peer.exchange();
    EXPECT_THAT(peer.peer_received, ElementsAre(Datagram{3}));
}

// RFC 6347 section 4.1: a sequence number that would come around again ends the association.
TEST(RecordLayerLimits, StopsBeforeANumberComesAgain) {
    OpenSslPeer peer{DtlsRole::server, kGcm256};
    peer.connect();
    DtlsRecordLayer layer{secrets_of(*peer.theirs->raw(), DtlsRole::client).value(), DtlsSent{(std::uint64_t{1} << 48U) - 1, 7}};
    Datagram out(100);
    EXPECT_FALSE(layer.seal(kData, Datagram{1}, out).empty());
    EXPECT_TRUE(layer.seal(kData, Datagram{1}, out).empty());
}

TEST(RecordLayerLimits, NeedsRoom) {
    OpenSslPeer peer{DtlsRole::server, kGcm256};
    peer.connect();
    DtlsRecordLayer layer{secrets_of(*peer.theirs->raw(), DtlsRole::client).value(), {}};
    Datagram out(DtlsRecordLayer::kOverhead + 1);
    EXPECT_TRUE(layer.seal(kData, Datagram{1}, MutableBytes{out}.first(DtlsRecordLayer::kOverhead)).empty());
    const auto record = layer.seal(kData, Datagram{1}, out);
    ASSERT_EQ(record.size(), DtlsRecordLayer::kOverhead + 1);
    DtlsRecordLayer reader{secrets_of(*peer.theirs->raw(), DtlsRole::server).value(), {}};
    ByteReader datagram{record};
    EXPECT_FALSE(reader.open(datagram, {}));
}

TEST(DtlsSuites, AreOpenSslsUnderTheirNumbers) {
    testing::DtlsEnd end;
    const auto* known = SSL_CTX_get_ciphers(end.context.native());
    for (const auto& suite : kDtlsSuites) {
        bool found = false;
        for (int i = 0; i < sk_SSL_CIPHER_num(known); ++i) {
            const auto* each = sk_SSL_CIPHER_value(known, i);
            if (std::string{SSL_CIPHER_get_name(each)} != suite.name) continue;
            found = true;
            EXPECT_EQ(SSL_CIPHER_get_protocol_id(each), suite.id) << suite.name;
            EXPECT_EQ(EVP_MD_get_type(SSL_CIPHER_get_handshake_digest(each)), EVP_MD_get_type(EVP_get_digestbyname(suite.prf_digest)))
                << suite.name;
            EXPECT_EQ(static_cast<std::size_t>(SSL_CIPHER_get_bits(each, nullptr)) / 8, sizes_of(suite.cipher).key) << suite.name;
        }
        EXPECT_TRUE(found) << suite.name;
    }
}

}  // namespace
}  // namespace cardea
