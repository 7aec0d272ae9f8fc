#include "recording/media_file.hpp"

#include <algorithm>
#include <cerrno>

namespace cardea {

bool MediaFile::write_at(std::uint64_t at, Bytes data) {
    while (!data.empty()) {
        const auto count = pwrite(fd_.get(), data.data(), data.size(), static_cast<off_t>(at));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) {
            const bool full = count == 0 || errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
            problem_ = full ? DiskProblem::full : DiskProblem::failed;
            return false;
        }
        data = data.subspan(static_cast<std::size_t>(count));
        at += static_cast<std::uint64_t>(count);
    }
    return true;
}

void MediaFile::append(Bytes data) {
    if (problem_ != DiskProblem::none) return;
    buffer_.insert(buffer_.end(), data.begin(), data.end());
    if (buffer_.size() >= kBuffer) flush();
}

void MediaFile::flush() {
    if (problem_ != DiskProblem::none || buffer_.empty()) return;
    if (!write_at(written_, buffer_)) return;
    written_ += buffer_.size();
    buffer_.clear();
}

void MediaFile::overwrite(std::uint64_t at, Bytes data) {
    if (problem_ != DiskProblem::none) return;
    if (at >= written_ && at + data.size() <= size()) {
        std::copy(data.begin(), data.end(), buffer_.begin() + static_cast<std::ptrdiff_t>(at - written_));
        return;
    }
    if (at + data.size() > written_) flush();
    if (problem_ == DiskProblem::none) static_cast<void>(write_at(at, data));
}

void MediaFile::finish() {
    flush();
    // A torn last block helps no player; making a file shorter works on a full disk too. If not, the rest is left as it is.
    if (fd_.is_open() && problem_ == DiskProblem::full && ftruncate(fd_.get(), static_cast<off_t>(written_)) != 0)
        problem_ = DiskProblem::failed;
    fd_ = OwnedFd{};
    buffer_ = {};
}

}  // namespace cardea
