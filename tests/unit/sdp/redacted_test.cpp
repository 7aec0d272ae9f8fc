#include "proto/sdp/redacted.hpp"

#include <gtest/gtest.h>

namespace cardea {
namespace {

TEST(Redacted, TakesOutWhatWouldLetSomebodyPoseAsThePeer) {
    EXPECT_EQ(redacted("v=0\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdef012345\r\na=mid:0\r\n"),
              "v=0\r\na=ice-ufrag:abcd\r\na=ice-pwd:...\r\na=mid:0\r\n");
    EXPECT_EQ(redacted("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0\nk=clear:secret"), "a=crypto:...\nk=...");
}

TEST(Redacted, KeepsEverythingElse) {
    const std::string sdp = "v=0\r\na=ice-pwdx\r\n\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host";
    EXPECT_EQ(redacted(sdp), sdp);
    EXPECT_EQ(redacted(""), "");
}

TEST(Redacted, FindsASecretAtEveryTruncation) {
    const std::string sdp = "a=mid:0\r\na=ice-pwd:topsecret\r\n";
    for (std::size_t size = 0; size <= sdp.size(); ++size)
        EXPECT_EQ(redacted(std::string_view{sdp}.substr(0, size)).find("topsecret"), std::string::npos) << size;
}

}  // namespace
}  // namespace cardea
