/* Rungs become rows: what is folded or hidden has none, silences have one. */
#include "ui/show/flow_private.h"
#include "ui/show/ladder.h"

enum {
  SDP_WIDTH = 6,        /* " (SDP)" */
  SDP_SHORT_WIDTH = 18, /* what most summaries take */
  MARK_WIDTH = 4,       /* " (R)" */
  UNKNOWN_PHRASE = 12,
};

static unsigned phrase_width(const FlowModel *model, unsigned status)
{
  const char *phrase;

  if (status >= STATUS_MAX)
    return UNKNOWN_PHRASE;
  if (model->phrase_widths[status] == 0) {
    phrase = sip_status_text(status);
    model->phrase_widths[status] =
      phrase ? (uint8_t) (1 + text_width(slice_from_string(phrase))) : UNKNOWN_PHRASE;
  }
  return model->phrase_widths[status];
}

static unsigned digits_of(uint32_t number)
{
  unsigned digits = 1;

  while (number >= 10) {
    number /= 10;
    digits++;
  }
  return digits;
}

/* Of what is known without reading the message again. */
static unsigned label_width(const FlowModel *model, const FlowRung *rung)
{
  const Message *message = rung->message;
  const FlowOptions *options = &model->setup.options;
  unsigned width, flags = message->flags;

  if (message_is_request(message))
    width = (unsigned) trace_method_name(model->setup.trace, message->method).len;
  else
    width = 3 + phrase_width(model, message->status);
  if (flags & MESSAGE_HAS_SDP)
    width += options->sdp == FLOW_SDP_SHORT ? SDP_SHORT_WIDTH : SDP_WIDTH;
  width += flags & MESSAGE_RETRANSMISSION ? MARK_WIDTH : 0;
  width += flags & MESSAGE_DUPLICATE ? MARK_WIDTH : 0;
  width += flags & MESSAGE_INCOMPLETE ? MARK_WIDTH : 0;
  if (options->fold && rung->copies > 0)
    width += 2 + digits_of(rung->copies + 1);
  return MIN(width, LADDER_LABEL_MAX);
}

void flow_rows_note_label(FlowModel *model, const FlowRung *rung)
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

static void add_row(FlowRows *rows, uint32_t rung, FlowRowKind kind)
{
  FlowRowPlace row = {rung, rows->silence, kind};

  g_array_append_val(rows->places, row);
}

/* Between the row of a message that comes next and the one above it. */
static void note_delta(FlowModel *model, const Message *message)
{
  FlowRows *rows = model->made;

  if (rows->places->len == 0)
    return;
  uint32_t above = flow_row_place(rows, rows->places->len - 1).rung;
  int64_t delta_ns = flow_delta_ns(flow_rung_at(model, above)->message, message);
  rows->least_delta_ns = MIN(rows->least_delta_ns, delta_ns);
  rows->most_delta_ns = MAX(rows->most_delta_ns, delta_ns);
}

int64_t flow_silence_ns(const FlowModel *model, uint32_t rung)
{
  if (rung == FLOW_RUNG_NONE || rung == 0)
    return 0;
  return flow_delta_ns(flow_rung_at(model, rung - 1)->message, flow_rung_at(model, rung)->message);
}

/* Messages that are folded or hidden end a silence, too. */
static void note_silence(FlowModel *model, uint32_t rung)
{
  if (flow_silence_ns(model, rung) > flow_silence_ns(model, model->made->silence))
    model->made->silence = rung;
}

static bool is_behind_gap(const FlowModel *model)
{
  int64_t gap_ns = model->setup.options.gap_ns;
  const FlowRows *rows = model->made;

  return gap_ns > 0 && rows->places->len > 0 && flow_silence_ns(model, rows->silence) >= gap_ns;
}

static void make_rows(FlowModel *model, uint32_t index)
{
  const FlowRung *rung = flow_rung_at(model, index);
  const Message *message = rung->message;
  FlowRows *rows = model->made;

  note_silence(model, index);
  if (is_hidden(model, rung)) {
    rows->hidden++;
    return;
  }
  if (is_folded(model, rung)) {
    rows->folded++;
    return;
  }
  note_delta(model, message);
  if (is_behind_gap(model))
    add_row(rows, index, FLOW_ROW_GAP);
  add_row(rows, index, FLOW_ROW_MESSAGE);
  if (model->setup.options.sdp == FLOW_SDP_LINES && message->flags & MESSAGE_HAS_SDP)
    add_row(rows, index, FLOW_ROW_SDP);
  rows->silence = FLOW_RUNG_NONE;
  flow_rows_note_label(model, rung);
}

/* What was shown meanwhile is not needed any more. */
static void show_made(FlowModel *model)
{
  if (model->shown != model->made)
    flow_rows_free(model->shown);
  model->shown = model->made;
}

bool flow_rows_make_some(FlowModel *model)
{
  FlowRows *rows = model->made;
  size_t end = MIN(model->rungs->len, rows->done + FLOW_SLICE);
  bool some = rows->done < end;

  while (rows->done < end)
    make_rows(model, (uint32_t) rows->done++);
  if (end == model->rungs->len)
    show_made(model);
  return some;
}

/* The first rung behind those that have rows. */
static size_t first_behind_rows(const FlowRows *rows)
{
  size_t count = rows->places->len;

  return count > 0 ? flow_row_place(rows, count - 1).rung + 1 : 0;
}

void flow_rows_unmake(FlowModel *model, size_t rung)
{
  FlowRows *rows = model->made;

  if (rung < model->shown->done)
    show_made(model);
  if (rung >= rows->done)
    return;
  g_array_set_size(rows->places, (guint) flow_row_of_rung(rows, rung));
  for (size_t i = rung; i < rows->done; i++) {
    bool hidden = is_hidden(model, flow_rung_at(model, i));

    rows->hidden -= hidden;
    rows->folded -= !hidden && is_folded(model, flow_rung_at(model, i));
  }
  rows->done = rung;
  rows->silence = FLOW_RUNG_NONE;
  for (size_t i = first_behind_rows(rows); i < rung; i++)
    note_silence(model, (uint32_t) i);
}

FlowRows *flow_rows_new(void)
{
  FlowRows *rows = g_new0(FlowRows, 1);

  rows->places = g_array_new(FALSE, FALSE, sizeof(FlowRowPlace));
  rows->silence = FLOW_RUNG_NONE;
  return rows;
}

void flow_rows_free(FlowRows *rows)
{
  g_array_unref(rows->places);
  g_free(rows);
}

void flow_rows_reset(FlowModel *model)
{
  show_made(model);
  flow_rows_free(model->made);
  model->made = model->shown = flow_rows_new();
}

void flow_rows_renew(FlowModel *model)
{
  if (model->made != model->shown)
    flow_rows_free(model->made);
  model->made = flow_rows_new();
}
