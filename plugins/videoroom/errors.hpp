// Error codes of janus.plugin.videoroom.
#pragma once

#include <cardea/plugin.hpp>

#include <string>

namespace cardea::videoroom {

enum Code : int {
    kNoMessage = 421, kInvalidJson = 422, kInvalidRequest = 423, kJoinFirst = 424, kAlreadyJoined = 425, kNoSuchRoom = 426,
    kRoomExists = 427, kNoSuchFeed = 428, kMissingElement = 429, kInvalidElement = 430, kInvalidSdpType = 431,
    kPublishersFull = 432, kUnauthorized = 433, kAlreadyPublished = 434, kNotPublished = 435, kIdExists = 436, kInvalidSdp = 437,
    kUnknownError = 499
};

[[noreturn]] inline void refuse(Code code, const std::string& text) { throw sdk::RequestError{code, text}; }

}  // namespace cardea::videoroom
