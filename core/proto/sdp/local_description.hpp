// The m-lines of a peer connection -> the description that the gateway sends.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/sdp/media_line.hpp"

namespace cardea::sdp {

enum class DescriptionType : std::uint8_t { offer, answer };

struct LocalDescription {
    DescriptionType type = DescriptionType::offer;
    SetupRole setup = SetupRole::actpass;
    std::uint64_t session_id = 0;
    std::uint64_t version = 0;
    std::string_view cname;
    bool bundle = true;       // false: the offer had no group to answer
    bool allow_mixed = true;  // a=extmap-allow-mixed for the session
};

[[nodiscard]] SessionDescription describe(const LocalDescription& local, const std::vector<MediaLine>& lines,
                                          const LocalTransport& transport);

// The tracks of a line as the media plane gets them. `payload` is how packets from us are numbered.
[[nodiscard]] SendTrack send_track(const MediaLine& line, std::size_t index, const PayloadType& payload,
                                   const std::vector<SdpExtension>& extensions, std::string_view cname);
[[nodiscard]] ReceiveTrack receive_track(const MediaLine& line, std::size_t index, const PayloadType& payload,
                                         const std::vector<SdpExtension>& extensions);

}  // namespace cardea::sdp
