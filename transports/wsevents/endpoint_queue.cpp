#include "wsevents/endpoint_queue.hpp"

#include <cardea/json.hpp>

namespace cardea::wsevents {

std::string without_opaque_id(std::string json) {
    if (json.find("\"opaque_id\"") == std::string::npos) return json;
    auto event = Json::parse(json);
    if (!event.has("opaque_id")) return json;
    event.erase("opaque_id");
    return event.dump();
}

bool EndpointQueue::push(std::string_view json) {
    const std::lock_guard lock{mutex_};
    const bool was_empty = events_.empty();
    events_.emplace_back(json);
    bytes_ += json.size();
    while (events_.size() > limits_.events || bytes_ > limits_.bytes) {
        bytes_ -= events_.front().size();
        events_.pop_front();
        ++dropped_;
    }
    return was_empty;
}

std::string EndpointQueue::next() {
    const std::lock_guard lock{mutex_};
    if (events_.empty()) return {};
    auto event = std::move(events_.front());
    events_.pop_front();
    bytes_ -= event.size();
    return event;
}

bool EndpointQueue::take(std::string& message) {
    message.clear();
    const auto shape = [this](std::string event) { return form_.opaque_id ? event : without_opaque_id(std::move(event)); };
    auto event = next();
    if (event.empty()) return false;
    if (!form_.grouping) {
        message = shape(std::move(event));
        return true;
    }
    message = "[";
    for (; !event.empty(); event = next()) {
        if (message.size() > 1) message += ',';
        message += shape(std::move(event));
        if (message.size() >= kGroupBytes) break;
    }
    message += ']';
    return true;
}

std::uint64_t EndpointQueue::take_dropped() {
    const std::lock_guard lock{mutex_};
    return std::exchange(dropped_, 0);
}

std::size_t EndpointQueue::size() const {
    const std::lock_guard lock{mutex_};
    return events_.size();
}

}  // namespace cardea::wsevents
