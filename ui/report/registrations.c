/* `registrations`: one row per binding of an address-of-record, with what happened to it. */
#include "capture/language.h"
#include "dissect/diagnose/registrations.h"

#include "capture/error.h"
#include "dissect/sip/sip_values.h"
#include "ui/report/csv.h"
#include "ui/report/registration_rows.h"
#include "ui/report/report.h"
#include "ui/report/subcommand.h"
#include "ui/show/registration_text.h"

/* X-macro: the keys of JSON and CSV, their types, and values of `b`, the binding of a Row. */
#define REGISTRATION_COLUMNS(X)                                                                    \
  X("registration", FIELD_INTEGER, value_number(row->number))                                      \
  X("aor", FIELD_STRING, value_text(row->aor->name))                                               \
  X("contact", FIELD_STRING, value_text(b->contact))                                               \
  X("state", FIELD_ENUM, value_string(row->state))                                                 \
  X("status", FIELD_INTEGER, b->status != 0 ? value_number(b->status) : value_none())              \
  X("since", FIELD_TIME, report_time(b->since_ns))                                                 \
  X("granted", FIELD_TIME, report_time(b->granted_ns))                                             \
  X("expires", FIELD_TIME, report_time(b->expires_ns))                                             \
  X("ended", FIELD_TIME, report_time(b->ended_ns))                                                 \
  X("expires_s", FIELD_INTEGER,                                                                    \
    b->granted_ns != TIME_NONE ? value_number(b->seconds) : value_none())                          \
  X("refreshes", FIELD_INTEGER, value_number(b->refreshes))                                        \
  X("lapses", FIELD_INTEGER, value_number(b->lapses))                                              \
  X("challenges", FIELD_INTEGER, value_number(b->challenges))                                      \
  X("challenges_in_a_row", FIELD_INTEGER, value_number(b->challenges_in_a_row))                    \
  X("rejections", FIELD_INTEGER, value_number(b->rejections))                                      \
  X("source", FIELD_ADDRESS, endpoint_value(report, row, b->source))                               \
  X("registrar", FIELD_ADDRESS, endpoint_value(report, row, b->registrar))                         \
  X("nat", FIELD_BOOLEAN, truth_value(b->is_behind_nat))                                           \
  X("q", FIELD_STRING, value_text(b->q))                                                           \
  X("instance", FIELD_STRING, value_text(b->instance))                                             \
  X("reg_id", FIELD_STRING, value_text(b->reg_id))                                                 \
  X("pub_gruu", FIELD_STRING, value_text(b->pub_gruu))                                             \
  X("temp_gruu", FIELD_STRING, value_text(b->temp_gruu))                                           \
  X("path", FIELD_LIST, values_of_list(report, b->path))                                           \
  X("service_route", FIELD_LIST, values_of_list(report, b->service_route))                         \
  X("user_agent", FIELD_STRING, value_text(b->user_agent))

/* A binding; or what an address-of-record without any had, and an empty binding. */
typedef struct {
  const Registrations *registrations;
  const RegistrationAor *aor;
  const RegistrationBinding *binding;
  const char *state;
  uint32_t index; /* of the binding, or REGISTRATION_NONE */
  uint32_t number;
  PutRegistration *put_values; /* of registrations_put; else NULL */
} Row;

/* --- Rows ------------------------------------------------------------------------------------- */

/* Does one of its events belong to a selected call? */
static bool is_selected(Report *report, const Row *row)
{
  Selection *selection = report->setup.selection;
  uint32_t asked = 0;

  if (selection_is_all(selection))
    return true;
  for (uint32_t i = 0; i < row->aor->event_count; i++) {
    const RegistrationEvent *event =
      registrations_event(row->registrations, row->aor->first_event + i);
    if (event->binding != row->index || event->call == asked)
      continue;
    asked = event->call;
    const Call *call = trace_call(report->trace, asked);
    if (call && selection_has_call(selection, call))
      return true;
  }
  return false;
}

typedef void PutRow(Report *report, const Row *row);

static void put_row(Report *report, const Row *row, PutRow *put)
{
  if (is_selected(report, row))
    put(report, row);
  arena_reset(&report->scratch);
}

/* An address-of-record that has been asked for, or was refused without a contact. */
static void put_without_contact(Report *report, Row *row, PutRow *put)
{
  static const RegistrationBinding NO_BINDING = {
    .since_ns = TIME_NONE,
    .granted_ns = TIME_NONE,
    .expires_ns = TIME_NONE,
    .ended_ns = TIME_NONE,
  };

  for (uint32_t i = 0; i < row->aor->event_count; i++)
    row->state = registration_event_name(
      registrations_event(row->registrations, row->aor->first_event + i)->kind);
  row->index = REGISTRATION_NONE;
  row->binding = &NO_BINDING;
  row->number++;
  put_row(report, row, put);
}

static void put_rows(Report *report, Row row, PutRow *put)
{
  const Registrations *registrations = row.registrations;

  for (uint32_t i = 0; i < registrations_aor_count(registrations); i++) {
    row.aor = registrations_aor(registrations, i);
    row.index = row.aor->first_binding;
    if (row.index == REGISTRATION_NONE && row.aor->event_count > 0)
      put_without_contact(report, &row, put);
    for (; row.index != REGISTRATION_NONE && !out_is_over(report->out);
         row.index = row.binding->next) {
      row.binding = registrations_binding(registrations, row.index);
      row.state = registration_state_name(row.binding);
      row.number++;
      put_row(report, &row, put);
    }
  }
}

static void report_registrations(Report *report, PutRow *put, PutRegistration *put_values)
{
  g_autoptr(Registrations) registrations =
    registrations_new(report->trace, report->stores, &REGISTRATION_LIMITS_DEFAULT);
  g_autoptr(GString) left_out = g_string_new(NULL);

  while (registrations_step(registrations, INT64_MAX))
    continue;
  put_rows(report, (Row){.registrations = registrations, .put_values = put_values}, put);
  registration_append_left_out(registrations, left_out);
  if (left_out->len > 0 && !report->error)
    g_set_error(&report->error, APP_ERROR, APP_ERROR_IO, _("registrations %s"), left_out->str);
}

/* --- JSON, CSV -------------------------------------------------------------------------------- */

static FieldValue truth_value(bool truth)
{
  return (FieldValue){.type = FIELD_BOOLEAN, .truth = truth};
}

static FieldValue endpoint_value(Report *report, const Row *row, uint32_t endpoint)
{
  return row->index == REGISTRATION_NONE
           ? value_none()
           : (FieldValue){.type = FIELD_ADDRESS,
                          .address = *trace_endpoint(report->trace, endpoint)};
}

static FieldValue values_of_list(Report *report, Slice text)
{
  enum { VALUES_MAX = 32 };
  Slice *items = arena_alloc(&report->scratch, VALUES_MAX * sizeof *items);
  SipListIter values = sip_list(text);
  size_t count = 0;

  while (count < VALUES_MAX && sip_list_next(&values, &items[count]))
    count++;
  return value_list(items, count);
}

#define COLUMN_KEY(key, type, value) VALUE_COLUMN(key),
#define COLUMN_TYPED(key, type, value) {key, type},
#define COLUMN_VALUE(key, type, value) value,

static const ValueColumn COLUMNS[] = {REGISTRATION_COLUMNS(COLUMN_KEY)};

static const FieldValue *values_of(Report *report, const Row *row)
{
  const RegistrationBinding *b = row->binding;
  const FieldValue values[] = {REGISTRATION_COLUMNS(COLUMN_VALUE)};

  return arena_copy(&report->scratch, values, sizeof values);
}

const TypedColumn REGISTRATION_TYPED[] = {REGISTRATION_COLUMNS(COLUMN_TYPED){NULL, 0}};

static void put_values(Report *report, const Row *row)
{
  row->put_values(report, values_of(report, row));
}

void registrations_put(Report *report, PutRegistration *put)
{
  report_registrations(report, put_values, put);
}

static void put_message(Json *json, const char *key, uint32_t number)
{
  json_key(json, key);
  json_value(json, number != 0 ? value_number(number) : value_none());
}

static void put_event(Report *report, const Row *row, const RegistrationEvent *event)
{
  Json *json = &report->json;
  bool has_seconds = event->seconds > 0 && event->kind != REGISTRATION_REJECTED;

  json_begin_object(json);
  json_key(json, "time");
  json_value(json, value_time(event->time_ns));
  json_key(json, "event");
  json_value(json, value_string(registration_event_name(event->kind)));
  json_key(json, "call");
  json_value(json, value_number(event->call));
  put_message(json, "request", event->request);
  put_message(json, "response", event->final);
  put_message(json, "status", event->status);
  put_message(json, "expires_s", has_seconds ? event->seconds : 0);
  put_message(json, "min_expires_s", event->kind == REGISTRATION_REJECTED ? event->seconds : 0);
  json_key(json, "by");
  json_value(json, event->other != REGISTRATION_NONE
                     ? value_text(registrations_binding(row->registrations, event->other)->contact)
                     : value_none());
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
  for (uint32_t i = 0; i < row->aor->event_count; i++) {
    const RegistrationEvent *event =
      registrations_event(row->registrations, row->aor->first_event + i);
    if (event->binding == row->index)
      put_event(report, row, event);
  }
  json_end_array(json);
  json_end_object(json);
  json_end_line(json);
}

static void registrations_json_end(Report *report)
{
  report_registrations(report, put_json, NULL);
}

static void put_csv(Report *report, const Row *row)
{
  csv_row(report->out, values_of(report, row), G_N_ELEMENTS(COLUMNS));
}

static void registrations_csv_end(Report *report)
{
  csv_header(report->out, COLUMNS, G_N_ELEMENTS(COLUMNS));
  report_registrations(report, put_csv, NULL);
}

/* --- Text: a line per binding, and what happened to it ---------------------------------------- */

static void put_wrapped(Report *report, const GString *line)
{
  enum { INDENT = 2 };

  g_string_append_printf(report->text, "%*s", INDENT, "");
  report_append_wrapped(report, INDENT, slice_of(line->str, line->len));
  report_put_line(report);
}

static void put_text(Report *report, const Row *row)
{
  g_autoptr(GString) line = g_string_new(NULL);
  const RegistrationText text = {row->registrations, report->trace, report->setup.aliases,
                                 &report->clock};
  Slice contact =
    row->binding->contact.data ? row->binding->contact : slice_from_string(_("no contact"));
  RegistrationRun run;

  text_append_safe(line, row->aor->name, report->look.charset);
  g_string_append(line, "  ");
  text_append_safe(line, contact, report->look.charset);
  g_string_append_printf(line, "  %s", row->state);
  report_append_styled(report, slice_of(line->str, line->len), STYLE_HEADING);
  g_string_append_c(report->text, '\n');
  report_put_line(report);
  if (row->index != REGISTRATION_NONE) {
    g_string_truncate(line, 0);
    registration_append_facts(&text, row->binding, line);
    put_wrapped(report, line);
  }
  for (uint32_t at = 0;
       registration_next_run(row->registrations, row->aor, row->index, &at, &run);) {
    g_string_truncate(line, 0);
    registration_append_run(&text, &run, false, line);
    put_wrapped(report, line);
  }
}

static void registrations_text_end(Report *report)
{
  enum { WIDE = 120 };

  report->clock.date = report->look.width >= WIDE;
  report->clock.digits = 3;
  report_registrations(report, put_text, NULL);
}

static const ReportOps REGISTRATIONS_TEXT = {.end = registrations_text_end};
static const ReportOps REGISTRATIONS_JSON = {
  .for_programs = true,
  .schemas =
    (const ReportSchema[]){
      {"", "{registration:integer,aor:string,contact:string?,state:string,status:integer?,"
           "since:time?,granted:time?,expires:time?,ended:time?,expires_s:integer?,"
           "refreshes:integer,lapses:integer,challenges:integer,challenges_in_a_row:integer,"
           "rejections:integer,source:string?,registrar:string?,nat:boolean,q:string?,"
           "instance:string?,reg_id:string?,pub_gruu:string?,temp_gruu:string?,path:[string],"
           "service_route:[string],user_agent:string?,timeline:[{time:time?,event:string,"
           "call:integer,request:integer?,response:integer?,status:integer?,expires_s:integer?,"
           "min_expires_s:integer?,by:string?}]}"},
      {NULL, NULL}},
  .end = registrations_json_end};
static const ReportOps REGISTRATIONS_CSV = {.for_programs = true, .end = registrations_csv_end};

const Subcommand REGISTRATIONS_SUBCOMMAND = {
  .name = "registrations",
  .help = N_("one row per binding of an address-of-record"),
  .more =
    N_("Who was registered where, since when and until when, whatever the Call-IDs: granted by\n"
       "the 2xx, refreshed, lapsed, replaced by another contact, removed, challenged, rejected.\n"
       "-Y and --call select the bindings that one of the calls registered."),
  .takes = TAKES_REPORTING | TAKES_FILTER | TAKES_CALLS | TAKES_TIMES | TAKES_ALIASES,
  .formats = (const ReportFormat[]){{"text", &REGISTRATIONS_TEXT},
                                    {"json", &REGISTRATIONS_JSON},
                                    {"csv", &REGISTRATIONS_CSV},
                                    {NULL, NULL}},
};
