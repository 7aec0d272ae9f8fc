#include "media/layer_filter.hpp"

#include <algorithm>

#include "proto/rtp/sequence.hpp"

namespace cardea {

void LayerFilter::LeftOutFrames::on_frame(std::uint16_t number) noexcept {
    const auto ahead = sequence_distance(number, newest_);
    if (!known_ || ahead >= static_cast<int>(kWindow) || ahead < -static_cast<int>(kWindow)) {
        left_out_.reset();
        newest_ = number;
        known_ = true;
        return;
    }
    for (int i = 1; i <= ahead; ++i) left_out_.reset(static_cast<std::uint16_t>(newest_ + i) % kWindow);
    if (ahead > 0) newest_ = number;
}

void LayerFilter::LeftOutFrames::add(std::uint16_t number) noexcept {
    const auto behind = sequence_distance(newest_, number);
    if (known_ && behind >= 0 && behind < static_cast<int>(kWindow)) left_out_.set(number % kWindow);
}

bool LayerFilter::LeftOutFrames::has(std::uint16_t number) const noexcept {
    const auto behind = sequence_distance(newest_, number);
    return known_ && behind >= 0 && behind < static_cast<int>(kWindow) && left_out_.test(number % kWindow);
}

bool LayerFilter::LeftOutFrames::has_one_of(const LayerTag& tag) const noexcept {
    for (unsigned i = 0; i < tag.references.count; ++i)
        if (has(static_cast<std::uint16_t>(tag.frame_number - tag.references.back[i]))) return true;
    return false;
}

void LayerFilter::restart() noexcept {
    started_ = false;
    current_ = target_;
    waiting_ = Waiting::no;
    unbroken_ = 0xff;
    decode_target_ = -1;
    left_out_.clear();
}

// Only what moves the stream on may change the choice: a frame that comes late finds its followers judged already.
bool LayerFilter::is_newest(std::uint16_t sequence) noexcept {
    if (started_ && !is_newer_sequence(sequence, highest_)) return false;
    if (!started_) current_ = target_;
    started_ = true;
    highest_ = sequence;
    return true;
}

LayerFilter::Verdict LayerFilter::on_packet(const LayerTag& tag, std::uint16_t sequence, const StreamLayers& stream) noexcept {
    if (tag.by == LayerTag::By::nothing) return {};
    if (is_newest(sequence) && tag.begins_frame) on_frame(tag, stream);
    const auto verdict = judge(tag, stream);
    if (verdict.forward) return verdict;
    if (tag.by == LayerTag::By::descriptor) left_out_.add(tag.frame_number);
    if (tag.temporal <= current_.temporal) unbroken_ &= static_cast<std::uint8_t>(~(1U << (tag.spatial & 7U)));
    return verdict;
}

void LayerFilter::on_frame(const LayerTag& tag, const StreamLayers& stream) noexcept {
    switch (tag.by) {
        case LayerTag::By::vp8: return on_vp8_frame(tag);
        case LayerTag::By::vp9: return on_vp9_frame(tag);
        case LayerTag::By::descriptor: return on_described_frame(tag, stream);
        case LayerTag::By::nothing: return;
    }
}

LayerFilter::Verdict LayerFilter::judge(const LayerTag& tag, const StreamLayers& stream) const noexcept {
    const bool is_top = tag.ends_frame && tag.spatial == current_.spatial;
    switch (tag.by) {
        case LayerTag::By::vp8: return {.forward = tag.temporal <= current_.temporal};
        case LayerTag::By::vp9: return {.forward = passes_vp9(tag, stream), .ends_picture = is_top};
        case LayerTag::By::descriptor: return {.forward = passes_described(tag), .ends_picture = is_top};
        case LayerTag::By::nothing: break;
    }
    return {};
}

// ---- VP8 (RFC 7741) and VP9 (RFC 9628) ---------------------------------------------------------------------------------

// Y of VP8: the frame needs nothing above the base layer; U of VP9 as senders set it: nothing of its own layer. Either way the
// layer can begin here, and only with the layers below it complete: one step at a time.
void LayerFilter::raise_temporal(const LayerTag& tag) noexcept {
    if (!tag.switches_up || tag.temporal > target_.temporal || tag.temporal != current_.temporal + 1U) return;
    current_.temporal = tag.temporal;
    if (waiting_ == Waiting::temporal) waiting_ = Waiting::no;
}

// How many layers there are is seen by frames of them only: one that is wanted and cannot be begun makes the leg wait.
void LayerFilter::note_waiting(const LayerTag& tag) noexcept {
    if (target_.spatial < current_.spatial)
        waiting_ = Waiting::spatial_down;
    else if (waiting_ == Waiting::spatial_down)
        waiting_ = Waiting::no;
    if (tag.spatial > current_.spatial && tag.spatial <= target_.spatial)
        waiting_ = Waiting::spatial_up;
    else if (waiting_ == Waiting::no && tag.temporal > current_.temporal && tag.temporal <= target_.temporal)
        waiting_ = Waiting::temporal;
}

void LayerFilter::on_vp8_frame(const LayerTag& tag) noexcept {
    if (tag.is_key) return adopt_target();
    current_.spatial = target_.spatial;  // there is one
    current_.temporal = std::min(current_.temporal, target_.temporal);  // higher layers are never needed
    raise_temporal(tag);
    note_waiting(tag);
}

void LayerFilter::on_vp9_frame(const LayerTag& tag) noexcept {
    if (tag.is_key) return adopt_target();
    if (tag.spatial == 0) {
        current_.temporal = std::min(current_.temporal, target_.temporal);
        // With inter-layer prediction everywhere the lower layer was sent all along; in k-SVC it was not, and waits for a keyframe.
        if (target_.spatial < current_.spatial && (unsigned{unbroken_} >> target_.spatial & 1U) != 0) current_.spatial = target_.spatial;
    } else if (!tag.is_predicted && tag.spatial == current_.spatial + 1U && tag.spatial <= target_.spatial) {
        // Needs the layer below in this picture and nothing else: section 4.2, "inter-layer switching point".
        current_.spatial = tag.spatial;
        unbroken_ |= static_cast<std::uint8_t>(1U << tag.spatial);
        waiting_ = Waiting::no;
    }
    raise_temporal(tag);
    note_waiting(tag);
}

void LayerFilter::adopt_target() noexcept {
    current_ = target_;
    unbroken_ = 0xff;
    waiting_ = Waiting::no;
}

bool LayerFilter::passes_vp9(const LayerTag& tag, const StreamLayers& stream) const noexcept {
    if (tag.temporal > current_.temporal || tag.spatial > current_.spatial) return false;
    if (!tag.unused_above || stream.spatial_layers == 0) return true;
    const auto top = std::min<unsigned>(current_.spatial, stream.spatial_layers - 1U);
    return tag.spatial >= top;
}

// ---- dependency descriptors --------------------------------------------------------------------------------------------

// The highest decode target within the cap that is being sent, spatial layers before temporal ones; else the lowest.
int LayerFilter::best_target(const StreamLayers& stream) const noexcept {
    int best = -1;
    int lowest = -1;
    const auto rank = [&](int i) {
        const auto& target = stream.structure.targets[static_cast<std::size_t>(i)];
        return target.spatial * 8 + target.temporal;
    };
    for (int i = 0; i < stream.structure.target_count; ++i) {
        if ((stream.active_targets >> i & 1U) == 0) continue;
        const auto& target = stream.structure.targets[static_cast<std::size_t>(i)];
        if (lowest < 0 || rank(i) < rank(lowest)) lowest = i;
        if (target.spatial > target_.spatial || target.temporal > target_.temporal) continue;
        if (best < 0 || rank(i) > rank(best)) best = i;
    }
    return best >= 0 ? best : lowest;
}

void LayerFilter::adopt(int target, const StreamLayers& stream) noexcept {
    decode_target_ = static_cast<std::int8_t>(target);
    if (target < 0) return;
    const auto& layers = stream.structure.targets[static_cast<std::size_t>(target)];
    current_ = {layers.spatial, layers.temporal};
}

void LayerFilter::on_described_frame(const LayerTag& tag, const StreamLayers& stream) noexcept {
    if (tag.is_key) left_out_.clear();
    left_out_.on_frame(tag.frame_number);
    const int best = best_target(stream);
    const auto can_begin = [&] {
        // Indication S: whoever decodes this frame can decode all later ones of the target. So it must have what this one needs.
        return best >= 0 && (tag.switches >> best & 1U) != 0 && !left_out_.has_one_of(tag);
    };
    const bool is_lost = decode_target_ < 0 || decode_target_ >= stream.structure.target_count;
    if (tag.is_key || is_lost || (best != decode_target_ && can_begin())) adopt(best, stream);
    waiting_ = Waiting::no;
    if (best < 0 || best == decode_target_) return;
    const auto& wanted = stream.structure.targets[static_cast<std::size_t>(best)];
    if (wanted.spatial == current_.spatial)
        waiting_ = Waiting::temporal;
    else
        waiting_ = wanted.spatial > current_.spatial ? Waiting::spatial_up : Waiting::spatial_down;
}

bool LayerFilter::passes_described(const LayerTag& tag) const noexcept {
    if (decode_target_ < 0) return true;
    return (tag.present >> decode_target_ & 1U) != 0 && !left_out_.has_one_of(tag);
}

}  // namespace cardea
