// RTP outside of peer connections on a simulated network: what is sent to addresses that are no client's, keys, and a data plane that notes.
#pragma once

#include <algorithm>
#include <array>
#include <set>

#include "peer/plain_rtp.hpp"
#include "peers.hpp"

namespace cardea::test {

inline constexpr Ssrc kVideoSsrc{0x1001}, kLegSsrc{0x2001}, kForwardSsrc{1000};
inline constexpr SourceId kSource{71}, kRemoteVideo{81}, kRemoteAudio{82};
inline constexpr SinkId kSink{72};
inline constexpr ForwarderId kForwarder{91};
inline constexpr RemoteId kRemote{92};
inline constexpr RemotePublisher::Sockets kSockets{.rtp = 5, .rtcp = 6};

inline PayloadType vp8() {
    PayloadType type{.number = 96, .codec = Codec::vp8, .clock_rate = 90000, .channels = 1, .fmtp = {}, .rtx = {}};
    type.nack = type.pli = true;
    return type;
}
inline PayloadType opus() { return {.number = 111, .codec = Codec::opus, .clock_rate = 48000, .channels = 2, .fmtp = {}, .rtx = {}}; }

inline SrtpKeys keys_of(SrtpProfile profile, std::uint8_t seed = 7) {
    std::array<std::uint8_t, 30> raw{};
    for (std::size_t i = 0; i < raw.size(); ++i) raw[i] = static_cast<std::uint8_t>(seed + i);
    return SrtpKeys::from(profile, Bytes{raw}.first(16), Bytes{raw}.subspan(16));
}

struct Datagrams {
    std::vector<std::vector<std::uint8_t>> all;
    [[nodiscard]] std::vector<ReceivedRtp> rtp() const {
        std::vector<ReceivedRtp> out;
        for (const auto& bytes : all)
            if (classify(bytes) == PacketKind::rtp)
                if (const auto header = parse_rtp_header(bytes)) out.push_back({bytes, *header});
        return out;
    }
    template <class T>
    [[nodiscard]] std::vector<T> rtcp_items() const {
        std::vector<T> found;
        for (const auto& bytes : all) {
            if (classify(bytes) != PacketKind::rtcp) continue;
            EXPECT_TRUE(for_each_rtcp(bytes, [&](const auto& item) {
                if constexpr (std::is_same_v<std::decay_t<decltype(item)>, T>) found.push_back(item);
            }).has_value());
        }
        return found;
    }
};

// A world whose hub sends to addresses outside of it too.
class OpenWorld : public World {
  public:
    explicit OpenWorld(HubOptions options = {}) : World{std::move(options)} {}
    void send(std::span<const Datagram> datagrams) override {
        for (const auto& datagram : datagrams)
            if (!by_address.contains(datagram.path->remote)) elsewhere[datagram.path->remote].all.emplace_back(datagram.bytes.begin(), datagram.bytes.end());
        World::send(datagrams);
    }
    void deliver_to(std::uint32_t socket, const SocketAddress& from, Bytes datagram) {
        auto packet = pool.take();
        std::copy(datagram.begin(), datagram.end(), packet->buffer.begin());
        packet->size = static_cast<std::uint16_t>(datagram.size());
        packet->arrival = now;
        hub.on_datagram(now, socket, from, packet);
        hub.flush();
    }
    std::unordered_map<SocketAddress, Datagrams> elsewhere;
};

inline std::vector<std::uint8_t> rtcp_of(const std::function<void(CompoundWriter&)>& write) {
    std::vector<std::uint8_t> buffer(1200);
    CompoundWriter writer{buffer};
    write(writer);
    buffer.resize(writer.size());
    return buffer;
}

// Notes what the SCTP thread would be told.
class NotedDataPlane final : public DataPlane {
  public:
    struct Message {
        SourceId source;
        bool is_binary;
        std::string text;
        friend bool operator==(const Message&, const Message&) = default;
    };
    void open(DataPeer) override {}
    void close(PeerId, SourceId, SinkId) override {}
    void on_packet(PeerId, Bytes, DataBudget&) override {}
    void route(SinkId, SourceId, DataRouteOptions) override {}
    void unroute(SinkId, SourceId) override {}
    void set_sink_active(SinkId, bool) override {}
    void set_source_active(SourceId source, bool active) override { actives.emplace_back(source, active); }
    void tap(SourceId source, DataTap tap) override { taps[tap.id] = source; }
    void untap(SourceId, ForwarderId tap) override { taps.erase(tap); }
    void open_remote(SourceId source) override { remotes.insert(source); }
    void close_remote(SourceId source) override { remotes.erase(source); }
    void on_remote_message(SourceId source, bool is_binary, Bytes message, DataBudget&) override {
        messages.push_back({source, is_binary, {message.begin(), message.end()}});
    }
    std::map<ForwarderId, SourceId> taps;
    std::set<SourceId> remotes;
    std::vector<std::pair<SourceId, bool>> actives;
    std::vector<Message> messages;
};

}  // namespace cardea::test
