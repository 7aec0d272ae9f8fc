// The backend on OpenSSL.
#include "proto/srtp/aead_transform.hpp"
#include "proto/srtp/counter_transform.hpp"
#include "proto/srtp/transform_backend.hpp"

namespace cardea {

std::unique_ptr<SrtpInBackend> make_evp_in(const SrtpKeys& keys) {
    if (sizes_of(keys.profile).aead) return std::make_unique<TransformIn<AeadTransform>>(keys);
    if (keys.profile == SrtpProfile::aes_cm_128_hmac_sha1_32) return std::make_unique<TransformIn<CounterTransform<4>>>(keys);
    return std::make_unique<TransformIn<CounterTransform<10>>>(keys);
}
std::unique_ptr<SrtpOutBackend> make_evp_out(const SrtpKeys& keys) {
    if (sizes_of(keys.profile).aead) return std::make_unique<TransformOut<AeadTransform>>(keys);
    if (keys.profile == SrtpProfile::aes_cm_128_hmac_sha1_32) return std::make_unique<TransformOut<CounterTransform<4>>>(keys);
    return std::make_unique<TransformOut<CounterTransform<10>>>(keys);
}

}  // namespace cardea
