#include "proto/sdp/payload_table.hpp"

#include <algorithm>
#include <array>

#include "proto/sdp/codec_choice.hpp"
#include "proto/sdp/sdp_text.hpp"

namespace cardea {
namespace {

struct UsualNumbers {
    Codec codec;
    std::uint8_t number;
    std::uint8_t rtx;  // 0: audio has none
};
constexpr std::array<UsualNumbers, 9> kUsual{{{Codec::opus, 111, 0},
                                              {Codec::pcmu, 0, 0},
                                              {Codec::pcma, 8, 0},
                                              {Codec::g722, 9, 0},
                                              {Codec::vp8, 96, 97},
                                              {Codec::vp9, 98, 99},
                                              {Codec::h264, 102, 103},
                                              {Codec::av1, 45, 46},
                                              {Codec::h265, 49, 50}}};

bool is_usual(std::uint8_t number) noexcept {
    return std::any_of(kUsual.begin(), kUsual.end(),
                       [&](const UsualNumbers& usual) { return usual.number == number || (usual.rtx != 0 && usual.rtx == number); });
}

}  // namespace

void PayloadTable::note(const MediaDescription& media) {
    for (const auto& format : media.formats)
        meanings_.try_emplace(format.number, Meaning{sdp::lower_case(format.encoding), format.clock_rate, format.channels, format.fmtp, 0});
}

std::optional<PayloadTable::Numbers> PayloadTable::numbers_of(const PayloadType& type, unsigned variant) {
    const auto* const usual =
        std::find_if(kUsual.begin(), kUsual.end(), [&](const UsualNumbers& entry) { return entry.codec == type.codec; });
    if (usual == kUsual.end()) return std::nullopt;
    const auto number = claim({std::string{to_text(type.codec)}, type.clock_rate, type.channels, type.fmtp, variant}, usual->number);
    if (!number || !type.rtx) return number ? std::optional{Numbers{*number, 0}} : std::nullopt;
    // The retransmissions of a codec that got another number get another number too.
    const auto rtx_preferred = *number == usual->number ? usual->rtx : std::uint8_t{0};
    const auto rtx = claim({"rtx", type.clock_rate, 1, "apt=" + std::to_string(*number), variant}, rtx_preferred);
    if (!rtx) return std::nullopt;
    return Numbers{*number, *rtx};
}

std::optional<std::uint8_t> PayloadTable::claim(const Meaning& meaning, std::uint8_t preferred) {
    for (const auto& [number, known] : meanings_)
        if (known == meaning) return number;
    // 0 is PCMU's own number and elsewhere means: none in mind.
    const bool usable = (preferred != 0 || meaning.encoding == "pcmu") && !meanings_.contains(preferred);
    const auto number = usable ? std::optional{preferred} : free_number();
    if (number) meanings_.emplace(*number, meaning);
    return number;
}

// RFC 5761 section 4 keeps 64 to 95 out of use beside multiplexed RTCP; 35 to 63 may serve when 96 to 127 are full.
std::optional<std::uint8_t> PayloadTable::free_number() const {
    const auto is_free = [&](std::uint8_t number) { return !meanings_.contains(number) && !is_usual(number); };
    for (std::uint8_t number = 96; number <= 127; ++number)
        if (is_free(number)) return number;
    for (std::uint8_t number = 35; number <= 63; ++number)
        if (is_free(number)) return number;
    return std::nullopt;
}

void ExtensionTable::note(const MediaDescription& media) {
    for (const auto& extension : media.extensions) uris_.try_emplace(extension.id, extension.uri);
}

std::optional<std::uint8_t> ExtensionTable::id_of(std::string_view uri, std::uint8_t preferred) {
    for (const auto& [id, known] : uris_)
        if (known == uri && id <= 14) return id;
    auto id = preferred;
    for (std::uint8_t next = 1; uris_.contains(id); ++next) {
        if (next > 14) return std::nullopt;
        id = next;
    }
    uris_.emplace(id, uri);
    return id;
}

}  // namespace cardea
