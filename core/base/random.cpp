#include "base/random.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <array>

#include "base/assert.hpp"

namespace cardea {

void random_bytes(MutableBytes out) noexcept {
    // Without randomness there is no security left to save.
    CARDEA_ASSERT(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1);
}

std::uint32_t random_u32() noexcept { return static_cast<std::uint32_t>(random_u64()); }

std::uint64_t random_u64() noexcept {
    std::array<std::uint8_t, 8> raw{};
    random_bytes(raw);
    return ByteReader{raw}.be<std::uint64_t>();
}

std::uint64_t random_id53() noexcept {
    for (;;) {
        if (const auto id = random_u64() & 0x1fffffffffffffU; id != 0) return id;
    }
}

std::string random_ice_text(std::size_t size) {
    static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text(size, 'A');
    std::array<std::uint8_t, 64> raw{};
    for (std::size_t i = 0; i < size; ++i) {
        if (i % raw.size() == 0) random_bytes(raw);
        text[i] = kAlphabet[raw[i % raw.size()] & 63U];
    }
    return text;
}

bool equal_constant_time(Bytes a, Bytes b) noexcept {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace cardea
