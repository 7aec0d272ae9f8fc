#include "modules/rtp_wishes.hpp"

#include <openssl/evp.h>

#include <array>

#include "cardea/abi.h"
#include "proto/sdp/negotiation_types.hpp"

namespace cardea {
namespace {

constexpr std::size_t kMostEncodings = 3;

tl::unexpected<Error> invalid(std::string problem) { return fail(CARDEA_INVALID, std::move(problem)); }

// 0 when absent.
Result<std::uint16_t> port_of(const Json& json, const char* name) {
    const auto value = json[name].integer();
    if (value < 0 || value > 65535) return invalid("Invalid element (" + std::string{name} + " is not a port)");
    return static_cast<std::uint16_t>(value);
}

// RFC 4648; 0 octets when it is not base64, or more than `out` has room for.
std::size_t decode_base64(std::string_view text, MutableBytes out) {
    std::array<std::uint8_t, 64> raw{};
    if (text.size() % 4 != 0 || text.size() / 4 * 3 > raw.size() || text.empty()) return 0;
    const auto bytes = as_bytes(text);
    const int size = EVP_DecodeBlock(raw.data(), bytes.data(), static_cast<int>(bytes.size()));
    if (size < 0) return 0;
    // It counts padding as octets.
    const auto padding = text.ends_with("==") ? 2U : text.ends_with('=') ? 1U : 0U;
    const auto count = static_cast<std::size_t>(size) - padding;
    if (count > out.size()) return 0;
    std::copy_n(raw.begin(), count, out.begin());
    wipe_secret(raw);
    return count;
}

std::uint8_t extension_id(const Json& json, const char* name) {
    const auto id = json[name].unsigned_integer();
    return id >= 1 && id <= 255 ? static_cast<std::uint8_t>(id) : std::uint8_t{0};
}

MediaKind kind_of(std::string_view text) {
    if (text == "video") return MediaKind::video;
    return text == "data" ? MediaKind::data : MediaKind::audio;
}

Result<RemoteStream> remote_stream(const Json& json) {
    RemoteStream stream;
    auto& track = stream.track;
    track.mid = json["mid"].text();
    track.mindex = static_cast<std::uint8_t>(json["mindex"].unsigned_integer());
    track.kind = kind_of(json["kind"].text());
    if (track.kind != MediaKind::data) {
        const auto codec = codec_of(json["codec"].text());
        if (codec == Codec::unknown) return invalid("Invalid element (unknown codec " + std::string{json["codec"].text()} + ")");
        stream.payload_type = default_payload_type(codec);
        if (json.has("fmtp")) stream.payload_type.fmtp = json["fmtp"].text();
        track.payload_types = {stream.payload_type};
        // What the other gateway sends has no retransmission stream of its own.
        track.payload_types.front().rtx.reset();
    }
    const auto extensions = json["extensions"];
    track.extensions.audio_level = extension_id(extensions, "audio_level");
    track.extensions.video_orientation = extension_id(extensions, "video_orientation");
    track.extensions.playout_delay = extension_id(extensions, "playout_delay");
    track.extensions.dependency_descriptor = extension_id(extensions, "dependency_descriptor");
    json["ssrcs"].for_each([&](const Json& ssrc) {
        if (track.encodings.size() < kMostEncodings)
            track.encodings.push_back({.rid = {}, .ssrc = Ssrc{static_cast<std::uint32_t>(ssrc.unsigned_integer())}, .rtx_ssrc = {}});
    });
    if (track.encodings.empty()) return invalid("Missing mandatory element (ssrcs)");
    return stream;
}

}  // namespace

Result<std::optional<SrtpKeys>> srtp_wish(const Json& json) {
    if (!json) return std::nullopt;
    const auto suite = json["suite"].integer();
    if (suite != 80 && suite != 32) return invalid("Invalid SRTP suite (" + std::to_string(suite) + ")");
    const auto profile = suite == 32 ? SrtpProfile::aes_cm_128_hmac_sha1_32 : SrtpProfile::aes_cm_128_hmac_sha1_80;
    SecretBytes<48> raw;
    const auto sizes = sizes_of(profile);
    // Longer ones are cut: what follows the salt (a lifetime, RFC 4568 section 6.1) is not part of the key.
    if (decode_base64(json["key"].text(), raw.bytes()) < sizes.key + sizes.salt) return invalid("Invalid SRTP crypto (not a key and salt of 30 octets in base64)");
    return SrtpKeys::from(profile, raw.first(sizes.key), raw.bytes().subspan(sizes.key, sizes.salt));
}

Result<ForwardWish> forward_wish(const Json& json) {
    ForwardWish wish;
    wish.host = json["host"].text();
    if (wish.host.empty()) return invalid("Missing mandatory element (host)");
    const auto family = json["family"].text();
    if (!family.empty() && family != "ipv4" && family != "ipv6") return invalid("Unsupported protocol family (" + std::string{family} + ")");
    wish.family = family.empty() ? AddressFamily::any : family == "ipv4" ? AddressFamily::ipv4 : AddressFamily::ipv6;
    const auto port = port_of(json, "port");
    const auto rtcp_port = port_of(json, "rtcp_port");
    if (!port || !rtcp_port) return tl::unexpected{port ? rtcp_port.error() : port.error()};
    if (*port == 0) return invalid("Invalid element (port)");
    wish.port = *port;
    wish.rtcp_port = *rtcp_port;
    auto keys = srtp_wish(json["srtp"]);
    if (!keys) return tl::unexpected{keys.error()};
    wish.config.keys = std::move(*keys);
    if (const auto pt = json["pt"].integer(); pt > 0) {
        if (pt > 127) return invalid("Invalid element (pt)");
        wish.config.payload_type = static_cast<std::uint8_t>(pt);
    }
    if (const auto ssrc = json["ssrc"].unsigned_integer(); ssrc != 0) wish.config.ssrc = Ssrc{static_cast<std::uint32_t>(ssrc)};
    if (json.has("substream")) wish.config.encoding = static_cast<std::uint8_t>(json["substream"].unsigned_integer());
    return wish;
}

Result<std::vector<RemoteStream>> remote_streams(const Json& json) {
    std::vector<RemoteStream> streams;
    std::optional<Error> problem;
    json.for_each([&](const Json& entry) {
        auto stream = remote_stream(entry);
        if (stream) {
            streams.push_back(std::move(*stream));
        } else if (!problem) {
            problem = stream.error();
        }
    });
    if (problem) return tl::unexpected{*problem};
    return streams;
}

Result<RemoteWish> remote_wish(const Json& json) {
    RemoteWish wish;
    wish.address = json["address"].text();
    if (json.has("sender")) {
        wish.sender = SocketAddress::parse(json["sender"].text(), 0);
        if (!wish.sender) return invalid("Invalid element (sender is not a numeric address)");
    }
    const auto port = port_of(json, "port");
    const auto rtcp_port = port_of(json, "rtcp_port");
    if (!port || !rtcp_port) return tl::unexpected{port ? rtcp_port.error() : port.error()};
    wish.port = *port;
    wish.rtcp_port = *rtcp_port;
    auto keys = srtp_wish(json["srtp"]);
    if (!keys) return tl::unexpected{keys.error()};
    wish.keys = std::move(*keys);
    return wish;
}

}  // namespace cardea
