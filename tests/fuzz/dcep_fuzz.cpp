// DCEP: what parses is written back and parses to the same.
#include <cstddef>
#include <cstdint>

#include "proto/sctp/dcep.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cardea;
    const auto parsed = parse_dcep(Bytes{data, size});
    if (!parsed) return 0;
    const auto* options = std::get_if<ChannelOptions>(&*parsed);
    if (options == nullptr) return 0;
    if (options->label.size() > kMaxChannelName || !is_utf8(options->label) || !is_utf8(options->protocol)) __builtin_trap();
    const auto again = parse_dcep(write_dcep_open(*options));
    if (!again || std::get<ChannelOptions>(*again) != *options) __builtin_trap();
    return 0;
}
