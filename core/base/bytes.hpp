// Network bytes are only read through a bounds-checked cursor, and only written through another.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

namespace cardea {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

// A read past the end yields 0 and clears ok(): check once, at the end.
class ByteReader {
  public:
    constexpr explicit ByteReader(Bytes data) noexcept : data_{data} {}

    template <class T>
    [[nodiscard]] constexpr T be() noexcept {
        static_assert(std::is_unsigned_v<T>);
        T value{};
        if (data_.size() < sizeof(T)) {
            fail();
            return value;
        }
        // A constant count: compilers make one load of it.
        for (std::size_t i = 0; i < sizeof(T); ++i) value = static_cast<T>(static_cast<std::uint64_t>(value) << 8U | data_[i]);
        data_ = data_.subspan(sizeof(T));
        return value;
    }
    [[nodiscard]] constexpr std::uint32_t be24() noexcept {
        std::uint32_t value = 0;
        for (const auto byte : take(3)) value = value << 8U | byte;
        return value;
    }
    constexpr Bytes take(std::size_t size) noexcept {
        if (size > data_.size()) {
            fail();
            return {};
        }
        const auto taken = data_.first(size);
        data_ = data_.subspan(size);
        return taken;
    }
    constexpr void skip(std::size_t size) noexcept { static_cast<void>(take(size)); }
    [[nodiscard]] constexpr Bytes rest() const noexcept { return data_; }
    [[nodiscard]] constexpr std::size_t left() const noexcept { return data_.size(); }
    [[nodiscard]] constexpr bool ok() const noexcept { return ok_; }

  private:
    constexpr void fail() noexcept {
        ok_ = false;
        data_ = {};
    }
    Bytes data_;
    bool ok_ = true;
};

// A write past the end writes nothing and clears ok().
class ByteWriter {
  public:
    constexpr explicit ByteWriter(MutableBytes out) noexcept : out_{out} {}

    template <class T>
    constexpr void be(T value) noexcept {
        static_assert(std::is_unsigned_v<T>);
        const auto room = claim(sizeof(T));
        if (room.empty()) return;
        for (std::size_t i = 0; i < sizeof(T); ++i)
            room[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8U * (sizeof(T) - 1 - i)));
    }
    constexpr void be24(std::uint32_t value) noexcept {
        const auto room = claim(3);
        for (std::size_t i = 0; i < room.size(); ++i) room[i] = static_cast<std::uint8_t>(value >> (8U * (2 - i)));
    }
    constexpr void bytes(Bytes data) noexcept {
        const auto room = claim(data.size());
        if (!room.empty()) std::copy(data.begin(), data.end(), room.begin());
    }
    constexpr void zeros(std::size_t count) noexcept {
        const auto room = claim(count);
        std::fill(room.begin(), room.end(), std::uint8_t{0});
    }
    [[nodiscard]] constexpr std::size_t size() const noexcept { return used_; }
    [[nodiscard]] constexpr std::size_t room() const noexcept { return out_.size() - used_; }
    [[nodiscard]] constexpr MutableBytes written() const noexcept { return out_.first(used_); }
    [[nodiscard]] constexpr bool ok() const noexcept { return ok_; }

  private:
    constexpr MutableBytes claim(std::size_t size) noexcept {
        if (!ok_ || size > out_.size() - used_) {
            ok_ = false;
            return {};
        }
        const auto room = out_.subspan(used_, size);
        used_ += size;
        return room;
    }
    MutableBytes out_;
    std::size_t used_ = 0;
    bool ok_ = true;
};

// Text and bytes are the same octets; these two are the only casts between them.
[[nodiscard]] inline Bytes as_bytes(std::string_view text) noexcept {
    return {static_cast<const std::uint8_t*>(static_cast<const void*>(text.data())), text.size()};
}
[[nodiscard]] inline std::string_view as_text(Bytes data) noexcept {
    return {static_cast<const char*>(static_cast<const void*>(data.data())), data.size()};
}

}  // namespace cardea
