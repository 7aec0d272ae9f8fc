// RTP: header, extensions, and that what we write from what we read reads back the same.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "proto/rtp/rtp_packet.hpp"
#include "proto/rtp/rtp_writer.hpp"

namespace {

using namespace cardea;

constexpr ExtensionIds kIds{.mid = 1,
                            .rid = 2,
                            .repaired_rid = 3,
                            .audio_level = 4,
                            .abs_send_time = 5,
                            .transport_cc = 6,
                            .video_orientation = 7,
                            .playout_delay = 8,
                            .dependency_descriptor = 9};

bool same(Bytes a, Bytes b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

void check_round_trip(Bytes packet, const RtpHeader& header) {
    OutgoingRtp outgoing{header.ssrc, header.payload_type, header.marker, header.sequence, header.timestamp, {}, kIds};
    outgoing.extensions = read_extensions(packet, header, kIds);
    std::array<std::uint8_t, 70'000> buffer;
    const std::size_t size = write_rtp(buffer, outgoing, payload_of(packet, header));
    if (size == 0) return;
    const Bytes written = Bytes{buffer}.first(size);
    const auto again = parse_rtp_header(written);
    CARDEA_ASSERT(again && again->sequence == header.sequence && again->ssrc == header.ssrc && again->marker == header.marker);
    CARDEA_ASSERT(same(payload_of(written, *again), payload_of(packet, header)));
    const auto extensions = read_extensions(written, *again, kIds);
    CARDEA_ASSERT(extensions.mid == outgoing.extensions.mid && extensions.rid == outgoing.extensions.rid);
    CARDEA_ASSERT(extensions.audio_level == outgoing.extensions.audio_level);
    CARDEA_ASSERT(extensions.abs_send_time == outgoing.extensions.abs_send_time);
    CARDEA_ASSERT(extensions.transport_sequence == outgoing.extensions.transport_sequence);
    CARDEA_ASSERT(extensions.video_orientation == outgoing.extensions.video_orientation);
    CARDEA_ASSERT(extensions.playout_delay == outgoing.extensions.playout_delay);
    CARDEA_ASSERT(same(extensions.dependency_descriptor, outgoing.extensions.dependency_descriptor));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes packet{data, size};
    static_cast<void>(classify(packet));
    const auto header = parse_rtp_header(packet);
    if (!header) return 0;
    CARDEA_ASSERT(header->header_size + header->padding_size <= size);
    static_cast<void>(read_rtx(payload_of(packet, *header)));
    check_round_trip(packet, *header);
    return 0;
}
