#include "tables.hpp"

#include "videoroom.hpp"

namespace cardea::videoroom {
namespace {

using namespace sdk;

constexpr const char* kActions[] = {"enable", "disable", "add", "remove", nullptr};
constexpr const char* kDataLabels[] = {"auto", "id", "publisher", nullptr};

constexpr cardea_param kDummyStream[] = {string("codec"), string("fmtp")};
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
    boolean("dummy_publisher").help("somebody who never sends: holds m-lines of subscribers open for a switch"),
    array("dummy_streams").of(kDummyStream),
    boolean("dummy_e2ee"),
    integer("threads").positive(),
};
constexpr cardea_param kEdit[] = {
    id("room").required(),
    string("secret").secret(),
    string("new_description"),
    boolean("new_is_private"),
    string("new_secret").secret(),
    string("new_pin").secret(),
    boolean("new_require_pvtid"),
    integer("new_bitrate").positive(),
    integer("new_fir_freq").positive(),
    integer("new_publishers").positive(),
    boolean("new_lock_record"),
    string("new_rec_dir"),
    boolean("permanent").help("kept over a restart, as it is now"),
};
constexpr cardea_param kDestroy[] = {id("room").required(), string("secret").secret(), boolean("permanent").help("not there after a restart either")};
constexpr cardea_param kRoom[] = {id("room").required()};
constexpr cardea_param kPtype[] = {string("ptype").required()};
constexpr cardea_param kList[] = {string("admin_key").secret()};
constexpr cardea_param kListForwarders[] = {id("room").required(), string("secret").secret()};
constexpr cardea_param kAllowed[] = {
    id("room").required(),
    string("secret").secret(),
    string("action").required().one_of(kActions),
    array("allowed").elements(CARDEA_TYPE_STRING).help("tokens"),
};
constexpr cardea_param kKick[] = {id("room").required(), string("secret").secret(), id("id").required()};
constexpr cardea_param kModerate[] = {
    id("room").required(), string("secret").secret(), id("id").required(), string("mid").required(), boolean("mute").required(),
};
constexpr cardea_param kEnableRecording[] = {id("room").required(), string("secret").secret(), boolean("record").required()};
// Of these three Janus checks all but the room: one that is missing or of a wrong type is a room that is not there (426).
template <std::size_t N>
constexpr cardea_params table_without_room(const cardea_param (&list)[N]) {
    return {sizeof(cardea_params), sizeof(cardea_param), static_cast<std::uint32_t>(N - 1), 0, &list[1]};
}
constexpr cardea_param kForwardStream[] = {
    string("mid").required(), string("host"), string("host_family"), integer("port").required().positive(),
    integer("rtcp_port").positive().help("reports go there, requests for keyframes come from there"),
    integer("ssrc").positive(), integer("pt").positive(),
    boolean("simulcast").help("the best encoding on one port, instead of the lowest"),
    integer("srtp_suite").positive(), string("srtp_crypto").secret(),
    integer("port_2").positive(), integer("ssrc_2").positive(), integer("pt_2").positive(),
    integer("port_3").positive(), integer("ssrc_3").positive(), integer("pt_3").positive(),
};
constexpr cardea_param kRtpForward[] = {
    string("secret").secret(),
    string("host").help("an address, or a name of one"),
    string("host_family").help("ipv4 or ipv6"),
    boolean("simulcast"),
    integer("srtp_suite").positive().help("32 or 80"),
    string("srtp_crypto").secret().help("key and salt, base64"),
    array("streams").of(kForwardStream),
    integer("video_port").positive(), integer("video_rtcp_port").positive(), integer("video_ssrc").positive(), integer("video_pt").positive(),
    integer("video_port_2").positive(), integer("video_ssrc_2").positive(), integer("video_pt_2").positive(),
    integer("video_port_3").positive(), integer("video_ssrc_3").positive(), integer("video_pt_3").positive(),
    integer("audio_port").positive(), integer("audio_rtcp_port").positive(), integer("audio_ssrc").positive(), integer("audio_pt").positive(),
    integer("data_port").positive(),
    id("room").required(),
    id("publisher_id").required(),
    string("admin_key").secret().help("where lock_rtp_forward asks for it"),
};
constexpr cardea_param kStopRtpForward[] = {
    id("room").required(), id("publisher_id").required(), string("secret").secret(), integer("stream_id").required().positive(),
    string("admin_key").secret(),
};
constexpr cardea_param kPublishRemotely[] = {
    string("secret").secret(),
    string("remote_id").required().help("names this copy here; says nothing to the other gateway"),
    string("host").required(),
    string("host_family"),
    integer("port").required().positive(),
    integer("rtcp_port").positive(),
    integer("srtp_suite").positive(),
    string("srtp_crypto").secret(),
    id("room").required(),
    id("publisher_id").required(),
    string("admin_key").secret(),
};
constexpr cardea_param kUnpublishRemotely[] = {
    string("secret").secret(), string("remote_id").required(), id("room").required(), id("publisher_id").required(),
};
constexpr cardea_param kListRemotes[] = {id("room").required(), id("publisher_id").required(), string("secret").secret()};
constexpr cardea_param kRemoteStream[] = {
    string("mid").required(), integer("mindex").required().positive(), string("type").required(), string("codec"), string("description"),
    boolean("disabled"), boolean("stereo"), boolean("fec"), boolean("dtx"), string("h264_profile"), string("vp9_profile"),
    boolean("simulcast"), boolean("svc"), integer("audiolevel_ext_id"), integer("videoorient_ext_id"), integer("playoutdelay_ext_id"),
    integer("dependencydesc_ext_id").help("AV1 dependency descriptor; Janus has no such parameter"),
};
constexpr cardea_param kAddRemotePublisher[] = {
    id("room").required(),
    id("id"),
    string("secret").secret(),
    string("display"),
    string("mcast"),
    string("iface").help("address or interface to listen on"),
    integer("port").positive().help("0: any of remote.ports"),
    integer("rtcp_port").positive(),
    array("streams").required().of(kRemoteStream),
    object("metadata"),
    integer("srtp_suite").positive(),
    string("srtp_crypto").secret(),
    string("sender").help("the only address to accept; Janus has no such parameter"),
};
constexpr cardea_param kUpdateRemotePublisher[] = {
    id("room").required(), id("id").required(), string("secret").secret(), string("display"), object("metadata"),
    array("streams").required().of(kRemoteStream).help("those that are new or have changed"),
    integer("srtp_suite").positive(), string("srtp_crypto").secret(),
};
constexpr cardea_param kRemoveRemotePublisher[] = {id("room").required(), id("id").required(), string("secret").secret()};
constexpr cardea_param kJoin[] = {
    id("room").required(),
    string("ptype").required().help("publisher or subscriber"),
    id("id"),
    string("display"),
    object("metadata"),
    string("token").secret(),
    string("pin").secret(),
    integer("audio_active_packets").positive(),
    integer("audio_level_average").positive(),
};
// Playout delays are in units of 10 ms; a negative one takes the wish back.
constexpr cardea_param kSubscribeStream[] = {
    id("feed").required(), string("mid"), string("crossrefid"), boolean("send"),
    integer("substream").positive(), integer("temporal").positive(), integer("fallback").positive(),
    integer("spatial_layer").positive(), integer("temporal_layer").positive(),
    integer("min_delay"), integer("max_delay"),
};
constexpr cardea_param kUnsubscribeStream[] = {id("feed"), string("mid"), string("sub_mid")};
constexpr cardea_param kSwitchStream[] = {
    id("feed").required(), string("mid").required(), string("sub_mid").required(), string("crossrefid"), boolean("send"),
    integer("substream").positive(), integer("temporal").positive(), integer("fallback").positive(),
    integer("spatial_layer").positive(), integer("temporal_layer").positive(),
    integer("min_delay"), integer("max_delay"),
};
constexpr cardea_param kSubscribe[] = {array("streams").required().of(kSubscribeStream)};
constexpr cardea_param kUnsubscribe[] = {array("streams").required().of(kUnsubscribeStream)};
constexpr cardea_param kUpdate[] = {array("subscribe").nonempty().of(kSubscribeStream), array("unsubscribe").nonempty().of(kUnsubscribeStream)};
constexpr cardea_param kSwitch[] = {
    array("streams").of(kSwitchStream),
    id("feed").help("its audio and video in place of what there is (legacy form)"),
    boolean("audio"),
    boolean("video"),
    boolean("data"),
};
constexpr cardea_param kJoinSubscriber[] = {
    id("room").required(),
    string("ptype").required(),
    string("pin").secret(),
    string("token").secret(),
    integer("private_id").positive().help("of somebody who joined as publisher; some rooms want it"),
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
    string("mid").required(), boolean("send"), boolean("keyframe"), integer("min_delay"), integer("max_delay"),
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
    string("mid").help("all m-lines when absent"), boolean("send"),
    integer("substream").positive(), integer("temporal").positive(), integer("fallback").positive(),
    integer("spatial_layer").positive(), integer("temporal_layer").positive(),
    integer("min_delay"), integer("max_delay"),
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
    integer("min_delay"), integer("max_delay"),
};
constexpr cardea_param kModuleOptions[] = {
    string("admin_key").secret().help("needed to create rooms and to list private ones, when set"),
    boolean("string_ids").fallback("false").help("room and feed ids are strings"),
    boolean("lock_rtp_forward").fallback("false").help("forwarding RTP needs the admin_key"),
    string("data_label").one_of(kDataLabels).fallback("\"auto\"").help("label of data channels towards subscribers: the id of the publisher, its own, or its own where there is but one"),
    array("rooms").of(kCreate).fallback("[]").help("rooms that exist from the start"),
};

constexpr cardea_request_type kRequests[] = {
    sync_request("create", table(kCreate), "Makes a room"),
    sync_request("edit", table(kEdit), "Changes a room"),
    sync_request("destroy", table(kDestroy), "Ends a room; everybody in it is told"),
    sync_request("exists", table(kRoom), "Whether a room is there"),
    sync_request("list", table(kList), "The rooms that are not private"),
    sync_request("allowed", table(kAllowed), "The tokens that get in, and whether they are asked for"),
    sync_request("kick", table(kKick), "Sends somebody out"),
    sync_request("moderate", table(kModerate), "Mutes one stream for everybody"),
    sync_request("enable_recording", table(kEnableRecording), "Records everybody, or stops it"),
    sync_request("listparticipants", table(kRoom), "Who is in a room"),
    sync_request("listforwarders", table(kListForwarders), "Which streams are sent on by RTP"),
    sync_request("rtp_forward", table(kRtpForward), "Sends streams of a publisher on by RTP"),
    sync_request("stop_rtp_forward", table(kStopRtpForward), "Ends one of them"),
    sync_request("publish_remotely", table(kPublishRemotely), "Sends a publisher to a room of another gateway"),
    sync_request("unpublish_remotely", table(kUnpublishRemotely), "Ends that"),
    sync_request("listremotes", table(kListRemotes), "The other gateways a publisher is sent to"),
    sync_request("list_remotes", table(kListRemotes), "The same"),
    sync_request("add_remote_publisher", table(kAddRemotePublisher), "A publisher of another gateway's room"),
    sync_request("update_remote_publisher", table(kUpdateRemotePublisher), "Its streams have changed"),
    sync_request("remove_remote_publisher", table(kRemoveRemotePublisher), "It is gone"),
    async_request("join", table(kJoin), "Enters a room as publisher or subscriber"),
    async_request("joinandconfigure", table(kJoin), "join and publish in one"),
    async_request("publish", table(kPublish), "Starts to publish, with an offer"),
    async_request("configure", table(kPublish), "Changes a publisher or a subscriber"),
    async_request("unpublish", no_params(), "Stops to publish, stays in the room"),
    async_request("start", no_params(), "A subscriber's answer, or resume after pause"),
    async_request("pause", no_params(), "Stops the media to a subscriber"),
    async_request("subscribe", table(kSubscribe), "More feeds on the connection of a subscriber"),
    async_request("unsubscribe", table(kUnsubscribe), "Fewer feeds"),
    async_request("update", table(kUpdate), "unsubscribe and subscribe with one offer"),
    async_request("switch", table(kSwitch), "Other feeds on the m-lines there are, without an offer"),
    async_request("leave", no_params(), "Leaves the room"),
};

}  // namespace

const cardea_params kRoomParams = table(kRoom);
const cardea_params kPtypeParams = table(kPtype);
const cardea_params kCreateParams = table(kCreate);
const cardea_params kEditParams = table(kEdit);
const cardea_params kDestroyParams = table(kDestroy);
const cardea_params kListParams = table(kList);
const cardea_params kAllowedParams = table(kAllowed);
const cardea_params kKickParams = table_without_room(kKick);
const cardea_params kModerateParams = table_without_room(kModerate);
const cardea_params kEnableRecordingParams = table_without_room(kEnableRecording);
const cardea_params kRtpForwardParams = table(kRtpForward);
const cardea_params kStopRtpForwardParams = table(kStopRtpForward);
const cardea_params kPublishRemotelyParams = table(kPublishRemotely);
const cardea_params kUnpublishRemotelyParams = table(kUnpublishRemotely);
const cardea_params kListRemotesParams = table(kListRemotes);
const cardea_params kAddRemotePublisherParams = table(kAddRemotePublisher);
const cardea_params kUpdateRemotePublisherParams = table(kUpdateRemotePublisher);
const cardea_params kRemoveRemotePublisherParams = table(kRemoveRemotePublisher);
const cardea_params kJoinParams = table(kJoin);
const cardea_params kJoinSubscriberParams = table(kJoinSubscriber);
const cardea_params kPublishParams = table(kPublish);
const cardea_params kSubscriberConfigureParams = table(kSubscriberConfigure);
const cardea_params kSubscribeParams = table(kSubscribe);
const cardea_params kUnsubscribeParams = table(kUnsubscribe);
const cardea_params kUpdateParams = table(kUpdate);
const cardea_params kSwitchParams = table(kSwitch);

}  // namespace cardea::videoroom

CARDEA_PLUGIN(cardea::videoroom::VideoRoom, .name = "videoroom", .package = "janus.plugin.videoroom", .title = "VideoRoom",
              .description = "Rooms whose publishers are forwarded to subscribers (SFU)", .version = "0.1.0", .version_number = 10,
              .author = "The Cardea developers", .licence = "Apache-2.0",
              .options = cardea::sdk::table(cardea::videoroom::kModuleOptions),
              .requests = cardea::sdk::requests(cardea::videoroom::kRequests),
              .errors = {.key = "videoroom", .value = "event", .no_message = 421, .missing_element = 429, .invalid_element = 430,
                         .invalid_request = 423, .unknown = 499})
