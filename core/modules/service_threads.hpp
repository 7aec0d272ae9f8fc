// Threads that a module asked the host for: named, stopped and joined here.
#pragma once

#include <list>
#include <mutex>
#include <string>
#include <thread>

#include "cardea/abi.h"

namespace cardea {

class ServiceThreads {
  public:
    ServiceThreads() = default;
    ~ServiceThreads() { stop_and_join(); }
    ServiceThreads(const ServiceThreads&) = delete;
    ServiceThreads& operator=(const ServiceThreads&) = delete;

    // Any thread. False when stopping has begun, or run or stop is missing.
    bool spawn(const std::string& name, cardea_task run, cardea_task stop, void* arg);
    // The loader thread. Asks all of them to stop, then waits for each.
    void stop_and_join();

  private:
    struct Service {
        cardea_task stop;
        void* arg;
        std::thread thread;
    };
    std::mutex mutex_;
    std::list<Service> services_;
    bool closed_ = false;
};

}  // namespace cardea
