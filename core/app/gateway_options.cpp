#include "app/gateway_options.hpp"

#include "app/cli.hpp"
#include "app/host_addresses.hpp"

namespace cardea::app {

MediaOptions media_options(const config::MediaSection& section, const config::RemoteSection& remote) {
    MediaOptions options;
    options.workers = section.workers;
    options.base_port = section.base_port;
    options.addresses = section.addresses;
    for (const auto& rule : section.announce) options.announce.push_back({rule.local, rule.announced});
    options.consent_timeout = section.consent_timeout;
    options.dtls_timeout = section.dtls_timeout;
    options.no_media_timer = section.no_media_timer;
    options.slow_link_threshold = section.slow_link_threshold;
    options.twcc_period = section.twcc_period;
    options.statistics_period = section.statistics_period;
    options.srtp_backend = section.srtp;
    options.srtp_require = section.srtp_require;
    options.peers_per_worker = section.peers_per_worker;
    options.worker_capacity = section.worker_capacity;
    options.plain_rtp = {.ports = {remote.first_port, remote.last_port},
                         .address = remote.address,
                         .allow = remote.allow,
                         .forwarders = remote.forwarders};
    return options;
}

RecordingService::Options recording_options(const config::RecordingSection& section, std::vector<std::string> roots) {
    RecordingService::Options options;
    options.roots = std::move(roots);
    options.format = section.format == "mjr" ? RecordingFormat::mjr : RecordingFormat::mkv;
    return options;
}

api::ApiOptions api_options(const config::CoreOptions& options) {
    api::ApiOptions api;
    api.facts.server_name = options.api.server_name;
    api.facts.version_string = version();
    if (const auto addresses = host_addresses(); !addresses.empty()) api.facts.local_ip = addresses.front().ip();
    api.facts.log_to_file = !options.log.file.empty();
    api.facts.candidates_timeout = options.api.candidates_timeout;
    api.facts.no_media_timer = options.media.no_media_timer;
    api.facts.twcc_period = options.media.twcc_period;
    api.facts.slow_link_threshold = options.media.slow_link_threshold;
    api.auth = {options.api.secret, options.api.token_auth, options.api.token_auth_secret, options.api.tokens};
    api.session_timeout = options.api.session_timeout;
    api.reclaim_session_timeout = options.api.reclaim_session_timeout;
    api.opaque_id_in_api = options.api.opaque_id_in_api;
    api.handles_per_connection = options.limits.handles_per_connection;
    api.requests_per_handle = options.limits.requests_per_handle;
    return api;
}

ClientLimits client_limits(const config::LimitsSection& section) {
    return {section.json_depth, section.message_bytes, section.requests_per_connection, section.connections_per_address, section.trusted};
}

Json transport_host_section(const config::CoreOptions& options, const CertificateFiles& certificate) {
    const auto& limits = options.limits;
    const auto stall = std::chrono::duration_cast<std::chrono::seconds>(limits.outbox_stall).count();
    return {{"tls_certificate", certificate.certificate},
            {"tls_key", certificate.key},
            {"version", version()},
            {"limits",
             {{"message_bytes", limits.message_bytes},
              {"message_fragments", limits.message_fragments},
              {"message_seconds", std::int64_t{std::chrono::duration_cast<std::chrono::seconds>(limits.message_time).count()}},
              {"outbox_soft_bytes", limits.outbox_soft},
              {"outbox_hard_bytes", limits.outbox_hard},
              {"outbox_trusted_bytes", limits.outbox_trusted},
              {"outbox_stall_seconds", std::int64_t{stall}},
              {"connections_per_address", limits.connections_per_address}}}};
}

}  // namespace cardea::app
