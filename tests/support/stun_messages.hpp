// STUN as a client speaks it, written without the codec under test: Binding requests to sign and bend, responses to look into.
#pragma once

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/bytes.hpp"

namespace cardea::testing {

inline constexpr std::uint32_t kStunCookie = 0x2112a442;

inline std::uint32_t crc32(Bytes data) {
    std::uint32_t crc = 0xffffffffU;
    for (const auto byte : data) {
        crc ^= byte;
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1U ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
    }
    return ~crc;
}

class StunMessageBuilder {
  public:
    explicit StunMessageBuilder(std::uint16_t type = 0x0001) {
        put16(type);
        put16(0);
        put16(kStunCookie >> 16U);
        put16(kStunCookie & 0xffffU);
        for (std::uint8_t i = 0; i < 12; ++i) bytes_.push_back(static_cast<std::uint8_t>(0xa0 + i));
    }
    StunMessageBuilder& attribute(std::uint16_t type, Bytes value) {
        put16(type);
        put16(static_cast<std::uint16_t>(value.size()));
        bytes_.insert(bytes_.end(), value.begin(), value.end());
        while (bytes_.size() % 4 != 0) bytes_.push_back(0);
        return fix_length();
    }
    StunMessageBuilder& attribute(std::uint16_t type, std::string_view value) { return attribute(type, as_bytes(value)); }
    StunMessageBuilder& username(std::string_view name) { return attribute(0x0006, name); }
    StunMessageBuilder& priority(std::uint32_t value) {
        const std::array<std::uint8_t, 4> raw{static_cast<std::uint8_t>(value >> 24U), static_cast<std::uint8_t>(value >> 16U),
                                              static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value)};
        return attribute(0x0024, raw);
    }
    StunMessageBuilder& use_candidate() { return attribute(0x0025, Bytes{}); }
    StunMessageBuilder& controlling(std::uint64_t tie_breaker = 7) { return role(0x802a, tie_breaker); }
    StunMessageBuilder& controlled(std::uint64_t tie_breaker = 7) { return role(0x8029, tie_breaker); }
    StunMessageBuilder& integrity(std::string_view password) {
        set_length(bytes_.size() - 20 + 24);
        std::array<std::uint8_t, 20> mac{};
        unsigned size = 0;
        HMAC(EVP_sha1(), password.data(), static_cast<int>(password.size()), bytes_.data(), bytes_.size(), mac.data(), &size);
        return attribute(0x0008, mac);
    }
    StunMessageBuilder& fingerprint() {
        set_length(bytes_.size() - 20 + 8);
        const auto crc = crc32(bytes_) ^ 0x5354554eU;
        const std::array<std::uint8_t, 4> raw{static_cast<std::uint8_t>(crc >> 24U), static_cast<std::uint8_t>(crc >> 16U),
                                              static_cast<std::uint8_t>(crc >> 8U), static_cast<std::uint8_t>(crc)};
        return attribute(0x8028, raw);
    }
    [[nodiscard]] std::vector<std::uint8_t> bytes() const { return bytes_; }

  private:
    StunMessageBuilder& role(std::uint16_t type, std::uint64_t tie_breaker) {
        std::array<std::uint8_t, 8> raw{};
        ByteWriter{raw}.be<std::uint64_t>(tie_breaker);
        return attribute(type, raw);
    }
    void put16(std::uint32_t value) {
        bytes_.push_back(static_cast<std::uint8_t>(value >> 8U));
        bytes_.push_back(static_cast<std::uint8_t>(value));
    }
    void set_length(std::size_t length) {
        bytes_[2] = static_cast<std::uint8_t>(length >> 8U);
        bytes_[3] = static_cast<std::uint8_t>(length);
    }
    StunMessageBuilder& fix_length() {
        set_length(bytes_.size() - 20);
        return *this;
    }
    std::vector<std::uint8_t> bytes_;
};

struct BindingCheck {
    std::string_view username;
    std::string_view password;
    std::uint32_t priority = 1845494271;
    bool nominate = false;
};
// What a browser sends.
inline std::vector<std::uint8_t> build_binding_request(const BindingCheck& check) {
    StunMessageBuilder builder;
    builder.username(check.username).controlling().priority(check.priority);
    if (check.nominate) builder.use_candidate();
    return builder.integrity(check.password).fingerprint().bytes();
}

struct StunResponse {
    std::uint16_t type = 0;  // 0x0101 success, 0x0111 error
    std::uint16_t error = 0;
    std::optional<SocketAddress> mapped;
    std::array<std::uint8_t, 12> transaction{};
    bool authentic = false;  // MESSAGE-INTEGRITY under the password
    bool fingerprint_ok = false;
};

inline std::optional<SocketAddress> read_xor_mapped(Bytes value, Bytes cookie_and_transaction) {
    ByteReader reader{value};
    const auto family = reader.be<std::uint16_t>();
    const auto port = static_cast<std::uint16_t>(reader.be<std::uint16_t>() ^ (kStunCookie >> 16U));
    sockaddr_storage raw{};
    std::array<std::uint8_t, 16> ip{};
    const std::size_t size = family == 1 ? 4 : 16;
    const auto bytes = reader.take(size);
    if (!reader.ok()) return std::nullopt;
    for (std::size_t i = 0; i < size; ++i) ip[i] = static_cast<std::uint8_t>(bytes[i] ^ cookie_and_transaction[i]);
    if (family == 1) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        std::memcpy(&v4.sin_addr, ip.data(), 4);
        std::memcpy(&raw, &v4, sizeof(v4));
    } else {
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        std::memcpy(&v6.sin6_addr, ip.data(), 16);
        std::memcpy(&raw, &v6, sizeof(v6));
    }
    return SocketAddress::from(raw);
}

inline std::optional<StunResponse> parse_binding_response(Bytes message, std::string_view password) {
    ByteReader reader{message};
    StunResponse response;
    response.type = reader.be<std::uint16_t>();
    const auto length = reader.be<std::uint16_t>();
    reader.skip(4);
    const auto transaction = reader.take(12);
    if (!reader.ok() || length + 20U != message.size()) return std::nullopt;
    std::copy(transaction.begin(), transaction.end(), response.transaction.begin());
    while (reader.left() > 0) {
        const auto offset = message.size() - reader.left();
        const auto type = reader.be<std::uint16_t>();
        const std::size_t size = reader.be<std::uint16_t>();
        const auto value = reader.take(size);
        reader.skip((4 - size % 4) % 4);
        if (!reader.ok()) return std::nullopt;
        if (type == 0x0009 && size >= 4) response.error = static_cast<std::uint16_t>((value[2] & 7U) * 100 + value[3]);
        if (type == 0x0020) response.mapped = read_xor_mapped(value, message.subspan(4, 16));
        if (type != 0x0008 && type != 0x8028) continue;
        // Both cover the message up to themselves, with the length as if they were its end.
        std::vector<std::uint8_t> covered{message.begin(), message.begin() + static_cast<std::ptrdiff_t>(offset)};
        const auto covered_length = offset - 20 + (type == 0x0008 ? 24U : 8U);
        covered[2] = static_cast<std::uint8_t>(covered_length >> 8U);
        covered[3] = static_cast<std::uint8_t>(covered_length);
        if (type == 0x0008 && size == 20) {
            std::array<std::uint8_t, 20> mac{};
            unsigned mac_size = 0;
            HMAC(EVP_sha1(), password.data(), static_cast<int>(password.size()), covered.data(), covered.size(), mac.data(), &mac_size);
            response.authentic = std::equal(value.begin(), value.end(), mac.begin());
        } else if (type == 0x8028) {
            response.fingerprint_ok = ByteReader{value}.be<std::uint32_t>() == (crc32(covered) ^ 0x5354554eU);
        }
    }
    return response;
}

}  // namespace cardea::testing
