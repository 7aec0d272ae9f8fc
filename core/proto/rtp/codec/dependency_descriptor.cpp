#include "proto/rtp/codec/dependency_descriptor.hpp"

#include <algorithm>
#include <bit>

#include "proto/rtp/codec/bit_reader.hpp"

namespace cardea {

namespace {

constexpr std::size_t kMandatory = 3;

struct Flags {
    bool structure = false;
    bool active_targets = false;
    bool custom_targets = false;
    bool custom_references = false;
};

// ns(n), section A.8.1: values below 2^w - n take a bit less.
std::uint32_t non_symmetric(BitReader& in, std::uint32_t n) noexcept {
    const auto w = static_cast<unsigned>(std::bit_width(n));
    const std::uint32_t m = (1U << w) - n;
    const std::uint32_t v = in.bits(w - 1);
    if (v < m) return v;
    return (v << 1U) - m + in.bits(1);
}

// Each template follows the one before in its layer, the next temporal or the next spatial one.
bool read_template_layers(BitReader& in, DependencyStructure& structure) noexcept {
    std::uint8_t spatial = 0;
    std::uint8_t temporal = 0;
    for (;;) {
        if (structure.template_count == DependencyStructure::kTemplates) return false;
        auto& made = structure.templates[structure.template_count++];
        made = {};
        made.spatial = spatial;
        made.temporal = temporal;
        switch (in.bits(2)) {
            case 0: break;
            case 1: ++temporal; break;
            case 2:
                temporal = 0;
                ++spatial;
                break;
            default: return in.ok();
        }
        if (!in.ok() || spatial > 7 || temporal > 7) return false;
    }
}

// Decode target indications: 0 not present, 1 discardable, 2 switch, 3 required.
void read_targets(BitReader& in, unsigned count, DependencyTemplate& frame) noexcept {
    frame.present = frame.switches = 0;
    for (unsigned i = 0; i < count; ++i) {
        const auto indication = in.bits(2);
        if (indication != 0) frame.present |= DecodeTargets{1} << i;
        if (indication == 2) frame.switches |= DecodeTargets{1} << i;
    }
}

bool add_reference(FrameReferences& references, std::uint32_t back) noexcept {
    if (references.count == FrameReferences::kMost) return false;
    references.back[references.count++] = static_cast<std::uint16_t>(back);
    return true;
}

bool read_template_references(BitReader& in, DependencyTemplate& frame) noexcept {
    while (in.flag())
        if (!add_reference(frame.references, in.bits(4) + 1)) return false;
    return in.ok();
}

bool read_custom_references(BitReader& in, DependencyTemplate& frame) noexcept {
    frame.references.count = 0;
    for (auto size = in.bits(2); size != 0; size = in.bits(2))
        if (!add_reference(frame.references, in.bits(4 * size) + 1)) return false;
    return in.ok();
}

// Chains tell receivers what is broken; nothing here asks them.
void skip_chains(BitReader& in, const DependencyStructure& structure) noexcept {
    const auto chains = non_symmetric(in, structure.target_count + 1U);
    if (chains == 0) return;
    for (unsigned target = 0; target < structure.target_count; ++target) static_cast<void>(non_symmetric(in, chains));
    for (unsigned i = 0; i < structure.template_count; ++i) in.skip(4 * chains);
}

// Section A.8.3: a decode target has the highest layers of the frames that belong to it.
void derive_target_layers(DependencyStructure& structure) noexcept {
    for (unsigned target = 0; target < structure.target_count; ++target) {
        auto& layers = structure.targets[target];
        layers = {};
        for (unsigned i = 0; i < structure.template_count; ++i) {
            const auto& made = structure.templates[i];
            if ((made.present >> target & 1U) == 0) continue;
            layers.spatial = std::max(layers.spatial, made.spatial);
            layers.temporal = std::max(layers.temporal, made.temporal);
        }
    }
}

bool read_structure(BitReader& in, DependencyStructure& structure) noexcept {
    structure.id_offset = static_cast<std::uint8_t>(in.bits(6));
    structure.target_count = static_cast<std::uint8_t>(in.bits(5) + 1);
    structure.template_count = 0;
    if (!read_template_layers(in, structure)) return false;
    const unsigned templates = structure.template_count;
    for (unsigned i = 0; i < templates; ++i) read_targets(in, structure.target_count, structure.templates[i]);
    for (unsigned i = 0; i < templates; ++i)
        if (!read_template_references(in, structure.templates[i])) return false;
    skip_chains(in, structure);
    derive_target_layers(structure);
    // One render resolution of 16 and 16 bits per spatial layer; the last template has the highest.
    if (in.flag()) in.skip(32 * (structure.templates[templates - 1].spatial + 1U));
    return in.ok();
}

// The part of a frame that its template gives, or its own.
bool read_frame(BitReader& in, const Flags& flags, std::uint8_t template_id, const DependencyStructure& structure,
                DependencyDescriptor& descriptor) noexcept {
    if (!structure.is_known()) return false;
    if (flags.active_targets) descriptor.active_targets = in.bits(structure.target_count);
    const unsigned index = (template_id + 64U - structure.id_offset) % 64U;
    if (index >= structure.template_count) return false;
    descriptor.frame = structure.templates[index];
    if (flags.custom_targets) read_targets(in, structure.target_count, descriptor.frame);
    if (flags.custom_references && !read_custom_references(in, descriptor.frame)) return false;
    return in.ok();
}

}  // namespace

std::optional<DependencyDescriptor> parse_dependency_descriptor(Bytes value, DependencyStructure& known) noexcept {
    BitReader in{value};
    DependencyDescriptor descriptor;
    descriptor.begins_frame = in.flag();
    descriptor.ends_frame = in.flag();
    const auto template_id = static_cast<std::uint8_t>(in.bits(6));
    descriptor.frame_number = static_cast<std::uint16_t>(in.bits(16));
    Flags flags;
    if (value.size() > kMandatory) {
        flags.structure = in.flag();
        flags.active_targets = in.flag();
        flags.custom_targets = in.flag();
        flags.custom_references = in.flag();
        in.skip(1);  // custom chains: the last thing in the descriptor
    }
    if (!in.ok()) return std::nullopt;
    if (!flags.structure) {
        if (!read_frame(in, flags, template_id, known, descriptor)) return std::nullopt;
        return descriptor;
    }
    DependencyStructure structure;
    if (!read_structure(in, structure)) return std::nullopt;
    descriptor.has_structure = true;
    descriptor.active_targets = structure.all_targets();
    if (!read_frame(in, flags, template_id, structure, descriptor)) return std::nullopt;
    known = structure;
    return descriptor;
}

}  // namespace cardea
