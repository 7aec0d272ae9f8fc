// SCTP: packets (each behind a 16-bit length) from a peer that has passed DTLS. The first byte says whether the association is fresh or
// up with a channel open. Tag, checksum and the sequence numbers of DATA are made right, or hardly anything would get past them.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "proto/sctp/data_channels.hpp"

namespace {

using namespace cardea;

constexpr AssociationId kOurs{1}, kTheirs{2};
constexpr std::size_t kCommonHeader = 12;
constexpr std::uint8_t kInit = 1, kData = 0;

// RFC 9260 appendix A.
std::uint32_t crc32c(Bytes bytes) {
    std::uint32_t crc = 0xffffffffU;
    for (const auto byte : bytes) {
        crc ^= byte;
        for (int bit = 0; bit < 8; ++bit) crc = (crc & 1U) != 0 ? crc >> 1U ^ 0x82f63b78U : crc >> 1U;
    }
    return ~crc;
}

class Observer final : public DataObserver {
  public:
    void on_data_up() override {}
    void on_channel_open(StreamId, const ChannelOptions&) override {}
    void on_channel_closed(StreamId) override {}
    void on_message(StreamId stream, DataFormat format, Bytes message) override {
        if (message.size() > kMaxMessage) __builtin_trap();
        if (echo != nullptr) echo->send(stream, format, message);
    }
    void on_data_down() override {}
    DataChannels* echo = nullptr;
};

// Between the two ends; keeps what an attacker who is the peer knows.
class Wire final : public SctpOutput {
  public:
    void send_sctp(AssociationId from, Bytes packet) override {
        if (packet.size() > 1200) __builtin_trap();
        ByteReader reader{packet};
        reader.skip(4);
        const auto tag = reader.be<std::uint32_t>();
        reader.skip(4);
        const auto chunk = reader.be<std::uint8_t>();
        reader.skip(3);
        if (from == kTheirs && tag != 0) our_tag = tag;
        if (chunk == kInit) {
            const auto initiate_tag = reader.be<std::uint32_t>();
            reader.skip(8);
            const auto first = reader.be<std::uint32_t>();
            if (from == kOurs) our_tag = initiate_tag;
            if (from == kTheirs) next_tsn = first;
        }
        flying.push_back({from == kOurs ? kTheirs : kOurs, {packet.begin(), packet.end()}});
    }
    struct Flight {
        AssociationId to;
        std::vector<std::uint8_t> packet;
    };
    std::deque<Flight> flying;
    std::uint32_t our_tag = 0;
    std::uint32_t next_tsn = 0;
};

void deliver(Wire& wire, SctpStack& stack) {
    for (int packets = 0; packets < 500 && !wire.flying.empty(); ++packets) {
        const auto flight = std::move(wire.flying.front());
        wire.flying.pop_front();
        stack.on_packet(flight.to, flight.packet);
    }
    wire.flying.clear();
}

std::vector<std::uint8_t> packet_of(Bytes chunks, const Wire& wire) {
    std::vector<std::uint8_t> packet(kCommonHeader + chunks.size());
    ByteWriter writer{packet};
    writer.be(std::uint16_t{5000});
    writer.be(std::uint16_t{5000});
    writer.be(!chunks.empty() && chunks[0] == kInit ? 0U : wire.our_tag);
    writer.zeros(4);
    writer.bytes(chunks);
    if (chunks.size() >= 8 && chunks[0] == kData) {
        // Near what is expected: two bytes of the input say how near.
        const auto offset = static_cast<std::uint32_t>(chunks[6] % 16 + chunks[7] % 4);
        ByteWriter{MutableBytes{packet}.subspan(kCommonHeader + 4)}.be(wire.next_tsn + offset);
    }
    const auto crc = crc32c(packet);
    for (std::size_t i = 0; i < 4; ++i) packet[8 + i] = static_cast<std::uint8_t>(crc >> (8 * i));  // least significant first
    return packet;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Wire wire;
    static SctpStack stack{wire};
    static auto now = instant_of_ns(1'000'000'000);
    if (size == 0) return 0;
    wire.flying.clear();
    Observer ours, theirs;
    DataStatistics statistics;
    DataChannels channels{stack, {.sctp = {.id = kOurs}}, ours, statistics};
    ours.echo = &channels;
    const bool established = (data[0] & 1U) != 0;
    if (established) {
        DataChannels peer{stack, {.sctp = {.id = kTheirs}, .even_streams = true}, theirs, statistics};
        deliver(wire, stack);
        if (const auto stream = peer.open({"fuzz", "", {}})) {
            deliver(wire, stack);
            peer.send(*stream, DataFormat::text, as_bytes("hello"));
            deliver(wire, stack);
            wire.next_tsn += 2;
        }
        wire.flying.clear();
    }
    wire.flying.clear();  // the peer's abort, too: from here on the input speaks for it
    ByteReader reader{Bytes{data, size}.subspan(1)};
    while (reader.left() > 2) {
        const std::size_t wanted = reader.be<std::uint16_t>();
        const auto chunks = reader.take(std::min(wanted, reader.left()));
        stack.on_packet(kOurs, packet_of(chunks, wire));
        stack.on_packet(kOurs, chunks);  // and as it is
        now += 300ms;
        stack.on_timer(now);
    }
    return 0;
}
