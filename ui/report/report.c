#include "ui/report/report.h"

#include <stdlib.h>

#include "capture/error.h"
#include "capture/language.h"
#include "dissect/diagnose/cause_groups.h"
#include "dissect/diagnose/diagnosis.h"
#include "dissect/sip/sip_values.h"
#include "ui/report/call_flow.h"
#include "ui/report/rows.h"
#include "ui/show/format.h"

bool report_is_ordered(const Report *report)
{
  return report->setup.columns || report->setup.sort;
}

/* Fields, filter and legs have the same ones. */
static void share_conversations(Report *report)
{
  const ReportSetup *setup = &report->setup;

  report->conversations = setup->conversations;
  if (!report->conversations) {
    report->conversations = report->own_conversations =
      conversations_new(setup->trace, setup->stores);
    conversations_set_headers(report->conversations, setup->leg_headers);
    for (guint i = 0; setup->cuts && i < setup->cuts->len; i++)
      conversations_cut(report->conversations, g_array_index(setup->cuts, uint32_t, i), true);
  }
  report->context.conversations = report->conversations;
  selection_share(setup->selection, report->conversations);
}

void report_init(Report *report, const ReportSetup *setup)
{
  const DisplayFilter *filter = setup->selection->filter;
  bool asks_calls = filter && !setup->live && display_filter_asks_calls(filter);
  const RowShape *shape = setup->ops->shape;

  *report = (Report){
    .ops = setup->ops,
    .setup = *setup,
    .trace = setup->trace,
    .stores = setup->stores,
    .out = setup->out,
    .look = setup->look,
    .clock = clock_new(setup->time, setup->utc),
    .json = json_new(setup->out),
    .endpoints = endpoint_set_new(setup->trace),
    .text = g_string_new(NULL),
    .open_calls = g_array_new(FALSE, FALSE, sizeof(size_t)),
    .causes = setup->counted.causes,
    .metrics = setup->counted.metrics,
  };
  report->fields = shape ? g_new0(FieldRef, shape->count) : NULL;
  for (size_t i = 0; shape && i < shape->count; i++) {
    report->fields[i].field = field_find(slice_from_string(shape->fields[i]));
    g_assert(report->fields[i].field);
  }
  selection_bind(setup->selection, setup->trace, setup->stores);
  report->context = field_context(setup->trace, setup->stores, &report->values);
  share_conversations(report);
  report->notes_legs = setup->ops->puts_legs && !setup->group && !setup->live;
  report->waits = report->ops->message && (setup->past || report_is_ordered(report) || asks_calls);
  arena_init(&report->values, 16 * 1024);
  arena_init(&report->scratch, 16 * 1024);
  arena_init(&report->octets, 16 * 1024);
}

void report_clear(Report *report)
{
  g_free(report->fields);
  endpoint_set_clear(&report->endpoints);
  g_clear_pointer(&report->flow, call_flow_free);
  if (report->state && report->free_state)
    report->free_state(report->state);
  g_clear_pointer(&report->diagnoser, diagnoser_free);
  g_clear_pointer(&report->causes, cause_groups_free);
  g_clear_pointer(&report->metrics, metric_groups_free);
  g_clear_pointer(&report->own_conversations, conversations_free);
  field_context_clear(&report->context);
  arena_clear(&report->values);
  arena_clear(&report->scratch);
  arena_clear(&report->octets);
  g_string_free(report->text, TRUE);
  g_free(report->verdict);
  g_array_unref(report->open_calls);
  g_clear_error(&report->error);
  g_clear_pointer(&report->rows, g_array_unref);
  if (report->messages)
    job_free(&report->messages->job);
  g_clear_pointer(&report->legs, g_array_unref);
}

void report_begin(Report *report)
{
  language_suspend(report->ops->for_programs);
  if (report->ops->begin && !report->setup.columns)
    report->ops->begin(report);
  language_suspend(false);
}

void report_message(Report *report, const Arrival *arrival, const Message *message)
{
  if (report->notes_legs)
    conversations_note(report->conversations, message, &arrival->sip);
  if (!report->ops->message)
    return;
  Selection *selection = report->setup.selection;
  bool named = selection_names_message(selection, message); /* notes that there is one */
  if (!named || report->waits || !selection_matches_message(selection, message, &arrival->sip))
    return;
  language_suspend(report->ops->for_programs);
  report->ops->message(report, arrival, message);
  language_suspend(false);
  arena_reset(&report->scratch);
}

void report_tick(Report *report, int64_t now_ns)
{
  language_suspend(report->ops->for_programs);
  if (report->ops->tick && !report_is_ordered(report))
    report->ops->tick(report, now_ns);
  language_suspend(false);
}

void report_note_unreadable(Report *report, const FieldContext *context)
{
  if (context->unreadable && !report->error)
    g_set_error(&report->error, APP_ERROR, APP_ERROR_IO,
                _("some messages could not be read again: their fields are left out"));
}

bool report_is_streaming(const Report *report)
{
  return report->ops->message && !report->waits;
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

void report_put_row(Report *report)
{
  GString *text = report->text;

  while (text->len > 0 && text->str[text->len - 1] == ' ')
    g_string_truncate(text, text->len - 1);
  g_string_append_c(text, '\n');
  report_put_line(report);
}

Slice report_unfold(Report *report, Slice value)
{
  return sip_unfold(&report->scratch, value);
}

Slice report_call_text(Report *report, const Call *call, CallText which)
{
  return call_text(call, which, report->stores, &report->scratch);
}

static void append_name(const void *aliases, const Endpoint *endpoint, GString *to)
{
  aliases_append(aliases, endpoint, ALIAS_WITH_PORT, to);
}

const Diagnoser *report_diagnoser(Report *report)
{
  if (!report->diagnoser) {
    report->diagnoser = diagnoser_new(report->trace, report->stores);
    report->diagnoser->sessions = report->setup.group ? SESSIONS_NONE : report->ops->sessions;
    report->diagnoser->names = (EndpointNames){append_name, report->setup.aliases};
  }
  return report->diagnoser;
}

void report_append_styled(Report *report, Slice safe, Style style)
{
  style_begin(report->text, style, &report->look);
  g_string_append_len(report->text, safe.data, (gssize) safe.len);
  style_end(report->text, style, &report->look);
}

void report_append_hanging(Report *report, unsigned used, unsigned indent, Slice text)
{
  enum { WORD = 8 };
  g_autoptr(GString) safe = g_string_new(NULL);
  const Look *look = &report->look;

  text_append_safe(safe, text, look->charset);
  Slice rest = slice_of(safe->str, safe->len);
  while (rest.len > 0) {
    Slice words = rest;
    if (look->fits)
      words = text_take_words(&rest, MAX(look->width, used + WORD) - used);
    else
      rest = SLICE_NONE;
    g_string_append_len(report->text, words.data, (gssize) words.len);
    if (rest.len > 0)
      g_string_append_printf(report->text, "\n%*s", (int) indent, "");
    used = indent;
  }
  g_string_append_c(report->text, '\n');
}

void report_append_wrapped(Report *report, unsigned used, Slice text)
{
  enum { INDENT = 4 };

  report_append_hanging(report, used, INDENT, text);
}

Slice report_reason(Report *report, const Message *message)
{
  SipMsg sip;

  if (report_load(report, message, &sip))
    return arena_dup(&report->scratch, sip.reason);
  return slice_from_string(sip_status_text(message->status));
}

FieldValue report_field_value(Report *report, const FieldRef *ref)
{
  FieldContext *context = &report->context;
  char text[FIELD_VALUE_TEXT_MAX];
  FieldValue value;
  size_t count = 0;

  if (!ref->field->many)
    return field_get(context, ref, &value) ? value : value_none();
  while (field_get_at(context, ref, count, &value))
    count++;
  Slice *items = arena_alloc(context->scratch, count * sizeof *items);
  for (size_t i = 0; i < count && field_get_at(context, ref, i, &value); i++)
    items[i] = arena_dup(context->scratch, field_value_format(&value, text));
  return value_list(items, count);
}

const FieldValue *report_row_values(Report *report)
{
  const RowShape *shape = report->ops->shape;
  FieldContext *context = &report->context;
  FieldValue *values = arena_alloc(context->scratch, shape->count * sizeof *values);

  for (size_t i = 0; i < shape->count; i++)
    values[i] = report_field_value(report, &report->fields[i]);
  report_note_unreadable(report, context);
  return values;
}

/* --- Live ------------------------------------------------------------------------------------- */

void report_tick_calls(Report *report, int64_t now_ns)
{
  Selection *selection = report->setup.selection;
  unsigned kept = 0;

  for (; report->next_call < trace_call_count(report->trace); report->next_call++)
    g_array_append_val(report->open_calls, report->next_call);
  for (unsigned i = 0; i < report->open_calls->len; i++) {
    size_t index = g_array_index(report->open_calls, size_t, i);
    const Call *call = selection_call_at(selection, index);

    if (call && !call_has_ended(call, now_ns))
      g_array_index(report->open_calls, size_t, kept++) = index;
    else if (call && selection_matches_call(selection, call))
      (void) report->ops->call(report, call); /* rows are put at once */
    arena_reset(&report->scratch);
  }
  g_array_set_size(report->open_calls, kept);
}

/* --- The end, in steps, so that a screen stays responsive ------------------------------------- */

size_t report_call_count(const Report *report)
{
  if (report->rows)
    return report->rows->len;
  return report->open_calls->len +
         (selection_call_count(report->setup.selection) - report->next_call);
}

/* Of the calls that the selection has. */
static size_t index_in_selection(const Report *report, size_t index)
{
  const GArray *open = report->open_calls;

  return index < open->len ? g_array_index(open, size_t, index)
                           : report->next_call + index - open->len;
}

const Call *report_call_at(Report *report, size_t index)
{
  if (report->rows)
    return g_array_index(report->rows, ReportRow, index).call;
  return selection_call_at(report->setup.selection, index_in_selection(report, index));
}

/* It may turn out not to be chosen: to ask that would read it. */
static const Call *candidate_at(const Report *report, size_t index)
{
  if (report->rows)
    return g_array_index(report->rows, ReportRow, index).call;
  return selection_candidate_at(report->setup.selection, index_in_selection(report, index));
}

static void begin_phase(Report *report, ReportPhase phase)
{
  report->ending.phase = phase;
  report->ending.next = 0;
  report->ending.count = report_call_count(report);
  if (phase == REPORT_PUTS_MESSAGES)
    report->ending.count = report->messages ? report->messages->count : report->rows->len;
}

/* Worth a thread from some calls on. */
static void read_ahead(Report *report)
{
  enum { CALLS_MIN = 64 };
  const ReportEnding *ending = &report->ending;
  GArray *calls = g_array_new(false, false, sizeof(const Call *));

  for (size_t i = 0; i < ending->count; i++) {
    const Call *call = report_call_at(report, i);
    if (call)
      g_array_append_val(calls, call);
  }
  if (calls->len < CALLS_MIN) {
    g_array_unref(calls);
    return;
  }
  (void) report_diagnoser(report);
  diagnoser_work_ahead(report->diagnoser, calls);
}

static void begin_calls(Report *report)
{
  begin_phase(report, report->ops->measure ? REPORT_MEASURES : REPORT_PUTS_CALLS);
  if (report->ops->diagnoses && !report->setup.past)
    read_ahead(report);
}

static void begin_ending(Report *report)
{
  /* Of what was read before, a list of messages is enough, unless a filter chooses them. */
  bool lists = report->setup.past && !report->setup.selection->filter;

  if (!report->ops->message && !report->ops->of_streams)
    selection_apply_filter(report->setup.selection);
  if (report->ops->of_streams || (!lists && (report->waits || report_is_ordered(report))))
    report->rows = rows_new(report);
  if (report->setup.columns) {
    rows_print_fields(report, report->rows, NULL);
    begin_phase(report, REPORT_IS_DONE);
  } else if (report->waits && lists) {
    report->messages = message_list_new(report->setup.selection);
    begin_phase(report, REPORT_COLLECTS);
  } else if (report->waits) {
    begin_phase(report, REPORT_PUTS_MESSAGES);
  } else if (report->setup.legs) {
    if (!report->rows)
      report->rows = rows_new(report);
    report->legs = g_array_new(false, false, sizeof(Leg));
    report->ending.phase = REPORT_FINDS_LEGS;
  } else {
    begin_calls(report);
  }
}

static int compare_rows(const void *a, const void *b)
{
  uint32_t left = ((const ReportRow *) a)->call->number;
  uint32_t right = ((const ReportRow *) b)->call->number;

  return left < right ? -1 : left > right;
}

static int compare_legs(const void *a, const void *b)
{
  const Leg *left = a, *right = b;

  return left->number < right->number ? -1 : left->number > right->number;
}

const Leg *report_leg(const Report *report, const Call *call)
{
  const Leg key = {.number = call->number};

  return report->legs && report->legs->len > 0
           ? bsearch(&key, report->legs->data, report->legs->len, sizeof key, compare_legs)
           : NULL;
}

/* The legs of one of the selected calls that are not there yet. */
static void add_legs(Report *report, const Call *call, CallSet *known)
{
  size_t left_out;
  g_autoptr(GArray) legs = conversations_links(report->conversations, call->number, &left_out);

  report->legs_left_out += left_out;
  for (guint i = 0; i < legs->len; i++) {
    const Leg *leg = &g_array_index(legs, Leg, i);
    const ReportRow row = {.call = trace_call(report->trace, leg->number)};

    if (call_set_has(known, leg->number))
      continue;
    call_set_put(known, leg->number, true);
    g_array_append_val(report->legs, *leg);
    g_array_append_val(report->rows, row);
  }
}

static void find_legs(Report *report)
{
  guint count = report->rows->len;
  CallSet *known = call_set_new(), *done = call_set_new();

  conversations_update(report->conversations);
  for (guint i = 0; i < count; i++)
    call_set_put(known, g_array_index(report->rows, ReportRow, i).call->number, true);
  for (guint i = 0; i < count; i++) {
    const Call *call = g_array_index(report->rows, ReportRow, i).call;
    uint32_t conversation = conversations_of(report->conversations, call->number);

    if (call_set_has(done, conversation))
      continue;
    call_set_put(done, conversation, true);
    add_legs(report, call, known);
  }
  call_set_free(known);
  call_set_free(done);
  if (report->legs_left_out > 0 && !report->error)
    g_set_error(&report->error, APP_ERROR, APP_ERROR_IO,
                _("--legs left out %zu legs of conversations of more than %d"),
                report->legs_left_out, CONVERSATION_LEGS_MAX);
  if (!report->setup.sort)
    g_array_sort(report->rows, compare_rows);
  g_array_sort(report->legs, compare_legs);
  begin_calls(report);
}

static void collect_messages(Report *report)
{
  if (!job_step(&report->messages->job, 0))
    begin_phase(report, REPORT_PUTS_MESSAGES);
}

/* Calls are spread over memory: what is read of the next ones has time to arrive. */
static void expect_calls(const Report *report)
{
  enum { SOON = 4, LATER = 8 };
  size_t next = report->ending.next;

  if (next + LATER < report->ending.count)
    call_expect(candidate_at(report, next + SOON), candidate_at(report, next + LATER));
}

static void measure_next(Report *report)
{
  ReportEnding *ending = &report->ending;

  if (ending->next < ending->count) {
    expect_calls(report);
    const Call *call = report_call_at(report, ending->next);
    bool has_more = call && report->ops->measure(report, call);
    arena_reset(&report->scratch);
    if (has_more)
      return;
    report->measured = NULL;
    ending->next++;
    return;
  }
  if (report->ops->heading)
    report->ops->heading(report);
  begin_phase(report, REPORT_PUTS_CALLS);
}

static void finish(Report *report)
{
  if (report->ops->end)
    report->ops->end(report);
  report->ending.phase = REPORT_IS_DONE;
}

static void put_next_call(Report *report)
{
  ReportEnding *ending = &report->ending;

  if (!report->ops->call || ending->next >= ending->count || out_is_over(report->out)) {
    finish(report);
    return;
  }
  expect_calls(report);
  const Call *call = report_call_at(report, ending->next);
  if (call && report->ops->call(report, call))
    return;
  bool merged = report->setup.merge && report->flow;
  ending->next = merged ? ending->count : ending->next + 1;
  ending->put += merged ? report->flow->call_count : (size_t) (call != NULL);
  g_clear_pointer(&report->flow, call_flow_free);
  arena_reset(&report->scratch);
}

/* Reads the next message again and puts it as if it had just arrived. */
static void put_next_message(Report *report)
{
  ReportEnding *ending = &report->ending;

  if (ending->next >= ending->count || out_is_over(report->out)) {
    finish(report);
    return;
  }
  const Message *message = report->messages
                             ? message_list_at(report->messages, ending->next)
                             : g_array_index(report->rows, ReportRow, ending->next).message;
  ending->next++;
  if (!message)
    return;
  Arrival arrival = {.raw = {.ref = message->ref, .time_ns = message->time_ns}};
  SipMsg *sip = &arrival.sip;
  if (!report_load(report, message, sip))
    return;
  /* `raw` begins after empty lines (RFC 3261 7.5) and ends where the message does */
  arrival.raw.octets = slice_of(sip->raw.data + sip->raw.len - message->len, message->len);
  report->ops->message(report, &arrival, message);
  ending->put++;
  arena_reset(&report->scratch);
}

bool report_end_step(Report *report, int64_t until_us)
{
  static void (*const PHASES[])(Report *) = {
    [REPORT_BEGINS] = begin_ending,      [REPORT_COLLECTS] = collect_messages,
    [REPORT_FINDS_LEGS] = find_legs,     [REPORT_MEASURES] = measure_next,
    [REPORT_PUTS_CALLS] = put_next_call, [REPORT_PUTS_MESSAGES] = put_next_message,
  };

  language_suspend(report->ops->for_programs);
  while (report->ending.phase != REPORT_IS_DONE) {
    PHASES[report->ending.phase](report);
    if (g_get_monotonic_time() >= until_us)
      break;
  }
  language_suspend(false);
  return report->ending.phase != REPORT_IS_DONE;
}

void report_end(Report *report)
{
  while (report_end_step(report, INT64_MAX))
    continue;
}

double report_end_progress(const Report *report)
{
  /* The share of the work, if messages are collected first. */
  const double COLLECTING = report->messages ? 0.25 : 0;
  const ReportEnding *ending = &report->ending;

  switch (ending->phase) {
  case REPORT_BEGINS:
  case REPORT_FINDS_LEGS:
  case REPORT_MEASURES:
    return 0;
  case REPORT_COLLECTS:
    return COLLECTING * job_progress(&report->messages->job);
  case REPORT_PUTS_CALLS:
  case REPORT_PUTS_MESSAGES:
    return COLLECTING +
           (1 - COLLECTING) * (double) ending->next / (double) MAX(ending->count, (size_t) 1);
  case REPORT_IS_DONE:
    break;
  }
  return 1;
}
