// The parameters of every request: one table gives validation, defaults, schema and documentation.
#pragma once

#include <cardea/abi.h>

namespace cardea::videoroom {

extern const cardea_params kRoomParams, kPtypeParams;  // what comes before the rest of a request
extern const cardea_params kCreateParams, kEditParams, kDestroyParams, kListParams;
extern const cardea_params kAllowedParams, kKickParams, kModerateParams, kEnableRecordingParams;
extern const cardea_params kRtpForwardParams, kStopRtpForwardParams;
extern const cardea_params kPublishRemotelyParams, kUnpublishRemotelyParams, kListRemotesParams;
extern const cardea_params kAddRemotePublisherParams, kUpdateRemotePublisherParams, kRemoveRemotePublisherParams;
extern const cardea_params kJoinParams, kJoinSubscriberParams, kPublishParams;
extern const cardea_params kSubscriberConfigureParams, kSubscribeParams, kUnsubscribeParams, kUpdateParams, kSwitchParams;

}  // namespace cardea::videoroom
