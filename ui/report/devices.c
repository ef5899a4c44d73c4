/* `devices`: the platforms, devices and channels of GB/T 28181, one row each, as a tree. */
#include "capture/error.h"
#include "capture/language.h"
#include "dissect/diagnose/gb_devices.h"
#include "ui/report/csv.h"
#include "ui/report/report.h"
#include "ui/report/subcommand.h"
#include "ui/show/device_text.h"

/* X-macro: the keys of JSON and CSV, and their values of `d`, the device of a Row. */
#define DEVICE_COLUMNS(X)                                                                          \
  X("device", value_text(d->id))                                                                   \
  X("role", value_string(device_role_name(d)))                                                     \
  X("parent", row->parent ? value_text(row->parent->id) : value_none())                            \
  X("depth", value_number(row->depth))                                                             \
  X("state", value_string(gb_device_state_name((GbDeviceState) d->state)))                         \
  X("status", value_text(d->status))                                                               \
  X("name", value_text(d->name))                                                                   \
  X("manufacturer", value_text(d->manufacturer))                                                   \
  X("model", value_text(d->model))                                                                 \
  X("address", address_value(report, d))                                                           \
  X("user_agent", value_text(d->user_agent))                                                       \
  X("version", value_text(d->version))                                                             \
  X("registered", report_time(d->registered_ns))                                                   \
  X("expires", report_time(d->expires_ns))                                                         \
  X("expires_s", d->registered_ns != TIME_NONE ? value_number(d->seconds) : value_none())          \
  X("keepalives", value_number(d->keepalives))                                                     \
  X("first_keepalive", report_time(d->first_keepalive_ns))                                         \
  X("last_keepalive", report_time(d->keepalive_ns))                                                \
  X("keepalive_ms", span_or_none(d->period_ns))                                                    \
  X("keepalive_jitter_ms", span_or_none(d->jitter_ns))                                             \
  X("missed", d->period_ns >= 0 ? value_number(d->missed) : value_none())                          \
  X("alarms", value_number(d->alarms))                                                             \
  X("last_alarm", report_time(d->alarm_ns))                                                        \
  X("alarm", value_text(d->alarm))

typedef struct {
  const GbDevices *devices;
  const GbDevice *device, *parent; /* NULL: it has none */
  unsigned depth;
} Row;

/* --- the walk --------------------------------------------------------------------------------- */

typedef void PutRow(Report *report, const Row *row);

/* Depth first, by the links alone: a tree may be as deep as it has devices. */
static void put_rows(Report *report, const GbDevices *devices, PutRow *put)
{
  uint32_t at = gb_devices_first_root(devices);
  Row row = {.devices = devices};
  int depth = 0, deeper = 0;

  for (; at != GB_DEVICE_NONE && !out_is_over(report->out);
       at = gb_devices_next(devices, at, false, &deeper), depth += deeper) {
    row.device = gb_devices_at(devices, at);
    row.parent =
      row.device->parent != GB_DEVICE_NONE ? gb_devices_at(devices, row.device->parent) : NULL;
    row.depth = (unsigned) depth;
    put(report, &row);
    arena_reset(&report->scratch);
  }
}

static void report_devices(Report *report, PutRow *put)
{
  g_autoptr(GbDevices) devices =
    gb_devices_new(report->trace, report->stores, &GB_DEVICE_LIMITS_DEFAULT);
  g_autoptr(GString) left_out = g_string_new(NULL);

  while (gb_devices_step(devices, INT64_MAX))
    continue;
  put_rows(report, devices, put);
  device_append_left_out(devices, left_out);
  if (left_out->len > 0 && !report->error)
    g_set_error(&report->error, APP_ERROR, APP_ERROR_IO, _("devices %s"), left_out->str);
}

/* --- JSON, CSV -------------------------------------------------------------------------------- */

static FieldValue span_or_none(int64_t span_ns)
{
  return span_ns >= 0 ? (FieldValue){.type = FIELD_DURATION, .integer = span_ns} : value_none();
}

static FieldValue address_value(Report *report, const GbDevice *device)
{
  return device->has_address
           ? (FieldValue){.type = FIELD_ADDRESS,
                          .address = *trace_endpoint(report->trace, device->address)}
           : value_none();
}

#define COLUMN_KEY(key, value) VALUE_COLUMN(key),
#define COLUMN_VALUE(key, value) value,

static const ValueColumn COLUMNS[] = {DEVICE_COLUMNS(COLUMN_KEY)};

static const FieldValue *values_of(Report *report, const Row *row)
{
  const GbDevice *d = row->device;
  const FieldValue values[] = {DEVICE_COLUMNS(COLUMN_VALUE)};

  return arena_copy(&report->scratch, values, sizeof values);
}

static void put_number(Json *json, const char *key, uint64_t number)
{
  json_key(json, key);
  json_value(json, number != 0 ? value_number(number) : value_none());
}

static void put_event(Report *report, const GbDeviceEvent *event)
{
  Json *json = &report->json;

  json_begin_object(json);
  json_key(json, "time");
  json_value(json, value_time(event->time_ns));
  json_key(json, "until");
  json_value(json, report_time(event->until_ns));
  json_key(json, "event");
  json_value(json, value_string(gb_device_event_name((GbDeviceEventKind) event->kind)));
  json_key(json, "what");
  json_value(json, value_text(event->what));
  json_key(json, "detail");
  json_value(json, value_text(event->detail));
  put_number(json, "count", event->count);
  put_number(json, "sum", event->sum);
  put_number(json, "status", event->status);
  put_number(json, "call", event->call);
  put_number(json, "message", event->message);
  json_end_object(json);
}

static void put_json(Report *report, const Row *row)
{
  const FieldValue *values = values_of(report, row);
  Json *json = &report->json;

  json_begin_object(json);
  for (size_t i = 0; i < G_N_ELEMENTS(COLUMNS); i++) {
    json_key_text(json, COLUMNS[i].key);
    json_value(json, values[i]);
  }
  json_key(json, "timeline");
  json_begin_array(json);
  g_autoptr(GPtrArray) events = gb_devices_events(row->devices, row->device->index);
  for (guint i = 0; i < events->len; i++)
    put_event(report, events->pdata[i]);
  json_end_array(json);
  json_end_object(json);
  json_end_line(json);
}

static void devices_json_end(Report *report)
{
  report_devices(report, put_json);
}

static void put_csv(Report *report, const Row *row)
{
  csv_row(report->out, values_of(report, row), G_N_ELEMENTS(COLUMNS));
}

static void devices_csv_end(Report *report)
{
  csv_header(report->out, COLUMNS, G_N_ELEMENTS(COLUMNS));
  report_devices(report, put_csv);
}

/* --- Text ------------------------------------------------------------------------------------- */

/* "34020000001320000001  device  online  192.0.2.64:5060  Gate; IP camera; ..." */
static void put_text(Report *report, const Row *row)
{
  enum { DEPTH_SHOWN = 16 };
  const GbDevice *d = row->device;
  const DeviceText text = {row->devices, &report->clock};
  char address[ENDPOINT_TEXT_MAX];
  g_autoptr(GString) facts = g_string_new(NULL);

  text_append_spaces(report->text, 2 * MIN(row->depth, (unsigned) DEPTH_SHOWN));
  g_string_append_printf(report->text, "%.*s  %s  %s", SLICE_ARG(d->id), _(device_role_name(d)),
                         _(gb_device_state_name((GbDeviceState) d->state)));
  if (d->has_address)
    g_string_append_printf(report->text, "  %s",
                           endpoint_format(trace_endpoint(report->trace, d->address), address));
  if (d->name.len > 0)
    g_string_append_printf(facts, "  %.*s", SLICE_ARG(d->name));
  device_append_facts(&text, d, facts);
  text_append_safe(report->text, slice_of(facts->str, facts->len), report->look.charset);
  report_put_row(report);
}

static void devices_text_end(Report *report)
{
  report->clock = clock_new(report->setup.time, report->setup.utc);
  report->clock.digits = 0;
  report_devices(report, put_text);
}

static const ReportOps DEVICES_TEXT = {.end = devices_text_end};
static const ReportOps DEVICES_JSON = {
  .for_programs = true,
  .schemas =
    (const ReportSchema[]){
      {"", "{device:string,role:string,parent:string?,depth:integer,state:string,status:string?,"
           "name:string?,manufacturer:string?,model:string?,address:string?,user_agent:string?,"
           "version:string?,registered:time?,expires:time?,expires_s:integer?,"
           "keepalives:integer,first_keepalive:time?,last_keepalive:time?,keepalive_ms:number?,"
           "keepalive_jitter_ms:number?,missed:integer?,alarms:integer,last_alarm:time?,"
           "alarm:string?,timeline:[{time:time?,until:time?,event:string,what:string?,"
           "detail:string?,count:integer?,sum:integer?,status:integer?,call:integer?,"
           "message:integer?}]}"},
      {NULL, NULL}},
  .end = devices_json_end};
static const ReportOps DEVICES_CSV = {.for_programs = true, .end = devices_csv_end};

const Subcommand DEVICES_SUBCOMMAND = {
  .name = "devices",
  .help = N_("one row per GB/T 28181 platform, device and channel, as a tree"),
  .more = N_(
    "Who registered from where and until when, whose keep-alives come and how regularly, what\n"
    "catalogs list below each device, and the last alarm. A device is offline after three\n"
    "keep-alives that did not come; ids are those of 20 digits. -T json has the timeline of each:\n"
    "registrations, keep-alives, silence, queries, controls, alarms, notifications and plays."),
  .takes = TAKES_REPORTING | TAKES_TIMES,
  .formats =
    (const ReportFormat[]){
      {"text", &DEVICES_TEXT}, {"json", &DEVICES_JSON}, {"csv", &DEVICES_CSV}, {NULL, NULL}},
};
