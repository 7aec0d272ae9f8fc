// Numbers of pictures or frames inside payloads and descriptors, continued over a source switch by an offset per epoch. Unlike
// sequence numbers they keep the gaps of what was left out: VP9's references and the dependency descriptor's count back by them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "proto/rtp/source_epoch.hpp"

namespace cardea {

class PictureOffsets {
  public:
    // The leg's number; the field is `bits` wide. None: of an epoch that is too long over.
    [[nodiscard]] std::optional<std::uint16_t> map(SourceEpoch epoch, std::uint16_t number, unsigned bits) noexcept {
        const auto mask = static_cast<std::uint16_t>((1U << bits) - 1U);
        Epoch* known = find(epoch);
        if (known == nullptr) {
            if (epoch < epochs_[newest_].id) return std::nullopt;
            newest_ = (newest_ + 1) % epochs_.size();
            known = &epochs_[newest_];
            *known = {epoch, static_cast<std::uint16_t>(last_ + 1U - number)};
        }
        const auto mapped = static_cast<std::uint16_t>((number + known->offset) & mask);
        const auto ahead = (mapped - last_) & mask;
        if (known == &epochs_[newest_] && ahead <= mask / 2) last_ = mapped;
        return mapped;
    }

  private:
    struct Epoch {
        SourceEpoch id{};
        std::uint16_t offset = 0;
    };
    [[nodiscard]] Epoch* find(SourceEpoch epoch) noexcept {
        for (auto& known : epochs_)
            if (known.id == epoch) return &known;
        return nullptr;
    }
    std::array<Epoch, 8> epochs_{};
    std::size_t newest_ = 0;
    std::uint16_t last_ = 0xffff;  // the newest given out
};

}  // namespace cardea
