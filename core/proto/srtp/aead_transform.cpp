#include "proto/srtp/aead_transform.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "proto/srtp/packet_head.hpp"

namespace cardea {
namespace {

const EVP_CIPHER& cipher_of(const SrtpSessionKeys& keys) {
    return sizes_of(keys.profile).key == 32 ? EvpCiphers::instance().gcm256() : EvpCiphers::instance().gcm128();
}

}  // namespace

AeadTransform::AeadTransform(const SrtpSessionKeys& keys, CryptDirection direction)
    : aead_{cipher_of(keys), keys.key.first(sizes_of(keys.profile).key), direction} {
    CARDEA_ASSERT(sizes_of(keys.profile).aead && sizes_of(keys.profile).salt == salt_.size());
    const auto salt = keys.salt.first(salt_.size());
    std::copy(salt.begin(), salt.end(), salt_.begin());
}

bool AeadTransform::begin(std::uint32_t ssrc, std::uint64_t index) noexcept {
    auto nonce = salt_;
    mix_into_iv(nonce, 2, ssrc, index);
    return aead_.begin(nonce);
}

// RFC 7714 section 8: the header with its extension is associated data.
bool AeadTransform::seal_rtp(const RtpSealJob& job) noexcept {
    const auto prefix = job.buffer.subspan(job.header_size, job.written - job.header_size);
    const auto room = job.buffer.subspan(job.written, job.payload.size() + kTag);
    return begin(job.ssrc, job.index) && aead_.add(job.buffer.first(job.header_size)) && aead_.crypt(prefix, prefix.data()) &&
           aead_.crypt(job.payload, room.data()) && aead_.finish_seal(room.subspan(job.payload.size()).data());
}

bool AeadTransform::open_rtp(const RtpOpenJob& job) noexcept {
    const auto body = job.packet.subspan(job.header_size, job.packet.size() - job.header_size - kTag);
    return begin(job.ssrc, job.index) && aead_.add(job.packet.first(job.header_size)) && aead_.crypt(body, body.data()) &&
           aead_.finish_open(job.packet.last(kTag));
}

// RFC 7714 section 9.2: header, then cipher text and tag, then the word; header and word are associated data.
bool AeadTransform::seal_rtcp(const RtcpSealJob& job) noexcept {
    const auto body = job.buffer.subspan(kRtcpHeadSize, job.size - kRtcpHeadSize);
    const auto word = word_bytes(kSrtcpEncrypted | job.index);
    const auto trailer = job.buffer.subspan(job.size, kTag + kSrtcpIndexSize);
    if (!begin(job.ssrc, job.index) || !aead_.add(job.buffer.first(kRtcpHeadSize)) || !aead_.add(word) || !aead_.crypt(body, body.data())) return false;
    std::copy(word.begin(), word.end(), trailer.subspan(kTag).begin());
    return aead_.finish_seal(trailer.data());
}

bool AeadTransform::open_rtcp(const RtcpOpenJob& job) noexcept {
    const auto sealed = job.packet.first(job.packet.size() - kSrtcpIndexSize);
    const auto body = sealed.subspan(kRtcpHeadSize, sealed.size() - kRtcpHeadSize - kTag);
    return begin(job.ssrc, job.index) && aead_.add(job.packet.first(kRtcpHeadSize)) && aead_.add(job.packet.last(kSrtcpIndexSize)) &&
           aead_.crypt(body, body.data()) && aead_.finish_open(sealed.last(kTag));
}

}  // namespace cardea
