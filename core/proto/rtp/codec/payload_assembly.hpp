// What is special about each codec when RTP payloads become frames as files keep them. Fed by FrameAssembler, in order, with
// all packets of one frame; what is appended to `frame` is the frame's bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "proto/rtp/codec/picture_size.hpp"

namespace cardea {

// What a file says once about a stream; known after its first keyframe.
struct StreamSetup {
    PictureSize size;
    std::vector<std::uint8_t> configuration;  // avcC, av1C; empty where the codec has none
    friend bool operator==(const StreamSetup&, const StreamSetup&) = default;
};

using FrameBytes = std::vector<std::uint8_t>;

// Each has: begin() at a frame's first packet, add() for every packet, false when it makes no sense, and finish() after the
// last, false when the frame is not whole. finish() of a keyframe brings `setup` up to date.

class Vp8Assembly {  // RFC 7741
  public:
    void begin() noexcept {}
    [[nodiscard]] bool add(Bytes payload, FrameBytes& frame);
    [[nodiscard]] bool finish(FrameBytes& frame, bool keyframe, StreamSetup& setup);
};

class Vp9Assembly {  // RFC 9628
  public:
    void begin() noexcept {
        layer_starts_.clear();
        largest_ = {};
    }
    [[nodiscard]] bool add(Bytes payload, FrameBytes& frame);
    [[nodiscard]] bool finish(FrameBytes& frame, bool keyframe, StreamSetup& setup);

  private:
    std::vector<std::size_t> layer_starts_;  // in the frame: one per spatial layer
    PictureSize largest_;                    // from the scalability structure
};

class H264Assembly {  // RFC 6184, NAL units behind four octets of length
  public:
    void begin() noexcept { open_fragment_ = kNone; }
    [[nodiscard]] bool add(Bytes payload, FrameBytes& frame);
    [[nodiscard]] bool finish(FrameBytes& frame, bool keyframe, StreamSetup& setup);

  private:
    static constexpr std::size_t kNone = ~std::size_t{0};
    void add_nal(Bytes nal, FrameBytes& frame);
    [[nodiscard]] bool add_aggregate(ByteReader reader, FrameBytes& frame);
    [[nodiscard]] bool add_fragment(std::uint8_t indicator, ByteReader reader, FrameBytes& frame);
    void note_parameters(Bytes nal);

    std::size_t open_fragment_ = kNone;  // where its length stands
    std::vector<std::uint8_t> sps_, pps_;
};

class Av1Assembly {  // RTP payload format for AV1, version 1.0
  public:
    void begin() noexcept {
        obu_.clear();
        open_ = false;
    }
    [[nodiscard]] bool add(Bytes payload, FrameBytes& frame);
    [[nodiscard]] bool finish(FrameBytes& frame, bool keyframe, StreamSetup& setup);

  private:
    [[nodiscard]] bool close_obu(FrameBytes& frame);

    std::vector<std::uint8_t> obu_;  // as it comes, over packets
    bool open_ = false;
    std::vector<std::uint8_t> sequence_;  // the newest sequence header, as written
};

class OpaqueAssembly {  // audio: a packet is a frame
  public:
    void begin() noexcept {}
    [[nodiscard]] bool add(Bytes payload, FrameBytes& frame) {
        frame.insert(frame.end(), payload.begin(), payload.end());
        return !payload.empty();
    }
    [[nodiscard]] bool finish(FrameBytes&, bool, StreamSetup&) noexcept { return true; }
};

}  // namespace cardea
