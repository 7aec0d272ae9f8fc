// rtp_forward and its like: streams of a publisher sent on by RTP. Answered in the `success`.
#include <algorithm>
#include <array>

#include "access.hpp"
#include "errors.hpp"
#include "tables.hpp"
#include "videoroom.hpp"

namespace cardea::videoroom {
namespace {

constexpr std::size_t kLongestHost = 253;

// Where one stream goes, in the words of the core.
struct Target {
    Json wish;
    const Stream* stream = nullptr;
};

Json as_listed(const ForwardedStream& forwarded, const Stream& stream, const Json& told) {
    auto json = Json{{"stream_id", forwarded.stream_id}, {"type", stream.kind}, {"host", told["host"]}, {"port", told["port"]}};
    json.set("local_rtcp_port", told["local_rtcp_port"])
        .set("remote_rtcp_port", told["rtcp_port"])
        .set("pt", told["pt"])
        .set("ssrc", told["ssrc"])
        .set("srtp", told["srtp"]);
    if (told["substream"].integer() > 0) json.set("substream", told["substream"]);
    return json;
}

// Members that differ per simulcast port: "port", "port_2", "port_3", and with a prefix in the legacy form.
std::string numbered(const std::string& name, std::uint32_t substream) {
    return substream == 0 ? name : name + "_" + std::to_string(substream + 1);
}

struct Names {
    std::string prefix;  // "video_" in the legacy form
    [[nodiscard]] Json of(const Json& body, const char* name, std::uint32_t substream) const {
        return body[numbered(prefix + name, substream).c_str()];
    }
};

struct Destination {
    Json host, family, srtp;
};

// Without "simulcast" each port gets one encoding, as Janus has it: the first port the lowest. With it one port gets the best.
void add_targets(std::vector<Target>& targets, const Stream& stream, const Json& body, const Names& names, const Destination& to) {
    const bool is_video = stream.kind == "video";
    const bool best = body["simulcast"].boolean();
    const auto ports = is_video && !best ? kSubstreams : 1U;
    for (std::uint32_t substream = 0; substream < ports; ++substream) {
        const auto port = names.of(body, "port", substream);
        if (port.unsigned_integer() == 0) continue;
        auto wish = Json{{"host", to.host}, {"port", port}};
        wish.set("family", to.family);
        if (stream.kind == "data") {
            targets.push_back({std::move(wish), &stream});
            continue;
        }
        wish.set("srtp", to.srtp);
        wish.set("pt", names.of(body, "pt", substream)).set("ssrc", names.of(body, "ssrc", substream));
        if (substream == 0) wish.set("rtcp_port", names.of(body, "rtcp_port", 0));
        if (is_video && stream.simulcast && !best) wish.set("substream", substream);
        if (is_video && !stream.simulcast && substream > 0) continue;  // nothing would ever come there
        targets.push_back({std::move(wish), &stream});
    }
}

std::vector<Target> targets_of(const Publisher& publisher, const Json& body) {
    std::vector<Target> targets;
    const auto srtp = srtp_of(body);
    body["streams"].for_each([&](const Json& entry) {
        if (!entry.has("host") && !body.has("host")) refuse(kMissingElement, "Missing mandatory element (host)");
        if (entry["port"].integer() == 0) refuse(kInvalidElement, "Invalid element (port)");
        const auto* stream = publisher.stream(entry["mid"].text());
        if (stream == nullptr || stream->source == sdk::SourceId::none) return;  // passed over, as Janus does
        const auto own = srtp_of(entry);
        const Destination to{entry.has("host") ? entry["host"] : body["host"], entry.has("host_family") ? entry["host_family"] : body["host_family"],
                             own ? own : srtp};
        add_targets(targets, *stream, entry, {}, to);
    });
    if (body.has("streams")) return targets;
    if (!body.has("host")) refuse(kMissingElement, "Missing mandatory element (host)");
    for (const char* kind : {"audio", "video", "data"}) {
        const auto stream = std::find_if(publisher.streams.begin(), publisher.streams.end(), [&](const Stream& each) {
            return each.kind == kind && each.source != sdk::SourceId::none;
        });
        if (stream != publisher.streams.end())
            add_targets(targets, *stream, body, {std::string{kind} + "_"}, {body["host"], body["host_family"], srtp});
    }
    return targets;
}

// The legacy answer: a member per port.
Json legacy_stream(const std::vector<ForwardedStream>& made, const Json& host) {
    auto json = Json::object();
    for (const auto& forwarded : made) {
        const std::string kind{forwarded.json["type"].text()};
        const auto substream = static_cast<std::uint32_t>(forwarded.json["substream"].unsigned_integer());
        json.set(numbered(kind + "_stream_id", substream).c_str(), forwarded.stream_id);
        json.set(numbered(kind, substream).c_str(), forwarded.json["port"]);
        if (kind == "video") json.set("video_rtcp", forwarded.json["remote_rtcp_port"]);
    }
    return json.set("warning", "deprecated_api").set("host", host);
}

}  // namespace

// What the core would find out later than Janus does.
void check_rtp_words(const Json& body) {
    if (const auto family = body["host_family"]; family && family.text() != "ipv4" && family.text() != "ipv6")
        refuse(kInvalidElement, "Unsupported protocol family (" + std::string{family.text()} + ")");
    // RFC 1035 section 2.3.4: nothing longer is the name of a host.
    if (body["host"].text().size() > kLongestHost) refuse(kInvalidElement, "Invalid element (host)");
    const auto suite = body["srtp_suite"].integer();
    if (srtp_of(body) && suite != 32 && suite != 80) refuse(kInvalidElement, "Invalid SRTP suite (" + std::to_string(suite) + ")");
}

Publisher& VideoRoom::forwarding_publisher(Room& room, const Json& body) {
    const auto id = id_from(body["publisher_id"]);
    auto* publisher = room.publisher(id);
    if (publisher == nullptr) refuse(kNoSuchFeed, "No such feed (" + to_text(id) + ")");
    return *publisher;
}

void VideoRoom::check_forwarding_key(const Json& body) const {
    if (lock_rtp_forward_) check_key(admin_key_, body, "admin_key");
}

std::vector<ForwardedStream> VideoRoom::forward(Publisher& publisher, const std::vector<ForwardWish>& wishes, const std::string& remote_id) {
    std::vector<ForwardedStream> made;
    for (const auto& [stream, wish] : wishes) {
        const auto begun = host().forward_rtp(stream->source, wish);
        if (!begun) {
            for (const auto& forwarded : made) host().stop_forwarding(forwarded.forwarder);
            refuse(begun.status() == CARDEA_BUSY ? kUnknownError : kInvalidElement, begun.error());
        }
        ForwardedStream forwarded{.stream_id = 0, .forwarder = begun->id, .source = stream->source, .remote_id = remote_id, .json = {}};
        while (forwarded.stream_id == 0) forwarded.stream_id = static_cast<std::uint32_t>(host().random());
        forwarded.json = as_listed(forwarded, *stream, begun->json);
        made.push_back(std::move(forwarded));
    }
    publisher.forwarded.insert(publisher.forwarded.end(), made.begin(), made.end());
    return made;
}

sdk::Reply VideoRoom::on_rtp_forward(const sdk::Request& request) {
    const auto& body = request.body;
    check(kRtpForwardParams, body);
    check_forwarding_key(body);
    check_rtp_words(body);
    body["streams"].for_each(check_rtp_words);
    auto& room = room_of(body);
    check_secret(room, body);
    auto& publisher = forwarding_publisher(room, body);
    std::vector<ForwardWish> wishes;
    for (auto& target : targets_of(publisher, body)) wishes.push_back({target.stream, std::move(target.wish)});
    const auto made = forward(publisher, wishes, {});
    for (const auto& forwarded : made)
        note(publisher.handle, room, "rtp_forward", [&](Json& json) {
            json.set("publisher_id", to_json(publisher.id)).set("media", forwarded.json["type"]);
            for (const auto& stream : publisher.streams)
                if (stream.source == forwarded.source && !stream.codec.empty()) json.set("codec", stream.codec);
            forwarded.json.for_each_member([&](std::string_view name, const Json& value) { json.set(std::string{name}.c_str(), value); });
        });
    host().info("RTP forwarded", {{"room", to_json(room.id)}, {"feed", to_json(publisher.id)}, {"streams", made.size()}});
    auto reply = Json{{"videoroom", "rtp_forward"}, {"room", to_json(room.id)}, {"publisher_id", to_json(publisher.id)}};
    if (!body.has("streams")) return reply.set("rtp_stream", legacy_stream(made, body["host"]));
    auto list = Json::array();
    for (const auto& forwarded : made) list.push(forwarded.json);
    return reply.set("forwarders", list);
}

sdk::Reply VideoRoom::on_stop_rtp_forward(const sdk::Request& request) {
    const auto& body = request.body;
    check(kStopRtpForwardParams, body);
    check_forwarding_key(body);
    auto& room = room_of(body);
    check_secret(room, body);
    auto& publisher = forwarding_publisher(room, body);
    const auto id = body["stream_id"].unsigned_integer();
    const auto found = std::find_if(publisher.forwarded.begin(), publisher.forwarded.end(), [&](const ForwardedStream& each) {
        return each.remote_id.empty() && each.stream_id == id;
    });
    if (found == publisher.forwarded.end()) refuse(kNoSuchFeed, "No such stream (" + std::to_string(id) + ")");
    host().stop_forwarding(found->forwarder);
    publisher.forwarded.erase(found);
    note(publisher.handle, room, "stop_rtp_forward", [&](Json& json) { json.set("publisher_id", to_json(publisher.id)).set("stream_id", id); });
    return Json{{"videoroom", "stop_rtp_forward"}, {"room", to_json(room.id)}, {"publisher_id", to_json(publisher.id)}, {"stream_id", id}};
}

sdk::Reply VideoRoom::on_listforwarders(const sdk::Request& request) {
    check(kRoomParams, request.body);
    auto& room = room_of(request.body);
    check_secret(room, request.body);
    auto publishers = Json::array();
    for (const auto& [id, publisher] : room.publishers) {
        if (publisher.forwarded.empty()) continue;
        auto list = Json::array();
        for (const auto& forwarded : publisher.forwarded)
            if (forwarded.remote_id.empty()) list.push(forwarded.json);
        auto entry = Json{{"publisher_id", to_json(id)}};
        if (!publisher.display.empty()) entry.set("display", publisher.display);
        publishers.push(entry.set("metadata", publisher.metadata).set("forwarders", list));
    }
    return Json{{"videoroom", "forwarders"}, {"room", to_json(room.id)}, {"publishers", publishers}};
}

// The core has ended the forwarders of sources that are gone; remotizations take what is new.
void VideoRoom::update_forwarding(Publisher& publisher) {
    std::erase_if(publisher.forwarded, [&](const ForwardedStream& forwarded) {
        return std::none_of(publisher.streams.begin(), publisher.streams.end(), [&](const Stream& each) { return each.source == forwarded.source; });
    });
    for (const auto& remotization : publisher.remotizations) {
        try {
            remotize(publisher, remotization);
        } catch (const sdk::RequestError& error) {
            host().warn("stream not sent to the other gateway", {{"feed", to_json(publisher.id)}, {"problem", error.what()}});
        }
    }
}

void VideoRoom::end_forwarding(Publisher& publisher) {
    for (const auto& forwarded : publisher.forwarded) host().stop_forwarding(forwarded.forwarder);
    publisher.forwarded.clear();
    publisher.remotizations.clear();
}

}  // namespace cardea::videoroom
