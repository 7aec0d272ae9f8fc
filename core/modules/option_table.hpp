// A module's option table as JSON, and back: how the trial process tells the gateway what a module can be configured with.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "cardea/abi.h"
#include "cardea/json.hpp"

namespace cardea {

[[nodiscard]] Json option_table_json(const cardea_params& options);

// Owns every text and table that its cardea_params points to.
class OptionTable {
  public:
    explicit OptionTable(const Json& table);
    OptionTable(const OptionTable&) = delete;
    OptionTable& operator=(const OptionTable&) = delete;
    [[nodiscard]] const cardea_params& params() const noexcept { return params_; }

  private:
    const std::vector<cardea_param>& build(const Json& table);
    const char* keep(const Json& text);

    std::deque<std::string> texts_;
    std::deque<std::vector<const char*>> lists_;
    std::deque<std::vector<cardea_param>> tables_;
    cardea_params params_{};
};

}  // namespace cardea
