#include "ui/report/report.h"

#include "capture/error.h"
#include "dissect/sip/sip_values.h"
#include "ui/report/call_flow.h"
#include "ui/report/reports.h"
#include "ui/show/field_value.h"

static const ReportOps *find_ops(const Options *options)
{
  SubcommandId command = options->command == SUBCOMMAND_NONE ? SUBCOMMAND_CALLS : options->command;
  bool named = (options->given & 1U << OPTION_FORMAT) && !options->columns;
  size_t i = 0;

  if (command == SUBCOMMAND_MESSAGES && named && options->format == FORMAT_TEXT)
    return &WHOLE_MESSAGES;
  while (REPORTS[i].command != command || REPORTS[i].format != options->format)
    i++;
  return &REPORTS[i];
}

bool report_is_ordered(const Report *report)
{
  return report->options->columns || report->options->sort;
}

static bool asks_calls(const ReportSetup *setup)
{
  return setup->options->where && !setup->live && display_filter_asks_calls(setup->options->where);
}

static FieldRef *find_fields(const RowShape *shape)
{
  FieldRef *fields = shape ? g_new0(FieldRef, shape->count) : NULL;

  for (size_t i = 0; fields && i < shape->count; i++) {
    fields[i].field = field_find(slice_from_string(shape->fields[i]));
    g_assert(fields[i].field);
  }
  return fields;
}

void report_init(Report *report, const ReportSetup *setup)
{
  *report = (Report){
    .ops = find_ops(setup->options),
    .options = setup->options,
    .trace = setup->trace,
    .stores = setup->stores,
    .out = setup->out,
    .look = setup->look,
    .terminal = setup->terminal,
    .live = setup->live,
    .choice = setup->choice,
    .clock = clock_new(setup->options->time, setup->options->utc),
    .json = json_new(setup->out),
    .selection = selection_new(setup->options),
    .endpoints = endpoint_set_new(setup->trace),
    .text = g_string_new(NULL),
    .open_calls = g_array_new(FALSE, FALSE, sizeof(size_t)),
  };
  report->fields = find_fields(report->ops->shape);
  where_init(&report->where, setup->options->where, setup->trace, setup->stores);
  report->waits =
    report->ops->message && (setup->choice || report_is_ordered(report) || asks_calls(setup));
  arena_init(&report->scratch, 16 * 1024);
  arena_init(&report->octets, 16 * 1024);
}

void report_clear(Report *report)
{
  selection_clear(&report->selection);
  where_clear(&report->where);
  g_free(report->fields);
  endpoint_set_clear(&report->endpoints);
  g_clear_pointer(&report->flow, call_flow_free);
  arena_clear(&report->scratch);
  arena_clear(&report->octets);
  g_string_free(report->text, TRUE);
  g_array_unref(report->open_calls);
  g_clear_error(&report->error);
  g_clear_pointer(&report->rows, g_array_unref);
  g_clear_pointer(&report->messages, message_list_free);
}

void report_begin(Report *report)
{
  if (report->ops->begin && !report->options->columns)
    report->ops->begin(report);
}

void report_message(Report *report, const Arrival *arrival, const Message *message)
{
  if (!report->ops->message)
    return;
  bool named = selection_has_message(&report->selection, message); /* notes that there is one */
  if (!named || report->waits || !where_has_message(&report->where, message, &arrival->sip))
    return;
  report->ops->message(report, arrival, message);
  arena_reset(&report->scratch);
}

void report_tick(Report *report, int64_t now_ns)
{
  if (report->ops->tick && !report_is_ordered(report))
    report->ops->tick(report, now_ns);
}

void report_note_unreadable(Report *report, const FieldContext *context)
{
  if (context->unreadable && !report->error)
    g_set_error(&report->error, APP_ERROR, APP_ERROR_IO,
                "some messages could not be read again: their facts are left out");
}

bool report_is_streaming(const Report *report)
{
  return report->ops->message && !report->waits;
}

bool report_is_choosing(const Report *report)
{
  return report->selection.calls->len > 0 || report->where.filter;
}

const Call *report_call_at(Report *report, size_t index)
{
  const Call *call = trace_call_at(report->trace, index);

  if (!call || !selection_has_call(&report->selection, call))
    return NULL;
  return where_has_call(&report->where, call) ? call : NULL;
}

bool report_wants_call(Report *report, const Call *call)
{
  return where_has_call_now(&report->where, call);
}

bool report_load(Report *report, const Message *message, SipMsg *ret_msg)
{
  GError **error = report->error ? NULL : &report->error;

  arena_reset(&report->octets);
  return message_load(message, report->stores, &report->octets, ret_msg, error);
}

void report_put_line(Report *report)
{
  out_write(report->out, slice_of(report->text->str, report->text->len));
  g_string_truncate(report->text, 0);
}

Slice report_unfold(Report *report, Slice value)
{
  return sip_unfold(&report->scratch, value);
}

void report_append_styled(Report *report, Slice safe, Style style)
{
  style_begin(report->text, style, &report->look);
  g_string_append_len(report->text, safe.data, (gssize) safe.len);
  style_end(report->text, style, &report->look);
}

Slice report_reason(Report *report, const Message *message)
{
  SipMsg sip;

  if (report_load(report, message, &sip))
    return arena_dup(&report->scratch, sip.reason);
  return slice_from_string(sip_status_text(message->status));
}

/* All values of a field that may have several. */
static FieldValue list_of(FieldContext *context, const FieldRef *ref)
{
  char text[FIELD_VALUE_TEXT_MAX];
  FieldValue value;
  size_t count = 0;

  while (field_get_at(context, ref, count, &value))
    count++;
  Slice *items = arena_alloc(context->scratch, count * sizeof *items);
  for (size_t i = 0; i < count && field_get_at(context, ref, i, &value); i++)
    items[i] = arena_dup(context->scratch, field_value_format(&value, text));
  return value_list(items, count);
}

static FieldValue value_of(FieldContext *context, const FieldRef *ref)
{
  FieldValue value;

  if (ref->field->many)
    return list_of(context, ref);
  return field_get(context, ref, &value) ? value : value_none();
}

const FieldValue *report_row_values(Report *report)
{
  const RowShape *shape = report->ops->shape;
  FieldContext *context = &report->where.context;
  FieldValue *values = arena_alloc(context->scratch, shape->count * sizeof *values);

  for (size_t i = 0; i < shape->count; i++)
    values[i] = value_of(context, &report->fields[i]);
  report_note_unreadable(report, context);
  return values;
}
