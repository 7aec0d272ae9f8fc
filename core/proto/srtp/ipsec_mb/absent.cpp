// Built without the header of libipsec-mb: who asks for the backend is told.
#include "base/assert.hpp"
#include "proto/srtp/backend.hpp"

namespace cardea {

std::string_view ipsec_mb_problem() { return "built without intel-ipsec-mb.h (package libipsec-mb-dev)"; }

std::unique_ptr<SrtpInBackend> make_ipsec_mb_in(const SrtpKeys&) {
    CARDEA_ASSERT(false);
    return nullptr;
}
std::unique_ptr<SrtpOutBackend> make_ipsec_mb_out(const SrtpKeys&) {
    CARDEA_ASSERT(false);
    return nullptr;
}

}  // namespace cardea
