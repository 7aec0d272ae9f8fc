// After the handshake: data, closing, alerts, trimming.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dtls_pair.hpp"

namespace cardea {
namespace {

using testing::Datagram;
using testing::DtlsPair;
using testing::Side;

class DtlsSession : public ::testing::Test {
  protected:
    void SetUp() override {
        pair_.start();
        pair_.exchange();
        ASSERT_TRUE(pair_.connected());
    }
    [[nodiscard]] static std::optional<Datagram> received(DtlsTransport& transport) {
        const auto data = transport.poll_data();
        if (!data) return std::nullopt;
        return Datagram{data->begin(), data->end()};
    }
    DtlsPair pair_;
    DtlsTransport& client_ = *pair_.client.transport;
    DtlsTransport& server_ = *pair_.server.transport;
};

TEST_F(DtlsSession, CarriesMessagesWithTheirBoundaries) {
    const Datagram small{1, 2, 3};
    const Datagram large(DtlsTransport::kMaxData, 0x5a);
    ASSERT_TRUE(client_.send(small));
    ASSERT_TRUE(client_.send(large));
    ASSERT_TRUE(server_.send(small));
    pair_.exchange();
    EXPECT_EQ(received(server_), small);
    EXPECT_EQ(received(server_), large);
    EXPECT_EQ(received(server_), std::nullopt);
    EXPECT_EQ(received(client_), small);
    EXPECT_LE(pair_.largest, DtlsTransport::kMtu);
}

TEST_F(DtlsSession, RefusesAMessageTooLargeForADatagram) {
    EXPECT_FALSE(client_.send(Datagram(DtlsTransport::kMaxData + 1, 1)));
    EXPECT_FALSE(client_.send({}));
    EXPECT_TRUE(client_.send(Datagram{1}));
}

TEST_F(DtlsSession, DropsAReplayedRecord) {
    pair_.network = [](Side, std::size_t, const Datagram& datagram) { return std::vector<Datagram>{datagram, datagram}; };
    ASSERT_TRUE(client_.send(Datagram{7}));
    pair_.exchange();
    EXPECT_EQ(received(server_), Datagram{7});
    EXPECT_EQ(received(server_), std::nullopt);
}

TEST_F(DtlsSession, ABentRecordIsDroppedAndTheNextArrives) {
    bool bend = true;
    pair_.network = [&](Side, std::size_t, Datagram datagram) {
        if (bend) datagram.back() ^= 1U;
        bend = false;
        return std::vector<Datagram>{datagram};
    };
    ASSERT_TRUE(client_.send(Datagram{7}));
    ASSERT_TRUE(client_.send(Datagram{8}));
    pair_.exchange();
    EXPECT_EQ(received(server_), Datagram{8});
    EXPECT_NE(server_.connected(), nullptr);
}

TEST_F(DtlsSession, AReaderThatNeverPollsCostsBoundedMemory) {
    const Datagram message(1000, 0x11);
    for (int i = 0; i < 2000; ++i) {
        ASSERT_TRUE(client_.send(message));
        pair_.exchange();
    }
    std::size_t kept = 0;
    while (received(server_)) ++kept;
    EXPECT_GT(kept, 100U);
    EXPECT_LT(kept, 300U);
    ASSERT_TRUE(client_.send(message));
    pair_.exchange();
    EXPECT_EQ(received(server_), message);
}

TEST_F(DtlsSession, CloseTellsThePeer) {
    client_.close();
    EXPECT_TRUE(pair_.client.is_closed());
    pair_.exchange();
    EXPECT_TRUE(pair_.server.is_closed());
    EXPECT_FALSE(server_.send(Datagram{1}));
    EXPECT_FALSE(client_.send(Datagram{1}));
}

TEST_F(DtlsSession, CloseTwiceSendsOneAlert) {
    client_.close();
    client_.close();
    EXPECT_EQ(pair_.client.drain().size(), 1U);
}

TEST_F(DtlsSession, ForgedPlainAlertsDoNotClose) {
    for (const std::uint8_t level : {std::uint8_t{1}, std::uint8_t{2}}) {
        const Datagram forged{21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 99, 0, 2, level, 0};
        server_.on_datagram(pair_.now, forged);
        EXPECT_NE(server_.connected(), nullptr);
    }
}

TEST_F(DtlsSession, TrimmedItStillSaysGoodbye) {
    server_.trim();
    EXPECT_NE(server_.connected(), nullptr);
    EXPECT_TRUE(pair_.server.drain().empty());
    EXPECT_EQ(server_.next_timeout(), Instant::max());
    server_.close();
    EXPECT_TRUE(pair_.server.is_closed());
    pair_.exchange();
    EXPECT_TRUE(pair_.client.is_closed());
}

TEST_F(DtlsSession, TrimmedItHearsAGoodbye) {
    server_.trim();
    client_.close();
    pair_.exchange();
    EXPECT_TRUE(pair_.server.is_closed());
}

TEST_F(DtlsSession, TrimmedItCarriesDataBothWays) {
    for (std::uint8_t round = 0; round < 3; ++round) {
        server_.trim();
        server_.trim();
        ASSERT_TRUE(server_.send(Datagram{round, 1}));
        pair_.exchange();
        EXPECT_EQ(received(client_), (Datagram{round, 1}));
        server_.trim();
        ASSERT_TRUE(client_.send(Datagram{round, 2}));
        pair_.exchange();
        EXPECT_EQ(received(server_), (Datagram{round, 2}));
    }
}

TEST_F(DtlsSession, WhatWaitsToBeSentOutlivesTrimming) {
    ASSERT_TRUE(server_.send(Datagram{1}));
    server_.trim();
    pair_.exchange();
    EXPECT_EQ(received(client_), Datagram{1});
}

// RFC 6347 section 4.2.4: the server's last flight has no timer of its own; a repeated Finished asks for it.
TEST(DtlsLastFlight, IsRepeatedWhenTheClientAsksAgain) {
    DtlsPair pair;
    bool server_done = false;
    int swallowed = 0;
    pair.network = [&](Side from, std::size_t, Datagram datagram) {
        server_done = pair.server.transport->connected() != nullptr;
        if (from == Side::server && server_done && swallowed++ < 2) return std::vector<Datagram>{};
        return std::vector<Datagram>{std::move(datagram)};
    };
    pair.start();
    pair.exchange();
    EXPECT_NE(pair.server.transport->connected(), nullptr);
    EXPECT_EQ(pair.client.transport->connected(), nullptr);
    pair.server.transport->trim();
    pair.run_for(1s);
    EXPECT_TRUE(pair.connected());
}

TEST(DtlsBeforeTheHandshake, NothingCanBeSentOrTrimmed) {
    DtlsPair pair;
    EXPECT_FALSE(pair.server.transport->send(Datagram{1}));
    pair.server.transport->trim();
    pair.server.transport->close();
    EXPECT_TRUE(pair.server.is_closed());
    EXPECT_TRUE(pair.server.drain().empty());
    pair.client.transport->start(pair.now);
    pair.exchange();
    EXPECT_TRUE(pair.server.is_closed());
}

}  // namespace
}  // namespace cardea
