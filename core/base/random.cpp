#include "base/random.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "base/assert.hpp"

namespace cardea {
namespace {

void draw(MutableBytes out) noexcept {
    // Without randomness there is no security left to save.
    CARDEA_ASSERT(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1);
}

// A call of OpenSSL's generator costs 2 us, however little is asked for. What was given out, or is left at the end, is wiped.
class Supply {
  public:
    Supply() = default;
    ~Supply() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }
    Supply(const Supply&) = delete;
    Supply& operator=(const Supply&) = delete;

    static constexpr std::size_t kMost = 16;  // more goes to the generator itself: keys do

    void take(MutableBytes out) noexcept {
        if (left_ < out.size()) {
            draw(bytes_);
            left_ = bytes_.size();
        }
        const auto from = MutableBytes{bytes_}.subspan(left_ - out.size(), out.size());
        std::copy(from.begin(), from.end(), out.begin());
        OPENSSL_cleanse(from.data(), from.size());
        left_ -= out.size();
    }

  private:
    std::array<std::uint8_t, 512> bytes_{};
    std::size_t left_ = 0;
};
thread_local Supply supply;

}  // namespace

void random_bytes(MutableBytes out) noexcept { out.size() <= Supply::kMost ? supply.take(out) : draw(out); }

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

bool equal_constant_time(Bytes a, Bytes b) noexcept { return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0; }

}  // namespace cardea
