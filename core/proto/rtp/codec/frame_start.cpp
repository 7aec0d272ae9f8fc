#include "proto/rtp/codec/frame_start.hpp"

namespace cardea {

FrameStart frame_start_of_payload(Codec codec, Bytes payload) noexcept {
    switch (codec) {
        case Codec::opus:
        case Codec::pcmu:
        case Codec::pcma:
        case Codec::g722:
            return {Answer::yes, Answer::yes};
        case Codec::vp8:
            return vp8_frame_start(payload);
        case Codec::vp9:
            return vp9_frame_start(payload);
        case Codec::h264:
            return h264_frame_start(payload);
        case Codec::av1:
            return av1_frame_start(payload);
        case Codec::h265:
        case Codec::unknown:
            break;
    }
    return {};
}

FrameStart frame_start_of_descriptor(Bytes dependency_descriptor) noexcept {
    // Appendix A.8.2: flags and template id, frame number; then, if longer, flags of which the first says that the template
    // structure follows. A structure comes with the first packet of a frame that begins a coded video sequence.
    constexpr std::size_t kMandatory = 3;
    if (dependency_descriptor.size() < kMandatory) return {};
    const bool starts_frame = (dependency_descriptor[0] & 0x80U) != 0;
    const bool has_structure = dependency_descriptor.size() > kMandatory && (dependency_descriptor[kMandatory] & 0x80U) != 0;
    return {starts_frame && has_structure ? Answer::yes : Answer::no, starts_frame ? Answer::yes : Answer::no};
}

}  // namespace cardea
