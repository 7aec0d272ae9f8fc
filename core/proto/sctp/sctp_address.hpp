// AF_CONN addresses of usrsctp are pointers by type. Ours hold the number of an association and are never followed.
#pragma once

#include <bit>
#include <cstdint>

#include "proto/sctp/sctp_stack.hpp"

namespace cardea {

static_assert(sizeof(void*) == sizeof(AssociationId::value));

[[nodiscard]] inline void* address_of(AssociationId id) noexcept { return std::bit_cast<void*>(id.value); }
[[nodiscard]] inline AssociationId association_of(void* address) noexcept { return AssociationId{std::bit_cast<std::uint64_t>(address)}; }

}  // namespace cardea
