#include "proto/sdp/sdp_parser.hpp"

#include <optional>
#include <string>
#include <utility>

#include "proto/sdp/sdp_attributes.hpp"
#include "proto/sdp/sdp_text.hpp"

namespace cardea {
namespace {

using sdp::MediaReading;
using sdp::number_of;
using sdp::take_until;
using sdp::take_word;

class SdpReader {
  public:
    explicit SdpReader(const SdpLimits& limits) : limits_{limits} {}

    Result<SessionDescription> read(std::string_view text) {
        while (!text.empty()) {
            if (++line_ > limits_.lines) return fail(kInvalidSdp, "SDP: more than " + std::to_string(limits_.lines) + " lines");
            auto line = take_until(text, '\n');
            if (line.ends_with('\r')) line.remove_suffix(1);
            if (line.empty()) continue;
            if (const auto problem = read_line(line); !problem.empty())
                return fail(kInvalidSdp, "SDP line " + std::to_string(line_) + ": " + std::string{problem});
        }
        if (!version_seen_) return fail(kInvalidSdp, "SDP: empty");
        finish_media();
        return std::move(session_);
    }

  private:
    // Empty: fine. Otherwise what is wrong.
    std::string_view read_line(std::string_view line) {
        // A stray CR or NUL would come out again in a line of ours.
        if (line.find_first_of(std::string_view{"\r\0", 2}) != std::string_view::npos) return "control character";
        if (line.size() < 2 || line[1] != '=') return "not of the form <letter>=<value>";
        const auto value = line.substr(2);
        if (!version_seen_) {
            version_seen_ = true;
            return line == "v=0" ? "" : "does not begin with v=0";
        }
        switch (line[0]) {
            case 'm':
                return read_media(value);
            case 'a':
                return read_attribute(value);
            case 'o':
                return read_origin(value);
            case 'c':
                return read_connection(value);
            case 'b':
                return read_bandwidth(value);
            case 's':
                return read_session_name(value);
            default:
                return {};
        }
    }

    std::string_view read_origin(std::string_view value) {
        if (in_media()) return {};
        session_.origin_user = take_word(value);
        const auto id = number_of<std::uint64_t>(take_word(value));
        const auto version = number_of<std::uint64_t>(take_word(value));
        if (session_.origin_user.empty() || !id || !version) return "malformed o=";
        session_.session_id = *id;
        session_.version = *version;
        return {};
    }

    std::string_view read_session_name(std::string_view value) {
        if (!in_media()) session_.session_name = value;
        return {};
    }

    std::string_view read_connection(std::string_view value) {
        if (in_media() && session_.media.back().connection.empty()) session_.media.back().connection = value;
        return {};
    }

    // RFC 8866 section 5.8 and RFC 3890: AS counts kilobits with headers, TIAS bits without. TIAS is the exact one and wins.
    std::string_view read_bandwidth(std::string_view value) {
        const auto type = take_until(value, ':');
        if (!in_media() || (type != "AS" && type != "TIAS")) return {};
        const auto amount = number_of<std::uint32_t>(value);
        if (!amount) return "malformed b=";
        auto& bandwidth = session_.media.back().bandwidth;
        if (type == "TIAS") bandwidth = *amount;
        if (type == "AS" && bandwidth == 0) bandwidth = *amount * std::uint64_t{1000};
        return {};
    }

    std::string_view read_attribute(std::string_view value) {
        const auto name = take_until(value, ':');
        if (in_media()) return sdp::read_media_attribute(reading_, name, value) ? "" : "malformed attribute";
        // RFC 8866 section 6.7: a direction at session level is the default of every m-line.
        if (const auto direction = direction_of(name)) default_direction_ = *direction;
        return sdp::read_session_attribute(session_, name, value) ? "" : "malformed attribute";
    }

    std::string_view read_media(std::string_view value) {
        if (session_.media.size() >= limits_.media) return "too many m-lines";
        finish_media();
        auto& media = session_.media.emplace_back();
        reading_ = MediaReading{};
        reading_.media = &media;
        media.direction = default_direction_;
        media.media = take_word(value);
        if (media.media == "audio") media.kind = MediaKind::audio;
        if (media.media == "video") media.kind = MediaKind::video;
        auto port_text = take_word(value);
        const auto port = number_of<std::uint16_t>(take_until(port_text, '/'));
        media.protocol = take_word(value);
        if (!sdp::is_token(media.media) || !port || media.protocol.empty()) return "malformed m=";
        media.port = *port;
        if (media.media == "application" && media.protocol.find("DTLS/SCTP") != std::string::npos) media.kind = MediaKind::data;
        return media.is_rtp() ? read_formats(media, value) : read_format_names(media, value);
    }

    std::string_view read_formats(MediaDescription& media, std::string_view value) {
        while (!sdp::trimmed(value).empty()) {
            const auto number = number_of<std::uint8_t>(take_word(value));
            if (!number || *number > 127) return "payload type out of range";
            auto& index = reading_.format_index[*number];
            if (index != 0) continue;
            media.formats.push_back({*number, {}, 0, 1, {}, {}});
            index = static_cast<std::uint8_t>(media.formats.size());
        }
        return media.formats.empty() ? "m= without a format" : "";
    }

    static std::string_view read_format_names(MediaDescription& media, std::string_view value) {
        constexpr std::size_t kMaxNames = 16;
        while (!sdp::trimmed(value).empty() && media.format_names.size() < kMaxNames) media.format_names.emplace_back(take_word(value));
        return media.format_names.empty() ? "m= without a format" : "";
    }

    void finish_media() {
        if (in_media()) sdp::complete_formats(session_.media.back());
    }

    [[nodiscard]] bool in_media() const noexcept { return !session_.media.empty(); }

    SdpLimits limits_;
    SessionDescription session_;
    MediaReading reading_;
    MediaDirection default_direction_ = MediaDirection::sendrecv;
    std::size_t line_ = 0;
    bool version_seen_ = false;
};

}  // namespace

Result<SessionDescription> parse_sdp(std::string_view text, const SdpLimits& limits) {
    if (text.size() > limits.bytes) return fail(kInvalidSdp, "SDP: larger than " + std::to_string(limits.bytes) + " bytes");
    return SdpReader{limits}.read(text);
}

}  // namespace cardea
