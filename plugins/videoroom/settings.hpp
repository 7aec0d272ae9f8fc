// What a room is set to: from a `create`, from the configuration, from the file of permanent rooms, changed by `edit`.
#pragma once

#include <cardea/json.hpp>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "api_id.hpp"

namespace cardea::videoroom {

constexpr std::uint64_t kLowestBitrate = 64'000;  // bits per second; a lower cap would end the video altogether

// 0: no cap.
[[nodiscard]] constexpr std::uint64_t usable_bitrate(std::uint64_t wished) noexcept {
    return wished > 0 && wished < kLowestBitrate ? kLowestBitrate : wished;
}

struct DummyStream {
    std::string codec, fmtp;
};

struct RoomSettings {
    std::string description;
    std::string secret, pin;
    bool is_private = false, require_pvtid = false, require_e2ee = false, notify_joining = false, signed_tokens = false;
    bool check_allowed = false;     // only tokens of `allowed` get in
    std::set<std::string> allowed;
    std::uint64_t publishers = 3;
    std::uint64_t bitrate = 0;  // bits per second; 0 = no cap
    bool bitrate_cap = false;
    std::uint64_t fir_freq = 0;  // seconds; 0 = never
    std::vector<std::string> audio_codecs{"opus"}, video_codecs{"vp8"};
    std::string vp9_profile, h264_profile;
    bool opus_fec = true, opus_dtx = false;
    bool audiolevel_ext = true, audiolevel_event = false, videoorient_ext = true, playoutdelay_ext = true, transport_wide_cc_ext = true;
    std::uint64_t audio_active_packets = 100, audio_level_average = 25;
    bool record = false, lock_record = false;
    std::string rec_dir;
    bool dummy_publisher = false, dummy_e2ee = false;
    std::vector<DummyStream> dummy_streams;

    // body of a `create`, already validated. Throws RequestError for what the table cannot say.
    [[nodiscard]] static RoomSettings from(const Json& body, const ApiId& id);
    // body of an `edit`, already validated: its new_... members.
    void edit(const Json& body);
    // A body that from() makes these settings of again.
    [[nodiscard]] Json to_body(const ApiId& id) const;
};

}  // namespace cardea::videoroom
