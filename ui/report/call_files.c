#include "ui/report/call_files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/error.h"
#include "capture/language.h"
#include "ui/report/ring.h"

enum {
  PENDING_MAX = 128 * 1024, /* packets */
  FILES_FIRST = 1024,       /* those of evicted calls are forgotten when they have doubled, */
  LINGER_US = 2000 * 1000,  /* unless packets of them may be on their way */
  ID_MAX = 64,              /* bytes of a Call-ID in a name */
  TRIES = 100,              /* names, where files of earlier runs have them */
};

typedef struct {
  char *stem;     /* of its name */
  char *path;     /* NULL: it was not begun */
  Writer *writer; /* at rest, unless it could not write; NULL: it was not begun */
  int64_t used_us;
} CallFile;

struct CallFiles {
  const Trace *trace;
  StoreSet *stores;
  WriterOptions options;
  GHashTable *files; /* CallFile by number of the call */
  guint files_max;   /* when it is cleaned next */
  GArray *pending;   /* PickedFrame */
  uint32_t stuck;    /* call whose writer has what could not be written; 0: none */
  uint64_t bytes, packets, lost;
  GByteArray *octets; /* the bytes of one frame */
};

static void call_file_free(gpointer data)
{
  CallFile *file = data;

  writer_free(file->writer);
  g_free(file->stem);
  g_free(file->path);
  g_free(file);
}

CallFiles *call_files_new(const Trace *trace, StoreSet *stores, const WriterOptions *options)
{
  CallFiles *files = g_new0(CallFiles, 1);

  files->trace = trace;
  files->stores = stores;
  files->options = *options;
  files->files = g_hash_table_new_full(NULL, NULL, NULL, call_file_free);
  files->files_max = FILES_FIRST;
  files->pending = g_array_new(false, false, sizeof(PickedFrame));
  files->octets = g_byte_array_new();
  return files;
}

void call_files_free(CallFiles *files)
{
  if (!files)
    return;
  g_hash_table_unref(files->files);
  g_array_unref(files->pending);
  g_byte_array_unref(files->octets);
  g_free(files);
}

uint64_t call_files_bytes(const CallFiles *files)
{
  return files->bytes;
}

uint64_t call_files_packets(const CallFiles *files)
{
  return files->packets;
}

uint64_t call_files_take_lost(CallFiles *files)
{
  uint64_t lost = files->lost;

  files->lost = 0;
  return lost;
}

bool call_files_add(CallFiles *files, const PickedFrame *frame)
{
  bool has_room = files->pending->len < PENDING_MAX;

  if (has_room)
    g_array_append_val(files->pending, *frame);
  else
    files->lost++;
  return has_room;
}

/* --- Names ------------------------------------------------------------------------------------ */

/* The Call-ID is from the wire: no / or control character may be in a name. */
static void append_safe(GString *name, Slice id)
{
  for (size_t i = 0; i < MIN(id.len, (size_t) ID_MAX); i++) {
    bool is_safe = g_ascii_isalnum(id.data[i]) || (id.data[i] != '\0' && strchr("-.@", id.data[i]));
    g_string_append_c(name, is_safe ? id.data[i] : '_');
  }
}

static char *stem_for(const CallFiles *files, const Call *call)
{
  const char *path = files->options.name;
  g_autoptr(GDateTime) began =
    g_date_time_new_from_unix_local(MAX(call->first->time_ns, 0) / 1000000000);
  g_autofree char *time = g_date_time_format(began, "%Y%m%d%H%M%S");
  GString *name = g_string_new_len(path, (gssize) ring_stem_len(path));

  g_string_append_printf(name, "_%s_%u_", time, call->number);
  append_safe(name, call_text_kept(call, CALL_TEXT_ID));
  return g_string_free(name, FALSE);
}

/* `number`: of the try. */
static char *path_for(const CallFiles *files, const CallFile *file, unsigned number)
{
  const char *path = files->options.name, *ending = path + ring_stem_len(path);

  return number > 1 ? g_strdup_printf("%s-%u%s", file->stem, number, ending)
                    : g_strconcat(file->stem, ending, NULL);
}

/* NULL if the call was evicted before its file was named. */
static CallFile *file_of(CallFiles *files, uint32_t number)
{
  CallFile *file = g_hash_table_lookup(files->files, GUINT_TO_POINTER(number));
  const Call *call = file ? NULL : trace_call(files->trace, number);

  if (call) {
    file = g_new0(CallFile, 1);
    file->stem = stem_for(files, call);
    g_hash_table_insert(files->files, GUINT_TO_POINTER(number), file);
  }
  if (file)
    file->used_us = g_get_monotonic_time();
  return file;
}

void call_files_leaving(CallFiles *files, const Call *call)
{
  (void) file_of(files, call->number);
}

/* --- Writing ---------------------------------------------------------------------------------- */

static int fail_open(const char *path, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot write %s: %s"), path, g_strerror(errno));
  return -1;
}

static int begin_file(const CallFiles *files, CallFile *file, GError **error)
{
  int fd = -1;

  for (unsigned i = 1; i <= TRIES && fd < 0; i++) {
    g_free(file->path);
    file->path = path_for(files, file, i);
    fd = open(file->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0 && errno != EEXIST)
      break;
  }
  if (fd < 0)
    return fail_open(file->path, error);
  WriterOptions options = files->options;
  options.fd = fd;
  options.name = file->path;
  file->writer = writer_new(options);
  return fd;
}

/* At its end; or a new one, where it is not there any more. */
static int open_file(const CallFiles *files, CallFile *file, GError **error)
{
  int fd = file->writer ? open(file->path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW) : -1;

  if (fd >= 0 && lseek(fd, 0, SEEK_END) >= 0) {
    writer_go_on(file->writer, fd);
    return fd;
  }
  if (fd >= 0)
    close(fd);
  if (file->writer && errno != ENOENT)
    return fail_open(file->path, error);
  g_clear_pointer(&file->writer, writer_free);
  return begin_file(files, file, error);
}

static const PickedFrame *pending_at(const CallFiles *files, guint index)
{
  return &g_array_index(files->pending, PickedFrame, index);
}

static bool read_frame(CallFiles *files, const Frame *frame)
{
  g_byte_array_set_size(files->octets, frame->len);
  return byte_ref_store(frame->ref) != STORE_NONE &&
         store_read(files->stores, frame->ref, files->octets->data, frame->len, NULL);
}

/* False when nothing can be written now; what can never be written is left out. */
static bool add_frame(CallFiles *files, Writer *writer, const Frame *frame, GError **error)
{
  Frame whole = *frame;
  g_autoptr(GError) fault = NULL;
  bool is_read = read_frame(files, frame);

  whole.data = files->octets->data;
  bool ok = is_read && writer_add(writer, &whole, &fault);
  if (!ok && is_read && !writer_flush(writer, error))
    return false;
  files->packets += ok;
  files->lost += !ok;
  return true;
}

/* Writes those of the call from *done on, and counts them there. */
static bool write_frames(CallFiles *files, uint32_t number, Writer *writer, guint *done,
                         GError **error)
{
  for (; *done < files->pending->len && pending_at(files, *done)->call == number; ++*done)
    if (!add_frame(files, writer, &pending_at(files, *done)->frame, error))
      return false;
  return writer_flush(writer, error);
}

/* Those of the call are too late. */
static void leave_out(CallFiles *files, uint32_t number, guint *done)
{
  for (; *done < files->pending->len && pending_at(files, *done)->call == number; ++*done)
    files->lost++;
}

/* An empty file is no capture, and is not left: it is begun again the next time. */
static bool take_back(CallFile *file, int fd)
{
  struct stat status;

  if (fstat(fd, &status) != 0 || status.st_size > 0)
    return false;
  (void) unlink(file->path);
  g_clear_pointer(&file->writer, writer_free);
  return true;
}

static bool write_call(CallFiles *files, uint32_t number, guint *done, GError **error)
{
  CallFile *file = file_of(files, number);
  guint first = *done;

  if (!file) {
    leave_out(files, number, done);
    return true;
  }
  int fd = open_file(files, file, error);
  if (fd < 0)
    return false;
  uint64_t before = writer_bytes(file->writer), packets = files->packets;
  bool ok = write_frames(files, number, file->writer, done, error);
  files->stuck = 0;
  if (ok) {
    files->bytes += writer_bytes(file->writer) - before;
    writer_rest(file->writer);
  } else if (take_back(file, fd)) {
    files->packets = packets;
    *done = first;
  } else {
    files->stuck = number;
  }
  close(fd);
  return ok;
}

static gint compare_pending(gconstpointer a, gconstpointer b)
{
  const PickedFrame *left = a, *right = b;

  if (left->call != right->call)
    return left->call < right->call ? -1 : 1;
  return (left->frame.number > right->frame.number) - (left->frame.number < right->frame.number);
}

static gboolean is_over(gpointer number, gpointer value, gpointer data)
{
  const CallFiles *files = data;
  const CallFile *file = value;

  return !trace_call(files->trace, GPOINTER_TO_UINT(number)) &&
         g_get_monotonic_time() - file->used_us > LINGER_US;
}

bool call_files_flush(CallFiles *files, GError **error)
{
  guint done = 0, none = files->pending->len;
  bool ok = files->stuck == 0 || write_call(files, files->stuck, &none, error);

  g_array_sort(files->pending, compare_pending);
  while (ok && done < files->pending->len)
    ok = write_call(files, pending_at(files, done)->call, &done, error);
  if (done > 0)
    g_array_remove_range(files->pending, 0, done);
  if (g_hash_table_size(files->files) >= files->files_max) {
    g_hash_table_foreach_remove(files->files, is_over, files);
    files->files_max = MAX(2 * g_hash_table_size(files->files), (guint) FILES_FIRST);
  }
  return ok;
}
