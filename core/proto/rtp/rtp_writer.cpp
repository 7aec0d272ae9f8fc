#include "proto/rtp/rtp_writer.hpp"

#include <array>

#include "proto/rtp/codec/dependency_descriptor.hpp"

namespace cardea {

namespace {

struct Element {
    std::uint8_t id = 0;
    Bytes value;
};

// The elements of one packet, with room for the values that are made here rather than borrowed.
class ElementList {
  public:
    explicit ElementList(const OutgoingRtp& packet) noexcept {
        const auto& ids = packet.ids;
        const auto& values = packet.extensions;
        add(ids.mid, as_bytes(values.mid));
        add(ids.rid, as_bytes(values.rid));
        add(ids.repaired_rid, as_bytes(values.repaired_rid));
        if (values.audio_level) make(ids.audio_level, octet_of(*values.audio_level), 1);
        if (values.abs_send_time) make(ids.abs_send_time, *values.abs_send_time, 3);
        if (values.transport_sequence) make(ids.transport_cc, *values.transport_sequence, 2);
        if (values.video_orientation) make(ids.video_orientation, octet_of(*values.video_orientation), 1);
        if (values.playout_delay) make(ids.playout_delay, octets_of(*values.playout_delay), 3);
        if (packet.frame_number) frame_number_of_ = count_;
        frame_number_ = packet.frame_number.value_or(0);
        add(ids.dependency_descriptor, values.dependency_descriptor);
    }

    void write(ByteWriter& out) const noexcept {
        if (count_ == 0) return;
        const std::size_t size = content_size();
        out.be(two_byte_ ? kTwoByteExtensions : kOneByteExtensions);
        out.be(static_cast<std::uint16_t>((size + 3) / 4));
        for (std::size_t i = 0; i < count_; ++i) {
            write_head(out, elements_[i]);
            if (i == frame_number_of_)
                write_descriptor(out, elements_[i].value);
            else
                out.bytes(elements_[i].value);
        }
        out.zeros((4 - size % 4) % 4);
    }
    [[nodiscard]] bool empty() const noexcept { return count_ == 0; }

  private:
    using Elements = std::span<const Element>;
    static constexpr std::size_t kMost = 9;
    static constexpr std::size_t kLongestValue = 255;
    static constexpr std::size_t kLongestShortValue = 16;  // RFC 8285 section 4.2
    static constexpr std::uint8_t kHighestShortId = 14;

    static std::uint32_t octet_of(const AudioLevel& level) noexcept {
        return (level.voice ? 0x80U : 0U) | (level.below_full_scale & 0x7fU);
    }
    static std::uint32_t octet_of(const VideoOrientation& o) noexcept {
        return (o.back_camera ? 0x08U : 0U) | (o.flipped ? 0x04U : 0U) | (o.quarter_turns & 0x03U);
    }
    static std::uint32_t octets_of(const PlayoutDelay& delay) noexcept { return (delay.min & 0xfffU) << 12U | (delay.max & 0xfffU); }

    void add(std::uint8_t id, Bytes value) noexcept {
        if (id == 0 || value.empty() || value.size() > kLongestValue) return;
        elements_[count_++] = {id, value};
        // One element that needs the long form puts the whole block into it: a block has one form.
        if (id > kHighestShortId || value.size() > kLongestShortValue) two_byte_ = true;
    }
    void make(std::uint8_t id, std::uint32_t value, std::size_t size) noexcept {
        auto& storage = made_[count_];
        for (std::size_t i = 0; i < size; ++i) storage[i] = static_cast<std::uint8_t>(value >> (8U * (size - 1 - i)));
        add(id, Bytes{storage}.first(size));
    }
    [[nodiscard]] std::size_t content_size() const noexcept {
        std::size_t size = 0;
        for (const auto& element : Elements{elements_}.first(count_)) size += element.value.size() + (two_byte_ ? 2 : 1);
        return size;
    }
    void write_head(ByteWriter& out, const Element& element) const noexcept {
        const auto size = static_cast<std::uint8_t>(element.value.size());
        if (two_byte_) {
            out.be(element.id);
            out.be(size);
        } else {
            out.be(static_cast<std::uint8_t>(std::uint32_t{element.id} << 4U | (size - 1U)));
        }
    }
    // AV1 RTP specification, section A.8.2: flags and template, the frame number, the rest.
    void write_descriptor(ByteWriter& out, Bytes value) const noexcept {
        ByteReader in{value};
        out.bytes(in.take(kFrameNumberOffset));
        if (in.left() >= sizeof(frame_number_)) {
            in.skip(sizeof(frame_number_));
            out.be(frame_number_);
        }
        out.bytes(in.rest());
    }

    std::array<Element, kMost> elements_{};
    std::array<std::array<std::uint8_t, 4>, kMost> made_{};
    std::size_t count_ = 0;
    bool two_byte_ = false;
    std::size_t frame_number_of_ = kMost;  // the element that holds it
    std::uint16_t frame_number_ = 0;
};

void write_header(ByteWriter& out, const OutgoingRtp& packet) noexcept {
    const ElementList elements{packet};
    const auto padded = packet.padding > 0 ? 0x20U : 0x00U;
    out.be(static_cast<std::uint8_t>((elements.empty() ? 0x80U : 0x90U) | padded));
    out.be(static_cast<std::uint8_t>((packet.marker ? 0x80U : 0U) | (packet.payload_type & 0x7fU)));
    out.be(packet.sequence);
    out.be(packet.timestamp);
    out.be(packet.ssrc.value);
    elements.write(out);
}

[[nodiscard]] std::size_t size_or_nothing(const ByteWriter& writer) noexcept { return writer.ok() ? writer.size() : 0; }

}  // namespace

std::size_t write_rtp_header(MutableBytes out, const OutgoingRtp& packet) noexcept {
    ByteWriter writer{out};
    write_header(writer, packet);
    return size_or_nothing(writer);
}

std::size_t write_rtp(MutableBytes out, const OutgoingRtp& packet, Bytes payload) noexcept {
    ByteWriter writer{out};
    write_header(writer, packet);
    writer.bytes(payload);
    if (packet.padding > 0) {
        writer.zeros(packet.padding - 1U);
        writer.be(packet.padding);
    }
    return size_or_nothing(writer);
}

std::size_t write_rtx(MutableBytes out, const OutgoingRtp& packet, std::uint16_t original_sequence, Bytes payload) noexcept {
    ByteWriter writer{out};
    write_header(writer, packet);
    writer.be(original_sequence);
    writer.bytes(payload);
    return size_or_nothing(writer);
}

std::optional<RtxContent> read_rtx(Bytes payload) noexcept {
    ByteReader reader{payload};
    const auto sequence = reader.be<std::uint16_t>();
    if (!reader.ok() || reader.left() == 0) return std::nullopt;  // nothing but padding: a bandwidth probe
    return RtxContent{sequence, reader.rest()};
}

}  // namespace cardea
