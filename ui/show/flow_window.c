#include "ui/show/flow_window.h"

#include "capture/language.h"
#include "dissect/query/text_search.h"
#include "ui/show/flow_rungs.h"

/* State of flow_window_build. */
typedef struct {
  Arena *arena;
  FlowModel *model;
  FlowTexts *texts;
  const FlowWindowOptions *options;
  FlowColumns *columns;
  uint8_t shown[FLOW_COLUMNS_MAX]; /* place in the ladder, by slot */
  Clock clock;
  FlowWindow window;
  LadderInput input;
  LadderMessage *messages;
  FlowStreamLookup streams;
} Build;

static Slice safe_copy(const Build *build, Slice raw)
{
  g_autoptr(GString) safe = g_string_new(NULL);

  text_append_safe(safe, raw, build->options->charset);
  return arena_dup(build->arena, slice_of(safe->str, safe->len));
}

static void build_lifelines(Build *build)
{
  size_t count = flow_columns_count(build->columns), shown = 0;
  Slice *names = arena_alloc(build->arena, count * sizeof *names);
  g_autoptr(GString) raw = g_string_new(NULL);

  build->window.slots = arena_alloc(build->arena, MAX(count, (size_t) 1));
  for (size_t i = 0; i < count; i++) {
    uint8_t slot = flow_columns_slot_at(build->columns, i);

    if (flow_columns_is_hidden(build->columns, slot))
      continue;
    g_string_truncate(raw, 0);
    flow_columns_append_name(build->columns, slot, build->options->aliases, raw);
    names[shown] = safe_copy(build, slice_of(raw->str, raw->len));
    build->window.slots[shown] = slot;
    build->shown[slot] = (uint8_t) shown++;
  }
  build->input.names = names;
  build->input.name_count = shown;
}

/* Of a column with several endpoints the role that goes before the others. */
static void build_roles(Build *build)
{
  const RoleList *roles = build->options->roles;
  RoleKind kinds[FLOW_COLUMNS_MAX];
  Slice *labels;

  if (!roles)
    return;
  for (size_t i = 0; i < FLOW_COLUMNS_MAX; i++)
    kinds[i] = ROLE_COUNT;
  for (size_t i = 0; i < roles->count; i++) {
    uint8_t slot = flow_columns_slot_of(build->columns, roles->items[i].endpoint);
    if (slot < FLOW_COLUMNS_MAX)
      kinds[slot] = MIN(kinds[slot], roles->items[i].kind);
  }
  labels = arena_alloc0(build->arena, build->input.name_count * sizeof *labels);
  for (size_t i = 0; i < build->input.name_count; i++)
    labels[i] = slice_from_string(role_label(kinds[build->window.slots[i]])
                                    ? _(role_label(kinds[build->window.slots[i]]))
                                    : NULL);
  build->input.roles = labels;
}

static void build_label_spans(Build *build)
{
  size_t count = build->input.name_count;
  const uint8_t *slots = build->window.slots;
  LadderSpan *spans = arena_alloc(build->arena, MAX(count * count, (size_t) 1) * sizeof *spans);

  for (uint32_t from = 0; from < count; from++)
    for (uint32_t to = 0; to < count; to++) {
      unsigned width = flow_model_label_width(build->model, slots[from], slots[to]);

      if (width > 0)
        spans[build->input.span_count++] = (LadderSpan){from, to, width};
    }
  build->input.spans = spans;
}

static unsigned widest_time(Build *build, int64_t least_ns, int64_t most_ns)
{
  char text[TIME_TEXT_MAX];
  size_t least = strlen(clock_format(&build->clock, least_ns, text));

  if (build->clock.mode == TIME_DELTA)
    clock_restart(&build->clock, 0);
  return (unsigned) MAX(least, strlen(clock_format(&build->clock, most_ns, text)));
}

/* The clock of the window, which continues after the row above it; returns the width of times. */
static unsigned build_clock(Build *build)
{
  const FlowOptions *options = flow_model_options(build->model);
  FlowExtent extent = flow_model_extent(build->model);
  size_t top = build->options->top;
  unsigned width;

  build->clock = clock_new(options->time, options->utc);
  flow_fit_clock(&build->clock, extent.start_ns, extent.end_ns, build->options->width);
  clock_restart(&build->clock, options->time == TIME_DELTA ? 0 : extent.first_ns);
  if (options->time == TIME_DELTA)
    width = widest_time(build, extent.least_delta_ns, extent.most_delta_ns);
  else
    width = widest_time(build, extent.start_ns, extent.end_ns);
  clock_restart(&build->clock, extent.first_ns);
  if (build->window.line_count > 0) {
    FlowRow first = flow_model_row(build->model, top);

    if (first.above_ns != TIME_NONE)
      build->clock.previous_ns = first.above_ns;
  }
  return width;
}

static Style cycle(uint32_t number)
{
  return STYLE_CYCLE_1 + (Style) (number % STYLE_CYCLE_COUNT);
}

static Style style_of(const Build *build, const Message *message)
{
  switch (flow_model_options(build->model)->color) {
  case FLOW_COLOR_CALL:
    return cycle(message->transaction->call->number);
  case FLOW_COLOR_TRANSACTION:
    return cycle(message->transaction->number);
  case FLOW_COLOR_DIALOG:
    return message->dialog ? cycle(message->dialog->number) : STYLE_PLAIN;
  case FLOW_COLOR_MESSAGE:
    break;
  }
  return style_of_status(message->status);
}

static Slice label_of(const Build *build, const Message *message, const FlowText *text)
{
  const Trace *trace = flow_model_trace(build->model);
  g_autoptr(GString) raw = g_string_new(NULL);

  if (flow_model_options(build->model)->sdp != FLOW_SDP_SHORT || text->sdp_short.len == 0) {
    flow_label_append(raw, trace, message, text->phrase);
    return safe_copy(build, slice_of(raw->str, raw->len));
  }
  flow_label_append_name(raw, trace, message, text->phrase);
  g_string_append(raw, " (");
  g_string_append_len(raw, text->sdp_short.data, (gssize) text->sdp_short.len);
  g_string_append_c(raw, ')');
  return safe_copy(build, slice_of(raw->str, raw->len));
}

/* Without the phrase and codecs, but still with the mark of a session description, or its
 * direction. */
static Slice short_label_of(const Build *build, const Message *message, const FlowText *text)
{
  bool shown = flow_model_options(build->model)->sdp == FLOW_SDP_SHORT;
  g_autoptr(GString) raw = g_string_new(NULL);

  if (!(message->flags & MESSAGE_HAS_SDP))
    return SLICE_NONE;
  flow_label_append_name(raw, flow_model_trace(build->model), message, SLICE_NONE);
  g_string_append_c(raw, ' ');
  if (shown && text->hold_len > 0)
    g_string_append_len(raw, text->sdp_short.data, (gssize) text->hold_len);
  else
    g_string_append(raw, "SDP");
  return safe_copy(build, slice_of(raw->str, raw->len));
}

bool flow_window_is_related(const FlowModel *model, const Message *a, const Message *b)
{
  FlowColor color = flow_model_options(model)->color;

  if (color == FLOW_COLOR_CALL)
    return a->transaction->call == b->transaction->call;
  if (color == FLOW_COLOR_DIALOG && a->dialog)
    return a->dialog == b->dialog;
  return a->transaction == b->transaction;
}

static LadderMessage ladder_message(const Build *build, const FlowRow *row)
{
  const Message *message = row->message;
  FlowText text = flow_texts_of(build->texts, message);

  return (LadderMessage){
    .from = build->shown[row->from],
    .to = build->shown[row->to],
    .number = message->number,
    .time_ns = message->time_ns,
    .label = label_of(build, message, &text),
    .short_label = short_label_of(build, message, &text),
    .style = style_of(build, message),
    .marks = flow_label_marks(message),
    .times = row->times,
  };
}

static LadderMessage ladder_stream(Build *build, const FlowRow *row)
{
  const CallStream *stream =
    flow_stream_look_up(&build->streams, flow_model_trace(build->model), row->stream);
  g_autoptr(GString) label = g_string_new(NULL), brief = g_string_new(NULL);
  LadderMessage drawn = {
    .from = build->shown[row->from],
    .to = build->shown[row->to],
    .time_ns = row->time_ns,
    .style = STYLE_SDP,
    .is_media = true,
  };

  flow_stream_append_label(label, row->stream, stream, false);
  flow_stream_append_label(brief, row->stream, stream, true);
  drawn.label = safe_copy(build, slice_of(label->str, label->len));
  drawn.short_label = safe_copy(build, slice_of(brief->str, brief->len));
  return drawn;
}

static void add_line(Build *build, size_t index)
{
  FlowRow row = flow_model_row(build->model, build->options->top + index);
  FlowLine *line = &build->window.lines[index];
  const Message *current = build->options->current;
  char gap[TIME_TEXT_MAX];

  line->kind = row.kind;
  line->message = row.message;
  line->lit = current && row.message && row.kind != FLOW_ROW_GAP &&
              flow_window_is_related(build->model, current, row.message);
  switch (row.kind) {
  case FLOW_ROW_MESSAGE:
    build->messages[build->input.message_count++] = ladder_message(build, &row);
    return;
  case FLOW_ROW_STREAM:
    build->messages[build->input.message_count++] = ladder_stream(build, &row);
    return;
  case FLOW_ROW_GAP:
    line->text = arena_dup(build->arena, slice_from_string(duration_format(row.gap_ns, gap)));
    return;
  case FLOW_ROW_SDP:
    line->text = safe_copy(build, flow_texts_of(build->texts, row.message).sdp_line);
    return;
  case FLOW_ROW_NOTE:
    line->text = safe_copy(build, flow_model_note_text(build->model, row.note, build->arena));
    return;
  }
}

/* A session description is below the arrow, right of its left end; if it does not fit there, it
 * begins further left. */
static unsigned sdp_x(const Build *build, size_t row, unsigned width)
{
  const Ladder *ladder = &build->window.ladder;
  FlowRow shown = flow_model_row(build->model, row);
  uint8_t left = MIN(build->shown[shown.from], build->shown[shown.to]);
  unsigned edge = MAX(ladder->width, build->options->width);
  unsigned last = edge - MIN(edge, width), first = ladder->columns[0].x + 2;

  return MAX(first, MIN(ladder->columns[left].x + 2, last));
}

/* Beside the first lifeline; a delta would be the next message's, too. */
static void place_note(const Build *build, size_t row, FlowLine *line)
{
  Clock clock = build->clock;
  char time[TIME_TEXT_MAX];

  line->x = build->window.ladder.columns[0].x + 2;
  if (clock.mode == TIME_DELTA)
    return;
  clock_format(&clock, flow_model_row(build->model, row).time_ns, time);
  line->time = arena_dup(build->arena, slice_from_string(time));
}

static void join_rungs(Build *build)
{
  const LadderRow *next = build->window.ladder.rows;

  for (size_t i = 0; i < build->window.line_count; i++) {
    FlowLine *line = &build->window.lines[i];

    if (line->kind == FLOW_ROW_MESSAGE || line->kind == FLOW_ROW_STREAM)
      line->rung = next++;
    else if (line->kind == FLOW_ROW_SDP)
      line->x = sdp_x(build, build->options->top + i, text_width(line->text));
    else if (line->kind == FLOW_ROW_NOTE)
      place_note(build, build->options->top + i, line);
  }
}

FlowWindow flow_window_build(Arena *arena, FlowModel *model, FlowTexts *texts,
                             const FlowWindowOptions *options)
{
  Build build = {
    .arena = arena,
    .model = model,
    .texts = texts,
    .options = options,
    .columns = flow_model_columns(model),
  };
  char number[TIME_TEXT_MAX];

  build_lifelines(&build);
  build_roles(&build);
  build_label_spans(&build);
  size_t rows = flow_model_row_count(build.model), top = build.options->top;
  size_t count = top < rows ? MIN(build.options->count, rows - top) : 0;
  build.window.line_count = count;
  build.window.lines = arena_alloc0(build.arena, count * sizeof(FlowLine));
  build.messages = arena_alloc0(build.arena, count * sizeof(LadderMessage));
  build.input.messages = build.messages;
  for (size_t i = 0; i < count; i++)
    add_line(&build, i);
  const LadderOptions ladder = {
    .width = options->width,
    .charset = options->charset,
    .clock = &build.clock,
    .dense = true,
    .time_width = build_clock(&build),
    .number_width = (unsigned) number_format(flow_model_extent(model).last_number, number),
  };
  build.window.ladder = ladder_build(arena, &build.input, &ladder);
  join_rungs(&build);
  flow_stream_lookup_clear(&build.streams);
  return build.window;
}

/* --- search --- */

enum { SCRATCH_FIRST = 4096 };

typedef struct {
  FlowSearch search;
  FlowSearchSetup setup;
  TextSearch *text;    /* NULL: for a transaction */
  const Message *at;   /* the message that was checked last */
  const Message *last; /* where it started, and where it ends after wrapping */
  Arena arena, scratch;
  size_t checked;
} Searching;

/* Moves to the next row of a message in the direction of the search; false at the end. */
static bool next_row(const Searching *s, size_t *row)
{
  size_t count = flow_model_row_count(s->setup.model);

  while (s->setup.backward ? *row > 0 : *row + 1 < count) {
    *row = s->setup.backward ? *row - 1 : *row + 1;
    if (flow_model_row(s->setup.model, *row).kind == FLOW_ROW_MESSAGE)
      return true;
  }
  return false;
}

/* The next row to check; false when all were. */
static bool find_next(Searching *s, size_t *ret_row)
{
  if (s->at) {
    *ret_row = flow_model_find(s->setup.model, s->at);
    if (next_row(s, ret_row))
      return true;
  }
  if (!s->text || s->search.wrapped || (s->at && !s->last))
    return false;
  s->search.wrapped = s->at != NULL;
  /* from the other end; SIZE_MAX + 1 is 0 */
  *ret_row = s->setup.backward ? flow_model_row_count(s->setup.model) : SIZE_MAX;
  return next_row(s, ret_row);
}

static bool search_matches(Searching *s, const Message *message)
{
  SipMsg sip;

  if (!s->text)
    return message->transaction == s->setup.of_transaction;
  arena_reset(&s->scratch);
  if (message_load(message, s->setup.stores, &s->scratch, &sip, NULL))
    return text_search_finds(s->text, sip.raw) ||
           (sip_msg_is_decoded(&sip) && text_search_finds(s->text, sip.content.bytes));
  s->search.unreadable++;
  return false;
}

static bool search_step(Job *job, int64_t until_us)
{
  Searching *s = (Searching *) job;
  size_t row;

  do {
    if (s->search.found || (s->search.wrapped && s->at == s->last) || !find_next(s, &row))
      return false;
    s->at = flow_model_row(s->setup.model, row).message;
    s->checked++;
    if (search_matches(s, s->at))
      s->search.found = s->at;
  } while (!s->search.found && g_get_monotonic_time() < until_us);
  return !s->search.found;
}

static double search_progress(const Job *job)
{
  const Searching *s = (const Searching *) job;
  size_t rows = flow_model_row_count(s->setup.model);

  return rows > 0 ? MIN(1.0, (double) s->checked / (double) rows) : 1.0;
}

static void search_free(Job *job)
{
  Searching *s = (Searching *) job;

  arena_clear(&s->arena);
  arena_clear(&s->scratch);
  g_free(s);
}

FlowSearch *flow_search_new(const FlowSearchSetup *setup)
{
  static const JobOps OPS = {N_("searching"), search_step, search_progress, search_free};
  Searching *s = g_new0(Searching, 1);

  s->search.job.ops = &OPS;
  s->setup = *setup;
  s->at = s->last = setup->after;
  arena_init(&s->arena, sizeof(TextSearch) + setup->text.len);
  arena_init(&s->scratch, SCRATCH_FIRST);
  if (setup->text.len > 0)
    s->text = text_search_new(&s->arena, setup->text);
  s->search.of_text = s->text != NULL;
  return &s->search;
}
