// Which encoding and which layers a leg gets: when it switches, what it waits for, what it tells of it.
#include <algorithm>
#include <utility>

#include "media/sink.hpp"
#include "media/source.hpp"
#include "proto/rtp/sequence.hpp"

namespace cardea {
namespace {

// What API clients know; a stream with more layers than that has them all beyond.
constexpr std::uint8_t kHighestNamed = 2;

// A layer that can be begun now and then without help is waited for before a keyframe is asked for.
Duration patience(LayerFilter::Waiting waiting) noexcept {
    if (waiting == LayerFilter::Waiting::spatial_up) return Duration::zero();
    return waiting == LayerFilter::Waiting::spatial_down ? Duration{250ms} : Duration{1s};
}

}  // namespace

void Sink::set_layers(const LayerWish& wish) noexcept {
    if (wish.substream) encoding_wish_.highest = *wish.substream;
    if (wish.fallback) encoding_wish_.fallback = *wish.fallback;
    if (wish.spatial) layer_wish_.spatial = *wish.spatial;
    if (wish.temporal) layer_wish_.temporal = *wish.temporal;
    layers_wished_ |= wish.spatial.has_value() || wish.temporal.has_value();
    aim(base_only_);
}

void Sink::aim(bool base_only) noexcept {
    base_only_ = base_only;
    auto target = layer_wish_;
    if (base_only) target.temporal = 0;
    filter_.set_target(target);
}

// A leg that the worker spares gets nothing, and then what begins with a keyframe: without one it could decode none of it.
bool Sink::rests(Instant now, const Encoding& arrived, const Packet& packet) noexcept {
    if (transport_.shedding == nullptr || config_.track.kind != MediaKind::video) return false;
    if (is_spared()) {
        if (!std::exchange(resting_, true)) pause();
    } else if (!resting_) {
        return false;
    } else if (arrived.at_keyframe && (encoding_ == &arrived || may_begin(now, arrived))) {
        resting_ = false;
        return false;
    } else if (packet.header.marker) {
        want_keyframe(now);
    }
    transport_.shedding->count_left_out();
    return true;
}

// With one encoding whatever comes is good. Between several, decoding begins anew: at a keyframe of the one wanted, or of one that
// is nearer to it.
bool Sink::may_begin(Instant now, const Encoding& arrived) const noexcept {
    if (!source_->is_simulcast()) return true;
    if (!arrived.at_keyframe) return false;
    const auto* best = best_encoding(source_->encodings(), encoding_wish_, now);
    if (encoding_ == nullptr || best == nullptr || best == &arrived) return true;
    return arrived.rank > std::min(encoding_->rank, best->rank) && arrived.rank < std::max(encoding_->rank, best->rank);
}

// After a pause, too: numbers of pictures and packets may have come around meanwhile.
void Sink::begin(Instant now, Encoding& encoding) noexcept {
    paused_ = false;
    epoch_offset_.reset();
    if (encoding_ == &encoding) {
        epoch_offset_ = rewriter_.timestamp_offset();  // its timestamps went on
    } else if (encoding_ != nullptr) {
        // Both are captured by one clock: sender reports tell how their timestamps belong together.
        const auto before = encoding_->clock.timestamp_at(now, source_->remote_clock());
        const auto after = encoding.clock.timestamp_at(now, source_->remote_clock());
        if (before && after) epoch_offset_ = *before + rewriter_.timestamp_offset() - *after;
    }
    epoch_ = SourceEpoch{epoch_.value + 1};
    epochs_.put(epoch_, &encoding);
    encoding_ = &encoding;
    filter_.restart();
    waiting_ = LayerFilter::Waiting::no;
}

// A keyframe whose first packet had been lost begins in the past: what has arrived since follows it from the store.
void Sink::catch_up(Instant now, const Packet& first, SendBatch& batch) {
    if (!is_newer_sequence(encoding_->newest_sequence, first.header.sequence)) return;
    for (auto sequence = first.header.sequence; sequence != encoding_->newest_sequence;)
        if (const auto later = encoding_->store.find(++sequence)) relay(now, *later, batch);
}

void Sink::want_keyframe(Instant now) noexcept {
    if (source_ == nullptr || config_.track.kind != MediaKind::video || is_spared()) return;
    auto* best = best_encoding(source_->encodings(), encoding_wish_, now);
    if (encoding_ == nullptr && best == nullptr) return source_->want_keyframes(now);
    if (encoding_ != nullptr) source_->want_keyframe(now, *encoding_);
    if (best != nullptr && best != encoding_) source_->want_keyframe(now, *best);
}

void Sink::review(Instant now) noexcept {
    if (!is_sending() || config_.track.kind != MediaKind::video || is_spared()) return;
    auto* best = best_encoding(source_->encodings(), encoding_wish_, now);
    if (best != nullptr && best != encoding_) source_->want_keyframe(now, *best);
}

void Sink::wait_for_layer(Instant now) noexcept {
    const auto waiting = filter_.waiting();
    if (waiting == LayerFilter::Waiting::no) {
        waiting_ = waiting;
        return;
    }
    if (waiting != waiting_) waiting_since_ = now;
    waiting_ = waiting;
    if (now - waiting_since_ >= patience(waiting)) source_->want_keyframe(now, *encoding_);
}

void Sink::tell_layers(const LayerTag& tag) {
    if (!encoding_->layers) return;  // audio
    const bool simulcast = source_->is_simulcast();
    const auto spatial_layers = encoding_->layers->spatial_count();
    if (!simulcast && spatial_layers <= 1 && !layers_wished_) return;
    const auto current = filter_.current();
    Reached reached = reached_;
    if (simulcast) reached.substream = static_cast<std::int8_t>(encoding_->rank);
    if (!simulcast && spatial_layers > 1)
        reached.spatial = static_cast<std::int8_t>(std::min<unsigned>(current.spatial, std::min(spatial_layers - 1U, unsigned{kHighestNamed})));
    if (tag.has_temporal) reached.temporal = static_cast<std::int8_t>(std::min(current.temporal, kHighestNamed));
    if (reached == reached_) return;
    LayersEvent event{.mid = config_.track.mid, .sink = config_.id, .simulcast = simulcast};
    const auto note = [](std::optional<std::uint8_t>& to, std::int8_t now, std::int8_t before) {
        if (now != before && now >= 0) to = static_cast<std::uint8_t>(now);
    };
    note(event.substream, reached.substream, reached_.substream);
    note(event.spatial, reached.spatial, reached_.spatial);
    note(event.temporal, reached.temporal, reached_.temporal);
    reached_ = reached;
    if (transport_.observer != nullptr) transport_.observer->on_layers(event);
}

}  // namespace cardea
