// Checks a configuration group against a table of cardea_param (abi.h) and fills in the defaults.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cardea/abi.h"
#include "cardea/json.hpp"
#include "config/node.hpp"

namespace cardea::config {

// A table as a module built it: entries are `stride` bytes apart, which may be more or less than this host's struct.
class ParamTable {
  public:
    ParamTable(const cardea_param* first, std::size_t count, std::size_t stride) noexcept;
    explicit ParamTable(const cardea_params& params) noexcept : ParamTable{params.list, params.count, params.stride} {}
    [[nodiscard]] std::size_t size() const noexcept { return count_; }
    // Fields that the module's older struct does not have are zero.
    [[nodiscard]] cardea_param at(std::size_t index) const noexcept;
    // Members of an object (or of the objects of an array).
    [[nodiscard]] ParamTable fields_of(const cardea_param& param) const noexcept;

  private:
    const unsigned char* first_;
    std::size_t count_;
    std::size_t stride_;
};

// The group as JSON with every default. `path` is put before the keys in problems ("media").
// A null group is an empty one: only defaults, and problems for what is required.
[[nodiscard]] Json validate(const Node* group, const ParamTable& table, std::string_view path, Problems& problems);

// ", did you mean \"workers\"?" or nothing.
[[nodiscard]] std::string suggestion(std::string_view unknown, const std::vector<std::string>& known);

}  // namespace cardea::config
