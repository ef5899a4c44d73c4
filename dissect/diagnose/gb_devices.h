/*
 * GbDevices: the platforms, devices and channels of GB/T 28181 that a trace shows, as a tree: who
 * registered from where and until when, who sends keep-alives and how regularly, what a catalog
 * lists, and the last alarm.
 *
 * Add calls in order of appearance, then finish.  Nothing of it points into the trace: texts are
 * copies, in UTF-8.  Time and memory are linear in the messages; keep-alives are not read again.
 */
#pragma once

#include "dissect/trace/trace.h"

typedef struct {
  uint32_t devices; /* those beyond are counted in GbDevices.left_out */
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
  uint32_t address;                  /* trace_endpoint of what it sent last, if has_address */
  uint32_t seconds;                  /* that its registration was granted for */
  int64_t registered_ns, expires_ns; /* last REGISTER with a 2xx, and when that runs out */
  int64_t first_keepalive_ns, keepalive_ns; /* first and last */
  int64_t alarm_ns;
  uint64_t keepalives, alarms;
  int64_t gaps[GB_DEVICE_GAPS]; /* between keep-alives, the newest ones; private */
  int64_t period_ns, jitter_ns; /* their median, and the mean distance from it; -1: not known */
  uint16_t missed;              /* keep-alives that were due and did not come until now */
  uint8_t role;                 /* GbRole of dissect/sip/gb_id.h */
  uint8_t state;                /* GbDeviceState */
  bool has_address : 1;
  bool is_removed : 1;
} GbDevice;

typedef struct {
  uint64_t devices;    /* beyond the limit */
  uint64_t unreadable; /* bodies that are no XML, or whose bytes are gone */
} GbDevicesLeftOut;

typedef struct GbDevices GbDevices;

GbDevices *gb_devices_new(const Trace *trace, const StoreSet *stores, const GbDeviceLimits *limits);
void gb_devices_free(GbDevices *devices);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GbDevices, gb_devices_free)

void gb_devices_add_call(GbDevices *devices, const Call *call);

/* Once, after the last call: states, and the tree, in which nothing is its own ancestor. */
void gb_devices_finish(GbDevices *devices);

uint32_t gb_devices_count(const GbDevices *devices);
const GbDevice *gb_devices_at(const GbDevices *devices, uint32_t index);
/* The first one without a parent; the others follow by `next`. */
uint32_t gb_devices_first_root(const GbDevices *devices);
GbDevicesLeftOut gb_devices_left_out(const GbDevices *devices);
