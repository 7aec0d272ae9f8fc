// Bits, most significant first, behind the same promise as ByteReader: past the end there are only zeros, and ok() says so.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"

namespace cardea {

class BitReader {
  public:
    constexpr explicit BitReader(Bytes data) noexcept : data_{data} {}

    // At most 32.
    [[nodiscard]] constexpr std::uint32_t bits(unsigned count) noexcept {
        std::uint32_t value = 0;
        for (; count > 0; --count) value = value << 1U | next();
        return value;
    }
    [[nodiscard]] constexpr bool flag() noexcept { return next() != 0; }
    constexpr void skip(unsigned count) noexcept {
        for (; count > 0; --count) static_cast<void>(next());
    }
    // ue(v) of H.264 (section 9.1), uvlc() of AV1: as many zeros as bits follow the one.
    [[nodiscard]] constexpr std::uint32_t exp_golomb() noexcept {
        unsigned zeros = 0;
        while (ok_ && next() == 0) ++zeros;
        if (zeros >= 32) {
            ok_ = false;
            return 0;
        }
        return (1U << zeros) - 1 + bits(zeros);
    }
    [[nodiscard]] constexpr bool ok() const noexcept { return ok_; }

  private:
    constexpr std::uint32_t next() noexcept {
        if (position_ >= data_.size() * 8) {
            ok_ = false;
            return 0;
        }
        const auto octet = data_[position_ / 8];
        const auto bit = octet >> (7U - position_ % 8U) & 1U;
        ++position_;
        return bit;
    }
    Bytes data_;
    std::size_t position_ = 0;
    bool ok_ = true;
};

}  // namespace cardea
