// STUN server: any datagram, with a known password. The slack is poisoned by size: the block ends where the slack ends.
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/address.hpp"
#include "proto/stun/stun_server.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static cardea::StunServer server;
    static const auto from = *cardea::SocketAddress::parse("192.0.2.1", 5000);
    std::vector<std::uint8_t> slot(size + cardea::StunServer::kSlack);
    for (std::size_t i = 0; i < size; ++i) slot[i] = data[i];
    const auto datagram = cardea::Bytes{slot}.first(size);
    const auto name = cardea::StunServer::peek_username(datagram);
    if (name && name->local_ufrag.empty()) __builtin_trap();
    std::array<std::uint8_t, cardea::StunServer::kReplyRoom> reply{};
    const auto answer = server.answer(datagram, from, "VOkJxbRl1RmTxUk/WvJxBt", reply);
    if (answer && (answer->reply_size < 20 || answer->reply_size > reply.size())) __builtin_trap();
    return 0;
}
