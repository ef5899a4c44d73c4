/* Messages of several calls become rungs in one order. */
#include "ui/show/flow_private.h"
#include "ui/show/flow_rung.h"

static FlowCall *call_at(const FlowModel *model, uint32_t index)
{
  return &g_array_index(model->calls, FlowCall, index);
}

static const Message *next_of(const FlowCall *call)
{
  return call->taken ? call->taken->next : call->call->first;
}

static uint32_t *queue_at(const FlowModel *model, size_t place)
{
  return &g_array_index(model->queue, uint32_t, place);
}

/* Does the next message of the call at `a` come before that of the one at `b`? */
static bool is_sooner(const FlowModel *model, size_t a, size_t b)
{
  const FlowCall *left = call_at(model, *queue_at(model, a));
  const FlowCall *right = call_at(model, *queue_at(model, b));

  return flow_rung_compare(next_of(left), next_of(right)) < 0;
}

static void swap(FlowModel *model, size_t a, size_t b)
{
  uint32_t call = *queue_at(model, a);

  *queue_at(model, a) = *queue_at(model, b);
  *queue_at(model, b) = call;
}

static void sift_up(FlowModel *model, size_t place)
{
  while (place > 0 && is_sooner(model, place, (place - 1) / 2)) {
    swap(model, place, (place - 1) / 2);
    place = (place - 1) / 2;
  }
}

static void sift_down(FlowModel *model)
{
  size_t place = 0;

  while (true) {
    size_t least = place;

    for (size_t child = 2 * place + 1; child <= 2 * place + 2; child++)
      if (child < model->queue->len && is_sooner(model, child, least))
        least = child;
    if (least == place)
      return;
    swap(model, place, least);
    place = least;
  }
}

void flow_read_ask(FlowModel *model)
{
  uint64_t messages = trace_counts(model->setup.trace)->messages;

  if (messages == model->seen_messages)
    return;
  model->seen_messages = messages;
  for (uint32_t i = 0; i < model->calls->len; i++) {
    FlowCall *call = call_at(model, i);

    if (call->waiting || !next_of(call))
      continue;
    call->waiting = true;
    g_array_append_val(model->queue, i);
    sift_up(model, model->queue->len - 1);
  }
}

/* The next message of all calls, or NULL. */
static const Message *take_next(FlowModel *model)
{
  if (model->queue->len == 0)
    return NULL;
  FlowCall *call = call_at(model, *queue_at(model, 0));
  call->taken = next_of(call);
  call->waiting = next_of(call) != NULL;
  if (!call->waiting) {
    *queue_at(model, 0) = *queue_at(model, model->queue->len - 1);
    g_array_set_size(model->queue, model->queue->len - 1);
  }
  sift_down(model);
  return call->taken;
}

static bool is_copy(const Message *message)
{
  return (message->flags & (MESSAGE_RETRANSMISSION | MESSAGE_DUPLICATE)) != 0;
}

/* Two messages that may be copies of each other, when the later one is said to be one; the octets
 * matter where the trace minds them. */
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

/* Finds what the rung is a copy of.  Where that was forgotten, it stays a rung of its own. */
static void join_copy(FlowModel *model, FlowRung *rung)
{
  const Message **head = head_of(model, rung->message);

  if (!is_copy(rung->message)) {
    *head = rung->message;
    return;
  }
  if (!*head || !is_same_kind(*head, rung->message))
    return;
  FlowRung *first = flow_rung_at(model, flow_rung_find(model, *head));
  g_assert(first->message == *head);
  rung->is_copy = true;
  first->copies++;
  flow_rows_note_label(model, first);
}

static void note_extent(FlowModel *model, const Message *message)
{
  FlowExtent *extent = &model->extent;
  bool first = model->rungs->len == 1;

  extent->first_ns = flow_rung_at(model, 0)->message->time_ns;
  extent->start_ns = first ? message->time_ns : MIN(extent->start_ns, message->time_ns);
  extent->end_ns = first ? message->time_ns : MAX(extent->end_ns, message->time_ns);
  extent->last_number = MAX(extent->last_number, message->number);
}

static void add_rung(FlowModel *model, const Message *message)
{
  FlowPlace place = {message->frame, message->number, false};
  FlowRung rung = {.message = message};
  size_t at = model->rungs->len;

  rung.from = flow_columns_add(model->columns, message->src, place);
  place.receiver = true;
  rung.to = flow_columns_add(model->columns, message->dst, place);
  if (at > 0 && flow_rung_compare(message, flow_rung_at(model, at - 1)->message) < 0)
    at = flow_rung_find(model, message);
  flow_rows_unmake(model, at);
  g_array_insert_val(model->rungs, (guint) at, rung);
  join_copy(model, flow_rung_at(model, at));
  note_extent(model, message);
}

bool flow_read_some(FlowModel *model)
{
  for (unsigned i = 0; i < FLOW_SLICE; i++) {
    const Message *message = take_next(model);

    if (!message)
      return i > 0;
    add_rung(model, message);
  }
  return true;
}

void flow_read_reset(FlowModel *model)
{
  flow_rows_reset(model);
  g_array_set_size(model->rungs, 0);
  g_array_set_size(model->queue, 0);
  memset(model->heads, 0, sizeof model->heads);
  model->extent = (FlowExtent){0};
  model->seen_messages = 0;
  for (uint32_t i = 0; i < model->calls->len; i++) {
    call_at(model, i)->taken = NULL;
    call_at(model, i)->waiting = false;
  }
}
