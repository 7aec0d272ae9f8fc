// A request of the API from its text to its envelope, and the frame of its answer back to text.
#include <string>

#include "api/envelope.hpp"
#include "cases/common.hpp"
#include "measure.hpp"

namespace cardea::bench {
namespace {

class ParsedRequest {
  public:
    static constexpr int kWarmUp = 16;
    explicit ParsedRequest(std::string text) : text_{std::move(text)} {}
    std::size_t step() {
        const auto envelope = api::parse_envelope(Json::parse(text_));
        return envelope && envelope->session.is_set() ? 1 : 0;
    }

  private:
    std::string text_;
};

void BM_Envelope_Trickle(benchmark::State& state) {
    ParsedRequest request{R"({"janus":"trickle","session_id":4611686018427387,"handle_id":2305843009213693,"transaction":"Zo3iT7rkE0aQ",)"
                          R"("candidate":{"candidate":"candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host","sdpMid":"0","sdpMLineIndex":0}})"};
    measure(state, request);
}
BENCHMARK(BM_Envelope_Trickle);

// With a description of the length that Chromium writes for audio, video and data.
void BM_Envelope_MessageWithJsep(benchmark::State& state) {
    std::string sdp;
    while (sdp.size() < 6500) sdp += R"(a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack pli\r\n)";
    ParsedRequest request{R"({"janus":"message","session_id":4611686018427387,"handle_id":2305843009213693,"transaction":"Zo3iT7rkE0aQ",)"
                          R"("body":{"request":"configure","audio":true,"video":true},"jsep":{"type":"offer","sdp":")" +
                          sdp + R"("}})"};
    measure(state, request);
}
BENCHMARK(BM_Envelope_MessageWithJsep);

class WrittenReply {
  public:
    static constexpr int kWarmUp = 16;
    std::size_t step() { return api::reply("ack", request_).finish().size() > 20 ? 1 : 0; }

  private:
    api::Envelope request_{"keepalive", "Zo3iT7rkE0aQ", SessionId{4611686018427387}, HandleId{}, Json::object()};
};
void BM_Envelope_Ack(benchmark::State& state) {
    WrittenReply reply;
    measure(state, reply);
}
BENCHMARK(BM_Envelope_Ack);

}  // namespace
}  // namespace cardea::bench
