#include "modules/service_threads.hpp"

#include "runtime/loop/event_loop.hpp"

namespace cardea {

bool ServiceThreads::spawn(const std::string& name, cardea_task run, cardea_task stop, void* arg) {
    if (run == nullptr || stop == nullptr) return false;
    const std::lock_guard lock{mutex_};
    if (closed_) return false;
    services_.push_back({stop, arg, std::thread{[name, run, arg] {
                             name_thread(name);
                             run(arg);
                         }}});
    return true;
}

void ServiceThreads::stop_and_join() {
    std::list<Service> services;
    {
        const std::lock_guard lock{mutex_};
        closed_ = true;
        services.swap(services_);
    }
    for (auto& service : services) service.stop(service.arg);
    for (auto& service : services) service.thread.join();
}

}  // namespace cardea
