// RTP outside of peer connections: what arrives on the ports of a remote publisher, and what claims to be feedback for a forwarder. The
// input is a row of datagrams: an octet for the socket and the sender, one for the size, then the bytes.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/clock.hpp"
#include "peer/peer_hub.hpp"
#include "peer/plain_rtp.hpp"

namespace {

using namespace cardea;

class Nobody final : public PeerObserver, public DatagramOutput {
  public:
    void on_webrtc_up(PeerId) override {}
    void on_hangup(PeerId, const std::string&, const std::string&) override {}
    void on_media(PeerId, const MediaStateEvent&) override {}
    void on_slow_link(PeerId, const SlowLinkEvent&) override {}
    void send(std::span<const Datagram> datagrams) override {
        for (const auto& datagram : datagrams)
            if (datagram.bytes.size() > SendBatch::kDatagramRoom) __builtin_trap();
    }
};

SrtpKeys keys() {
    const std::array<std::uint8_t, 30> raw{1, 2, 3};
    return SrtpKeys::from(SrtpProfile::aes_cm_128_hmac_sha1_80, Bytes{raw}.first(16), Bytes{raw}.subspan(16));
}

std::vector<SourceConfig> sources(std::uint64_t first) {
    PayloadType vp8{.number = 96, .codec = Codec::vp8};
    vp8.nack = vp8.pli = true;
    ReceiveTrack video{.mid = "1", .mindex = 1, .kind = MediaKind::video, .payload_types = {vp8}};
    video.extensions.video_orientation = 4;
    video.extensions.dependency_descriptor = 5;
    for (std::uint32_t i = 0; i < 3; ++i) video.encodings.push_back({.rid = {}, .ssrc = Ssrc{1010 + i}, .rtx_ssrc = {}});
    ReceiveTrack audio{.mid = "0", .mindex = 0, .kind = MediaKind::audio, .payload_types = {{.number = 111, .codec = Codec::opus, .clock_rate = 48000}}};
    audio.extensions.audio_level = 3;
    audio.encodings = {{.rid = {}, .ssrc = Ssrc{1000}, .rtx_ssrc = {}}};
    return {{SourceId{first}, audio}, {SourceId{first + 1}, video}};
}

// Sockets: 2 and 3 are of a plain publisher, 4 and 5 of one with SRTP; its streams are forwarded, with feedback to socket 0.
struct World {
    World() {
        for (const std::uint32_t at : {2U, 4U})
            hub.plain_rtp().open_remote(now, {.id = RemoteId{at}, .sender = {}, .permitted = [](const SocketAddress&) { return true; },
                                              .keys = at == 4 ? std::optional{keys()} : std::nullopt, .sources = sources(at * 10)},
                                        {.rtp = at, .rtcp = at + 1});
        for (const std::uint64_t source : {20U, 21U, 40U, 41U})
            hub.plain_rtp().add_forwarder(now, {.id = ForwarderId{source}, .source = SourceId{source}, .socket = 0, .rtp = others[0], .rtcp = others[0],
                                                .payload_type = {}, .ssrc = Ssrc{static_cast<std::uint32_t>(source)},
                                                .encoding = {}, .keys = source >= 40 ? std::optional{keys()} : std::nullopt});
    }
    ~World() { hub.close_all(now, "end"); }
    void deliver(std::uint8_t where, Bytes datagram) {
        auto packet = pool.take();
        std::copy(datagram.begin(), datagram.end(), packet->buffer.begin());
        packet->size = static_cast<std::uint16_t>(datagram.size());
        packet->arrival = now;
        hub.on_datagram(now, where & 0x07U, others[where >> 7U], packet);
        now += 7ms;
        hub.on_timer(now);
        hub.flush();
    }
    static DtlsContext& context() {
        static DtlsContext made{DtlsCertificate::generate(wall_now())};
        return made;
    }
    Instant now = instant_of_ns(1'000'000'000'000);
    Nobody nobody;
    PacketPool pool{4096};
    std::array<SocketAddress, 2> others{*SocketAddress::parse("192.0.2.1", 5000), *SocketAddress::parse("192.0.2.2", 5000)};
    PeerHub hub{HubOptions{}, context(), nobody, nobody};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    World world;
    ByteReader reader{Bytes{data, size}};
    while (reader.left() > 2) {
        const auto where = reader.be<std::uint8_t>();
        const auto wanted = std::size_t{reader.be<std::uint8_t>()} * 8;
        world.deliver(where, reader.take(std::min({wanted, reader.left(), Packet::kCapacity})));
    }
    return 0;
}
