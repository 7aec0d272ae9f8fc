// All participants of one process on one thread: the clock that drives them, the plan of the run, the report.
#pragma once

#include <glib.h>

#include <memory>
#include <vector>

#include "participant.hpp"

namespace cardea::testpeer {

class Fleet {
  public:
    explicit Fleet(const PeerOptions& options);
    // Runs to the end of the plan; the report says what happened.
    [[nodiscard]] Json run();
    void stop_early() { stop_early_ = true; }

  private:
    static gboolean on_tick(gpointer user);
    void tick(Instant now);
    void follow_plan(Duration elapsed);
    [[nodiscard]] Json report(Instant now) const;

    PeerOptions options_;
    Certificate certificate_;
    DtlsContext dtls_;
    Connection::Environment environment_;
    CPtr<GMainLoop, g_main_loop_unref> loop_;
    std::vector<std::unique_ptr<Participant>> participants_;
    Instant started_;
    Json result_;
    bool stop_early_ = false;
    bool media_stopped_ = false, leaving_ = false, vanished_ = false, restarted_ = false;
};

}  // namespace cardea::testpeer
