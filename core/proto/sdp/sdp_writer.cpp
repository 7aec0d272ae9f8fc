#include "proto/sdp/sdp_writer.hpp"

#include <concepts>
#include <string_view>
#include <utility>

namespace cardea {
namespace {

// Lines of one description. `line("a=rtpmap:", 96, ' ', "VP8")` writes the parts and CRLF.
class SdpText {
  public:
    template <class... Parts>
    void line(const Parts&... parts) {
        (add(parts), ...);
        text_ += "\r\n";
    }
    void add(std::string_view part) { text_ += part; }
    void add(char part) { text_ += part; }
    template <std::unsigned_integral T>
    void add(T number) {
        text_ += std::to_string(number);
    }
    void end() { text_ += "\r\n"; }
    std::string take() { return std::move(text_); }

  private:
    std::string text_;
};

void write_transport(SdpText& out, const SdpTransport& transport) {
    if (!transport.ufrag.empty()) out.line("a=ice-ufrag:", transport.ufrag);
    if (!transport.pwd.empty()) out.line("a=ice-pwd:", transport.pwd);
    if (!transport.ice_options.empty()) out.line("a=ice-options:", transport.ice_options);
    for (const auto& fingerprint : transport.fingerprints) out.line("a=fingerprint:", fingerprint.algorithm, ' ', fingerprint.value);
    if (transport.setup) out.line("a=setup:", to_text(*transport.setup));
}

void write_format(SdpText& out, const SdpFormat& format) {
    if (!format.encoding.empty()) {
        out.add("a=rtpmap:");
        out.add(format.number);
        out.add(' ');
        out.add(format.encoding);
        out.add('/');
        out.add(format.clock_rate);
        if (format.channels != 1) {
            out.add('/');
            out.add(format.channels);
        }
        out.end();
    }
    for (const auto& feedback : format.feedback) out.line("a=rtcp-fb:", format.number, ' ', feedback);
    if (!format.fmtp.empty()) out.line("a=fmtp:", format.number, ' ', format.fmtp);
}

void write_list(SdpText& out, const std::vector<std::string>& items, char separator) {
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i > 0) out.add(separator);
        out.add(items[i]);
    }
}

void write_simulcast(SdpText& out, const MediaDescription& media) {
    for (const auto& rid : media.rids) out.line("a=rid:", rid.id, rid.send ? " send" : " recv");
    if (media.simulcast.empty()) return;
    out.add("a=simulcast:");
    if (!media.simulcast.send.empty()) {
        out.add("send ");
        write_list(out, media.simulcast.send, ';');
    }
    if (!media.simulcast.recv.empty()) {
        out.add(media.simulcast.send.empty() ? "recv " : " recv ");
        write_list(out, media.simulcast.recv, ';');
    }
    out.end();
}

std::string_view stream_or_none(const Msid& msid) { return msid.stream.empty() ? std::string_view{"-"} : std::string_view{msid.stream}; }

void write_streams(SdpText& out, const MediaDescription& media) {
    if (!media.msid.empty()) out.line("a=msid:", stream_or_none(media.msid), media.msid.track.empty() ? "" : " ", media.msid.track);
    for (const auto& group : media.ssrc_groups) {
        out.add("a=ssrc-group:");
        out.add(group.semantics);
        for (const auto ssrc : group.ssrcs) {
            out.add(' ');
            out.add(ssrc.value);
        }
        out.end();
    }
    for (const auto& ssrc : media.ssrcs) {
        // RFC 5576 section 4.1 knows no a=ssrc without an attribute, and section 6.1 requires the cname.
        out.line("a=ssrc:", ssrc.ssrc.value, " cname:", ssrc.cname);
        if (!ssrc.msid.empty())
            out.line("a=ssrc:", ssrc.ssrc.value, " msid:", stream_or_none(ssrc.msid), ssrc.msid.track.empty() ? "" : " ", ssrc.msid.track);
    }
}

void write_media_line(SdpText& out, const MediaDescription& media) {
    out.add("m=");
    out.add(media.media);
    out.add(' ');
    out.add(media.port);
    out.add(' ');
    out.add(media.protocol);
    for (const auto& format : media.formats) {
        out.add(' ');
        out.add(format.number);
    }
    for (const auto& name : media.format_names) {
        out.add(' ');
        out.add(name);
    }
    out.end();
    if (!media.connection.empty()) out.line("c=", media.connection);
    if (media.bandwidth == 0) return;
    if (media.bandwidth >= 1000) out.line("b=AS:", media.bandwidth / 1000);
    out.line("b=TIAS:", media.bandwidth);
}

void write_data(SdpText& out, const MediaDescription& media) {
    if (media.sctpmap && media.sctp_port) out.line("a=sctpmap:", *media.sctp_port, " webrtc-datachannel 65535");
    if (!media.sctpmap && media.sctp_port) out.line("a=sctp-port:", *media.sctp_port);
    if (media.max_message_size) out.line("a=max-message-size:", *media.max_message_size);
}

void write_media(SdpText& out, const MediaDescription& media) {
    write_media_line(out, media);
    if (!media.mid.empty()) out.line("a=mid:", media.mid);
    write_transport(out, media.transport);
    if (media.bundle_only) out.line("a=bundle-only");
    if (media.extmap_allow_mixed) out.line("a=extmap-allow-mixed");
    for (const auto& extension : media.extensions)
        out.line("a=extmap:", extension.id, extension.direction ? "/" : "", extension.direction ? to_text(*extension.direction) : "", ' ',
                 extension.uri);
    out.line("a=", to_text(media.direction));
    write_streams(out, media);
    if (media.rtcp_mux) out.line("a=rtcp-mux");
    if (media.rtcp_rsize) out.line("a=rtcp-rsize");
    for (const auto& feedback : media.feedback) out.line("a=rtcp-fb:* ", feedback);
    for (const auto& format : media.formats) write_format(out, format);
    write_simulcast(out, media);
    write_data(out, media);
    for (const auto& candidate : media.candidates) out.line("a=candidate:", candidate);
    if (media.end_of_candidates) out.line("a=end-of-candidates");
}

}  // namespace

std::string write_sdp(const SessionDescription& description) {
    SdpText out;
    out.line("v=0");
    out.line("o=", description.origin_user, ' ', description.session_id, ' ', description.version, " IN IP4 127.0.0.1");
    out.line("s=", description.session_name);
    out.line("t=0 0");
    for (const auto& mids : description.bundles) {
        out.add("a=group:BUNDLE");
        for (const auto& mid : mids) {
            out.add(' ');
            out.add(mid);
        }
        out.end();
    }
    if (description.ice_lite) out.line("a=ice-lite");
    if (description.extmap_allow_mixed) out.line("a=extmap-allow-mixed");
    if (!description.msid_semantic.empty()) out.line("a=msid-semantic: ", description.msid_semantic);
    write_transport(out, description.transport);
    for (const auto& media : description.media) write_media(out, media);
    return out.take();
}

}  // namespace cardea
