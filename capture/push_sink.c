#include "capture/push_sink.h"

#include <stdatomic.h>

#include "capture/error.h"
#include "capture/language.h"
#include "capture/push_queue.h"
#include "capture/thread.h"

enum {
  FLYING_MAX = 8, /* batches between the threads */
  WAIT_US = 50 * 1000,
  STEP_MS = 20,
  RETRY_FIRST_US = 250 * 1000,
  RETRY_MAX_US = 10 * 1000 * 1000,
  PATIENCE_US = 30 * 1000 * 1000, /* of files, while no server takes rows */
  END_US = 5 * 1000 * 1000,       /* the same at the end of a capture */
  NEWS_US = 60 * 1000 * 1000,
};

typedef struct {
  const char *into;
  ByteBuffer rows;
  uint64_t count;
} Given;

struct PushSink {
  PushSinkOptions options;
  ClickHouse *db;
  GThread *thread; /* owns all below up to `given`, once it runs */
  PushQueue *queue;
  PushBatch sending; /* or an empty one */
  GByteArray *block; /* that is made of rows */
  int64_t retry_us, wait_us;
  int64_t taken_us;     /* when a server took rows last, or the first one was to be sent */
  int64_t closing_us;   /* when it saw that no more batches come; 0: not yet */
  bool is_unkept_said;  /* that batches cannot be kept */
  ClickHouseFault said; /* the fault that was said; empty: none */
  GAsyncQueue *given;   /* Given */
  GAsyncQueue *places;  /* one word for each batch that may be given */
  GAsyncQueue *news;    /* char * */
  atomic_bool is_closing, is_stopped, has_failed, is_done;
  atomic_uint_fast64_t sent, lost, waiting;
  uint64_t lost_said; /* of the caller's thread, as the next */
  int64_t said_us;
};

static void given_free(gpointer data)
{
  Given *given = data;

  byte_buffer_clear(&given->rows);
  g_free(given);
}

PushSink *push_sink_new(const PushSinkOptions *options, GError **error)
{
  g_autoptr(PushSink) sink = g_new0(PushSink, 1);

  sink->options = *options;
  sink->given = g_async_queue_new_full(given_free);
  sink->places = g_async_queue_new();
  sink->news = g_async_queue_new_full(g_free);
  sink->block = g_byte_array_new();
  sink->wait_us = RETRY_FIRST_US;
  for (unsigned i = 0; i < FLYING_MAX; i++)
    g_async_queue_push(sink->places, sink);
  sink->db = clickhouse_new(options->url, error);
  return sink->db ? g_steal_pointer(&sink) : NULL;
}

void push_sink_free(PushSink *sink)
{
  if (!sink)
    return;
  push_sink_stop(sink);
  if (sink->thread)
    g_thread_join(sink->thread);
  push_batch_clear(&sink->sending);
  clickhouse_free(sink->db);
  push_queue_free(sink->queue);
  g_byte_array_unref(sink->block);
  g_async_queue_unref(sink->given);
  g_async_queue_unref(sink->places);
  g_async_queue_unref(sink->news);
  g_free(sink);
}

ClickHouse *push_sink_database(PushSink *sink)
{
  return sink->db;
}

/* --- The thread: from what was given to the queue --------------------------------------------- */

static void say(PushSink *sink, const char *text)
{
  g_async_queue_push(sink->news, g_strdup(text));
}

static void note_counts(PushSink *sink)
{
  atomic_store(&sink->waiting, push_queue_rows(sink->queue));
}

static void keep(PushSink *sink, const Given *given)
{
  g_autoptr(GError) error = NULL;
  uint64_t lost = push_queue_lost(sink->queue);

  g_byte_array_set_size(sink->block, 0);
  clickhouse_append_block(sink->block, byte_buffer_slice(&given->rows));
  const PushBatch batch = {
    .rows = given->count,
    .into = (char *) (uintptr_t) given->into,
    .body = slice_of((const char *) sink->block->data, sink->block->len),
  };
  bool is_kept = push_queue_add(sink->queue, &batch, &error);
  if (!is_kept) {
    atomic_fetch_add(&sink->lost, given->count);
    if (!sink->options.is_live)
      atomic_store(&sink->has_failed, true);
    if (!sink->is_unkept_said)
      say(sink, error->message);
  }
  sink->is_unkept_said = !is_kept;
  atomic_fetch_add(&sink->lost, push_queue_lost(sink->queue) - lost);
}

/* Files wait while the queue is full; how large a batch becomes is not known before. */
static bool may_take(const PushSink *sink)
{
  return sink->options.is_live || push_queue_count(sink->queue) == 0 ||
         push_queue_has_room(sink->queue, sink->options.limit / 2);
}

static void take_given(PushSink *sink, uint64_t wait_us)
{
  if (!may_take(sink))
    return;
  Given *given = wait_us > 0 ? g_async_queue_timeout_pop(sink->given, wait_us)
                             : g_async_queue_try_pop(sink->given);
  if (!given)
    return;
  keep(sink, given);
  given_free(given);
  g_async_queue_push(sink->places, sink);
  note_counts(sink);
}

/* --- The thread: from the queue to the server ------------------------------------------------- */

static bool is_sending(const PushSink *sink)
{
  return sink->sending.into != NULL;
}

static void begin_sending(PushSink *sink)
{
  int64_t now_us = g_get_monotonic_time();

  if (now_us < sink->retry_us || !push_queue_first(sink->queue, &sink->sending))
    return;
  if (sink->taken_us == 0)
    sink->taken_us = now_us;
  clickhouse_insert(sink->db, sink->sending.into, sink->sending.body);
}

static void note_taken(PushSink *sink)
{
  atomic_fetch_add(&sink->sent, sink->sending.rows);
  push_queue_remove(sink->queue, sink->sending.number);
  sink->wait_us = RETRY_FIRST_US;
  sink->taken_us = 0;
  if (sink->said.text[0])
    say(sink, _("rows are sent to ClickHouse again"));
  sink->said.text[0] = '\0';
}

/* No server will ever take them. */
static void note_refused_rows(PushSink *sink, const ClickHouseFault *fault)
{
  g_autofree char *text = g_strdup_printf(_("%" G_GUINT64_FORMAT " rows were refused: %s"),
                                          sink->sending.rows, fault->text);

  atomic_fetch_add(&sink->lost, sink->sending.rows);
  push_queue_remove(sink->queue, sink->sending.number);
  say(sink, text);
}

static bool is_given_up(const PushSink *sink, const ClickHouseFault *fault)
{
  bool is_ending = atomic_load(&sink->is_closing);
  int64_t patience_us = sink->options.is_live ? END_US : PATIENCE_US;
  int64_t away_us = g_get_monotonic_time() - sink->taken_us;

  if (sink->options.is_live && !is_ending)
    return false;
  return clickhouse_fault_is_lasting(fault) || away_us > patience_us;
}

static void note_fault(PushSink *sink, const ClickHouseFault *fault)
{
  if (!sink->said.text[0]) {
    g_autofree char *text = g_strdup_printf(_("%s; trying again"), fault->text);
    bool is_last = is_given_up(sink, fault);
    say(sink, is_last ? fault->text : text);
    sink->said = *fault;
  }
  if (is_given_up(sink, fault))
    atomic_store(&sink->has_failed, true);
  sink->retry_us = g_get_monotonic_time() + sink->wait_us;
  sink->wait_us = MIN(2 * sink->wait_us, (int64_t) RETRY_MAX_US);
}

/* At its end a capture does not wait long for a server that does not answer. */
static bool is_hanging(const PushSink *sink)
{
  return sink->options.is_live && sink->closing_us > 0 &&
         g_get_monotonic_time() - MAX(sink->taken_us, sink->closing_us) > END_US;
}

static void go_on_sending(PushSink *sink)
{
  ClickHouseFault fault;

  if (!clickhouse_step(sink->db, STEP_MS, &fault)) {
    if (is_hanging(sink))
      atomic_store(&sink->has_failed, true);
    return;
  }
  if (!fault.text[0])
    note_taken(sink);
  else if (clickhouse_fault_is_of_rows(&fault))
    note_refused_rows(sink, &fault);
  else
    note_fault(sink, &fault);
  push_batch_clear(&sink->sending);
  note_counts(sink);
}

static bool is_over(const PushSink *sink)
{
  bool is_closing = atomic_load(&sink->is_closing);

  if (atomic_load(&sink->is_stopped) || atomic_load(&sink->has_failed))
    return true;
  return is_closing && g_async_queue_length(sink->given) <= 0 &&
         push_queue_count(sink->queue) == 0 && !is_sending(sink);
}

/* What was given before it gave up is counted, and there for the next run. */
static void keep_rest(PushSink *sink)
{
  Given *given;

  while ((given = g_async_queue_try_pop(sink->given))) {
    keep(sink, given);
    given_free(given);
  }
  note_counts(sink);
}

static gpointer run(gpointer data)
{
  PushSink *sink = data;

  while (!is_over(sink)) {
    if (sink->closing_us == 0 && atomic_load(&sink->is_closing))
      sink->closing_us = g_get_monotonic_time();
    bool is_idle = !is_sending(sink) && push_queue_count(sink->queue) == 0;
    take_given(sink, is_idle ? WAIT_US : 0);
    if (!is_sending(sink))
      begin_sending(sink);
    if (is_sending(sink))
      go_on_sending(sink);
    else if (!is_idle)
      g_usleep(STEP_MS * 1000); /* it waits to try again */
  }
  keep_rest(sink);
  atomic_store(&sink->is_done, true);
  return NULL;
}

bool push_sink_start(PushSink *sink, GError **error)
{
  sink->queue = push_queue_open(sink->options.folder, sink->options.limit, error);
  if (!sink->queue)
    return false;
  note_counts(sink);
  sink->thread = thread_new("push", run, sink, error);
  return sink->thread != NULL;
}

/* --- The caller's thread ---------------------------------------------------------------------- */

/* A place for a batch; NULL: the sink is too slow, or has given up. */
static gpointer take_place(PushSink *sink)
{
  gpointer place = g_async_queue_try_pop(sink->places);

  while (!place && !sink->options.is_live && !atomic_load(&sink->is_done))
    place = g_async_queue_timeout_pop(sink->places, WAIT_US);
  return place;
}

void push_sink_add(PushSink *sink, const char *into, ByteBuffer *rows, uint64_t count)
{
  if (atomic_load(&sink->is_done) || !take_place(sink)) {
    atomic_fetch_add(&sink->lost, count);
    byte_buffer_clear(rows);
    return;
  }
  Given *given = g_new(Given, 1);
  *given = (Given){into, *rows, count};
  *rows = (ByteBuffer){0};
  g_async_queue_push(sink->given, given);
  clickhouse_wake(sink->db);
}

bool push_sink_has_failed(const PushSink *sink)
{
  return atomic_load(&sink->has_failed);
}

char *push_sink_news(PushSink *sink)
{
  char *text = g_async_queue_try_pop(sink->news);
  uint64_t lost = atomic_load(&sink->lost);
  int64_t now_us = g_get_monotonic_time();

  if (text || lost == sink->lost_said || !sink->options.is_live ||
      (sink->said_us != 0 && now_us - sink->said_us < NEWS_US))
    return text;
  uint64_t news = lost - sink->lost_said;
  sink->lost_said = lost;
  sink->said_us = now_us;
  return g_strdup_printf(_("%" G_GUINT64_FORMAT " rows for ClickHouse were lost (queue full)"),
                         news);
}

bool push_sink_finish(PushSink *sink, unsigned wait_ms)
{
  atomic_store(&sink->is_closing, true);
  for (unsigned i = 0; i < wait_ms && !atomic_load(&sink->is_done); i++)
    g_usleep(1000);
  return atomic_load(&sink->is_done);
}

void push_sink_stop(PushSink *sink)
{
  atomic_store(&sink->is_stopped, true);
  clickhouse_wake(sink->db);
}

PushCounts push_sink_counts(const PushSink *sink)
{
  return (PushCounts){
    .sent = atomic_load(&sink->sent),
    .lost = atomic_load(&sink->lost),
    .waiting = atomic_load(&sink->waiting),
  };
}
