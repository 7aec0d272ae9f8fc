#include "recording/matroska_writer.hpp"

#include <algorithm>

#include "recording/matroska_ids.hpp"
#include "recording/matroska_track.hpp"

namespace cardea {
namespace {

using namespace ebml;

constexpr std::size_t kSeekHeadRoom = 96;
constexpr std::size_t kTracksRoom = 16U << 10U;
constexpr std::size_t kDurationSize = 2 + 1 + 8;
// What a crash may cost, and how far a player must read back: a cluster begins with a keyframe where there are pictures.
constexpr MatroskaWriter::Milliseconds kShortestCluster = 1000;
constexpr MatroskaWriter::Milliseconds kLongestCluster = 5000;
constexpr MatroskaWriter::Milliseconds kOldestBlock = -30'000;  // a block's time is 16 bits with sign
constexpr std::size_t kMaxTracks = 126;

constexpr std::int64_t kNanosecondsToMatroskaEpoch = 978'307'200'000'000'000;  // 2001-01-01

}  // namespace

MatroskaWriter::MatroskaWriter(MediaFile file, WallTime began, std::uint64_t uid) : file_{std::move(file)} { write_front(began, uid); }

void MatroskaWriter::write_front(WallTime began, std::uint64_t uid) {
    Buffer head;
    put_unsigned(head, mkv::ebml_version, 1);
    put_unsigned(head, mkv::ebml_read_version, 1);
    put_unsigned(head, mkv::ebml_max_id, 4);
    put_unsigned(head, mkv::ebml_max_size, 8);
    put_text(head, mkv::doc_type, "matroska");
    put_unsigned(head, mkv::doc_type_version, 4);
    put_unsigned(head, mkv::doc_type_read_version, 2);
    Buffer out;
    put_binary(out, mkv::ebml, head);
    put_id(out, mkv::segment);
    put_octets(out, kUnknownSize, kLongSize);
    segment_ = out.size();
    seek_head_ = out.size();
    put_void(out, kSeekHeadRoom);
    info_ = out.size();
    Buffer info;
    put_unsigned(info, mkv::timestamp_scale, 1'000'000);
    put_text(info, mkv::muxing_app, "Cardea");
    put_text(info, mkv::writing_app, "Cardea");
    put_unsigned_of(info, mkv::date_utc, static_cast<std::uint64_t>(began.time_since_epoch().count() - kNanosecondsToMatroskaEpoch), 8);
    Buffer id;
    put_octets(id, 0, 8);
    put_octets(id, uid, 8);
    put_binary(info, mkv::segment_uid, id);
    put_void(info, kDurationSize);
    put_binary(out, mkv::info, info);
    duration_at_ = out.size() - kDurationSize;
    tracks_at_ = out.size();
    put_void(out, kTracksRoom);
    file_.append(out);
    file_.flush();
}

bool MatroskaWriter::is_video(std::uint8_t number) const noexcept { return tracks_[number - 1U].setup.size.is_known(); }

std::optional<std::uint8_t> MatroskaWriter::add_track(const MatroskaTrack& track) {
    Buffer list;
    for (std::size_t i = 0; i < tracks_.size(); ++i) put_track_entry(list, tracks_[i], static_cast<std::uint8_t>(i + 1));
    const auto number = static_cast<std::uint8_t>(tracks_.size() + 1);
    put_track_entry(list, track, number);
    if (number > kMaxTracks || list.size() + 32 > kTracksRoom) return std::nullopt;
    tracks_.push_back(track);
    write_tracks();
    return number;
}

void MatroskaWriter::update_size(std::uint8_t number, PictureSize size) {
    auto& known = tracks_[number - 1U].setup.size;
    if (size.width <= known.width && size.height <= known.height) return;
    known = {std::max(size.width, known.width), std::max(size.height, known.height)};
    write_tracks();
}

// One write over the whole place, so that a crash leaves the old list or the new one.
void MatroskaWriter::write_tracks() {
    Buffer list;
    for (std::size_t i = 0; i < tracks_.size(); ++i) put_track_entry(list, tracks_[i], static_cast<std::uint8_t>(i + 1));
    Buffer out;
    put_binary(out, mkv::tracks, list);
    put_void(out, kTracksRoom - out.size());
    file_.overwrite(tracks_at_, out);
}

bool MatroskaWriter::needs_cluster(const Block& block) const noexcept {
    if (!cluster_) return true;
    const auto age = block.time - cluster_time_;
    if (age >= kLongestCluster || age < kOldestBlock) return true;
    return age >= kShortestCluster && block.keyframe && is_video(block.track);
}

void MatroskaWriter::begin_cluster(const Block& block) {
    end_cluster();
    cluster_ = file_.size();
    cluster_time_ = block.time;
    cues_.push_back({block.time, block.track, *cluster_ - segment_});
    scratch_.clear();
    put_id(scratch_, mkv::cluster);
    put_octets(scratch_, kUnknownSize, kLongSize);
    put_unsigned(scratch_, mkv::timestamp, static_cast<std::uint64_t>(block.time));
    file_.append(scratch_);
}

void MatroskaWriter::end_cluster() {
    if (!cluster_) return;
    constexpr std::size_t kHead = 4 + kLongSize;
    scratch_.clear();
    put_long_size(scratch_, file_.size() - *cluster_ - kHead);
    file_.overwrite(*cluster_ + 4, scratch_);
    cluster_.reset();
}

void MatroskaWriter::add(const Block& block) {
    if (file_.problem() != DiskProblem::none) return;
    if (needs_cluster(block)) begin_cluster(block);
    const auto age = static_cast<std::uint16_t>(static_cast<std::int16_t>(block.time - cluster_time_));
    scratch_.clear();
    put_id(scratch_, mkv::simple_block);
    put_size(scratch_, block.data.size() + 4);
    put_size(scratch_, block.track);
    put_octets(scratch_, age, 2);
    scratch_.push_back(block.keyframe ? 0x80 : 0);
    file_.append(scratch_);
    file_.append(block.data);
    duration_ = std::max(duration_, block.time);
}

void MatroskaWriter::write_cues() {
    Buffer list;
    for (const auto& cue : cues_) {
        Buffer position;
        put_unsigned(position, mkv::cue_track, cue.track);
        put_unsigned(position, mkv::cue_cluster_position, cue.cluster);
        Buffer point;
        put_unsigned(point, mkv::cue_time, static_cast<std::uint64_t>(cue.time));
        put_binary(point, mkv::cue_track_positions, position);
        put_binary(list, mkv::cue_point, point);
    }
    Buffer out;
    put_binary(out, mkv::cues, list);
    file_.append(out);
}

void MatroskaWriter::write_seek_head(std::uint64_t cues) {
    Buffer list;
    const auto put_seek = [&](std::uint32_t id, std::uint64_t at) {
        Buffer entry;
        Buffer name;
        put_id(name, id);
        put_binary(entry, mkv::seek_id, name);
        put_unsigned_of(entry, mkv::seek_position, at - segment_, 8);
        put_binary(list, mkv::seek, entry);
    };
    put_seek(mkv::info, info_);
    put_seek(mkv::tracks, tracks_at_);
    put_seek(mkv::cues, cues);
    Buffer out;
    put_binary(out, mkv::seek_head, list);
    put_void(out, kSeekHeadRoom - out.size());
    file_.overwrite(seek_head_, out);
}

void MatroskaWriter::finish() {
    end_cluster();
    if (!cues_.empty()) {
        const auto cues = file_.size();
        write_cues();
        write_seek_head(cues);
    }
    scratch_.clear();
    put_float(scratch_, mkv::duration, static_cast<double>(duration_));
    file_.overwrite(duration_at_, scratch_);
    scratch_.clear();
    put_long_size(scratch_, file_.size() - segment_);
    file_.overwrite(segment_ - kLongSize, scratch_);
    file_.finish();
}

}  // namespace cardea
