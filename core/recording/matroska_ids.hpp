// Element ids of Matroska (RFC 9559 section 5), those that a recording uses.
#pragma once

#include <cstdint>

namespace cardea::mkv {

enum Id : std::uint32_t {
    ebml = 0x1a45dfa3, ebml_version = 0x4286, ebml_read_version = 0x42f7, ebml_max_id = 0x42f2, ebml_max_size = 0x42f3,
    doc_type = 0x4282, doc_type_version = 0x4287, doc_type_read_version = 0x4285,
    segment = 0x18538067,
    seek_head = 0x114d9b74, seek = 0x4dbb, seek_id = 0x53ab, seek_position = 0x53ac,
    info = 0x1549a966, segment_uid = 0x73a4, timestamp_scale = 0x2ad7b1, duration = 0x4489, date_utc = 0x4461, muxing_app = 0x4d80,
    writing_app = 0x5741,
    tracks = 0x1654ae6b, track_entry = 0xae, track_number = 0xd7, track_uid = 0x73c5, track_type = 0x83, flag_lacing = 0x9c,
    track_name = 0x536e, language = 0x22b59c, codec_id = 0x86, codec_private = 0x63a2, codec_delay = 0x56aa, seek_pre_roll = 0x56bb,
    video = 0xe0, pixel_width = 0xb0, pixel_height = 0xba, audio = 0xe1, projection = 0x7670, projection_type = 0x7671,
    projection_pose_yaw = 0x7673, projection_pose_pitch = 0x7674, projection_pose_roll = 0x7675,
    sampling_frequency = 0xb5, channels = 0x9f,
    cluster = 0x1f43b675, timestamp = 0xe7, simple_block = 0xa3,
    cues = 0x1c53bb6b, cue_point = 0xbb, cue_time = 0xb3, cue_track_positions = 0xb7, cue_track = 0xf7, cue_cluster_position = 0xf1
};

}  // namespace cardea::mkv
