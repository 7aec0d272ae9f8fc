#include "proto/sdp/fmtp.hpp"

#include <array>
#include <charconv>

#include "proto/sdp/sdp_text.hpp"

namespace cardea::sdp {
namespace {

// profile_idc and a pattern over profile_iop, whose bits are constraint_set0..5 and two reserved ones.
struct ProfileRow {
    std::uint8_t idc;
    std::uint8_t mask;
    std::uint8_t bits;
    H264Profile profile;
};
constexpr std::array<ProfileRow, 13> kProfiles{{
    {0x42, 0x4f, 0x40, H264Profile::constrained_baseline},  // x1xx0000
    {0x4d, 0x8f, 0x80, H264Profile::constrained_baseline},  // 1xxx0000
    {0x58, 0xcf, 0xc0, H264Profile::constrained_baseline},  // 11xx0000
    {0x42, 0x4f, 0x00, H264Profile::baseline},              // x0xx0000
    {0x58, 0xcf, 0x80, H264Profile::baseline},              // 10xx0000
    {0x4d, 0xaf, 0x00, H264Profile::main},                  // 0x0x0000
    {0x58, 0xcf, 0x00, H264Profile::extended},              // 00xx0000
    {0x64, 0xff, 0x00, H264Profile::high},                  // 00000000
    {0x64, 0xff, 0x0c, H264Profile::constrained_high},      // 00001100
    {0x6e, 0xff, 0x00, H264Profile::high10},                // 00000000
    {0x7a, 0xff, 0x00, H264Profile::high422},               // 00000000
    {0xf4, 0xff, 0x00, H264Profile::high444},               // 00000000
    {0x6e, 0xff, 0x10, H264Profile::high10},                // 00010000, intra
}};

std::optional<std::uint8_t> hex_byte(std::string_view digits) noexcept {
    std::uint8_t value = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (error != std::errc{} || stop != digits.data() + digits.size()) return std::nullopt;
    return value;
}

}  // namespace

std::optional<std::string_view> fmtp_parameter(std::string_view fmtp, std::string_view name) noexcept {
    while (!fmtp.empty()) {
        auto value = trimmed(take_until(fmtp, ';'));
        if (equal_ignoring_case(trimmed(take_until(value, '=')), name)) return trimmed(value);
    }
    return std::nullopt;
}

H264Profile h264_profile_of(std::string_view profile_level_id) noexcept {
    if (profile_level_id.size() != 6) return H264Profile::unknown;
    const auto idc = hex_byte(profile_level_id.substr(0, 2));
    const auto iop = hex_byte(profile_level_id.substr(2, 2));
    if (!idc || !iop) return H264Profile::unknown;
    for (const auto& row : kProfiles)
        if (row.idc == *idc && (*iop & row.mask) == row.bits) return row.profile;
    return H264Profile::unknown;
}

H264Profile h264_profile_in(std::string_view fmtp) noexcept {
    const auto id = fmtp_parameter(fmtp, "profile-level-id");
    return id ? h264_profile_of(*id) : H264Profile::baseline;
}

std::uint8_t h264_packetization_mode(std::string_view fmtp) noexcept {
    const auto mode = fmtp_parameter(fmtp, "packetization-mode");
    return mode ? number_of<std::uint8_t>(*mode).value_or(0) : std::uint8_t{0};
}

}  // namespace cardea::sdp
