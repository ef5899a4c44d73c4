#include "capture/push_queue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/byte_stream.h"
#include "capture/error.h"
#include "capture/language.h"

/* A file begins with "rung-batch 1 ROWS BYTES INTO" and a line feed; the body has so many bytes. */
#define MAGIC "rung-batch 1 "

static const char ENDING[] = ".batch";

enum {
  NUMBER_LEN = 20,
  SIZE_MAX_FILE = 256 * 1024 * 1024, /* larger ones are not ours */
};

typedef struct {
  uint64_t number, bytes, rows;
} Entry;

struct PushQueue {
  char *folder;
  bool is_temporary;
  int lock;       /* of the folder; -1: there is none */
  GQueue entries; /* Entry, the oldest first */
  bool is_held;   /* that one is being sent */
  uint64_t limit, bytes, rows, lost, next;
};

void push_batch_clear(PushBatch *batch)
{
  g_free(batch->into);
  g_free(batch->text);
  *batch = (PushBatch){0};
}

static char *path_of(const PushQueue *queue, uint64_t number, const char *ending)
{
  return g_strdup_printf("%s/%0*" G_GUINT64_FORMAT "%s", queue->folder, NUMBER_LEN, number, ending);
}

/* --- Files ------------------------------------------------------------------------------------ */

/* Takes the number after *text and the blank that follows it. */
static bool take_number(Slice *text, uint64_t *ret_number)
{
  return slice_to_u64(slice_cut(text, ' '), ret_number);
}

/* What a file has, if it is whole. */
static bool read_batch(const PushQueue *queue, uint64_t number, PushBatch *ret_batch)
{
  g_autofree char *path = path_of(queue, number, ENDING), *text = NULL;
  struct stat status;
  uint64_t rows, bytes;
  gsize len;

  if (stat(path, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > SIZE_MAX_FILE ||
      !g_file_get_contents(path, &text, &len, NULL))
    return false;
  Slice body = slice_of(text, len);
  if (!slice_starts_with(body, SLICE(MAGIC)))
    return false;
  body = slice_from(body, sizeof MAGIC - 1);
  Slice head = slice_cut(&body, '\n');
  if (!take_number(&head, &rows) || !take_number(&head, &bytes) || bytes != body.len)
    return false;
  *ret_batch = (PushBatch){number, rows, slice_dup(head), g_steal_pointer(&text), body};
  return true;
}

static int compare_entries(gconstpointer a, gconstpointer b, gpointer data)
{
  const Entry *left = a, *right = b;

  (void) data;
  return (left->number > right->number) - (left->number < right->number);
}

static void append_entry(PushQueue *queue, const Entry *entry)
{
  g_queue_push_tail(&queue->entries, g_memdup2(entry, sizeof *entry));
  queue->bytes += entry->bytes;
  queue->rows += entry->rows;
}

static void remove_file(const PushQueue *queue, uint64_t number)
{
  g_autofree char *path = path_of(queue, number, ENDING);

  (void) unlink(path);
}

/* A file of an earlier run; one that is not whole is gone. */
static void find_file(PushQueue *queue, const char *name)
{
  g_auto(PushBatch) batch = {0};
  uint64_t number;

  if (strlen(name) != NUMBER_LEN + sizeof ENDING - 1 || !g_str_has_suffix(name, ENDING) ||
      !slice_to_u64(slice_of(name, NUMBER_LEN), &number))
    return;
  queue->next = MAX(queue->next, number + 1);
  if (!read_batch(queue, number, &batch)) {
    queue->lost++;
    remove_file(queue, number);
    return;
  }
  append_entry(queue, &(Entry){number, batch.body.len, batch.rows});
}

/* What was being written when a run ended. */
static void remove_part(const PushQueue *queue, const char *name)
{
  g_autofree char *path = g_build_filename(queue->folder, name, NULL);

  if (g_str_has_suffix(name, ".part"))
    (void) unlink(path);
}

static bool fail(const PushQueue *queue, int failure, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot keep rows in %s: %s"), queue->folder,
              g_strerror(failure));
  return false;
}

static bool lock_folder(PushQueue *queue, GError **error)
{
  g_autofree char *path = g_build_filename(queue->folder, "lock", NULL);

  queue->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (queue->lock < 0)
    return fail(queue, errno, error);
  if (flock(queue->lock, LOCK_EX | LOCK_NB) == 0)
    return true;
  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("%s: another rung keeps its rows there"),
              queue->folder);
  return false;
}

static bool find_files(PushQueue *queue, GError **error)
{
  g_autoptr(GDir) folder = g_dir_open(queue->folder, 0, NULL);
  const char *name;

  if (!folder)
    return fail(queue, errno, error);
  while ((name = g_dir_read_name(folder))) {
    remove_part(queue, name);
    find_file(queue, name);
  }
  g_queue_sort(&queue->entries, compare_entries, NULL);
  return true;
}

static bool make_folder(PushQueue *queue, const char *folder, GError **error)
{
  queue->is_temporary = !folder;
  if (!folder) {
    queue->folder = g_dir_make_tmp("rung-push-XXXXXX", error);
    return queue->folder != NULL;
  }
  queue->folder = g_strdup(folder);
  return g_mkdir_with_parents(folder, 0700) == 0 || fail(queue, errno, error);
}

PushQueue *push_queue_open(const char *folder, uint64_t limit, GError **error)
{
  g_autoptr(PushQueue) queue = g_new0(PushQueue, 1);

  queue->limit = limit;
  queue->lock = -1;
  g_queue_init(&queue->entries);
  if (!make_folder(queue, folder, error) || !lock_folder(queue, error) || !find_files(queue, error))
    return NULL;
  return g_steal_pointer(&queue);
}

static void remove_folder(const PushQueue *queue)
{
  g_autofree char *lock = g_build_filename(queue->folder, "lock", NULL);

  for (const GList *link = queue->entries.head; link; link = link->next)
    remove_file(queue, ((const Entry *) link->data)->number);
  (void) unlink(lock);
  (void) rmdir(queue->folder);
}

void push_queue_free(PushQueue *queue)
{
  if (!queue)
    return;
  if (queue->is_temporary && queue->folder)
    remove_folder(queue);
  if (queue->lock >= 0)
    close(queue->lock);
  g_queue_clear_full(&queue->entries, g_free);
  g_free(queue->folder);
  g_free(queue);
}

/* --- Batches ---------------------------------------------------------------------------------- */

static void drop(PushQueue *queue, GList *link)
{
  g_autofree Entry *entry = link->data;

  queue->bytes -= entry->bytes;
  queue->rows -= entry->rows;
  g_queue_delete_link(&queue->entries, link);
  remove_file(queue, entry->number);
}

bool push_queue_has_room(const PushQueue *queue, size_t len)
{
  return len <= queue->limit && queue->bytes <= queue->limit - len;
}

/* One that is being sent stays. */
static GList *oldest_to_drop(const PushQueue *queue)
{
  GList *head = queue->entries.head;

  return head && queue->is_held ? head->next : head;
}

static void make_room(PushQueue *queue, size_t len)
{
  GList *oldest;

  while (!push_queue_has_room(queue, len) && (oldest = oldest_to_drop(queue))) {
    queue->lost += ((const Entry *) oldest->data)->rows;
    drop(queue, oldest);
  }
}

/* Under a name that is no batch's, until it is whole; on the disk, if it is to outlive a crash of
 * the machine. */
static int write_file(const PushQueue *queue, const PushBatch *batch, const char *path)
{
  g_autofree char *head = g_strdup_printf(MAGIC "%" G_GUINT64_FORMAT " %zu %s\n", batch->rows,
                                          batch->body.len, batch->into);
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd < 0)
    return errno;
  int failure = fd_write(fd, slice_from_string(head));
  if (failure == 0)
    failure = fd_write(fd, batch->body);
  if (failure == 0 && !queue->is_temporary && fdatasync(fd) != 0)
    failure = errno;
  if (close(fd) != 0 && failure == 0)
    failure = errno;
  return failure;
}

bool push_queue_add(PushQueue *queue, const PushBatch *batch, GError **error)
{
  g_autofree char *part = path_of(queue, queue->next, ".part");
  g_autofree char *path = path_of(queue, queue->next, ENDING);

  make_room(queue, batch->body.len);
  if (!push_queue_has_room(queue, batch->body.len))
    return fail(queue, EFBIG, error);
  int failure = write_file(queue, batch, part);
  if (failure == 0 && rename(part, path) != 0)
    failure = errno;
  if (failure != 0) {
    (void) unlink(part);
    return fail(queue, failure, error);
  }
  append_entry(queue, &(Entry){queue->next++, batch->body.len, batch->rows});
  return true;
}

bool push_queue_first(PushQueue *queue, PushBatch *ret_batch)
{
  while (queue->entries.head) {
    const Entry *entry = queue->entries.head->data;
    queue->is_held = read_batch(queue, entry->number, ret_batch);
    if (queue->is_held)
      return true;
    queue->lost += entry->rows;
    drop(queue, queue->entries.head);
  }
  return false;
}

void push_queue_remove(PushQueue *queue, uint64_t number)
{
  GList *head = queue->entries.head;

  queue->is_held = false;
  if (head && ((const Entry *) head->data)->number == number)
    drop(queue, head);
}

size_t push_queue_count(const PushQueue *queue)
{
  return queue->entries.length;
}

uint64_t push_queue_rows(const PushQueue *queue)
{
  return queue->rows;
}

uint64_t push_queue_lost(const PushQueue *queue)
{
  return queue->lost;
}

const char *push_queue_folder(const PushQueue *queue)
{
  return queue->is_temporary ? NULL : queue->folder;
}
