// Who gets in: pins, secrets, allowed and signed tokens, private ids. Wrong ones are counted per room.
#include "access.hpp"

#include <algorithm>
#include <bit>

#include "errors.hpp"
#include "videoroom.hpp"

namespace cardea::videoroom {

bool equal_constant_time(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        difference |= static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
    return difference == 0;
}

KeyCheck compare_key(std::string_view key, const Json& given) noexcept {
    if (key.empty()) return KeyCheck::good;
    if (!given) return KeyCheck::missing;
    if (!given.is_string()) return KeyCheck::no_text;
    return equal_constant_time(key, given.text()) ? KeyCheck::good : KeyCheck::wrong;
}

void check_key(std::string_view key, const Json& body, const char* name) {
    switch (compare_key(key, body[name])) {
        case KeyCheck::good: return;
        case KeyCheck::missing: refuse(kMissingElement, "Missing mandatory element (" + std::string{name} + ")");
        case KeyCheck::no_text: refuse(kInvalidElement, "Invalid element type (" + std::string{name} + " should be a string)");
        case KeyCheck::wrong: refuse(kUnauthorized, "Unauthorized (wrong " + std::string{name} + ")");
    }
}

Json without(const Json& body, std::initializer_list<std::string_view> names) {
    auto rest = Json::object();
    body.for_each_member([&](std::string_view name, const Json& value) {
        if (std::find(names.begin(), names.end(), name) == names.end()) rest.set(std::string{name}.c_str(), value);
    });
    return rest;
}

void VideoRoom::check_room_key(Room& room, std::string_view key, const Json& body, const char* name) {
    if (compare_key(key, body[name]) == KeyCheck::wrong) {
        ++room.wrong_keys;
        // Somebody who tries them all must not fill the log.
        if (std::has_single_bit(room.wrong_keys)) host().warn("wrong key for a room", {{"room", to_json(room.id)}, {"key", name}, {"so_far", room.wrong_keys}});
    }
    check_key(key, body, name);
}

void VideoRoom::check_token(Room& room, const Json& body) {
    const auto token = body["token"].text();
    if (room.settings.signed_tokens) {
        // A good signature that names this room is enough, also where tokens are listed.
        if (host().check_token(token, "room=" + to_text(room.id)).value_or(false)) return;
        if (!room.settings.check_allowed) refuse(kUnauthorized, "Unauthorized (no valid signed token)");
    }
    if (!room.settings.check_allowed) return;
    // Every token is compared, so that the time taken tells nothing of them.
    bool good = false;
    for (const auto& allowed : room.settings.allowed) good = equal_constant_time(allowed, token) || good;
    if (!good) refuse(kUnauthorized, "Unauthorized (not in the allowed list)");
}

void VideoRoom::check_private_id(const Room& room, const Json& body) const {
    if (!room.settings.require_pvtid) return;
    const auto given = body["private_id"];
    const bool known = std::any_of(room.publishers.begin(), room.publishers.end(), [&](const auto& entry) {
        return given.is_integer() && !entry.second.dummy && entry.second.private_id == given.unsigned_integer();
    });
    if (!known) refuse(kUnauthorized, "Unauthorized (this room requires a valid private_id)");
}

}  // namespace cardea::videoroom
