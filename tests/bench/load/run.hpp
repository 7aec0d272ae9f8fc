// One measurement: rooms are made, publishers and subscribers come up, media flows for a while, everything goes.
// The shape is that of the Nextcloud signaling server: one session, a VideoRoom for each publisher, a handle and a peer
// connection for each publisher and for each subscription. One thread.
#pragma once

#include <sys/types.h>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <cardea/json.hpp>

#include "janus_session.hpp"
#include "leg.hpp"
#include "process_meter.hpp"

namespace cardea::load {

struct Options {
    std::string url = "ws://127.0.0.1:8188/";
    std::string bind_address = "127.0.0.1";
    std::string profiles = "SRTP_AEAD_AES_256_GCM";
    unsigned rooms = 1;        // meetings
    unsigned publishers = 1;   // of each
    unsigned subscribers = 1;  // of each publisher
    Profile profile;
    bool silent = false;          // everything is negotiated, nothing is sent but reports
    bool simulcast = false;       // three encodings, and subscribers watch them in turn
    bool data = false;            // a data channel each, with a message a second from every publisher
    double joins_per_second = 0;  // 0: as fast as `inflight` lets them
    unsigned inflight = 16;       // joins that are under way at once; 0: all
    double warm_up = 2, seconds = 10;
    pid_t server = 0;
};

struct SentTrack;

class Run {
  public:
    explicit Run(Options options);
    ~Run();
    // Everything; throws std::runtime_error with what went wrong.
    [[nodiscard]] Json measure();

  private:
    struct Flow;
    struct Publisher;
    struct Subscriber;
    struct Window {
        ProcessUse server;
        Duration own_cpu{};
        std::uint64_t sent = 0;
        Instant at{};
    };

    void open_session();
    void on_event(testpeer::HandleId handle, const Json& event);
    void start_publisher(unsigned index);
    void start_subscriber(Publisher& publisher);
    void bring_up_publishers();
    void bring_up_subscribers();
    void tear_down();
    void run_until(Instant end);
    template <class Done>
    void run_until_done(const char* what, Duration patience, Done&& done);
    void turn(Instant deadline);
    void send_due(Instant now);
    void send(Flow& flow, Instant now);
    void report_sent(Publisher& publisher, Instant now);
    void report_track(Publisher& publisher, const SentTrack& track) const;
    void tick_legs(Instant now);
    void tick_data(Instant now);
    [[nodiscard]] bool has_all_data() const;
    void plan_media(Instant start);
    void watch(Leg& leg);  // from now on, and soon
    [[nodiscard]] Window look();
    [[nodiscard]] Json report(const Window& before, const Window& after) const;
    [[nodiscard]] Json report_data() const;

    Options options_;
    testpeer::Certificate certificate_;
    testpeer::DtlsContext dtls_;
    ReceiveBatch batch_;
    Latencies latencies_, audio_latencies_;
    std::optional<DataStack> data_;
    Environment environment_;
    int epoll_ = -1;
    std::unique_ptr<testpeer::JanusSession> session_;
    bool session_ready_ = false;
    std::vector<std::unique_ptr<Publisher>> publishers_;
    std::vector<std::unique_ptr<Subscriber>> subscribers_;
    std::vector<std::pair<Instant, Flow*>> due_;  // a heap
    std::vector<double> setup_ms_;
    std::vector<std::string> problems_;
    unsigned under_way_ = 0;
    std::uint64_t sent_ = 0, statuses_sent_ = 0;
    Instant next_sweep_{}, next_api_{}, next_data_{}, next_status_{};
    bool media_ = false;  // everybody is there: media flows, unless the run is silent
    double storm_seconds_ = 0;
    Window before_setup_, after_setup_;
};

}  // namespace cardea::load
