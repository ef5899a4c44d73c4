/* What the calls of a trace say of devices: registrations, keep-alives, catalogs, alarms, queries,
 * controls and media sessions. */
#include "capture/language.h"
#include "dissect/diagnose/gb_devices_private.h"
#include "dissect/diagnose/gb_period.h"
#include "dissect/diagnose/gb_subscription.h"
#include "dissect/diagnose/register_reading.h"
#include "dissect/sip/gb_body.h"
#include "dissect/sip/gb_id.h"
#include "dissect/sip/gb_media.h"
#include "dissect/sip/gb_ptz.h"
#include "dissect/sip/gb_text.h"
#include "dissect/sip/sdp.h"
#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_body.h"
#include "dissect/sip/xml_doc.h"

#define SECOND_NS INT64_C(1000000000)

enum { PART = 64 }; /* transactions or messages of a call that are read at once */

static void note_address(GbDevice *device, uint32_t endpoint)
{
  device->address = endpoint;
  device->has_address = true;
}

/* Sets its parent unless it has one.  Either may be NULL. */
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

/* An event of that kind, at the time of the message that shows it. */
static GbDeviceEvent event_of(GbDeviceEventKind kind, const Call *call, const Message *message)
{
  return (GbDeviceEvent){
    .time_ns = message->time_ns,
    .until_ns = TIME_NONE,
    .call = call->number,
    .message = message->number,
    .kind = (uint8_t) kind,
  };
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

void gb_devices_note_expiry(GbDevices *devices, GbDevice *device, int64_t now_ns)
{
  if (device->is_removed || device->expires_ns == TIME_NONE || device->expires_ns >= now_ns)
    return;
  gb_devices_add_event(devices, device,
                       &(GbDeviceEvent){.kind = GB_EVENT_EXPIRED,
                                        .time_ns = device->expires_ns,
                                        .until_ns = TIME_NONE,
                                        .count = device->seconds,
                                        .call = device->register_call,
                                        .message = device->register_message});
}

static void note_granted(GbDevices *devices, GbDevice *device, const Transaction *t,
                         const SipMsg *asked, const RegisterReading *reading)
{
  int64_t time_ns = t->request->time_ns;
  bool was_bound = !device->is_removed && device->registered_ns != TIME_NONE &&
                   (device->expires_ns == TIME_NONE || device->expires_ns >= time_ns);
  GbDeviceEvent event = event_of(GB_EVENT_REGISTERED, t->call, t->request);
  uint32_t seconds = 0;

  gb_devices_note_expiry(devices, device, time_ns);
  bool is_known = granted_seconds(reading, asked, &seconds);
  device->is_removed = is_known && seconds == 0;
  device->registered_ns = time_ns;
  device->register_call = t->call->number;
  device->register_message = t->request->number;
  device->seconds = seconds;
  device->expires_ns = is_known ? t->final->time_ns + (int64_t) seconds * SECOND_NS : TIME_NONE;
  event.count = seconds;
  event.kind = device->is_removed ? GB_EVENT_REMOVED
               : was_bound        ? GB_EVENT_REFRESHED
                                  : GB_EVENT_REGISTERED;
  gb_devices_add_event(devices, device, &event);
}

static bool is_challenge(const Transaction *t)
{
  return t->final && (t->final->status == 401 || t->final->status == 407);
}

/* A challenge is no refusal when another request follows. */
static void note_refused(GbDevices *devices, GbDevice *device, const Transaction *t)
{
  GbDeviceEvent event = event_of(GB_EVENT_REFUSED, t->call, t->request);

  event.status = t->final ? t->final->status : 0;
  if (!is_challenge(t) || !t->next)
    gb_devices_add_event(devices, device, &event);
}

static void note_register(GbDevices *devices, const Transaction *t)
{
  const Message *request = t->request, *final = t->final;
  bool is_granted = final && final->status >= 200 && final->status < 300;
  RegisterReading reading;
  SipMsg asked, granted;
  SipHeaderRow row;

  if (!message_load(request, devices->stores, &devices->scratch, &asked, NULL) ||
      (is_granted && !message_load(final, devices->stores, &devices->scratch, &granted, NULL))) {
    devices->left_out.unreadable++;
    return;
  }
  const RegisterMessages messages = {&asked, is_granted ? &granted : NULL, devices->seed};
  if (!register_read(&messages, &devices->scratch, &reading))
    return;
  GbDevice *device = gb_devices_of(devices, sip_uri_user(reading.aor));
  if (!device)
    return;
  if (!is_granted) {
    note_refused(devices, device, t);
    return;
  }
  note_address(device, request->src);
  gb_devices_keep_text(devices, reading.user_agent, &device->user_agent);
  if (sip_msg_find(&asked, SIP_HEADER_X_GB_VER, &row))
    gb_devices_keep_text(devices, row.value, &device->version);
  note_granted(devices, device, t, &asked, &reading);
  note_platform(device, gb_devices_of(devices, sip_uri_user(asked.uri)), request->dst);
}

/* The first transaction of the call that was not read yet. */
static const Transaction *next_transaction(const GbDevices *devices, const Call *call)
{
  const Transaction *t = call->transactions;

  if (devices->at && devices->evictions == trace_counts(devices->trace)->evicted_calls)
    return devices->at;
  while (t && devices->read_up_to > 0 && t->number <= devices->read_up_to)
    t = t->next;
  return t;
}

static bool read_registers(GbDevices *devices, const Call *call)
{
  const Transaction *t = next_transaction(devices, call);
  GbId id;

  if (!gb_id_read(sip_uri_user(call_text_kept(call, CALL_TEXT_TO)), &id))
    return false;
  for (unsigned i = 0; t && i < PART; t = t->next, i++) {
    if (t->method == SIP_METHOD_REGISTER && t->request)
      note_register(devices, t);
    arena_reset(&devices->scratch);
    devices->read_up_to = t->number;
  }
  devices->at = t;
  return t != NULL;
}

/* --- keep-alives ------------------------------------------------------------------------------ */

static int64_t period_so_far(const GbDevice *device)
{
  int64_t gaps[GB_DEVICE_GAPS];
  size_t count = device->keepalives > 0 ? (size_t) MIN(device->keepalives - 1, GB_DEVICE_GAPS) : 0;

  memcpy(gaps, device->gaps, sizeof gaps);
  return gb_period_of(gaps, count);
}

void gb_devices_note_silence(GbDevices *devices, GbDevice *device, int64_t until_ns, bool is_over)
{
  if (device->run == GB_DEVICE_NONE)
    return;
  int64_t gap_ns = until_ns - device->keepalive_ns, period_ns = period_so_far(device);
  int64_t missed = gb_period_missed(gap_ns, period_ns);
  if (missed < GB_PERIOD_MISSED_MAX)
    return;
  const GbDeviceEvent *run = gb_devices_event(devices, device->run);
  GbDeviceEvent silent = {
    .kind = GB_EVENT_SILENT,
    .time_ns = device->keepalive_ns,
    .until_ns = is_over ? until_ns : TIME_NONE,
    .count = (uint64_t) missed,
    .call = run->call,
    .message = run->message,
  };
  gb_devices_add_event(devices, device, &silent);
  device->run = GB_DEVICE_NONE;
}

/* Keep-alives are one event while none of them is missing. */
static void note_run(GbDevices *devices, GbDevice *device, const Call *call)
{
  GbDeviceEvent event = event_of(GB_EVENT_KEEPALIVES, call, call->first);

  if (device->run == GB_DEVICE_NONE && gb_devices_add_event(devices, device, &event))
    device->run = devices->events->len - 1;
  if (device->run == GB_DEVICE_NONE)
    return;
  GbDeviceEvent *run = gb_devices_event(devices, device->run);
  run->count++;
  run->until_ns = call->first->time_ns;
  run->call = call->number;
  run->message = call->first->number;
}

static void read_keepalive(GbDevices *devices, const Call *call)
{
  GbDevice *device = gb_devices_of(devices, sip_uri_user(call_text_kept(call, CALL_TEXT_FROM)));
  int64_t time_ns = call->first->time_ns;

  if (!device)
    return;
  note_address(device, call->first->src);
  note_platform(device, gb_devices_of(devices, sip_uri_user(call_text_kept(call, CALL_TEXT_TO))),
                call->first->dst);
  if (device->keepalives == 0) {
    device->first_keepalive_ns = time_ns;
  } else {
    gb_devices_note_silence(devices, device, time_ns, true);
    device->gaps[(device->keepalives - 1) % GB_DEVICE_GAPS] =
      MAX(0, time_ns - device->keepalive_ns);
  }
  device->keepalive_ns = time_ns;
  device->keepalives++;
  note_run(devices, device, call);
}

/* --- catalogs, alarms and answers ------------------------------------------------------------- */

/* A message that is read, and the device that sent its body. */
typedef struct {
  GbDevices *devices;
  const Call *call;
  const Message *message;
  const GbBody *body;
  GbDevice *device;
  XmlDoc doc;
} Said;

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

static void add_notified(const Said *said, GbDevice *device, Slice detail)
{
  GbDevices *devices = said->devices;
  GbDeviceEvent event = event_of(GB_EVENT_NOTIFIED, said->call, said->message);
  GbDeviceEvent *last =
    device->last_event != GB_DEVICE_NONE ? gb_devices_event(devices, device->last_event) : NULL;

  if (last && last->kind == GB_EVENT_NOTIFIED && slice_eq(last->what, said->body->command) &&
      slice_eq(last->detail, detail)) {
    last->count++;
    last->until_ns = said->message->time_ns;
    return;
  }
  event.count = 1;
  event.what = said->body->command;
  event.detail = detail;
  gb_devices_add_event(devices, device, &event);
}

static void note_item(const Said *said, uint32_t item)
{
  GbDevices *devices = said->devices;
  const XmlDoc *doc = &said->doc;
  GbDevice *device = gb_devices_of(devices, text_at(doc, item, "DeviceID"));
  Slice event = text_at(doc, item, "Event");

  if (!device)
    return;
  gb_devices_keep_text(devices, text_at(doc, item, "Name"), &device->name);
  gb_devices_keep_text(devices, text_at(doc, item, "Manufacturer"), &device->manufacturer);
  gb_devices_keep_text(devices, text_at(doc, item, "Model"), &device->model);
  gb_devices_keep_text(devices, text_at(doc, item, "Status"), &device->status);
  gb_devices_keep_text(devices, event, &device->status);
  const GbDevice *named = gb_devices_of(devices, nearest_parent(text_at(doc, item, "ParentID")));
  note_parent(device, named && named != device ? named : said->device);
  if (event.len > 0 && device != said->device)
    add_notified(said, device, event);
}

static void note_catalog(const Said *said)
{
  for (uint32_t i = 0; i < said->doc.count; i++)
    if (slice_eq_nocase(said->doc.elements[i].name, SLICE("Item")))
      note_item(said, i);
}

static void note_alarm(const Said *said)
{
  GbDeviceEvent event = event_of(GB_EVENT_ALARM, said->call, said->message);
  Slice priority = text_at(&said->doc, 0, "AlarmPriority");
  Slice method = text_at(&said->doc, 0, "AlarmMethod");
  g_autofree char *text =
    g_strdup_printf(_("priority %.*s, method %.*s"), SLICE_ARG(slice_head(priority, 8)),
                    SLICE_ARG(slice_head(method, 8)));

  gb_devices_keep_text(said->devices, slice_from_string(text), &said->device->alarm);
  said->device->alarm_ns = said->message->time_ns;
  said->device->alarms++;
  event.detail = said->device->alarm;
  gb_devices_add_event(said->devices, said->device, &event);
}

static void note_info(const Said *said)
{
  GbDevice *device = said->device;

  gb_devices_keep_text(said->devices, text_at(&said->doc, 0, "DeviceName"), &device->name);
  gb_devices_keep_text(said->devices, text_at(&said->doc, 0, "Manufacturer"),
                       &device->manufacturer);
  gb_devices_keep_text(said->devices, text_at(&said->doc, 0, "Model"), &device->model);
}

/* Reads what a device reports of itself, and of its channels. */
static void note_message(Said *said, const SipMsg *sip)
{
  GbDevices *devices = said->devices;
  const GbBody *body = said->body;
  Slice octets = sip->content.bytes;
  bool is_gb = gb_text_is_body(sip->content_type, octets);

  said->device = body->kind == GB_RESPONSE || body->kind == GB_NOTIFY
                   ? gb_devices_of(devices, body->device)
                   : NULL;
  if (!said->device)
    return;
  said->doc =
    xml_doc_read(&devices->scratch, is_gb ? gb_text_to_utf8(&devices->scratch, octets) : octets);
  if (said->doc.fault) {
    devices->left_out.unreadable++;
    return;
  }
  bool is_alarm = slice_eq_nocase(body->command, SLICE("Alarm")) && body->kind == GB_NOTIFY;
  if (slice_eq_nocase(body->command, SLICE("Catalog")))
    note_catalog(said);
  else if (is_alarm)
    note_alarm(said);
  else if (slice_eq_nocase(body->command, SLICE("DeviceInfo")))
    note_info(said);
  else if (slice_eq_nocase(body->command, SLICE("DeviceStatus")))
    gb_devices_keep_text(devices, text_at(&said->doc, 0, "Online"), &said->device->status);
  if (body->kind == GB_NOTIFY && !is_alarm)
    add_notified(said, said->device, body->status);
}

/* --- queries and controls --------------------------------------------------------------------- */

/* What was asked of a device, or answered by it, as one event. */
static void note_exchange(GbDevices *devices, const Call *call)
{
  const GbExchange *exchange = &devices->exchange;
  const Message *shown = exchange->request ? exchange->request : exchange->answer;
  char ptz[GB_PTZ_TEXT_MAX];
  GbPtz read;

  if (!shown || exchange->body.kind == GB_NONE)
    return;
  bool is_control = call->gb == GB_CONTROL;
  GbDeviceEvent event = event_of(is_control ? GB_EVENT_CONTROL : GB_EVENT_QUERY, call, shown);
  event.until_ns = exchange->last_answer ? exchange->last_answer->time_ns : TIME_NONE;
  event.what = exchange->body.command;
  event.detail = exchange->result;
  event.parts = exchange->answers;
  event.has_sum = exchange->has_sum && !exchange->is_uncounted;
  event.count = exchange->items;
  event.sum = exchange->sum;
  if (is_control && exchange->body.action.len > 0)
    event.what = exchange->body.action;
  if (gb_ptz_read(exchange->body.ptz, &read)) {
    event.what = SLICE("PTZ");
    event.detail = slice_from_string(gb_ptz_say(&read, ptz));
  }
  gb_devices_add_event(devices, gb_devices_of(devices, exchange->body.device), &event);
}

/* An event of the device that notifies. */
static void note_subscription(GbDevices *devices, const Call *call)
{
  const Subscription *subscription = call_rare(call)->subscription;
  const GbExchange *exchange = &devices->exchange;
  GbSubscriptionState state =
    gb_subscription_state(devices->trace, call, trace_now(devices->trace));

  if (!exchange->request || exchange->body.kind == GB_NONE)
    return;
  GbDeviceEvent event = event_of(GB_EVENT_SUBSCRIBED, call, exchange->request);
  event.what = exchange->body.command;
  event.detail = slice_from_string(gb_subscription_state_name(state));
  event.count = subscription->notifications;
  event.sum = subscription->seconds;
  event.parts = subscription->refreshes;
  event.until_ns = subscription->since_ns != TIME_NONE ? subscription->until_ns : TIME_NONE;
  gb_devices_add_event(devices, gb_devices_of(devices, exchange->body.device), &event);
}

static const Message *next_message(const GbDevices *devices, const Call *call)
{
  const Message *m = call->first;

  if (devices->at && devices->evictions == trace_counts(devices->trace)->evicted_calls)
    return devices->at;
  while (m && devices->read_up_to > 0 && m->number <= devices->read_up_to)
    m = m->next;
  return m;
}

static void read_message(GbDevices *devices, const Call *call, const Message *m)
{
  bool is_copy = m->flags & (MESSAGE_RETRANSMISSION | MESSAGE_DUPLICATE);
  SipMsg sip;
  GbBody body;

  if (!message_is_request(m) || is_copy)
    return;
  if (!message_load(m, devices->stores, &devices->scratch, &sip, NULL)) {
    devices->left_out.unreadable++;
    return;
  }
  if (!sip_msg_gb(&sip, &body))
    return;
  if (m->method == SIP_METHOD_MESSAGE || m->method == SIP_METHOD_SUBSCRIBE)
    gb_exchange_note(&devices->exchange, m, &body, &devices->call_arena);
  note_message(&(Said){.devices = devices, .call = call, .message = m, .body = &body}, &sip);
}

static bool read_exchange(GbDevices *devices, const Call *call)
{
  const Message *m = next_message(devices, call);

  for (unsigned i = 0; m && i < PART; m = m->next, i++) {
    read_message(devices, call, m);
    arena_reset(&devices->scratch);
    devices->read_up_to = m->number;
  }
  devices->at = m;
  if (!m && (call->gb == GB_QUERY || call->gb == GB_CONTROL))
    note_exchange(devices, call);
  else if (!m && call_rare(call)->subscription)
    note_subscription(devices, call);
  return m != NULL;
}

/* --- media sessions --------------------------------------------------------------------------- */

static Slice session_name(Slice sdp)
{
  SdpLine line;

  while (sdp_line_next(&sdp, &line))
    if (line.type == 's')
      return slice_trim(line.value);
  return SLICE_NONE;
}

/* The channel or device that is called; in a broadcast it is the caller. */
static GbDevice *device_of_session(GbDevices *devices, const Call *call)
{
  const Slice users[] = {sip_uri_user(call_text_kept(call, CALL_TEXT_TO)),
                         sip_uri_user(call_text_kept(call, CALL_TEXT_FROM))};
  GbId id;

  for (size_t i = 0; i < G_N_ELEMENTS(users); i++)
    if (gb_id_read(users[i], &id) &&
        (gb_id_role(&id) == GB_ROLE_CHANNEL || gb_id_role(&id) == GB_ROLE_DEVICE))
      return gb_devices_of(devices, users[i]);
  return NULL;
}

static void read_session(GbDevices *devices, const Call *call)
{
  GbDevice *device = device_of_session(devices, call);
  SipMsg sip;

  if (!device)
    return;
  CallSummary summary = call_summarize(call, trace_now(devices->trace));
  GbDeviceEvent event = event_of(GB_EVENT_PLAY, call, call->first);
  event.status = (uint16_t) summary.status;
  event.is_open = summary.state == CALL_STATE_IN_CALL;
  event.until_ns = summary.state == CALL_STATE_COMPLETED ? call->end_ns : TIME_NONE;
  if (message_load(call->first, devices->stores, &devices->scratch, &sip, NULL)) {
    Slice sdp = sip_msg_sdp(&sip);
    event.what = session_name(sdp);
    event.detail = gb_sdp_ssrc(sdp);
  }
  gb_devices_add_event(devices, device, &event);
  arena_reset(&devices->scratch);
}

bool gb_devices_read(GbDevices *devices, const Call *call)
{
  if (call->method == SIP_METHOD_REGISTER)
    return read_registers(devices, call);
  if (call->is_keepalive)
    read_keepalive(devices, call);
  else if (call->gb != GB_NONE || call->method == SIP_METHOD_SUBSCRIBE)
    return read_exchange(devices, call);
  else if (call->method == SIP_METHOD_INVITE && call->first)
    read_session(devices, call);
  return false;
}
