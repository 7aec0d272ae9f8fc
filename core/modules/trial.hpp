// Trial of a module in a child process: dlopen runs constructors before anything can be read, so a new file first shows
// there that it can be opened, described, created and destroyed. Runs on the loader thread: it blocks.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "cardea/json.hpp"

namespace cardea {

class Trial {
  public:
    // Starts `executable` (cardea-module-trial) on the module.
    [[nodiscard]] static Result<std::unique_ptr<Trial>> start(const std::filesystem::path& executable,
                                                              const std::filesystem::path& module, Duration timeout);
    ~Trial();  // ends the child if it still runs
    Trial(const Trial&) = delete;
    Trial& operator=(const Trial&) = delete;

    // {"name","package","kind","version","options":[...]}
    [[nodiscard]] Result<Json> describe();
    // After describe(): create with this configuration, destroy, and a clean end.
    [[nodiscard]] Result<Json> create(const Json& config);

  private:
    Trial(Instant deadline) : deadline_{deadline} {}
    [[nodiscard]] Result<Json> read_line();
    [[nodiscard]] Error end_problem();
    [[nodiscard]] bool wait_end();

    Instant deadline_;
    pid_t pid_ = -1;
    int status_ = 0;
    int to_child_ = -1;
    int from_child_ = -1;
    std::string buffer_;
};

}  // namespace cardea
