#include "run.hpp"

#include <glib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <stdexcept>

#include "participants.hpp"
#include "rtcp.hpp"

namespace cardea::load {
namespace {

constexpr const char* kPlugin = "janus.plugin.videoroom";
constexpr Duration kPatience = 60s;
constexpr Duration kApiTurn = 1ms;     // while something is asked for
constexpr Duration kApiIdle = 50ms;
constexpr Duration kSweep = 5ms;
constexpr Duration kReport = 1s;
constexpr Duration kStatus = 1s;
constexpr Duration kNap = 500us;        // the most that reading a packet may be late
constexpr unsigned kOpus = testpeer::kOpusType, kVp8 = testpeer::kVp8Type;

Duration seconds_of(double seconds) { return std::chrono::duration_cast<Duration>(std::chrono::duration<double>{seconds}); }
double milliseconds_of(Duration d) { return std::chrono::duration<double, std::milli>(d).count(); }

Duration own_cpu() {
    timespec spent{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
    return std::chrono::seconds{spent.tv_sec} + std::chrono::nanoseconds{spent.tv_nsec};
}

void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

bool failed(const Json& message) { return message["plugindata"]["data"].has("error_code"); }

}  // namespace

Run::Run(Options options)
    : options_{std::move(options)},
      certificate_{testpeer::make_certificate()},
      dtls_{certificate_, options_.profiles},
      environment_{certificate_, dtls_, options_.bind_address, batch_, latencies_, audio_latencies_},
      epoll_{epoll_create1(EPOLL_CLOEXEC)} {
    if (options_.data) environment_.data = &data_.emplace();
    raise_descriptor_limit();
    prctl(PR_SET_TIMERSLACK, 1);  // ns: packets of a frame are 12 to 60 us apart
}

Run::~Run() { close(epoll_); }

void Run::watch(Leg& leg) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &leg;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, leg.fd(), &event);
    next_sweep_ = std::min(next_sweep_, MonotonicClock::now() + kSweep);  // it was long while nobody came up
}

// ---- the loop ----------------------------------------------------------------------------------------------------------

void Run::turn(Instant deadline) {
    auto now = MonotonicClock::now();
    auto wake = std::min({deadline, next_api_, next_sweep_});
    if (data_) wake = std::min(wake, next_data_);
    if (media_ && !due_.empty()) wake = std::min(wake, due_.front().first);
    auto wait = std::max<std::int64_t>((wake - now).count(), 0);
    if (media_ && wait > 0) {
        // Whoever waits for packets is woken by whoever sends them, at the cost of the gateway's core: over a network nobody is.
        const timespec nap{0, std::min<std::int64_t>(wait, std::chrono::nanoseconds{kNap}.count())};
        nanosleep(&nap, nullptr);
        wait = 0;
    }
    const timespec timeout{wait / 1'000'000'000, wait % 1'000'000'000};
    std::array<epoll_event, 256> events{};
    const int count = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
    now = MonotonicClock::now();
    for (int i = 0; i < count; ++i) static_cast<Leg*>(events[static_cast<std::size_t>(i)].data.ptr)->on_readable(now);
    send_due(now);
    if (now >= next_api_) {
        while (g_main_context_iteration(nullptr, FALSE) != FALSE) {
        }
        session_->tick(now);
        next_api_ = now + (media_ ? kApiIdle : kApiTurn);
    }
    if (data_ && now >= next_data_) tick_data(now);
    if (now >= next_sweep_) tick_legs(now);
}

void Run::tick_legs(Instant now) {
    for (const auto& publisher : publishers_) {
        if (publisher->leg) publisher->leg->tick(now);
        if (media_ && options_.silent) report_sent(*publisher, now);
    }
    for (const auto& subscriber : subscribers_)
        if (subscriber->leg) subscriber->leg->tick(now);
    next_sweep_ = now + (under_way_ > 0 ? kSweep : 100ms);
}

void Run::tick_data(Instant now) {
    next_data_ = now + SctpStack::kTick;
    data_->on_timer(now);
    if (!media_ || now < next_status_) return;
    next_status_ = now + kStatus;
    for (const auto& publisher : publishers_)
        if (publisher->leg->send_status(statuses_sent_)) ++statuses_sent_;
}

bool Run::has_all_data() const {
    const auto has = [](const auto& each) { return each->leg->data() != nullptr && each->leg->data()->is_up(); };
    return std::all_of(publishers_.begin(), publishers_.end(), has) && std::all_of(subscribers_.begin(), subscribers_.end(), has);
}

void Run::run_until(Instant end) {
    while (MonotonicClock::now() < end) turn(end);
}

template <class Done>
void Run::run_until_done(const char* what, Duration patience, Done&& done) {
    const auto end = MonotonicClock::now() + patience;
    while (!done()) {
        if (!problems_.empty()) throw std::runtime_error{problems_.front()};
        if (MonotonicClock::now() >= end) throw std::runtime_error{std::string{"no "} + what + " in time"};
        turn(end);
    }
}

void Run::send_due(Instant now) {
    while (media_ && !due_.empty() && due_.front().first <= now) {
        std::pop_heap(due_.begin(), due_.end(), std::greater<>{});
        auto& flow = *due_.back().second;
        send(flow, MonotonicClock::now());
        due_.back().first = flow.schedule->next();
        std::push_heap(due_.begin(), due_.end(), std::greater<>{});
    }
}

void Run::send(Flow& flow, Instant now) {
    auto& publisher = *flow.publisher;
    if (publisher.leg->take_keyframe_request())
        for (auto& each : publisher.flows) each.schedule->want_keyframe();
    const auto packet = flow.schedule->take();
    auto& track = packet.video ? flow.video : publisher.audio;
    if (packet.starts_frame) flow.picture = static_cast<std::uint16_t>((flow.picture + 1) & 0x7fffU);
    std::array<std::uint8_t, 1500> buffer{};
    ByteWriter header{buffer};
    header.be(std::uint8_t{0x80});
    header.be(static_cast<std::uint8_t>((packet.marker ? 0x80U : 0U) | (packet.video ? kVp8 : kOpus)));
    header.be(++track.sequence);
    header.be(packet.timestamp);
    header.be(track.ssrc);
    fill_payload(MutableBytes{buffer}.subspan(12, packet.size - 12), packet, flow.picture, ++publisher.counter, now);
    publisher.leg->send_rtp(buffer, packet.size);
    track.timestamp = packet.timestamp;
    ++track.packets;
    track.octets += static_cast<std::uint32_t>(packet.size - 12);
    ++sent_;
    report_sent(publisher, now);
}

void Run::report_sent(Publisher& publisher, Instant now) {
    if (now < publisher.next_report) return;
    publisher.next_report = now + kReport;
    report_track(publisher, publisher.audio);
    for (const auto& flow : publisher.flows) report_track(publisher, flow.video);
}

void Run::report_track(Publisher& publisher, const SentTrack& track) const {
    if (track.packets == 0 && !options_.silent) return;
    testpeer::RtcpWriter report;
    report.sender_report({.ssrc = track.ssrc, .ntp = ntp_of(wall_now()), .rtp = track.timestamp, .packets = track.packets, .octets = track.octets});
    report.cname(track.ssrc, testpeer::kCname);
    publisher.leg->send_rtcp(report.data());
}

// ---- setting up --------------------------------------------------------------------------------------------------------

void Run::open_session() {
    auto opened = testpeer::JanusSession::open(options_.url, {[this](testpeer::HandleId handle, const Json& event) { on_event(handle, event); },
                                                              [this](std::string problem) { problems_.push_back(std::move(problem)); }});
    if (!opened) throw std::runtime_error{"no session: " + opened.error().detail};
    session_ = std::move(*opened);
    session_->create([this] { session_ready_ = true; });
    run_until_done("session", kPatience, [this] { return session_ready_; });
}

void Run::on_event(testpeer::HandleId handle, const Json& event) {
    if (event["janus"].text() != "webrtcup") return;
    for (const auto& publisher : publishers_)
        if (publisher->handle == handle) publisher->announced = true;
}

void Run::start_publisher(unsigned index) {
    auto& publisher = *publishers_.emplace_back(std::make_unique<Publisher>());
    publisher.index = index;
    ++under_way_;
    publisher.leg = std::make_unique<Leg>(environment_, [this, &publisher](Instant) {
        --under_way_;
        (void)publisher;
    });
    watch(*publisher.leg);
    publisher.flows.resize(options_.simulcast ? Schedule::kSimulcastDivisors.size() : 1);
    std::vector<std::uint32_t> encodings;
    for (auto& flow : publisher.flows) {
        flow.publisher = &publisher;
        if (options_.simulcast) encodings.push_back(flow.video.ssrc);
    }
    std::vector<testpeer::SdpTrack> tracks;
    if (options_.profile.audio) tracks.push_back({"audio", publisher.audio.ssrc, 0});
    if (options_.profile.video_kbps > 0) tracks.push_back({"video", publisher.flows.front().video.ssrc, 0, std::move(encodings)});
    if (options_.data) tracks.push_back({"application", 0, 0});
    const auto offer = testpeer::write_offer(publisher.leg->local("actpass"), tracks);
    session_->attach(kPlugin, [this, &publisher, offer](testpeer::HandleId handle) {
        publisher.handle = handle;
        const Json create{{"request", "create"}, {"publishers", 1}, {"bitrate", 0}, {"audiocodec", "opus"}, {"videocodec", "vp8"}};
        session_->message(handle, create, {}, [this, &publisher, handle, offer](const Json& created) {
            publisher.room = created["plugindata"]["data"]["room"];
            const Json join{{"request", "joinandconfigure"}, {"ptype", "publisher"}, {"room", publisher.room}, {"audio", true}, {"video", true}};
            session_->message(handle, join, {{"type", "offer"}, {"sdp", offer}}, [this, &publisher, handle](const Json& joined) {
                if (failed(joined)) return problems_.push_back("joinandconfigure: " + joined.dump());
                publisher.feed = joined["plugindata"]["data"]["id"];
                publisher.leg->set_remote(testpeer::parse_sdp(joined["jsep"]["sdp"].text()), Leg::Part::offerer);
                session_->end_of_candidates(handle);
            });
        });
    });
}

void Run::bring_up_publishers() {
    const auto wanted = options_.rooms * options_.publishers;
    const auto most = options_.inflight == 0 ? wanted : options_.inflight;
    run_until_done("publishers", kPatience, [&] {
        while (publishers_.size() < wanted && under_way_ < most) start_publisher(static_cast<unsigned>(publishers_.size()));
        return publishers_.size() == wanted && under_way_ == 0;
    });
    // Before that a feed may be unknown to the gateway.
    run_until_done("announced publishers", kPatience, [&] {
        return std::all_of(publishers_.begin(), publishers_.end(), [](const auto& each) { return each->announced; });
    });
}

void Run::start_subscriber(Publisher& publisher) {
    // In turn: every publisher has watchers of each encoding.
    const auto substream = (subscribers_.size() / publishers_.size()) % Schedule::kSimulcastDivisors.size();
    auto& subscriber = *subscribers_.emplace_back(std::make_unique<Subscriber>());
    ++under_way_;
    subscriber.asked = MonotonicClock::now();
    subscriber.leg = std::make_unique<Leg>(environment_, [this, &subscriber](Instant now) {
        --under_way_;
        setup_ms_.push_back(milliseconds_of(now - subscriber.asked));
    });
    watch(*subscriber.leg);
    session_->attach(kPlugin, [this, &subscriber, &publisher, substream](testpeer::HandleId handle) {
        subscriber.handle = handle;
        auto streams = Json::array();
        auto stream = Json{{"feed", publisher.feed}};
        if (options_.simulcast) stream.set("substream", substream);
        streams.push(std::move(stream));
        const Json join{{"request", "join"}, {"ptype", "subscriber"}, {"room", publisher.room}, {"streams", streams}};
        session_->message(handle, join, {}, [this, &subscriber, handle](const Json& attached) {
            if (failed(attached) || !attached["jsep"]) return problems_.push_back("join: " + attached.dump());
            const auto offer = testpeer::parse_sdp(attached["jsep"]["sdp"].text());
            const auto answer = testpeer::write_answer(subscriber.leg->local("active"), offer);
            subscriber.leg->set_remote(offer, Leg::Part::answerer);
            session_->message(handle, {{"request", "start"}}, {{"type", "answer"}, {"sdp", answer}}, [](const Json&) {});
            session_->end_of_candidates(handle);
        });
    });
}

void Run::bring_up_subscribers() {
    const std::size_t wanted = std::size_t{options_.subscribers} * publishers_.size();
    const auto most = options_.inflight == 0 ? wanted : options_.inflight;
    const auto began = MonotonicClock::now();
    before_setup_ = look();
    subscribers_.reserve(wanted);
    run_until_done("subscribers", kPatience + 20ms * static_cast<std::int64_t>(wanted), [&] {
        const auto elapsed = std::chrono::duration<double>(MonotonicClock::now() - began).count();
        const auto allowed = options_.joins_per_second > 0 ? static_cast<std::size_t>(elapsed * options_.joins_per_second) + 1 : wanted;
        while (subscribers_.size() < std::min(wanted, allowed) && under_way_ < most)
            start_subscriber(*publishers_[subscribers_.size() % publishers_.size()]);
        return subscribers_.size() == wanted && under_way_ == 0;
    });
    storm_seconds_ = std::chrono::duration<double>(MonotonicClock::now() - began).count();
    after_setup_ = look();
}

void Run::tear_down() {
    media_ = false;
    for (const auto& publisher : publishers_) {
        session_->message(publisher->handle, {{"request", "destroy"}, {"room", publisher->room}}, {}, [](const Json&) {});
        publisher->leg->close();
    }
    for (const auto& subscriber : subscribers_) subscriber->leg->close();
    bool gone = false;
    session_->destroy([&] { gone = true; });
    run_until_done("end of the session", kPatience, [&] { return gone; });
}

// ---- measuring ---------------------------------------------------------------------------------------------------------

Run::Window Run::look() { return {use_of(options_.server), own_cpu(), sent_, MonotonicClock::now()}; }

void Run::plan_media(Instant start) {
    for (const auto& publisher : publishers_) {
        auto profile = options_.profile;
        for (std::size_t i = 0; i < publisher->flows.size(); ++i) {
            auto& flow = publisher->flows[i];
            flow.schedule.emplace(profile, start, publisher->index, options_.simulcast ? Schedule::kSimulcastDivisors[i] : 1);
            due_.emplace_back(flow.schedule->next(), &flow);
            profile.audio = false;
        }
    }
    std::make_heap(due_.begin(), due_.end(), std::greater<>{});
}

Json Run::measure() {
    open_session();
    bring_up_publishers();
    bring_up_subscribers();
    if (options_.data) run_until_done("data channels", kPatience, [this] { return has_all_data(); });
    // First everybody, then media: the set-up is measured without it.
    if (!options_.silent) plan_media(MonotonicClock::now());
    media_ = true;
    run_until(MonotonicClock::now() + seconds_of(options_.warm_up));
    for (const auto& subscriber : subscribers_) subscriber->leg->restart_counts();
    latencies_.clear();
    audio_latencies_.clear();
    const auto before = look();
    run_until(MonotonicClock::now() + seconds_of(options_.seconds));
    const auto after = look();
    auto result = report(before, after);
    tear_down();
    return result;
}

}  // namespace cardea::load
