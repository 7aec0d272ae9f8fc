#include "cases/srtp.hpp"
#include "ipsec_mb.hpp"
#include "measure.hpp"

namespace cardea::bench {
namespace {

const std::vector<std::int64_t> kProfiles{
    static_cast<std::int64_t>(SrtpProfile::aes_cm_128_hmac_sha1_80), static_cast<std::int64_t>(SrtpProfile::aes_cm_128_hmac_sha1_32),
    static_cast<std::int64_t>(SrtpProfile::aead_aes_128_gcm), static_cast<std::int64_t>(SrtpProfile::aead_aes_256_gcm)};

SrtpProfile profile_of(benchmark::State& state) {
    const auto profile = static_cast<SrtpProfile>(state.range(0));
    state.SetLabel(std::string{to_text(profile)});
    return profile;
}

void BM_SrtpOut_FanOut(benchmark::State& state) {
    SrtpFanOut fan_out{profile_of(state), static_cast<std::size_t>(state.range(1)), static_cast<std::size_t>(state.range(2))};
    measure(state, fan_out);
}
BENCHMARK(BM_SrtpOut_FanOut)->ArgNames({"profile", "bytes", "peers"})->ArgsProduct({kProfiles, {172, 1100}, {100, 3000}});

void BM_SrtpIn_SealAndOpen(benchmark::State& state) {
    SrtpSealAndOpen both{profile_of(state), static_cast<std::size_t>(state.range(1))};
    measure(state, both);
}
BENCHMARK(BM_SrtpIn_SealAndOpen)->ArgNames({"profile", "bytes"})->ArgsProduct({kProfiles, {172, 1100}});

void BM_Srtcp_SealAndOpen(benchmark::State& state) {
    SrtcpSealAndOpen both{profile_of(state)};
    measure(state, both);
}
BENCHMARK(BM_Srtcp_SealAndOpen)->ArgName("profile")->ArgsProduct({kProfiles});

// The same by libipsec-mb, which knows the profiles of RFC 7714 only.
const std::vector<std::int64_t> kAeadProfiles{static_cast<std::int64_t>(SrtpProfile::aead_aes_128_gcm),
                                              static_cast<std::int64_t>(SrtpProfile::aead_aes_256_gcm)};

void BM_IpsecMb_FanOut(benchmark::State& state) {
    if (is_without_ipsec_mb(state)) return;
    SrtpFanOut fan_out{profile_of(state), static_cast<std::size_t>(state.range(1)), static_cast<std::size_t>(state.range(2)),
                       SrtpBackend::ipsec_mb};
    measure(state, fan_out);
}
BENCHMARK(BM_IpsecMb_FanOut)->ArgNames({"profile", "bytes", "peers"})->ArgsProduct({kAeadProfiles, {172, 1100}, {100, 3000}});

void BM_IpsecMb_SealAndOpen(benchmark::State& state) {
    if (is_without_ipsec_mb(state)) return;
    SrtpSealAndOpen both{profile_of(state), static_cast<std::size_t>(state.range(1)), SrtpBackend::ipsec_mb};
    measure(state, both);
}
BENCHMARK(BM_IpsecMb_SealAndOpen)->ArgNames({"profile", "bytes"})->ArgsProduct({kAeadProfiles, {172, 1100}});

void BM_IpsecMb_SrtcpSealAndOpen(benchmark::State& state) {
    if (is_without_ipsec_mb(state)) return;
    SrtcpSealAndOpen both{profile_of(state), SrtpBackend::ipsec_mb};
    measure(state, both);
}
BENCHMARK(BM_IpsecMb_SrtcpSealAndOpen)->ArgName("profile")->ArgsProduct({kAeadProfiles});

}  // namespace
}  // namespace cardea::bench
