#include "modules/trial.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

extern char** environ;  // NOLINT: POSIX names it so

namespace cardea {
namespace {

constexpr int kReportFd = 3;  // not standard output: a module may write there

int poll_ms(Instant deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - MonotonicClock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

bool readable_before(int fd, Instant deadline) {
    pollfd wait{fd, POLLIN, 0};
    return poll(&wait, 1, poll_ms(deadline)) > 0;
}

void close_fd(int& fd) {
    if (fd >= 0) close(fd);
    fd = -1;
}

int spawn_child(pid_t& pid, const std::filesystem::path& executable, const std::filesystem::path& module, int input, int output) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, kReportFd);
    // The gateway blocks its signals; the child is to have none blocked.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    std::string program = executable.string();
    std::string file = module.string();
    std::array<char*, 3> arguments{program.data(), file.data(), nullptr};
    const int error = posix_spawn(&pid, program.c_str(), &actions, &attributes, arguments.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

}  // namespace

Result<std::unique_ptr<Trial>> Trial::start(const std::filesystem::path& executable, const std::filesystem::path& module, Duration timeout) {
    std::array<int, 2> input{-1, -1};
    std::array<int, 2> output{-1, -1};
    std::unique_ptr<Trial> trial{new Trial{MonotonicClock::now() + timeout}};
    if (pipe2(input.data(), O_CLOEXEC) != 0) return fail(0, "no pipe for the trial");
    trial->to_child_ = input[1];
    if (pipe2(output.data(), O_CLOEXEC) != 0) {
        close_fd(input[0]);
        return fail(0, "no pipe for the trial");
    }
    trial->from_child_ = output[0];
    const int error = spawn_child(trial->pid_, executable, module, input[0], output[1]);
    close_fd(input[0]);
    close_fd(output[1]);
    if (error == 0) return trial;
    trial->pid_ = -1;
    return fail(0, "trial program " + executable.string() + " cannot be started: " + std::strerror(error));
}

Trial::~Trial() {
    close_fd(to_child_);
    close_fd(from_child_);
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
}

Result<Json> Trial::read_line() {
    while (buffer_.find('\n') == std::string::npos) {
        if (!readable_before(from_child_, deadline_)) return fail(0, "does not finish its trial");
        std::array<char, 4096> chunk{};
        const auto size = read(from_child_, chunk.data(), chunk.size());
        if (size <= 0) return tl::unexpected{end_problem()};
        buffer_.append(chunk.data(), static_cast<std::size_t>(size));
    }
    const auto end = buffer_.find('\n');
    auto line = Json::parse(std::string_view{buffer_}.substr(0, end));
    buffer_.erase(0, end + 1);
    if (line["error"].is_string()) return fail(0, std::string{line["error"].text()});
    return line;
}

bool Trial::wait_end() {
    const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
    const bool ended = pidfd < 0 || readable_before(pidfd, deadline_);
    if (pidfd >= 0) close(pidfd);
    if (!ended) return false;
    waitpid(pid_, &status_, 0);
    pid_ = -1;
    return true;
}

Error Trial::end_problem() {
    if (!wait_end()) return {0, "does not finish its trial"};
    if (WIFSIGNALED(status_)) return {0, std::string{"crashes in its trial: "} + strsignal(WTERMSIG(status_))};
    return {0, "ends its trial process, status " + std::to_string(WEXITSTATUS(status_))};
}

Result<Json> Trial::describe() { return read_line(); }

Result<Json> Trial::create(const Json& config) {
    const auto text = config.dump();
    std::size_t written = 0;
    // The child reads all of it before anything else; a dead one shows as an error here and as its end below.
    while (written < text.size()) {
        const auto size = write(to_child_, text.data() + written, text.size() - written);
        if (size <= 0) break;
        written += static_cast<std::size_t>(size);
    }
    close_fd(to_child_);
    auto result = read_line();
    if (!result) return result;
    if (!wait_end()) return fail(0, "does not finish its trial");
    if (!WIFEXITED(status_) || WEXITSTATUS(status_) != 0) {
        if (WIFSIGNALED(status_)) return fail(0, std::string{"crashes at the end of its trial: "} + strsignal(WTERMSIG(status_)));
        return fail(0, "ends its trial with status " + std::to_string(WEXITSTATUS(status_)));
    }
    return result;
}

}  // namespace cardea
