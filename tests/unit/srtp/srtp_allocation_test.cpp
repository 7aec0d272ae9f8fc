// The media path allocates nothing: neither our code (operator new) nor OpenSSL (its allocator hooks).
#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include <cstdlib>
#include <new>

#include "srtp_packets.hpp"

namespace {

std::size_t allocations = 0;

void* counted_malloc(std::size_t size, const char*, int) {
    ++allocations;
    return std::malloc(size);
}
void* counted_realloc(void* old, std::size_t size, const char*, int) {
    ++allocations;
    return std::realloc(old, size);
}
void counted_free(void* old, const char*, int) { std::free(old); }

// OpenSSL takes other allocators only before its first allocation.
const bool hooked = CRYPTO_set_mem_functions(counted_malloc, counted_realloc, counted_free) == 1;

}  // namespace

// Out of line: when only one of a pair is inlined, GCC takes it for a mismatch.
[[gnu::noinline]] void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size); memory != nullptr) return memory;
    throw std::bad_alloc{};
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace cardea {
namespace {

TEST(SrtpAllocation, NoPacketOfAKnownStreamAllocates) {
    ASSERT_TRUE(hooked);
    for (const auto& setup : testing::setups_of({SrtpBackend::openssl, testing::usable(SrtpBackend::ipsec_mb)})) {
        const auto keys = testing::keys_of(setup.profile);
        SrtpOut out{keys, setup.backend};
        SrtpIn in{keys, setup.backend};
        auto packet = testing::rtp_packet({.payload = 1100});
        const auto plain = packet.size();
        const testing::Packet payload(1000, 0x55);
        auto control = testing::rtcp_packet(100);
        packet.resize(plain + kSrtpMaxOverhead);
        control.resize(100 + kSrtcpMaxOverhead);
        std::size_t before = 0;
        for (std::uint16_t sequence = 1; sequence <= 100; ++sequence) {
            if (sequence == 2) before = allocations;
            packet[3] = static_cast<std::uint8_t>(sequence);
            const auto size = sequence % 2 == 0 ? out.protect_rtp(packet, plain, 0) : out.protect_rtp_from(packet, 40, payload, 0);
            ASSERT_TRUE(size && in.unprotect_rtp(MutableBytes{packet}.first(*size)));
            const auto control_size = out.protect_rtcp(control, 100);
            ASSERT_TRUE(control_size && in.unprotect_rtcp(MutableBytes{control}.first(*control_size)));
        }
        EXPECT_EQ(allocations - before, 0U) << testing::name_of(setup);
    }
}

}  // namespace
}  // namespace cardea
