// RTCP: every list of every packet of a compound is walked to its end.
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "proto/rtp/rtcp/rtcp_reader.hpp"
#include "proto/rtp/rtcp/twcc_feedback.hpp"

namespace {

using namespace cardea;

struct Reader {
    std::uint64_t sum = 0;

    void operator()(const SenderReport& report) { add(report.blocks); }
    void operator()(const ReceiverReport& report) { add(report.blocks); }
    void operator()(const SourceDescription& description) { add(description.cname); }
    void operator()(const Goodbye& goodbye) {
        for (const auto ssrc : goodbye.sources) sum += ssrc.value;
        add(goodbye.reason);
    }
    void operator()(const Nack& nack) {
        nack.sequences.for_each([this](std::uint16_t sequence) { sum += sequence; });
    }
    void operator()(const PictureLoss& loss) { sum += loss.media.value; }
    void operator()(const FullIntraRequest& request) {
        for (const auto& entry : request.entries) sum += entry.ssrc.value;
    }
    void operator()(const ReceiverMaxBitrate& remb) {
        sum += remb.bits_per_second;
        for (const auto ssrc : remb.sources) sum += ssrc.value;
    }
    void operator()(const TransportFeedback& feedback) {
        std::size_t told = 0;
        for_each_status(feedback, [&](std::uint16_t, bool, std::int64_t) { ++told; });
        CARDEA_ASSERT(told == feedback.status_count);
    }
    void operator()(const OtherRtcp& other) { sum += other.packet_type; }

  private:
    void add(std::string_view text) {
        for (const char c : text) sum += static_cast<unsigned char>(c);
    }
    void add(const ReportBlocks& blocks) {
        CARDEA_ASSERT(blocks.size() <= 31);
        for (const auto& block : blocks) {
            CARDEA_ASSERT(block.cumulative_lost >= -0x800000 && block.cumulative_lost <= 0x7fffff);
            sum += block.ssrc.value;
        }
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Reader reader;
    const auto result = for_each_rtcp(Bytes{data, size}, reader);
    CARDEA_ASSERT(!result || check_compound(Bytes{data, size}));
    return 0;
}
