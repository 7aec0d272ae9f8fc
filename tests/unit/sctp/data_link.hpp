// Two sets of data channels on one stack, back to back over an in-memory link that loses, delays and counts packets. The clock is
// invented; usrsctp asks gettimeofday for the rest, which is the test's as well.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "proto/sctp/data_channels.hpp"

namespace cardea::test {

void set_wall_time(Instant now);  // what gettimeofday says: data_link.cpp

struct Message {
    StreamId stream;
    DataFormat format;
    std::vector<std::uint8_t> bytes;
    friend bool operator==(const Message&, const Message&) = default;
};

class End final : public DataObserver {
  public:
    void on_data_up() override { up = true; }
    void on_channel_open(StreamId stream, const ChannelOptions& options) override { opened[stream] = options; }
    void on_channel_closed(StreamId stream) override { closed.push_back(stream); }
    void on_message(StreamId stream, DataFormat format, Bytes message) override {
        messages.push_back({stream, format, {message.begin(), message.end()}});
        if (answer) answer(messages.back());
    }
    void on_data_down() override { down = true; }

    [[nodiscard]] DataChannels& channels() { return *channels_; }
    [[nodiscard]] std::string text(std::size_t i) const { return std::string{as_text(messages.at(i).bytes)}; }

    bool up = false, down = false;
    std::map<StreamId, ChannelOptions> opened;
    std::vector<StreamId> closed;
    std::vector<Message> messages;
    std::function<void(const Message&)> answer;
    DataStatistics statistics;
    std::unique_ptr<DataChannels> channels_;
};

class Link : public SctpOutput {
  public:
    static constexpr AssociationId kAlice{0x1001}, kBob{0x1002};

    explicit Link(double packet_loss = 0.0, std::uint32_t seed = 42) : loss{packet_loss}, random_{seed} {
        set_wall_time(now);
        stack.on_timer(now);
    }
    ~Link() override {
        alice.channels_.reset();
        bob.channels_.reset();
    }

    // Alice is the DTLS client.
    void connect() {
        start();
        run_for(15s);
        ASSERT_TRUE(alice.up && bob.up);
    }
    void start() {
        alice.channels_ = std::make_unique<DataChannels>(stack, DataChannels::Config{{.id = kAlice}, true}, alice, alice.statistics);
        bob.channels_ = std::make_unique<DataChannels>(stack, DataChannels::Config{{.id = kBob}, false}, bob, bob.statistics);
    }

    void send_sctp(AssociationId from, Bytes packet) override {
        ++packets;
        largest = std::max(largest, packet.size());
        if (drop && drop(packet)) return;
        if (loss > 0 && std::bernoulli_distribution{loss}(random_)) return;
        flying_.push_back({now + delay, from == kAlice ? kBob : kAlice, {packet.begin(), packet.end()}});
    }

    void run_for(Duration time) {
        for (const auto end = now + time; now < end;) {
            now += 1ms;
            set_wall_time(now);
            while (!flying_.empty() && flying_.front().at <= now) {
                const auto flight = std::move(flying_.front());
                flying_.pop_front();
                stack.on_packet(flight.to, flight.packet);
            }
            if (ns_of(now) % ns_of(Instant{SctpStack::kTick}) == 0) stack.on_timer(now);
        }
    }

    Instant now = instant_of_ns(1'000'000'000'000);
    double loss;
    Duration delay = 5ms;
    std::function<bool(Bytes)> drop;
    std::size_t packets = 0, largest = 0;
    End alice, bob;

  private:
    struct Flight {
        Instant at;
        AssociationId to;
        std::vector<std::uint8_t> packet;
    };
    std::mt19937 random_;
    std::deque<Flight> flying_;

  public:
    SctpStack stack{*this};
};

inline std::vector<std::uint8_t> pattern(std::size_t size, std::uint8_t salt = 0) {
    std::vector<std::uint8_t> bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 31 + i / 251 + salt);
    return bytes;
}

}  // namespace cardea::test
