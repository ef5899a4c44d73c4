#include "ui/report/flow_layout.h"

static int compare_notes(const void *a, const void *b)
{
  const Note *x = a, *y = b;

  return x->time_ns < y->time_ns ? -1 : x->time_ns > y->time_ns;
}

/* Copies: the trace may get more meanwhile. */
static void find_notes(Report *report, const CallFlow *flow, FlowLayout *layout)
{
  const Note *notes = NULL;
  size_t all = 0;

  for (size_t i = 0; i < flow->call_count; i++)
    all += trace_notes(report->trace, flow->calls[i], &notes);
  layout->notes = arena_alloc(&report->scratch, all * sizeof *notes);
  for (size_t i = 0; i < flow->call_count; i++) {
    size_t count = trace_notes(report->trace, flow->calls[i], &notes);
    if (count > 0)
      memcpy(layout->notes + layout->note_count, notes, count * sizeof *notes);
    layout->note_count += count;
  }
  if (flow->call_count > 1)
    qsort(layout->notes, all, sizeof *layout->notes, compare_notes);
}

FlowLayout *flow_layout_new(Report *report, const CallFlow *flow)
{
  FlowLayout *layout = arena_new(&report->scratch, FlowLayout);

  layout->columns = MIN(flow->column_count, (size_t) LADDER_COLUMNS_MAX);
  layout->spans =
    arena_alloc0(&report->scratch, layout->columns * layout->columns * sizeof *layout->spans);
  layout->width = report->look.width;
  layout->charset = report->look.charset;
  clock_restart(&report->clock, flow->start_ns);
  flow_fit_clock(&report->clock, flow->start_ns, flow->end_ns, layout->width);
  layout->clock = report->clock;
  find_notes(report, flow, layout);
  return layout;
}

static Slice safe_label(const FlowLayout *layout, Report *report, Slice label)
{
  g_autoptr(GString) safe = g_string_new(NULL);

  text_append_safe(safe, label, layout->charset);
  return arena_dup(&report->octets, slice_of(safe->str, safe->len));
}

/* Its label is in report->octets. */
static LadderMessage ladder_message(const FlowLayout *layout, Report *report, const CallFlow *flow,
                                    size_t index)
{
  CallFlowRung rung = call_flow_rung(report, flow, index);
  LadderMessage message = {
    .from = rung.from,
    .to = rung.to,
    .time_ns = rung.time_ns,
    .label = safe_label(layout, report, rung.label),
  };

  if (rung.stream) {
    message.is_media = true;
    message.short_label = safe_label(layout, report, rung.brief);
    message.style = STYLE_SDP;
    return message;
  }
  message.number = rung.message->number;
  message.style = style_of_status(rung.message->status);
  message.marks = flow_label_marks(rung.message);
  return message;
}

void flow_layout_measure(FlowLayout *layout, Report *report, const CallFlow *flow, size_t rung)
{
  uint32_t last = (uint32_t) layout->columns - 1;
  char field[TIME_TEXT_MAX];

  arena_reset(&report->octets);
  LadderMessage message = ladder_message(layout, report, flow, rung);
  uint32_t from = MIN(message.from, last), to = MIN(message.to, last);
  LadderSpan *span = &layout->spans[from * layout->columns + to];
  span->from = from;
  span->to = to;
  if (message.is_media) {
    span->label_width = MAX(span->label_width, (unsigned) FLOW_STREAM_LABEL);
    span->media_width = MAX(span->media_width, text_width(message.label));
  } else {
    span->label_width = MAX(span->label_width, ladder_label_width(&message, false));
    span->long_width = MAX(span->long_width, ladder_label_width(&message, true));
  }
  unsigned number = message.number > 0 ? (unsigned) number_format(message.number, field) : 0;
  unsigned time = (unsigned) strlen(clock_format(&layout->clock, message.time_ns, field));
  layout->number_width = MAX(layout->number_width, number);
  layout->time_width = MAX(layout->time_width, time);
}

Ladder flow_layout_window(const FlowLayout *layout, Report *report, const CallFlow *flow,
                          size_t first, size_t count)
{
  const LadderOptions options = {
    .width = layout->width,
    .charset = layout->charset,
    .clock = &report->clock,
    .number_width = layout->number_width,
    .time_width = layout->time_width,
  };

  arena_reset(&report->octets);
  LadderMessage *messages = arena_alloc(&report->octets, count * sizeof *messages);
  for (size_t i = 0; i < count; i++)
    messages[i] = ladder_message(layout, report, flow, first + i);
  const LadderInput input = {
    .names = flow->columns,
    .name_count = flow->column_count,
    .roles = flow->roles,
    .messages = messages,
    .message_count = count,
    .spans = layout->spans,
    .span_count = layout->columns * layout->columns,
  };
  return ladder_build(&report->octets, &input, &options);
}

int64_t flow_silence_ns(const Report *report, const CallFlow *flow, size_t rung)
{
  size_t earlier = flow->messages[rung];
  bool is_last = rung + 1 == flow->rung_count;
  size_t after = is_last ? flow->message_count : flow->messages[rung + 1];
  int64_t gap_ns, least_ns = report->setup.gap_ns;

  if (least_ns == 0 || after == earlier || earlier == 0)
    return 0;
  const Message *message = flow_rungs_at(flow->rungs, earlier)->message;
  const Message *before = flow_rungs_at(flow->rungs, earlier - 1)->message;
  if (__builtin_sub_overflow(message->time_ns, before->time_ns, &gap_ns) || gap_ns < least_ns)
    return 0;
  return gap_ns;
}
