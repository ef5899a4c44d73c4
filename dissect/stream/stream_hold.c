#include "dissect/stream/stream_hold.h"

#include "dissect/stream/stream.h"

enum { STREAM_BYTES_MAX = 128 * 1024 };

typedef struct HeldEvent {
  GList link;
  TcpEvent event;
  char octets[];
} HeldEvent;

/* What one costs, apart from its bytes. */
static size_t size_of(const HeldEvent *held)
{
  return sizeof *held + held->event.octets.len;
}

static HeldEvent *held_new(const TcpEvent *event, Slice octets)
{
  HeldEvent *held = g_malloc(sizeof *held + octets.len);

  held->link = (GList){.data = held};
  held->event = *event;
  held->event.from_packet = held->event.in_frame = false;
  if (octets.len > 0)
    memcpy(held->octets, octets.data, octets.len);
  held->event.octets = slice_of(held->octets, octets.len);
  return held;
}

static void enter(HoldTable *table, Stream *stream, bool is_ready)
{
  StreamHold *hold = &stream->hold;

  hold->is_ready = is_ready;
  hold->link.data = stream;
  g_queue_push_tail_link(is_ready ? &table->ready : &table->waiting, &hold->link);
}

static void leave(HoldTable *table, Stream *stream)
{
  StreamHold *hold = &stream->hold;

  g_queue_unlink(hold->is_ready ? &table->ready : &table->waiting, &hold->link);
}

static void count(HoldTable *table, Stream *stream, const HeldEvent *held)
{
  stream->hold.bytes += size_of(held);
  table->bytes += size_of(held);
}

void stream_hold_move(StreamHold *hold, TcpStream *to)
{
  for (GList *link = hold->events.head; link; link = link->next) {
    HeldEvent *held = link->data;
    held->event.stream = to;
  }
}

void hold_table_add(HoldTable *table, Stream *stream, const TcpEvent *event)
{
  HeldEvent *held = held_new(event, event->octets);

  g_queue_push_tail_link(&stream->hold.events, &held->link);
  count(table, stream, held);
}

static void push_front(HoldTable *table, Stream *stream, HeldEvent *held)
{
  g_queue_push_head_link(&stream->hold.events, &held->link);
  count(table, stream, held);
}

void hold_table_keep_back(HoldTable *table, Stream *stream, const TcpEvent *event, size_t rest)
{
  TcpEvent again = *event;

  if (!stream_hold_is_empty(&stream->hold))
    leave(table, stream);
  if (rest > 0)
    push_front(table, stream, held_new(event, slice_from(event->octets, event->octets.len - rest)));
  again.kind = TCP_DATA;
  again.seq_end -= (uint32_t) rest;
  push_front(table, stream, held_new(&again, SLICE_NONE));
  enter(table, stream, false);
}

void hold_table_retry(HoldTable *table, Stream *stream)
{
  if (!table->waiting.head || stream_hold_is_empty(&stream->hold) || stream->hold.is_ready)
    return;
  leave(table, stream);
  enter(table, stream, true);
}

void hold_table_retry_all(HoldTable *table)
{
  while (table->waiting.head)
    hold_table_retry(table, table->waiting.head->data);
}

static HeldEvent *take_first(HoldTable *table, Stream *stream)
{
  HeldEvent *held = g_queue_pop_head_link(&stream->hold.events)->data;

  stream->hold.bytes -= size_of(held);
  table->bytes -= size_of(held);
  return held;
}

bool hold_table_next(HoldTable *table, TcpEvent *ret_event)
{
  g_clear_pointer(&table->given, g_free);
  if (!table->ready.head)
    return false;
  Stream *stream = table->ready.head->data;
  table->given = take_first(table, stream);
  if (stream_hold_is_empty(&stream->hold))
    leave(table, stream);
  *ret_event = table->given->event;
  return true;
}

void hold_table_drop(HoldTable *table, Stream *stream)
{
  if (stream_hold_is_empty(&stream->hold))
    return;
  leave(table, stream);
  while (!stream_hold_is_empty(&stream->hold))
    g_free(take_first(table, stream));
}

Stream *hold_table_overfull(const HoldTable *table, Stream *stream, size_t bytes_max)
{
  if (stream->hold.bytes > STREAM_BYTES_MAX)
    return stream;
  return table->bytes > bytes_max && table->waiting.head ? table->waiting.head->data : NULL;
}

void hold_table_clear(HoldTable *table)
{
  g_clear_pointer(&table->given, g_free);
}
