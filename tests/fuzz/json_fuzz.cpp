// Our reader and writer of JSON against jansson: what the reader takes it takes as jansson does, and what either has read is written alike.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "cardea/json.hpp"

namespace {

using namespace cardea;

std::string written_by_jansson(const Json& json) {
    char* const text = json_dumps(json.raw(), JSON_COMPACT | JSON_ENCODE_ANY);
    if (text == nullptr) return {};
    std::string copy{text};
    std::free(text);
    return copy;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = as_text({data, size});
    json_error_t error;
    const auto expected = Json::adopt(json_loadb(text.data(), text.size(), JSON_DECODE_ANY, &error));
    const auto read = Json::parse(text);
    CARDEA_ASSERT(static_cast<bool>(read) == static_cast<bool>(expected));
    if (read) {
        CARDEA_ASSERT(read == expected);
        CARDEA_ASSERT(read.dump() == written_by_jansson(expected));
    }
    const auto first = Json::adopt(json_loadb(text.data(), text.size(), JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK, &error));
    auto plain = detail::JsonReader::first_of(text);
    CARDEA_ASSERT(plain.size <= text.size());
    if (plain.value) {
        CARDEA_ASSERT(plain.size == static_cast<std::size_t>(error.position));
        CARDEA_ASSERT(Json::adopt(plain.value.release()) == first);
    }
    return 0;
}
