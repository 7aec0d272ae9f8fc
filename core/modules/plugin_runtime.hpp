// One plugin at work: its thread, its mailbox, the services the host owes it, and its handles' peer connections.
// The control thread talks to it through PluginPort; the loader thread starts and stops it.
#pragma once

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "modules/module_file.hpp"
#include "modules/parsed_text.hpp"
#include "modules/peer_session.hpp"
#include "modules/plugin_port.hpp"
#include "modules/recordings.hpp"
#include "modules/request_table.hpp"
#include "modules/rtp_exchange.hpp"
#include "modules/service_threads.hpp"
#include "runtime/loop/event_loop.hpp"

namespace cardea {

// A call into the plugin that has not returned for a while.
struct StuckCall {
    std::string call;
    Duration since{};
};

class PluginRuntime final : public PluginPort, private PeerObserver, private SourceDirectory {
  public:
    struct Services {
        PeerServices& peers;
        EventLoop& control;         // where the listener is called
        PluginListener& listener;
        std::string token_secret = {};  // of signed tokens; empty: there are none
    };
    // The loader thread. Creates and starts the plugin on a thread of its own, and waits for that.
    [[nodiscard]] static Result<std::unique_ptr<PluginRuntime>> start(std::unique_ptr<ModuleFile> module, const Json& config,
                                                                      const Services& services);
    // The loader thread: every handle detached, services joined, destroyed, unmapped. False: the plugin did not stop in
    // time; the object must then be kept for ever.
    [[nodiscard]] bool stop(Duration patience);
    ~PluginRuntime() override;

    // Any thread.
    [[nodiscard]] std::optional<StuckCall> stuck_call(Instant now, Duration longer_than) const;
    [[nodiscard]] std::size_t handle_count() const noexcept { return handle_count_.load(std::memory_order_relaxed); }

    // PluginPort, the control thread.
    [[nodiscard]] const ModuleIdentity& identity() const noexcept override { return identity_; }
    [[nodiscard]] AnswerKind answer_kind(const Json& body) const override;
    void attach(HandleId handle) override;
    void detach(HandleId handle) override;
    void request(PluginRequest request) override;
    void hangup(HandleId handle, std::string reason) override;

  private:
    friend struct PluginHostTable;  // the C functions of the host table: plugin_host.cpp

    struct Handle {
        std::unique_ptr<PeerSession> peer;
        Instant peer_since{};
        std::vector<SourceId> sources;  // as entered in sources_ and sinks_
        std::vector<SinkId> sinks;
        std::optional<SinkId> data_sink;  // as entered in data_sinks_
        bool ending = false;
    };
    PluginRuntime(std::unique_ptr<ModuleFile> module, const Services& services);
    void run();
    Result<void> create_plugin(const std::string& config);
    void detach_everyone();

    // On the plugin's thread.
    void do_attach(HandleId handle);
    void do_detach(HandleId handle);
    void do_request(const PluginRequest& request);
    void call_plugin(const PluginRequest& request, bool async, const Json& media);
    void answer_error(const PluginRequest& request, bool async, const RequestTable::PluginError& error);
    void do_hangup(HandleId handle, const std::string& reason, const std::string& detail = {});
    [[nodiscard]] Handle* find(HandleId handle);
    [[nodiscard]] PeerSession& peer_of(Handle& handle);
    [[nodiscard]] Recordings::Sources sources_of(HandleId id) const;  // 0: of every handle
    void remember_media(HandleId id, Handle& handle);
    void forget_media(Handle& handle);
    [[nodiscard]] HandleId handle_of(PeerId peer) const;
    void tell_plugin(std::uint32_t kind, HandleId handle, const Json& json);
    void run_task(const char* what, cardea_task task, void* arg);
    // The listener, on the control thread.
    template <class F>
    void tell(F call) {
        services_.control.post([listener = &services_.listener, call = std::move(call)]() mutable { call(*listener); });
    }
    template <class F>
    auto watched(const char* what, F&& call);  // marks the call for stuck_call()

    [[nodiscard]] const KnownSource* find_source(SourceId id) const override;

    // PeerObserver, on workers' threads: only posts.
    void on_webrtc_up(PeerId peer) override;
    void on_hangup(PeerId peer, const std::string& reason, const std::string& detail) override;
    void on_progress(PeerId peer, const PeerProgress& progress) override;
    void on_statistics(PeerId peer, const std::vector<TrackStatistics>& tracks) override;
    void on_media(PeerId peer, const MediaStateEvent& event) override;
    void on_slow_link(PeerId peer, const SlowLinkEvent& event) override;
    void on_layers(PeerId peer, const LayersEvent& event) override;
    void on_talking(PeerId peer, const TalkingEvent& event) override;

    std::unique_ptr<ModuleFile> module_;
    ModuleIdentity identity_;
    RequestTable requests_;
    const cardea_plugin_api& api_;
    Services services_;
    cardea_plugin_host host_{};
    void* plugin_ = nullptr;
    bool string_ids_ = false;  // its option of that name: whether its API ids are strings

    EventLoop loop_;
    ServiceThreads service_threads_;
    std::thread thread_;
    std::thread::id thread_id_;  // set by the thread itself, before anything of the plugin runs
    std::promise<void> ended_;
    std::atomic<std::int64_t> call_since_{0};
    std::atomic<const char*> call_name_{nullptr};
    std::atomic<std::size_t> handle_count_{0};

    // The plugin's thread only.
    std::unordered_map<HandleId, Handle> handles_;
    std::unordered_map<PeerId, HandleId> peers_;
    std::unordered_map<SourceId, KnownSource> sources_;
    std::unordered_map<SinkId, WorkerIndex> sinks_;
    std::unordered_map<SinkId, WorkerIndex> data_sinks_;
    ParsedText last_said_;
    RtpExchange rtp_{services_.peers, sources_};
    Recordings recordings_;
};

}  // namespace cardea
