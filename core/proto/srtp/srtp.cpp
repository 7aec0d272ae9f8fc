#include "proto/srtp/srtp.hpp"

#include <algorithm>

#include "proto/srtp/backend.hpp"
#include "proto/srtp/packet_index.hpp"

namespace cardea {

std::string_view to_text(SrtpErrc error) noexcept {
    switch (error) {
        case SrtpErrc::truncated: return "truncated";
        case SrtpErrc::malformed: return "malformed";
        case SrtpErrc::auth: return "auth";
        case SrtpErrc::replay: return "replay";
        case SrtpErrc::old: return "old";
        case SrtpErrc::unencrypted: return "unencrypted";
        case SrtpErrc::too_many_streams: return "too_many_streams";
        case SrtpErrc::no_room: return "no_room";
        case SrtpErrc::exhausted: return "exhausted";
        case SrtpErrc::internal: break;
    }
    return "internal";
}

bool srtp_supports(SrtpBackend backend, SrtpProfile profile) noexcept {
    switch (backend) {
        case SrtpBackend::libsrtp2: return libsrtp_supports(profile);
        case SrtpBackend::ipsec_mb: return ipsec_mb_problem().empty();
        case SrtpBackend::openssl: break;
    }
    return true;
}

namespace {

bool is_for_ipsec_mb(const SrtpKeys& keys, SrtpBackend backend) noexcept {
    return backend == SrtpBackend::ipsec_mb && sizes_of(keys.profile).aead;
}

std::unique_ptr<SrtpInBackend> make_in(const SrtpKeys& keys, SrtpBackend backend) {
    if (backend == SrtpBackend::libsrtp2) return make_libsrtp_in(keys);
    return is_for_ipsec_mb(keys, backend) ? make_ipsec_mb_in(keys) : make_evp_in(keys);
}

std::unique_ptr<SrtpOutBackend> make_out(const SrtpKeys& keys, SrtpBackend backend) {
    if (backend == SrtpBackend::libsrtp2) return make_libsrtp_out(keys);
    return is_for_ipsec_mb(keys, backend) ? make_ipsec_mb_out(keys) : make_evp_out(keys);
}

}  // namespace

SrtpIn::SrtpIn(const SrtpKeys& keys, SrtpBackend backend) : backend_{make_in(keys, backend)} {}
SrtpIn::SrtpIn(SrtpIn&&) noexcept = default;
SrtpIn& SrtpIn::operator=(SrtpIn&&) noexcept = default;
SrtpIn::~SrtpIn() = default;

SrtpSize SrtpIn::unprotect_rtp(MutableBytes packet) noexcept {
    const auto head = parse_rtp_head(packet);
    if (!head) return tl::unexpected{head.error()};
    return backend_->open_rtp(packet, *head);
}

SrtpSize SrtpIn::unprotect_rtcp(MutableBytes packet) noexcept {
    const auto ssrc = parse_rtcp_ssrc(packet);
    if (!ssrc) return tl::unexpected{ssrc.error()};
    return backend_->open_rtcp(packet, *ssrc);
}

void SrtpIn::forget(Ssrc ssrc) noexcept { backend_->forget(ssrc.value); }

SrtpOut::SrtpOut(const SrtpKeys& keys, SrtpBackend backend) : backend_{make_out(keys, backend)} {}
SrtpOut::SrtpOut(SrtpOut&&) noexcept = default;
SrtpOut& SrtpOut::operator=(SrtpOut&&) noexcept = default;
SrtpOut::~SrtpOut() = default;

SrtpSize SrtpOut::protect_rtp(MutableBytes buffer, std::size_t size, std::uint32_t roc) noexcept {
    return protect_rtp_from(buffer, size, {}, roc);
}

SrtpSize SrtpOut::protect_rtp(MutableBytes buffer, std::size_t size) noexcept {
    if (size > buffer.size()) return tl::unexpected{SrtpErrc::no_room};
    const auto head = parse_rtp_head(buffer.first(size));
    if (!head) return tl::unexpected{head.error()};
    auto& streams = backend_->tracked();
    auto* highest = streams.find(head->ssrc);
    if (highest == nullptr) {
        if (streams.is_full()) return tl::unexpected{SrtpErrc::too_many_streams};
        highest = &streams.add(head->ssrc, rtp_index(0, head->sequence));
    }
    const auto index = estimate_index(*highest, head->sequence);
    const auto sealed = backend_->seal_rtp({buffer, head->size, size, {}, head->ssrc, index});
    if (sealed) *highest = std::max(*highest, index);
    return sealed;
}

SrtpSize SrtpOut::protect_rtp_from(MutableBytes destination, std::size_t header_size, Bytes payload, std::uint32_t roc) noexcept {
    if (header_size > destination.size() || payload.size() > destination.size() - header_size) return tl::unexpected{SrtpErrc::no_room};
    const auto head = parse_rtp_head(destination.first(header_size));
    if (!head) return tl::unexpected{head.error()};
    return backend_->seal_rtp({destination, head->size, header_size, payload, head->ssrc, rtp_index(roc, head->sequence)});
}

SrtpSize SrtpOut::protect_rtcp(MutableBytes buffer, std::size_t size) noexcept {
    if (size > buffer.size()) return tl::unexpected{SrtpErrc::no_room};
    const auto ssrc = parse_rtcp_ssrc(buffer.first(size));
    if (!ssrc) return tl::unexpected{ssrc.error()};
    return backend_->seal_rtcp(buffer, size, *ssrc);
}

}  // namespace cardea
