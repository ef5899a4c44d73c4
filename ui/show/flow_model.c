#include "ui/show/flow_model.h"

#include "ui/show/ladder.h"
#include "ui/show/note_text.h"

enum {
  FLOW_SLICE = 256,     /* messages or rungs between two looks at the clock */
  FLOW_HEADS = 8192,    /* slots for messages that may have copies; a power of two */
  SDP_WIDTH = 6,        /* " (SDP)" */
  SDP_SHORT_WIDTH = 18, /* enough for most summaries */
  MARK_WIDTH = 4,       /* " (R)" */
  DIGIT_WIDTH = 7,      /* " DTMF 5", which an INFO may have */
  UNKNOWN_PHRASE = 12,
};

#define RUNG_NONE UINT32_MAX

typedef struct {
  uint32_t rung; /* of a stream or note: the one after it, or the last one */
  uint32_t of;   /* FLOW_ROW_GAP: the rung that ended the silence; of a stream or note: index */
  FlowRowKind kind;
} RowPlace;

typedef struct {
  FlowStream stream;
  uint16_t from, to; /* endpoints of FlowColumns */
  size_t row;        /* that was made for it last; other rows may have that place by now */
} StreamRung;

/* What streams depend on. */
typedef struct {
  uint64_t packets;      /* of the trace */
  size_t rungs, streams; /* flow_streams_count */
} StreamsSeen;

/* The rows of the first `done` rungs. */
typedef struct {
  GArray *places; /* RowPlace */
  size_t done;
  size_t folded, hidden; /* rungs without a row */
  size_t sdp_rows, stream_rows, note_rows;
  size_t streams, notes; /* before the next rung, with or without a row */
  int64_t above_ns;      /* of the last row; TIME_NONE before there is one */
  uint32_t silence; /* the longest since the last row, by the rung that ended it, or RUNG_NONE */
  int64_t least_delta_ns, most_delta_ns;
  uint8_t label_widths[FLOW_COLUMNS_MAX][FLOW_COLUMNS_MAX];
} FlowRows;

struct FlowModel {
  FlowSetup setup;
  FlowRungs *rungs;
  FlowNodes *nodes;
  FlowColumns *columns;
  FlowRows *made;  /* the newest rows */
  FlowRows *shown; /* the same, or the previous ones while `made` is incomplete */
  FlowExtent extent;
  GArray *streams;                   /* StreamRung, by time */
  GArray *notes;                     /* Note, by time */
  StreamsSeen seen;                  /* when they were looked for */
  const Message *heads[FLOW_HEADS];  /* by hash: messages whose copies may follow */
  uint8_t phrase_widths[STATUS_MAX]; /* 0: not known yet */
};

static FlowRows *flow_rows_new(void)
{
  FlowRows *rows = g_new0(FlowRows, 1);

  rows->places = g_array_new(FALSE, FALSE, sizeof(RowPlace));
  rows->silence = RUNG_NONE;
  rows->above_ns = TIME_NONE;
  return rows;
}

static void flow_rows_free(FlowRows *rows)
{
  g_array_unref(rows->places);
  g_free(rows);
}

/* Drops the previous rows, which were shown until now. */
static void show_made(FlowModel *model)
{
  if (model->shown != model->made)
    flow_rows_free(model->shown);
  model->shown = model->made;
}

FlowModel *flow_model_new(const FlowSetup *setup)
{
  FlowModel *model = g_new0(FlowModel, 1);

  model->setup = *setup;
  model->rungs = flow_rungs_new(setup->trace);
  model->nodes = flow_nodes_new(setup->trace, setup->stores);
  model->columns = flow_columns_new(setup->trace, model->nodes);
  flow_columns_group_all(model->columns, FLOW_BY_NODE);
  model->made = model->shown = flow_rows_new();
  model->streams = g_array_new(FALSE, FALSE, sizeof(StreamRung));
  model->notes = g_array_new(FALSE, FALSE, sizeof(Note));
  return model;
}

void flow_model_free(FlowModel *model)
{
  if (!model)
    return;
  show_made(model);
  flow_rows_free(model->made);
  g_array_unref(model->streams);
  g_array_unref(model->notes);
  flow_columns_free(model->columns);
  flow_nodes_free(model->nodes);
  flow_rungs_free(model->rungs);
  g_free(model);
}

bool flow_model_add_call(FlowModel *model, uint32_t number)
{
  return flow_rungs_add_call(model->rungs, number);
}

bool flow_model_has_call(const FlowModel *model, uint32_t number)
{
  return flow_rungs_has_call(model->rungs, number);
}

size_t flow_model_call_count(const FlowModel *model)
{
  return flow_rungs_call_count(model->rungs);
}

uint32_t flow_model_call_at(const FlowModel *model, size_t index)
{
  return flow_rungs_call_at(model->rungs, index);
}

GArray *flow_model_call_numbers(const FlowModel *model)
{
  return flow_rungs_call_numbers(model->rungs);
}

const Trace *flow_model_trace(const FlowModel *model)
{
  return model->setup.trace;
}

/* --- rungs become rows: none if folded or hidden, one more for a silence --- */

static RowPlace row_place(const FlowRows *rows, size_t row)
{
  return g_array_index(rows->places, RowPlace, row);
}

/* Without overflow: times of a broken capture can be centuries apart. */
static int64_t delta_between(int64_t from_ns, int64_t to_ns)
{
  int64_t delta_ns;

  if (__builtin_sub_overflow(to_ns, from_ns, &delta_ns))
    return to_ns < from_ns ? G_MININT64 : G_MAXINT64;
  return delta_ns;
}

/* Width of the registered phrase and the blank before it. */
static unsigned phrase_width(FlowModel *model, unsigned status)
{
  if (status >= STATUS_MAX)
    return UNKNOWN_PHRASE;
  uint8_t *width = &model->phrase_widths[status];
  if (*width == 0) {
    const char *phrase = sip_status_text(status);

    *width = phrase ? (uint8_t) (1 + text_width(slice_from_string(phrase))) : UNKNOWN_PHRASE;
  }
  return *width;
}

/* An estimate from the record of the message, which is not read again for it. */
static unsigned label_width(FlowModel *model, const FlowRung *rung)
{
  const Message *message = rung->message;
  const FlowOptions *options = &model->setup.options;
  unsigned width, flags = message->flags;
  char number[TIME_TEXT_MAX];

  if (message_is_request(message))
    width = (unsigned) trace_method_name(model->setup.trace, message->method).len +
            (message->method == SIP_METHOD_INFO ? DIGIT_WIDTH : 0);
  else
    width = 3 + phrase_width(model, message->status);
  if (flags & MESSAGE_HAS_SDP)
    width += options->sdp == FLOW_SDP_SHORT ? SDP_SHORT_WIDTH : SDP_WIDTH;
  width += flags & MESSAGE_RETRANSMISSION ? MARK_WIDTH : 0;
  width += flags & MESSAGE_DUPLICATE ? MARK_WIDTH : 0;
  width += flags & MESSAGE_INCOMPLETE ? MARK_WIDTH : 0;
  if (options->fold && rung->copies > 0)
    width += 2 + (unsigned) number_format(rung->copies + 1, number);
  return MIN(width, LADDER_LABEL_MAX);
}

static void note_label(FlowModel *model, const FlowRung *rung)
{
  uint8_t from = flow_columns_slot(model->columns, rung->from);
  uint8_t to = flow_columns_slot(model->columns, rung->to);
  uint8_t *known = &model->made->label_widths[from][to];

  *known = (uint8_t) MAX(*known, label_width(model, rung));
}

static bool is_folded(const FlowModel *model, const FlowRung *rung)
{
  return rung->is_copy && model->setup.options.fold;
}

static bool is_hidden(const FlowModel *model, const FlowRung *rung)
{
  const FlowColumns *columns = model->columns;

  if (model->setup.options.only_sdp && !(rung->message->flags & MESSAGE_HAS_SDP))
    return true;
  return flow_columns_is_hidden(columns, flow_columns_slot(columns, rung->from)) ||
         flow_columns_is_hidden(columns, flow_columns_slot(columns, rung->to));
}

static void add_row_place(FlowRows *rows, RowPlace row)
{
  g_array_append_val(rows->places, row);
  rows->sdp_rows += row.kind == FLOW_ROW_SDP;
  rows->stream_rows += row.kind == FLOW_ROW_STREAM;
  rows->note_rows += row.kind == FLOW_ROW_NOTE;
}

/* Silence before a rung; 0 for none. */
static int64_t silence_before(const FlowModel *model, uint32_t rung)
{
  if (rung == RUNG_NONE || rung == 0)
    return 0;
  return delta_between(flow_rungs_at(model->rungs, rung - 1)->message->time_ns,
                       flow_rungs_at(model->rungs, rung)->message->time_ns);
}

/* Folded and hidden messages end a silence, too. */
static void note_silence(FlowModel *model, uint32_t rung)
{
  if (silence_before(model, rung) > silence_before(model, model->made->silence))
    model->made->silence = rung;
}

/* The delta from the row above. */
static void note_delta(FlowRows *rows, int64_t time_ns)
{
  if (rows->above_ns != TIME_NONE) {
    int64_t delta_ns = delta_between(rows->above_ns, time_ns);

    rows->least_delta_ns = MIN(rows->least_delta_ns, delta_ns);
    rows->most_delta_ns = MAX(rows->most_delta_ns, delta_ns);
  }
  rows->above_ns = time_ns;
}

static StreamRung *stream_at(const FlowModel *model, size_t index)
{
  return &g_array_index(model->streams, StreamRung, index);
}

static void make_stream_row(FlowModel *model, uint32_t index, uint32_t rung)
{
  const FlowColumns *columns = model->columns;
  StreamRung *stream = stream_at(model, index);
  uint8_t from = flow_columns_slot(columns, stream->from);
  uint8_t to = flow_columns_slot(columns, stream->to);
  uint8_t *width = &model->made->label_widths[from][to];

  if (flow_columns_is_hidden(columns, from) || flow_columns_is_hidden(columns, to))
    return;
  stream->row = model->made->places->len;
  note_delta(model->made, stream->stream.time_ns);
  add_row_place(model->made, (RowPlace){rung, index, FLOW_ROW_STREAM});
  *width = MAX(*width, FLOW_STREAM_LABEL);
}

static const Note *note_at(const FlowModel *model, size_t index)
{
  return &g_array_index(model->notes, Note, index);
}

/* Notes until then, in front of a rung or after the last one. */
static void make_note_rows(FlowModel *model, int64_t until_ns, size_t rung)
{
  FlowRows *rows = model->made;

  for (; rows->notes < model->notes->len && note_at(model, rows->notes)->time_ns <= until_ns;
       rows->notes++)
    if (!model->setup.options.only_sdp)
      add_row_place(rows, (RowPlace){(uint32_t) rung, (uint32_t) rows->notes, FLOW_ROW_NOTE});
}

/* Streams that begin until then, and notes, in front of a rung or after the last one. */
static void make_rows_between(FlowModel *model, int64_t until_ns, size_t rung)
{
  FlowRows *rows = model->made;

  while (rows->streams < model->streams->len &&
         stream_at(model, rows->streams)->stream.time_ns <= until_ns) {
    make_note_rows(model, stream_at(model, rows->streams)->stream.time_ns, rung);
    make_stream_row(model, (uint32_t) rows->streams++, (uint32_t) rung);
  }
  make_note_rows(model, until_ns, rung);
}

static void make_rows(FlowModel *model, uint32_t index)
{
  const FlowRung *rung = flow_rungs_at(model->rungs, index);
  const Message *message = rung->message;
  FlowRows *rows = model->made;

  note_silence(model, index);
  make_rows_between(model, message->time_ns, index);
  if (is_hidden(model, rung)) {
    rows->hidden++;
    return;
  }
  if (is_folded(model, rung)) {
    rows->folded++;
    return;
  }
  int64_t gap_ns = model->setup.options.gap_ns;
  if (gap_ns > 0 && rows->above_ns != TIME_NONE && silence_before(model, rows->silence) >= gap_ns)
    add_row_place(rows, (RowPlace){index, rows->silence, FLOW_ROW_GAP});
  note_delta(rows, message->time_ns);
  add_row_place(rows, (RowPlace){index, 0, FLOW_ROW_MESSAGE});
  if (model->setup.options.sdp == FLOW_SDP_LINES && message->flags & MESSAGE_HAS_SDP)
    add_row_place(rows, (RowPlace){index, 0, FLOW_ROW_SDP});
  rows->silence = RUNG_NONE;
  note_label(model, rung);
}

/* Rows of up to FLOW_SLICE rungs; false if all have theirs. */
static bool make_some_rows(FlowModel *model)
{
  FlowRows *rows = model->made;
  size_t end = MIN(flow_rungs_count(model->rungs), rows->done + FLOW_SLICE);
  bool some = rows->done < end;

  while (rows->done < end)
    make_rows(model, (uint32_t) rows->done++);
  if (end == flow_rungs_count(model->rungs)) {
    if (end > 0)
      make_rows_between(model, INT64_MAX, end - 1);
    show_made(model);
  }
  return some;
}

/* The first row of that rung or a later one. */
static size_t row_of_rung(const FlowRows *rows, size_t rung)
{
  size_t low = 0, high = rows->places->len;

  while (low < high) {
    size_t middle = low + (high - low) / 2;

    if (row_place(rows, middle).rung < rung)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* The time of the nearest message or stream above that row. */
static int64_t time_above(const FlowModel *model, const FlowRows *rows, size_t row)
{
  while (row > 0) {
    RowPlace above = row_place(rows, --row);

    if (above.kind == FLOW_ROW_STREAM)
      return stream_at(model, above.of)->stream.time_ns;
    if (above.kind == FLOW_ROW_MESSAGE)
      return flow_rungs_at(model->rungs, above.rung)->message->time_ns;
  }
  return TIME_NONE;
}

/* The rung after the last one that has a row. */
static size_t rung_after_rows(const FlowRows *rows)
{
  for (size_t row = rows->places->len; row > 0; row--) {
    RowPlace place = row_place(rows, row - 1);
    if (place.kind != FLOW_ROW_STREAM && place.kind != FLOW_ROW_NOTE)
      return place.rung + (size_t) 1;
  }
  return 0;
}

/* Takes back streams and notes that do not stand before that rung. */
static void unmake_between(const FlowModel *model, FlowRows *rows, size_t rung)
{
  int64_t latest_ns = INT64_MIN;

  for (size_t i = 0; i < rung; i++)
    latest_ns = MAX(latest_ns, flow_rungs_at(model->rungs, i)->message->time_ns);
  rows->streams = rows->notes = 0;
  while (rows->streams < model->streams->len &&
         stream_at(model, rows->streams)->stream.time_ns <= latest_ns)
    rows->streams++;
  while (rows->notes < model->notes->len && note_at(model, rows->notes)->time_ns <= latest_ns)
    rows->notes++;
}

/* Takes back the rows from that rung on, before others are inserted there. */
static void unmake_rows(FlowModel *model, size_t rung)
{
  FlowRows *rows = model->made;

  if (rung < model->shown->done)
    show_made(model);
  if (rung >= rows->done)
    return;
  size_t kept = row_of_rung(rows, rung);
  for (size_t i = kept; i < rows->places->len; i++) {
    rows->sdp_rows -= row_place(rows, i).kind == FLOW_ROW_SDP;
    rows->stream_rows -= row_place(rows, i).kind == FLOW_ROW_STREAM;
    rows->note_rows -= row_place(rows, i).kind == FLOW_ROW_NOTE;
  }
  g_array_set_size(rows->places, (guint) kept);
  unmake_between(model, rows, rung);
  rows->above_ns = time_above(model, rows, kept);
  for (size_t i = rung; i < rows->done; i++) {
    const FlowRung *taken_back = flow_rungs_at(model->rungs, i);
    bool hidden = is_hidden(model, taken_back);

    rows->hidden -= hidden;
    rows->folded -= !hidden && is_folded(model, taken_back);
  }
  rows->done = rung;
  rows->silence = RUNG_NONE;
  for (size_t i = rung_after_rows(rows); i < rung; i++)
    note_silence(model, (uint32_t) i);
}

/* --- messages become rungs --- */

/* May the later one, which is marked as a copy, be a copy of the other?  Its bytes matter if the
 * trace compares bytes. */
static bool is_same_kind(const Message *a, const Message *b)
{
  return a->transaction == b->transaction && a->method == b->method && a->status == b->status &&
         a->src == b->src && a->dst == b->dst && a->dialog == b->dialog &&
         a->octets_hash == b->octets_hash;
}

static const Message **head_of(FlowModel *model, const Message *message)
{
  uint64_t hash = message->transaction->number;

  hash = hash * 31 + message->method;
  hash = hash * 31 + message->status;
  hash = (hash * 31 + message->src) * 31 + message->dst;
  hash = hash * 31 + message->octets_hash;
  hash *= UINT64_C(0x9E3779B97F4A7C15); /* Fibonacci hashing: the high bits are mixed */
  return &model->heads[hash >> 32 & (FLOW_HEADS - 1)];
}

/* Finds the original of a copy.  If it was forgotten, or is late itself, the copy is not folded. */
static void join_copy(FlowModel *model, FlowRung *rung)
{
  const Message **head = head_of(model, rung->message);

  if (!(rung->message->flags & (MESSAGE_RETRANSMISSION | MESSAGE_DUPLICATE))) {
    *head = rung->message;
    return;
  }
  if (rung->is_copy || !*head || !is_same_kind(*head, rung->message))
    return;
  size_t place = flow_rungs_find(model->rungs, *head);
  FlowRung *first =
    place < flow_rungs_count(model->rungs) ? flow_rungs_at(model->rungs, place) : NULL;
  if (!first || first->message != *head)
    return;
  rung->is_copy = true;
  first->copies++;
  note_label(model, first);
}

/* Takes the next message; false if there is none. */
static bool take_rung(FlowModel *model)
{
  FlowRung *rung = flow_rungs_take(model->rungs);

  if (!rung)
    return false;
  const Message *message = rung->message;
  FlowPlace place = {message->frame, message->number, false};
  if (flow_nodes_note(model->nodes, message)) {
    flow_columns_regroup(model->columns);
    flow_model_columns_changed(model);
  }
  rung->from = flow_columns_add(model->columns, message->src, place);
  place.receiver = true;
  rung->to = flow_columns_add(model->columns, message->dst, place);
  join_copy(model, rung);
  FlowExtent *extent = &model->extent;
  bool first = extent->last_number == 0;
  extent->first_ns = flow_rungs_at(model->rungs, 0)->message->time_ns;
  extent->start_ns = first ? message->time_ns : MIN(extent->start_ns, message->time_ns);
  extent->end_ns = first ? message->time_ns : MAX(extent->end_ns, message->time_ns);
  extent->last_number = MAX(extent->last_number, message->number);
  return true;
}

/* Late messages get their places, and the rows from there on are made again. */
static void settle_late(FlowModel *model)
{
  size_t place = flow_rungs_late_place(model->rungs);

  unmake_rows(model, place);
  flow_rungs_settle(model->rungs);
  for (size_t i = place; i < flow_rungs_count(model->rungs); i++) {
    FlowRung *rung = flow_rungs_at(model->rungs, i);
    if (rung->message->flags & (MESSAGE_RETRANSMISSION | MESSAGE_DUPLICATE))
      join_copy(model, rung);
  }
  model->extent.first_ns = flow_rungs_at(model->rungs, 0)->message->time_ns;
}

/* --- streams --- */

/* The previous rows are shown meanwhile. */
static void make_rows_again(FlowModel *model)
{
  if (model->made != model->shown)
    flow_rows_free(model->made);
  model->made = flow_rows_new();
}

static uint16_t add_stream_end(FlowModel *model, const FlowStream *stream, unsigned end)
{
  FlowPlace place = {UINT64_MAX, stream->stream, end > 0};

  if (stream->nodes[end] == FLOW_MEDIA_ALONE)
    return flow_columns_add_alone(model->columns, &stream->ends[end], place);
  return flow_columns_add(model->columns, stream->nodes[end], place);
}

static bool is_same_stream(const FlowStream *a, const FlowStream *b)
{
  return a->stream == b->stream && a->digit == b->digit && a->call == b->call &&
         a->time_ns == b->time_ns && memcmp(a->nodes, b->nodes, sizeof a->nodes) == 0;
}

static bool has_streams(const FlowModel *model, const GArray *found)
{
  for (guint i = 0; i < found->len && found->len == model->streams->len; i++)
    if (!is_same_stream(&stream_at(model, i)->stream, &g_array_index(found, FlowStream, i)))
      return false;
  return found->len == model->streams->len;
}

static void take_streams(FlowModel *model, const GArray *found)
{
  flow_model_columns_changed(model); /* the rows hold indexes */
  g_array_set_size(model->streams, 0);
  for (guint i = 0; i < found->len; i++) {
    StreamRung rung = {.stream = g_array_index(found, FlowStream, i)};

    rung.from = add_stream_end(model, &rung.stream, 0);
    rung.to = add_stream_end(model, &rung.stream, 1);
    g_array_append_val(model->streams, rung);
    model->extent.start_ns = MIN(model->extent.start_ns, rung.stream.time_ns);
    model->extent.end_ns = MAX(model->extent.end_ns, rung.stream.time_ns);
  }
}

/* Looks for new streams, once the messages so far are rungs: more messages may say more of streams
 * that there were. */
static void note_streams(FlowModel *model)
{
  const Trace *trace = model->setup.trace;
  StreamsSeen now = {trace_counts(trace)->packets, flow_rungs_count(model->rungs), 0};

  if (!model->setup.options.media || !trace_media(trace) || now.rungs == 0 ||
      (now.packets == model->seen.packets && now.rungs == model->seen.rungs))
    return;
  now.streams = flow_streams_count(trace, model->rungs);
  bool is_old = now.streams != model->seen.streams || now.rungs != model->seen.rungs;
  model->seen = now;
  if (!is_old)
    return;
  g_autoptr(GArray) found = flow_streams_find(trace, model->rungs);
  if (!has_streams(model, found))
    take_streams(model, found);
}

/* --- notes --- */

static int compare_notes(const void *a, const void *b)
{
  const Note *x = a, *y = b;

  return x->time_ns < y->time_ns ? -1 : x->time_ns > y->time_ns;
}

/* Appends those of all calls to `to`, unless it is NULL; how many there are. */
static size_t collect_notes(const FlowModel *model, GArray *to)
{
  const Note *notes = NULL;
  size_t all = 0;

  for (size_t i = 0; i < flow_rungs_call_count(model->rungs); i++) {
    const Call *call = trace_call(model->setup.trace, flow_rungs_call_at(model->rungs, i));
    size_t count = call ? trace_notes(model->setup.trace, call, &notes) : 0;
    if (to && count > 0)
      g_array_append_vals(to, notes, (guint) count);
    all += count;
  }
  return all;
}

/* Copies: the trace moves its own when there are more. */
static void note_notes(FlowModel *model)
{
  if (flow_rungs_count(model->rungs) == 0 || collect_notes(model, NULL) == model->notes->len)
    return;
  g_array_set_size(model->notes, 0);
  (void) collect_notes(model, model->notes);
  g_array_sort(model->notes, compare_notes);
  flow_model_columns_changed(model); /* the rows hold indexes */
}

static void drop_streams(FlowModel *model)
{
  g_array_set_size(model->streams, 0);
  model->seen = (StreamsSeen){0};
}

bool flow_model_sync(FlowModel *model)
{
  if (!flow_rungs_sync(model->rungs))
    return false;
  drop_streams(model);
  g_array_set_size(model->notes, 0);
  flow_model_columns_changed(model);
  memset(model->heads, 0, sizeof model->heads);
  model->extent = (FlowExtent){0};
  return true;
}

bool flow_model_step(FlowModel *model, int64_t until_us)
{
  flow_model_sync(model);
  do {
    unsigned taken = 0;

    while (taken < FLOW_SLICE && take_rung(model))
      taken++;
    size_t late = flow_rungs_late_count(model->rungs);
    /* while more is to come, only when that moves not much more than there are late ones */
    if (late > 0 && (taken < FLOW_SLICE || late > flow_rungs_count(model->rungs) / 4))
      settle_late(model);
    if (taken < FLOW_SLICE) {
      note_streams(model);
      note_notes(model);
    }
    if (!make_some_rows(model) && taken == 0)
      return false;
  } while (g_get_monotonic_time() < until_us);
  return true;
}

double flow_model_progress(const FlowModel *model)
{
  uint64_t all = flow_rungs_expected(model->rungs);

  return all > 0 ? MIN(1.0, (double) model->made->done / (double) all) : 1.0;
}

const FlowOptions *flow_model_options(const FlowModel *model)
{
  return &model->setup.options;
}

void flow_model_set_options(FlowModel *model, const FlowOptions *options)
{
  const FlowOptions *before = &model->setup.options;
  bool same_rows = before->sdp == options->sdp && before->fold == options->fold &&
                   before->only_sdp == options->only_sdp && before->gap_ns == options->gap_ns;
  bool same_media = before->media == options->media;

  model->setup.options = *options;
  if (!same_media) {
    flow_model_columns_changed(model);
    drop_streams(model);
  }
  if (!same_rows)
    make_rows_again(model);
}

FlowColumns *flow_model_columns(FlowModel *model)
{
  return model->columns;
}

void flow_model_columns_changed(FlowModel *model)
{
  show_made(model);
  flow_rows_free(model->made);
  model->made = model->shown = flow_rows_new();
}

size_t flow_model_row_count(const FlowModel *model)
{
  return model->shown->places->len;
}

FlowRow flow_model_row(const FlowModel *model, size_t row)
{
  RowPlace place = row_place(model->shown, row);
  const FlowColumns *columns = model->columns;
  int64_t above_ns = time_above(model, model->shown, row);

  if (place.kind == FLOW_ROW_STREAM) {
    const StreamRung *stream = stream_at(model, place.of);

    return (FlowRow){
      .kind = place.kind,
      .stream = &stream->stream,
      .from = flow_columns_slot(columns, stream->from),
      .to = flow_columns_slot(columns, stream->to),
      .time_ns = stream->stream.time_ns,
      .above_ns = above_ns,
    };
  }
  if (place.kind == FLOW_ROW_NOTE) {
    const Note *note = note_at(model, place.of);

    return (FlowRow){
      .kind = place.kind, .note = note, .time_ns = note->time_ns, .above_ns = above_ns};
  }
  const FlowRung *rung = flow_rungs_at(model->rungs, place.rung);
  return (FlowRow){
    .kind = place.kind,
    .message = rung->message,
    .times = model->setup.options.fold ? rung->copies + 1U : 1U,
    .gap_ns = place.kind == FLOW_ROW_GAP ? silence_before(model, place.of) : 0,
    .from = flow_columns_slot(columns, rung->from),
    .to = flow_columns_slot(columns, rung->to),
    .time_ns = rung->message->time_ns,
    .above_ns = above_ns,
  };
}

size_t flow_model_find(const FlowModel *model, const Message *message)
{
  const FlowRows *rows = model->shown;
  size_t rung = flow_rungs_find(model->rungs, message), row = row_of_rung(rows, rung);

  for (size_t i = row; i < rows->places->len && row_place(rows, i).rung == rung; i++)
    if (row_place(rows, i).kind == FLOW_ROW_MESSAGE)
      return i;
  return row > 0 ? row - 1 : 0;
}

bool flow_model_find_stream(const FlowModel *model, uint32_t stream, uint32_t digit,
                            size_t *ret_row)
{
  const FlowRows *rows = model->shown;

  for (guint i = 0; i < model->streams->len; i++) { /* at most FLOW_STREAMS_MAX */
    const StreamRung *rung = stream_at(model, i);
    if (rung->stream.stream != stream || rung->stream.digit != digit)
      continue;
    if (rung->row >= rows->places->len || row_place(rows, rung->row).kind != FLOW_ROW_STREAM ||
        row_place(rows, rung->row).of != i)
      return false;
    *ret_row = rung->row;
    return true;
  }
  return false;
}

const Message *flow_model_message(const FlowModel *model, uint32_t number)
{
  return flow_rungs_message(model->rungs, number);
}

size_t flow_model_place(const FlowModel *model, const Message *message)
{
  return flow_rungs_find(model->rungs, message);
}

FlowCounts flow_model_counts(const FlowModel *model)
{
  const FlowRows *rows = model->shown;

  return (FlowCounts){flow_rungs_count(model->rungs),
                      rows->folded,
                      rows->hidden,
                      rows->sdp_rows,
                      rows->stream_rows,
                      rows->note_rows};
}

Slice flow_model_note_text(const FlowModel *model, const Note *note, Arena *arena)
{
  return note_text_line(model->setup.trace, model->setup.stores, note, arena);
}

FlowExtent flow_model_extent(const FlowModel *model)
{
  FlowExtent extent = model->extent;

  extent.least_delta_ns = model->shown->least_delta_ns;
  extent.most_delta_ns = model->shown->most_delta_ns;
  return extent;
}

unsigned flow_model_label_width(const FlowModel *model, uint8_t from, uint8_t to)
{
  return model->shown->label_widths[from][to];
}
