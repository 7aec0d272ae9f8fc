#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "media/packet.hpp"
#include "media/packet_store.hpp"
#include "media/send_batch.hpp"

namespace cardea {
namespace {

PacketRef numbered(PacketPool& pool, std::uint16_t sequence) {
    auto packet = pool.take();
    packet->header.sequence = sequence;
    return packet;
}

TEST(PacketPool, GivesASlotBackWithItsLastReference) {
    PacketPool pool{64};
    auto first = pool.take();
    {
        const PacketRef second = first;
        EXPECT_EQ(pool.in_use(), 1U);
    }
    EXPECT_EQ(pool.in_use(), 1U);
    first = PacketRef{};
    EXPECT_EQ(pool.in_use(), 0U);
}

TEST(PacketPool, GivesNothingBeyondItsLimit) {
    PacketPool pool{64};
    std::vector<PacketRef> held;
    for (int i = 0; i < 64; ++i) held.push_back(pool.take());
    EXPECT_FALSE(pool.take());
    held.pop_back();
    EXPECT_TRUE(pool.take());
    held.clear();
}

TEST(PacketStore, LetsGoOfWhatIsTooOldWhileOthersArrive) {
    PacketPool pool{1024};
    PacketStore store{512, 1s};
    for (int i = 0; i < 400; ++i) {
        auto packet = numbered(pool, static_cast<std::uint16_t>(65400 + i));
        packet->arrival = Instant{i * 10ms};
        store.put(packet);
    }
    const auto last = static_cast<std::uint16_t>(65400 + 399);
    EXPECT_EQ(pool.in_use(), 100U);
    EXPECT_TRUE(store.find(static_cast<std::uint16_t>(last - 99)));
    EXPECT_FALSE(store.find(static_cast<std::uint16_t>(last - 100)));
}

TEST(PacketStore, KeepsTheLastFewHoweverOldTheyAre) {
    PacketPool pool{256};
    PacketStore store{64, 1s};
    for (int i = 0; i < 100; ++i) {
        auto packet = numbered(pool, static_cast<std::uint16_t>(i));
        packet->arrival = Instant{i * 10s};
        store.put(packet);
    }
    EXPECT_EQ(pool.in_use(), static_cast<std::size_t>(PacketStore::kAlways));
    EXPECT_TRUE(store.find(99 - PacketStore::kAlways + 1));
}

TEST(PacketStore, KeepsOneThatCameLateAndStartsAnewAfterAJump) {
    PacketPool pool{256};
    PacketStore store{64, 1s};
    constexpr std::array<std::uint16_t, 5> kArriving{100, 101, 104, 99, 102};
    for (const auto sequence : kArriving) store.put(numbered(pool, sequence));
    for (const auto sequence : kArriving) EXPECT_TRUE(store.find(sequence)) << sequence;
    EXPECT_FALSE(store.find(103));
    store.put(numbered(pool, 40000));
    EXPECT_TRUE(store.find(40000));
    EXPECT_EQ(pool.in_use(), 1U);
    store.put(numbered(pool, 40100));
    EXPECT_EQ(pool.in_use(), 1U) << "more than the ring ahead";
}

TEST(PacketStore, OneThatCameFarTooLateTakesNobodysPlace) {
    PacketPool pool{256};
    PacketStore store{64, 1s};
    for (std::uint16_t sequence = 100; sequence < 160; ++sequence) store.put(numbered(pool, sequence));
    store.put(numbered(pool, 90));
    EXPECT_FALSE(store.find(90));
    EXPECT_TRUE(store.find(154)) << "the same slot";
}

TEST(PacketStore, FindsWhatIsThereAndNotWhatItWasOverwrittenBy) {
    PacketPool pool{256};
    PacketStore store{64, 1s};
    for (std::uint16_t i = 0; i < 100; ++i) store.put(numbered(pool, static_cast<std::uint16_t>(65500 + i)));
    EXPECT_FALSE(store.find(65500)) << "overwritten by 65564 mod 65536";
    ASSERT_TRUE(store.find(10));
    EXPECT_EQ(store.find(10)->header.sequence, 10);
    EXPECT_FALSE(store.find(5000));
    EXPECT_EQ(pool.in_use(), 64U);
    store.clear();
    EXPECT_EQ(pool.in_use(), 0U);
}

class Recorder : public DatagramOutput {
  public:
    void send(std::span<const Datagram> datagrams) override {
        for (const auto& datagram : datagrams) sent.emplace_back(datagram.send_class, datagram.bytes[0]);
    }
    std::vector<std::pair<SendClass, std::uint8_t>> sent;
};

TEST(SendBatch, SendsControlAndAudioBeforeVideoInTheirOwnOrder) {
    Recorder recorder;
    SendBatch batch{recorder};
    const Path path{0, *SocketAddress::parse("127.0.0.1", 1)};
    const auto add = [&](std::uint8_t mark, SendClass send_class) { batch.add(std::array{mark}, path, send_class); };
    add(1, SendClass::video);
    add(2, SendClass::audio);
    add(3, SendClass::video);
    add(4, SendClass::control);
    EXPECT_TRUE(recorder.sent.empty());
    batch.flush();
    EXPECT_EQ(recorder.sent, (std::vector<std::pair<SendClass, std::uint8_t>>{
                                 {SendClass::audio, 2}, {SendClass::control, 4}, {SendClass::video, 1}, {SendClass::video, 3}}));
    EXPECT_TRUE(batch.empty());
}

TEST(SendBatch, FlushesByItselfWhenItIsFull) {
    Recorder recorder;
    SendBatch batch{recorder};
    const Path path{0, *SocketAddress::parse("127.0.0.1", 1)};
    for (std::size_t i = 0; i <= SendBatch::kDatagrams; ++i) batch.add(std::array<std::uint8_t, 1>{7}, path);
    EXPECT_EQ(recorder.sent.size(), SendBatch::kDatagrams);
    batch.flush();
    EXPECT_EQ(recorder.sent.size(), SendBatch::kDatagrams + 1);
}

TEST(SendBatch, LeavesOutWhatIsTooLargeForADatagram) {
    Recorder recorder;
    SendBatch batch{recorder};
    batch.add(std::vector<std::uint8_t>(SendBatch::kDatagramRoom + 1), {0, *SocketAddress::parse("127.0.0.1", 1)});
    EXPECT_TRUE(batch.empty());
}

}  // namespace
}  // namespace cardea
