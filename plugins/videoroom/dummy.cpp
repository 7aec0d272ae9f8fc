// A publisher that never sends: its streams hold m-lines of subscribers open, which are then switched to real feeds without
// another offer.
#include "codecs.hpp"
#include "videoroom.hpp"

namespace cardea::videoroom {

void VideoRoom::add_dummy(Room& room) {
    Publisher dummy;
    dummy.id = draw_id(room.publishers);
    dummy.display = "Dummy publisher";
    dummy.dummy = dummy.negotiated = dummy.up = true;
    dummy.e2ee = room.settings.dummy_e2ee;
    for (const auto& [codec, fmtp] : room.settings.dummy_streams) {
        Stream stream;
        stream.mindex = static_cast<std::uint32_t>(dummy.streams.size());
        stream.mid = std::to_string(stream.mindex);
        stream.kind = kind_of_codec(codec);
        stream.codec = codec;
        stream.fmtp = fmtp;
        dummy.streams.push_back(std::move(stream));
    }
    const auto id = dummy.id;
    room.publishers.emplace(id, std::move(dummy));
}

}  // namespace cardea::videoroom
