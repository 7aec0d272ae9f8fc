// The parameters of every request: one table gives validation, defaults, schema and documentation.
#pragma once

#include <cardea/abi.h>

namespace cardea::videoroom {

extern const cardea_params kCreateParams, kDestroyParams, kRoomParams, kListParams, kJoinParams, kJoinSubscriberParams, kPublishParams,
    kSubscriberConfigureParams;

}  // namespace cardea::videoroom
