// One WebSocket client (RFC 6455) on the service thread.
#include "lws/websocket_peer.hpp"

#include <libwebsockets.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "lws/documents.hpp"

namespace cardea::net {
namespace {

// libwebsockets copies what the socket does not take at once, so a long message goes out in fragments of this size.
constexpr std::size_t kFragmentBytes = 32 * 1024;
// Per turn: one busy client must not starve the others.
constexpr std::size_t kBurstPieces = 64;
constexpr std::size_t kBurstBytes = 8 * kFragmentBytes;
// Asking whether the socket takes more is a system call.
constexpr std::size_t kAskAfterBytes = 8 * 1024;
constexpr std::int64_t kSecond = 1'000'000'000;

constexpr std::string_view kTooLarge = "message too large";
constexpr std::string_view kTooManyFragments = "message of too many fragments";
constexpr std::string_view kTooLate = "message takes too long";

OutboxLimits outbox_limits(const Limits& limits, bool trusted) {
    return {limits.outbox_soft_bytes, trusted ? limits.outbox_trusted_bytes : limits.outbox_hard_bytes};
}

// While it lives, what is sent waits to go out together: a packet of its own costs more than all else that a short message does.
class Cork {
  public:
    explicit Cork(int fd) noexcept : fd_{fd} { set(1); }
    ~Cork() { set(0); }
    Cork(const Cork&) = delete;
    Cork& operator=(const Cork&) = delete;

  private:
    void set(int on) const noexcept { ::setsockopt(fd_, IPPROTO_TCP, TCP_CORK, &on, sizeof(on)); }
    int fd_;
};

unsigned char* bytes_of(std::string& framed) { return static_cast<unsigned char*>(static_cast<void*>(framed.data())); }

}  // namespace

WebSocketPeer::WebSocketPeer(::lws* wsi, Application& application, const Limits& limits, sdk::Admission admission)
    : wsi_{wsi},
      application_{application},
      limits_{limits},
      id_{admission.id},
      link_{std::make_shared<Link>(outbox_limits(limits, admission.trusted))},
      progress_ns_{application.now_ns()} {}

WebSocketPeer::~WebSocketPeer() {
    link_->end();
    application_.on_gone(id_);
}

Verdict WebSocketPeer::on_piece(std::string_view bytes, Ends ends) {
    if (aborted_) return Verdict::close;
    if (!refusal_.empty()) return Verdict::keep;
    if (began_ns_ == 0) began_ns_ = application_.now_ns();
    if (ends != Ends::nothing) ++fragments_;
    if (const auto why = excess(bytes.size()); !why.empty()) {
        refuse(why);
        return Verdict::keep;
    }
    incoming_ += bytes;
    if (ends != Ends::message) return Verdict::keep;
    ready_.push_back(std::exchange(incoming_, {}));
    fragments_ = 0;
    began_ns_ = 0;
    deliver();
    apply_reading();
    return Verdict::keep;
}

// RFC 6455 §5.4 sets no bound on the frames of a message, and a frame may be empty: size alone would let one go on for ever.
std::string_view WebSocketPeer::excess(std::size_t size) const {
    if (incoming_.size() + size > limits_.message_bytes) return kTooLarge;
    return fragments_ > limits_.message_fragments ? kTooManyFragments : "";
}

// To end from within a piece would have the library lose its place in the frame, and with it the client's answer to the
// close frame. So the goodbye is said when the socket is writable, and what comes until then is not kept.
void WebSocketPeer::refuse(std::string_view why) {
    refusal_ = why;
    began_ns_ = application_.now_ns();
    std::string{}.swap(incoming_);
    lws_callback_on_writable(wsi_);
}

Verdict WebSocketPeer::say_goodbye() {
    const auto status = refusal_ == kTooLate ? LWS_CLOSE_STATUS_POLICY_VIOLATION : LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE;
    std::string text{refusal_};
    lws_close_reason(wsi_, status, bytes_of(text), text.size());
    application_.on_closed(id_, refusal_);
    return Verdict::close;
}

void WebSocketPeer::deliver() {
    while (!ready_.empty() && link_->state().read) {
        const auto rest = std::string_view{ready_.front()}.substr(delivered_);
        const auto document = first_document(rest);
        const auto epoch = link_->reading_epoch();
        if (application_.on_message(id_, document) == sdk::Taken::hold) link_->hold(epoch);
        delivered_ += document.size();
        if (delivered_ >= ready_.front().size()) {
            ready_.pop_front();
            delivered_ = 0;
        }
    }
}

void WebSocketPeer::apply_reading() {
    const bool on = ready_.empty() && link_->state().read;
    if (on == flow_on_) return;
    flow_on_ = on;
    lws_rx_flow_control(wsi_, on ? 1 : 0);
}

void WebSocketPeer::on_changed() {
    if (aborted_) return;
    if (link_->state().overflow) return abort("outbox full");
    // A socket that has taken everything so far takes this too, most likely: asking first costs a turn of the loop. What it does not
    // take the library keeps.
    const bool may_write = refusal_.empty() && !link_->state().closing && lws_partial_buffered(wsi_) == 0;
    if (may_write && !write_burst()) return drop();
    if (!may_write || has_more()) lws_callback_on_writable(wsi_);
    deliver();  // the host may ask for more, or the outbox have fallen below its soft limit
    apply_reading();
}

bool WebSocketPeer::has_more() { return outgoing_ || !link_->state().empty || link_->state().closing; }

Verdict WebSocketPeer::on_writable() {
    if (aborted_) return Verdict::close;
    if (!refusal_.empty()) return say_goodbye();
    if (!outgoing_) {
        const auto state = link_->state();
        if (state.closing && state.empty) {
            lws_close_reason(wsi_, LWS_CLOSE_STATUS_NORMAL, nullptr, 0);
            lws_rx_flow_control(wsi_, 1);  // for the answer to the close frame
            return Verdict::close;
        }
    }
    if (!write_burst()) return Verdict::close;
    if (has_more()) lws_callback_on_writable(wsi_);
    deliver();  // the outbox may have fallen below its soft limit
    apply_reading();
    return Verdict::keep;
}

bool WebSocketPeer::write_burst() {
    if (!outgoing_) outgoing_ = link_->take();
    std::optional<Cork> cork;
    if (outgoing_ && !link_->state().empty) cork.emplace(lws_get_socket_fd(wsi_));
    std::size_t bytes = 0, asked_at = 0;
    for (std::size_t pieces = 0; outgoing_ && pieces < kBurstPieces && bytes < kBurstBytes; ++pieces) {
        const auto written = write_some();
        if (!written) return false;
        bytes += *written;
        if (!outgoing_) outgoing_ = link_->take();
        if (lws_partial_buffered(wsi_) != 0) break;
        if (bytes - asked_at < kAskAfterBytes) continue;
        if (lws_send_pipe_choked(wsi_) != 0) break;
        asked_at = bytes;
    }
    return true;
}

std::optional<std::size_t> WebSocketPeer::write_some() {
    const auto size = outgoing_->size() - LWS_PRE;
    const auto chunk = std::min(kFragmentBytes, size - written_);
    const bool last = written_ + chunk == size;
    const auto kind = lws_write_ws_flags(LWS_WRITE_TEXT, written_ == 0 ? 1 : 0, last ? 1 : 0);
    // The frame's header goes before the data: into the headroom, later over what has been sent already.
    if (lws_write(wsi_, bytes_of(*outgoing_) + LWS_PRE + written_, chunk, static_cast<lws_write_protocol>(kind)) < 0) return std::nullopt;
    ++chunks_;
    written_ += chunk;
    link_->sent(chunk);
    if (last) {
        outgoing_.reset();
        written_ = 0;
    }
    return chunk;
}

// POLLOUT comes only when a third of a large socket buffer is free: a slow client drains long before that, which the
// count of unacknowledged bytes shows.
bool WebSocketPeer::took_something() {
    int backlog = 0;
    if (::ioctl(lws_get_socket_fd(wsi_), SIOCOUTQ, &backlog) != 0) backlog = 0;
    const bool drained = backlog < kernel_backlog_;
    kernel_backlog_ = backlog;
    return std::exchange(chunks_, 0) != 0 || drained;
}

void WebSocketPeer::check(std::int64_t now_ns) {
    if (!aborted_) check_outbox(now_ns);
    if (!aborted_) check_incoming(now_ns);
}

void WebSocketPeer::check_outbox(std::int64_t now_ns) {
    const bool waits = outgoing_ || !link_->state().empty;
    if (took_something() || !waits) progress_ns_ = now_ns;
    if (now_ns - progress_ns_ >= limits_.outbox_stall_seconds * kSecond) abort("outbox stalled");
}

void WebSocketPeer::check_incoming(std::int64_t now_ns) {
    // Neither pongs nor the rest of a message are seen while reading is off; that is our choice, not the client's silence.
    if (!flow_on_) {
        lws_validity_confirmed(wsi_);
        if (began_ns_ != 0) began_ns_ = now_ns;
        return;
    }
    const auto age = began_ns_ == 0 ? 0 : now_ns - began_ns_;
    if (!refusal_.empty()) {
        if (age > kSecond) abort(refusal_);  // not even the close frame has found room
    } else if (age >= limits_.message_seconds * kSecond) {
        refuse(kTooLate);
    }
}

void WebSocketPeer::abort(std::string_view why) {
    application_.on_closed(id_, why);
    drop();
}

// Whoever does not read gets no goodbye: reset the connection so that the kernel drops its buffer too.
void WebSocketPeer::drop() {
    aborted_ = true;
    link_->end();
    outgoing_.reset();
    ready_.clear();
    const linger reset{1, 0};
    ::setsockopt(lws_get_socket_fd(wsi_), SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    lws_set_timeout(wsi_, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
}

}  // namespace cardea::net
