#include "tables.hpp"

#include "videoroom.hpp"

namespace cardea::videoroom {
namespace {

using namespace sdk;

constexpr const char* kPtypes[] = {"publisher", "subscriber", nullptr};

constexpr cardea_param kCreate[] = {
    id("room").help("wished id; drawn when absent"),
    string("description"),
    boolean("is_private"),
    array("allowed").elements(CARDEA_TYPE_STRING),
    string("secret").secret(),
    string("pin").secret(),
    boolean("require_pvtid"),
    boolean("signed_tokens"),
    boolean("permanent"),
    string("admin_key").secret(),
    integer("publishers").positive(),
    integer("bitrate").positive().help("bits per second a publisher may send; 0 = no cap"),
    boolean("bitrate_cap"),
    integer("fir_freq").positive().help("seconds between keyframe requests; 0 = never"),
    string("audiocodec"),
    string("videocodec"),
    string("vp9_profile"),
    string("h264_profile"),
    boolean("opus_fec"),
    boolean("opus_dtx"),
    boolean("audiolevel_ext"),
    boolean("audiolevel_event"),
    integer("audio_active_packets").positive(),
    integer("audio_level_average").positive(),
    boolean("videoorient_ext"),
    boolean("playoutdelay_ext"),
    boolean("transport_wide_cc_ext"),
    boolean("record"),
    string("rec_dir"),
    boolean("lock_record"),
    boolean("notify_joining"),
    boolean("require_e2ee"),
    boolean("dummy_publisher"),
    array("dummy_streams").elements(CARDEA_TYPE_OBJECT),
    integer("threads").positive(),
};
constexpr cardea_param kDestroy[] = {id("room").required(), string("secret").secret(), boolean("permanent")};
constexpr cardea_param kRoom[] = {id("room").required()};
constexpr cardea_param kList[] = {string("admin_key").secret()};
constexpr cardea_param kJoin[] = {
    id("room").required(),
    string("ptype").required().one_of(kPtypes),
    id("id"),
    string("display"),
    object("metadata"),
    string("token").secret(),
    string("pin").secret(),
    integer("audio_active_packets").positive(),
    integer("audio_level_average").positive(),
};
constexpr cardea_param kSubscribeStream[] = {
    id("feed").required(), string("mid"), string("crossrefid"), boolean("send"),
    integer("substream").positive(), integer("temporal").positive(), integer("fallback").positive(),
    integer("spatial_layer").positive(), integer("temporal_layer").positive(),
    integer("min_delay").positive(), integer("max_delay").positive(),
};
constexpr cardea_param kJoinSubscriber[] = {
    id("room").required(),
    string("ptype").required().one_of(kPtypes),
    string("pin").secret(),
    string("token").secret(),
    integer("private_id").positive(),
    boolean("use_msid"),
    boolean("autoupdate"),
    array("streams").of(kSubscribeStream),
    id("feed").help("one feed, all its streams (legacy form)"),
    boolean("offer_audio"),
    boolean("offer_video"),
    boolean("offer_data"),
    boolean("audio"),
    boolean("video"),
    boolean("data"),
    integer("substream").positive(),
    integer("temporal").positive(),
    integer("fallback").positive(),
    integer("spatial_layer").positive(),
    integer("temporal_layer").positive(),
};
constexpr cardea_param kDescription[] = {string("mid").required(), string("description").required()};
constexpr cardea_param kPublisherStream[] = {
    string("mid").required(), boolean("send"), boolean("keyframe"), integer("min_delay").positive(), integer("max_delay").positive(),
};
constexpr cardea_param kPublish[] = {
    string("audiocodec"),
    string("videocodec"),
    integer("bitrate").positive(),
    boolean("record"),
    string("filename"),
    string("display"),
    object("metadata"),
    boolean("keyframe"),
    boolean("update"),
    boolean("restart"),
    string("secret").secret(),
    boolean("audio"),
    boolean("video"),
    boolean("data"),
    integer("audio_active_packets").positive(),
    integer("audio_level_average").positive(),
    array("descriptions").of(kDescription),
    array("streams").of(kPublisherStream),
};
constexpr cardea_param kSubscriberStream[] = {
    string("mid").required(), boolean("send"),
    integer("substream").positive(), integer("temporal").positive(), integer("fallback").positive(),
    integer("spatial_layer").positive(), integer("temporal_layer").positive(),
    integer("min_delay").positive(), integer("max_delay").positive(),
};
constexpr cardea_param kSubscriberConfigure[] = {
    array("streams").of(kSubscriberStream),
    boolean("restart"),
    boolean("update"),
    boolean("send"),
    boolean("audio"),
    boolean("video"),
    boolean("data"),
    integer("substream").positive(), integer("temporal").positive(), integer("fallback").positive(),
    integer("spatial_layer").positive(), integer("temporal_layer").positive(),
    integer("min_delay").positive(), integer("max_delay").positive(),
};
constexpr cardea_param kModuleOptions[] = {
    string("admin_key").secret().help("needed to create rooms and to list private ones, when set"),
    boolean("string_ids").fallback("false").help("room and feed ids are strings"),
    array("rooms").of(kCreate).fallback("[]").help("rooms that exist from the start"),
};

constexpr cardea_request_type kRequests[] = {
    sync_request("create", table(kCreate), "Makes a room"),
    sync_request("destroy", table(kDestroy), "Ends a room; everybody in it is told"),
    sync_request("exists", table(kRoom), "Whether a room is there"),
    sync_request("list", table(kList), "The rooms that are not private"),
    sync_request("listparticipants", table(kRoom), "Who is in a room"),
    async_request("join", table(kJoin), "Enters a room as publisher or subscriber"),
    async_request("joinandconfigure", table(kJoin), "join and publish in one"),
    async_request("publish", table(kPublish), "Starts to publish, with an offer"),
    async_request("configure", table(kPublish), "Changes a publisher or a subscriber"),
    async_request("unpublish", no_params(), "Stops to publish, stays in the room"),
    async_request("start", no_params(), "A subscriber's answer, or resume after pause"),
    async_request("pause", no_params(), "Stops the media to a subscriber"),
    async_request("leave", no_params(), "Leaves the room"),
};

}  // namespace

const cardea_params kCreateParams = table(kCreate);
const cardea_params kDestroyParams = table(kDestroy);
const cardea_params kRoomParams = table(kRoom);
const cardea_params kListParams = table(kList);
const cardea_params kJoinParams = table(kJoin);
const cardea_params kJoinSubscriberParams = table(kJoinSubscriber);
const cardea_params kPublishParams = table(kPublish);
const cardea_params kSubscriberConfigureParams = table(kSubscriberConfigure);

}  // namespace cardea::videoroom

CARDEA_PLUGIN(cardea::videoroom::VideoRoom, .name = "videoroom", .package = "janus.plugin.videoroom", .title = "VideoRoom",
              .description = "Rooms whose publishers are forwarded to subscribers (SFU)", .version = "0.1.0", .version_number = 10,
              .author = "The Cardea developers", .licence = "Apache-2.0",
              .options = cardea::sdk::table(cardea::videoroom::kModuleOptions),
              .requests = cardea::sdk::requests(cardea::videoroom::kRequests),
              .errors = {.key = "videoroom", .value = "event", .no_message = 421, .missing_element = 429, .invalid_element = 430,
                         .invalid_request = 423, .unknown = 499})
