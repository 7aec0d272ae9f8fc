#include "proto/sdp/codec_choice.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "proto/sdp/fmtp.hpp"
#include "proto/sdp/sdp_text.hpp"

namespace cardea {
namespace {

constexpr std::string_view kOpusFmtp = "minptime=10;useinbandfec=1";
constexpr std::string_view kH264Fmtp = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f";

struct CodecRow {
    Codec codec;
    const char* encoding;  // as SDP spells it
    std::uint32_t clock_rate;
    std::uint8_t channels;
    std::string_view fmtp;
};
// G722 says 8000 though it samples at 16000 (RFC 3551 section 4.5.2); Opus always says 48000/2 (RFC 7587 section 7).
constexpr std::array<CodecRow, 9> kCodecRows{{{Codec::opus, "opus", 48000, 2, kOpusFmtp},
                                              {Codec::pcmu, "PCMU", 8000, 1, ""},
                                              {Codec::pcma, "PCMA", 8000, 1, ""},
                                              {Codec::g722, "G722", 8000, 1, ""},
                                              {Codec::vp8, "VP8", 90000, 1, ""},
                                              {Codec::vp9, "VP9", 90000, 1, "profile-id=0"},
                                              {Codec::h264, "H264", 90000, 1, kH264Fmtp},
                                              {Codec::av1, "AV1", 90000, 1, "level-idx=5;profile=0;tier=0"},
                                              {Codec::h265, "H265", 90000, 1, ""}}};

const CodecRow* row_of(Codec codec) noexcept {
    const auto found = std::find_if(kCodecRows.begin(), kCodecRows.end(), [&](const CodecRow& row) { return row.codec == codec; });
    return found == kCodecRows.end() ? nullptr : &*found;
}

constexpr bool is_audio(Codec codec) noexcept {
    return codec == Codec::opus || codec == Codec::pcmu || codec == Codec::pcma || codec == Codec::g722;
}

bool has_feedback(const MediaDescription& media, const SdpFormat& format, std::string_view wanted) {
    const auto matches = [&](const std::string& feedback) { return feedback == wanted; };
    return std::any_of(format.feedback.begin(), format.feedback.end(), matches) ||
           std::any_of(media.feedback.begin(), media.feedback.end(), matches);
}

void read_feedback(PayloadType& type, const MediaDescription& media, const SdpFormat& format) {
    type.nack = has_feedback(media, format, "nack");
    type.pli = has_feedback(media, format, "nack pli");
    type.fir = has_feedback(media, format, "ccm fir");
    type.remb = has_feedback(media, format, "goog-remb");
    type.transport_cc = has_feedback(media, format, "transport-cc");
}

bool fits_profile(Codec codec, const SdpFormat& format, const KindPolicy& policy) {
    if (codec == Codec::vp9 && !policy.vp9_profile.empty())
        return sdp::fmtp_parameter(format.fmtp, "profile-id").value_or("0") == policy.vp9_profile;
    if (codec == Codec::h264 && !policy.h264_profile.empty())
        return sdp::h264_profile_in(format.fmtp) == sdp::h264_profile_of(policy.h264_profile);
    return true;
}

// How welcome a format of a codec is; the client's order decides between equals. H264 of packetization mode 0 forbids
// fragmentation, so what others send such a peer could not take (RFC 6184 section 6.2), and constrained baseline is the one
// profile that every browser decodes.
int rank_of(Codec codec, const SdpFormat& format) {
    if (codec != Codec::h264) return 1;
    const bool fragments = sdp::h264_packetization_mode(format.fmtp) == 1;
    const bool universal = sdp::h264_profile_in(format.fmtp) == sdp::H264Profile::constrained_baseline;
    return 1 + (fragments ? 2 : 0) + (universal ? 1 : 0);
}

const SdpFormat* best_format(const MediaDescription& offered, Codec codec, const KindPolicy& policy) {
    const SdpFormat* best = nullptr;
    int best_rank = 0;
    for (const auto& format : offered.formats) {
        if (sdp::codec_of_format(offered, format) != codec || !fits_profile(codec, format, policy)) continue;
        if (const int rank = rank_of(codec, format); rank > best_rank) {
            best = &format;
            best_rank = rank;
        }
    }
    return best;
}

// RFC 7587 section 7.1: these parameters say what this side would like to receive, so they are the policy's, not an echo.
std::string opus_answer(const SdpFormat& format, const KindPolicy& policy) {
    std::string fmtp;
    const auto append = [&](std::string_view parameter) {
        if (!fmtp.empty()) fmtp += ';';
        fmtp += parameter;
    };
    if (const auto minptime = sdp::fmtp_parameter(format.fmtp, "minptime"); minptime && sdp::number_of<std::uint8_t>(*minptime))
        append("minptime=" + std::string{*minptime});
    if (policy.opus_fec) append("useinbandfec=1");
    if (policy.opus_dtx) append("usedtx=1");
    const auto wants_stereo = [&](std::string_view name) { return sdp::fmtp_parameter(format.fmtp, name) == "1"; };
    if (policy.opus_stereo && (wants_stereo("stereo") || wants_stereo("sprop-stereo"))) append("stereo=1;sprop-stereo=1");
    return fmtp;
}

PayloadType payload_of(const MediaDescription& media, const SdpFormat& format, Codec codec) {
    PayloadType type;
    type.number = format.number;
    type.codec = codec;
    type.clock_rate = format.clock_rate;
    type.channels = format.channels;
    type.fmtp = format.fmtp;
    type.rtx = sdp::rtx_of(media, format.number);
    read_feedback(type, media, format);
    return type;
}

bool same_payload(const PayloadType& offered, Codec codec, const SdpFormat& answered) {
    if (codec != offered.codec) return false;
    if (codec == Codec::vp9) {
        return sdp::fmtp_parameter(answered.fmtp, "profile-id").value_or("0") ==
               sdp::fmtp_parameter(offered.fmtp, "profile-id").value_or("0");
    }
    // The level may be lowered by an answer, the profile and the mode may not (RFC 6184 section 8.2.2).
    return codec != Codec::h264 || (sdp::h264_profile_in(answered.fmtp) == sdp::h264_profile_in(offered.fmtp) &&
                                    sdp::h264_packetization_mode(answered.fmtp) == sdp::h264_packetization_mode(offered.fmtp));
}

}  // namespace

PayloadType default_payload_type(Codec codec) {
    PayloadType type;
    const auto* const row = row_of(codec);
    if (row == nullptr) return type;
    type.codec = codec;
    type.clock_rate = row->clock_rate;
    type.channels = row->channels;
    type.fmtp = row->fmtp;
    if (is_audio(codec)) return type;
    type.rtx = std::uint8_t{0};
    type.nack = type.pli = type.fir = type.remb = true;
    return type;
}

namespace sdp {

Codec codec_of_format(const MediaDescription& media, const SdpFormat& format) noexcept {
    const auto codec = codec_of(format.encoding);
    const auto* const row = row_of(codec);
    if (row == nullptr || codec == Codec::h265) return Codec::unknown;
    const bool right_kind = is_audio(codec) == (media.kind == MediaKind::audio);
    return right_kind && format.clock_rate == row->clock_rate && format.channels == row->channels ? codec : Codec::unknown;
}

std::vector<OfferedCodec> offered_codecs(const MediaDescription& media) {
    std::vector<OfferedCodec> codecs;
    for (const auto& format : media.formats) {
        const auto codec = codec_of_format(media, format);
        if (codec == Codec::unknown) continue;
        codecs.push_back({std::string{to_text(codec)}, codec, format.number, format.clock_rate, format.channels, format.fmtp});
    }
    return codecs;
}

std::optional<PayloadType> choose_payload(const MediaDescription& offered, const KindPolicy& policy, const std::vector<Codec>& codecs) {
    auto wanted = codecs;
    if (wanted.empty())
        for (const auto& codec : offered_codecs(offered)) wanted.push_back(codec.codec);
    for (const auto codec : wanted) {
        const auto* const format = best_format(offered, codec, policy);
        if (format == nullptr || codec == Codec::unknown) continue;
        auto type = payload_of(offered, *format, codec);
        if (codec == Codec::opus) type.fmtp = opus_answer(*format, policy);
        return type;
    }
    return std::nullopt;
}

std::optional<PayloadType> answered_payload(const MediaDescription& answered, const PayloadType& offered) {
    for (const auto& format : answered.formats) {
        if (!same_payload(offered, codec_of_format(answered, format), format)) continue;
        auto type = offered;
        const auto theirs = payload_of(answered, format, offered.codec);
        type.number = theirs.number;
        type.rtx = offered.rtx ? theirs.rtx : std::nullopt;
        type.nack = offered.nack && theirs.nack;
        type.pli = offered.pli && theirs.pli;
        type.fir = offered.fir && theirs.fir;
        type.remb = offered.remb && theirs.remb;
        type.transport_cc = offered.transport_cc && theirs.transport_cc;
        return type;
    }
    return std::nullopt;
}

std::optional<std::uint8_t> rtx_of(const MediaDescription& media, std::uint8_t number) {
    for (const auto& format : media.formats) {
        if (!equal_ignoring_case(format.encoding, "rtx")) continue;
        const auto apt = fmtp_parameter(format.fmtp, "apt");
        if (apt && number_of<std::uint8_t>(*apt) == number) return format.number;
    }
    return std::nullopt;
}

std::vector<SdpFormat> formats_of(const PayloadType& type) {
    const auto* const row = row_of(type.codec);
    if (row == nullptr) return {};
    SdpFormat format{type.number, row->encoding, type.clock_rate, type.channels, type.fmtp, {}};
    if (type.remb) format.feedback.emplace_back("goog-remb");
    if (type.transport_cc) format.feedback.emplace_back("transport-cc");
    if (type.fir) format.feedback.emplace_back("ccm fir");
    if (type.nack) format.feedback.emplace_back("nack");
    if (type.pli) format.feedback.emplace_back("nack pli");
    std::vector<SdpFormat> formats{std::move(format)};
    if (type.rtx) formats.push_back({*type.rtx, "rtx", type.clock_rate, 1, "apt=" + std::to_string(type.number), {}});
    return formats;
}

}  // namespace sdp
}  // namespace cardea
