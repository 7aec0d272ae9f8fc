// Files of one folder by URL path. Nothing outside the folder can be named: no dot segments, no hidden files, no symbolic
// link that leads out.
#pragma once

#include <cardea/transport.hpp>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace cardea::http {

struct StaticFile {
    sdk::Fd fd;
    std::size_t size = 0;
    std::string etag;
    std::string_view type;
};

class StaticFiles {
  public:
    explicit StaticFiles(const std::filesystem::path& folder);
    [[nodiscard]] bool usable() const noexcept { return !root_.empty(); }
    // path: percent-decoded, "/" for index.html.
    [[nodiscard]] std::optional<StaticFile> open(std::string_view path) const;

  private:
    std::filesystem::path root_;  // canonical; empty: there is no such folder
};

[[nodiscard]] std::string_view media_type(std::string_view name) noexcept;
// Whether each segment is a plain name: not empty, no dot first, no control character, no backslash.
[[nodiscard]] bool is_plain_path(std::string_view path) noexcept;

}  // namespace cardea::http
