// The backend on libipsec-mb.
#include "proto/srtp/ipsec_mb/transform.hpp"
#include "proto/srtp/transform_backend.hpp"

namespace cardea {

std::unique_ptr<SrtpInBackend> make_ipsec_mb_in(const SrtpKeys& keys) { return std::make_unique<TransformIn<IpsecMbTransform>>(keys); }
std::unique_ptr<SrtpOutBackend> make_ipsec_mb_out(const SrtpKeys& keys) { return std::make_unique<TransformOut<IpsecMbTransform>>(keys); }

}  // namespace cardea
