// No byte outside of a packet is read or written: each stands against a page that cannot be touched. Vector code that takes whole blocks
// would show, also from a library that no sanitizer looks into.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "srtp_packets.hpp"

namespace cardea {
namespace {

using testing::Packet;
using testing::Setup;

class PageWithAnEnd {
  public:
    PageWithAnEnd() : memory_{static_cast<std::uint8_t*>(mmap(nullptr, 2 * page_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))} {
        EXPECT_EQ(mprotect(memory_ + page_, page_, PROT_NONE), 0);
    }
    PageWithAnEnd(const PageWithAnEnd&) = delete;
    PageWithAnEnd& operator=(const PageWithAnEnd&) = delete;
    ~PageWithAnEnd() { munmap(memory_, 2 * page_); }
    // The last `size` bytes.
    [[nodiscard]] MutableBytes last(std::size_t size) const noexcept { return {memory_ + page_ - size, size}; }
    MutableBytes put(const Packet& packet, std::size_t room = 0) const noexcept {
        const auto place = last(packet.size() + room);
        std::copy(packet.begin(), packet.end(), place.begin());
        return place;
    }

  private:
    std::size_t page_ = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    std::uint8_t* memory_;
};

class SrtpBounds : public ::testing::TestWithParam<Setup> {
  protected:
    void SetUp() override { CARDEA_SKIP_IF_MISSING(GetParam().backend); }
    SrtpBackend backend_ = testing::usable(GetParam().backend);
    SrtpKeys keys_ = testing::keys_of(GetParam().profile);
    SrtpOut out_{keys_, backend_};
    SrtpIn in_{keys_, backend_};
    std::size_t tag_ = sizes_of(GetParam().profile).tag;
    PageWithAnEnd packets_;
    PageWithAnEnd payloads_;
};

TEST_P(SrtpBounds, OfAPacketInPlace) {
    for (std::uint16_t size = 0; size < 300; ++size) {
        const auto plain = testing::rtp_packet({.sequence = size, .payload = size});
        const auto room = packets_.put(plain, tag_);
        ASSERT_EQ(out_.protect_rtp(room, plain.size(), 0), room.size());
        ASSERT_EQ(in_.unprotect_rtp(room), plain.size());
        ASSERT_TRUE(std::equal(plain.begin(), plain.end(), room.begin()));
    }
}

TEST_P(SrtpBounds, OfASharedPayload) {
    for (std::uint16_t size = 0; size < 300; ++size) {
        for (const std::size_t prefix : {0U, 7U}) {
            const auto plain = testing::rtp_packet({.sequence = static_cast<std::uint16_t>(2 * size + (prefix > 0)), .payload = prefix + size});
            const auto header = plain.size() - size;
            const auto payload = payloads_.put({plain.begin() + static_cast<std::ptrdiff_t>(header), plain.end()});
            const auto room = packets_.last(plain.size() + tag_);
            std::copy_n(plain.begin(), header, room.begin());
            ASSERT_EQ(out_.protect_rtp_from(room, header, payload, 0), room.size());
            ASSERT_TRUE(std::equal(payload.begin(), payload.end(), plain.begin() + static_cast<std::ptrdiff_t>(header))) << "the payload is shared";
            ASSERT_EQ(in_.unprotect_rtp(room), plain.size());
            ASSERT_TRUE(std::equal(plain.begin(), plain.end(), room.begin()));
        }
    }
}

TEST_P(SrtpBounds, OfRtcp) {
    const auto overhead = sizes_of(GetParam().profile).rtcp_tag + 4;
    for (std::size_t size = 8; size < 300; size += 4) {
        const auto plain = testing::rtcp_packet(size);
        const auto room = packets_.put(plain, overhead);
        ASSERT_EQ(out_.protect_rtcp(room, plain.size()), room.size());
        ASSERT_EQ(in_.unprotect_rtcp(room), plain.size());
        ASSERT_TRUE(std::equal(plain.begin(), plain.end(), room.begin()));
    }
}

INSTANTIATE_TEST_SUITE_P(Backends, SrtpBounds, ::testing::ValuesIn(testing::setups_of({SrtpBackend::openssl, SrtpBackend::ipsec_mb})),
                         [](const auto& setup) { return testing::name_of(setup.param); });

}  // namespace
}  // namespace cardea
