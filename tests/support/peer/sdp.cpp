#include "sdp.hpp"

#include <algorithm>
#include <charconv>

namespace cardea::testpeer {
namespace {

// "first rest" -> first, and text becomes rest.
std::string_view next_word(std::string_view& text, char separator = ' ') noexcept {
    const auto end = text.find(separator);
    const auto word = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    return word;
}

template <class T>
T number(std::string_view text) noexcept {
    T value{};
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::string lower(std::string_view text) {
    std::string out{text};
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

SdpCodec& codec_entry(SdpMedia& media, unsigned type) {
    for (auto& codec : media.codecs)
        if (codec.type == type) return codec;
    return media.codecs.emplace_back(SdpCodec{type, {}, {}});
}

void read_media_line(SdpDescription& sdp, std::string_view value) {
    auto& media = sdp.media.emplace_back();
    media.kind = next_word(value);
    media.port = number<unsigned>(next_word(value));
}

void read_format(SdpMedia& media, std::string_view name, std::string_view value) {
    auto& codec = codec_entry(media, number<unsigned>(next_word(value)));
    if (name == "rtpmap") codec.name = lower(next_word(value, '/'));
    constexpr std::string_view kApt = "apt=";
    if (const auto at = value.find(kApt); name == "fmtp" && at != std::string_view::npos)
        codec.repairs = number<unsigned>(value.substr(at + kApt.size()));
}

void read_source(SdpMedia& media, std::string_view name, std::string_view value) {
    if (name == "ssrc") {
        const auto ssrc = number<std::uint32_t>(next_word(value));
        if (std::find(media.ssrcs.begin(), media.ssrcs.end(), ssrc) == media.ssrcs.end()) media.ssrcs.push_back(ssrc);
    } else if (next_word(value) == "FID") {
        const auto primary = number<std::uint32_t>(next_word(value));
        media.repair_of[number<std::uint32_t>(next_word(value))] = primary;
    }
}

void read_media_attribute(SdpMedia& media, std::string_view name, std::string_view value) {
    if (name == "mid") media.mid = value;
    if (name == "sendrecv" || name == "sendonly" || name == "recvonly" || name == "inactive") media.direction = name;
    if (name == "rtpmap" || name == "fmtp") read_format(media, name, value);
    if (name == "sctp-port") media.sctp_port = number<std::uint16_t>(value);
    if (name == "ssrc" || name == "ssrc-group") read_source(media, name, value);
    if (name == "extmap") {
        const auto id = number<unsigned>(next_word(value));
        if (next_word(value) == "urn:ietf:params:rtp-hdrext:sdes:mid") media.mid_extension = id;
    }
}

// Everything is bundled, so the transport of the first m-line is the only one.
void read_transport_attribute(SdpDescription& sdp, std::string_view line, std::string_view name, std::string_view value) {
    if (name == "ice-lite") sdp.ice_lite = true;
    if (name == "ice-ufrag" && sdp.ice.ufrag.empty()) sdp.ice.ufrag = value;
    if (name == "ice-pwd" && sdp.ice.password.empty()) sdp.ice.password = value;
    if (name == "setup" && sdp.setup.empty()) sdp.setup = value;
    if (name == "candidate" && sdp.media.size() <= 1) sdp.candidates.emplace_back(line);
    if (name == "fingerprint" && sdp.fingerprint.empty() && lower(next_word(value)) == "sha-256") {
        sdp.fingerprint = value;
        std::transform(sdp.fingerprint.begin(), sdp.fingerprint.end(), sdp.fingerprint.begin(),
                       [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    }
}

std::string session_part(const SdpLocal& local, const std::string& bundle) {
    return "v=0\r\no=- 4611732453 " + std::to_string(local.version) + " IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE" + bundle +
           "\r\na=msid-semantic: WMS *\r\n";
}

std::string transport_part(const SdpLocal& local) {
    std::string text = "c=IN IP4 0.0.0.0\r\na=ice-ufrag:" + local.ice.ufrag + "\r\na=ice-pwd:" + local.ice.password +
                       "\r\na=fingerprint:sha-256 " + local.fingerprint + "\r\na=setup:" + local.setup + "\r\na=rtcp-mux\r\n";
    for (const auto& line : local.candidates) text += line + "\r\n";
    return text + "a=end-of-candidates\r\n";
}

std::string codec_part(const SdpCodec& codec) {
    const auto type = std::to_string(codec.type);
    if (codec.name == "opus") return "a=rtpmap:" + type + " opus/48000/2\r\na=fmtp:" + type + " minptime=10;useinbandfec=1\r\n";
    if (codec.name == "rtx") return "a=rtpmap:" + type + " rtx/90000\r\na=fmtp:" + type + " apt=" + std::to_string(*codec.repairs) + "\r\n";
    std::string text = "a=rtpmap:" + type + " VP8/90000\r\n";
    for (const auto* feedback : {"nack", "nack pli", "ccm fir", "goog-remb"}) text += "a=rtcp-fb:" + type + " " + feedback + "\r\n";
    return text;
}

std::string media_part(const SdpMedia& media, const SdpLocal& local) {
    std::string types;
    std::string formats;
    for (const auto& codec : media.codecs) {
        types += " " + std::to_string(codec.type);
        formats += codec_part(codec);
    }
    std::string text = "m=" + media.kind + " " + std::to_string(media.port) + " UDP/TLS/RTP/SAVPF" + types + "\r\n" + transport_part(local);
    text += "a=mid:" + media.mid + "\r\na=" + media.direction + "\r\n" + formats;
    if (media.mid_extension != 0) text += "a=extmap:" + std::to_string(media.mid_extension) + " urn:ietf:params:rtp-hdrext:sdes:mid\r\n";
    for (const auto& [repair, primary] : media.repair_of)
        text += "a=ssrc-group:FID " + std::to_string(primary) + " " + std::to_string(repair) + "\r\n";
    if (media.simulcast) {
        text += "a=ssrc-group:SIM";
        for (const auto ssrc : media.ssrcs) text += " " + std::to_string(ssrc);
        text += "\r\n";
    }
    for (const auto ssrc : media.ssrcs) text += "a=ssrc:" + std::to_string(ssrc) + " cname:" + std::string{kCname} + "\r\n";
    return text;
}

std::string data_part(const std::string& mid, const SdpLocal& local) {
    return "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n" + transport_part(local) + "a=mid:" + mid +
           "\r\na=sctp-port:" + std::to_string(kSctpPort) + "\r\na=max-message-size:262144\r\n";
}

std::string refused_part(const SdpMedia& offered) {
    const bool data = offered.kind == "application";
    return "m=" + offered.kind + (data ? " 0 UDP/DTLS/SCTP webrtc-datachannel" : " 0 UDP/TLS/RTP/SAVPF 0") +
           "\r\nc=IN IP4 0.0.0.0\r\na=inactive\r\na=mid:" + offered.mid + "\r\n";
}

}  // namespace

const SdpCodec* SdpMedia::codec(std::string_view name) const noexcept {
    const auto found = std::find_if(codecs.begin(), codecs.end(), [&](const auto& each) { return each.name == name; });
    return found == codecs.end() ? nullptr : &*found;
}
const SdpCodec* SdpMedia::codec(unsigned type) const noexcept {
    const auto found = std::find_if(codecs.begin(), codecs.end(), [&](const auto& each) { return each.type == type; });
    return found == codecs.end() ? nullptr : &*found;
}
const SdpCodec* SdpMedia::repair_codec(unsigned type) const noexcept {
    const auto found =
        std::find_if(codecs.begin(), codecs.end(), [&](const auto& each) { return each.name == "rtx" && each.repairs == type; });
    return found == codecs.end() ? nullptr : &*found;
}

SdpDescription parse_sdp(std::string_view text) {
    SdpDescription sdp;
    while (!text.empty()) {
        auto line = next_word(text, '\n');
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        if (line.starts_with("m=")) read_media_line(sdp, line.substr(2));
        if (!line.starts_with("a=")) continue;
        auto value = line.substr(2);
        const auto name = next_word(value, ':');
        read_transport_attribute(sdp, line, name, value);
        if (!sdp.media.empty()) read_media_attribute(sdp.media.back(), name, value);
    }
    return sdp;
}

std::string write_offer(const SdpLocal& local, const std::vector<SdpTrack>& tracks) {
    std::string bundle;
    std::string parts;
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        const auto& track = tracks[i];
        if (track.kind == "application") {
            bundle += " " + std::to_string(i);
            parts += data_part(std::to_string(i), local);
            continue;
        }
        SdpMedia media{
            .kind = track.kind, .mid = std::to_string(i), .direction = "sendonly", .mid_extension = kMidExtension, .ssrcs = {track.ssrc}};
        if (!track.encodings.empty()) {
            media.ssrcs = track.encodings;
            media.simulcast = true;
        }
        const bool video = track.kind == "video";
        media.codecs.push_back({video ? kVp8Type : kOpusType, video ? "vp8" : "opus", {}});
        if (track.rtx_ssrc != 0) {
            media.codecs.push_back({kRtxType, "rtx", kVp8Type});
            media.ssrcs.push_back(track.rtx_ssrc);
            media.repair_of[track.rtx_ssrc] = track.ssrc;
        }
        bundle += " " + media.mid;
        parts += media_part(media, local);
    }
    return session_part(local, bundle) + parts;
}

std::string write_answer(const SdpLocal& local, const SdpDescription& offer) {
    std::string bundle;
    std::string parts;
    for (const auto& offered : offer.media) {
        if (offered.kind == "application" && offered.port != 0 && local.data) {
            bundle += " " + offered.mid;
            parts += data_part(offered.mid, local);
            continue;
        }
        const auto* codec = offered.codec(offered.kind == "audio" ? "opus" : "vp8");
        if (offered.port == 0 || codec == nullptr) {
            parts += refused_part(offered);
            continue;
        }
        SdpMedia media{.kind = offered.kind, .mid = offered.mid, .mid_extension = offered.mid_extension};
        media.direction = offered.direction == "inactive" ? "inactive" : "recvonly";
        media.codecs.push_back(*codec);
        if (const auto* repair = offered.repair_codec(codec->type)) media.codecs.push_back(*repair);
        bundle += " " + media.mid;
        parts += media_part(media, local);
    }
    return session_part(local, bundle) + parts;
}

}  // namespace cardea::testpeer
