/*
 * The inside of GbDevices, for gb_devices.c (owner, tree, timeline) and gb_device_reading.c (what
 * the calls of the trace say).  Only they include it.
 */
#pragma once

#include "capture/record_table.h"
#include "dissect/diagnose/gb_devices.h"
#include "dissect/diagnose/gb_exchange.h"

struct GbDevices {
  const Trace *trace;
  const StoreSet *stores;
  GbDeviceLimits limits;
  GbDevicesLeftOut left_out;
  uint64_t seed;
  Arena arena;   /* of devices and their texts */
  Arena scratch; /* of one message, or of one REGISTER */
  RecordTable *by_id;
  GPtrArray *devices;
  GArray *events; /* GbDeviceEvent */
  uint32_t first_root, last_root;
  bool is_finished;

  /* Where the reading of the whole trace is; `at` is valid while nothing was evicted. */
  size_t next_call;
  uint32_t read_up_to; /* number of the transaction or message before it; 0: none of the call */
  const void *at;
  uint64_t evictions;
  GbExchange exchange; /* of the call so far; its texts are in `call_arena` */
  Arena call_arena;
};

/* Finds the device of that id, or adds it; NULL if the text is no id, or the limit is reached. */
GbDevice *gb_devices_of(GbDevices *devices, Slice text);

/* Copies the text, up to GB_DEVICE_TEXT_MAX bytes, unless it is empty or *place is the same. */
void gb_devices_keep_text(GbDevices *devices, Slice text, Slice *place);

/* Adds an event of that device; NULL without a device, or if the limit is reached. */
GbDeviceEvent *gb_devices_add_event(GbDevices *devices, GbDevice *device,
                                    const GbDeviceEvent *event);

static inline GbDevice *gb_devices_device(const GbDevices *devices, uint32_t index)
{
  return devices->devices->pdata[index];
}

static inline GbDeviceEvent *gb_devices_event(const GbDevices *devices, uint32_t index)
{
  return &g_array_index(devices->events, GbDeviceEvent, index);
}

/* Adds an event if its registration has run out by then. */
void gb_devices_note_expiry(GbDevices *devices, GbDevice *device, int64_t now_ns);
/* Adds an event if three keep-alives or more are missing by then; is_over: one comes then. */
void gb_devices_note_silence(GbDevices *devices, GbDevice *device, int64_t until_ns, bool is_over);

/* Reads the call, or a part of it; true while there is more of it. */
bool gb_devices_read(GbDevices *devices, const Call *call);
