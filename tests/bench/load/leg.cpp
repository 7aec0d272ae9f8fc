#include "leg.hpp"

#include <charconv>

#include "base/random.hpp"
#include "rtcp.hpp"
#include "rtp.hpp"

namespace cardea::load {
namespace {

constexpr std::uint16_t kSampleMask = 0x3f;  // one packet in 64 is decrypted and looked at
constexpr Duration kTickStarting = 5ms;
constexpr Duration kTickRunning = 100ms;

// "a=candidate:1 1 udp 2130706431 192.0.2.1 10000 typ host": the first UDP candidate of component 1 of the family we are bound to.
std::optional<SocketAddress> address_of(const std::vector<std::string>& candidates, bool v6) {
    for (const auto& line : candidates) {
        std::array<std::string_view, 7> words{};
        std::string_view rest{line};
        for (auto& word : words) {
            const auto end = std::min(rest.find(' '), rest.size());
            word = rest.substr(0, end);
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        std::uint16_t port = 0;
        std::from_chars(words[5].data(), words[5].data() + words[5].size(), port);
        const auto address = SocketAddress::parse(words[4], port);
        const bool udp = words[2] == "udp" || words[2] == "UDP";
        if (words[1] == "1" && udp && port != 0 && address && address->is_v6() == v6) return address;
    }
    return std::nullopt;
}

SrtpKeys keys_of(const std::string& openssl_name, const std::vector<std::uint8_t>& material) {
    const auto profile = openssl_name == "SRTP_AEAD_AES_256_GCM"   ? SrtpProfile::aead_aes_256_gcm
                         : openssl_name == "SRTP_AEAD_AES_128_GCM" ? SrtpProfile::aead_aes_128_gcm
                                                                   : SrtpProfile::aes_cm_128_hmac_sha1_80;
    const Bytes all{material};
    return SrtpKeys::from(profile, all.first(sizes_of(profile).key), all.subspan(sizes_of(profile).key));
}

}  // namespace

Leg::Leg(Environment environment, Up up)
    : environment_{std::move(environment)}, up_{std::move(up)}, udp_{environment_.bind_address}, own_ssrc_{random_u32() | 1U} {}

testpeer::SdpLocal Leg::local(std::string setup) const {
    const auto& address = udp_.local();
    return {.ice = ice_.local(),
            .candidates = {"a=candidate:1 1 udp 2130706431 " + address.ip() + " " + std::to_string(address.port()) + " typ host"},
            .fingerprint = environment_.certificate.fingerprint,
            .setup = std::move(setup),
            .data = environment_.data != nullptr};
}

void Leg::set_remote(const testpeer::SdpDescription& remote, Part part) {
    const auto address = address_of(remote.candidates, udp_.local().is_v6());
    if (!address) throw std::runtime_error{"the gateway names no candidate that this address reaches"};
    udp_.connect(*address);
    for (const auto& media : remote.media)
        for (const auto& codec : media.codecs) payload_kinds_[codec.type & 0x7fU] = media.kind == "video" ? 1 : 0;
    // RFC 8445 section 6.1.1: the full agent controls a lite one, else the offerer does.
    ice_.set_remote(remote.ice, remote.ice_lite || part == Part::offerer);
    const bool client = part == Part::answerer ? remote.setup != "active" : remote.setup == "passive";
    dtls_ = std::make_unique<testpeer::DtlsSession>(environment_.dtls, client ? testpeer::DtlsRole::client : testpeer::DtlsRole::server,
                                                    remote.fingerprint, [this](Bytes datagram) { udp_.send(datagram); });
    for (const auto& media : remote.media)
        if (media.kind == "application" && media.port != 0 && environment_.data != nullptr)
            data_config_ = {client, media.sctp_port, "status"};
    next_tick_ = {};
}

void Leg::on_readable(Instant now) {
    for (;;) {
        const auto count = environment_.batch.read(udp_.fd());
        for (std::size_t i = 0; i < count; ++i) on_datagram(now, environment_.batch.datagram(i));
        if (count < ReceiveBatch::kDatagrams) return;
    }
}

// RFC 7983: the first byte tells STUN, DTLS and RTP apart.
void Leg::on_datagram(Instant now, MutableBytes datagram) {
    if (datagram.size() < 12) return;
    if (datagram[0] >= 128) {
        const bool rtcp = datagram[1] >= 192 && datagram[1] <= 223;
        return rtcp ? on_rtcp(datagram) : on_rtp(now, datagram);
    }
    if (datagram[0] >= 20 && datagram[0] <= 63) return on_dtls(now, datagram);
    if (const auto reply = ice_.on_datagram(datagram, udp_.remote()); !reply.empty()) udp_.send(reply);
    if (ice_.connected()) tick(now);
}

void Leg::on_dtls(Instant now, Bytes datagram) {
    if (!dtls_) return;
    dtls_->receive(datagram);
    if (out_ || dtls_->status() != testpeer::DtlsStatus::connected) return;
    const auto& keys = *dtls_->keys();
    in_.emplace(keys_of(keys.profile, keys.remote));
    out_.emplace(keys_of(keys.profile, keys.local));
    next_report_ = now + 500ms;
    if (data_config_) start_data();
    up_(now);
}

void Leg::start_data() {
    data_ = std::make_unique<DataLink>(*environment_.data, *data_config_, [this](Bytes packet) { dtls_->send_data(packet); });
    dtls_->on_data([this](Bytes packet) { data_->receive(packet); });
}

StreamCount& Leg::stream_of(std::uint32_t ssrc, std::uint8_t payload_type) {
    for (auto& stream : streams_)
        if (stream.ssrc == ssrc) return stream;
    auto& stream = streams_.emplace_back();
    stream.ssrc = ssrc;
    stream.video = payload_kinds_[payload_type] != 0;
    return stream;
}

void Leg::on_rtp(Instant now, MutableBytes packet) {
    ByteReader header{packet};
    header.skip(1);
    const auto type = static_cast<std::uint8_t>(header.be<std::uint8_t>() & 0x7fU);
    const auto sequence = header.be<std::uint16_t>();
    header.skip(4);
    auto& stream = stream_of(header.be<std::uint32_t>(), type);
    if (stream.received == 0) stream.first = stream.highest = sequence;
    const auto extended = testpeer::extend_sequence(stream.highest, sequence);
    if (extended < stream.highest) ++stream.reordered;
    stream.highest = std::max(stream.highest, extended);
    stream.first = std::min(stream.first, extended);
    ++stream.received;
    if ((sequence & kSampleMask) != 0 || !in_) return;
    const auto size = in_->unprotect_rtp(packet);
    const auto plain = size ? testpeer::parse_rtp(packet.first(*size), 0) : std::nullopt;
    const auto stamp = plain ? read_payload(plain->payload, stream.video) : std::nullopt;
    ++stream.sampled;
    if (!stamp) {
        ++stream.damaged;
        return;
    }
    environment_.latencies.add(now - stamp->sent);
    if (!stream.video) environment_.audio_latencies.add(now - stamp->sent);
}

void Leg::on_rtcp(MutableBytes packet) {
    if (!in_) return;
    const auto size = in_->unprotect_rtcp(packet);
    if (!size) return;
    if (!testpeer::parse_rtcp(packet.first(*size)).keyframe_requests.empty()) keyframe_requested_ = true;
}

void Leg::tick(Instant now) {
    if (now < next_tick_) return;
    next_tick_ = now + (is_up() ? kTickRunning : kTickStarting);
    if (const auto check = ice_.poll_check(now); !check.empty()) udp_.send(check);
    if (!dtls_ || !ice_.connected()) return;
    if (!dtls_started_) {
        dtls_started_ = true;
        dtls_->start();
    }
    dtls_->retransmit_if_due();
    if (!is_up() || now < next_report_) return;
    next_report_ = now + 1s;
    testpeer::RtcpWriter report;
    std::vector<testpeer::ReportBlock> blocks;
    for (const auto& stream : streams_)
        blocks.push_back({.ssrc = stream.ssrc, .total_lost = static_cast<std::int32_t>(stream.lost()), .highest_sequence = static_cast<std::uint32_t>(stream.highest)});
    report.receiver_report(own_ssrc_, blocks);
    report.cname(own_ssrc_, testpeer::kCname);
    send_rtcp(report.data());
}

void Leg::send_rtp(MutableBytes buffer, std::size_t size) noexcept {
    if (!out_) return;
    if (const auto protected_size = out_->protect_rtp(buffer, size)) udp_.send(buffer.first(*protected_size));
}

void Leg::send_rtcp(const std::vector<std::uint8_t>& compound) {
    if (!out_) return;
    std::array<std::uint8_t, 1500> buffer{};
    std::copy(compound.begin(), compound.end(), buffer.begin());
    if (const auto size = out_->protect_rtcp(buffer, compound.size())) udp_.send(Bytes{buffer}.first(*size));
}

void Leg::close() {
    if (dtls_) dtls_->close();
}

}  // namespace cardea::load
