#include "capture/hash.h"
#include "dissect/diagnose/gb_devices_private.h"
#include "dissect/diagnose/gb_period.h"
#include "dissect/sip/gb_id.h"

const GbDeviceLimits GB_DEVICE_LIMITS_DEFAULT = {.devices = 500000, .events = 4000000};

const char *gb_device_state_name(GbDeviceState state)
{
  static const char *const NAMES[] = {
#define GB_DEVICE_NAME(id, name) [GB_DEVICE_##id] = name,
    GB_DEVICE_STATES(GB_DEVICE_NAME)
#undef GB_DEVICE_NAME
  };

  return NAMES[state];
}

const char *gb_device_event_name(GbDeviceEventKind kind)
{
  static const char *const NAMES[] = {
#define GB_DEVICE_EVENT_NAME(id, name) [GB_EVENT_##id] = name,
    GB_DEVICE_EVENTS(GB_DEVICE_EVENT_NAME)
#undef GB_DEVICE_EVENT_NAME
  };

  return NAMES[kind];
}

static uint32_t hash_of_device(const void *record)
{
  const GbDevice *device = record;

  return (uint32_t) (device->hash ^ device->hash >> 32);
}

static bool is_same_device(const void *a, const void *b)
{
  const GbDevice *left = a, *right = b;

  return left->hash == right->hash && slice_eq(left->id, right->id);
}

GbDevices *gb_devices_new(const Trace *trace, const StoreSet *stores, const GbDeviceLimits *limits)
{
  static const RecordKey KEY = {hash_of_device, is_same_device};
  GbDevices *devices = g_new(GbDevices, 1);

  *devices = (GbDevices){
    .trace = trace,
    .stores = stores,
    .limits = *limits,
    .seed = hash_seed_new(),
    .by_id = record_table_new(&KEY),
    .devices = g_ptr_array_new(),
    .events = g_array_new(FALSE, FALSE, sizeof(GbDeviceEvent)),
    .first_root = GB_DEVICE_NONE,
    .last_root = GB_DEVICE_NONE,
  };
  arena_init(&devices->arena, 4096);
  arena_init(&devices->scratch, 4096);
  arena_init(&devices->call_arena, 4096);
  return devices;
}

void gb_devices_free(GbDevices *devices)
{
  if (!devices)
    return;
  record_table_free(devices->by_id);
  g_ptr_array_unref(devices->devices);
  g_array_unref(devices->events);
  arena_clear(&devices->arena);
  arena_clear(&devices->scratch);
  arena_clear(&devices->call_arena);
  g_free(devices);
}

uint32_t gb_devices_count(const GbDevices *devices)
{
  return devices->devices->len;
}

const GbDevice *gb_devices_at(const GbDevices *devices, uint32_t index)
{
  return gb_devices_device(devices, index);
}

uint32_t gb_devices_first_root(const GbDevices *devices)
{
  return devices->first_root;
}

GbDevicesLeftOut gb_devices_left_out(const GbDevices *devices)
{
  return devices->left_out;
}

GbDevice *gb_devices_of(GbDevices *devices, Slice text)
{
  Slice id = slice_trim(text);
  GbId read;

  if (!gb_id_read(id, &read))
    return NULL;
  const GbDevice probe = {.id = id, .hash = hash_bytes(id.data, id.len, devices->seed)};
  GbDevice *device = record_table_find(devices->by_id, &probe);
  if (!device && devices->devices->len >= devices->limits.devices) {
    devices->left_out.devices++;
    return NULL;
  }
  if (!device) {
    device = arena_new(&devices->arena, GbDevice);
    *device = (GbDevice){
      .id = arena_dup(&devices->arena, id),
      .hash = probe.hash,
      .index = devices->devices->len,
      .parent = GB_DEVICE_NONE,
      .first_child = GB_DEVICE_NONE,
      .last_child = GB_DEVICE_NONE,
      .next = GB_DEVICE_NONE,
      .last_event = GB_DEVICE_NONE,
      .run = GB_DEVICE_NONE,
      .registered_ns = TIME_NONE,
      .expires_ns = TIME_NONE,
      .first_keepalive_ns = TIME_NONE,
      .keepalive_ns = TIME_NONE,
      .alarm_ns = TIME_NONE,
      .period_ns = -1,
      .jitter_ns = -1,
      .role = (uint8_t) gb_id_role(&read),
    };
    g_ptr_array_add(devices->devices, device);
    record_table_put(devices->by_id, device);
  }
  return device;
}

void gb_devices_keep_text(GbDevices *devices, Slice text, Slice *place)
{
  Slice kept = slice_head(slice_trim(text), GB_DEVICE_TEXT_MAX);

  while (kept.len > 0 && kept.len < text.len && ((uint8_t) kept.data[kept.len] & 0xC0) == 0x80)
    kept.len--;
  if (kept.len > 0 && !slice_eq(*place, kept))
    *place = arena_dup(&devices->arena, kept);
}

GbDeviceEvent *gb_devices_add_event(GbDevices *devices, GbDevice *device,
                                    const GbDeviceEvent *event)
{
  GbDeviceEvent added = *event;

  if (!device)
    return NULL;
  if (devices->events->len >= devices->limits.events) {
    devices->left_out.events++;
    return NULL;
  }
  added.what = added.detail = SLICE_NONE;
  gb_devices_keep_text(devices, event->what, &added.what);
  gb_devices_keep_text(devices, event->detail, &added.detail);
  added.device = device->index;
  added.before = device->last_event;
  device->last_event = devices->events->len;
  g_array_append_val(devices->events, added);
  return gb_devices_event(devices, device->last_event);
}

/* --- states and the tree ---------------------------------------------------------------------- */

static GbDeviceState state_of(const GbDevice *device, int64_t now_ns)
{
  bool is_on = slice_eq_nocase(device->status, SLICE("ON")) ||
               slice_eq_nocase(device->status, SLICE("ONLINE")) ||
               slice_eq_nocase(device->status, SLICE("OK"));

  if (device->is_removed && device->keepalive_ns < device->registered_ns)
    return GB_DEVICE_REMOVED;
  if (device->keepalives > 0 && device->missed < GB_PERIOD_MISSED_MAX)
    return GB_DEVICE_ONLINE;
  if (device->missed >= GB_PERIOD_MISSED_MAX)
    return GB_DEVICE_OFFLINE;
  if (device->expires_ns != TIME_NONE)
    return device->expires_ns < now_ns ? GB_DEVICE_EXPIRED : GB_DEVICE_ONLINE;
  if (device->status.len > 0)
    return is_on ? GB_DEVICE_ONLINE : GB_DEVICE_OFFLINE;
  return GB_DEVICE_SEEN;
}

static void link_child(GbDevices *devices, uint32_t index)
{
  GbDevice *device = gb_devices_device(devices, index);
  GbDevice *parent =
    device->parent != GB_DEVICE_NONE ? gb_devices_device(devices, device->parent) : NULL;
  uint32_t *first = parent ? &parent->first_child : &devices->first_root;
  uint32_t *last = parent ? &parent->last_child : &devices->last_root;

  if (*first == GB_DEVICE_NONE)
    *first = index;
  else
    gb_devices_device(devices, *last)->next = index;
  *last = index;
}

/* Cuts circles of ParentID: each walk ends at what an earlier one has seen, so all are linear. */
static void cut_circles(GbDevices *devices)
{
  uint32_t count = devices->devices->len;
  g_autofree uint32_t *walks = g_new0(uint32_t, count + 1);

  for (uint32_t i = 0; i < count; i++) {
    uint32_t at = i;
    while (at != GB_DEVICE_NONE && walks[at] == 0) {
      walks[at] = i + 1;
      at = gb_devices_device(devices, at)->parent;
    }
    if (at != GB_DEVICE_NONE && walks[at] == i + 1)
      gb_devices_device(devices, at)->parent = GB_DEVICE_NONE;
  }
}

static void measure_keepalives(GbDevice *device, int64_t now_ns)
{
  size_t count = device->keepalives > 0 ? (size_t) MIN(device->keepalives - 1, GB_DEVICE_GAPS) : 0;
  int64_t period_ns = gb_period_of(device->gaps, count);

  if (period_ns <= 0)
    return;
  device->period_ns = period_ns;
  device->jitter_ns = 0;
  for (size_t i = 0; i < count; i++) /* divided first: the sum of a clock that jumps does not fit */
    device->jitter_ns += ABS(device->gaps[i] - period_ns) / (int64_t) count;
  device->missed =
    (uint16_t) MIN(gb_period_missed(now_ns - device->keepalive_ns, period_ns), UINT16_MAX);
}

static void finish(GbDevices *devices)
{
  int64_t now_ns = trace_now(devices->trace);

  cut_circles(devices);
  for (uint32_t i = 0; i < devices->devices->len; i++) {
    GbDevice *device = gb_devices_device(devices, i);
    gb_devices_note_silence(devices, device, now_ns, false);
    gb_devices_note_expiry(devices, device, now_ns);
    measure_keepalives(device, now_ns);
    device->state = (uint8_t) state_of(device, now_ns);
  }
  for (uint32_t i = 0; i < devices->devices->len; i++)
    link_child(devices, i);
  devices->is_finished = true;
}

/* --- the whole trace, in slices --------------------------------------------------------------- */

static void go_on(GbDevices *devices)
{
  devices->next_call++;
  devices->read_up_to = 0;
  devices->at = NULL;
  devices->exchange = (GbExchange){.request = NULL};
  arena_reset(&devices->call_arena);
}

bool gb_devices_step(GbDevices *devices, int64_t until_us)
{
  enum { CALLS_AT_ONCE = 256, PART_COST = 64 };
  size_t count = trace_call_count(devices->trace);
  unsigned passed = 0;

  while (!devices->is_finished && devices->next_call < count) {
    const Call *call = trace_call_at(devices->trace, devices->next_call);
    bool has_more = call && gb_devices_read(devices, call);
    devices->evictions = trace_counts(devices->trace)->evicted_calls;
    passed += call && !call->is_keepalive ? PART_COST : 1;
    if (!has_more)
      go_on(devices);
    if (passed < CALLS_AT_ONCE)
      continue;
    if (g_get_monotonic_time() >= until_us)
      return true;
    passed = 0;
  }
  if (!devices->is_finished)
    finish(devices);
  return false;
}

double gb_devices_progress(const GbDevices *devices)
{
  return (double) devices->next_call / (double) MAX(trace_call_count(devices->trace), (size_t) 1);
}

/* --- reading the result ----------------------------------------------------------------------- */

uint32_t gb_devices_next(const GbDevices *devices, uint32_t index, bool folded, int *ret_deeper)
{
  const GbDevice *device = gb_devices_at(devices, index);

  *ret_deeper = 1;
  if (!folded && device->first_child != GB_DEVICE_NONE)
    return device->first_child;
  *ret_deeper = 0;
  while (device->next == GB_DEVICE_NONE && device->parent != GB_DEVICE_NONE) {
    device = gb_devices_at(devices, device->parent);
    --*ret_deeper;
  }
  return device->next;
}

static void add_events(const GbDevices *devices, const GbDevice *device, GPtrArray *events)
{
  for (uint32_t at = device->last_event; at != GB_DEVICE_NONE;) {
    GbDeviceEvent *event = gb_devices_event(devices, at);
    g_ptr_array_add(events, event);
    at = event->before;
  }
}

/* Those at the same time in the order in which they were read. */
static int compare_events(const void *a, const void *b)
{
  const GbDeviceEvent *left = *(GbDeviceEvent *const *) a, *right = *(GbDeviceEvent *const *) b;

  if (left->time_ns != right->time_ns)
    return left->time_ns < right->time_ns ? -1 : 1;
  return left < right ? -1 : left > right;
}

GPtrArray *gb_devices_events(const GbDevices *devices, uint32_t index)
{
  GPtrArray *events = g_ptr_array_new();

  add_events(devices, gb_devices_at(devices, index), events);
  g_ptr_array_sort(events, compare_events);
  return events;
}

GPtrArray *gb_devices_timeline(const GbDevices *devices, uint32_t index, size_t most,
                               uint64_t *ret_left_out)
{
  const GbDevice *device = gb_devices_at(devices, index);
  GPtrArray *events = g_ptr_array_new();
  int depth = 0, deeper = 0;

  add_events(devices, device, events);
  for (uint32_t at = gb_devices_next(devices, index, false, &deeper); at != GB_DEVICE_NONE;) {
    depth += deeper;
    if (depth <= 0)
      break;
    const GbDevice *below = gb_devices_at(devices, at);
    bool is_own = below->role != GB_ROLE_DEVICE && below->role != GB_ROLE_PLATFORM;
    if (is_own)
      add_events(devices, below, events);
    at = gb_devices_next(devices, at, !is_own, &deeper);
  }
  g_ptr_array_sort(events, compare_events);
  *ret_left_out = events->len > most ? events->len - most : 0;
  if (*ret_left_out > 0)
    g_ptr_array_remove_range(events, 0, (guint) *ret_left_out);
  return events;
}
