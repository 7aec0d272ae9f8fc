#include "modules/peer_session.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "base/random.hpp"
#include "cardea/abi.h"
#include "modules/negotiation_json.hpp"
#include "modules/placing.hpp"
#include "proto/sdp/redacted.hpp"

namespace cardea {
namespace {

// RFC 8839 section 5.4: at least 24 and 128 bits. The ufrag also finds the peer in the single-port mux.
constexpr std::size_t kUfragSize = 8;
constexpr std::size_t kPwdSize = 24;
// A plugin that negotiates and never sends the event must not collect descriptions.
constexpr std::size_t kMaxTickets = 4;


// A track towards a receiver carries the source's codec as its publisher sends it. Feedback and retransmission are the gateway's
// own business on either side: a publisher without RTX has subscribers with it, served from the packet store.
PayloadType forwarded(const PayloadType& published) {
    auto type = default_payload_type(published.codec);
    type.clock_rate = published.clock_rate;
    type.channels = published.channels;
    type.fmtp = published.fmtp;
    return type;
}

const NegotiatedMedia* data_line(const std::vector<NegotiatedMedia>& media) {
    const auto found = std::find_if(media.begin(), media.end(),
                                    [](const NegotiatedMedia& line) { return line.kind == MediaKind::data && !line.rejected; });
    return found == media.end() ? nullptr : &*found;
}

bool names_data(const Json& tracks) {
    bool named = false;
    tracks.for_each([&](const Json& entry) { named = named || entry["kind"].text() == "data"; });
    return named;
}

const NegotiatedMedia* line_at(const std::vector<NegotiatedMedia>& media, std::uint8_t mindex) {
    const auto found = std::find_if(media.begin(), media.end(), [&](const NegotiatedMedia& line) { return line.mindex == mindex; });
    return found == media.end() ? nullptr : &*found;
}

void log_description(const char* event, PeerId peer, std::string_view type, const std::string& sdp) {
    if (log::enabled(log::Level::debug)) log::debug(event, log::kv("peer", peer), log::kv("type", type), log::kv("sdp", redacted(sdp)));
}

constexpr int kOffersCross = 490;

tl::unexpected<Error> refuse(Error error) { return fail(CARDEA_INVALID, std::move(error.detail)); }

}  // namespace

PeerSession::PeerSession(PeerServices& services, PeerObserver& observer, const SourceDirectory& directory)
    : services_{services}, observer_{observer}, directory_{directory}, negotiation_{services.sdp}, peer_{services.router.new_peer_id()} {
    draw_credentials();
}

PeerSession::~PeerSession() { close("Close PC"); }

void PeerSession::draw_credentials() { local_ = {random_ice_text(kUfragSize), random_ice_text(kPwdSize)}; }

Result<Json> PeerSession::take(const Json& jsep) {
    const std::string sdp{jsep["sdp"].text()};
    log_description("remote description", peer_, jsep["type"].text(), sdp);
    if (jsep["type"].text() == "answer") return take_answer(sdp);
    // Of two offers that cross the client's gives way; the code of Janus has no better name than "unknown".
    if (negotiation_.is_offer_pending()) return fail(kOffersCross, "An offer of the gateway is still unanswered");
    const auto order = jsep["rid_order"].text() == "lmh" ? RidOrder::lmh : RidOrder::hml;
    auto offer = negotiation_.set_remote_offer(sdp, order);
    if (!offer) return tl::unexpected{offer.error()};
    e2ee_ = jsep["e2ee"].boolean();
    restart_pending_ = offer->restart;
    auto json = offer_json(*offer);
    offered_load_ = load_of(json["media"]);
    if (e2ee_) json.set("e2ee", true);
    json.set("svc", jsep["svc"]);
    return json;
}

Result<Json> PeerSession::take_answer(const std::string& sdp) {
    auto answer = negotiation_.set_remote_answer(sdp);
    if (!answer) return tl::unexpected{answer.error()};
    apply(answer->media, true);
    auto json = result(media_, 0);
    json.erase("ticket");
    return json.set("type", "answer");
}

Result<Json> PeerSession::answer(const Json& policy) {
    if (!negotiation_.is_remote_offer_pending()) return fail(CARDEA_INVALID, "no offer is pending");
    place(policy["group"], offered_load_);
    // RFC 8839 section 4.4.1.2: a restart is answered with new credentials.
    if (std::exchange(restart_pending_, false)) draw_credentials();
    auto described = negotiation_.answer(answer_policy(policy), transport());
    if (!described) return refuse(described.error());
    apply(described->media, true);
    return result(media_, keep("answer", described->sdp, policy["e2ee"].boolean(e2ee_)));
}

Result<Json> PeerSession::offer(const Json& wish) {
    const bool replaces = negotiation_.is_offer_pending();
    if (replaces && !wish["replace"].boolean()) return fail(CARDEA_BUSY, "an earlier offer is unanswered");
    if (negotiation_.is_remote_offer_pending()) return fail(CARDEA_BUSY, "an offer of the client is unanswered");
    place(wish["group"], load_of(wish["media"]));
    const auto extensions = extension_wish(wish["extensions"]);
    std::vector<OfferTrack> tracks;
    wish["media"].for_each([&](const Json& entry) {
        auto track = offer_track(entry, extensions);
        if (const auto* source = directory_.find_source(SourceId{entry["source"].unsigned_integer()})) {
            track.kind = source->kind;
            track.payload_type = forwarded(source->payload_type);
        }
        tracks.push_back(std::move(track));
    });
    if (wish["data"].boolean() && !names_data(wish["media"])) tracks.push_back({.kind = MediaKind::data, .direction = MediaDirection::sendrecv});
    // Credentials of a restart that nobody answered yet are new enough for another one.
    const bool restart_pending = negotiation_.is_established() && negotiation_.is_restart_pending();
    const bool restart = wish["restart"].boolean() || restart_pending;
    if (restart && !restart_pending) draw_credentials();
    if (replaces) negotiation_.replace_local_offer();
    auto described = negotiation_.offer(tracks, transport(), restart);
    if (!described) return refuse(described.error());
    apply(described->media, false);
    route_tracks(wish, *described);
    return result(described->media, keep("offer", described->sdp, wish["e2ee"].boolean()));
}

void PeerSession::place(const Json& group, std::uint32_t load) {
    if (worker_) return;
    group_ = group ? group_text(group) : "peer:" + std::to_string(peer_.value);
    worker_ = services_.media.place(group_, load);
}

LocalTransport PeerSession::transport() const {
    LocalTransport transport{local_.ufrag, local_.pwd, services_.media.fingerprint(), {}, true};
    std::size_t rank = 0;
    for (const auto& candidate : services_.media.candidates(*worker_))
        transport.candidates.push_back(host_candidate(candidate.address, rank++));
    return transport;
}

// An id is given when media first flows in that direction on an m-line, and kept.
void PeerSession::give_ids(const std::vector<NegotiatedMedia>& media) {
    for (const auto& line : media) {
        if (line.receive && !source_ids_.contains(line.mindex)) source_ids_[line.mindex] = services_.router.new_source_id();
        if (line.send && !sink_ids_.contains(line.mindex)) sink_ids_[line.mindex] = services_.router.new_sink_id();
    }
    if (data_source_.is_set() || data_line(media) == nullptr) return;
    data_source_ = services_.router.new_source_id();
    data_sink_ = services_.router.new_sink_id();
}

void PeerSession::apply(const std::vector<NegotiatedMedia>& media, bool in_force) {
    give_ids(media);
    auto config = config_of(media, in_force);
    media_ = media;
    if (told_worker_) {
        services_.media.update_peer(*worker_, std::move(config));
        return;
    }
    told_worker_ = true;
    services_.router.add(peer_, observer_);
    services_.media.open_peer(*worker_, std::move(config));
}

PeerConfig PeerSession::config_of(const std::vector<NegotiatedMedia>& media, bool in_force) const {
    PeerConfig config;
    config.id = peer_;
    config.local = local_;
    if (const auto& remote = negotiation_.remote()) {
        config.remote = {remote->ufrag, remote->pwd};
        config.fingerprint_algorithm = remote->fingerprint_algorithm;
        config.fingerprint = remote->fingerprint;
        config.dtls_role = remote->local_setup == SetupRole::active ? DtlsRole::client : DtlsRole::server;
        config.remote_known = true;
    }
    const auto agreed = negotiation_.media();
    for (const auto& line : media) {
        // Our offer is not in force before its answer: what is agreed goes on, what is new only exists so that it can be routed.
        const auto* const known = in_force ? nullptr : line_at(agreed, line.mindex);
        const bool was_agreed = known != nullptr && known->mid == line.mid;
        const auto& receive = was_agreed ? known->receive : line.receive;
        const bool keeps_sending = was_agreed && known->send.has_value();
        const auto& send = keeps_sending ? known->send : line.send;
        if (receive) config.sources.push_back({source_ids_.at(line.mindex), *receive});
        if (send) config.sinks.push_back({sink_ids_.at(line.mindex), *send, in_force || keeps_sending});
    }
    config.data = data_config(media, in_force);
    return config;
}

std::optional<DataConfig> PeerSession::data_config(const std::vector<NegotiatedMedia>& media, bool in_force) const {
    if (data_line(media) == nullptr) return std::nullopt;
    DataConfig data{.source = data_source_, .sink = data_sink_};
    const auto agreed = in_force ? media : negotiation_.media();
    const auto* line = data_line(agreed);
    if (line == nullptr) return data;
    data.agreed = true;
    data.remote_port = line->sctp_port.value_or(data.remote_port);
    data.max_message = line->max_message_size.value_or(data.max_message);
    return data;
}

void PeerSession::route_tracks(const Json& wish, const LocalOffer& offer) {
    // One more than the wish names is the m-line of "data":true, which says nothing of a source.
    for (std::size_t i = 0; i < std::min(offer.track_lines.size(), wish["media"].size()); ++i)
        route_track(wish["media"].at(i), offer.track_lines[i]);
}

void PeerSession::route_track(const Json& track, std::uint8_t mindex) {
    const SourceId source{track["source"].unsigned_integer()};
    const auto* known = directory_.find_source(source);
    if (known == nullptr) return;
    if (known->kind == MediaKind::data) return services_.media.route_data(*worker_, data_sink_, source, data_route_options(track));
    const auto sink = sink_ids_.find(mindex);
    if (sink != sink_ids_.end()) services_.media.route(*worker_, sink->second, source, known->worker);
}

Json PeerSession::result(const std::vector<NegotiatedMedia>& media, std::uint64_t ticket) const {
    auto list = Json::array();
    for (const auto& line : media) list.push(line_json(line));
    return {{"ticket", ticket}, {"media", list}};
}

Json PeerSession::line_json(const NegotiatedMedia& line) const {
    if (line.kind == MediaKind::data) return line.rejected ? media_json(line, {}, {}) : media_json(line, data_source_, data_sink_);
    const auto source = line.receive ? source_ids_.find(line.mindex) : source_ids_.end();
    const auto sink = line.send ? sink_ids_.find(line.mindex) : sink_ids_.end();
    return media_json(line, source == source_ids_.end() ? SourceId{} : source->second, sink == sink_ids_.end() ? SinkId{} : sink->second);
}

std::uint64_t PeerSession::keep(const char* type, const std::string& sdp, bool e2ee) {
    log_description("local description", peer_, type, sdp);
    Json jsep{{"type", type}, {"sdp", sdp}};
    if (e2ee) jsep.set("e2ee", true);
    tickets_.push_back({++last_ticket_, jsep});
    if (tickets_.size() > kMaxTickets) tickets_.pop_front();
    return last_ticket_;
}

Json PeerSession::redeem(std::uint64_t ticket) {
    const auto found = std::find_if(tickets_.begin(), tickets_.end(), [&](const Jsep& jsep) { return jsep.ticket == ticket; });
    if (found == tickets_.end()) return {};
    auto jsep = found->json;
    tickets_.erase(found);
    return jsep;
}

std::vector<std::pair<SourceId, KnownSource>> PeerSession::sources() const {
    std::vector<std::pair<SourceId, KnownSource>> list;
    for (const auto& line : media_)
        if (line.receive && line.payload_type)
            list.emplace_back(source_ids_.at(line.mindex), KnownSource{line.kind, *line.payload_type, worker(), line.mid, line.mindex});
    if (const auto* data = data_line(media_)) list.emplace_back(data_source_, KnownSource{data->kind, {}, worker(), data->mid, data->mindex});
    return list;
}

std::vector<SinkId> PeerSession::sinks() const {
    std::vector<SinkId> list;
    for (const auto& line : media_)
        if (line.send) list.push_back(sink_ids_.at(line.mindex));
    return list;
}

std::optional<SinkId> PeerSession::data_sink() const {
    return data_line(media_) == nullptr ? std::nullopt : std::optional{data_sink_};
}

void PeerSession::close(const std::string& reason) {
    if (!worker_) return;
    if (told_worker_) {
        services_.router.remove(peer_);
        services_.media.close_peer(*worker_, peer_, reason);
    }
    services_.media.release(group_, *worker_);
    worker_.reset();
    told_worker_ = false;
}

}  // namespace cardea
