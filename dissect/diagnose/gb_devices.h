/*
 * GbDevices: the platforms, devices and channels of GB/T 28181 that a trace shows, as a tree: who
 * registered from where and until when, who sends keep-alives and how regularly, what a catalog
 * lists, the last alarm, and what happened to each over time.
 *
 * Read it in steps.  Nothing of it points into the trace: texts are copies, in UTF-8.  Time and
 * memory are linear in the messages; keep-alives are not read again.
 */
#pragma once

#include "dissect/trace/trace.h"

typedef struct {
  uint32_t devices, events; /* those beyond are counted in GbDevicesLeftOut */
} GbDeviceLimits;

extern const GbDeviceLimits GB_DEVICE_LIMITS_DEFAULT;

enum {
  GB_DEVICE_NONE = UINT32_MAX,
  GB_DEVICE_TEXT_MAX = 128, /* bytes of a text that are kept */
  GB_DEVICE_GAPS = 16,      /* of keep-alives, the newest */
};

/* X-macro: names as in JSON. */
#define GB_DEVICE_STATES(X)                                                                        \
  X(SEEN, "seen")       /* it sent something, or a catalog lists it without a status */            \
  X(ONLINE, "online")   /* keep-alives come, or its registration is in force */                    \
  X(OFFLINE, "offline") /* three keep-alives did not come, or a catalog says OFF */                \
  X(EXPIRED, "expired") /* its registration ran out */                                             \
  X(REMOVED, "removed") /* it registered for 0 seconds */

typedef enum {
#define GB_DEVICE_ENUM(id, name) GB_DEVICE_##id,
  GB_DEVICE_STATES(GB_DEVICE_ENUM)
#undef GB_DEVICE_ENUM
    GB_DEVICE_STATE_COUNT,
} GbDeviceState;

const char *gb_device_state_name(GbDeviceState state);

/* X-macro: what happens to a device; names as in JSON. */
#define GB_DEVICE_EVENTS(X)                                                                        \
  X(REGISTERED, "registered")  /* count: seconds */                                                \
  X(REFRESHED, "refreshed")    /* the same, while it was registered */                             \
  X(REMOVED, "removed")        /* it registered for 0 seconds */                                   \
  X(REFUSED, "refused")        /* a REGISTER; status; 0: not answered */                           \
  X(EXPIRED, "expired")        /* its registration ran out */                                      \
  X(KEEPALIVES, "keep-alives") /* count, until the last one */                                     \
  X(SILENT, "silent")          /* three or more did not come; until: the next one, if any */       \
  X(QUERY, "query")            /* count of sum items, in `parts` answers; detail: its result */    \
  X(CONTROL, "control")        /* detail: PTZ in words, or its result */                           \
  X(ALARM, "alarm")            /* detail: priority and method */                                   \
  X(SUBSCRIBED, "subscribed")  /* count: notifications, until it ends; detail: its state */        \
  X(NOTIFIED, "notified")      /* any other notification, and `count` of them in a row */          \
  X(PLAY, "play")              /* a media session; detail: y=; until its end */

typedef enum {
#define GB_DEVICE_EVENT_ENUM(id, name) GB_EVENT_##id,
  GB_DEVICE_EVENTS(GB_DEVICE_EVENT_ENUM)
#undef GB_DEVICE_EVENT_ENUM
    GB_EVENT_COUNT,
} GbDeviceEventKind;

const char *gb_device_event_name(GbDeviceEventKind kind);

/* Absent texts, 0 and TIME_NONE: it is not known, or of no meaning for the kind. */
typedef struct {
  int64_t time_ns, until_ns;
  Slice what; /* CmdType; of a play s= */
  Slice detail;
  uint64_t count;
  uint32_t sum, parts;
  uint32_t device, before; /* the device's event that was read before, or GB_DEVICE_NONE */
  uint32_t call, message;  /* numbers; 0: no message shows it */
  uint16_t status;         /* of a final response */
  uint8_t kind;            /* GbDeviceEventKind */
  bool has_sum : 1;
  bool is_open : 1; /* a play that goes on */
} GbDeviceEvent;

/* Absent texts and TIME_NONE: not seen. */
typedef struct {
  Slice id;
  uint32_t index;
  uint64_t hash;                                  /* of it: private */
  Slice name, manufacturer, model;                /* of a catalog or of DeviceInfo */
  Slice user_agent, version;                      /* of REGISTER: X-GB-Ver */
  Slice status;                                   /* of a catalog or of DeviceStatus: ON, OFF */
  Slice alarm;                                    /* the last one: "priority 1, method 5" */
  uint32_t parent, first_child, last_child, next; /* indexes, or GB_DEVICE_NONE */
  uint32_t address; /* trace_endpoint of what it sent last, if has_address */
  uint32_t register_call, register_message; /* of that REGISTER; private */
  uint32_t seconds;                         /* that its registration was granted for */
  int64_t registered_ns, expires_ns;        /* last REGISTER with a 2xx, and when that runs out */
  int64_t first_keepalive_ns, keepalive_ns; /* first and last */
  int64_t alarm_ns;
  uint64_t keepalives, alarms;
  int64_t gaps[GB_DEVICE_GAPS]; /* between keep-alives, the newest ones; private */
  int64_t period_ns, jitter_ns; /* their median, and the mean distance from it; -1: not known */
  uint32_t last_event, run; /* GbDeviceEvents, or GB_DEVICE_NONE; run: of keep-alives, private */
  uint16_t missed;          /* keep-alives that were due and did not come until now */
  uint8_t role;             /* GbRole of dissect/sip/gb_id.h */
  uint8_t state;            /* GbDeviceState */
  bool has_address : 1;
  bool is_removed : 1;
} GbDevice;

typedef struct {
  uint64_t devices, events; /* beyond the limits */
  uint64_t unreadable;      /* bodies that are no XML, or whose bytes are gone */
} GbDevicesLeftOut;

typedef struct GbDevices GbDevices;

GbDevices *gb_devices_new(const Trace *trace, const StoreSet *stores, const GbDeviceLimits *limits);
void gb_devices_free(GbDevices *devices);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GbDevices, gb_devices_free)

/* Reads the calls of the whole trace, and finishes: states, and the tree, in which nothing is its
 * own ancestor.  True while there is more to do; until the last step the trace may grow and calls
 * be evicted. */
bool gb_devices_step(GbDevices *devices, int64_t until_us);
/* Share of the calls that were read, from 0 to 1. */
double gb_devices_progress(const GbDevices *devices);

uint32_t gb_devices_count(const GbDevices *devices);
const GbDevice *gb_devices_at(const GbDevices *devices, uint32_t index);
/* The first one without a parent; the others follow by `next`. */
uint32_t gb_devices_first_root(const GbDevices *devices);
GbDevicesLeftOut gb_devices_left_out(const GbDevices *devices);

/* The one after it, depth first, and how much deeper it is (negative: higher); GB_DEVICE_NONE at
 * the end.  Without what is below it if `folded`. */
uint32_t gb_devices_next(const GbDevices *devices, uint32_t index, bool folded, int *ret_deeper);

/* What happened to it, by time: GbDeviceEvent *, into `devices`. */
GPtrArray *gb_devices_events(const GbDevices *devices, uint32_t index);

/* The same with the events of its channels, the newest `most` of them.  *ret_left_out: how many
 * there are before them. */
GPtrArray *gb_devices_timeline(const GbDevices *devices, uint32_t index, size_t most,
                               uint64_t *ret_left_out);
