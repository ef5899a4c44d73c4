#include "dissect/trace/call_streams.h"

#include "dissect/media/stream_quality.h"

enum {
  LEARN_FROM = 8, /* packets that show that a source is real */
};

/* What is known of a stream's owners. */
typedef struct {
  uint32_t calls[MEDIA_OWNERS_MAX]; /* whose lists have it; 0: none */
  bool is_queued, is_settled;
} Bound;

struct CallStreams {
  MediaBook *book;
  const GPtrArray *streams; /* RtpStream */
  GArray *bound;            /* Bound, by number - 1 */
  GArray *queue;            /* uint32_t: streams that have changed */
  GPtrArray *calls;         /* GArray of uint32_t by call number - 1; or NULL */
};

static void list_free(gpointer list)
{
  if (list)
    g_array_unref(list);
}

CallStreams *call_streams_new(MediaBook *book, const GPtrArray *streams)
{
  CallStreams *table = g_new0(CallStreams, 1);

  table->book = book;
  table->streams = streams;
  table->bound = g_array_new(false, true, sizeof(Bound));
  table->queue = g_array_new(false, false, sizeof(uint32_t));
  table->calls = g_ptr_array_new_with_free_func(list_free);
  return table;
}

void call_streams_free(CallStreams *table)
{
  if (!table)
    return;
  g_array_unref(table->bound);
  g_array_unref(table->queue);
  g_ptr_array_unref(table->calls);
  g_free(table);
}

void call_streams_note(CallStreams *table, uint32_t stream)
{
  if (stream > table->bound->len)
    g_array_set_size(table->bound, stream);
  Bound *bound = &g_array_index(table->bound, Bound, stream - 1);
  if (bound->is_queued || bound->is_settled)
    return;
  bound->is_queued = true;
  g_array_append_val(table->queue, stream);
}

void call_streams_forget(CallStreams *table, uint32_t call)
{
  if (call <= table->calls->len)
    g_clear_pointer(&table->calls->pdata[call - 1], list_free);
}

static const RtpStream *find_stream(const CallStreams *table, uint32_t number)
{
  return number <= table->streams->len ? table->streams->pdata[number - 1] : NULL;
}

/* Streams that were discarded go whenever the list has doubled. */
static void drop_discarded(const CallStreams *table, GArray *list)
{
  guint kept = 0;

  if (list->len < 16 || (list->len & (list->len - 1)) != 0)
    return;
  for (guint i = 0; i < list->len; i++) {
    uint32_t number = g_array_index(list, uint32_t, i);
    if (find_stream(table, number))
      g_array_index(list, uint32_t, kept++) = number;
  }
  g_array_set_size(list, kept);
}

static void add_to_call(CallStreams *table, uint32_t call, uint32_t stream)
{
  if (table->calls->len < call)
    g_ptr_array_set_size(table->calls, (gint) call);
  GArray *list = table->calls->pdata[call - 1];
  if (!list)
    list = table->calls->pdata[call - 1] = g_array_new(false, false, sizeof(uint32_t));
  drop_discarded(table, list);
  g_array_append_val(list, stream);
}

static void bind_to(CallStreams *table, Bound *bound, uint32_t call, uint32_t stream)
{
  for (size_t i = 0; i < MEDIA_OWNERS_MAX; i++) {
    if (bound->calls[i] == call)
      return;
    if (bound->calls[i] == 0) {
      bound->calls[i] = call;
      add_to_call(table, call, stream);
      return;
    }
  }
}

/* A call that owned it stays: its description was in force when the stream began. */
static void bind_stream(CallStreams *table, uint32_t number)
{
  Bound *bound = &g_array_index(table->bound, Bound, number - 1);
  const RtpStream *stream = find_stream(table, number);
  MediaOwner owners[MEDIA_OWNERS_MAX];

  bound->is_queued = false;
  if (!stream)
    return;
  MediaFlow flow = stream_flow(stream);
  size_t count = media_book_owners(table->book, &flow, owners);
  for (size_t i = 0; i < count; i++)
    bind_to(table, bound, owners[i].call, number);
  if (count > 0 && stream->packets >= LEARN_FROM)
    media_book_learn(table->book, &flow, &owners[0]);
  bound->is_settled = count > 0 && owners[0].line && owners[0].from_line;
}

/* Changes nothing until a stream has changed. */
static void bind_all(CallStreams *table)
{
  guint unbound = 0;

  if (table->queue->len == 0)
    return;
  for (guint i = 0; i < table->queue->len; i++) {
    uint32_t number = g_array_index(table->queue, uint32_t, i);
    bind_stream(table, number);
    if (g_array_index(table->bound, Bound, number - 1).calls[0] == 0)
      g_array_index(table->queue, uint32_t, unbound++) = number;
  }
  /* Once more, by what was learned from the others. */
  for (guint i = 0; i < unbound; i++)
    bind_stream(table, g_array_index(table->queue, uint32_t, i));
  g_array_set_size(table->queue, 0);
}

size_t call_streams_of(CallStreams *table, uint32_t call, const uint32_t **ret_numbers)
{
  bind_all(table);
  const GArray *list = call <= table->calls->len ? table->calls->pdata[call - 1] : NULL;
  *ret_numbers = list ? (const uint32_t *) (const void *) list->data : NULL;
  return list ? list->len : 0;
}

size_t call_streams_owners(CallStreams *table, const RtpStream *stream,
                           MediaOwner ret_owners[MEDIA_OWNERS_MAX])
{
  const MediaFlow flow = stream_flow(stream);

  bind_all(table); /* so that the book has learned from other streams */
  return media_book_owners(table->book, &flow, ret_owners);
}
