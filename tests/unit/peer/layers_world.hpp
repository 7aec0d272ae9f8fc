// One publisher whose video has encodings or layers, one subscriber, a hub between them: what the receiver sees must look like one stream.
#pragma once

#include <gmock/gmock.h>

#include <utility>
#include <vector>

#include "peers.hpp"
#include "unit/media/layer_streams.hpp"

namespace cardea::test {

inline constexpr SourceId kSource{71};
inline constexpr SinkId kSink{72};
inline constexpr Ssrc kLegSsrc{0x2001}, kLegRtx{0x2002};
inline constexpr std::uint8_t kDescriptorId = 9;

[[nodiscard]] inline PayloadType type_of(Codec codec) {
    PayloadType type{.number = 96, .codec = codec, .clock_rate = 90000, .channels = 1, .fmtp = {}, .rtx = 97};
    type.nack = type.pli = true;
    return type;
}

class LayersWorld : public World {
  public:
    void on_layers(PeerId, const LayersEvent& event) override { layers.push_back(event); }
    void on_talking(PeerId, const TalkingEvent& event) override { talking.push_back(event); }
    std::vector<LayersEvent> layers;
    std::vector<TalkingEvent> talking;
};

class Layers : public testing::Test {
  protected:
    void connect(Codec codec, unsigned encodings, bool rtx = true) {
        auto publisher = peer_config(1, world);
        ReceiveTrack track{.mid = "0", .mindex = 0, .kind = MediaKind::video, .payload_types = {type_of(codec)}, .extensions = {}, .encodings = {}};
        track.extensions.mid = 1;
        track.extensions.dependency_descriptor = kDescriptorId;
        for (unsigned i = 0; i < encodings; ++i) track.encodings.push_back({.rid = {}, .ssrc = ssrc(i), .rtx_ssrc = {}});
        publisher.sources.push_back({kSource, track});
        auto subscriber = peer_config(2, world);
        auto type = type_of(codec);
        if (!rtx) type.rtx.reset();
        SendTrack send{.mid = "0", .mindex = 0, .kind = MediaKind::video, .payload_type = type, .extensions = {}, .ssrc = kLegSsrc,
                       .rtx_ssrc = rtx ? kLegRtx : Ssrc{}, .cname = "cname"};
        send.extensions.dependency_descriptor = kDescriptorId;
        send.extensions.playout_delay = 6;
        subscriber.sinks.push_back({kSink, send, true});
        alice = &world.add_client(5001, publisher);
        bob = &world.add_client(5002, subscriber);
        alice->handshake();
        bob->handshake();
        world.hub.route(world.now, kSink, kSource);
        world.hub.flush();
    }
    static Ssrc ssrc(unsigned encoding) { return Ssrc{0x1001 + encoding}; }

    // As a sender whose encodings share one clock, but have timestamps and sequence numbers of their own.
    void send(unsigned encoding, const StreamPacket& packet, bool lost = false) {
        auto& line = lines[encoding];
        OutgoingRtp out{.ssrc = ssrc(encoding), .payload_type = 96, .marker = packet.marker, .sequence = line.sequence++,
                        .timestamp = line.timestamp + static_cast<std::uint32_t>((world.now - start).count() * 9 / 100'000)};
        out.ids = {.mid = 1, .dependency_descriptor = kDescriptorId};
        out.extensions.mid = "0";
        out.extensions.dependency_descriptor = packet.descriptor;
        if (lost) {
            line.kept.push_back({out, packet});
            return;
        }
        alice->send_rtp(out, packet.payload);
    }
    void deliver_late(unsigned encoding) {
        for (auto& [out, packet] : std::exchange(lines[encoding].kept, {})) {
            out.extensions.dependency_descriptor = packet.descriptor;
            alice->send_rtp(out, packet.payload);
        }
    }
    void send_reports() {
        for (unsigned i = 0; i < 3; ++i)
            alice->send_rtcp([&](CompoundWriter& writer) {
                writer.sender_report({.ssrc = ssrc(i), .ntp = kNtp + ntp_units(world.now - start),
                                      .rtp_timestamp = lines[i].timestamp + static_cast<std::uint32_t>((world.now - start).count() * 9 / 100'000),
                                      .packets = 1, .octets = 1}, {});
            });
    }
    static std::uint64_t ntp_units(Duration d) { return static_cast<std::uint64_t>(d.count()) * 0x1'0000'0000ULL / 1'000'000'000ULL; }

    // What bob has on the media SSRC: gap-free numbers, timestamps that grow with the pictures.
    void expect_one_stream() {
        const ReceivedRtp* last = nullptr;
        for (const auto& packet : bob->rtp) {
            if (packet.header.ssrc != kLegSsrc) continue;
            if (last != nullptr) {
                EXPECT_EQ(static_cast<std::uint16_t>(packet.header.sequence - last->header.sequence), 1);
                const auto step = static_cast<std::int32_t>(packet.header.timestamp - last->header.timestamp);
                EXPECT_GE(step, 0);
                EXPECT_LE(step, 90000);
                EXPECT_TRUE(step > 0 || !last->header.marker) << "a new picture has a new time";
            }
            last = &packet;
        }
    }
    std::vector<int> plis() {
        world.hub.flush();
        std::vector<int> asked;
        for (const auto& item : alice->rtcp_items<PictureLoss>()) asked.push_back(static_cast<int>(item.media.value) - 0x1001);
        alice->rtcp.clear();
        return asked;
    }

    static constexpr std::uint64_t kNtp = 0xe000'0000'0000'0000ULL;
    struct Line {
        std::uint16_t sequence = 0;
        std::uint32_t timestamp = 0;
        std::vector<std::pair<OutgoingRtp, StreamPacket>> kept;
    };
    LayersWorld world;
    Instant start = world.now;
    Line lines[3]{{65500, 4'000'000'000U, {}}, {20, 77, {}}, {30000, 1'000'000U, {}}};
    Client* alice = nullptr;
    Client* bob = nullptr;
};

}  // namespace cardea::test
