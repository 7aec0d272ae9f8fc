#include "media/send_batch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace cardea {
namespace {

using ::testing::ElementsAre;

class Collector final : public DatagramOutput {
  public:
    void send(std::span<const Datagram> datagrams) override {
        ++flushes;
        for (const auto& datagram : datagrams)
            sent.push_back(datagram.path->remote.to_text() + " " + std::string{as_text(datagram.bytes)});
    }
    std::vector<std::string> sent;
    int flushes = 0;
};

Path path(std::uint16_t port, std::uint32_t socket = 0) { return {socket, *SocketAddress::parse("192.0.2.1", port)}; }

TEST(SendBatch, SendsAudioAndControlFirstThenVideoReceiverByReceiver) {
    Collector out;
    SendBatch batch{out};
    batch.add(as_bytes("a1"), path(1), SendClass::video);
    batch.add(as_bytes("b1"), path(2), SendClass::video);
    batch.add(as_bytes("talk"), path(2), SendClass::audio);
    batch.add(as_bytes("a2"), path(1), SendClass::video);
    batch.add(as_bytes("report"), path(1), SendClass::control);
    batch.add(as_bytes("b2"), path(2), SendClass::video);
    batch.add(as_bytes("a3"), path(1), SendClass::video);
    batch.flush();
    EXPECT_THAT(out.sent, ElementsAre("192.0.2.1:2 talk", "192.0.2.1:1 report", "192.0.2.1:1 a1", "192.0.2.1:1 a2", "192.0.2.1:1 a3",
                                      "192.0.2.1:2 b1", "192.0.2.1:2 b2"));
    EXPECT_TRUE(batch.empty());
}

TEST(SendBatch, KeepsApartTheSamePeerOnTwoSockets) {
    Collector out;
    SendBatch batch{out};
    for (const auto* text : {"x", "y"})
        for (const std::uint32_t socket : {0U, 1U}) batch.add(as_bytes(text + std::to_string(socket)), path(1, socket), SendClass::video);
    batch.flush();
    EXPECT_THAT(out.sent, ElementsAre("192.0.2.1:1 x0", "192.0.2.1:1 y0", "192.0.2.1:1 x1", "192.0.2.1:1 y1"));
}

TEST(SendBatch, FlushesWhenItIsFullAndLosesNothing) {
    Collector out;
    SendBatch batch{out};
    const std::size_t count = SendBatch::kDatagrams + 10;
    for (std::size_t i = 0; i < count; ++i) batch.add(as_bytes(std::to_string(i)), path(static_cast<std::uint16_t>(1 + i)), SendClass::video);
    EXPECT_EQ(out.flushes, 1);
    batch.flush();
    EXPECT_EQ(out.flushes, 2);
    ASSERT_EQ(out.sent.size(), count);
    for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(out.sent[i], "192.0.2.1:" + std::to_string(1 + i) + " " + std::to_string(i));
    batch.flush();
    EXPECT_EQ(out.flushes, 2) << "nothing left";
}

TEST(SendBatch, IgnoresWhatDoesNotFit) {
    Collector out;
    SendBatch batch{out};
    batch.add(Bytes{std::vector<std::uint8_t>(SendBatch::kDatagramRoom + 1)}, path(1));
    EXPECT_TRUE(batch.empty());
}

}  // namespace
}  // namespace cardea
