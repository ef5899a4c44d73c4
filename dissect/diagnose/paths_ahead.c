#include "dissect/diagnose/paths_ahead.h"

#include <stdatomic.h>

/* A chunk is full when it has that many calls, or messages; a call may have more by itself. */
enum { CHUNKS = 4, CHUNK_CALLS = 32, CHUNK_MESSAGES = 512, ARENA_FIRST = 256 * 1024 };

typedef struct {
  Arena arena; /* of the paths */
  CallPath paths[CHUNK_CALLS];
  size_t count;
} Chunk;

struct PathsAhead {
  const Trace *trace;
  const StoreSet *stores; /* or NULL */
  StoreSet *view;         /* the thread's */
  GArray *calls;
  GAsyncQueue *empty, *full; /* of Chunk */
  GThread *thread;
  atomic_bool stopping;

  /* The caller's: */
  size_t taken; /* of `calls` */
  Chunk *chunk; /* that is taken from, or NULL */
  size_t at;    /* the next of its paths */
};

static void chunk_clear(Chunk *chunk)
{
  for (size_t i = 0; i < chunk->count; i++)
    call_path_clear(&chunk->paths[i]);
  chunk->count = 0;
}

/* What rules ask of nearly every call: the first request of either side, and what became of an
 * INVITE. */
static void read_usual(const Forwarding *forwarding)
{
  const Branch *other = NULL;

  for (size_t i = 0; i < forwarding->count; i++) {
    const Branch *b = &forwarding->branches[i];
    bool is_others = !other && b->from != forwarding->branches->from;
    if (is_others)
      other = b;
    if (i == 0 || is_others)
      (void) read_message_sip(b->request);
    if (b->final && b->final->message->method == SIP_METHOD_INVITE)
      (void) read_message_sip(b->final);
  }
}

static void begin_path(const PathsAhead *ahead, const Call *call, Arena *arena, CallPath *path)
{
  call_path_begin(ahead->trace, call, ahead->view, arena, path);
  read_usual(&path->forwarding);
  call_reading_set_stores(&path->reading, ahead->stores);
}

/* Finds the paths of the calls from `next` on; returns the first call after them. */
static size_t fill_chunk(const PathsAhead *ahead, Chunk *chunk, size_t next)
{
  size_t messages = 0;

  chunk_clear(chunk);
  arena_reset(&chunk->arena);
  while (next < ahead->calls->len && chunk->count < CHUNK_CALLS && messages < CHUNK_MESSAGES) {
    const Call *call = g_array_index(ahead->calls, const Call *, next++);
    begin_path(ahead, call, &chunk->arena, &chunk->paths[chunk->count++]);
    messages += call->messages;
  }
  return next;
}

static gpointer find_paths(gpointer data)
{
  PathsAhead *ahead = data;
  size_t next = 0;

  while (next < ahead->calls->len) {
    Chunk *chunk = g_async_queue_pop(ahead->empty);
    bool is_stopping = atomic_load(&ahead->stopping);
    if (!is_stopping)
      next = fill_chunk(ahead, chunk, next);
    g_async_queue_push(is_stopping ? ahead->empty : ahead->full, chunk);
    if (is_stopping)
      break;
  }
  return NULL;
}

PathsAhead *paths_ahead_new(const Trace *trace, const StoreSet *stores, GArray *calls)
{
  PathsAhead *ahead = g_new0(PathsAhead, 1);

  ahead->trace = trace;
  ahead->stores = stores;
  ahead->view = store_set_view_new(stores);
  ahead->calls = calls;
  ahead->empty = g_async_queue_new();
  ahead->full = g_async_queue_new();
  for (int i = 0; i < CHUNKS; i++) {
    Chunk *chunk = g_new0(Chunk, 1);
    arena_init(&chunk->arena, ARENA_FIRST);
    g_async_queue_push(ahead->empty, chunk);
  }
  ahead->thread = g_thread_new("paths", find_paths, ahead);
  return ahead;
}

static void give_back_chunk(PathsAhead *ahead)
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

void paths_ahead_free(PathsAhead *ahead)
{
  if (!ahead)
    return;
  atomic_store(&ahead->stopping, true);
  give_back_chunk(ahead);
  for (Chunk *chunk; (chunk = g_async_queue_try_pop(ahead->full));)
    g_async_queue_push(ahead->empty, chunk); /* so that the thread does not wait for one */
  g_thread_join(ahead->thread);
  chunks_free(ahead->empty);
  chunks_free(ahead->full);
  g_array_unref(ahead->calls);
  store_set_free(ahead->view);
  g_free(ahead);
}

const CallPath *paths_ahead_take(PathsAhead *ahead, const Call *call)
{
  if (ahead->taken == ahead->calls->len ||
      g_array_index(ahead->calls, const Call *, ahead->taken) != call)
    return NULL;
  if (!ahead->chunk || ahead->at == ahead->chunk->count) {
    give_back_chunk(ahead);
    ahead->chunk = g_async_queue_pop(ahead->full);
    ahead->at = 0;
  }
  ahead->taken++;
  return &ahead->chunk->paths[ahead->at++];
}
