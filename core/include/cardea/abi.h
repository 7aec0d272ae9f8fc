/* cardea/abi.h: the binary contract between the Cardea host and its modules.
 *
 * Pure C11, no third-party types. The rules that keep it stable:
 *   1. Structs only grow at the end; each one starts with struct_size, set by whoever fills it. Readers test
 *      CARDEA_HAS() before they touch a newer field. Tables of structs carry their stride.
 *   2. Memory never changes owner across the boundary. A cardea_slice is borrowed for the duration of the call that
 *      carries it; copy to keep. Results of unknown length go into a cardea_out that the caller lends.
 *   3. Nothing may unwind across it: no exceptions, no longjmp.
 *   4. Ids name host objects, never pointers. JSON crosses as UTF-8 text. Time is int64 nanoseconds of CLOCK_MONOTONIC.
 *   5. The host owns every thread. All calls into one plugin, timers and posts included, come one at a time on that
 *      plugin's own thread: a plugin needs no lock. Transports say below which thread calls what.
 */
#ifndef CARDEA_ABI_H
#define CARDEA_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CARDEA_ABI_MAGIC 0x31524443u /* "CDR1" */
#define CARDEA_ABI_MAJOR 1u          /* incompatible change: the host refuses to load */
#define CARDEA_ABI_MINOR 3u          /* appended fields: the host accepts anything older */
#define CARDEA_MODULE_SYMBOL "cardea_module"

#define CARDEA_HAS(ptr, field) ((ptr)->struct_size >= offsetof(__typeof__(*(ptr)), field) + sizeof((ptr)->field))

/* Plain int32_t, not an enum: the width of an enum is the compiler's choice. */
typedef int32_t cardea_status;
enum {
    CARDEA_OK = 0,
    CARDEA_INVALID = -1,
    CARDEA_NOT_FOUND = -2,
    CARDEA_BUSY = -3,
    CARDEA_INTERNAL = -4,
    CARDEA_UNSUPPORTED = -5
};

enum { CARDEA_KIND_PLUGIN = 1, CARDEA_KIND_TRANSPORT = 2, CARDEA_KIND_EVENT_HANDLER = 3 };
enum { CARDEA_LOG_DEBUG = 0, CARDEA_LOG_INFO = 1, CARDEA_LOG_WARN = 2, CARDEA_LOG_ERROR = 3 };

/* Capabilities a module must declare to get them. */
enum {
    CARDEA_CAP_MEDIA = 1u << 0,  /* may negotiate peer connections and route media */
    CARDEA_CAP_CLIENTS = 1u << 1 /* a transport that carries API clients (not only pages) */
};

typedef struct cardea_slice {
    const uint8_t* data;
    size_t size;
} cardea_slice;

/* A byte sink lent by the caller: how bytes of unknown length come back. write() may be called any number of times. */
typedef struct cardea_out {
    uint32_t struct_size;
    uint32_t reserved;
    void* self;
    void (*write)(void* self, cardea_slice bytes);
} cardea_out;

typedef void (*cardea_task)(void* arg);

/* ---- Parameter tables: one table gives validation, defaults, JSON Schema, documentation and admin forms ---------- */
enum {
    CARDEA_TYPE_STRING = 1,
    CARDEA_TYPE_INTEGER = 2,
    CARDEA_TYPE_NUMBER = 3,
    CARDEA_TYPE_BOOL = 4,
    CARDEA_TYPE_OBJECT = 5, /* fields/field_count describe its members; none: any object */
    CARDEA_TYPE_ARRAY = 6,  /* element_type; fields/field_count for objects */
    CARDEA_TYPE_ID = 7,     /* an API id: integer, or string where the plugin runs with string ids */
    CARDEA_TYPE_ANY = 8
};
enum {
    CARDEA_PARAM_REQUIRED = 1u << 0,
    CARDEA_PARAM_POSITIVE = 1u << 1,  /* integer >= 0, as the Janus validators mean it */
    CARDEA_PARAM_NONEMPTY = 1u << 2,  /* string or array with at least one element */
    CARDEA_PARAM_SECRET = 1u << 3     /* never logged, never shown by an admin API */
};
typedef struct cardea_param {
    uint32_t struct_size;
    uint32_t type;
    uint32_t flags;
    uint32_t element_type; /* of CARDEA_TYPE_ARRAY */
    int64_t minimum;       /* of an integer; minimum == maximum == 0: no range */
    int64_t maximum;
    const char* name;
    const char* fallback; /* JSON text of the default, or NULL */
    const char* help;
    const char* const* values; /* NULL-terminated list of the strings allowed, or NULL */
    const struct cardea_param* fields;
    uint32_t field_count;
    uint32_t reserved;
} cardea_param;

typedef struct cardea_params {
    uint32_t struct_size;
    uint32_t stride; /* sizeof(cardea_param) of whoever built the table */
    uint32_t count;
    uint32_t reserved;
    const cardea_param* list;
} cardea_params;

enum { CARDEA_REQUEST_ASYNC = 1u << 0 /* acked at once, answered by push_event */ };
typedef struct cardea_request_type {
    uint32_t struct_size;
    uint32_t flags;
    const char* name; /* value of body.request; "" = the plugin has requests without a name (EchoTest) */
    const char* help;
    cardea_params params; /* documentation and first validation; see cardea_plugin_info.validate_first */
} cardea_request_type;

/* ---- Plugins ----------------------------------------------------------------------------------------------------- */
typedef uint64_t cardea_handle_id; /* a client's handle of this plugin; also names its peer connection */
typedef uint64_t cardea_source_id; /* media a peer sends to the gateway (all encodings of one m-line); 0 = none */
typedef uint64_t cardea_sink_id;   /* media the gateway sends to a peer on one m-line; 0 = none */
typedef uint64_t cardea_recording_id; /* files being written by the host; 0 = none */
typedef uint64_t cardea_forwarder_id; /* RTP that the host sends to an address outside of any peer connection; 0 = none */
typedef uint64_t cardea_remote_id;    /* a publisher of another gateway, whose RTP the host receives; 0 = none */
typedef uint64_t cardea_timer_id;
typedef uint64_t cardea_ticket;      /* a local description, to be attached to one event; 0 = none */
typedef uint64_t cardea_transaction; /* token of an asynchronous request; 0 = unsolicited */

typedef struct cardea_request {
    uint32_t struct_size;
    uint32_t flags; /* CARDEA_REQUEST_ASYNC when an ack has gone out: answer by push_event */
    cardea_handle_id handle;
    cardea_transaction transaction;
    cardea_slice body; /* JSON object */
    /* JSON, empty when the request carries no jsep. An offer: {"type":"offer","update":bool,"restart":bool,"e2ee":bool,"svc"?,
     * "media":[{"mid","mindex","kind","direction","codecs":[{"name","pt","clock","channels","fmtp"}],"simulcast"?:
     * {"rids":[]}|{"ssrcs":[]},"msid"?,"disabled"?}]}; direction is the client's. It stays pending until answer().
     * An answer has been applied by the host already: {"type":"answer","media":[as the result of offer()]}. */
    cardea_slice media;
} cardea_request;

enum {
    CARDEA_EVENT_WEBRTC_UP = 1, /* DTLS done: media flows */
    CARDEA_EVENT_HANGUP = 2,    /* the peer connection is gone with its sources and sinks; json {"reason"} */
    CARDEA_EVENT_MEDIA = 3,     /* json {"mid","type","receiving","substream"?,"seconds"?} */
    CARDEA_EVENT_SLOW_LINK = 4, /* json {"mid","media","uplink","lost"} */
    /* since 1.2. A sink of this handle has switched; only what has changed: json {"mid","sink","substream"?,"temporal"?} of a
     * simulcast source, {"mid","sink","spatial_layer"?,"temporal_layer"?} of another */
    CARDEA_EVENT_LAYERS = 5,
    CARDEA_EVENT_TALKING = 6, /* since 1.2; json {"mid","source","talking":bool,"level": average in -dBov, a real} */
    /* since 1.2; json {"recording","state":"stopped","reason":"requested|hangup|disk full|write error|shutdown","files":[...],
     * "seconds","bytes","dropped"}: the files are complete. The call goes on whatever the reason. */
    CARDEA_EVENT_RECORDING = 16
};
typedef struct cardea_event {
    uint32_t struct_size;
    uint32_t kind;
    cardea_handle_id handle;
    cardea_slice json;
} cardea_event;

/* Services of the host for a plugin. Valid until destroy() returns. All on the plugin's own thread, but for those marked
 * "any thread". */
typedef struct cardea_plugin_host {
    uint32_t struct_size;
    uint32_t reserved;
    void* self;
    /* any thread. event: a constant text; fields: JSON object or empty */
    void (*log)(void* self, int32_t level, cardea_slice event, cardea_slice fields);
    /* any thread */
    int64_t (*now)(void* self);
    /* any thread */
    void (*random)(void* self, uint8_t* bytes, size_t size);

    /* transaction 0: unsolicited. ticket: see answer() and offer(); the host turns it into the event's jsep. */
    cardea_status (*push_event)(void* self, cardea_handle_id handle, cardea_transaction transaction, cardea_slice data,
                                cardea_ticket ticket);
    /* Ends the handle from this side: the client gets "detached"; detach() follows. */
    cardea_status (*end_handle)(void* self, cardea_handle_id handle);
    /* Checks a JSON object against a table. CARDEA_INVALID: out got {"missing":bool,"error":"..."} in Janus' words. */
    cardea_status (*validate)(void* self, const cardea_params* params, cardea_slice json, const cardea_out* out);

    /* Answers the pending offer. policy: {"group":<room, any JSON scalar: peers of a group share a worker while it has room>,
     * "audio"|"video":{"direction":"recvonly|sendonly|sendrecv|inactive" (the gateway's), "codecs":["opus",...] (preferred
     * first),"vp9_profile"?,"h264_profile"?,"opus_fec"?,"opus_dtx"?}, "data":bool, "extensions":{"audio_level":bool,
     * "video_orientation":bool,"playout_delay":bool,"transport_cc":bool}}.
     * out: {"ticket":N,"media":[{"mid","mindex","kind","direction","codec"?,"pt"?,"fmtp"?,"source"?,"sink"?,"simulcast"?,
     * "disabled"?}]}. CARDEA_INVALID: out got {"error":"..."}, and the offer stays pending. */
    cardea_status (*answer)(void* self, cardea_handle_id handle, cardea_slice policy, const cardea_out* out);
    /* Offers. wish: {"group":..., "restart"?:bool, "data"?:bool, "media":[{"mid"?:<existing m-line>,"kind",
     * "direction":"sendonly|inactive","source"?:N (gives codec and fmtp, and is routed at once), else "codec"?,"fmtp"?,
     * "msid"?}]}. An entry
     * without mid takes a free m-line of its kind or a new one; an existing m-line that is not named becomes inactive.
     * out: as answer(). CARDEA_BUSY: an earlier offer is unanswered; with "replace":true (since 1.2) this one takes its place,
     * and an answer to that one is refused with 469. */
    cardea_status (*offer)(void* self, cardea_handle_id handle, cardea_slice wish, const cardea_out* out);
    /* Ends the peer connection; CARDEA_EVENT_HANGUP follows. */
    cardea_status (*hangup)(void* self, cardea_handle_id handle, cardea_slice reason);

    /* A sink has at most one source: this replaces it, without SDP; source 0 ends it. A keyframe is asked for at once. */
    cardea_status (*route)(void* self, cardea_sink_id sink, cardea_source_id source);
    /* Whether packets flow to this sink. It starts active; a change to active asks for a keyframe. */
    cardea_status (*set_sink_active)(void* self, cardea_sink_id sink, uint32_t active);
    /* Whether anything of this source is forwarded at all (moderation mute). It starts active. */
    cardea_status (*set_source_active)(void* self, cardea_source_id source, uint32_t active);
    /* Bits per second that the peer may send, told to it by REMB with a ramp; 0 = no cap. */
    cardea_status (*limit_bitrate)(void* self, cardea_handle_id handle, uint64_t bits_per_second);
    cardea_status (*request_keyframe)(void* self, cardea_source_id source);

    /* any thread; runs task(arg) on the plugin's thread */
    cardea_status (*post)(void* self, cardea_task task, void* arg);
    cardea_timer_id (*start_timer)(void* self, int64_t delay_ns, cardea_task task, void* arg); /* once */
    void (*cancel_timer)(void* self, cardea_timer_id timer);                                   /* its task will not run */
    /* A named thread for a blocking library. run(arg) must return soon after stop(arg), which comes from another thread. */
    cardea_status (*spawn_service)(void* self, const char* name, cardea_task run, cardea_task stop, void* arg);

    /* since 1.2. Records what a handle's peer sends, m-lines that come and go included, until stop_recording, the hangup or a
     * full disk; CARDEA_EVENT_RECORDING tells the end. wish: {"folder"?: below or equal to one of recording.roots, absolute or
     * relative to the first of them, "filename": without ending; may be absolute within a root, may name folders, "format"?:
     * "mkv" (one file) | "mjr" (one per m-line, <filename>-<kind>-<mindex>.mjr), "tracks"?:[{"mid","description"?}]: only
     * these m-lines, else all, "descriptions"?:[{"mid","description"}], "e2ee"?:bool, "check"?:true: only says whether the path
     * would do, and starts nothing}. With handle 0 "tracks" names sources: [{"source","mid","kind","description"?}].
     * A name that is taken gets a number. out: {"recording":N,"files":[absolute paths so far]}.
     * CARDEA_INVALID: out got {"error"}: the path leaves the roots, or cannot be written. */
    cardea_status (*start_recording)(void* self, cardea_handle_id handle, cardea_slice wish, const cardea_out* out);
    cardea_status (*stop_recording)(void* self, cardea_recording_id recording);

    /* since 1.2. Sends copies of what a source gives to an address, as plain RTP or SRTP, from the media port of the source's
     * worker. The address has to lie within remote.allow. wish: {"host": address or name, "family"?:"ipv4"|"ipv6", "port",
     * "rtcp_port"?: sender reports go there, and PLI, FIR and NACK are taken from there, "pt"?, "ssrc"? (else as the source
     * has them), "substream"?:N (that simulcast encoding alone, 0 is the lowest; else the best that arrives),
     * "srtp"?:{"suite":80|32,"key": base64 of key and salt, 30 octets}}. Header extensions keep the ids the source has them
     * under. A name is resolved off this thread: packets flow once it is known, and a name that does not resolve, or not into
     * remote.allow, ends the forwarder with a warning in the log.
     * out: {"forwarder":N,"host","port","rtcp_port"?,"local_rtcp_port"?,"ssrc"?,"pt"?,"substream"?,"srtp"?:true}. It ends
     * with its source. CARDEA_INVALID: out got {"error"}; CARDEA_BUSY: as many as remote.forwarders allows. */
    cardea_status (*forward_rtp)(void* self, cardea_source_id source, cardea_slice wish, const cardea_out* out);
    cardea_status (*stop_forwarding)(void* self, cardea_forwarder_id forwarder);
    /* Receives the RTP of a publisher of another gateway on ports of remote.ports. wish: {"group":<as answer()>, "port"?,
     * "rtcp_port"?: within remote.ports, 0 or absent: any, "address"?: to listen on, "sender"?: the only address to accept
     * (else the first sender within remote.allow whose packets are good, for as long as it sends), "srtp"?: as
     * forward_rtp, "streams":[{"mid","mindex","kind":"audio|video|data","codec","fmtp"?,"ssrcs":[lowest encoding first],
     * "extensions"?:{"audio_level"?,"video_orientation"?,"playout_delay"?,"dependency_descriptor"?: ids}}]}.
     * out: {"remote":N,"ip","port","rtcp_port","media":[{"mid","mindex","kind","codec","source"}]}. PLI, NACK and receiver
     * reports go to whoever has sent to rtcp_port. CARDEA_INVALID: out got {"error"}; CARDEA_BUSY: no port is free. */
    cardea_status (*open_remote)(void* self, cardea_slice wish, const cardea_out* out);
    /* wish: {"streams":[...]}, all of them: a source keeps its id while its mid and codec stay. out: {"media":[...]}. */
    cardea_status (*update_remote)(void* self, cardea_remote_id remote, cardea_slice wish, const cardea_out* out);
    cardea_status (*close_remote)(void* self, cardea_remote_id remote);

    /* since 1.2. Which layers of its source a sink gets, as an upper bound: {"substream"?:0..2 (simulcast, 0 the lowest),
     * "temporal"?:0..2, "fallback"?: microseconds without a packet of the wanted substream until a lower one stands in for
     * it (default 250000), "spatial_layer"?:0..2, "temporal_layer"?:0..2 (SVC)}. A member that is absent stays as it was; the
     * default is the highest of everything. Holds over route() too. CARDEA_EVENT_LAYERS tells what was reached. */
    cardea_status (*set_layers)(void* self, cardea_sink_id sink, cardea_slice layers);
    /* {"min":0..4095,"max":0..4095} in units of 10 ms: what the sink's peer is told in the playout-delay header extension, if
     * it was negotiated. {}: whatever the source says. */
    cardea_status (*set_playout_delay)(void* self, cardea_sink_id sink, cardea_slice delay);
    /* Audio levels (RFC 6464) of a source, averaged over "packets" packets: {"packets":100,"level":25}. An average below
     * "level" (-dBov: lower is louder) is talking; CARDEA_EVENT_TALKING tells each change. "packets":0 ends it. */
    cardea_status (*watch_talking)(void* self, cardea_source_id source, cardea_slice watch);

    /* since 1.2. Data channels: an m-line of kind "data" has a source (channels the client opens) and a sink (channels towards
     * the client). A data sink takes any number of sources, on any worker. Each channel of the source gets one of its own
     * towards the sink, as ordered and as reliable, at once or when the source opens it; it closes with its source's, with the
     * route, or with either m-line. options: {"label"?,"protocol"?}: of the channels towards the sink; without label both are
     * the publisher's own. A peer's own source to its own sink answers on the very channel a message came in on. Routing a
     * pair again replaces its options. An entry of kind "data" in offer() that names a source is routed at once, with its
     * "label" and "protocol". set_sink_active and set_source_active hold messages of data as they do packets. */
    cardea_status (*route_data)(void* self, cardea_sink_id sink, cardea_source_id source, cardea_slice options);
    cardea_status (*unroute_data)(void* self, cardea_sink_id sink, cardea_source_id source);

    /* since 1.2. Whether a signed token (api.token_auth_secret) is of this plugin, not expired, and names the descriptor.
     * CARDEA_INVALID: it does not. CARDEA_UNSUPPORTED: this gateway has no such secret. */
    cardea_status (*check_token)(void* self, cardea_slice token, cardea_slice descriptor);

    /* since 1.3. Any thread: whether an event handler wants what plugins tell (CARDEA_TELL_PLUGINS). */
    uint32_t (*events_wanted)(void* self);
    /* since 1.3. Tells event handlers of something that happened: an event of type 64, {"plugin":<package>,"data":event}. handle:
     * whose session, handle and opaque_id it carries; 0: nobody's. event: JSON object. Never for a client, and never secret. */
    cardea_status (*notify_event)(void* self, cardea_handle_id handle, cardea_slice event);
} cardea_plugin_host;

/* create and restore do no I/O; start may. config is the module's section with defaults filled in, plus "state_dir": the
 * folder in which this plugin alone keeps what it has to remember; start makes it when it needs it. */
typedef struct cardea_plugin_api {
    uint32_t struct_size;
    uint32_t reserved;
    cardea_status (*create)(const cardea_plugin_host* host, cardea_slice config, void** plugin);
    cardea_status (*start)(void* plugin);
    void (*destroy)(void* plugin); /* handles are detached, timers cancelled, services joined before */
    cardea_status (*attach)(void* plugin, cardea_handle_id handle);
    void (*detach)(void* plugin, cardea_handle_id handle);
    /* Synchronous: the answer (JSON object) goes into reply. Asynchronous: reply is not used. */
    cardea_status (*on_request)(void* plugin, const cardea_request* request, const cardea_out* reply);
    void (*on_event)(void* plugin, const cardea_event* event); /* may be NULL */
    cardea_status (*query)(void* plugin, cardea_handle_id handle, const cardea_out* out); /* may be NULL: state for admins */
} cardea_plugin_api;

typedef struct cardea_plugin_info {
    uint32_t struct_size;
    uint32_t request_stride; /* sizeof(cardea_request_type) of whoever built the table */
    uint32_t request_count;
    uint32_t validate_first; /* the host checks body against the request's table and answers errors itself */
    const cardea_request_type* requests;
    /* How this plugin words errors: {"<error_key>":"<error_value>","error_code":N,"error":"..."} */
    const char* error_key;
    const char* error_value;
    int32_t code_no_message;
    int32_t code_missing_element;
    int32_t code_invalid_element;
    int32_t code_invalid_request;
    const cardea_plugin_api* api;
} cardea_plugin_info;

/* ---- Transports --------------------------------------------------------------------------------------------------
 * A client is whoever can be answered: a WebSocket connection, a long poll, a reply queue. The host listens, accepts and
 * hands connected sockets over; the transport frames. */
typedef uint64_t cardea_client_id;

typedef struct cardea_transport_host {
    uint32_t struct_size;
    uint32_t reserved;
    void* self;
    /* any thread, all of them */
    void (*log)(void* self, int32_t level, cardea_slice event, cardea_slice fields);
    int64_t (*now)(void* self);
    /* Before any incoming(). about: {"address":"192.0.2.1:5000","listener":"plain","origin"?:"...","forwarded_for"?:"..."}.
     * 0: refused (too many clients of that address): close the connection. trusted: see limits.trusted. */
    cardea_client_id (*client_open)(void* self, cardea_slice about, uint32_t* trusted);
    /* One JSON text of a client. CARDEA_BUSY: taken, but stop reading from this client until set_reading(true);
     * CARDEA_INVALID: taken and answered with an error. */
    cardea_status (*incoming)(void* self, cardea_client_id client, cardea_slice json);
    /* After the last incoming() of this client. */
    void (*client_gone)(void* self, cardea_client_id client);
    /* State of the gateway for a health page, JSON: {"name","version","sessions","handles","peers",
     * "listeners":[{"module","name","port","tls"}]}. */
    void (*health)(void* self, const cardea_out* out);
    cardea_status (*spawn_service)(void* self, const char* name, cardea_task run, cardea_task stop, void* arg);
} cardea_transport_host;

typedef struct cardea_transport_api {
    uint32_t struct_size;
    uint32_t reserved;
    /* loader thread, one at a time. create does no I/O; start spawns its services. Before destroy the host stops and
     * joins the services. config is the module's section with defaults filled in, plus "host":{"tls_certificate",
     * "tls_key","limits":{"message_bytes","outbox_soft_bytes","outbox_hard_bytes","outbox_trusted_bytes",
     * "outbox_stall_seconds","connections_per_address"},"version"}. */
    cardea_status (*create)(const cardea_transport_host* host, cardea_slice config, void** transport);
    cardea_status (*start)(void* transport);
    void (*destroy)(void* transport);
    /* any thread. A connected, non-blocking socket accepted on this module's listener `index`; the transport owns fd now. */
    cardea_status (*adopt)(void* transport, int32_t fd, uint32_t index);
    /* any thread. Queues one JSON text. CARDEA_NOT_FOUND: gone. The transport bounds the queue and closes who does not drain. */
    cardea_status (*send)(void* transport, cardea_client_id client, cardea_slice json);
    /* any thread */
    void (*set_reading)(void* transport, cardea_client_id client, uint32_t on);
    void (*close)(void* transport, cardea_client_id client); /* after what is queued has been sent */
} cardea_transport_api;

/* A listening TCP socket the host opens for the module. Addresses come from the module's option "addresses". */
typedef struct cardea_listener {
    uint32_t struct_size;
    uint32_t tls;              /* for the health page only: the transport does the TLS */
    const char* name;          /* "plain" */
    const char* port_option;   /* name of the integer option that holds its port: 0 = any free, -1 = off */
} cardea_listener;

typedef struct cardea_transport_info {
    uint32_t struct_size;
    uint32_t listener_stride;
    uint32_t listener_count;
    uint32_t reserved;
    const cardea_listener* listeners;
    const cardea_transport_api* api;
} cardea_transport_info;

/* ---- Event handlers ----------------------------------------------------------------------------------------------
 * What happens in the gateway, for whoever collects it. Values as in Janus' event stream. */
enum {
    CARDEA_TELL_SESSIONS = 1u << 0,
    CARDEA_TELL_HANDLES = 1u << 1,
    CARDEA_TELL_EXTERNAL = 1u << 2,
    CARDEA_TELL_JSEP = 1u << 3, /* descriptions without their passwords */
    CARDEA_TELL_WEBRTC = 1u << 4,
    CARDEA_TELL_MEDIA = 1u << 5, /* statistics of every m-line once per period too */
    CARDEA_TELL_PLUGINS = 1u << 6,
    CARDEA_TELL_TRANSPORTS = 1u << 7,
    CARDEA_TELL_CORE = 1u << 8
};

typedef struct cardea_event_handler_host {
    uint32_t struct_size;
    uint32_t reserved;
    void* self;
    /* any thread, all of them */
    void (*log)(void* self, int32_t level, cardea_slice event, cardea_slice fields);
    int64_t (*now)(void* self);
    /* Kinds (CARDEA_TELL_*, or-ed) this handler wants; called from start. Nobody builds events that nobody wants. */
    void (*want)(void* self, uint32_t kinds);
    cardea_status (*spawn_service)(void* self, const char* name, cardea_task run, cardea_task stop, void* arg);
} cardea_event_handler_host;

typedef struct cardea_event_handler_api {
    uint32_t struct_size;
    uint32_t reserved;
    /* loader thread. create does no I/O; start spawns its services. Before destroy the host stops and joins the services. */
    cardea_status (*create)(const cardea_event_handler_host* host, cardea_slice config, void** handler);
    cardea_status (*start)(void* handler);
    void (*destroy)(void* handler);
    /* The control thread: queue it, with a bound, and return. kind: one CARDEA_TELL_*; json: one event of Janus' stream. */
    void (*on_told)(void* handler, uint32_t kind, cardea_slice json);
} cardea_event_handler_api;

typedef struct cardea_event_handler_info {
    uint32_t struct_size;
    uint32_t reserved;
    const cardea_event_handler_api* api;
} cardea_event_handler_info;

/* ---- The one exported symbol: data, so that the host can refuse a module before it has run any of its functions --- */
typedef struct cardea_module_descriptor {
    uint32_t magic;
    uint16_t abi_major;
    uint16_t abi_minor;
    uint32_t struct_size;
    uint32_t kind;
    uint32_t flags;
    uint32_t capabilities;
    const char* name;        /* short: section of the configuration, name in modules.enable: "videoroom" */
    const char* package;     /* on the wire: "janus.plugin.videoroom" */
    const char* title;       /* for people */
    const char* description;
    const char* version;     /* "1.2.3" */
    uint32_t version_number; /* as `info` shows it */
    uint32_t reserved;
    const char* author;
    const char* licence;
    cardea_params options; /* the module's configuration */
    const cardea_plugin_info* plugin;       /* by kind */
    const cardea_transport_info* transport; /* by kind */
    const cardea_event_handler_info* event_handler; /* by kind; since 1.1 */
} cardea_module_descriptor;

#ifdef __cplusplus
}
#endif
#endif /* CARDEA_ABI_H */
