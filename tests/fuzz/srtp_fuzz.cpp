// SRTP: anything may arrive. First byte: profile, RTP or RTCP, and whether the rest is sealed by us first and then bent (so that the
// fuzzer gets past the tag). What is opened must be what was sealed.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "proto/srtp/srtp.hpp"

namespace {

using namespace cardea;

struct Pair {
    explicit Pair(SrtpProfile profile) : keys{keys_of(profile)} {}
    static SrtpKeys keys_of(SrtpProfile profile) {
        const std::vector<std::uint8_t> raw(32, 0x42);
        return SrtpKeys::from(profile, Bytes{raw}.first(sizes_of(profile).key), Bytes{raw}.first(sizes_of(profile).salt));
    }
    SrtpKeys keys;
};

void check(bool condition) {
    if (!condition) __builtin_trap();
}

void open_raw(SrtpIn& in, std::vector<std::uint8_t> packet, bool control) {
    const auto size = control ? in.unprotect_rtcp(packet) : in.unprotect_rtp(packet);
    check(!size || *size < packet.size());
}

void seal_and_open(const SrtpKeys& keys, SrtpIn& in, const std::vector<std::uint8_t>& plain, bool control) {
    SrtpOut out{keys};
    auto packet = plain;
    packet.resize(plain.size() + kSrtcpMaxOverhead);
    const auto size = control ? out.protect_rtcp(packet, plain.size()) : out.protect_rtp(packet, plain.size(), 0);
    if (!size) return;
    packet.resize(*size);
    open_raw(in, {packet.begin(), packet.end() - 1}, control);
    const auto opened = control ? in.unprotect_rtcp(packet) : in.unprotect_rtp(packet);
    check(opened && *opened == plain.size() && std::equal(plain.begin(), plain.end(), packet.begin()));
    open_raw(in, std::move(packet), control);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Pair pairs[]{Pair{SrtpProfile::aes_cm_128_hmac_sha1_80}, Pair{SrtpProfile::aead_aes_128_gcm},
                              Pair{SrtpProfile::aead_aes_256_gcm}, Pair{SrtpProfile::aes_cm_128_hmac_sha1_32}};
    if (size == 0) return 0;
    const auto& keys = pairs[(data[0] & 0x0fU) % 4].keys;
    const bool control = (data[0] & 0x10U) != 0;
    SrtpIn in{keys};
    const std::vector<std::uint8_t> packet(data + 1, data + size);
    if ((data[0] & 0x20U) != 0)
        seal_and_open(keys, in, packet, control);
    else
        open_raw(in, packet, control);
    return 0;
}
