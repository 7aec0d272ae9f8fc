#include "proto/sdp/remote_description.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <string>
#include <utility>

namespace cardea::sdp {
namespace {

struct Digest {
    std::string_view algorithm;
    std::size_t size;
};
// RFC 8122 section 5 allows older hashes, but a certificate may be forged under SHA-1 and MD5.
constexpr std::array<Digest, 3> kDigests{{{"sha-256", 32}, {"sha-384", 48}, {"sha-512", 64}}};

bool is_printable(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

// Colon-separated pairs of hexadecimal digits; empty when it is anything else.
std::vector<std::uint8_t> fingerprint_bytes(std::string_view text, std::size_t size) {
    if (text.size() != size * 3 - 1) return {};
    std::vector<std::uint8_t> bytes(size);
    for (std::size_t i = 0; i < size; ++i) {
        const auto pair = text.substr(i * 3, 2);
        const auto [stop, error] = std::from_chars(pair.data(), pair.data() + 2, bytes[i], 16);
        if (error != std::errc{} || stop != pair.data() + 2) return {};
        if (i + 1 < size && text[i * 3 + 2] != ':') return {};
    }
    return bytes;
}

Result<void> read_fingerprint(const SdpTransport& transport, RemoteTransport& remote) {
    if (transport.fingerprints.empty()) return fail(kInvalidSdp, "SDP: no fingerprint");
    for (const auto& digest : kDigests) {
        for (const auto& fingerprint : transport.fingerprints) {
            if (fingerprint.algorithm != digest.algorithm) continue;
            remote.fingerprint = fingerprint_bytes(fingerprint.value, digest.size);
            if (remote.fingerprint.empty()) return fail(kInvalidSdp, "SDP: malformed fingerprint");
            remote.fingerprint_algorithm = digest.algorithm;
            return {};
        }
    }
    return fail(kInvalidSdp, "SDP: no fingerprint of sha-256, sha-384 or sha-512");
}

// RFC 8839 section 5.4.
Result<void> read_credentials(const SdpTransport& transport, RemoteTransport& remote) {
    const auto fits = [](const std::string& text, std::size_t least) {
        return text.size() >= least && text.size() <= 256 && is_printable(text);
    };
    if (!fits(transport.ufrag, 4)) return fail(kInvalidSdp, "SDP: ice-ufrag is not 4 to 256 characters");
    if (!fits(transport.pwd, 22)) return fail(kInvalidSdp, "SDP: ice-pwd is not 22 to 256 characters");
    remote.ufrag = transport.ufrag;
    remote.pwd = transport.pwd;
    return {};
}

Result<void> check_mids(const SessionDescription& description) {
    std::set<std::string_view> mids;
    for (const auto& media : description.media)
        if (!media.mid.empty() && !mids.insert(media.mid).second) return fail(kInvalidSdp, "SDP: mid " + media.mid + " stands twice");
    return {};
}

std::size_t active_count(const SessionDescription& description) {
    return static_cast<std::size_t>(std::count_if(description.media.begin(), description.media.end(),
                                                  [](const MediaDescription& media) { return !media.is_disabled(); }));
}

// RFC 8843 sections 7.2 and 10.3: a bundle-only m-line, and one that joined its bundle before, may leave rtcp-mux to the first.
Result<void> check_mux(const SessionDescription& description, const std::vector<bool>& lines) {
    bool has_rtp = false;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto& media = description.media[i];
        if (!lines[i] || !media.is_rtp()) continue;
        if (media.rtcp_mux) return {};
        has_rtp = true;
    }
    return has_rtp ? Result<void>{fail(kInvalidSdp, "SDP: no rtcp-mux")} : Result<void>{};
}

Result<void> check(const SessionDescription& description) {
    if (description.media.empty()) return fail(kInvalidSdp, "SDP: no m-line");
    if (const auto distinct = check_mids(description); !distinct) return distinct;
    const auto active = active_count(description);
    if (active > 1 && description.bundles.empty()) return fail(kInvalidSdp, "SDP: more than one m-line, but no BUNDLE group");
    if (active == 0) return {};
    const auto lines = bundled_lines(description);
    if (std::find(lines.begin(), lines.end(), true) == lines.end())
        return fail(kInvalidSdp, "SDP: the BUNDLE group holds no active m-line");
    if (const auto mux = check_mux(description, lines); !mux) return mux;
    const auto transport = transport_of(description, lines);
    return transport ? Result<void>{} : Result<void>{tl::unexpected{transport.error()}};
}

}  // namespace

Result<void> check_offer(const SessionDescription& offer) { return check(offer); }

Result<void> check_answer(const SessionDescription& answer) {
    if (const auto fine = check(answer); !fine) return fine;
    const auto lines = bundled_lines(answer);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (!lines[i] && !answer.media[i].is_disabled())
            return fail(kInvalidSdp, "SDP: m-line " + std::to_string(i) + " is not in the BUNDLE group");
        // RFC 8842 section 5.3: the answerer decides.
        if (lines[i] && transport_on(answer, i).setup == SetupRole::actpass) return fail(kInvalidSdp, "SDP: setup:actpass in an answer");
    }
    return {};
}

std::vector<bool> bundled_lines(const SessionDescription& description) {
    std::vector<bool> lines(description.media.size(), false);
    const bool lone = description.bundles.empty() && active_count(description) == 1;
    std::set<std::string_view> mids;
    if (!description.bundles.empty()) mids.insert(description.bundles.front().begin(), description.bundles.front().end());
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto& media = description.media[i];
        lines[i] = !media.is_disabled() && (lone || (!media.mid.empty() && mids.contains(media.mid)));
    }
    return lines;
}

SdpTransport transport_on(const SessionDescription& description, std::size_t index) {
    auto transport = description.media[index].transport;
    const auto& session = description.transport;
    if (transport.ufrag.empty()) {
        transport.ufrag = session.ufrag;
        transport.pwd = session.pwd;
    }
    if (transport.fingerprints.empty()) transport.fingerprints = session.fingerprints;
    if (!transport.setup) transport.setup = session.setup;
    return transport;
}

Result<RemoteTransport> transport_of(const SessionDescription& description, const std::vector<bool>& lines) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (!lines[i]) continue;
        const auto transport = transport_on(description, i);
        if (transport.ufrag.empty()) continue;
        RemoteTransport remote;
        if (const auto credentials = read_credentials(transport, remote); !credentials) return tl::unexpected{credentials.error()};
        if (const auto fingerprint = read_fingerprint(transport, remote); !fingerprint) return tl::unexpected{fingerprint.error()};
        // RFC 4145 section 4: without a=setup the other side is active.
        const auto setup = transport.setup.value_or(SetupRole::active);
        if (setup == SetupRole::holdconn) return fail(kInvalidSdp, "SDP: setup:holdconn has no meaning for DTLS-SRTP");
        remote.local_setup = setup == SetupRole::passive ? SetupRole::active : SetupRole::passive;
        return remote;
    }
    return fail(kInvalidSdp, "SDP: no ICE credentials");
}

}  // namespace cardea::sdp
