// A file being recorded: what is appended is buffered, what is known late is written over. The disk's answer is a value: a full
// disk ends a recording and nothing else.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

namespace cardea {

enum class DiskProblem : std::uint8_t { none, full, failed };

class OwnedFd {
  public:
    OwnedFd() noexcept = default;
    explicit OwnedFd(int fd) noexcept : fd_{fd} {}
    OwnedFd(OwnedFd&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
    OwnedFd& operator=(OwnedFd other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~OwnedFd() {
        if (fd_ >= 0) close(fd_);
    }
    [[nodiscard]] int get() const noexcept { return fd_; }
    [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }

  private:
    int fd_ = -1;
};

class MediaFile {
  public:
    MediaFile() = default;
    MediaFile(OwnedFd fd, std::string path) : fd_{std::move(fd)}, path_{std::move(path)} {}

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] std::uint64_t size() const noexcept { return written_ + buffer_.size(); }
    [[nodiscard]] DiskProblem problem() const noexcept { return problem_; }

    // After a problem these do nothing.
    void append(Bytes data);
    void overwrite(std::uint64_t at, Bytes data);  // what append() wrote before
    void flush();
    // Flushes and closes. After a full disk the file ends where the last flush that succeeded ended.
    void finish();

  private:
    static constexpr std::size_t kBuffer = 256U << 10U;
    [[nodiscard]] bool write_at(std::uint64_t at, Bytes data);

    OwnedFd fd_;
    std::string path_;
    std::vector<std::uint8_t> buffer_;
    std::uint64_t written_ = 0;
    DiskProblem problem_ = DiskProblem::none;
};

}  // namespace cardea
