#include "dissect/diagnose/gb_devices.h"

#include "capture/hash.h"
#include "capture/record_table.h"
#include "dissect/diagnose/gb_period.h"
#include "dissect/diagnose/register_reading.h"
#include "dissect/sip/gb_body.h"
#include "dissect/sip/gb_id.h"
#include "dissect/sip/gb_text.h"
#include "dissect/sip/sip_addr.h"
#include "dissect/sip/xml_doc.h"

#define SECOND_NS INT64_C(1000000000)

const GbDeviceLimits GB_DEVICE_LIMITS_DEFAULT = {.devices = 500000};

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
  uint32_t first_root, last_root;
};

const char *gb_device_state_name(GbDeviceState state)
{
  static const char *const NAMES[] = {
#define GB_DEVICE_NAME(id, name) [GB_DEVICE_##id] = name,
    GB_DEVICE_STATES(GB_DEVICE_NAME)
#undef GB_DEVICE_NAME
  };

  return NAMES[state];
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
    .first_root = GB_DEVICE_NONE,
    .last_root = GB_DEVICE_NONE,
  };
  arena_init(&devices->arena, 4096);
  arena_init(&devices->scratch, 4096);
  return devices;
}

void gb_devices_free(GbDevices *devices)
{
  if (!devices)
    return;
  record_table_free(devices->by_id);
  g_ptr_array_unref(devices->devices);
  arena_clear(&devices->arena);
  arena_clear(&devices->scratch);
  g_free(devices);
}

uint32_t gb_devices_count(const GbDevices *devices)
{
  return devices->devices->len;
}

static GbDevice *device_at(const GbDevices *devices, uint32_t index)
{
  return devices->devices->pdata[index];
}

const GbDevice *gb_devices_at(const GbDevices *devices, uint32_t index)
{
  return device_at(devices, index);
}

uint32_t gb_devices_first_root(const GbDevices *devices)
{
  return devices->first_root;
}

GbDevicesLeftOut gb_devices_left_out(const GbDevices *devices)
{
  return devices->left_out;
}

/* Made when it is new; NULL for what is no id, and beyond the limit. */
static GbDevice *device_of(GbDevices *devices, Slice text)
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

/* The user of a URI. */
static Slice user_of(Slice uri)
{
  SipUri parsed;

  return sip_uri_parse(uri, &parsed) ? parsed.user : SLICE_NONE;
}

/* The newest text is kept; one that is the same costs nothing. */
static void keep_text(GbDevices *devices, Slice text, Slice *place)
{
  Slice kept = slice_head(slice_trim(text), GB_DEVICE_TEXT_MAX);

  while (kept.len > 0 && kept.len < text.len && ((uint8_t) kept.data[kept.len] & 0xC0) == 0x80)
    kept.len--;
  if (kept.len > 0 && !slice_eq(*place, kept))
    *place = arena_dup(&devices->arena, kept);
}

static void note_address(GbDevice *device, uint32_t endpoint)
{
  device->address = endpoint;
  device->has_address = true;
}

/* Below that platform or device; what was said first holds.  Either may be NULL. */
static void note_parent(GbDevice *device, const GbDevice *parent)
{
  if (device && parent && device->parent == GB_DEVICE_NONE && parent != device)
    device->parent = parent->index;
}

static void note_platform(GbDevice *device, GbDevice *platform, uint32_t endpoint)
{
  if (!platform || platform == device)
    return;
  note_address(platform, endpoint);
  note_parent(device, platform);
}

/* --- registrations ---------------------------------------------------------------------------- */

/* What the 2xx grants: Expires of a contact, or of the response, or as asked for. */
static bool granted_seconds(const RegisterReading *reading, const SipMsg *request,
                            uint32_t *ret_seconds)
{
  SipHeaderRow row;

  if (reading->count > 0 && reading->contacts[0].has_granted) {
    *ret_seconds = reading->contacts[0].granted;
    return true;
  }
  if (reading->has_expires) {
    *ret_seconds = reading->expires;
    return true;
  }
  if (reading->count > 0 && reading->contacts[0].has_asked) {
    *ret_seconds = reading->contacts[0].asked;
    return true;
  }
  return sip_msg_find(request, SIP_HEADER_EXPIRES, &row) && slice_to_u32(row.value, ret_seconds);
}

static void note_register(GbDevices *devices, const Transaction *t)
{
  const Message *request = t->request, *final = t->final;
  RegisterReading reading;
  SipMsg asked, granted;
  SipHeaderRow row;
  uint32_t seconds = 0;

  if (!message_load(request, devices->stores, &devices->scratch, &asked, NULL) ||
      !message_load(final, devices->stores, &devices->scratch, &granted, NULL)) {
    devices->left_out.unreadable++;
    return;
  }
  const RegisterMessages messages = {&asked, &granted, devices->seed};
  if (!register_read(&messages, &devices->scratch, &reading))
    return;
  GbDevice *device = device_of(devices, user_of(reading.aor));
  if (!device)
    return;
  note_address(device, request->src);
  keep_text(devices, reading.user_agent, &device->user_agent);
  if (sip_msg_find(&asked, SIP_HEADER_X_GB_VER, &row))
    keep_text(devices, row.value, &device->version);
  bool is_known = granted_seconds(&reading, &asked, &seconds);
  device->is_removed = is_known && seconds == 0;
  device->registered_ns = request->time_ns;
  device->seconds = seconds;
  device->expires_ns = is_known ? final->time_ns + (int64_t) seconds * SECOND_NS : TIME_NONE;
  note_platform(device, device_of(devices, user_of(asked.uri)), request->dst);
}

static void add_registers(GbDevices *devices, const Call *call)
{
  GbId id;

  if (!gb_id_read(user_of(call->to), &id))
    return;
  for (const Transaction *t = call->transactions; t; t = t->next)
    if (t->method == SIP_METHOD_REGISTER && t->request && t->final && t->final->status >= 200 &&
        t->final->status < 300) {
      note_register(devices, t);
      arena_reset(&devices->scratch);
    }
}

/* --- keep-alives ------------------------------------------------------------------------------ */

static void add_keepalive(GbDevices *devices, const Call *call)
{
  GbDevice *device = device_of(devices, user_of(call->from));
  int64_t time_ns = call->first->time_ns;

  if (!device)
    return;
  note_address(device, call->first->src);
  note_platform(device, device_of(devices, user_of(call->to)), call->first->dst);
  if (device->keepalives == 0)
    device->first_keepalive_ns = time_ns;
  else
    device->gaps[(device->keepalives - 1) % GB_DEVICE_GAPS] =
      MAX(0, time_ns - device->keepalive_ns);
  device->keepalive_ns = time_ns;
  device->keepalives++;
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

/* --- catalogs, alarms and answers ------------------------------------------------------------- */

static Slice text_at(const XmlDoc *doc, uint32_t element, const char *name)
{
  uint32_t found = xml_find(doc, element, slice_from_string(name));

  return found != XML_NONE ? doc->elements[found].text : SLICE_NONE;
}

/* ParentID may be a path of several: the last is the nearest. */
static Slice nearest_parent(Slice ids)
{
  Slice last = ids;

  while (ids.len > 0)
    last = slice_cut(&ids, '/');
  return last;
}

static void note_item(GbDevices *devices, const XmlDoc *doc, uint32_t item, const GbDevice *owner)
{
  GbDevice *device = device_of(devices, text_at(doc, item, "DeviceID"));

  if (!device)
    return;
  keep_text(devices, text_at(doc, item, "Name"), &device->name);
  keep_text(devices, text_at(doc, item, "Manufacturer"), &device->manufacturer);
  keep_text(devices, text_at(doc, item, "Model"), &device->model);
  keep_text(devices, text_at(doc, item, "Status"), &device->status);
  keep_text(devices, text_at(doc, item, "Event"), &device->status);
  const GbDevice *named = device_of(devices, nearest_parent(text_at(doc, item, "ParentID")));
  note_parent(device, named && named != device ? named : owner);
}

static void note_catalog(GbDevices *devices, const XmlDoc *doc, const GbDevice *owner)
{
  for (uint32_t i = 0; i < doc->count; i++)
    if (slice_eq_nocase(doc->elements[i].name, SLICE("Item")))
      note_item(devices, doc, i, owner);
}

static void note_alarm(GbDevices *devices, const XmlDoc *doc, GbDevice *device, int64_t time_ns)
{
  Slice priority = text_at(doc, 0, "AlarmPriority"), method = text_at(doc, 0, "AlarmMethod");
  g_autofree char *text =
    g_strdup_printf("priority %.*s, method %.*s", SLICE_ARG(slice_head(priority, 8)),
                    SLICE_ARG(slice_head(method, 8)));

  keep_text(devices, slice_from_string(text), &device->alarm);
  device->alarm_ns = time_ns;
  device->alarms++;
}

static void note_info(GbDevices *devices, const XmlDoc *doc, GbDevice *device)
{
  keep_text(devices, text_at(doc, 0, "DeviceName"), &device->name);
  keep_text(devices, text_at(doc, 0, "Manufacturer"), &device->manufacturer);
  keep_text(devices, text_at(doc, 0, "Model"), &device->model);
}

/* What a device says of itself, and of what is below it. */
static void note_message(GbDevices *devices, const Message *message, const SipMsg *sip)
{
  GbBody body;

  if (!sip_msg_gb(sip, &body) || (body.kind != GB_RESPONSE && body.kind != GB_NOTIFY))
    return;
  GbDevice *device = device_of(devices, body.device);
  if (!device)
    return;
  Slice octets = sip->content.bytes;
  bool is_gb = gb_text_is_body(sip->content_type, octets);
  XmlDoc doc =
    xml_doc_read(&devices->scratch, is_gb ? gb_text_to_utf8(&devices->scratch, octets) : octets);
  if (doc.fault) {
    devices->left_out.unreadable++;
    return;
  }
  if (slice_eq_nocase(body.command, SLICE("Catalog")))
    note_catalog(devices, &doc, device);
  else if (slice_eq_nocase(body.command, SLICE("Alarm")) && body.kind == GB_NOTIFY)
    note_alarm(devices, &doc, device, message->time_ns);
  else if (slice_eq_nocase(body.command, SLICE("DeviceInfo")))
    note_info(devices, &doc, device);
  else if (slice_eq_nocase(body.command, SLICE("DeviceStatus")))
    keep_text(devices, text_at(&doc, 0, "Online"), &device->status);
}

static void add_exchange(GbDevices *devices, const Call *call)
{
  for (const Message *m = call->first; m; m = m->next) {
    bool is_copy = m->flags & (MESSAGE_RETRANSMISSION | MESSAGE_DUPLICATE);
    SipMsg sip;

    if (!message_is_request(m) || is_copy)
      continue;
    if (message_load(m, devices->stores, &devices->scratch, &sip, NULL))
      note_message(devices, m, &sip);
    else
      devices->left_out.unreadable++;
    arena_reset(&devices->scratch);
  }
}

void gb_devices_add_call(GbDevices *devices, const Call *call)
{
  if (call->method == SIP_METHOD_REGISTER)
    add_registers(devices, call);
  else if (call->is_keepalive)
    add_keepalive(devices, call);
  else if (call->gb != GB_NONE || call->method == SIP_METHOD_SUBSCRIBE)
    add_exchange(devices, call);
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
  GbDevice *device = device_at(devices, index);
  GbDevice *parent = device->parent != GB_DEVICE_NONE ? device_at(devices, device->parent) : NULL;
  uint32_t *first = parent ? &parent->first_child : &devices->first_root;
  uint32_t *last = parent ? &parent->last_child : &devices->last_root;

  if (*first == GB_DEVICE_NONE)
    *first = index;
  else
    device_at(devices, *last)->next = index;
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
      at = device_at(devices, at)->parent;
    }
    if (at != GB_DEVICE_NONE && walks[at] == i + 1)
      device_at(devices, at)->parent = GB_DEVICE_NONE;
  }
}

void gb_devices_finish(GbDevices *devices)
{
  int64_t now_ns = trace_now(devices->trace);

  cut_circles(devices);
  for (uint32_t i = 0; i < devices->devices->len; i++) {
    GbDevice *device = device_at(devices, i);
    measure_keepalives(device, now_ns);
    device->state = (uint8_t) state_of(device, now_ns);
  }
  for (uint32_t i = 0; i < devices->devices->len; i++)
    link_child(devices, i);
}
