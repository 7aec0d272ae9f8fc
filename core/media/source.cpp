#include "media/source.hpp"

#include <algorithm>
#include <utility>

#include "media/sink.hpp"
#include "proto/rtp/codec/frame_start.hpp"
#include "proto/rtp/sequence.hpp"

namespace cardea {
namespace {

// 512 packets of video are 1.7 s at 3 Mbit/s; audio is 50 packets a second. Powers of two.
constexpr std::size_t kVideoStore = 512;
constexpr std::size_t kAudioStore = 64;
// RIDs and SSRC groups give at most three encodings.
constexpr std::size_t kMaxEncodings = 3;
// What a datagram less is worth; a slot has that much room behind the longest datagram.
constexpr std::size_t kMostPadding = 16;

}  // namespace

bool KeyframeRequests::want(Instant now) noexcept {
    tries_ = 0;
    if (!wanted_) due_ = last_ ? std::max(now, *last_ + kFloor) : now;
    wanted_ = true;
    return poll(now);
}

bool KeyframeRequests::poll(Instant now) noexcept {
    if (!wanted_ || now < due_) return false;
    if (++tries_ > kTries) {
        wanted_ = false;
        return false;
    }
    last_ = now;
    due_ = now + kRetry;
    return true;
}

Source::Source(SourceConfig config, const RemoteClock& remote_clock) : remote_clock_{remote_clock} { reconfigure(std::move(config)); }

Source::~Source() {
    for (auto* sink : sinks_) sink->source_gone();
    for (auto* tap : taps_) tap->on_source_gone();
}

void Source::reconfigure(SourceConfig config) {
    config_ = std::move(config);
    for (const auto& described : config_.track.encodings) {
        Encoding* known = described.ssrc ? encoding_of(*described.ssrc) : encoding_of_rid(described.rid);
        if (known == nullptr) {
            if (encodings_.size() == kMaxEncodings) break;
            known = &add_encoding();
        }
        known->rid = described.rid;
        if (described.ssrc) known->ssrc = *described.ssrc;
        if (described.rtx_ssrc) known->rtx_ssrc = *described.rtx_ssrc;
    }
}

const PayloadType* Source::payload_type(std::uint8_t number) const noexcept {
    for (const auto& type : config_.track.payload_types)
        if (type.number == number) return &type;
    return nullptr;
}

const PayloadType* Source::rtx_payload_type(std::uint8_t number) const noexcept {
    for (const auto& type : config_.track.payload_types)
        if (type.rtx == number) return &type;
    return nullptr;
}

Encoding* Source::encoding_of(Ssrc ssrc) noexcept {
    for (const auto& encoding : encodings_)
        if (encoding->ssrc == ssrc) return encoding.get();
    return nullptr;
}

Encoding* Source::encoding_of_rid(std::string_view rid) noexcept {
    if (rid.empty()) return nullptr;
    for (const auto& encoding : encodings_)
        if (encoding->rid == rid) return encoding.get();
    return nullptr;
}

Encoding* Source::first_without_ssrc() noexcept {
    for (const auto& encoding : encodings_)
        if (!encoding->ssrc.is_set() && encoding->rid.empty()) return encoding.get();  // one with a RID is known by that alone
    if (!encodings_.empty()) return nullptr;
    return &add_encoding();
}

Encoding* Source::encoding_at(std::uint8_t rank) {
    if (rank >= kMaxEncodings) return nullptr;
    while (encodings_.size() <= rank) add_encoding();
    return encodings_[rank].get();
}

Encoding& Source::add_encoding() {
    const auto& types = config_.track.payload_types;
    const bool is_video = config_.track.kind == MediaKind::video;
    encodings_.push_back(std::make_unique<Encoding>(is_video ? kVideoStore : kAudioStore, types.empty() ? 90000U : types.front().clock_rate,
                                                    static_cast<std::uint8_t>(encodings_.size()), is_video));
    return *encodings_.back();
}

void Source::set_active(bool active) noexcept {
    if (active_ && !active)
        for (auto* sink : sinks_) sink->pause();
    active_ = active;
}

std::optional<TalkingEvent> Source::on_audio_level(const AudioLevel& level) {
    constexpr std::uint8_t kSilence = 127;
    const auto change = talking_.on_level(active_ ? level.below_full_scale : kSilence);
    if (!change) return std::nullopt;
    return TalkingEvent{.mid = config_.track.mid, .source = config_.id, .talking = change->talking, .level = change->level};
}

void Source::want_keyframe(Instant now, Encoding& encoding) noexcept {
    if (!encoding.keyframes.want(now)) return;
    encoding.request_due = true;
    request_due_ = true;
}

void Source::want_keyframes(Instant now) noexcept {
    for (const auto& encoding : encodings_) want_keyframe(now, *encoding);
}

Encoding* Source::take_due_request(Instant now) noexcept {
    request_due_ = false;
    for (const auto& encoding : encodings_)
        if (std::exchange(encoding->request_due, false) || encoding->keyframes.poll(now)) return encoding.get();
    return nullptr;
}

Instant Source::next_request() const noexcept {
    auto next = Instant::max();
    for (const auto& encoding : encodings_) next = std::min(next, encoding->keyframes.next());
    return next;
}

// Of video: where decoding can begin, and which layers this is of. True: legs may switch here, or layers be read in another way from
// here on, so what is held is sent before and this is not held.
bool Source::look_into(Instant now, Encoding& encoding, Packet& packet, SendBatch& batch) {
    const auto payload = packet.payload();
    if (payload.empty()) return false;  // padding: a bandwidth probe
    const auto start = frame_start_of(packet.codec, payload, packet.extensions.dependency_descriptor);
    // A payload that cannot be looked into may begin a keyframe anywhere.
    const bool may_begin_here = start.keyframe != Answer::no;
    const bool may_switch = start.keyframe == Answer::yes || (may_begin_here && is_simulcast());
    if (may_switch) release(now, batch);
    encoding.at_keyframe = may_begin_here;  // this packet, and none of those that were held
    packet.layers = read_layer_tag(packet.codec, payload, packet.extensions.dependency_descriptor, *encoding.layers);
    if (start.keyframe != Answer::yes) return may_switch;
    encoding.keyframes.on_keyframe();
    encoding.nacks.forget_before(packet.header.sequence);
    if (is_newer_sequence(encoding.newest_sequence, packet.header.sequence)) read_layers_again(encoding, packet);
    return true;
}

// A keyframe's first packet that came late had the structure that the descriptors after it need.
void Source::read_layers_again(Encoding& encoding, const Packet& keyframe) noexcept {
    if (keyframe.layers.by != LayerTag::By::descriptor) return;
    for (auto sequence = keyframe.header.sequence; sequence != encoding.newest_sequence;) {
        const auto later = encoding.store.find(++sequence);
        if (!later) continue;
        const auto descriptor = later->extensions.dependency_descriptor;
        if (!descriptor.empty()) later->layers = read_layer_tag(later->codec, later->payload(), descriptor, *encoding.layers);
    }
}

// Now and then while encodings arrive: whether each leg gets the one it should.
void Source::review(Instant now) noexcept {
    next_review_ = now + kReviewInterval;
    note_silence(encodings_, now);
    for (auto* sink : sinks_) sink->review(now);
}

bool Source::on_packet(Instant now, Encoding& encoding, const PacketRef& packet, SendBatch& batch) {
    const auto* type = payload_type(packet->header.payload_type);
    packet->codec = type != nullptr ? type->codec : Codec::unknown;
    packet->layers = {};
    packet->padding = 0;
    if (now - encoding.last_packet >= kReviewInterval * 2) next_review_ = now;  // it is back: at once
    encoding.last_packet = now;
    encoding.at_keyframe = false;
    if (!encoding.has_packets) encoding.newest_sequence = packet->header.sequence;
    encoding.has_packets = true;
    const bool is_video = config_.track.kind == MediaKind::video && encoding.layers;
    const bool may_switch = is_video && look_into(now, encoding, *packet, batch);
    encoding.store.put(packet);
    if (active_)
        for (auto* tap : taps_) tap->on_packet(now, *this, encoding, packet, batch);
    const bool begins_to_hold = held_.empty();
    if (is_video && !may_switch && active_ && !sinks_.empty()) {
        held_.push_back({&encoding, packet});
        if (held_.size() == kMostHeld) release(now, batch);
        return begins_to_hold;
    }
    if (is_newer_sequence(packet->header.sequence, encoding.newest_sequence)) encoding.newest_sequence = packet->header.sequence;
    if (!active_) return false;
    for (auto* sink : sinks_) sink->forward(now, encoding, *packet, batch);
    if (is_simulcast() && now >= next_review_) review(now);
    return false;
}

// Datagrams of a train are of one size, its last may be smaller, and Chromium cuts a frame into packets that differ by an octet.
void Source::level_sizes() noexcept {
    for (std::size_t first = 0, end = 0; first < held_.size(); first = end) {
        std::size_t longest = 0;
        do {
            longest = std::max(longest, held_[end].packet->payload().size());
            ++end;
        } while (end < held_.size() && !held_[end - 1].packet->header.marker && held_[end].encoding == held_[first].encoding);
        for (std::size_t i = first; i + 1 < end; ++i) {
            auto& packet = *held_[i].packet;
            const auto missing = longest - packet.payload().size();
            if (missing <= kMostPadding && !packet.payload().empty()) packet.pad(static_cast<std::uint8_t>(missing));
        }
    }
}

// Leg by leg, so that what one of them needs is at hand, and what it sends is in a row.
void Source::release(Instant now, SendBatch& batch) {
    if (held_.empty()) return;
    level_sizes();
    for (auto* sink : sinks_)
        for (const auto& [encoding, packet] : held_) sink->forward(now, *encoding, *packet, batch);
    for (const auto& [encoding, packet] : held_)
        if (is_newer_sequence(packet->header.sequence, encoding->newest_sequence)) encoding->newest_sequence = packet->header.sequence;
    held_.clear();
    if (is_simulcast() && now >= next_review_) review(now);
}

}  // namespace cardea
