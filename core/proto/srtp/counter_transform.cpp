#include "proto/srtp/counter_transform.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/random.hpp"
#include "proto/srtp/packet_head.hpp"

namespace cardea {
namespace {

void write_tag(const HmacSha1::Digest& digest, MutableBytes tag) noexcept {
    std::copy_n(digest.begin(), tag.size(), tag.begin());
}
bool has_tag(const HmacSha1::Digest& digest, Bytes tag) noexcept {
    return equal_constant_time(Bytes{digest}.first(tag.size()), tag);
}
std::array<std::uint8_t, 4> roc_bytes(std::uint64_t index) noexcept { return word_bytes(static_cast<std::uint32_t>(index >> 16U)); }

}  // namespace

template <std::size_t RtpTag>
CounterTransform<RtpTag>::CounterTransform(const SrtpSessionKeys& keys, CryptDirection)
    : context_{EVP_CIPHER_CTX_new()}, hmac_{keys.auth.bytes()} {
    const auto sizes = sizes_of(keys.profile);
    CARDEA_ASSERT(context_ != nullptr && !sizes.aead && sizes.salt == salt_.size());
    const auto* key = keys.key.bytes().data();
    CARDEA_ASSERT(EVP_CipherInit_ex2(context_.get(), &EvpCiphers::instance().ctr128(), key, nullptr, 1, nullptr) == 1);
    const auto salt = keys.salt.first(salt_.size());
    std::copy(salt.begin(), salt.end(), salt_.begin());
}

template <std::size_t RtpTag>
bool CounterTransform<RtpTag>::begin(std::uint32_t ssrc, std::uint64_t index) noexcept {
    std::array<std::uint8_t, 16> iv{};
    std::copy(salt_.begin(), salt_.end(), iv.begin());
    mix_into_iv(iv, 4, ssrc, index);
    return EVP_CipherInit_ex2(context_.get(), nullptr, nullptr, iv.data(), -1, nullptr) == 1;
}

template <std::size_t RtpTag>
bool CounterTransform<RtpTag>::crypt(Bytes in, std::uint8_t* out) noexcept {
    if (in.empty()) return true;
    int written = 0;
    return EVP_CipherUpdate(context_.get(), out, &written, in.data(), static_cast<int>(in.size())) == 1;
}

template <std::size_t RtpTag>
bool CounterTransform<RtpTag>::seal_rtp(const RtpSealJob& job) noexcept {
    const auto prefix = job.buffer.subspan(job.header_size, job.written - job.header_size);
    const auto room = job.buffer.subspan(job.written);
    if (!begin(job.ssrc, job.index) || !crypt(prefix, prefix.data()) || !crypt(job.payload, room.data())) return false;
    write_tag(hmac_.sign(job.buffer.first(job.clear_size()), roc_bytes(job.index)), room.subspan(job.payload.size(), kTag));
    return true;
}

template <std::size_t RtpTag>
bool CounterTransform<RtpTag>::open_rtp(const RtpOpenJob& job) noexcept {
    const auto sealed = job.packet.first(job.packet.size() - kTag);
    if (!has_tag(hmac_.sign(sealed, roc_bytes(job.index)), job.packet.last(kTag))) return false;
    const auto body = sealed.subspan(job.header_size);
    return begin(job.ssrc, job.index) && crypt(body, body.data());
}

// RFC 3711 section 3.4: cipher text, the word, then the tag over all of it.
template <std::size_t RtpTag>
bool CounterTransform<RtpTag>::seal_rtcp(const RtcpSealJob& job) noexcept {
    const auto body = job.buffer.subspan(kRtcpHeadSize, job.size - kRtcpHeadSize);
    if (!begin(job.ssrc, job.index) || !crypt(body, body.data())) return false;
    const auto word = word_bytes(kSrtcpEncrypted | job.index);
    std::copy(word.begin(), word.end(), job.buffer.subspan(job.size).begin());
    const auto sealed = job.buffer.first(job.size + kSrtcpIndexSize);
    write_tag(hmac_.sign(sealed, {}), job.buffer.subspan(sealed.size(), kRtcpTag));
    return true;
}

template <std::size_t RtpTag>
bool CounterTransform<RtpTag>::open_rtcp(const RtcpOpenJob& job) noexcept {
    const auto sealed = job.packet.first(job.packet.size() - kRtcpTag);
    if (!has_tag(hmac_.sign(sealed, {}), job.packet.last(kRtcpTag))) return false;
    const auto body = sealed.subspan(kRtcpHeadSize, sealed.size() - kRtcpHeadSize - kSrtcpIndexSize);
    return begin(job.ssrc, job.index) && crypt(body, body.data());
}

template class CounterTransform<10>;
template class CounterTransform<4>;

}  // namespace cardea
