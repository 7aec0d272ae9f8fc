// From the configuration to the options of the parts.
#pragma once

#include "api/api.hpp"
#include "app/self_signed.hpp"
#include "config/options.hpp"
#include "modules/transport_runtime.hpp"
#include "recording/recording_service.hpp"
#include "runtime/media_engine.hpp"

namespace cardea::app {

[[nodiscard]] MediaOptions media_options(const config::MediaSection& section, const config::RemoteSection& remote);
[[nodiscard]] RecordingService::Options recording_options(const config::RecordingSection& section, std::vector<std::string> roots);
[[nodiscard]] api::ApiOptions api_options(const config::CoreOptions& options);
[[nodiscard]] ClientLimits client_limits(const config::LimitsSection& section);
// "host" in every transport's configuration; cardea/abi.h names the fields.
[[nodiscard]] Json transport_host_section(const config::CoreOptions& options, const CertificateFiles& certificate);

}  // namespace cardea::app
