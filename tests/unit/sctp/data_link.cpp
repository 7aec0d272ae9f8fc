#include "data_link.hpp"

#include "support/openssl_clock.hpp"

namespace cardea::test {

void set_wall_time(Instant now) { testing::set_openssl_time(now); }

}  // namespace cardea::test
