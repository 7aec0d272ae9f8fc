// The entry of one track: how Matroska names our codecs, and what it wants to know of them.
#pragma once

#include "recording/ebml.hpp"
#include "recording/matroska_writer.hpp"

namespace cardea {

void put_track_entry(ebml::Buffer& out, const MatroskaTrack& track, std::uint8_t number);

}  // namespace cardea
