// The dependency descriptor (AV1 RTP specification, appendix A): which frame this is, in which layers, and which frames it needs.
// Any codec may carry it, and it is readable when the payload is encrypted end to end. Most packets name a template only, so a
// stream's structure, which comes with its keyframes, is kept.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace cardea {

// One bit per decode target, lowest first.
using DecodeTargets = std::uint32_t;

struct FrameReferences {
    static constexpr std::size_t kMost = 8;  // AV1 knows seven
    std::array<std::uint16_t, kMost> back{};  // how many frame numbers ago
    std::uint8_t count = 0;
};

struct DependencyTemplate {
    std::uint8_t spatial = 0;
    std::uint8_t temporal = 0;
    DecodeTargets present = 0;   // the frame belongs to these
    DecodeTargets switches = 0;  // they can be begun with it (indication S)
    FrameReferences references;
};

struct DependencyStructure {
    static constexpr std::size_t kTemplates = 64;
    static constexpr std::size_t kTargets = 32;
    std::uint8_t id_offset = 0;
    std::uint8_t template_count = 0;
    std::uint8_t target_count = 0;
    std::array<DependencyTemplate, kTemplates> templates{};
    struct Target {
        std::uint8_t spatial = 0;
        std::uint8_t temporal = 0;
    };
    std::array<Target, kTargets> targets{};

    [[nodiscard]] bool is_known() const noexcept { return target_count > 0; }
    [[nodiscard]] DecodeTargets all_targets() const noexcept {
        return target_count >= kTargets ? ~DecodeTargets{0} : (DecodeTargets{1} << target_count) - 1;
    }
};

struct DependencyDescriptor {
    bool begins_frame = false;
    bool ends_frame = false;
    std::uint16_t frame_number = 0;
    bool has_structure = false;                  // a keyframe
    std::optional<DecodeTargets> active_targets;  // from this frame on; the others are not being sent
    DependencyTemplate frame;
};

// `known` is the stream's structure so far, and is replaced by one that comes in a good descriptor. None: malformed, or of a
// structure that is not known.
[[nodiscard]] std::optional<DependencyDescriptor> parse_dependency_descriptor(Bytes value, DependencyStructure& known) noexcept;

// The frame number lies at this place in every descriptor (section A.8.2).
inline constexpr std::size_t kFrameNumberOffset = 1;

}  // namespace cardea
