#include "proto/srtp/aead_transform.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "proto/srtp/packet_head.hpp"

namespace cardea {

AeadTransform::AeadTransform(const SrtpSessionKeys& keys, SrtpDirection direction) : context_{EVP_CIPHER_CTX_new()} {
    const auto sizes = sizes_of(keys.profile);
    CARDEA_ASSERT(context_ != nullptr && sizes.aead && sizes.salt == salt_.size());
    const auto& cipher = sizes.key == 32 ? EvpCiphers::instance().gcm256() : EvpCiphers::instance().gcm128();
    const auto* key = keys.key.bytes().data();
    CARDEA_ASSERT(EVP_CipherInit_ex2(context_.get(), &cipher, key, nullptr, direction == SrtpDirection::seal ? 1 : 0, nullptr) == 1);
    const auto salt = keys.salt.first(salt_.size());
    std::copy(salt.begin(), salt.end(), salt_.begin());
}

bool AeadTransform::begin(std::uint32_t ssrc, std::uint64_t index) noexcept {
    auto iv = salt_;
    mix_into_iv(iv, 2, ssrc, index);
    return EVP_CipherInit_ex2(context_.get(), nullptr, nullptr, iv.data(), -1, nullptr) == 1;
}

bool AeadTransform::add(Bytes associated) noexcept {
    int written = 0;
    return EVP_CipherUpdate(context_.get(), nullptr, &written, associated.data(), static_cast<int>(associated.size())) == 1;
}

bool AeadTransform::crypt(Bytes in, std::uint8_t* out) noexcept {
    if (in.empty()) return true;
    int written = 0;
    return EVP_CipherUpdate(context_.get(), out, &written, in.data(), static_cast<int>(in.size())) == 1;
}

bool AeadTransform::finish_seal(std::uint8_t* tag) noexcept {
    int written = 0;
    return EVP_CipherFinal_ex(context_.get(), tag, &written) == 1 &&
           EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kTag), tag) == 1;
}

bool AeadTransform::finish_open(std::uint8_t* tag) noexcept {
    int written = 0;
    std::array<std::uint8_t, 16> nothing{};
    return EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(kTag), tag) == 1 &&
           EVP_CipherFinal_ex(context_.get(), nothing.data(), &written) == 1;
}

// RFC 7714 section 8: the header with its extension is associated data.
bool AeadTransform::seal_rtp(const RtpSealJob& job) noexcept {
    const auto prefix = job.buffer.subspan(job.header_size, job.written - job.header_size);
    const auto room = job.buffer.subspan(job.written, job.payload.size() + kTag);
    return begin(job.ssrc, job.index) && add(job.buffer.first(job.header_size)) && crypt(prefix, prefix.data()) &&
           crypt(job.payload, room.data()) && finish_seal(room.subspan(job.payload.size()).data());
}

bool AeadTransform::open_rtp(const RtpOpenJob& job) noexcept {
    const auto body = job.packet.subspan(job.header_size, job.packet.size() - job.header_size - kTag);
    return begin(job.ssrc, job.index) && add(job.packet.first(job.header_size)) && crypt(body, body.data()) &&
           finish_open(job.packet.last(kTag).data());
}

// RFC 7714 section 9.2: header, then cipher text and tag, then the word; header and word are associated data.
bool AeadTransform::seal_rtcp(const RtcpSealJob& job) noexcept {
    const auto body = job.buffer.subspan(kRtcpHeadSize, job.size - kRtcpHeadSize);
    const auto word = word_bytes(kSrtcpEncrypted | job.index);
    const auto trailer = job.buffer.subspan(job.size, kTag + kSrtcpIndexSize);
    if (!begin(job.ssrc, job.index) || !add(job.buffer.first(kRtcpHeadSize)) || !add(word) || !crypt(body, body.data())) return false;
    std::copy(word.begin(), word.end(), trailer.subspan(kTag).begin());
    return finish_seal(trailer.data());
}

bool AeadTransform::open_rtcp(const RtcpOpenJob& job) noexcept {
    const auto sealed = job.packet.first(job.packet.size() - kSrtcpIndexSize);
    const auto body = sealed.subspan(kRtcpHeadSize, sealed.size() - kRtcpHeadSize - kTag);
    return begin(job.ssrc, job.index) && add(job.packet.first(kRtcpHeadSize)) && add(job.packet.last(kSrtcpIndexSize)) &&
           crypt(body, body.data()) && finish_open(sealed.last(kTag).data());
}

}  // namespace cardea
