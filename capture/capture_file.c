#include "capture/capture_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/byte_stream.h"
#include "capture/decoder.h"
#include "capture/error.h"
#include "capture/file_format.h"
#include "capture/language.h"
#include "capture/text_trace.h"

/* Bytes of a text in which a message is looked for, before it is said to have none. */
enum { TEXT_SEARCH_MAX = 4 * 1024 * 1024 };

/* A text is read as the capture that it becomes. */
typedef struct {
  TextTrace *trace;    /* NULL: the file is no text */
  GByteArray *capture; /* what it has become, */
  size_t taken;        /* and how much of that was taken */
  bool ended;
} Text;

/* Bytes that were read but not walked: the beginning of a record.  Between two reads they are
 * kept here, because the batch they came in belongs to someone else by then. */
typedef struct {
  uint8_t *bytes;
  size_t len, room;
} Tail;

struct CaptureFile {
  char *name;
  ByteStream *stream;
  Text text;
  uint64_t total;
  size_t piece;
  const atomic_bool *stop;
  bool follows;
  StoreSet *stores;
  unsigned store;
  bool is_spooled;
  bool is_stored; /* it is read out of the store, */
  uint64_t end;   /* up to there; UINT64_MAX: as far as it goes */
  ByteRef ref;    /* of the first byte that was not walked */
  Tail tail;
  const FileFormat *format; /* NULL: not known yet */
  void *state;              /* of the format */
  bool ended;
  char *fault, *spool_fault;
};

static bool open_stream(CaptureFile *file, const CaptureFileOptions *options, GError **error)
{
  const char *name = options->path ? options->path : options->name;
  int fd = strcmp(name, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                  : open(name, O_RDONLY | O_CLOEXEC);
  struct stat status = {0};

  if (fd < 0 || fstat(fd, &status) < 0) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO, "%s: %s", file->name, g_strerror(errno));
    if (fd >= 0)
      close(fd);
    return false;
  }
  if (S_ISDIR(status.st_mode)) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO,
                _("%s: is a directory, not a capture file; --recursive reads what is in it"),
                file->name);
    close(fd);
    return false;
  }
  file->total = S_ISREG(status.st_mode) ? (uint64_t) status.st_size : 0;
  if (options->member)
    file->total = options->member->packed;
  file->stream = options->member ? byte_stream_new_member(fd, options->member)
                                 : byte_stream_new(fd, file->follows);
  return true;
}

/* What keeps the bytes: the file itself where it can be read again. */
static bool open_store(CaptureFile *file, bool may_spool, GError **error)
{
  bool is_plain = byte_stream_is_plain_file(file->stream) && !file->text.trace, ok;

  file->is_spooled = !is_plain && may_spool;
  if (!is_plain && !may_spool) {
    file->store = STORE_NONE;
    file->ref = byte_ref_make(STORE_NONE, 0);
    return true;
  }
  ok = file->is_spooled ? store_set_add_spool(file->stores, &file->store, error)
                        : store_set_add_file(file->stores, byte_stream_fd(file->stream), file->name,
                                             &file->store, error);

  file->ref = byte_ref_make(file->store, 0);
  return ok;
}

/* A full disk ends nothing: what follows cannot be read again, that is all. */
static void append_to_spool(CaptureFile *file, const uint8_t *bytes, size_t len)
{
  g_autoptr(GError) error = NULL;
  ByteRef unused;

  if (!file->is_spooled ||
      store_append(file->stores, file->store, slice_of((const char *) bytes, len), &unused, &error))
    return;
  file->is_spooled = false;
  file->ref = byte_ref_make(STORE_NONE, byte_ref_offset(file->ref));
  file->spool_fault = g_strdup_printf(
    _("%s: what follows can be listed, but not shown or saved: %s"), file->name, error->message);
}

static void tail_keep(Tail *tail, const uint8_t *bytes, size_t len)
{
  if (len > tail->room) {
    tail->room = len * 2;
    tail->bytes = g_realloc(tail->bytes, tail->room);
  }
  if (len > 0)
    memcpy(tail->bytes, bytes, len);
  tail->len = len;
}

static bool fail_format(const CaptureFile *file, const char *why, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_FORMAT, "%s: %s", file->name, why);
  return false;
}

/* --- Text ------------------------------------------------------------------------------------- */

/* Feeds the text's next piece; like byte_stream_read it may have given nothing yet. */
static BytesStatus feed_text(CaptureFile *file, GError **error)
{
  enum { PIECE = 16 * 1024 };
  uint8_t bytes[PIECE];
  Text *text = &file->text;
  size_t n = 0;
  BytesStatus status = byte_stream_read(file->stream, bytes, sizeof bytes, &n, error);

  if (status == BYTES_READ) {
    text_trace_feed(text->trace, slice_of((const char *) bytes, n), text->capture);
  } else if (status == BYTES_NONE_YET) {
    text_trace_pause(text->trace, text->capture);
  } else {
    text_trace_end(text->trace, text->capture);
    text->ended = true;
  }
  return status;
}

static size_t take_capture(Text *text, uint8_t *buffer, size_t room)
{
  size_t n = MIN(room, text->capture->len - text->taken);

  memcpy(buffer, text->capture->data + text->taken, n);
  text->taken += n;
  if (text->taken == text->capture->len) {
    g_byte_array_set_size(text->capture, 0);
    text->taken = 0;
  }
  return n;
}

/* The next bytes of the capture, whatever it lies in; as byte_stream_read. */
static BytesStatus read_bytes(CaptureFile *file, uint8_t *buffer, size_t room, size_t *ret_len,
                              GError **error)
{
  Text *text = &file->text;

  if (!text->trace)
    return byte_stream_read(file->stream, buffer, room, ret_len, error);
  while (text->capture->len == 0) {
    BytesStatus status = text->ended ? BYTES_END : feed_text(file, error);
    if (text->capture->len == 0 && status != BYTES_READ)
      return status;
  }
  *ret_len = take_capture(text, buffer, room);
  return BYTES_READ;
}

/* Is there a message in the text that begins with `head`?  Then `head` becomes the beginning of the
 * capture. */
static bool open_text(CaptureFile *file, uint8_t bytes[FILE_FORMAT_HEAD_LEN], Slice *head)
{
  Text *text = &file->text;
  g_autoptr(GError) ignored = NULL;

  text->trace = text_trace_new();
  text->capture = g_byte_array_new();
  text_trace_feed(text->trace, *head, text->capture);
  while (text->capture->len == 0 && !text->ended &&
         byte_stream_taken(file->stream) < TEXT_SEARCH_MAX)
    feed_text(file, &ignored);
  if (text->capture->len == 0)
    return false;
  head->len = take_capture(text, bytes, FILE_FORMAT_HEAD_LEN);
  return true;
}

/* --- Formats ---------------------------------------------------------------------------------- */

/* Reads until the bytes show what they are.  A pipe may give them one by one, and its first frame
 * late, so not more than that is waited for. */
static bool read_head(CaptureFile *file, uint8_t bytes[FILE_FORMAT_HEAD_LEN], Slice *ret_head,
                      GError **error)
{
  Slice head = {(const char *) bytes, 0};

  while (head.len < FILE_FORMAT_HEAD_LEN && !file_format_of(head) && !file_format_unread(head)) {
    size_t n = 0;
    BytesStatus status =
      byte_stream_read(file->stream, bytes + head.len, FILE_FORMAT_HEAD_LEN - head.len, &n, error);
    if (status == BYTES_BAD) {
      g_prefix_error(error, "%s: ", file->name);
      return false;
    }
    if (status == BYTES_END)
      break;
    head.len += n;
  }
  *ret_head = head;
  return true;
}

static bool fail_detection(const CaptureFile *file, const char *more, GError **error)
{
  g_autofree char *compressions = decoder_names();

  g_set_error(error, APP_ERROR, APP_ERROR_FORMAT,
              _("%s: not a capture file (%s, or one of them compressed: %s)%s"), file->name,
              FILE_FORMAT_NAMES, compressions, more);
  return false;
}

/* The first bytes show the format; they become the tail, and so the first to be walked. */
static bool detect_format(CaptureFile *file, GError **error)
{
  uint8_t bytes[FILE_FORMAT_HEAD_LEN];
  Slice head;

  if (!read_head(file, bytes, &head, error))
    return false;
  if (head.len == 0)
    return fail_format(file, _("the file is empty"), error);
  if (file_format_unread(head)) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO, "%s: %s", file->name, file_format_unread(head));
    return false;
  }
  bool is_text = !file_format_of(head) && text_trace_detect(head);
  if (is_text && !open_text(file, bytes, &head))
    return fail_detection(file, _(", and has no SIP message as text"), error);
  file->format = file_format_of(head);
  if (!file->format)
    return fail_detection(file, "", error);
  file->state = file->format->open();
  tail_keep(&file->tail, bytes, head.len);
  return true;
}

/* The bytes that showed the format are kept too, now that it is known where. */
static bool detect_and_keep(CaptureFile *file, bool may_spool, GError **error)
{
  if (!detect_format(file, error) || !open_store(file, may_spool, error))
    return false;
  append_to_spool(file, file->tail.bytes, file->tail.len);
  return true;
}

static CaptureFile *capture_file_new(CaptureFileOptions options, const char *name)
{
  CaptureFile *file = g_new0(CaptureFile, 1);

  file->name = g_strdup(name);
  file->stores = options.stores;
  file->piece = options.piece;
  file->follows = options.follow;
  file->stop = options.stop;
  return file;
}

CaptureFile *capture_file_open(CaptureFileOptions options, GError **error)
{
  bool is_stdin = strcmp(options.name, "-") == 0;
  g_autoptr(CaptureFile) file =
    capture_file_new(options, is_stdin ? _("standard input") : options.name);

  if (!open_stream(file, &options, error) || !detect_and_keep(file, options.spool, error))
    return NULL;
  return g_steal_pointer(&file);
}

CaptureFile *capture_file_open_stored(CaptureFileOptions options, unsigned store, GError **error)
{
  g_autoptr(CaptureFile) file = capture_file_new(options, options.name);
  int fd = store_open_again(options.stores, store);

  if (fd < 0) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO, _("%s: cannot be read again: %s"), file->name,
                g_strerror(errno));
    return NULL;
  }
  file->stream = byte_stream_new_again(fd);
  file->store = store;
  file->is_stored = true;
  file->ref = byte_ref_make(store, 0);
  file->total = store_size(options.stores, store);
  file->end = options.end > 0 ? options.end : UINT64_MAX;
  return detect_format(file, error) ? g_steal_pointer(&file) : NULL;
}

void capture_file_free(CaptureFile *file)
{
  if (!file)
    return;
  byte_stream_free(file->stream);
  text_trace_free(file->text.trace);
  if (file->text.capture)
    g_byte_array_unref(file->text.capture);
  if (file->state)
    file->format->close(file->state);
  g_free(file->tail.bytes);
  g_free(file->fault);
  g_free(file->spool_fault);
  g_free(file->name);
  g_free(file);
}

/* Bytes at the beginning of the batch, from file->ref on, that wait for the rest of a record. */
typedef struct {
  size_t len;
  size_t need;     /* bytes of that record, as far as is known */
  const char *cut; /* see Walk */
} Waiting;

static void set_fault(CaptureFile *file, const char *what, uint64_t offset, const char *why)
{
  file->ended = true;
  file->fault = g_strdup_printf(_("%s: %s at byte %" G_GUINT64_FORMAT ": %s"), file->name, what,
                                offset, _(why));
}

/* Where no record begins, another capture file may, as in the output of cat(1). */
static bool begin_next_file(CaptureFile *file, Walk *walk)
{
  size_t len = MIN(reader_left(&walk->rest), (size_t) FILE_FORMAT_HEAD_LEN);
  const FileFormat *next = file_format_of(slice_of((const char *) walk->rest.at, len));

  if (!next || walk->rest.at == walk->begun)
    return false;
  file->format->close(file->state);
  file->format = next;
  file->state = next->open();
  walk->begun = walk->rest.at;
  walk->fault = NULL;
  return true;
}

/* Walks what waits.  When that gives no frame, the rest moves to the beginning. */
static Waiting walk(CaptureFile *file, FrameBatch *batch, size_t len)
{
  Walk walk = {.rest = reader_of(batch->bytes, len),
               .start = batch->bytes,
               .start_ref = file->ref,
               .batch = batch};

  do
    file->format->walk(file->state, &walk);
  while (walk.fault && begin_next_file(file, &walk));
  size_t rest = reader_left(&walk.rest);
  file->ref += len - rest;
  if (walk.fault)
    set_fault(file, _("corrupt"), byte_ref_offset(file->ref), walk.fault);
  else if (batch->count > 0)
    tail_keep(&file->tail, walk.rest.at, rest);
  else if (rest > 0)
    memmove(batch->bytes, walk.rest.at, rest);
  return (Waiting){.len = rest, .need = walk.need, .cut = walk.cut};
}

/* What waits for bytes that were dropped is dropped, too.  Bytes that can be read in one piece, at
 * most `room`. */
static size_t pass_gap(CaptureFile *file, Waiting *waiting, size_t room)
{
  uint64_t at = byte_ref_offset(file->ref) + waiting->len;
  uint64_t next = store_resume(file->stores, file->store, at, file->end);

  if (next != at) {
    byte_stream_seek(file->stream, next);
    file->ref = byte_ref_make(file->store, next);
    *waiting = (Waiting){0};
  }
  uint64_t most = next + MIN((uint64_t) room, file->end - next);
  return (size_t) (store_gap(file->stores, file->store, next, most) - next);
}

/* Adds the next bytes to those that wait; false when none came (now, or any more). */
static bool read_piece(CaptureFile *file, FrameBatch *batch, Waiting *waiting)
{
  g_autoptr(GError) error = NULL;
  size_t room = MAX(file->piece, waiting->need - waiting->len);
  size_t n = 0;

  if (file->is_stored)
    room = pass_gap(file, waiting, room);
  if (room == 0) {
    file->ended = true;
    return false;
  }
  frame_batch_reserve(batch, waiting->len + room);
  uint8_t *at = batch->bytes + waiting->len;
  BytesStatus status = read_bytes(file, at, room, &n, &error);
  if (status == BYTES_READ) {
    append_to_spool(file, at, n);
    waiting->len += n;
    return true;
  }
  if (error) {
    file->ended = true;
    file->fault = g_strdup_printf("%s: %s", file->name, error->message);
  } else if (status == BYTES_END) {
    file->ended = true;
    if (waiting->len > 0)
      set_fault(file, _("truncated"), byte_ref_offset(file->ref) + waiting->len, waiting->cut);
  } else {
    tail_keep(&file->tail, batch->bytes, waiting->len);
  }
  return false;
}

/* A file that is followed was emptied, or another one has its name: it will not grow any more. */
static bool was_replaced(CaptureFile *file)
{
  struct stat own, named;

  if (fstat(byte_stream_fd(file->stream), &own) != 0 || !S_ISREG(own.st_mode))
    return false;
  bool is_shorter = (uint64_t) own.st_size < byte_stream_taken(file->stream);
  bool is_other =
    stat(file->name, &named) == 0 && (named.st_ino != own.st_ino || named.st_dev != own.st_dev);
  if (!is_shorter && !is_other)
    return false;
  file->ended = true;
  file->fault = g_strdup_printf(_("%s: no longer followed: the file was %s"), file->name,
                                is_shorter ? _("truncated") : _("replaced"));
  return true;
}

SourceStatus capture_file_read(CaptureFile *file, FrameBatch *batch)
{
  batch->count = 0;
  if (file->ended)
    return SOURCE_END;
  /* The tail of the piece before is at the beginning of the new batch. */
  frame_batch_reserve(batch, file->tail.len + file->piece);
  if (file->tail.len > 0)
    memcpy(batch->bytes, file->tail.bytes, file->tail.len);
  Waiting waiting = walk(file, batch, file->tail.len);
  while (batch->count == 0 && !file->ended) {
    if (atomic_load_explicit(file->stop, memory_order_relaxed))
      file->ended = true;
    else if (read_piece(file, batch, &waiting))
      waiting = walk(file, batch, waiting.len);
    else if (!file->ended && !(file->follows && was_replaced(file)))
      return SOURCE_IDLE;
  }
  return batch->count > 0 ? SOURCE_FRAMES : SOURCE_END;
}

const char *capture_file_name(const CaptureFile *file)
{
  return file->name;
}

const char *capture_file_fault(const CaptureFile *file)
{
  return file->fault;
}

char *capture_file_note(const CaptureFile *file)
{
  g_autofree char *lacks = file->text.trace ? text_trace_lacks(file->text.trace) : NULL;

  return lacks ? g_strdup_printf("%s: %s", file->name, lacks) : NULL;
}

const char *capture_file_spool_fault(const CaptureFile *file)
{
  return file->spool_fault;
}

unsigned capture_file_store(const CaptureFile *file)
{
  return file->store;
}

uint64_t capture_file_done(const CaptureFile *file)
{
  return byte_stream_taken(file->stream);
}

uint64_t capture_file_total(const CaptureFile *file)
{
  return file->total;
}
