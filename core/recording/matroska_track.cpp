#include "recording/matroska_track.hpp"

#include <array>

#include "recording/matroska_ids.hpp"

namespace cardea {
namespace {

using namespace ebml;

constexpr std::uint64_t kVideo = 1;
constexpr std::uint64_t kAudio = 2;

struct AudioFormat {
    const char* codec_id;
    double frequency;
    std::uint16_t wave_format;  // WAVE_FORMAT_*; 0: not of that family
};

const char* video_codec_id(Codec codec) noexcept {
    switch (codec) {
        case Codec::vp8: return "V_VP8";
        case Codec::vp9: return "V_VP9";
        case Codec::h264: return "V_MPEG4/ISO/AVC";
        case Codec::av1: return "V_AV1";
        default: return nullptr;
    }
}

AudioFormat audio_format(Codec codec) noexcept {
    switch (codec) {
        case Codec::pcmu: return {"A_MS/ACM", 8000.0, 0x0007};
        case Codec::pcma: return {"A_MS/ACM", 8000.0, 0x0006};
        case Codec::g722: return {"A_MS/ACM", 16000.0, 0x028f};  // RFC 3551 section 4.5.2: its RTP clock says 8000
        default: return {"A_OPUS", 48000.0, 0};
    }
}

void put_little(Buffer& out, std::uint32_t value, unsigned octets) {
    for (unsigned i = 0; i < octets; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8U * i)));
}

// RFC 7845 section 5.1. No pre-skip: the encoder's 6 ms belong to the way from the microphone, as in the call.
Buffer opus_head(std::uint8_t channels) {
    Buffer out;
    const auto magic = as_bytes("OpusHead");
    out.assign(magic.begin(), magic.end());
    out.push_back(1);
    out.push_back(channels);
    put_little(out, 0, 2);
    put_little(out, 48000, 4);
    put_little(out, 0, 2);
    out.push_back(0);
    return out;
}

// WAVEFORMATEX of a codec with 64 kbit/s.
Buffer wave_format(const AudioFormat& format, std::uint8_t channels) {
    Buffer out;
    put_little(out, format.wave_format, 2);
    put_little(out, channels, 2);
    put_little(out, static_cast<std::uint32_t>(format.frequency), 4);
    put_little(out, 8000U * channels, 4);
    put_little(out, channels, 2);
    put_little(out, format.wave_format == 0x028f ? 4 : 8, 2);
    put_little(out, 0, 2);
    return out;
}

// RFC 9559 section 5.1.4.1.28.41: a rectangle rolled counterclockwise.
void put_rotation(Buffer& video, std::uint8_t quarter_turns) {
    Buffer projection;
    put_unsigned(projection, mkv::projection_type, 0);
    put_float(projection, mkv::projection_pose_yaw, 0);
    put_float(projection, mkv::projection_pose_pitch, 0);
    put_float(projection, mkv::projection_pose_roll, quarter_turns == 3 ? 90.0 : -90.0 * quarter_turns);
    put_binary(video, mkv::projection, projection);
}

void put_video(Buffer& entry, const MatroskaTrack& track) {
    put_text(entry, mkv::codec_id, video_codec_id(track.codec));
    if (!track.setup.configuration.empty()) put_binary(entry, mkv::codec_private, track.setup.configuration);
    Buffer video;
    put_unsigned(video, mkv::pixel_width, track.setup.size.width);
    put_unsigned(video, mkv::pixel_height, track.setup.size.height);
    if (track.quarter_turns != 0) put_rotation(video, track.quarter_turns);
    put_binary(entry, mkv::video, video);
}

void put_audio(Buffer& entry, const MatroskaTrack& track) {
    const auto format = audio_format(track.codec);
    put_text(entry, mkv::codec_id, format.codec_id);
    const bool is_opus = format.wave_format == 0;
    put_binary(entry, mkv::codec_private, is_opus ? opus_head(track.channels) : wave_format(format, track.channels));
    // RFC 7845 section 4.6: a decoder converges within 80 ms.
    if (is_opus) put_unsigned(entry, mkv::seek_pre_roll, 80'000'000);
    Buffer audio;
    put_float(audio, mkv::sampling_frequency, format.frequency);
    put_unsigned(audio, mkv::channels, track.channels);
    put_binary(entry, mkv::audio, audio);
}

}  // namespace

void put_track_entry(Buffer& out, const MatroskaTrack& track, std::uint8_t number) {
    const bool is_video = video_codec_id(track.codec) != nullptr;
    Buffer entry;
    put_unsigned(entry, mkv::track_number, number);
    put_unsigned(entry, mkv::track_uid, number);
    put_unsigned(entry, mkv::track_type, is_video ? kVideo : kAudio);
    put_unsigned(entry, mkv::flag_lacing, 0);
    put_text(entry, mkv::language, "und");
    if (!track.name.empty()) put_text(entry, mkv::track_name, track.name);
    if (is_video)
        put_video(entry, track);
    else
        put_audio(entry, track);
    put_binary(out, mkv::track_entry, entry);
}

}  // namespace cardea
