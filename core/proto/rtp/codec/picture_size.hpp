// How large the pictures of a stream are, as its keyframes say.
#pragma once

#include <cstdint>

namespace cardea {

struct PictureSize {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    [[nodiscard]] bool is_known() const noexcept { return width != 0 && height != 0; }
    friend bool operator==(const PictureSize&, const PictureSize&) = default;
};

}  // namespace cardea
