#include "capture/key_log.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/error.h"

enum {
  PIECE = 64 * 1024,
  PIECES_MAX = 16,         /* of one read */
  LINE_MAX_LEN = 4 * 1024, /* what is longer is given in parts */
  PIPE_MAX = 64 * 1024 * 1024,
};

struct KeyLog {
  char *name;
  SecretsKind kind;
  int fd;            /* a file; -1: */
  GByteArray *bytes; /* what came out of a pipe; owned by the first */
  bool is_again;
  bool was_read;
  uint64_t offset;
  char part[LINE_MAX_LEN]; /* of a line that has not ended */
  size_t part_len, part_given;
};

static bool fail(const char *name, int failure, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_IO, "%s: %s", name, g_strerror(failure));
  return false;
}

/* All that comes out of a pipe until its end. */
static bool read_pipe(KeyLog *log, GError **error)
{
  uint8_t piece[PIECE];
  ssize_t n;

  log->bytes = g_byte_array_new();
  while ((n = read(log->fd, piece, sizeof piece)) != 0) {
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0 || log->bytes->len > PIPE_MAX)
      return fail(log->name, n < 0 ? errno : EFBIG, error);
    g_byte_array_append(log->bytes, piece, (guint) n);
  }
  explicit_bzero(piece, sizeof piece);
  close(log->fd);
  log->fd = -1;
  return true;
}

KeyLog *key_log_open(const char *name, SecretsKind kind, GError **error)
{
  g_autoptr(KeyLog) log = g_new0(KeyLog, 1);
  struct stat status;

  log->name = g_strdup(name);
  log->kind = kind;
  log->fd = open(name, O_RDONLY | O_CLOEXEC);
  bool ok = log->fd >= 0 && fstat(log->fd, &status) == 0;
  if (!ok || S_ISDIR(status.st_mode)) {
    fail(name, ok ? EISDIR : errno, error);
    return NULL;
  }
  if (!S_ISREG(status.st_mode) && !read_pipe(log, error))
    return NULL;
  return g_steal_pointer(&log);
}

KeyLog *key_log_open_again(const KeyLog *log)
{
  KeyLog *again = g_new0(KeyLog, 1);

  again->name = g_strdup(log->name);
  again->kind = log->kind;
  again->fd = log->fd >= 0 ? fcntl(log->fd, F_DUPFD_CLOEXEC, 3) : -1;
  again->bytes = log->bytes;
  again->is_again = true;
  return again;
}

void key_log_free(KeyLog *log)
{
  if (!log)
    return;
  if (log->fd >= 0)
    close(log->fd);
  if (log->bytes && !log->is_again) {
    explicit_bzero(log->bytes->data, log->bytes->len);
    g_byte_array_unref(log->bytes);
  }
  g_free(log->name);
  explicit_bzero(log, sizeof *log);
  g_free(log);
}

static size_t read_piece(KeyLog *log, char *piece)
{
  ssize_t n = 0;

  if (log->fd >= 0)
    n = pread(log->fd, piece, PIECE, (off_t) log->offset);
  else if (log->bytes)
    n = (ssize_t) MIN(log->bytes->len - log->offset, (uint64_t) PIECE);
  if (n <= 0)
    return 0;
  if (log->fd < 0)
    memcpy(piece, log->bytes->data + log->offset, (size_t) n);
  log->offset += (uint64_t) n;
  return (size_t) n;
}

static void give(const KeyLog *log, SecretsList *to, Slice text, bool is_partial)
{
  secrets_add(
    to, (Secrets){.kind = log->kind, .origin = log->name, .text = text, .is_partial = is_partial});
}

/* Gives the lines that are whole, and keeps the beginning of the next. */
static void take_piece(KeyLog *log, SecretsList *to, Slice piece)
{
  while (log->part_len > 0 && piece.len > 0) {
    size_t end = slice_find(piece, '\n'), room = sizeof log->part - log->part_len;
    size_t len = MIN(MIN(end + 1, piece.len), room);
    memcpy(log->part + log->part_len, piece.data, len);
    log->part_len += len;
    piece = slice_from(piece, len);
    if (len == end + 1 || log->part_len == sizeof log->part) {
      give(log, to, slice_of(log->part, log->part_len), false);
      log->part_len = log->part_given = 0;
    }
  }
  size_t whole = piece.len;
  while (whole > 0 && piece.data[whole - 1] != '\n')
    whole--;
  if (piece.len - whole > sizeof log->part)
    whole = piece.len; /* no line of a key log is so long */
  if (whole > 0)
    give(log, to, slice_head(piece, whole), false);
  Slice rest = slice_from(piece, whole);
  if (rest.len > 0)
    memcpy(log->part, rest.data, rest.len);
  log->part_len += rest.len;
}

bool key_log_read(KeyLog *log, SecretsList *to)
{
  char piece[PIECE];
  size_t len = 0;

  if (log->kind == SECRETS_PRIVATE_KEY) {
    if (!log->was_read)
      give(log, to, slice_of(piece, read_piece(log, piece)), false);
    log->was_read = true;
    explicit_bzero(piece, sizeof piece);
    return false;
  }
  for (unsigned i = 0; i < PIECES_MAX && (len = read_piece(log, piece)) > 0; i++)
    take_piece(log, to, slice_of(piece, len));
  if (len == 0 && log->part_len > log->part_given)
    give(log, to, slice_of(log->part, log->part_len), true);
  log->part_given = log->part_len;
  if (!log->was_read)
    give(log, to, SLICE(""), false); /* so that more is expected, even when it is empty */
  log->was_read = true;
  explicit_bzero(piece, sizeof piece);
  return len > 0;
}
