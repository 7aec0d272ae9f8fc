// Which payload type number means which codec, and which extension id which URI, in one bundle. RFC 8843 sections 10.1.2
// and 15 want both the same on every m-line, so they are handed out per peer connection and never change their meaning.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "proto/sdp/session_description.hpp"

namespace cardea {

class PayloadTable {
  public:
    struct Numbers {
        std::uint8_t number = 0;
        std::uint8_t rtx = 0;
    };
    // What the client uses already.
    void note(const MediaDescription& media);
    // The number of this codec with this fmtp: the one it has, else its conventional one, else a free one; nullopt: none left.
    // Another variant of the same has numbers of its own.
    [[nodiscard]] std::optional<Numbers> numbers_of(const PayloadType& type, unsigned variant = 0);

  private:
    struct Meaning {
        std::string encoding;  // lower case
        std::uint32_t clock_rate = 0;
        std::uint8_t channels = 1;
        std::string fmtp;
        unsigned variant = 0;
        friend bool operator==(const Meaning&, const Meaning&) = default;
    };
    [[nodiscard]] std::optional<std::uint8_t> claim(const Meaning& meaning, std::uint8_t preferred);
    [[nodiscard]] std::optional<std::uint8_t> free_number() const;
    std::map<std::uint8_t, Meaning> meanings_;
};

class ExtensionTable {
  public:
    void note(const MediaDescription& media);
    // nullopt: all 14 ids of the one-byte form (RFC 8285 section 4.2) are taken.
    [[nodiscard]] std::optional<std::uint8_t> id_of(std::string_view uri, std::uint8_t preferred);

  private:
    std::map<std::uint8_t, std::string> uris_;
};

}  // namespace cardea
