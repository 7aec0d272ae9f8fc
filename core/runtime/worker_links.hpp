// The ways between workers, for sources that have legs on several of them.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "peer/mirror_plane.hpp"
#include "runtime/worker.hpp"

namespace cardea {

class WorkerLinks final : public MirrorPlane {
  public:
    // A worker that is so far behind is not helped by what comes too late.
    static constexpr std::size_t kLaneBytes = 4 * 1024 * 1024;

    WorkerLinks(const std::vector<std::unique_ptr<Worker>>& workers, std::size_t count) : workers_{workers} {
        for (std::size_t i = 0; i < count; ++i) lanes_.push_back(std::make_unique<MirrorLane>(kLaneBytes));
    }
    [[nodiscard]] MirrorLane& lane(std::uint32_t worker) noexcept { return *lanes_[worker]; }
    // No worker runs any more: what would be said now reaches nobody.
    void close() noexcept { is_open_ = false; }

    void post(std::uint32_t worker, std::function<void(PeerHub&, Instant)> command) override {
        if (is_open_) workers_[worker]->post(std::move(command));
    }
    bool push(std::uint32_t worker, MirrorBatch& batch) override { return lanes_[worker]->push(batch); }

  private:
    const std::vector<std::unique_ptr<Worker>>& workers_;
    std::vector<std::unique_ptr<MirrorLane>> lanes_;
    std::atomic<bool> is_open_{true};
};

}  // namespace cardea
