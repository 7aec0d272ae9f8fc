// Streams as encoders make them, for tests of layer selection: VP8 with three temporal layers, VP9 and AV1 with spatial ones, full and
// k-SVC. One packet a layer frame, in order.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proto/rtp/codec/layer_tag.hpp"
#include "support/descriptors.hpp"

namespace cardea::test {

struct StreamPacket {
    std::vector<std::uint8_t> payload;
    std::vector<std::uint8_t> descriptor;
    std::uint32_t picture = 0;
    std::uint8_t spatial = 0;
    std::uint8_t temporal = 0;
    bool key = false;
    bool marker = false;
};

// 0 2 1 2: the pattern of libvpx with three temporal layers. Layer 1 and the first of layer 2 refer to the base layer alone.
inline std::uint8_t temporal_of(std::uint32_t picture) {
    constexpr std::uint8_t kPattern[] = {0, 2, 1, 2};
    return kPattern[picture % 4];
}

class Vp8Stream {
  public:
    explicit Vp8Stream(std::uint16_t first_picture = 100, std::uint8_t first_tl0 = 10) : id_{first_picture}, tl0_{first_tl0} {}
    [[nodiscard]] StreamPacket next(bool key = false) {
        if (key) picture_ = 0;
        StreamPacket packet{.picture = picture_, .temporal = temporal_of(picture_), .key = key, .marker = true};
        const bool sync = picture_ % 4 == 1 || picture_ % 4 == 2;
        if (packet.temporal == 0) ++tl0_;
        packet.payload = {0x90, 0xe0, static_cast<std::uint8_t>(0x80U | (id_ >> 8U & 0x7fU)), static_cast<std::uint8_t>(id_), tl0_,
                          static_cast<std::uint8_t>(static_cast<unsigned>(packet.temporal) << 6U | (sync ? 0x20U : 0U)), static_cast<std::uint8_t>(key ? 0x00 : 0x01),
                          0x55, 0x66, 0x77};
        ++picture_;
        ++id_;
        return packet;
    }

  private:
    std::uint32_t picture_ = 0;
    std::uint16_t id_;
    std::uint8_t tl0_;
};

// Three spatial and three temporal layers, non-flexible mode. kSvc: spatial layers refer to each other in keyframes only.
class Vp9Stream {
  public:
    explicit Vp9Stream(bool k_svc, unsigned layers = 3) : k_svc_{k_svc}, layers_{layers} {}
    [[nodiscard]] std::vector<StreamPacket> next(bool key = false) {
        if (key) picture_ = 0;
        const auto temporal = temporal_of(picture_);
        if (temporal == 0) ++tl0_;
        const bool switch_up = picture_ % 4 != 3;
        std::vector<StreamPacket> out;
        for (std::uint8_t spatial = 0; spatial < layers_; ++spatial) {
            const bool uses_below = spatial > 0 && (key || !k_svc_);
            const bool unused_above = spatial + 1U == layers_ || (k_svc_ && !key);
            const bool structure = key && spatial == 0;
            StreamPacket packet{.picture = picture_, .spatial = spatial, .temporal = temporal, .key = key, .marker = spatial + 1U == layers_};
            packet.payload = {static_cast<std::uint8_t>(0x80U | (key ? 0U : 0x40U) | 0x20U | 0x0cU | (structure ? 0x02U : 0U) | (unused_above ? 1U : 0U)),
                              static_cast<std::uint8_t>(0x80U | (id_ >> 8U & 0x7fU)), static_cast<std::uint8_t>(id_),
                              static_cast<std::uint8_t>(static_cast<unsigned>(temporal) << 5U | (switch_up ? 0x10U : 0U) | static_cast<unsigned>(spatial) << 1U | (uses_below ? 1U : 0U)), tl0_};
            if (structure) packet.payload.push_back(static_cast<std::uint8_t>((layers_ - 1U) << 5U));
            packet.payload.push_back(0x77);
            out.push_back(std::move(packet));
        }
        ++picture_;
        ++id_;
        return out;
    }

  private:
    bool k_svc_;
    unsigned layers_;
    std::uint32_t picture_ = 0;
    std::uint16_t id_ = 700;
    std::uint8_t tl0_ = 5;
};

// Two spatial and two temporal layers with dependency descriptors. Decode targets: S0T0, S0T1, S1T0, S1T1.
class DescribedStream {
  public:
    DescribedStream(bool k_svc, std::uint16_t first_frame = 1000, std::uint8_t id_offset = 0) : k_svc_{k_svc}, frame_{first_frame} {
        structure_.id_offset = id_offset;
        structure_.chain_count = 2;
        structure_.protected_by = {0, 0, 1, 1};
        structure_.resolutions = {{320, 180}, {640, 360}};
        if (k_svc) {
            structure_.templates = {{0, 0, "SSSS", {}, {0, 0}},  {0, 0, "SS--", {4}, {4, 3}}, {0, 1, "-D--", {2}, {2, 1}},
                                    {1, 0, "--SS", {1}, {1, 1}}, {1, 0, "--SS", {4}, {1, 4}}, {1, 1, "---D", {2}, {3, 2}}};
        } else {
            structure_.templates = {{0, 0, "SSSS", {}, {0, 0}},  {0, 0, "SSRR", {4}, {4, 3}},    {0, 1, "-D-R", {2}, {2, 1}},
                                    {1, 0, "--SS", {1}, {1, 1}}, {1, 0, "--SS", {4, 1}, {1, 4}}, {1, 1, "---D", {2, 1}, {3, 2}}};
        }
    }
    [[nodiscard]] std::vector<StreamPacket> next(bool key = false, int active_targets = -1) {
        if (key) picture_ = 0;
        const auto temporal = static_cast<std::uint8_t>(picture_ % 2);
        std::vector<StreamPacket> out;
        for (std::uint8_t spatial = 0; spatial < spatial_layers; ++spatial) {
            const unsigned base = spatial * 3U;
            const unsigned index = key ? base : temporal == 0 ? base + 1U : base + 2U;
            const bool first = spatial == 0;
            StreamPacket packet{.picture = picture_, .spatial = spatial, .temporal = temporal, .key = key, .marker = spatial + 1U == spatial_layers};
            packet.descriptor = descriptor({.template_id = static_cast<std::uint8_t>((structure_.id_offset + index) % 64),
                                            .frame_number = frame_++,
                                            .structure = key && first ? &structure_ : nullptr,
                                            .active_targets = first ? active_targets : -1,
                                            .active_count = 4});
            packet.payload = {0x10, 0x0a, 0x01};
            out.push_back(std::move(packet));
        }
        ++picture_;
        return out;
    }
    unsigned spatial_layers = 2;

  private:
    bool k_svc_;
    StructureText structure_;
    std::uint32_t picture_ = 0;
    std::uint16_t frame_;
};

}  // namespace cardea::test
