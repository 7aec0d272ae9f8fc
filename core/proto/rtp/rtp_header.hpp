// What the fixed header of an RTP packet says, and where its parts are.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/strong_id.hpp"

namespace cardea {

struct RtpHeader {
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    Ssrc ssrc{};
    std::uint8_t payload_type = 0;
    bool marker = false;
    std::size_t header_size = 0;          // with CSRCs and extension block: the payload starts here
    std::uint8_t padding_size = 0;        // octets after the payload
    std::uint16_t extension_profile = 0;  // "defined by profile" (RFC 8285: 0xBEDE or 0x100x); 0 when there is no block
    std::size_t extension_offset = 0;     // of the block's first element
    std::size_t extension_size = 0;       // without the block's own four octets
};

}  // namespace cardea
