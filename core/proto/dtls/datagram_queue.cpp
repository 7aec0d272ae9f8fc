#include "proto/dtls/dtls_transport.hpp"

namespace cardea {

bool DatagramQueue::push(Bytes datagram) {
    if (empty()) {
        bytes_.clear();
        sizes_.clear();
        next_ = offset_ = 0;
    }
    if (datagram.size() > limit_ - bytes_.size()) return false;
    bytes_.insert(bytes_.end(), datagram.begin(), datagram.end());
    sizes_.push_back(datagram.size());
    return true;
}

std::optional<Bytes> DatagramQueue::pop() noexcept {
    if (empty()) return std::nullopt;
    const auto datagram = Bytes{bytes_}.subspan(offset_, sizes_[next_]);
    offset_ += sizes_[next_++];
    return datagram;
}

void DatagramQueue::shrink() noexcept {
    if (!empty()) return;
    bytes_ = {};
    sizes_ = {};
    next_ = offset_ = 0;
}

}  // namespace cardea
