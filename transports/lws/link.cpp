// The outbox and reading gate of one client.
#include "lws/link.hpp"

#include <algorithm>
#include <utility>

namespace cardea::net {

bool Link::put(std::string framed, std::size_t headroom) {
    const std::lock_guard lock{mutex_};
    if (ended_ || closing_ || overflow_) return false;
    const auto size = framed.size() - headroom;
    if (bytes_ + size > limits_.hard) {
        overflow_ = true;
        messages_.clear();
        return false;
    }
    bytes_ += size;
    over_soft_ = over_soft_ || bytes_ > limits_.soft;
    messages_.push_back(std::move(framed));
    return true;
}

void Link::set_reading(bool on) {
    const std::lock_guard lock{mutex_};
    ++epoch_;
    host_reads_ = on;
}

void Link::close_when_sent() {
    const std::lock_guard lock{mutex_};
    closing_ = true;
}

std::optional<std::string> Link::take() {
    const std::lock_guard lock{mutex_};
    if (messages_.empty()) return std::nullopt;
    auto message = std::move(messages_.front());
    messages_.pop_front();
    return message;
}

void Link::sent(std::size_t bytes) {
    const std::lock_guard lock{mutex_};
    bytes_ -= std::min(bytes, bytes_);
    // Half of the limit, so that a client at the limit is not switched on and off with every message.
    if (bytes_ <= limits_.soft / 2) over_soft_ = false;
}

std::uint64_t Link::reading_epoch() {
    const std::lock_guard lock{mutex_};
    return epoch_;
}

void Link::hold(std::uint64_t epoch) {
    const std::lock_guard lock{mutex_};
    if (epoch == epoch_) host_reads_ = false;
}

void Link::end() {
    const std::lock_guard lock{mutex_};
    ended_ = true;
    messages_ = {};
    bytes_ = 0;
}

Link::State Link::state() {
    const std::lock_guard lock{mutex_};
    return {bytes_, messages_.empty(), host_reads_ && !over_soft_ && !closing_, overflow_, closing_};
}

}  // namespace cardea::net
