// Forwarders, remote publishers and mirrors allocate nothing per packet. Counted in this thread only, between begin and end.
#include <cstdlib>
#include <new>
#include <utility>

#include "peer/mirrors.hpp"
#include "peer/plain_rtp.hpp"
#include "world.hpp"

namespace {
thread_local bool counting = false;
thread_local std::size_t allocations = 0;
}  // namespace

// Out of line: when only one of a pair is inlined, GCC takes it for a mismatch.
[[gnu::noinline]] void* operator new(std::size_t size) {
    if (counting) ++allocations;
    if (void* memory = std::malloc(size == 0 ? 1 : size); memory != nullptr) return memory;
    throw std::bad_alloc{};
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace cardea::test {
namespace {

class Silence final : public PeerObserver, public DatagramOutput {
  public:
    void on_webrtc_up(PeerId) override {}
    void on_hangup(PeerId, const std::string&, const std::string&) override {}
    void on_media(PeerId, const MediaStateEvent&) override {}
    void on_slow_link(PeerId, const SlowLinkEvent&) override {}
    void send(std::span<const Datagram> datagrams) override { sent += datagrams.size(); }
    std::size_t sent = 0;
};

TEST(PlainRtpAllocation, NoPacketOfAKnownStreamAllocates) {
    const auto now = instant_of_ns(1'000'000'000'000);
    const std::array<std::uint8_t, 30> raw{};
    const auto keys = SrtpKeys::from(SrtpProfile::aes_cm_128_hmac_sha1_80, Bytes{raw}.first(16), Bytes{raw}.subspan(16));
    DtlsContext context{DtlsCertificate::generate(wall_now())};
    Silence silence;
    PacketPool pool{4096};
    PeerHub hub{HubOptions{}, context, silence, silence};
    ReceiveTrack video{.mid = "1", .mindex = 1, .kind = MediaKind::video, .payload_types = {{.number = 96, .codec = Codec::vp8}}, .extensions = {},
                       .encodings = {{.rid = {}, .ssrc = Ssrc{1010}, .rtx_ssrc = {}}}};
    hub.plain_rtp().open_remote(now, {.id = RemoteId{1}, .sender = {}, .permitted = [](const SocketAddress&) { return true; }, .keys = {},
                                      .sources = {{SourceId{2}, video}}}, {.rtp = 5, .rtcp = 6});
    const auto to = *SocketAddress::parse("198.51.100.1", 4000);
    for (const std::uint64_t id : {3U, 4U})
        hub.plain_rtp().add_forwarder(now, {.id = ForwarderId{id}, .source = SourceId{2}, .socket = 0, .rtp = to, .rtcp = {}, .payload_type = {},
                                            .ssrc = Ssrc{static_cast<std::uint32_t>(id)}, .encoding = {}, .keys = id == 4 ? std::optional{keys} : std::nullopt});
    const std::vector<std::uint8_t> payload(900, 0x10);
    std::array<std::uint8_t, 1200> bytes{};
    for (std::uint16_t sequence = 1; sequence <= 2000; ++sequence) {
        const auto size = write_rtp(bytes, {.ssrc = Ssrc{1010}, .payload_type = 120, .sequence = sequence, .timestamp = sequence * 3000U}, payload);
        auto packet = pool.take();
        std::copy_n(bytes.begin(), size, packet->buffer.begin());
        packet->size = static_cast<std::uint16_t>(size);
        packet->arrival = now;
        counting = sequence > 1000;  // stores and pools have grown by then
        hub.on_datagram(now, 5, *SocketAddress::parse("192.0.2.1", 4000), packet);
        hub.flush();
        counting = false;
    }
    EXPECT_EQ(silence.sent, 4000U);
    EXPECT_EQ(std::exchange(allocations, 0), 0U);
}

// The links between two workers, with the lane that they really have.
class Links final : public MirrorPlane {
  public:
    void post(std::uint32_t, std::function<void(PeerHub&, Instant)> command) override { commands.push_back(std::move(command)); }
    bool push(std::uint32_t, MirrorBatch& batch) override { return lane.push(batch); }
    std::vector<std::function<void(PeerHub&, Instant)>> commands;
    MirrorLane lane{1U << 20U};
};

TEST(MirrorAllocation, NoPacketThatCrossesAllocates) {
    const auto now = instant_of_ns(1'000'000'000'000);
    DtlsContext context{DtlsCertificate::generate(wall_now())};
    Silence silence;
    PacketPool pool{4096};
    Links links;
    PeerHub home{HubOptions{.mirrors = &links}, context, silence, silence};
    PeerHub there{HubOptions{.worker = 1, .mirrors = &links}, context, silence, silence};
    ReceiveTrack video{.mid = "1", .mindex = 1, .kind = MediaKind::video, .payload_types = {{.number = 96, .codec = Codec::vp8}}, .extensions = {},
                       .encodings = {{.rid = {}, .ssrc = Ssrc{1010}, .rtx_ssrc = {}}}};
    home.plain_rtp().open_remote(now, {.id = RemoteId{1}, .sender = {}, .permitted = [](const SocketAddress&) { return true; }, .keys = {},
                                       .sources = {{SourceId{2}, video}}}, {.rtp = 5, .rtcp = 6});
    home.mirrors().feed(now, SourceId{2}, 1, SinkId{3}, 1);
    for (const auto& command : links.commands) command(there, now);
    const std::vector<std::uint8_t> payload(900, 0x10);
    std::array<std::uint8_t, 1200> bytes{};
    MirrorBatch batch;
    std::size_t crossed = 0;
    for (std::uint16_t sequence = 1; sequence <= 2000; ++sequence) {
        const auto size = write_rtp(bytes, {.ssrc = Ssrc{1010}, .payload_type = 96, .sequence = sequence, .timestamp = sequence * 3000U}, payload);
        auto packet = pool.take();
        std::copy_n(bytes.begin(), size, packet->buffer.begin());
        packet->size = static_cast<std::uint16_t>(size);
        packet->arrival = now;
        counting = sequence > 1000;  // stores, pools and lanes have grown by then
        home.on_datagram(now, 5, *SocketAddress::parse("192.0.2.1", 4000), packet);
        home.flush();
        for (links.lane.take_all(batch); !batch.empty(); ++crossed) {
            const auto [label, content] = batch.take();
            auto copy = pool.take();
            std::copy(content.begin(), content.end(), copy->buffer.begin());
            copy->size = static_cast<std::uint16_t>(content.size());
            there.mirrors().on_packet(now, label, copy);
        }
        there.flush();
        counting = false;
    }
    EXPECT_EQ(crossed, 2000U);
    EXPECT_EQ(std::exchange(allocations, 0), 0U);
}

}  // namespace
}  // namespace cardea::test
