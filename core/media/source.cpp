#include "media/source.hpp"

#include <algorithm>

#include "media/sink.hpp"
#include "proto/rtp/codec/frame_start.hpp"

namespace cardea {
namespace {

// 512 packets of video are 1.7 s at 3 Mbit/s; audio is 50 packets a second. Powers of two.
constexpr std::size_t kVideoStore = 512;
constexpr std::size_t kAudioStore = 64;
// RIDs and SSRC groups give at most three encodings.
constexpr std::size_t kMaxEncodings = 3;

std::unique_ptr<Encoding> make_encoding(const ReceiveTrack& track) {
    const auto clock_rate = track.payload_types.empty() ? 90000U : track.payload_types.front().clock_rate;
    return std::make_unique<Encoding>(track.kind == MediaKind::video ? kVideoStore : kAudioStore, clock_rate);
}

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
            encodings_.push_back(make_encoding(config_.track));
            known = encodings_.back().get();
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
        if (!encoding->ssrc.is_set()) return encoding.get();
    if (!encodings_.empty()) return nullptr;
    encodings_.push_back(make_encoding(config_.track));
    return encodings_.back().get();
}

void Source::choose_forwarded(Encoding& arrived) noexcept {
    const auto rank = [&](const Encoding* wanted) {
        for (std::size_t i = 0; i < encodings_.size(); ++i)
            if (encodings_[i].get() == wanted) return i;
        return encodings_.size();
    };
    // The best encoding that arrives. A better one takes over at its keyframe only, so that decoders never see a torn frame.
    if (forwarded_ == &arrived) return;
    const bool stalled = forwarded_ == nullptr || arrived.last_packet - forwarded_->last_packet > 1s;
    if (stalled || rank(&arrived) > rank(forwarded_)) {
        if (!stalled && !arrived.at_keyframe) return;
        forwarded_ = &arrived;
        ++forwarded_epoch_;
    }
}

void Source::on_packet(Instant now, Encoding& encoding, const PacketRef& packet, SendBatch& batch) {
    encoding.last_packet = now;
    encoding.at_keyframe = false;
    if (config_.track.kind == MediaKind::video) {
        const auto* type = payload_type(packet->header.payload_type);
        const auto start = frame_start_of(type != nullptr ? type->codec : Codec::unknown, packet->payload(), packet->extensions.dependency_descriptor);
        encoding.at_keyframe = start.keyframe == Answer::yes;
        if (encoding.at_keyframe) {
            keyframes_.on_keyframe();
            encoding.nacks.forget_before(packet->header.sequence);
        }
    }
    encoding.store.put(packet);
    choose_forwarded(encoding);
    if (!active_) return;
    for (auto* tap : taps_) tap->on_packet(now, *this, encoding, packet, batch);
    if (forwarded_ != &encoding) return;
    for (auto* sink : sinks_) sink->forward(now, *packet, batch);
}

}  // namespace cardea
