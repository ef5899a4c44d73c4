/* `flow` as text: a ladder of each call, laid out and put some rungs at a time. */
#include "ui/report/call_flow.h"
#include "ui/report/reports.h"
#include "ui/show/flow_rung.h"
#include "ui/show/ladder_draw.h"

enum { CHUNK = 128 };

/* What all windows on a ladder have in common, and where its putting has come to. */
struct FlowText {
  size_t measured, put; /* rungs */
  LadderMessage *messages;
  LadderSpan *spans;
  size_t columns; /* that a ladder can have: spans are columns * columns */
  unsigned number_width, time_width;
  Clock clock; /* measures */
};

static Slice safe_in_scratch(Report *report, Slice s)
{
  g_autoptr(GString) safe = g_string_new(NULL);

  text_append_safe(safe, s, report->look.charset);
  return arena_dup(&report->scratch, slice_of(safe->str, safe->len));
}

static LadderMessage ladder_message(Report *report, const Rung *rung)
{
  return (LadderMessage){
    .from = rung->from,
    .to = rung->to,
    .number = rung->message->number,
    .time_ns = rung->message->time_ns,
    .label = safe_in_scratch(report, rung->label),
    .style = style_of_status(rung->message->status),
    .marks = flow_rung_marks(rung->message),
  };
}

static FlowText *begin(Report *report, const Call *call, const CallFlow *flow)
{
  FlowText *text = arena_new(&report->scratch, FlowText);

  text->columns = MIN(flow->column_count, LADDER_COLUMNS_MAX);
  text->messages = arena_alloc(&report->scratch, flow->rung_count * sizeof *text->messages);
  text->spans = arena_alloc0(&report->scratch, text->columns * text->columns * sizeof *text->spans);
  clock_restart(&report->clock, call->start_ns);
  flow_rung_fit_clock(&report->clock, call->start_ns, call->end_ns, report->look.width);
  text->clock = report->clock;
  return text;
}

static void measure_span(FlowText *text, const LadderMessage *message)
{
  uint32_t last = (uint32_t) text->columns - 1;
  uint32_t from = MIN(message->from, last), to = MIN(message->to, last);
  LadderSpan *span = &text->spans[from * text->columns + to];

  span->from = from;
  span->to = to;
  span->label_width = MAX(span->label_width, ladder_label_width(message, false));
  span->long_width = MAX(span->long_width, ladder_label_width(message, true));
}

static void measure_fields(FlowText *text, const LadderMessage *message)
{
  char field[TIME_TEXT_MAX];
  unsigned number = (unsigned) number_format(message->number, field);
  unsigned time = (unsigned) strlen(clock_format(&text->clock, message->time_ns, field));

  text->number_width = MAX(text->number_width, number);
  text->time_width = MAX(text->time_width, time);
}

static void measure_some(Report *report, const CallFlow *flow, FlowText *text)
{
  for (unsigned i = 0; i < CHUNK && text->measured < flow->rung_count; i++) {
    LadderMessage *message = &text->messages[text->measured];

    *message = ladder_message(report, &flow->rungs[text->measured]);
    measure_span(text, message);
    measure_fields(text, message);
    text->measured++;
  }
}

/* The ladder of the next rungs, good until a message is read again, whose arena it is in. */
static Ladder build_window(Report *report, const CallFlow *flow, const FlowText *text, size_t count)
{
  const LadderInput input = {
    .names = flow->columns,
    .name_count = flow->column_count,
    .messages = text->messages + text->put,
    .message_count = count,
    .spans = text->spans,
    .span_count = text->columns * text->columns,
  };
  const LadderOptions options = {
    .width = report->look.width,
    .charset = report->look.charset,
    .clock = &report->clock,
    .number_width = text->number_width,
    .time_width = text->time_width,
  };

  arena_reset(&report->octets);
  return ladder_build(&report->octets, &input, &options);
}

/* Calls are divided by an empty line. */
static void put_heading(Report *report, const Call *call, const CallFlow *flow)
{
  if (report->ending.put > 0)
    out_char(report->out, '\n');
  flow_put_heading(report, call, flow->column_count);
}

static void put_some(Report *report, const Call *call, const CallFlow *flow)
{
  FlowText *text = flow->text;
  bool first = text->put == 0;
  size_t count = MIN(flow->rung_count - text->put, (size_t) CHUNK);

  if (first)
    put_heading(report, call, flow);
  Ladder ladder = build_window(report, flow, text, count);
  for (unsigned line = 0; first && line < ladder.name_lines; line++)
    ladder_text_names(report->text, &ladder, line, &report->look);
  for (size_t row = 0; row < count; row++) {
    ladder_text_row(report->text, &ladder, row, &report->look);
    report_put_line(report);
  }
  text->put += count;
}

bool flow_text(Report *report, const Call *call)
{
  CallFlow *flow = call_flow_built(report, call);

  if (!flow)
    return true;
  if (!flow->text)
    flow->text = begin(report, call, flow);
  if (flow->text->measured < flow->rung_count) {
    measure_some(report, flow, flow->text);
    return true;
  }
  put_some(report, call, flow);
  return flow->text->put < flow->rung_count;
}
