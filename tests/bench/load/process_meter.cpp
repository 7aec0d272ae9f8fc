#include "process_meter.hpp"

#include <ctime>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace cardea::load {

ProcessUse use_of(pid_t pid) {
    if (pid == 0) return {};
    ProcessUse use;
    clockid_t clock = 0;
    timespec spent{};
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &spent) != 0)
        throw std::runtime_error{"no process " + std::to_string(pid)};
    use.cpu = std::chrono::seconds{spent.tv_sec} + std::chrono::nanoseconds{spent.tv_nsec};
    const std::filesystem::path folder{"/proc/" + std::to_string(pid)};
    std::ifstream status{folder / "status"};
    for (std::string name; status >> name;) {
        if (name == "VmRSS:") status >> use.rss_kib;
        if (name == "Threads:") status >> use.threads;
    }
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator{folder / "fd", ignored}) {
        (void)entry;
        ++use.descriptors;
    }
    return use;
}

}  // namespace cardea::load
