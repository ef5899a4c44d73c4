#include "ui/show/flow_model.h"

#include "ui/show/flow_private.h"
#include "ui/show/flow_rung.h"

FlowModel *flow_model_new(const FlowSetup *setup)
{
  FlowModel *model = g_new0(FlowModel, 1);

  model->setup = *setup;
  model->columns = flow_columns_new(setup->trace);
  model->calls = g_array_new(FALSE, FALSE, sizeof(FlowCall));
  model->numbers = g_hash_table_new(NULL, NULL);
  model->queue = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  model->rungs = g_array_new(FALSE, FALSE, sizeof(FlowRung));
  model->made = model->shown = flow_rows_new();
  model->phrase_widths = g_new0(uint8_t, STATUS_MAX);
  model->seen_evicted = trace_counts(setup->trace)->evicted_calls;
  return model;
}

void flow_model_free(FlowModel *model)
{
  if (!model)
    return;
  flow_columns_free(model->columns);
  g_array_unref(model->calls);
  g_hash_table_unref(model->numbers);
  g_array_unref(model->queue);
  g_array_unref(model->rungs);
  flow_rows_reset(model);
  flow_rows_free(model->made);
  g_free(model->phrase_widths);
  g_free(model);
}

bool flow_model_add_call(FlowModel *model, uint32_t number)
{
  FlowCall call = {.number = number, .call = trace_call(model->setup.trace, number)};

  if (!call.call || model->calls->len >= FLOW_CALLS_MAX ||
      !g_hash_table_add(model->numbers, GUINT_TO_POINTER(number)))
    return false;
  g_array_append_val(model->calls, call);
  model->seen_messages = 0;
  return true;
}

size_t flow_model_call_count(const FlowModel *model)
{
  return model->calls->len;
}

uint32_t flow_model_call_at(const FlowModel *model, size_t index)
{
  return g_array_index(model->calls, FlowCall, index).number;
}

const Trace *flow_model_trace(const FlowModel *model)
{
  return model->setup.trace;
}

bool flow_model_sync(FlowModel *model)
{
  uint64_t evicted = trace_counts(model->setup.trace)->evicted_calls;
  unsigned kept = 0;

  if (evicted == model->seen_evicted)
    return false;
  model->seen_evicted = evicted;
  for (unsigned i = 0; i < model->calls->len; i++) {
    FlowCall call = g_array_index(model->calls, FlowCall, i);

    if (trace_call(model->setup.trace, call.number) == call.call)
      g_array_index(model->calls, FlowCall, kept++) = call;
    else
      g_hash_table_remove(model->numbers, GUINT_TO_POINTER(call.number));
  }
  if (kept == model->calls->len)
    return false;
  g_array_set_size(model->calls, kept);
  flow_read_reset(model);
  return true;
}

bool flow_model_step(FlowModel *model, int64_t until_us)
{
  flow_model_sync(model);
  flow_read_ask(model);
  do {
    bool read = flow_read_some(model), made = flow_rows_make_some(model);

    if (!read && !made)
      return false;
  } while (g_get_monotonic_time() < until_us);
  return true;
}

double flow_model_progress(const FlowModel *model)
{
  uint64_t all = 0;

  for (unsigned i = 0; i < model->calls->len; i++)
    all += g_array_index(model->calls, FlowCall, i).call->messages;
  return all > 0 ? MIN(1.0, (double) model->made->done / (double) all) : 1.0;
}

const FlowOptions *flow_model_options(const FlowModel *model)
{
  return &model->setup.options;
}

/* Do both make the same rows, with labels as wide? */
static bool has_same_rows(const FlowOptions *a, const FlowOptions *b)
{
  return a->sdp == b->sdp && a->fold == b->fold && a->only_sdp == b->only_sdp &&
         a->gap_ns == b->gap_ns;
}

void flow_model_set_options(FlowModel *model, const FlowOptions *options)
{
  bool same = has_same_rows(&model->setup.options, options);

  model->setup.options = *options;
  if (!same)
    flow_rows_renew(model);
}

FlowColumns *flow_model_columns(FlowModel *model)
{
  return model->columns;
}

void flow_model_columns_changed(FlowModel *model)
{
  flow_rows_reset(model);
}

size_t flow_model_row_count(const FlowModel *model)
{
  return model->shown->places->len;
}

/* The rung of the row of a message above that row. */
static const FlowRung *rung_before(const FlowModel *model, size_t row)
{
  uint32_t rung = flow_row_place(model->shown, row).rung;

  while (row > 0)
    if (flow_row_place(model->shown, --row).rung != rung)
      return flow_rung_at(model, flow_row_place(model->shown, row).rung);
  return NULL;
}

FlowRow flow_model_row(const FlowModel *model, size_t row)
{
  FlowRowPlace place = flow_row_place(model->shown, row);
  const FlowRung *rung = flow_rung_at(model, place.rung), *before = rung_before(model, row);
  FlowRow shown = {
    .kind = place.kind,
    .message = rung->message,
    .times = model->setup.options.fold ? rung->copies + 1U : 1U,
    .from = flow_columns_slot(model->columns, rung->from),
    .to = flow_columns_slot(model->columns, rung->to),
    .earlier = before ? before->message : NULL,
  };

  if (place.kind == FLOW_ROW_GAP)
    shown.gap_ns = flow_silence_ns(model, place.silence);
  return shown;
}

size_t flow_rung_find(const FlowModel *model, const Message *message)
{
  size_t low = 0, high = model->rungs->len;

  while (low < high) {
    size_t middle = low + (high - low) / 2;

    if (flow_rung_compare(flow_rung_at(model, middle)->message, message) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

size_t flow_row_of_rung(const FlowRows *rows, size_t rung)
{
  size_t low = 0, high = rows->places->len;

  while (low < high) {
    size_t middle = low + (high - low) / 2;

    if (flow_row_place(rows, middle).rung < rung)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

size_t flow_model_find(const FlowModel *model, const Message *message)
{
  const FlowRows *rows = model->shown;
  size_t rung = flow_rung_find(model, message), row = flow_row_of_rung(rows, rung);

  if (row < rows->places->len && flow_row_place(rows, row).rung == rung)
    return flow_row_place(rows, row).kind == FLOW_ROW_GAP ? row + 1 : row;
  return row > 0 ? row - 1 : 0;
}

/* Messages are numbered as they came, which is the order of their frames but for late ones. */
const Message *flow_model_message(const FlowModel *model, uint32_t number)
{
  enum { LATE = 256 };
  size_t low = 0, high = model->rungs->len;

  while (low < high) {
    size_t middle = low + (high - low) / 2;

    if (flow_rung_at(model, middle)->message->number < number)
      low = middle + 1;
    else
      high = middle;
  }
  for (size_t i = low - MIN(low, (size_t) LATE); i < MIN(low + LATE, model->rungs->len); i++)
    if (flow_rung_at(model, i)->message->number == number)
      return flow_rung_at(model, i)->message;
  return NULL;
}

size_t flow_model_place(const FlowModel *model, const Message *message)
{
  return flow_rung_find(model, message);
}

FlowCounts flow_model_counts(const FlowModel *model)
{
  return (FlowCounts){model->rungs->len, model->shown->folded, model->shown->hidden};
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
