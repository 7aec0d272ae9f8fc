// cardea-limit: the floor of this machine. Receives a publisher's packets, decrypts once, writes a header per subscriber, encrypts,
// sends: nothing else. No signalling, no ICE, no statistics, no loss recovery. One thread forwards (its CPU time is the result), another
// one plays the publishers and empties the subscribers' sockets, both pinned. Prints one JSON object for a shape.
#include <netinet/udp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <cardea/json.hpp>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <memory>
#include <thread>
#include <vector>

#include "base/random.hpp"
#include "media.hpp"
#include "proto/srtp/srtp.hpp"
#include "udp.hpp"

namespace {

using namespace cardea;
using namespace cardea::load;

struct Options {
    unsigned rooms = 1, publishers = 1, subscribers = 100;
    Profile profile;
    double seconds = 5;
    int forwarder_core = 1, generator_core = 0;
    std::string address = "127.0.0.1";
};

constexpr std::size_t kHeader = 20;   // RTP header and the mid extension
constexpr std::size_t kRoom = 1600;
constexpr std::size_t kFrame = 32;    // packets held until a frame is whole
constexpr Duration kDrain = 2ms;      // how often the subscribers' sockets are emptied

void pin(int core) {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(static_cast<std::size_t>(core), &cores);
    pthread_setaffinity_np(pthread_self(), sizeof(cores), &cores);
}

Duration thread_cpu() {
    timespec spent{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return std::chrono::seconds{spent.tv_sec} + std::chrono::nanoseconds{spent.tv_nsec};
}

SrtpKeys random_keys() {
    std::array<std::uint8_t, 44> material{};
    random_bytes(material);
    return SrtpKeys::from(SrtpProfile::aead_aes_256_gcm, Bytes{material}.first(32), Bytes{material}.subspan(32));
}

struct Subscriber {
    explicit Subscriber(const std::string& address) : socket{address}, out{random_keys()} {}
    Udp socket;  // the generator's end
    SrtpOut out;
    std::uint16_t sequence = 0;
    std::uint32_t roc = 0;
};

struct Publisher {
    explicit Publisher(const std::string& address) : Publisher{address, random_keys()} {}
    Publisher(const std::string& address, const SrtpKeys& keys) : socket{address}, gateway{address}, out{keys}, in{keys} {
        socket.connect(gateway.local());
    }
    Udp socket;   // the generator's end
    Udp gateway;  // the forwarder's end
    SrtpOut out;
    SrtpIn in;
    std::vector<std::unique_ptr<Subscriber>> subscribers;
    std::optional<Schedule> schedule;
    std::uint16_t sequence[2]{};
    std::uint64_t counter = 0;
};

// ---- the forwarder -----------------------------------------------------------------------------------------------------

class Forwarder {
  public:
    Forwarder(std::vector<std::unique_ptr<Publisher>>& publishers, std::atomic<bool>& stop) : publishers_{publishers}, stop_{stop} {}

    void run() {
        const int epoll = epoll_create1(0);
        for (auto& publisher : publishers_) {
            epoll_event event{};
            event.events = EPOLLIN;
            event.data.ptr = publisher.get();
            epoll_ctl(epoll, EPOLL_CTL_ADD, publisher->gateway.fd(), &event);
        }
        std::array<epoll_event, 64> events{};
        while (!stop_) {
            const int count = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 10);
            for (int i = 0; i < count; ++i) forward(*static_cast<Publisher*>(events[static_cast<std::size_t>(i)].data.ptr));
        }
        close(epoll);
    }
    [[nodiscard]] std::uint64_t forwarded() const noexcept { return forwarded_.load(std::memory_order_relaxed); }

  private:
    // Waits for the rest of a frame, as long as a packet or two take.
    void forward(Publisher& publisher) {
        std::size_t held = 0;
        for (int patience = 0; patience < 20 && held < kFrame;) {
            const auto got = batch_.read(publisher.gateway.fd());
            bool whole = false;
            for (std::size_t i = 0; i < got && held < kFrame; ++i) {
                const auto size = publisher.in.unprotect_rtp(batch_.datagram(i));
                if (!size) continue;
                std::copy_n(batch_.datagram(i).begin(), *size, frame_[held].begin());
                sizes_[held++] = *size;
                const auto type = frame_[held - 1][1];
                whole = (type & 0x7fU) == 111 || (type & 0x80U) != 0;
            }
            if (whole || held == 0) break;
            ++patience;
            pollfd wait{publisher.gateway.fd(), POLLIN, 0};
            const timespec brief{0, 20'000};
            ppoll(&wait, 1, &brief, nullptr);
        }
        if (held == 0) return;
        for (auto& subscriber : publisher.subscribers) send(publisher, *subscriber, held);
        flush(publisher);
        forwarded_.fetch_add(held * publisher.subscribers.size(), std::memory_order_relaxed);
    }

    void send(Publisher& publisher, Subscriber& subscriber, std::size_t held) {
        if (used_ + held > kSlots || messages_ + held > kMessages) flush(publisher);
        for (std::size_t i = 0; i < held; ++i) {
            const MutableBytes room{&arena_[used_ * kRoom], kRoom};
            const Bytes packet{frame_[i].data(), sizes_[i]};
            std::copy_n(packet.begin(), 12, room.begin());
            room[0] = 0x90;
            if (++subscriber.sequence == 0) ++subscriber.roc;
            ByteWriter header{room.subspan(2)};
            header.be(subscriber.sequence);
            ByteWriter extension{room.subspan(12, 8)};
            extension.be(std::uint32_t{0xbede0001});
            extension.be(std::uint32_t{0x10310000});
            const auto size = subscriber.out.protect_rtp_from(room, kHeader, packet.subspan(12), subscriber.roc);
            add(room.data(), *size, subscriber, i > 0);
            ++used_;
        }
    }

    void add(std::uint8_t* data, std::size_t size, Subscriber& subscriber, bool same_receiver) {
        parts_[used_] = {data, size};
        if (same_receiver && messages_ > 0 && !closed_ && size <= first_size_) {
            auto& header = headers_[messages_ - 1].msg_hdr;
            ++header.msg_iovlen;
            closed_ = size < first_size_;
            if (header.msg_iovlen == 2) mark_train(header, messages_ - 1);
            return;
        }
        to_[messages_] = subscriber.socket.local().raw();
        auto& header = headers_[messages_].msg_hdr;
        header = {};
        header.msg_name = &to_[messages_];
        header.msg_namelen = subscriber.socket.local().raw_size();
        header.msg_iov = &parts_[used_];
        header.msg_iovlen = 1;
        first_size_ = size;
        closed_ = false;
        ++messages_;
    }
    void mark_train(msghdr& header, std::size_t index) {
        header.msg_control = control_[index].bytes.data();
        header.msg_controllen = control_[index].bytes.size();
        auto* part = CMSG_FIRSTHDR(&header);
        part->cmsg_level = SOL_UDP;
        part->cmsg_type = UDP_SEGMENT;
        part->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
        const auto size = static_cast<std::uint16_t>(first_size_);
        std::memcpy(CMSG_DATA(part), &size, sizeof(size));
    }
    void flush(Publisher& publisher) {
        std::size_t sent = 0;
        while (sent < messages_) {
            const int count = sendmmsg(publisher.gateway.fd(), &headers_[sent], static_cast<unsigned>(messages_ - sent), MSG_DONTWAIT);
            sent += static_cast<std::size_t>(std::max(count, 1));  // one that cannot be sent is lost
        }
        used_ = messages_ = 0;
    }

    static constexpr std::size_t kSlots = 512, kMessages = 512;
    std::vector<std::unique_ptr<Publisher>>& publishers_;
    std::atomic<bool>& stop_;
    std::atomic<std::uint64_t> forwarded_{0};
    ReceiveBatch batch_;
    std::array<std::array<std::uint8_t, 1600>, kFrame> frame_{};
    std::array<std::size_t, kFrame> sizes_{};
    std::vector<std::uint8_t> arena_ = std::vector<std::uint8_t>(kSlots * kRoom);
    std::array<iovec, kSlots> parts_{};
    std::array<mmsghdr, kMessages> headers_{};
    std::array<sockaddr_storage, kMessages> to_{};
    struct alignas(cmsghdr) Control {
        std::array<char, CMSG_SPACE(sizeof(std::uint16_t))> bytes{};
    };
    std::array<Control, kMessages> control_{};
    std::size_t used_ = 0, messages_ = 0, first_size_ = 0;
    bool closed_ = false;
};

// ---- the generator -----------------------------------------------------------------------------------------------------

void send_one(Publisher& publisher, Instant now) {
    const auto packet = publisher.schedule->take();
    std::array<std::uint8_t, 1600> buffer{};
    ByteWriter header{buffer};
    header.be(std::uint8_t{0x80});
    header.be(static_cast<std::uint8_t>((packet.marker ? 0x80U : 0U) | (packet.video ? 96U : 111U)));
    header.be(++publisher.sequence[packet.video ? 1 : 0]);
    header.be(packet.timestamp);
    header.be(std::uint32_t{packet.video ? 2222U : 1111U});
    fill_payload(MutableBytes{buffer}.subspan(12, packet.size - 12), packet, 1, ++publisher.counter, now);
    if (const auto size = publisher.out.protect_rtp(buffer, packet.size)) publisher.socket.send(Bytes{buffer}.first(*size));
}

std::uint64_t drain(std::vector<std::unique_ptr<Publisher>>& publishers, ReceiveBatch& batch) {
    std::uint64_t received = 0;
    for (auto& publisher : publishers) {
        for (auto& subscriber : publisher->subscribers) {
            std::size_t got = 0;
            do {
                got = batch.read(subscriber->socket.fd());
                received += got;
            } while (got == ReceiveBatch::kDatagrams);
        }
    }
    return received;
}

Json measure(const Options& options) {
    std::vector<std::unique_ptr<Publisher>> publishers;
    for (unsigned i = 0; i < options.rooms * options.publishers; ++i) {
        auto& publisher = *publishers.emplace_back(std::make_unique<Publisher>(options.address));
        for (unsigned k = 0; k < options.subscribers; ++k) publisher.subscribers.push_back(std::make_unique<Subscriber>(options.address));
    }
    std::atomic<bool> stop{false};
    Forwarder forwarder{publishers, stop};
    Duration cpu{};
    std::uint64_t counted = 0;
    std::thread thread{[&] {
        pin(options.forwarder_core);
        forwarder.run();
        cpu = thread_cpu();
        counted = forwarder.forwarded();
    }};
    pin(options.generator_core);
    const auto start = MonotonicClock::now();
    std::vector<std::pair<Instant, Publisher*>> due;
    for (unsigned i = 0; i < publishers.size(); ++i) {
        publishers[i]->schedule.emplace(options.profile, start, i);
        due.emplace_back(publishers[i]->schedule->next(), publishers[i].get());
    }
    std::make_heap(due.begin(), due.end(), std::greater<>{});
    const auto end = start + std::chrono::duration_cast<Duration>(std::chrono::duration<double>{options.seconds});
    ReceiveBatch batch;
    std::uint64_t received = 0;
    auto next_drain = start;
    for (auto now = start; now < end; now = MonotonicClock::now()) {
        while (due.front().first <= now) {
            std::pop_heap(due.begin(), due.end(), std::greater<>{});
            send_one(*due.back().second, now);
            due.back().first = due.back().second->schedule->next();
            std::push_heap(due.begin(), due.end(), std::greater<>{});
        }
        if (now >= next_drain) {
            received += drain(publishers, batch);
            next_drain = now + kDrain;
        }
        const auto wait = std::clamp<std::int64_t>((std::min(due.front().first, next_drain) - MonotonicClock::now()).count(), 0, 1'000'000);
        const timespec nap{0, wait};
        if (wait > 0) nanosleep(&nap, nullptr);
    }
    std::this_thread::sleep_for(50ms);
    received += drain(publishers, batch);
    stop = true;
    thread.join();
    const auto microseconds = std::chrono::duration<double, std::micro>(cpu).count();
    return {{"rooms", options.rooms},
            {"publishers", publishers.size()},
            {"subscribers", options.subscribers},
            {"forwarded", counted},
            {"received", received},
            {"cpu_us_per_forwarded_packet", counted == 0 ? 0 : microseconds / static_cast<double>(counted)},
            {"cpu_per_cent_of_a_core", microseconds / 1e4 / options.seconds}};
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    bool no_audio = false;
    CLI::App app{"The least that forwarding can cost on this machine: decrypt once, encrypt for everybody, send. Prints JSON."};
    app.add_option("--rooms", options.rooms)->capture_default_str();
    app.add_option("--publishers", options.publishers)->capture_default_str();
    app.add_option("--subscribers", options.subscribers, "of each publisher")->capture_default_str();
    app.add_option("--video-kbps", options.profile.video_kbps)->capture_default_str();
    app.add_flag("--no-audio", no_audio);
    app.add_flag("--spread", options.profile.spread, "packets of a frame 2 to 4 ms apart");
    app.add_option("--seconds", options.seconds)->capture_default_str();
    app.add_option("--address", options.address)->capture_default_str();
    app.add_option("--forwarder-core", options.forwarder_core)->capture_default_str();
    app.add_option("--generator-core", options.generator_core)->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    options.profile.audio = !no_audio;
    std::puts(measure(options).dump(JSON_INDENT(2) | JSON_REAL_PRECISION(6)).c_str());
    return 0;
}
