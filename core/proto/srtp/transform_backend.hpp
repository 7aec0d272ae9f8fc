// A backend around one of our transforms: the stream state of RFC 3711 section 3.2.
#pragma once

#include "proto/srtp/backend.hpp"
#include "proto/srtp/key_derivation.hpp"
#include "proto/srtp/packet_index.hpp"

namespace cardea {

inline constexpr std::uint32_t kLastSrtcpIndex = 0x7fffffff;

[[nodiscard]] inline SrtpErrc errc_of(Freshness freshness) noexcept { return freshness == Freshness::old ? SrtpErrc::old : SrtpErrc::replay; }

template <class Transform>
class TransformIn final : public SrtpInBackend {
  public:
    explicit TransformIn(const SrtpKeys& keys)
        : rtp_{derive_rtp_keys(keys), CryptDirection::open}, rtcp_{derive_rtcp_keys(keys), CryptDirection::open} {}

    SrtpSize open_rtp(MutableBytes packet, const RtpHead& head) noexcept override {
        if (packet.size() < head.size + Transform::tag_size()) return tl::unexpected{SrtpErrc::truncated};
        auto* known = rtp_streams_.find(head.ssrc);
        if (known == nullptr && rtp_streams_.is_full()) return tl::unexpected{SrtpErrc::too_many_streams};
        // The first authentic packet of a stream decides its place: its rollover counter is 0.
        const auto index = known == nullptr ? rtp_index(0, head.sequence) : estimate_index(known->highest(), head.sequence);
        if (known != nullptr) {
            if (const auto freshness = known->check(index); freshness != Freshness::fresh) return tl::unexpected{errc_of(freshness)};
        }
        if (!rtp_.open_rtp({packet, head.size, head.ssrc, index})) return tl::unexpected{SrtpErrc::auth};
        accept(rtp_streams_, known, head.ssrc, index);
        return packet.size() - Transform::tag_size();
    }

    SrtpSize open_rtcp(MutableBytes packet, std::uint32_t ssrc) noexcept override {
        constexpr auto kTrailer = Transform::rtcp_tag_size() + kSrtcpIndexSize;
        if (packet.size() < kRtcpHeadSize + kTrailer) return tl::unexpected{SrtpErrc::truncated};
        const auto word = word_of(packet.subspan(Transform::srtcp_index_offset(packet.size()), kSrtcpIndexSize));
        if ((word & kSrtcpEncrypted) == 0) return tl::unexpected{SrtpErrc::unencrypted};
        const auto index = word & ~kSrtcpEncrypted;
        auto* known = rtcp_streams_.find(ssrc);
        if (known == nullptr && rtcp_streams_.is_full()) return tl::unexpected{SrtpErrc::too_many_streams};
        if (known != nullptr) {
            if (const auto freshness = known->check(index); freshness != Freshness::fresh) return tl::unexpected{errc_of(freshness)};
        }
        if (!rtcp_.open_rtcp({packet, ssrc, index})) return tl::unexpected{SrtpErrc::auth};
        accept(rtcp_streams_, known, ssrc, index);
        return packet.size() - kTrailer;
    }

    void forget(std::uint32_t ssrc) noexcept override {
        rtp_streams_.erase(ssrc);
        rtcp_streams_.erase(ssrc);
    }

  private:
    static void accept(StreamTable<ReplayWindow>& streams, ReplayWindow* known, std::uint32_t ssrc, std::uint64_t index) noexcept {
        if (known == nullptr) known = &streams.add(ssrc, {});
        known->accept(index);
    }

    Transform rtp_;
    Transform rtcp_;
    StreamTable<ReplayWindow> rtp_streams_{SrtpIn::kMaxStreams};
    StreamTable<ReplayWindow> rtcp_streams_{SrtpIn::kMaxStreams};
};

template <class Transform>
class TransformOut final : public SrtpOutBackend {
  public:
    explicit TransformOut(const SrtpKeys& keys)
        : rtp_{derive_rtp_keys(keys), CryptDirection::seal}, rtcp_{derive_rtcp_keys(keys), CryptDirection::seal} {}

    SrtpSize seal_rtp(const RtpSealJob& job) noexcept override {
        const auto size = job.clear_size() + Transform::tag_size();
        if (size > job.buffer.size()) return tl::unexpected{SrtpErrc::no_room};
        if (!rtp_.seal_rtp(job)) return tl::unexpected{SrtpErrc::internal};
        return size;
    }

    SrtpSize seal_rtcp(MutableBytes buffer, std::size_t size, std::uint32_t ssrc) noexcept override {
        const auto sealed_size = size + Transform::rtcp_tag_size() + kSrtcpIndexSize;
        if (sealed_size > buffer.size()) return tl::unexpected{SrtpErrc::no_room};
        if (last_index_ == kLastSrtcpIndex) return tl::unexpected{SrtpErrc::exhausted};
        // One counter for all SSRCs of this key keeps every IV unique. It starts at 1, as libsrtp2 does in every browser.
        if (!rtcp_.seal_rtcp({buffer, size, ssrc, ++last_index_})) return tl::unexpected{SrtpErrc::internal};
        return sealed_size;
    }

  private:
    Transform rtp_;
    Transform rtcp_;
    std::uint32_t last_index_ = 0;
};

}  // namespace cardea
