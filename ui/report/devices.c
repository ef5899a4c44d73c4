/* `devices`: the platforms, devices and channels of GB/T 28181, one row each, as a tree. */
#include "capture/error.h"
#include "dissect/diagnose/gb_devices.h"
#include "dissect/sip/gb_id.h"
#include "ui/report/csv.h"
#include "ui/report/report.h"
#include "ui/report/subcommand.h"

/* X-macro: the keys of JSON and CSV, and their values of `d`, the device of a Row. */
#define DEVICE_COLUMNS(X)                                                                          \
  X("device", value_text(d->id))                                                                   \
  X("role", value_string(role_name(d)))                                                            \
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
  X("registered", time_or_none(d->registered_ns))                                                  \
  X("expires", time_or_none(d->expires_ns))                                                        \
  X("expires_s", d->registered_ns != TIME_NONE ? value_number(d->seconds) : value_none())          \
  X("keepalives", value_number(d->keepalives))                                                     \
  X("first_keepalive", time_or_none(d->first_keepalive_ns))                                        \
  X("last_keepalive", time_or_none(d->keepalive_ns))                                               \
  X("keepalive_ms", span_or_none(d->period_ns))                                                    \
  X("keepalive_jitter_ms", span_or_none(d->jitter_ns))                                             \
  X("missed", d->period_ns >= 0 ? value_number(d->missed) : value_none())                          \
  X("alarms", value_number(d->alarms))                                                             \
  X("last_alarm", time_or_none(d->alarm_ns))                                                       \
  X("alarm", value_text(d->alarm))

typedef struct {
  const GbDevice *device, *parent; /* NULL: it has none */
  unsigned depth;
} Row;

static const char *role_name(const GbDevice *device)
{
  static const char *const NAMES[] = {
    [GB_ROLE_OTHER] = "other",
    [GB_ROLE_PLATFORM] = "platform",
    [GB_ROLE_DEVICE] = "device",
    [GB_ROLE_CHANNEL] = "channel",
  };

  return NAMES[device->role];
}

/* --- the walk --------------------------------------------------------------------------------- */

typedef void PutRow(Report *report, const Row *row);

/* Depth first, by the links alone: a tree may be as deep as it has devices. */
static void put_rows(Report *report, const GbDevices *devices, PutRow *put)
{
  uint32_t at = gb_devices_first_root(devices);
  Row row = {.depth = 0};

  while (at != GB_DEVICE_NONE && !out_is_over(report->out)) {
    row.device = gb_devices_at(devices, at);
    row.parent =
      row.device->parent != GB_DEVICE_NONE ? gb_devices_at(devices, row.device->parent) : NULL;
    put(report, &row);
    arena_reset(&report->scratch);
    if (row.device->first_child != GB_DEVICE_NONE) {
      at = row.device->first_child;
      row.depth++;
      continue;
    }
    const GbDevice *device = row.device;
    while (device->next == GB_DEVICE_NONE && device->parent != GB_DEVICE_NONE) {
      device = gb_devices_at(devices, device->parent);
      row.depth--;
    }
    at = device->next;
  }
}

static void report_devices(Report *report, PutRow *put)
{
  g_autoptr(GbDevices) devices =
    gb_devices_new(report->trace, report->stores, &GB_DEVICE_LIMITS_DEFAULT);

  for (size_t i = 0; i < trace_call_count(report->trace); i++) {
    const Call *call = trace_call_at(report->trace, i);
    if (call)
      gb_devices_add_call(devices, call);
  }
  gb_devices_finish(devices);
  put_rows(report, devices, put);
  GbDevicesLeftOut left_out = gb_devices_left_out(devices);
  if ((left_out.devices > 0 || left_out.unreadable > 0) && !report->error)
    g_set_error(&report->error, APP_ERROR, APP_ERROR_IO,
                "devices left out: %" G_GUINT64_FORMAT " further devices, %" G_GUINT64_FORMAT
                " messages that could not be read",
                left_out.devices, left_out.unreadable);
}

/* --- JSON, CSV -------------------------------------------------------------------------------- */

static FieldValue time_or_none(int64_t time_ns)
{
  return time_ns != TIME_NONE ? value_time(time_ns) : value_none();
}

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

static void put_json(Report *report, const Row *row)
{
  json_row(&report->json, COLUMNS, values_of(report, row), G_N_ELEMENTS(COLUMNS));
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

static void append_word(Report *report, const char *before, Slice word)
{
  if (word.len == 0)
    return;
  g_string_append(report->text, before);
  text_append_safe(report->text, word, report->look.charset);
}

static void append_time(Report *report, const char *before, int64_t time_ns)
{
  char text[TIME_TEXT_MAX];

  if (time_ns != TIME_NONE)
    g_string_append_printf(report->text, "%s%s", before,
                           clock_format(&report->clock, time_ns, text));
}

static void append_keepalives(Report *report, const GbDevice *d)
{
  char period[TIME_TEXT_MAX], jitter[TIME_TEXT_MAX];

  if (d->keepalives == 0)
    return;
  append_time(report, "; last keep-alive ", d->keepalive_ns);
  if (d->period_ns < 0)
    return;
  g_string_append_printf(report->text, ", every %s, jitter %s",
                         duration_format(d->period_ns, period),
                         duration_format(d->jitter_ns, jitter));
  if (d->missed > 0)
    g_string_append_printf(report->text, ", %u missed", d->missed);
}

/* "34020000001320000001  device  online  192.0.2.64:5060; IP camera; ..." */
static void put_text(Report *report, const Row *row)
{
  enum { DEPTH_SHOWN = 16 };
  const GbDevice *d = row->device;
  char address[ENDPOINT_TEXT_MAX], type[GB_ID_TEXT_MAX];
  GbId id;

  text_append_spaces(report->text, 2 * MIN(row->depth, (unsigned) DEPTH_SHOWN));
  g_string_append_printf(report->text, "%.*s  %s  %s", SLICE_ARG(d->id), role_name(d),
                         gb_device_state_name((GbDeviceState) d->state));
  if (d->has_address)
    g_string_append_printf(report->text, "  %s",
                           endpoint_format(trace_endpoint(report->trace, d->address), address));
  append_word(report, "  ", d->name);
  if (gb_id_read(d->id, &id) && id.type_name)
    append_word(report, "; ", slice_from_string(gb_id_format(&id, type)));
  append_word(report, "; ", d->manufacturer);
  append_word(report, " ", d->model);
  append_word(report, "; version ", d->version);
  append_time(report, "; registered ", d->registered_ns);
  append_time(report, ", until ", d->is_removed ? TIME_NONE : d->expires_ns);
  append_keepalives(report, d);
  append_time(report, "; last alarm ", d->alarm_ns);
  append_word(report, ": ", d->alarm);
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
  .schemas =
    (const ReportSchema[]){
      {"", "{device:string,role:string,parent:string?,depth:integer,state:string,status:string?,"
           "name:string?,manufacturer:string?,model:string?,address:string?,user_agent:string?,"
           "version:string?,registered:time?,expires:time?,expires_s:integer?,"
           "keepalives:integer,first_keepalive:time?,last_keepalive:time?,keepalive_ms:number?,"
           "keepalive_jitter_ms:number?,missed:integer?,alarms:integer,last_alarm:time?,"
           "alarm:string?}"},
      {NULL, NULL}},
  .end = devices_json_end};
static const ReportOps DEVICES_CSV = {.end = devices_csv_end};

const Subcommand DEVICES_SUBCOMMAND = {
  .name = "devices",
  .help = "one row per GB/T 28181 platform, device and channel, as a tree",
  .more =
    "Who registered from where and until when, whose keep-alives come and how regularly, what\n"
    "catalogs list below each device, and the last alarm. A device is offline after three\n"
    "keep-alives that did not come; ids are those of 20 digits.",
  .takes = TAKES_PRINTING | TAKES_TIMES,
  .formats =
    (const ReportFormat[]){
      {"text", &DEVICES_TEXT}, {"json", &DEVICES_JSON}, {"csv", &DEVICES_CSV}, {NULL, NULL}},
};
