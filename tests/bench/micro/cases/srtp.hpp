// SRTP a packet, by profile.
#pragma once

#include "common.hpp"

namespace cardea::bench {

// A leg's encryption from the shared payload into the batch. It goes round many peers, as a worker does, so that their contexts are not
// all in the cache.
class SrtpFanOut {
  public:
    static constexpr int kWarmUp = 256;
    SrtpFanOut(SrtpProfile profile, std::size_t size, std::size_t peers, SrtpBackend backend = SrtpBackend::openssl)
        : payload_(size - kHeader, 0x5a), batch_(kSlots * kSlot) {
        for (std::size_t i = 0; i < peers; ++i) peers_.emplace_back(random_keys(profile), backend);
        for (std::size_t i = 0; i < kSlots; ++i) {
            batch_[i * kSlot] = 0x80;
            batch_[i * kSlot + 1] = 96;
        }
    }
    std::size_t step() {
        const auto destination = MutableBytes{batch_}.subspan(slot_ * kSlot, kSlot);
        const auto sealed = peers_[peer_].protect_rtp_from(destination, kHeader, payload_, 0);
        slot_ = (slot_ + 1) % kSlots;
        peer_ = (peer_ + 1) % peers_.size();
        return sealed ? 1 : 0;
    }

  private:
    static constexpr std::size_t kHeader = 12;
    static constexpr std::size_t kSlot = 2048;
    static constexpr std::size_t kSlots = 64;
    std::vector<std::uint8_t> payload_;
    std::vector<std::uint8_t> batch_;
    std::vector<SrtpOut> peers_;
    std::size_t slot_ = 0;
    std::size_t peer_ = 0;
};

// Sealed in place and opened: what is opened must be fresh each time.
class SrtpSealAndOpen {
  public:
    static constexpr int kWarmUp = 256;
    SrtpSealAndOpen(SrtpProfile profile, std::size_t size, SrtpBackend backend = SrtpBackend::openssl)
        : SrtpSealAndOpen{random_keys(profile), size, backend} {}
    std::size_t step() {
        ++index_;
        packet_[2] = static_cast<std::uint8_t>(index_ >> 8U);
        packet_[3] = static_cast<std::uint8_t>(index_);
        const auto sealed = out_.protect_rtp(packet_, size_, index_ >> 16U).value_or(0);
        return in_.unprotect_rtp(MutableBytes{packet_}.first(sealed)) ? 1 : 0;
    }

  private:
    SrtpSealAndOpen(const SrtpKeys& keys, std::size_t size, SrtpBackend backend)
        : out_{keys, backend}, in_{keys, backend}, size_{size}, packet_(size + kSrtpMaxOverhead) {
        packet_[0] = 0x80;
        packet_[1] = 96;
    }
    SrtpOut out_;
    SrtpIn in_;
    std::size_t size_;
    std::uint32_t index_ = 0;
    std::vector<std::uint8_t> packet_;
};

// A receiver report.
class SrtcpSealAndOpen {
  public:
    static constexpr int kWarmUp = 256;
    explicit SrtcpSealAndOpen(SrtpProfile profile, SrtpBackend backend = SrtpBackend::openssl)
        : SrtcpSealAndOpen{random_keys(profile), backend} {}
    std::size_t step() {
        std::copy(kReport.begin(), kReport.end(), packet_.begin());
        const auto sealed = out_.protect_rtcp(packet_, kReport.size()).value_or(0);
        return in_.unprotect_rtcp(MutableBytes{packet_}.first(sealed)) ? 1 : 0;
    }

  private:
    SrtcpSealAndOpen(const SrtpKeys& keys, SrtpBackend backend) : out_{keys, backend}, in_{keys, backend} {}
    static constexpr std::array<std::uint8_t, 32> kReport{0x81, 201, 0, 7, 0, 0, 0x10, 1};
    SrtpOut out_;
    SrtpIn in_;
    std::array<std::uint8_t, kReport.size() + kSrtcpMaxOverhead> packet_{};
};

}  // namespace cardea::bench
