#include <stdatomic.h>

#include "capture/thread.h"
#include "dissect/diagnose/diagnosis_private.h"

enum { WORKERS_MAX = 8, CHUNKS_PER_WORKER = 8, CHUNK_CALLS = 16, ARENA_FIRST = 256 * 1024 };

typedef struct {
  Arena arena; /* of the diagnoses */
  Diagnosis diagnoses[CHUNK_CALLS];
  size_t number;       /* of the chunk: its calls begin at CHUNK_CALLS times that */
  size_t count, taken; /* those that were taken are the caller's */
} Chunk;

typedef struct {
  DiagnosesAhead *ahead;
  Diagnoser diagnoser; /* with its view of the stores */
  StoreSet *view;
  GThread *thread;
} Worker;

struct DiagnosesAhead {
  const Diagnoser *diagnoser; /* the caller's */
  Worker workers[WORKERS_MAX];
  unsigned worker_count;
  GArray *calls;
  GAsyncQueue *empty, *full; /* of Chunk */
  size_t chunks;             /* that there are */
  atomic_bool stopping;
  atomic_size_t begun; /* chunks, by a worker or the caller */

  /* The caller's: */
  size_t taken; /* of `calls` */
  Chunk *chunk; /* that is taken from, or NULL */
  Chunk
    *waiting[WORKERS_MAX * CHUNKS_PER_WORKER]; /* those that are full, by number modulo `chunks`;
                                                      NULL: not yet */
};

static void chunk_clear(Chunk *chunk)
{
  for (; chunk->taken < chunk->count; chunk->taken++)
    diagnosis_clear(&chunk->diagnoses[chunk->taken]);
  chunk->count = chunk->taken = 0;
  arena_reset(&chunk->arena);
}

/* Begins the diagnoses of the next calls; false if all are begun. */
static bool fill_chunk(DiagnosesAhead *ahead, const Diagnoser *diagnoser, Chunk *chunk)
{
  chunk_clear(chunk);
  chunk->number = atomic_fetch_add(&ahead->begun, 1);
  for (size_t at = chunk->number * CHUNK_CALLS;
       at < ahead->calls->len && chunk->count < CHUNK_CALLS; at++)
    diagnosis_begin(diagnoser, g_array_index(ahead->calls, const Call *, at), &chunk->arena,
                    &chunk->diagnoses[chunk->count++]);
  return chunk->count > 0;
}

static gpointer diagnose_calls(gpointer data)
{
  const Worker *worker = data;
  DiagnosesAhead *ahead = worker->ahead;
  bool has_calls = true;

  while (has_calls) {
    Chunk *chunk = g_async_queue_pop(ahead->empty);
    has_calls = !atomic_load(&ahead->stopping) && fill_chunk(ahead, &worker->diagnoser, chunk);
    g_async_queue_push(has_calls ? ahead->full : ahead->empty, chunk);
  }
  return NULL;
}

/* False where the system allows no more threads: the caller does the work then. */
static bool worker_start(Worker *worker, DiagnosesAhead *ahead)
{
  worker->ahead = ahead;
  worker->view = store_set_view_new(ahead->diagnoser->stores);
  worker->diagnoser = *ahead->diagnoser;
  worker->diagnoser.stores = worker->view;
  worker->thread = thread_new("diagnoses", diagnose_calls, worker, NULL);
  if (!worker->thread)
    store_set_free(worker->view);
  return worker->thread != NULL;
}

DiagnosesAhead *diagnoses_ahead_new(const Diagnoser *diagnoser, GArray *calls)
{
  DiagnosesAhead *ahead = g_new0(DiagnosesAhead, 1);

  ahead->diagnoser = diagnoser;
  ahead->calls = calls;
  ahead->empty = g_async_queue_new();
  ahead->full = g_async_queue_new();
  unsigned wanted = (unsigned) CLAMP((int) g_get_num_processors() - 1, 1, WORKERS_MAX);
  ahead->chunks = wanted * CHUNKS_PER_WORKER;
  for (size_t i = 0; i < ahead->chunks; i++) {
    Chunk *chunk = g_new0(Chunk, 1);
    arena_init(&chunk->arena, ARENA_FIRST);
    g_async_queue_push(ahead->empty, chunk);
  }
  while (ahead->worker_count < wanted && worker_start(&ahead->workers[ahead->worker_count], ahead))
    ahead->worker_count++;
  return ahead;
}

static void give_back_chunk(DiagnosesAhead *ahead)
{
  if (ahead->chunk)
    g_async_queue_push(ahead->empty, ahead->chunk);
  ahead->chunk = NULL;
}

static void chunks_free(GAsyncQueue *queue)
{
  Chunk *chunk;

  while ((chunk = g_async_queue_try_pop(queue))) {
    chunk_clear(chunk);
    arena_clear(&chunk->arena);
    g_free(chunk);
  }
  g_async_queue_unref(queue);
}

void diagnoses_ahead_free(DiagnosesAhead *ahead)
{
  if (!ahead)
    return;
  atomic_store(&ahead->stopping, true);
  give_back_chunk(ahead); /* so that no worker waits for one: each gives its own back */
  for (size_t i = 0; i < ahead->chunks; i++)
    if (ahead->waiting[i])
      g_async_queue_push(ahead->empty, ahead->waiting[i]);
  for (Chunk *chunk; (chunk = g_async_queue_try_pop(ahead->full));)
    g_async_queue_push(ahead->empty, chunk);
  for (unsigned i = 0; i < ahead->worker_count; i++) {
    g_thread_join(ahead->workers[i].thread);
    store_set_free(ahead->workers[i].view);
  }
  chunks_free(ahead->empty);
  chunks_free(ahead->full);
  g_array_unref(ahead->calls);
  g_free(ahead);
}

/* One that a worker has filled, or that is filled here instead of waiting for it. */
static Chunk *full_chunk(DiagnosesAhead *ahead)
{
  Chunk *chunk = g_async_queue_try_pop(ahead->full);
  Chunk *empty = chunk ? NULL : g_async_queue_try_pop(ahead->empty);

  if (empty && fill_chunk(ahead, ahead->diagnoser, empty))
    return empty;
  if (empty)
    g_async_queue_push(ahead->empty, empty);
  return chunk ? chunk : g_async_queue_pop(ahead->full);
}

/* Numbers are given in order to those who have one of the chunks, so that the next one is always
 * being filled. */
static void next_chunk(DiagnosesAhead *ahead)
{
  Chunk **next = &ahead->waiting[ahead->taken / CHUNK_CALLS % ahead->chunks];

  give_back_chunk(ahead);
  while (!*next) {
    Chunk *chunk = full_chunk(ahead);
    ahead->waiting[chunk->number % ahead->chunks] = chunk;
  }
  ahead->chunk = g_steal_pointer(next);
}

bool diagnoses_ahead_take(DiagnosesAhead *ahead, const Call *call, Diagnosis *ret_diagnosis)
{
  if (ahead->taken == ahead->calls->len ||
      g_array_index(ahead->calls, const Call *, ahead->taken) != call)
    return false;
  if (!ahead->chunk || ahead->chunk->taken == ahead->chunk->count)
    next_chunk(ahead);
  ahead->taken++;
  diagnosis_hand_over(&ahead->chunk->diagnoses[ahead->chunk->taken++], ahead->diagnoser,
                      ret_diagnosis);
  return true;
}
