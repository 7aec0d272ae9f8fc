// One leg's choice of layers within one encoding: temporal layers of VP8, spatial and temporal ones of VP9, decode targets of
// whatever carries a dependency descriptor. Up only where a frame allows it, down at the next frame that can be the last one.
// Asked for each packet, in order of arrival; the rewriter closes the gaps.
#pragma once

#include <bitset>
#include <cstdint>
#include <limits>

#include "proto/rtp/codec/layer_tag.hpp"

namespace cardea {

struct LayerCap {
    static constexpr std::uint8_t kAll = std::numeric_limits<std::uint8_t>::max();
    std::uint8_t spatial = kAll;
    std::uint8_t temporal = kAll;
    friend bool operator==(const LayerCap&, const LayerCap&) = default;
};

class LayerFilter {
  public:
    // Spatial and temporal layers are 0..7, or kAll.
    void set_target(LayerCap target) noexcept {
        target_ = target;
        waiting_ = Waiting::no;  // until the next frame tells
    }
    // Another stream feeds the leg from its next packet on.
    void restart() noexcept;

    struct Verdict {
        bool forward = true;
        bool ends_picture = false;  // the last packet that this leg gets of a picture: it has to carry the marker
    };
    [[nodiscard]] Verdict on_packet(const LayerTag& tag, std::uint16_t sequence, const StreamLayers& stream) noexcept;
    // The same without moving on: for what is asked for again.
    [[nodiscard]] Verdict judge(const LayerTag& tag, const StreamLayers& stream) const noexcept;

    // What is let through. kAll: as much as there is.
    [[nodiscard]] LayerCap current() const noexcept { return current_; }
    // The target is not reached, and what it waits for.
    enum class Waiting : std::uint8_t {
        no,
        temporal,       // for a frame that can be switched at; the sender makes them now and then
        spatial_down,   // likewise, or for a keyframe where layers do not build on each other
        spatial_up,     // for a keyframe
    };
    [[nodiscard]] Waiting waiting() const noexcept { return waiting_; }

  private:
    // The last frames of a stream with descriptors: which of them this leg was not given on purpose. What refers to one of them
    // cannot be decoded, whatever its layer; a lost one may still come.
    class LeftOutFrames {
      public:
        void clear() noexcept { known_ = false; }
        void on_frame(std::uint16_t number) noexcept;  // a new one
        void add(std::uint16_t number) noexcept;
        [[nodiscard]] bool has_one_of(const LayerTag& tag) const noexcept;  // of those that this frame refers to

      private:
        static constexpr std::size_t kWindow = 128;
        [[nodiscard]] bool has(std::uint16_t number) const noexcept;
        std::bitset<kWindow> left_out_;
        std::uint16_t newest_ = 0;
        bool known_ = false;
    };

    [[nodiscard]] bool is_newest(std::uint16_t sequence) noexcept;
    void on_frame(const LayerTag& tag, const StreamLayers& stream) noexcept;
    void adopt_target() noexcept;
    void on_vp8_frame(const LayerTag& tag) noexcept;
    void on_vp9_frame(const LayerTag& tag) noexcept;
    void raise_temporal(const LayerTag& tag) noexcept;
    void on_described_frame(const LayerTag& tag, const StreamLayers& stream) noexcept;
    [[nodiscard]] bool passes_vp9(const LayerTag& tag, const StreamLayers& stream) const noexcept;
    [[nodiscard]] bool passes_described(const LayerTag& tag) const noexcept;
    [[nodiscard]] int best_target(const StreamLayers& stream) const noexcept;
    void adopt(int target, const StreamLayers& stream) noexcept;
    void note_waiting(const LayerTag& tag) noexcept;

    LayerCap target_;
    LayerCap current_;
    Waiting waiting_ = Waiting::no;
    bool started_ = false;
    std::uint16_t highest_ = 0;
    std::uint8_t unbroken_ = 0xff;  // VP9: spatial layers of which every frame since the keyframe was forwarded
    std::int8_t decode_target_ = -1;
    LeftOutFrames left_out_;
};

}  // namespace cardea
