#include "ui/report/backlog.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "capture/byte_stream.h"
#include "capture/store.h"
#include "capture/thread.h"

enum { CHUNK = 256 * 1024 };

struct Backlog {
  int fd, file;
  uint64_t limit;
  GThread *thread; /* NULL before the first put */
  /* Offsets in the file: bytes from `done` to `put` wait.  Only backlog_put writes `put`, and sets
   * both to 0 when nothing waits. */
  GMutex lock; /* of what follows */
  GCond changed;
  uint64_t put, done;
  int error;
  bool stops;
};

Backlog *backlog_new(int fd, uint64_t limit, GError **error)
{
  int file = temporary_file_open(error);

  if (file < 0)
    return NULL;
  Backlog *backlog = g_new0(Backlog, 1);
  backlog->fd = fd;
  backlog->file = file;
  backlog->limit = limit > 0 ? limit : UINT64_MAX;
  g_mutex_init(&backlog->lock);
  g_cond_init(&backlog->changed);
  return backlog;
}

void backlog_free(Backlog *backlog)
{
  if (!backlog)
    return;
  if (backlog->thread) {
    g_mutex_lock(&backlog->lock);
    backlog->stops = true;
    g_cond_broadcast(&backlog->changed);
    g_mutex_unlock(&backlog->lock);
    g_thread_join(backlog->thread);
  }
  close(backlog->file);
  g_mutex_clear(&backlog->lock);
  g_cond_clear(&backlog->changed);
  g_free(backlog);
}

/* Bytes that wait; 0 when the thread is to end.  With the lock. */
static uint64_t wait_for_bytes(Backlog *backlog)
{
  while (!backlog->stops && backlog->error == 0 && backlog->put == backlog->done)
    g_cond_wait(&backlog->changed, &backlog->lock);
  return backlog->stops || backlog->error != 0 ? 0 : backlog->put - backlog->done;
}

/* Gives the place of bytes that were read back to the file system, if that can take it: in whole
 * chunks, as it has blocks.  What is before `from` in its chunk was read, too. */
static void give_back(const Backlog *backlog, uint64_t from, uint64_t end)
{
  uint64_t first = from / CHUNK * CHUNK, last = end / CHUNK * CHUNK;

  if (last > first)
    (void) fallocate(backlog->file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t) first,
                     (off_t) (last - first));
}

static int write_chunk(const Backlog *backlog, uint64_t from, size_t len, char *buffer)
{
  for (size_t done = 0; done < len;) {
    ssize_t n = pread(backlog->file, buffer + done, len - done, (off_t) (from + done));
    if (n <= 0)
      return n < 0 ? errno : EIO;
    done += (size_t) n;
  }
  give_back(backlog, from, from + len);
  return fd_write(backlog->fd, slice_of(buffer, len));
}

static gpointer write_out(gpointer data)
{
  Backlog *backlog = data;
  g_autofree char *buffer = g_malloc(CHUNK);
  uint64_t waiting;

  g_mutex_lock(&backlog->lock);
  while ((waiting = wait_for_bytes(backlog)) > 0) {
    uint64_t from = backlog->done;
    size_t len = (size_t) MIN(waiting, (uint64_t) CHUNK);
    g_mutex_unlock(&backlog->lock);
    int error = write_chunk(backlog, from, len, buffer);
    g_mutex_lock(&backlog->lock);
    backlog->done += len;
    backlog->error = error;
    g_cond_broadcast(&backlog->changed);
  }
  g_mutex_unlock(&backlog->lock);
  return NULL;
}

/* Until at most `most` bytes wait.  With the lock. */
static void wait_for_room(Backlog *backlog, uint64_t most)
{
  while (backlog->error == 0 && backlog->put - backlog->done > most)
    g_cond_wait(&backlog->changed, &backlog->lock);
}

static bool keep_bytes(const Backlog *backlog, Slice bytes, uint64_t at)
{
  while (bytes.len > 0) {
    ssize_t n = pwrite(backlog->file, bytes.data, bytes.len, (off_t) at);
    if (n <= 0)
      return false;
    bytes = slice_from(bytes, (size_t) n);
    at += (uint64_t) n;
  }
  return true;
}

int backlog_put(Backlog *backlog, Slice bytes)
{
  g_mutex_lock(&backlog->lock);
  wait_for_room(backlog, backlog->limit - MIN(backlog->limit, bytes.len));
  if (backlog->put == backlog->done && backlog->put > 0) {
    backlog->put = backlog->done = 0;
    (void) !ftruncate(backlog->file, 0);
  }
  uint64_t at = backlog->put;
  int error = backlog->error;
  g_mutex_unlock(&backlog->lock);
  if (error != 0 || bytes.len == 0)
    return error;
  if (!backlog->thread)
    backlog->thread = thread_new("backlog", write_out, backlog, NULL);
  /* Without a thread, or where the disk is full, it is written directly. */
  if (!backlog->thread || !keep_bytes(backlog, bytes, at)) {
    error = backlog_drain(backlog);
    return error != 0 ? error : fd_write(backlog->fd, bytes);
  }
  g_mutex_lock(&backlog->lock);
  backlog->put += bytes.len;
  g_cond_broadcast(&backlog->changed);
  g_mutex_unlock(&backlog->lock);
  return 0;
}

int backlog_drain(Backlog *backlog)
{
  g_mutex_lock(&backlog->lock);
  wait_for_room(backlog, 0);
  int error = backlog->error;
  g_mutex_unlock(&backlog->lock);
  return error;
}
