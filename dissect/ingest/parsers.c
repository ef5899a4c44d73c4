#include "dissect/ingest/parsers.h"

#include "capture/confine.h"
#include "capture/thread.h"

enum { READING_AND_CORRELATING = 2 }; /* threads that there are anyway */

struct Parsers {
  uint64_t seed;
  bool is_confined;
  unsigned most;
  GAsyncQueue *waiting; /* of Batch: not parsed, and no thread has begun */
  GMutex lock;          /* of Batch.parsed, where a thread parses it */
  GCond parsed;
  GThread *threads[PARSERS_MAX]; /* for the main thread only, as the next: */
  unsigned count;                /* those that were started */
  Batch end;                     /* pushed once per thread, to stop it */
};

unsigned parsers_wanted(void)
{
  return (unsigned) CLAMP((int) g_get_num_processors() - READING_AND_CORRELATING, 0, PARSERS_MAX);
}

Parsers *parsers_new(unsigned most, bool is_confined, uint64_t seed)
{
  Parsers *parsers = g_new0(Parsers, 1);

  parsers->most = MIN(most, PARSERS_MAX);
  parsers->is_confined = is_confined;
  parsers->seed = seed;
  parsers->waiting = g_async_queue_new();
  g_mutex_init(&parsers->lock);
  g_cond_init(&parsers->parsed);
  return parsers;
}

void parsers_free(Parsers *parsers)
{
  for (unsigned i = 0; i < parsers->count; i++)
    g_async_queue_push(parsers->waiting, &parsers->end);
  for (unsigned i = 0; i < parsers->count; i++)
    g_thread_join(parsers->threads[i]);
  g_async_queue_unref(parsers->waiting);
  g_mutex_clear(&parsers->lock);
  g_cond_clear(&parsers->parsed);
  g_free(parsers);
}

/* One at a time: libseccomp promises nothing for several. */
static void confine(Parsers *parsers)
{
  g_mutex_lock(&parsers->lock);
  confine_parser();
  g_mutex_unlock(&parsers->lock);
}

static gpointer parse_batches(gpointer data)
{
  Parsers *parsers = data;

  if (parsers->is_confined)
    confine(parsers);
  for (Batch *batch; (batch = g_async_queue_pop(parsers->waiting)) != &parsers->end;) {
    batch_parse(batch, parsers->seed);
    g_mutex_lock(&parsers->lock);
    batch->parsed = true;
    g_cond_signal(&parsers->parsed);
    g_mutex_unlock(&parsers->lock);
  }
  return NULL;
}

static void start_thread(Parsers *parsers)
{
  GThread *thread = thread_new("parser", parse_batches, parsers, NULL);

  if (thread)
    parsers->threads[parsers->count++] = thread;
}

/* Does a batch wait for each thread that may be? */
static bool are_busy(const Parsers *parsers)
{
  return g_async_queue_length(parsers->waiting) >= (int) parsers->most;
}

void parsers_add(Parsers *parsers, Batch *batch, bool lags)
{
  batch->parsed = lags && are_busy(parsers);
  if (batch->parsed)
    batch_parse(batch, parsers->seed);
  else
    g_async_queue_push(parsers->waiting, batch);
}

static void wait_for(Parsers *parsers, const Batch *batch)
{
  g_mutex_lock(&parsers->lock);
  while (!batch->parsed)
    g_cond_wait(&parsers->parsed, &parsers->lock);
  g_mutex_unlock(&parsers->lock);
}

void parsers_finish(Parsers *parsers, Batch *batch, bool more)
{
  if (!g_async_queue_remove(parsers->waiting, batch)) {
    wait_for(parsers, batch);
    return;
  }
  if (more && parsers->count < parsers->most)
    start_thread(parsers);
  batch_parse(batch, parsers->seed);
}
