#include "cases/udp.hpp"
#include "measure.hpp"

namespace cardea::bench {
namespace {

void BM_UdpSocket_SendAndReceive32(benchmark::State& state) {
    SocketRoundTrip trip;
    measure(state, trip);
}
BENCHMARK(BM_UdpSocket_SendAndReceive32);

}  // namespace
}  // namespace cardea::bench
