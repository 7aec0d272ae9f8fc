#include "proto/sctp/sctp_transport.hpp"

#include <arpa/inet.h>
#include <usrsctp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "base/log.hpp"
#include "proto/sctp/sctp_address.hpp"

namespace cardea {
namespace {

// What a message over this size comes in: pieces, so that it need not fit into the receive window.
constexpr std::uint32_t kPieceSize = 64 * 1024;
constexpr std::uint16_t kCommonHeader = 12;

sockaddr_conn conn_address(AssociationId id, std::uint16_t port) {
    sockaddr_conn address{};
    address.sconn_family = AF_CONN;
    address.sconn_port = htons(port);
    address.sconn_addr = address_of(id);
    return address;
}

sockaddr* generic(sockaddr_conn& address) noexcept { return static_cast<sockaddr*>(static_cast<void*>(&address)); }

template <class T>
bool set_option(struct socket* on, int level, int name, const T& value) {
    return usrsctp_setsockopt(on, level, name, &value, sizeof(value)) == 0;
}

// A field of one of usrsctp's own records, in the byte order of the machine; 0 when the record is too short.
std::uint16_t field(Bytes record, std::size_t offset) noexcept {
    std::uint16_t value = 0;
    if (offset + sizeof(value) <= record.size()) std::memcpy(&value, record.data() + offset, sizeof(value));
    return value;
}

void set_reliability(sctp_sendv_spa& info, const Reliability& reliability) {
    if (reliability.max_retransmits) {
        info.sendv_prinfo.pr_policy = SCTP_PR_SCTP_RTX;
        info.sendv_prinfo.pr_value = *reliability.max_retransmits;
    } else if (reliability.max_lifetime) {
        info.sendv_prinfo.pr_policy = SCTP_PR_SCTP_TTL;
        info.sendv_prinfo.pr_value = *reliability.max_lifetime;
    } else {
        return;
    }
    info.sendv_flags |= SCTP_SEND_PRINFO_VALID;
}

}  // namespace

SctpTransport::SctpTransport(SctpStack& stack, Config config, SctpObserver& observer) : stack_{stack}, config_{config}, observer_{observer} {
    stack_.add(config_.id, *this);
    if (open()) return;
    log::warn("no SCTP association", log::kv("association", config_.id.value), log::kv("problem", std::strerror(errno)));
    close();
}

SctpTransport::~SctpTransport() {
    close();
    stack_.remove(config_.id);
}

bool SctpTransport::open() {
    socket_ = usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, nullptr, nullptr, 0, nullptr);
    if (socket_ == nullptr || usrsctp_set_non_blocking(socket_, 1) != 0 || !set_options()) return false;
    usrsctp_set_upcall(socket_, SctpStack::on_ready, address_of(config_.id));
    auto local = conn_address(config_.id, config_.local_port);
    if (usrsctp_bind(socket_, generic(local), sizeof(local)) != 0) return false;
    auto remote = conn_address(config_.id, config_.remote_port);
    return usrsctp_connect(socket_, generic(remote), sizeof(remote)) == 0 || errno == EINPROGRESS;
}

bool SctpTransport::set_options() {
    // Closing aborts: the DTLS association is on its way out then, nobody would hear a shutdown.
    bool good = set_option(socket_, SOL_SOCKET, SO_LINGER, linger{1, 0});
    for (const std::uint16_t type : std::array<std::uint16_t, 3>{SCTP_ASSOC_CHANGE, SCTP_STREAM_RESET_EVENT, SCTP_PARTIAL_DELIVERY_EVENT})
        good = good && set_option(socket_, IPPROTO_SCTP, SCTP_EVENT, sctp_event{SCTP_ALL_ASSOC, type, 1});
    good = good && set_option(socket_, IPPROTO_SCTP, SCTP_ENABLE_STREAM_RESET, sctp_assoc_value{SCTP_ALL_ASSOC, SCTP_ENABLE_RESET_STREAM_REQ});
    good = good && set_option(socket_, IPPROTO_SCTP, SCTP_NODELAY, 1);
    good = good && set_option(socket_, IPPROTO_SCTP, SCTP_RECVRCVINFO, 1);
    good = good && set_option(socket_, IPPROTO_SCTP, SCTP_FRAGMENT_INTERLEAVE, 0);
    good = good && set_option(socket_, IPPROTO_SCTP, SCTP_PARTIAL_DELIVERY_POINT, kPieceSize);
    good = good && set_option(socket_, IPPROTO_SCTP, SCTP_INITMSG, sctp_initmsg{kStreams, kStreams, 0, 0});
    sctp_paddrparams path{};
    path.spp_address.ss_family = AF_CONN;
    path.spp_assoc_id = SCTP_FUTURE_ASSOC;
    path.spp_pathmtu = static_cast<std::uint32_t>(config_.mtu - kCommonHeader);
    // The size is known, and ICE already asks whether the peer is there.
    path.spp_flags = SPP_PMTUD_DISABLE | SPP_HB_DISABLE;
    return good && set_option(socket_, IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS, path);
}

bool SctpTransport::send(const Message& message) {
    if (!is_up()) return false;
    sctp_sendv_spa info{};
    info.sendv_flags = SCTP_SEND_SNDINFO_VALID;
    info.sendv_sndinfo.snd_sid = message.stream;
    info.sendv_sndinfo.snd_ppid = htonl(message.ppid);
    info.sendv_sndinfo.snd_flags = static_cast<std::uint16_t>(message.reliability.ordered ? SCTP_EOR : SCTP_EOR | SCTP_UNORDERED);
    set_reliability(info, message.reliability);
    const auto sent = usrsctp_sendv(socket_, message.bytes.data(), message.bytes.size(), nullptr, 0, &info, sizeof(info), SCTP_SENDV_SPA, 0);
    is_blocked_ = is_blocked_ || sent < 0;
    return sent >= 0;
}

void SctpTransport::reset(StreamId stream) {
    if (!is_up()) return;
    std::array<std::uint8_t, sizeof(sctp_reset_streams) + sizeof(StreamId)> bytes{};
    sctp_reset_streams request{};
    request.srs_assoc_id = SCTP_ALL_ASSOC;
    request.srs_flags = SCTP_STREAM_RESET_OUTGOING;
    request.srs_number_streams = 1;
    std::memcpy(bytes.data(), static_cast<const void*>(&request), sizeof(request));
    std::memcpy(bytes.data() + offsetof(sctp_reset_streams, srs_stream_list), &stream, sizeof(stream));
    // Kept by usrsctp until what the stream has waiting is sent and earlier requests are answered.
    usrsctp_setsockopt(socket_, IPPROTO_SCTP, SCTP_RESET_STREAMS, bytes.data(), bytes.size());
}

void SctpTransport::read_all(MutableBytes buffer) {
    while (socket_ != nullptr) {
        sctp_rcvinfo info{};
        socklen_t info_size = sizeof(info);
        unsigned int info_type = 0;
        int flags = 0;
        const auto size =
            usrsctp_recvv(socket_, buffer.data(), buffer.size(), nullptr, nullptr, &info, &info_size, &info_type, &flags);
        if (size < 0 && (errno == EWOULDBLOCK || errno == EAGAIN || errno == EINPROGRESS)) break;
        if (size <= 0) return end();
        const auto bytes = Bytes{buffer}.first(static_cast<std::size_t>(size));
        const bool last = (flags & MSG_EOR) != 0;
        if ((flags & MSG_NOTIFICATION) != 0) {
            on_notification(bytes);
        } else if (info_type == SCTP_RECVV_RCVINFO) {
            on_data(info.rcv_sid, ntohl(info.rcv_ppid), bytes, last);
        }
    }
    if (socket_ == nullptr || !is_blocked_ || (usrsctp_get_events(socket_) & SCTP_EVENT_WRITE) == 0) return;
    is_blocked_ = false;
    observer_.on_sctp_writable();
}

void SctpTransport::on_data(StreamId stream, std::uint32_t ppid, Bytes data, bool last) {
    if (!partial_ && last) return observer_.on_sctp_message(stream, ppid, data);
    if (!partial_ || partial_->stream != stream) partial_ = Partial{.stream = stream};
    if (!partial_->too_large && data.size() > kMaxMessage - partial_->bytes.size()) {
        partial_ = Partial{.stream = stream, .too_large = true};
        observer_.on_sctp_too_large(stream);
    }
    if (!partial_->too_large) partial_->bytes.insert(partial_->bytes.end(), data.begin(), data.end());
    if (!last) return;
    const auto whole = std::exchange(partial_, std::nullopt);
    if (!whole->too_large) observer_.on_sctp_message(stream, ppid, whole->bytes);
}

void SctpTransport::on_notification(Bytes notification) {
    switch (field(notification, 0)) {
        case SCTP_ASSOC_CHANGE: return on_association_change(notification);
        case SCTP_STREAM_RESET_EVENT: return on_stream_reset(notification);
        case SCTP_PARTIAL_DELIVERY_EVENT: partial_.reset(); return;  // the peer gave the message up
        default: return;
    }
}

void SctpTransport::on_association_change(Bytes change) {
    // A restart (RFC 9260 section 5.2.4) has forgotten the channels: over, too.
    if (field(change, offsetof(sctp_assoc_change, sac_state)) != SCTP_COMM_UP || state_ != State::connecting) return end();
    state_ = State::up;
    observer_.on_sctp_up(std::min({field(change, offsetof(sctp_assoc_change, sac_outbound_streams)),
                                   field(change, offsetof(sctp_assoc_change, sac_inbound_streams)), kStreams}));
}

void SctpTransport::on_stream_reset(Bytes event) {
    constexpr auto kList = offsetof(sctp_stream_reset_event, strreset_stream_list);
    const bool incoming = (field(event, offsetof(sctp_stream_reset_event, strreset_flags)) & SCTP_STREAM_RESET_INCOMING_SSN) != 0;
    // Ours that was refused is over as well: there is nothing else to be done about it.
    const auto tell = [&](StreamId stream) {
        incoming ? observer_.on_sctp_incoming_reset(stream) : observer_.on_sctp_outgoing_reset(stream);
    };
    if (event.size() <= kList)
        for (StreamId stream = 0; stream < kStreams; ++stream) tell(stream);
    for (auto at = kList; at + sizeof(StreamId) <= event.size(); at += sizeof(StreamId)) tell(field(event, at));
}

void SctpTransport::close() {
    state_ = State::over;
    partial_.reset();
    if (socket_ == nullptr) return;
    usrsctp_set_upcall(socket_, nullptr, nullptr);
    usrsctp_close(std::exchange(socket_, nullptr));
}

void SctpTransport::end() {
    if (is_over()) return;
    close();
    observer_.on_sctp_down();
}

}  // namespace cardea
