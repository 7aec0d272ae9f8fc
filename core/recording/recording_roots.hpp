// Where recordings may be written. A wish of a client names folder and file; what leaves the roots is refused: no "..", no
// symbolic link below a root, and only files that did not exist before. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "recording/media_file.hpp"

namespace cardea {

class RecordingRoots {
  public:
    // Folders as the admin configured them; they may be symbolic links themselves. Without any, nothing can be recorded.
    explicit RecordingRoots(std::vector<std::string> folders);

    struct Wish {
        std::string folder;  // absolute within a root, relative to the first one, or empty: the first one
        std::string name;    // absolute within a root, else relative to the folder; without ending
        std::string suffix;  // "-audio-0", between name and number
        std::string ending;  // ".mkv"
    };
    // A new file; a name that is taken gets a number. The folders between root and file are made.
    [[nodiscard]] Result<MediaFile> create(const Wish& wish) const;
    // Whether create() would accept the paths, without making anything.
    [[nodiscard]] Result<void> check(const Wish& wish) const;

  private:
    struct Place {
        const std::string* root = nullptr;
        std::vector<std::string> folders;  // below it
        std::string name;
    };
    [[nodiscard]] Result<Place> resolve(const Wish& wish) const;
    struct Root {
        std::string configured;
        std::string real;  // with its own links followed, as clients may name it too; empty: does not exist yet
    };
    [[nodiscard]] const Root* root_of(std::string_view path, std::string_view& rest) const;

    std::vector<Root> roots_;
};

}  // namespace cardea
