#include "ice.hpp"

#include "base/assert.hpp"

namespace cardea::testpeer {
namespace {

void on_state(NiceAgent*, guint, guint, guint state, gpointer user) {
    const auto& events = *static_cast<IceSocket::Events*>(user);
    const bool usable = state == NICE_COMPONENT_STATE_CONNECTED || state == NICE_COMPONENT_STATE_READY;
    if (usable && events.on_connected) events.on_connected();
    if (state == NICE_COMPONENT_STATE_FAILED && events.on_failed) events.on_failed();
}

void on_receive(NiceAgent*, guint, guint, guint size, gchar* data, gpointer user) {
    const auto& events = *static_cast<IceSocket::Events*>(user);
    if (events.on_datagram) events.on_datagram(as_bytes({data, size}));
}

}  // namespace

IceSocket::IceSocket(const std::string& address, Events events) : events_{std::move(events)} {
    // Consent by real checks (RFC 7675): an ICE-lite gateway hears nothing else that proves we are alive.
    agent_.reset(nice_agent_new_full(g_main_context_default(), NICE_COMPATIBILITY_RFC5245,
                                     static_cast<NiceAgentOption>(NICE_AGENT_OPTION_CONSENT_FRESHNESS)));
    g_object_set(agent_.get(), "upnp", FALSE, "ice-tcp", FALSE, nullptr);
    stream_ = nice_agent_add_stream(agent_.get(), 1);
    if (!address.empty()) {
        NiceAddress bound;
        nice_address_init(&bound);
        CARDEA_ASSERT(nice_address_set_from_string(&bound, address.c_str()));
        nice_agent_add_local_address(agent_.get(), &bound);
    }
    nice_agent_attach_recv(agent_.get(), stream_, 1, g_main_context_default(), on_receive, &events_);
    g_signal_connect(agent_.get(), "component-state-changed", G_CALLBACK(on_state), &events_);
    CARDEA_ASSERT(nice_agent_gather_candidates(agent_.get(), stream_));
}

IceSocket::~IceSocket() {
    g_signal_handlers_disconnect_by_data(agent_.get(), &events_);
    nice_agent_attach_recv(agent_.get(), stream_, 1, g_main_context_default(), nullptr, nullptr);
    nice_agent_remove_stream(agent_.get(), stream_);
}

IceCredentials IceSocket::local() const {
    gchar* ufrag = nullptr;
    gchar* password = nullptr;
    CARDEA_ASSERT(nice_agent_get_local_credentials(agent_.get(), stream_, &ufrag, &password));
    const CPtr<gchar, g_free> owned_ufrag{ufrag};
    const CPtr<gchar, g_free> owned_password{password};
    return {ufrag, password};
}

std::vector<std::string> IceSocket::candidates() const {
    std::vector<std::string> lines;
    GSList* list = nice_agent_get_local_candidates(agent_.get(), stream_, 1);
    for (const GSList* item = list; item != nullptr; item = item->next) {
        auto* candidate = static_cast<NiceCandidate*>(item->data);
        const CPtr<gchar, g_free> line{nice_agent_generate_local_candidate_sdp(agent_.get(), candidate)};
        lines.emplace_back(line.get());
        nice_candidate_free(candidate);
    }
    g_slist_free(list);
    return lines;
}

void IceSocket::set_remote(const IceCredentials& remote, const std::vector<std::string>& candidate_lines, bool controlling) {
    g_object_set(agent_.get(), "controlling-mode", controlling ? TRUE : FALSE, nullptr);
    nice_agent_set_remote_credentials(agent_.get(), stream_, remote.ufrag.c_str(), remote.password.c_str());
    GSList* list = nullptr;
    for (const auto& line : candidate_lines) {
        auto* candidate = nice_agent_parse_remote_candidate_sdp(agent_.get(), stream_, line.c_str());
        if (candidate != nullptr && candidate->component_id == 1) {
            list = g_slist_append(list, candidate);
        } else if (candidate != nullptr) {
            nice_candidate_free(candidate);
        }
    }
    nice_agent_set_remote_candidates(agent_.get(), stream_, 1, list);
    for (GSList* item = list; item != nullptr; item = item->next) nice_candidate_free(static_cast<NiceCandidate*>(item->data));
    g_slist_free(list);
    nice_agent_peer_candidate_gathering_done(agent_.get(), stream_);
}

void IceSocket::restart() { nice_agent_restart_stream(agent_.get(), stream_); }

void IceSocket::send(Bytes datagram) {
    nice_agent_send(agent_.get(), stream_, 1, static_cast<guint>(datagram.size()), as_text(datagram).data());
}

}  // namespace cardea::testpeer
