#include "recording/reorder_buffer.hpp"

#include <gmock/gmock.h>

namespace cardea {
namespace {

using testing::ElementsAre;

struct ReorderBufferTest : testing::Test {
    ReorderBuffer buffer;
    std::vector<int> out;  // a gap shows as the negative number
    Instant start = instant_of_ns(1'000'000'000);

    auto note() {
        return [this](const RecordedPacket& packet, Bytes, bool after_gap) { out.push_back(after_gap ? -int{packet.sequence} : int{packet.sequence}); };
    }
    void push(std::uint16_t sequence, std::uint32_t epoch = 1, Duration after = 0ms) {
        buffer.push({.arrival = start + after, .epoch = epoch, .sequence = sequence}, {}, note());
    }
};

TEST_F(ReorderBufferTest, PassesOnWhatIsInOrder) {
    push(10);
    push(11);
    EXPECT_THAT(out, ElementsAre(10, 11));
}

TEST_F(ReorderBufferTest, ARetransmissionFillsItsHole) {
    push(10);
    push(12);
    push(13);
    EXPECT_THAT(out, ElementsAre(10));
    push(11);
    EXPECT_THAT(out, ElementsAre(10, 11, 12, 13));
}

TEST_F(ReorderBufferTest, WhatWaitsTooLongGoesOnBehindAGap) {
    push(10);
    push(12);
    push(13);
    push(15);
    buffer.release(start + ReorderBuffer::kPatience - 1ms, note());
    EXPECT_THAT(out, ElementsAre(10));
    buffer.release(start + ReorderBuffer::kPatience, note());
    EXPECT_THAT(out, ElementsAre(10, -12, 13, -15));
    push(11);
    EXPECT_THAT(out, ElementsAre(10, -12, 13, -15));
}

TEST_F(ReorderBufferTest, SequenceNumbersWrap) {
    push(65'535);
    push(1);
    push(0);
    EXPECT_THAT(out, ElementsAre(65'535, 0, 1));
}

TEST_F(ReorderBufferTest, AnotherEncodingStartsItsOwnNumbers) {
    push(10);
    push(12);
    push(500, 2);
    push(11, 1);
    push(501, 2);
    EXPECT_THAT(out, ElementsAre(10, -12, -500, 501));
}

TEST_F(ReorderBufferTest, AJumpIsANewStart) {
    push(10);
    push(20'000);
    push(20'001);
    EXPECT_THAT(out, ElementsAre(10, -20'000, 20'001));
}

}  // namespace
}  // namespace cardea
