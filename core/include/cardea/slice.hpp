// cardea/slice.hpp: borrowed bytes of the ABI as string_view, and a cardea_out that collects into a std::string.
#pragma once

#include <cardea/abi.h>

#include <string>
#include <string_view>

namespace cardea::sdk {

[[nodiscard]] inline std::string_view text(cardea_slice bytes) noexcept {
    return {static_cast<const char*>(static_cast<const void*>(bytes.data)), bytes.size};
}
[[nodiscard]] inline cardea_slice slice(std::string_view view) noexcept {
    return {static_cast<const uint8_t*>(static_cast<const void*>(view.data())), view.size()};
}

// Lend out() for the duration of a call, then read what was written.
class StringOut {
  public:
    StringOut() noexcept : out_{sizeof(cardea_out), 0, this, &StringOut::write} {}
    StringOut(const StringOut&) = delete;
    StringOut& operator=(const StringOut&) = delete;
    [[nodiscard]] const cardea_out* out() const noexcept { return &out_; }
    [[nodiscard]] const std::string& view() const noexcept { return text_; }

  private:
    static void write(void* self, cardea_slice bytes) noexcept { static_cast<StringOut*>(self)->text_ += text(bytes); }
    std::string text_;
    cardea_out out_;
};

inline void write(const cardea_out* out, std::string_view bytes) {
    if (out != nullptr && out->write != nullptr) out->write(out->self, slice(bytes));
}

}  // namespace cardea::sdk
