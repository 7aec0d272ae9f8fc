// Numbers that cannot be swapped: SourceId and SinkId are both 64 bits, but not the same type.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace cardea {

template <class Tag, class T>
struct StrongId {
    T value{};
    constexpr StrongId() = default;
    constexpr explicit StrongId(T v) noexcept : value{v} {}
    friend constexpr auto operator<=>(StrongId, StrongId) = default;
    [[nodiscard]] constexpr bool is_set() const noexcept { return value != T{}; }
};

using SessionId = StrongId<struct SessionTag, std::uint64_t>;  // 53 random bits, on the wire
using HandleId = StrongId<struct HandleTag, std::uint64_t>;    // 53 random bits, on the wire
using PeerId = StrongId<struct PeerTag, std::uint64_t>;        // one per peer connection, given by the host, never reused
using SourceId = StrongId<struct SourceTag, std::uint64_t>;    // given by the host, never reused
using SinkId = StrongId<struct SinkTag, std::uint64_t>;        // given by the host, never reused
using ForwarderId = StrongId<struct ForwarderTag, std::uint64_t>;  // given by the host, never reused
using RemoteId = StrongId<struct RemoteTag, std::uint64_t>;    // a publisher of another gateway; given by the host, never reused
using ClientId = StrongId<struct ClientTag, std::uint64_t>;    // one per transport connection, never reused
using Ssrc = StrongId<struct SsrcTag, std::uint32_t>;

}  // namespace cardea

template <class Tag, class T>
struct std::hash<cardea::StrongId<Tag, T>> {
    std::size_t operator()(cardea::StrongId<Tag, T> id) const noexcept { return std::hash<T>{}(id.value); }
};
