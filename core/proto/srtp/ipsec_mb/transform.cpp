#include "proto/srtp/ipsec_mb/transform.hpp"

#include <openssl/crypto.h>

#include <algorithm>

#include "base/assert.hpp"
#include "proto/srtp/packet_head.hpp"

namespace cardea {
namespace {

// RFC 7714 section 9.2: the header of the first packet and the E|index word, in one piece.
using RtcpAssociated = std::array<std::uint8_t, kRtcpHeadSize + kSrtcpIndexSize>;
RtcpAssociated rtcp_associated(Bytes packet, Bytes word) noexcept {
    RtcpAssociated associated;
    std::copy_n(packet.begin(), kRtcpHeadSize, associated.begin());
    std::copy_n(word.begin(), kSrtcpIndexSize, associated.begin() + kRtcpHeadSize);
    return associated;
}

}  // namespace

IpsecMbTransform::IpsecMbTransform(const SrtpSessionKeys& keys, CryptDirection) : gcm_{IpsecMbLibrary::instance().gcm(sizes_of(keys.profile).key)} {
    const auto sizes = sizes_of(keys.profile);
    CARDEA_ASSERT(ipsec_mb_problem().empty() && sizes.aead && sizes.salt == salt_.size());
    gcm_.prepare(keys.key.bytes().data(), &key_);
    const auto salt = keys.salt.first(salt_.size());
    std::copy(salt.begin(), salt.end(), salt_.begin());
}

IpsecMbTransform::~IpsecMbTransform() {
    OPENSSL_cleanse(&key_, sizeof(key_));
    wipe_secret(salt_);
}

std::array<std::uint8_t, IpsecMbTransform::kIv> IpsecMbTransform::iv_of(std::uint32_t ssrc, std::uint64_t index) const noexcept {
    auto iv = salt_;
    mix_into_iv(iv, 2, ssrc, index);
    return iv;
}

// RFC 7714 section 8: the header with its extension is associated data.
bool IpsecMbTransform::seal_rtp(const RtpSealJob& job) noexcept {
    const auto iv = iv_of(job.ssrc, job.index);
    const auto body = job.buffer.subspan(job.header_size, job.clear_size() - job.header_size);
    const auto* from = body.data();
    if (job.written == job.header_size && !job.payload.empty()) {
        from = job.payload.data();
    } else {
        // Copying behind the codec's prefix and one call cost 10 ns; three calls that take the two pieces cost 25 (measured).
        std::copy(job.payload.begin(), job.payload.end(), job.buffer.subspan(job.written).begin());
    }
    gcm_context_data context;
    gcm_.seal(&key_, &context, body.data(), from, body.size(), iv.data(), job.buffer.data(), job.header_size, body.data() + body.size(), kTag);
    return true;
}

bool IpsecMbTransform::open_rtp(const RtpOpenJob& job) noexcept {
    const auto iv = iv_of(job.ssrc, job.index);
    const auto body = job.packet.subspan(job.header_size, job.packet.size() - job.header_size - kTag);
    std::array<std::uint8_t, kTag> tag;
    gcm_context_data context;
    gcm_.open(&key_, &context, body.data(), body.data(), body.size(), iv.data(), job.packet.data(), job.header_size, tag.data(), kTag);
    return CRYPTO_memcmp(tag.data(), job.packet.last(kTag).data(), kTag) == 0;
}

// RFC 7714 section 9.2: header, then cipher text and tag, then the word.
bool IpsecMbTransform::seal_rtcp(const RtcpSealJob& job) noexcept {
    const auto iv = iv_of(job.ssrc, job.index);
    const auto body = job.buffer.subspan(kRtcpHeadSize, job.size - kRtcpHeadSize);
    const auto word = word_bytes(kSrtcpEncrypted | job.index);
    const auto associated = rtcp_associated(job.buffer, word);
    const auto trailer = job.buffer.subspan(job.size, kTag + kSrtcpIndexSize);
    gcm_context_data context;
    gcm_.seal(&key_, &context, body.data(), body.data(), body.size(), iv.data(), associated.data(), associated.size(), trailer.data(), kTag);
    std::copy(word.begin(), word.end(), trailer.subspan(kTag).begin());
    return true;
}

bool IpsecMbTransform::open_rtcp(const RtcpOpenJob& job) noexcept {
    const auto iv = iv_of(job.ssrc, job.index);
    const auto sealed = job.packet.first(job.packet.size() - kSrtcpIndexSize);
    const auto body = sealed.subspan(kRtcpHeadSize, sealed.size() - kRtcpHeadSize - kTag);
    const auto associated = rtcp_associated(job.packet, job.packet.last(kSrtcpIndexSize));
    std::array<std::uint8_t, kTag> tag;
    gcm_context_data context;
    gcm_.open(&key_, &context, body.data(), body.data(), body.size(), iv.data(), associated.data(), associated.size(), tag.data(), kTag);
    return CRYPTO_memcmp(tag.data(), sealed.last(kTag).data(), kTag) == 0;
}

}  // namespace cardea
