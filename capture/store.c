#include "capture/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/error.h"
#include "capture/language.h"
#include "capture/segments.h"

enum {
  BUFFER_SIZE = 256 * 1024,
  /* Of a view.  The messages of a call lie apart, and those of the next call a little after them:
   * so many places are read by turns. */
  BLOCKS = 64,
  BLOCK_SIZE = 32 * 1024,
};

static const uint64_t OFFSET_MAX = (UINT64_C(1) << 48) - 1;

typedef struct {
  int fd;
  bool is_spool;
  char *name;
  /* Spools only.  The first three belong to the thread that appends. */
  uint8_t *buffer; /* BUFFER_SIZE, allocated when first needed */
  size_t buffered;
  uint64_t size;            /* written and buffered */
  _Atomic uint64_t written; /* in the file, for everybody to read */
  uint64_t marked;          /* where the last record begins; UINT64_MAX: there is none */
  Segments *segments;
  uint64_t complete;         /* up to there what is wanted is held; the reclaiming thread's */
  _Atomic uint64_t *dropped; /* of the set, as the next */
  atomic_bool *disk_is_full;
} Store;

/* What lies in a store from a multiple of BLOCK_SIZE on. */
typedef struct {
  ByteRef ref;    /* of bytes[0] */
  ByteRef asked;  /* the block that was asked for last */
  size_t len;     /* 0: nothing is kept */
  uint8_t *bytes; /* BLOCK_SIZE, allocated when first needed */
} Block;

/* A slot is filled before `count` says so and never changes after, so readers need no lock. */
struct StoreSet {
  atomic_uint count;
  uint64_t limit;
  _Atomic uint64_t spooled, dropped; /* bytes of all spools, and how many of them */
  atomic_bool is_full;               /* the disk */
  uint64_t goal;                     /* of reclaiming: bytes; 0: there is room */
  int64_t full_us;                   /* when the disk was last found full */
  bool is_fixed;                     /* the file system cannot make holes */
  const StoreSet *viewed;            /* of a view, which has no stores of its own; else NULL */
  Block *blocks;                     /* of a view: BLOCKS */
  Store *stores[STORE_MAX];
};

StoreSet *store_set_new(void)
{
  return g_new0(StoreSet, 1);
}

StoreSet *store_set_view_new(const StoreSet *set)
{
  if (!set)
    return NULL;
  StoreSet *view = store_set_new();
  view->viewed = set;
  view->blocks = g_new0(Block, BLOCKS);
  return view;
}

static void store_free(Store *store)
{
  if (store->fd >= 0)
    close(store->fd);
  segments_free(store->segments);
  g_free(store->buffer);
  g_free(store->name);
  g_free(store);
}

void store_set_free(StoreSet *set)
{
  if (!set)
    return;
  unsigned count = atomic_load(&set->count);
  for (unsigned i = 0; i < count; i++)
    store_free(set->stores[i]);
  for (unsigned i = 0; set->blocks && i < BLOCKS; i++)
    g_free(set->blocks[i].bytes);
  g_free(set->blocks);
  g_free(set);
}

static bool may_add_store(const StoreSet *set, const char *name, GError **error)
{
  if (atomic_load(&set->count) < STORE_MAX)
    return true;
  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("%s: too many inputs (at most %d)"), name,
              STORE_MAX);
  return false;
}

/* Gives a part of a spool back to the file system. */
static void drop_segment(void *data, uint64_t offset)
{
  const Store *store = data;

  if (fallocate(store->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t) offset,
                SEGMENT_BYTES) == 0)
    atomic_fetch_add_explicit(store->dropped, SEGMENT_BYTES, memory_order_relaxed);
}

static unsigned add_store(StoreSet *set, Store store)
{
  unsigned number = atomic_load(&set->count);
  Store *slot = g_new(Store, 1);

  *slot = store;
  slot->marked = UINT64_MAX;
  slot->dropped = &set->dropped;
  slot->disk_is_full = &set->is_full;
  slot->segments = store.is_spool ? segments_new(drop_segment, slot) : NULL;
  set->stores[number] = slot;
  atomic_store_explicit(&set->count, number + 1, memory_order_release);
  return number;
}

bool store_set_add_file(StoreSet *set, int fd, const char *name, unsigned *ret_store,
                        GError **error)
{
  if (!may_add_store(set, name, error))
    return false;
  int own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  if (own < 0) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO, "%s: %s", name, g_strerror(errno));
    return false;
  }
  *ret_store = add_store(set, (Store){.fd = own, .name = g_strdup(name)});
  return true;
}

int temporary_file_open(GError **error)
{
  g_autofree char *path = g_build_filename(g_get_tmp_dir(), "rung-XXXXXX", NULL);
  int fd = mkostemp(path, O_CLOEXEC);

  if (fd >= 0)
    unlink(path);
  else
    g_set_error(error, APP_ERROR, APP_ERROR_IO,
                _("%s: cannot make a temporary file: %s (set TMPDIR to use another directory)"),
                g_get_tmp_dir(), g_strerror(errno));
  return fd;
}

bool store_set_add_spool(StoreSet *set, unsigned *ret_store, GError **error)
{
  if (!may_add_store(set, "spool", error))
    return false;
  int fd = temporary_file_open(error);
  if (fd < 0)
    return false;
  g_autofree char *name = g_strdup_printf(_("temporary file in %s"), g_get_tmp_dir());
  if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, SEGMENT_BYTES) != 0)
    set->is_fixed = true;
  *ret_store = add_store(set, (Store){.fd = fd, .is_spool = true, .name = g_steal_pointer(&name)});
  return true;
}

static bool fail_store_write(Store *store, GError **error)
{
  if (errno == ENOSPC || errno == EDQUOT)
    atomic_store_explicit(store->disk_is_full, true, memory_order_relaxed);
  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("%s: cannot be written: %s"), store->name,
              g_strerror(errno));
  return false;
}

/* `written` moves with the file, also when only a part could be written, so that nothing is
 * written twice or read before it is there. */
static bool write_whole(Store *store, const uint8_t *bytes, size_t len, GError **error)
{
  while (len > 0) {
    uint64_t at = atomic_load_explicit(&store->written, memory_order_relaxed);
    ssize_t n = pwrite(store->fd, bytes, len, (off_t) at);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return fail_store_write(store, error);
    bytes += n;
    len -= (size_t) n;
    atomic_store_explicit(&store->written, at + (size_t) n, memory_order_release);
  }
  return true;
}

static bool flush(Store *store, GError **error)
{
  uint64_t before = atomic_load_explicit(&store->written, memory_order_relaxed);
  bool ok = write_whole(store, store->buffer, store->buffered, error);
  size_t done = (size_t) (atomic_load_explicit(&store->written, memory_order_relaxed) - before);

  if (!ok && done > 0)
    memmove(store->buffer, store->buffer + done, store->buffered - done);
  store->buffered -= done;
  return ok;
}

/* Keeps size == written + buffered, whatever fails. */
static bool append_bytes(Store *store, Slice bytes, GError **error)
{
  if (bytes.len > BUFFER_SIZE - store->buffered && !flush(store, error))
    return false;
  if (bytes.len >= BUFFER_SIZE) {
    bool ok = write_whole(store, (const uint8_t *) bytes.data, bytes.len, error);
    store->size = atomic_load_explicit(&store->written, memory_order_relaxed);
    return ok;
  }
  if (!store->buffer)
    store->buffer = g_malloc(BUFFER_SIZE);
  if (bytes.len > 0)
    memcpy(store->buffer + store->buffered, bytes.data, bytes.len);
  store->buffered += bytes.len;
  store->size += bytes.len;
  return true;
}

static uint64_t bytes_used(const StoreSet *set)
{
  return atomic_load_explicit(&set->spooled, memory_order_relaxed) -
         atomic_load_explicit(&set->dropped, memory_order_relaxed);
}

uint64_t store_set_bytes(const StoreSet *set)
{
  return bytes_used(set);
}

bool store_append(StoreSet *set, unsigned store_number, Slice bytes, ByteRef *ret_ref,
                  GError **error)
{
  g_assert(store_number < atomic_load(&set->count));
  Store *store = set->stores[store_number];
  g_assert(store->is_spool);
  ByteRef ref = byte_ref_make(store_number, store->size);

  if (bytes.len > OFFSET_MAX - store->size) {
    errno = EFBIG;
    return fail_store_write(store, error);
  }
  if (set->limit > 0 && bytes.len > set->limit - MIN(bytes_used(set), set->limit)) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO,
                _("%s: limit of %" G_GUINT64_FORMAT " bytes reached (--max-disk)"), store->name,
                set->limit);
    return false;
  }
  uint64_t before = store->size;
  bool ok = append_bytes(store, bytes, error);
  atomic_fetch_add_explicit(&set->spooled, store->size - before, memory_order_relaxed);
  if (ok)
    *ret_ref = ref;
  return ok;
}

uint64_t store_end(const StoreSet *set, unsigned store)
{
  g_assert(store < atomic_load(&set->count) && set->stores[store]->is_spool);
  return set->stores[store]->size;
}

void store_rollback(StoreSet *set, unsigned number, uint64_t end)
{
  g_assert(end <= store_end(set, number));
  Store *store = set->stores[number];
  uint64_t written = atomic_load_explicit(&store->written, memory_order_relaxed);

  atomic_fetch_sub_explicit(&set->spooled, store->size - end, memory_order_relaxed);
  store->size = end;
  store->buffered = end > written ? (size_t) (end - written) : 0;
  if (end < written)
    atomic_store_explicit(&store->written, end, memory_order_release);
  if (store->marked == end) {
    segments_unmark(store->segments, end);
    store->marked = UINT64_MAX;
  }
}

void store_set_limit(StoreSet *set, uint64_t bytes)
{
  set->limit = bytes;
}

bool store_set_flush(StoreSet *set, GError **error)
{
  unsigned count = atomic_load(&set->count);

  for (unsigned i = 0; i < count; i++) {
    if (set->stores[i]->buffered > 0 && !flush(set->stores[i], error))
      return false;
    if (set->stores[i]->is_spool)
      segments_publish(set->stores[i]->segments);
  }
  return true;
}

/* --- What is dropped -------------------------------------------------------------------------- */

void store_mark(StoreSet *set, unsigned number, uint64_t record)
{
  g_assert(number < atomic_load(&set->count) && set->stores[number]->is_spool);
  Store *store = set->stores[number];

  store->marked = store->size;
  segments_mark(store->segments, store->size, record);
}

/* The next spool from *at on, or NULL. */
static Store *next_spool(const StoreSet *set, unsigned *at)
{
  unsigned count = atomic_load_explicit(&set->count, memory_order_acquire);

  while (*at < count) {
    Store *store = set->stores[(*at)++];
    if (store->is_spool)
      return store;
  }
  return NULL;
}

static Store *spool_of(const StoreSet *set, ByteRef ref)
{
  unsigned at = byte_ref_store(ref);
  Store *store = at < STORE_MAX ? next_spool(set, &at) : NULL;

  return store && at == byte_ref_store(ref) + 1 ? store : NULL;
}

/* A record goes on in the segment after that in which it begins, at most: packets are short. */
enum { RECORD_BYTES = 2 * SEGMENT_BYTES };

void store_set_hold(StoreSet *set, ByteRef ref, size_t len, uint64_t number)
{
  Store *of_bytes = spool_of(set, ref);
  unsigned at = 0;
  uint64_t begin;

  if (of_bytes) {
    segments_hold(of_bytes->segments, byte_ref_offset(ref), len);
    of_bytes->complete = MAX(of_bytes->complete, byte_ref_offset(ref));
  }
  for (Store *store = next_spool(set, &at); store; store = next_spool(set, &at))
    if (segments_find(store->segments, number, &begin))
      segments_hold(store->segments, begin, RECORD_BYTES);
}

void store_set_release(StoreSet *set, ByteRef ref, size_t len, uint64_t number)
{
  Store *of_bytes = spool_of(set, ref);
  unsigned at = 0;
  uint64_t begin;

  if (of_bytes)
    segments_release(of_bytes->segments, byte_ref_offset(ref), len);
  for (Store *store = next_spool(set, &at); store; store = next_spool(set, &at))
    if (segments_find(store->segments, number, &begin))
      segments_release(store->segments, begin, RECORD_BYTES);
}

void store_set_note(StoreSet *set, uint64_t number)
{
  unsigned at = 0;
  uint64_t begin;

  for (Store *store = next_spool(set, &at); store; store = next_spool(set, &at))
    if (segments_find(store->segments, number, &begin))
      store->complete = MAX(store->complete, begin);
}

static bool drop_oldest(const StoreSet *set)
{
  unsigned at = 0;

  for (Store *store = next_spool(set, &at); store; store = next_spool(set, &at))
    if (segments_drop_oldest(store->segments, store->complete))
      return true;
  return false;
}

/* At most once a second: what others write may fill the disk again at once. */
static bool disk_became_full(StoreSet *set)
{
  int64_t now_us = g_get_monotonic_time();

  if (!atomic_load_explicit(&set->is_full, memory_order_relaxed) ||
      now_us - set->full_us < G_USEC_PER_SEC)
    return false;
  atomic_store_explicit(&set->is_full, false, memory_order_relaxed);
  set->full_us = now_us;
  return true;
}

bool store_set_reclaim(StoreSet *set)
{
  uint64_t used = bytes_used(set), limit = set->limit;

  if (set->is_fixed)
    return true;
  if (disk_became_full(set))
    set->goal = used - used / 8;
  else if (set->goal == 0 && limit > 0 && used > limit - limit / 4)
    set->goal = limit - limit * 3 / 8; /* before it is reached: others append meanwhile */
  while (set->goal > 0 && bytes_used(set) > set->goal)
    if (!drop_oldest(set))
      return false;
  set->goal = 0;
  return true;
}

uint64_t store_gap(const StoreSet *set, unsigned store, uint64_t offset, uint64_t end)
{
  const Store *spool = spool_of(set, byte_ref_make(store, 0));

  return spool ? segments_gap(spool->segments, offset, end) : end;
}

uint64_t store_resume(const StoreSet *set, unsigned store, uint64_t offset, uint64_t end)
{
  const Store *spool = spool_of(set, byte_ref_make(store, 0));

  return spool ? segments_resume(spool->segments, offset, end) : MIN(offset, end);
}

uint64_t store_size(const StoreSet *set, unsigned number)
{
  g_assert(number < atomic_load(&set->count));
  const Store *store = set->stores[number];
  struct stat status;

  if (store->is_spool)
    return atomic_load_explicit(&store->written, memory_order_acquire);
  return fstat(store->fd, &status) == 0 ? (uint64_t) status.st_size : 0;
}

int store_open_again(const StoreSet *set, unsigned store)
{
  g_assert(store < atomic_load(&set->count));
  return fcntl(set->stores[store]->fd, F_DUPFD_CLOEXEC, 3);
}

static bool fail_read(const char *name, const char *why, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("%s: cannot be read again: %s"), name, why);
  return false;
}

/* At most `len` bytes, as far as there are any; -1 and errno. */
static ssize_t read_up_to(const Store *store, uint64_t at, void *buffer, size_t len)
{
  for (size_t done = 0; done < len;) {
    ssize_t n = pread(store->fd, (uint8_t *) buffer + done, len - done, (off_t) (at + done));
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return n < 0 ? -1 : (ssize_t) done;
    done += (size_t) n;
  }
  return (ssize_t) len;
}

/* How far a spool can be read; a file is as long as it turns out to be. */
static uint64_t readable_end(const Store *store)
{
  return store->is_spool ? atomic_load_explicit(&store->written, memory_order_acquire) : UINT64_MAX;
}

static bool is_kept(Block *block, const Store *store, ByteRef ref, size_t end)
{
  if (block->len > 0 && block->ref == ref && end <= block->len)
    return true;
  if (block->asked != ref) {
    block->asked = ref;
    return false;
  }
  if (!block->bytes)
    block->bytes = g_malloc(BLOCK_SIZE);
  uint64_t at = byte_ref_offset(ref), room = readable_end(store) - at;
  ssize_t len = read_up_to(store, at, block->bytes, MIN(room, (uint64_t) BLOCK_SIZE));
  block->ref = ref;
  block->len = (size_t) MAX(len, 0);
  return end <= block->len;
}

static bool read_kept(const StoreSet *view, const Store *store, ByteRef ref, void *buffer,
                      size_t len)
{
  size_t at = ref % BLOCK_SIZE;
  Block *block = &view->blocks[ref / BLOCK_SIZE % BLOCKS];

  if (len > BLOCK_SIZE - at || !is_kept(block, store, ref - at, at + len))
    return false;
  memcpy(buffer, block->bytes + at, len);
  return true;
}

bool store_read(const StoreSet *set, ByteRef ref, void *buffer, size_t len, GError **error)
{
  const StoreSet *owner = set->viewed ? set->viewed : set;
  unsigned count = atomic_load_explicit(&owner->count, memory_order_acquire);
  uint64_t at = byte_ref_offset(ref);

  if (byte_ref_store(ref) >= count)
    return fail_read("store", _("no such store"), error);
  const Store *store = owner->stores[byte_ref_store(ref)];
  uint64_t readable = readable_end(store);
  if (at > readable || len > readable - at)
    return fail_read(store->name, _("nothing was written there"), error);
  if (set->viewed && read_kept(set, store, ref, buffer, len))
    return true;
  ssize_t n = read_up_to(store, at, buffer, len);
  if (n == (ssize_t) len)
    return true;
  return fail_read(store->name, n < 0 ? g_strerror(errno) : _("the file has become shorter"),
                   error);
}
