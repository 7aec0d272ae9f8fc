// The engine with real workers and real sockets on loopback: commands of many threads, checks over UDP, and the end.
#include "runtime/media_engine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "cardea/json.hpp"
#include "unit/peer/stun_request.hpp"

namespace cardea {
namespace {

constexpr auto kPatience = 10s;

class Recorder final : public PeerObserver {
  public:
    void on_webrtc_up(PeerId) override {}
    void on_hangup(PeerId peer, const std::string& reason, const std::string&) override {
        const std::lock_guard lock{mutex_};
        ended_[peer].push_back(reason);
        changed_.notify_all();
    }
    void on_media(PeerId, const MediaStateEvent&) override {}
    void on_slow_link(PeerId, const SlowLinkEvent&) override {}

    bool wait_for(std::size_t peers) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, kPatience, [&] { return ended_.size() >= peers; });
    }
    std::map<PeerId, std::vector<std::string>> ended() {
        const std::lock_guard lock{mutex_};
        return ended_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<PeerId, std::vector<std::string>> ended_;
};

// What a browser's ICE agent sends, once more every 50 ms until it is answered.
bool is_answered(const SocketAddress& gateway, const PeerConfig& peer) {
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const timeval wait{0, 50'000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    const auto request = test::binding_request({peer.local.ufrag, peer.remote.ufrag, peer.local.pwd});
    const auto raw = gateway.raw();
    std::array<std::uint8_t, 1500> reply{};
    ssize_t got = -1;
    for (const auto end = MonotonicClock::now() + kPatience; got < 0 && MonotonicClock::now() < end;) {
        sendto(fd, request.data(), request.size(), 0, static_cast<const sockaddr*>(static_cast<const void*>(&raw)), gateway.raw_size());
        got = recv(fd, reply.data(), reply.size(), 0);
    }
    close(fd);
    // RFC 8489 section 5: a success response is 0x0101.
    return got > 20 && reply[0] == 0x01 && reply[1] == 0x01;
}

PeerConfig peer_config(std::uint64_t id) {
    PeerConfig config;
    config.id = PeerId{id};
    config.local = {"gate" + std::to_string(id), "passwordpasswordpassword"};
    config.remote = {"clnt", "clientpasswordclientpass"};
    return config;
}

class MediaEngineTest : public testing::Test {
  protected:
    void start(std::uint32_t workers) {
        MediaOptions options;
        options.workers = workers;
        options.base_port = 0;
        options.addresses = {"127.0.0.1"};
        auto started = MediaEngine::start(std::move(options), recorder);
        ASSERT_TRUE(started) << started.error().detail;
        engine = std::move(*started);
    }
    [[nodiscard]] SocketAddress address_of(WorkerIndex worker) const { return engine->candidates(worker).at(0).address; }

    Recorder recorder;  // outlives the engine
    std::unique_ptr<MediaEngine> engine;
};

TEST_F(MediaEngineTest, EachWorkerHasItsPortAndAnswersForItsPeers) {
    start(2);
    ASSERT_EQ(engine->worker_count(), 2U);
    EXPECT_NE(address_of(0).port(), address_of(1).port());
    engine->open_peer(0, peer_config(1));
    engine->open_peer(1, peer_config(2));
    EXPECT_TRUE(is_answered(address_of(0), peer_config(1)));
    EXPECT_TRUE(is_answered(address_of(1), peer_config(2)));
}

TEST_F(MediaEngineTest, APeerThatIsClosedIsToldSoOnce) {
    start(1);
    engine->open_peer(0, peer_config(1));
    engine->close_peer(0, PeerId{1}, "Close PC");
    engine->close_peer(0, PeerId{1}, "once more");
    ASSERT_TRUE(recorder.wait_for(1));
    engine.reset();
    EXPECT_THAT(recorder.ended()[PeerId{1}], testing::ElementsAre("Close PC"));
}

TEST_F(MediaEngineTest, ItsEndIsTheEndOfEveryPeer) {
    start(2);
    for (std::uint64_t id = 1; id <= 10; ++id) engine->open_peer(static_cast<WorkerIndex>(id % 2), peer_config(id));
    engine.reset();
    EXPECT_EQ(recorder.ended().size(), 10U);
    for (const auto& [peer, reasons] : recorder.ended()) EXPECT_THAT(reasons, testing::ElementsAre("Shutting down")) << peer.value;
}

TEST_F(MediaEngineTest, AnUnusableAddressIsAnError) {
    MediaOptions options;
    options.addresses = {"192.0.2.1"};  // RFC 5737: nobody's
    EXPECT_FALSE(MediaEngine::start(options, recorder).has_value());
    options.addresses = {"example.org"};
    EXPECT_FALSE(MediaEngine::start(options, recorder).has_value());
}

// For the thread sanitizer above all: plugins' threads command, others look at the figures, packets arrive.
TEST_F(MediaEngineTest, ManyThreadsCommandWhileOthersLook) {
    constexpr std::uint64_t kThreads = 4;
    constexpr std::uint64_t kPeers = 50;
    start(2);
    std::vector<std::thread> threads;
    for (std::uint64_t t = 0; t < kThreads; ++t)
        threads.emplace_back([this, t] {
            for (std::uint64_t i = 1; i <= kPeers; ++i) {
                const auto id = t * kPeers + i;
                const auto group = "room " + std::to_string(id % 7);
                const auto worker = engine->place(group, 160);
                auto config = peer_config(id);
                engine->open_peer(worker, config);
                config.local = {"next" + std::to_string(id), config.local.pwd};
                engine->update_peer(worker, config);
                engine->route(worker, SinkId{id}, SourceId{id}, i % 2 == 0 ? worker : 1 - worker);
                engine->limit_bitrate(worker, PeerId{id}, 100'000);
                const bool answered = i % 10 != 0 || is_answered(address_of(worker), config);
                EXPECT_TRUE(answered);
                engine->close_peer(worker, PeerId{id}, "Close PC");
                engine->release(group, worker);
                EXPECT_TRUE(Json::parse(engine->statistics()).has("packets_in"));
                EXPECT_TRUE(Json::parse(engine->statistics())["data"]["dropped"].has("queue_full"));
                EXPECT_LE(engine->peer_count(), kThreads * kPeers);
            }
        });
    for (auto& thread : threads) thread.join();
    EXPECT_TRUE(recorder.wait_for(kThreads * kPeers));
    for (const auto& [peer, reasons] : recorder.ended()) EXPECT_THAT(reasons, testing::ElementsAre("Close PC")) << peer.value;
}

}  // namespace
}  // namespace cardea
