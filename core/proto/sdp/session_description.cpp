#include "proto/sdp/session_description.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace cardea {
namespace {
constexpr std::array<std::pair<std::string_view, MediaDirection>, 4> kDirections{{{"sendrecv", MediaDirection::sendrecv},
                                                                                  {"sendonly", MediaDirection::sendonly},
                                                                                  {"recvonly", MediaDirection::recvonly},
                                                                                  {"inactive", MediaDirection::inactive}}};
constexpr std::array<std::pair<std::string_view, SetupRole>, 4> kRoles{
    {{"actpass", SetupRole::actpass}, {"active", SetupRole::active}, {"passive", SetupRole::passive}, {"holdconn", SetupRole::holdconn}}};

template <class Table, class Value>
std::string_view name_in(const Table& table, Value value) noexcept {
    for (const auto& [name, known] : table)
        if (known == value) return name;
    return {};
}
template <class Table>
auto value_in(const Table& table, std::string_view text) noexcept -> std::optional<decltype(table.front().second)> {
    for (const auto& [name, value] : table)
        if (name == text) return value;
    return std::nullopt;
}
}  // namespace

std::string_view to_text(MediaDirection direction) noexcept { return name_in(kDirections, direction); }
std::optional<MediaDirection> direction_of(std::string_view text) noexcept { return value_in(kDirections, text); }
std::string_view to_text(SetupRole role) noexcept { return name_in(kRoles, role); }
std::optional<SetupRole> setup_role_of(std::string_view text) noexcept { return value_in(kRoles, text); }

MediaDirection direction_of(bool sending, bool receiving) noexcept {
    if (sending) return receiving ? MediaDirection::sendrecv : MediaDirection::sendonly;
    return receiving ? MediaDirection::recvonly : MediaDirection::inactive;
}

MediaDirection reversed(MediaDirection direction) noexcept { return direction_of(receives(direction), sends(direction)); }

const SdpFormat* MediaDescription::find_format(std::uint8_t number) const noexcept {
    const auto found = std::find_if(formats.begin(), formats.end(), [&](const SdpFormat& format) { return format.number == number; });
    return found == formats.end() ? nullptr : &*found;
}

}  // namespace cardea
