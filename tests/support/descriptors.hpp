// Dependency descriptors (AV1 RTP specification, appendix A) as a sender writes them: bit by bit, from a description of the layers.
// Shares nothing with the parser it tests.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cardea::test {

class BitString {
  public:
    BitString& put(std::uint32_t value, int bits) {
        for (int i = bits - 1; i >= 0; --i) bits_.push_back((value >> i & 1U) != 0);
        return *this;
    }
    // ns(n)
    BitString& put_non_symmetric(std::uint32_t value, std::uint32_t n) {
        int w = 0;
        while (n >> w != 0) ++w;
        const std::uint32_t m = (1U << w) - n;
        return value < m ? put(value, w - 1) : put(value + m, w);
    }
    [[nodiscard]] std::vector<std::uint8_t> bytes() const {
        std::vector<std::uint8_t> out((bits_.size() + 7) / 8);
        for (std::size_t i = 0; i < bits_.size(); ++i)
            if (bits_[i]) out[i / 8] = static_cast<std::uint8_t>(out[i / 8] | 0x80U >> i % 8);
        return out;
    }

  private:
    std::vector<bool> bits_;
};

struct TemplateText {
    std::uint8_t spatial;
    std::uint8_t temporal;
    std::string indications;            // "SSR-D", one letter a decode target
    std::vector<std::uint32_t> back;    // frame differences
    std::vector<std::uint32_t> chains;  // one a chain
};

struct StructureText {
    std::uint8_t id_offset = 0;
    std::vector<TemplateText> templates;
    std::uint32_t chain_count = 1;
    std::vector<std::uint32_t> protected_by;  // one a decode target
    std::vector<std::pair<std::uint32_t, std::uint32_t>> resolutions;
};

inline std::uint32_t indication_of(char c) { return c == 'S' ? 2U : c == 'R' ? 3U : c == 'D' ? 1U : 0U; }

inline void put_structure(BitString& out, const StructureText& text) {
    const auto targets = static_cast<std::uint32_t>(text.templates.front().indications.size());
    out.put(text.id_offset, 6).put(targets - 1, 5);
    for (std::size_t i = 0; i < text.templates.size(); ++i) {
        std::uint32_t next = 3;
        if (i + 1 < text.templates.size()) {
            const auto& a = text.templates[i];
            const auto& b = text.templates[i + 1];
            next = b.spatial != a.spatial ? 2U : b.temporal != a.temporal ? 1U : 0U;
        }
        out.put(next, 2);
    }
    for (const auto& made : text.templates)
        for (const char c : made.indications) out.put(indication_of(c), 2);
    for (const auto& made : text.templates) {
        for (const auto back : made.back) out.put(1, 1).put(back - 1, 4);
        out.put(0, 1);
    }
    out.put_non_symmetric(text.chain_count, targets + 1);
    if (text.chain_count > 0) {
        for (const auto chain : text.protected_by) out.put_non_symmetric(chain, text.chain_count);
        for (const auto& made : text.templates)
            for (const auto chain : made.chains) out.put(chain, 4);
    }
    out.put(text.resolutions.empty() ? 0 : 1, 1);
    for (const auto& [width, height] : text.resolutions) out.put(width - 1, 16).put(height - 1, 16);
}

struct DescriptorText {
    bool begins = true;
    bool ends = true;
    std::uint8_t template_id = 0;
    std::uint16_t frame_number = 0;
    const StructureText* structure = nullptr;
    int active_targets = -1;          // bitmask
    int active_count = 0;             // its width
    std::string indications;          // custom ones
    std::vector<std::uint32_t> back;  // custom ones
};

inline std::vector<std::uint8_t> descriptor(const DescriptorText& text) {
    BitString out;
    out.put(text.begins ? 1 : 0, 1).put(text.ends ? 1 : 0, 1).put(text.template_id, 6).put(text.frame_number, 16);
    const bool extended = text.structure != nullptr || text.active_targets >= 0 || !text.indications.empty() || !text.back.empty();
    if (!extended) return out.bytes();
    out.put(text.structure != nullptr ? 1 : 0, 1).put(text.active_targets >= 0 ? 1 : 0, 1);
    out.put(text.indications.empty() ? 0 : 1, 1).put(text.back.empty() ? 0 : 1, 1).put(0, 1);
    if (text.structure != nullptr) put_structure(out, *text.structure);
    if (text.active_targets >= 0) out.put(static_cast<std::uint32_t>(text.active_targets), text.active_count);
    for (const char c : text.indications) out.put(indication_of(c), 2);
    for (const auto back : text.back) {
        const int size = back <= 16 ? 1 : back <= 256 ? 2 : 3;
        out.put(static_cast<std::uint32_t>(size), 2).put(back - 1, 4 * size);
    }
    if (!text.back.empty()) out.put(0, 2);
    return out.bytes();
}

}  // namespace cardea::test
