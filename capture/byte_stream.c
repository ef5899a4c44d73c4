#include "capture/byte_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#define ZLIB_CONST
#include <zlib.h>

#include "capture/decoder.h"
#include "capture/error.h"
#include "capture/language.h"

/* --- Reading ---------------------------------------------------------------------------------- */

enum { INPUT_SIZE = 64 * 1024, WAIT_MS = 50 };

struct ByteStream {
  int fd;
  bool is_file;             /* regular: never silent */
  bool is_again;            /* read at places of our own, from `start` on */
  uint64_t start, end;      /* of what is read of the file; end 0: all */
  ByteStream *below;        /* read instead of the file, or NULL */
  uint64_t size;            /* of a member: that of `below`, */
  uint32_t crc, crc_so_far; /* and its checksum */
  bool follows;             /* a file that may grow */
  bool at_beginning;        /* it was, when it was given to us */
  bool more_output;         /* the decoder had no room for all */
  const DecoderKind *kind;  /* NULL: not compressed */
  void *decoder;
  bool between;   /* of two members or frames */
  GError *damage; /* of compressed data; after what was given */
  uint64_t taken;
  size_t at, len; /* of what was read ahead */
  uint8_t input[INPUT_SIZE];
};

static bool fail_member(GError **error, const char *why)
{
  g_set_error(error, APP_ERROR, APP_ERROR_TRUNCATED, _("damaged: %s"), why);
  return false;
}

/* Takes the bytes of a member as they come, and compares them with what the archive says. */
static BytesStatus read_below(ByteStream *stream, uint8_t *buffer, size_t room, size_t *ret_len,
                              GError **error)
{
  BytesStatus status = byte_stream_read(stream->below, buffer, room, ret_len, error);

  if (status == BYTES_READ) {
    stream->taken += *ret_len;
    stream->crc_so_far = (uint32_t) crc32_z(stream->crc_so_far, buffer, *ret_len);
    if (stream->taken > stream->size &&
        !fail_member(error, _("it is larger than the archive says")))
      return BYTES_BAD;
  }
  bool is_whole = stream->taken == stream->size && stream->crc_so_far == stream->crc;
  if (status == BYTES_END && !is_whole && !fail_member(error, _("its checksum is wrong")))
    return BYTES_BAD;
  return status;
}

static BytesStatus read_raw(ByteStream *stream, uint8_t *buffer, size_t room, size_t *ret_len,
                            GError **error)
{
  struct pollfd fd = {.fd = stream->fd, .events = POLLIN};

  if (stream->below)
    return read_below(stream, buffer, room, ret_len, error);
  if (stream->end > 0)
    room = (size_t) MIN(room, stream->end - stream->start - stream->taken);
  if (room == 0)
    return BYTES_END;
  if (!stream->is_file && poll(&fd, 1, WAIT_MS) <= 0)
    return BYTES_NONE_YET; /* or interrupted, which the caller may want to know */
  ssize_t n = stream->is_again
                ? pread(stream->fd, buffer, room, (off_t) (stream->start + stream->taken))
                : read(stream->fd, buffer, room);
  if (n < 0 && (errno == EINTR || errno == EAGAIN))
    return BYTES_NONE_YET;
  if (n < 0) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot be read: %s"), g_strerror(errno));
    return BYTES_BAD;
  }
  if (n == 0 && stream->follows) {
    g_usleep(WAIT_MS * 1000);
    return BYTES_NONE_YET;
  }
  if (n == 0)
    return BYTES_END;
  stream->taken += (size_t) n;
  *ret_len = (size_t) n;
  return BYTES_READ;
}

/* An error here comes again when the stream is read. */
static void read_head(ByteStream *stream)
{
  while (stream->len < DECODER_HEAD_LEN) {
    g_autoptr(GError) ignored = NULL;
    size_t n = 0;
    BytesStatus status =
      read_raw(stream, stream->input + stream->len, DECODER_HEAD_LEN - stream->len, &n, &ignored);
    if (status == BYTES_END || status == BYTES_BAD)
      return;
    stream->len += n;
  }
}

/* Finds out whether what comes is compressed. */
static void look_ahead(ByteStream *stream)
{
  read_head(stream);
  stream->kind = decoder_kind_of(slice_of((const char *) stream->input, stream->len));
  stream->decoder = stream->kind ? stream->kind->open() : NULL;
}

ByteStream *byte_stream_new(int fd, bool follow)
{
  ByteStream *stream = g_new0(ByteStream, 1);
  struct stat status;

  stream->fd = fd;
  stream->is_file = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  stream->follows = follow && (stream->is_file || S_ISFIFO(status.st_mode));
  stream->at_beginning = stream->is_file && lseek(fd, 0, SEEK_CUR) == 0;
  if (stream->is_file)
    posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  look_ahead(stream);
  return stream;
}

ByteStream *byte_stream_new_member(int fd, const ZipMember *member)
{
  ByteStream *packed = g_new0(ByteStream, 1), *stream = g_new0(ByteStream, 1);

  packed->fd = fd;
  packed->is_file = packed->is_again = true;
  packed->start = member->offset;
  packed->end = member->offset + member->packed;
  packed->kind = member->is_deflated ? &DECODER_DEFLATE : NULL;
  packed->decoder = packed->kind ? packed->kind->open() : NULL;
  stream->fd = fd;
  stream->is_file = true;
  stream->below = packed;
  stream->size = member->unpacked;
  stream->crc = member->crc;
  look_ahead(stream);
  return stream;
}

ByteStream *byte_stream_new_again(int fd)
{
  ByteStream *stream = g_new0(ByteStream, 1);

  stream->fd = fd;
  stream->is_file = stream->is_again = stream->at_beginning = true;
  return stream;
}

void byte_stream_seek(ByteStream *stream, uint64_t offset)
{
  g_assert(stream->is_again && stream->at == stream->len);
  stream->taken = offset;
}

void byte_stream_free(ByteStream *stream)
{
  if (!stream)
    return;
  if (stream->below)
    byte_stream_free(stream->below);
  else
    close(stream->fd);
  if (stream->kind)
    stream->kind->close(stream->decoder);
  g_clear_error(&stream->damage);
  g_free(stream);
}

static BytesStatus refill(ByteStream *stream, GError **error)
{
  size_t n = 0;
  BytesStatus status = read_raw(stream, stream->input, INPUT_SIZE, &n, error);

  if (status == BYTES_READ) {
    stream->at = 0;
    stream->len = n;
  }
  if (status != BYTES_END || stream->between)
    return status;
  g_set_error(error, APP_ERROR, APP_ERROR_TRUNCATED,
              _("truncated at byte %" G_GUINT64_FORMAT ": the %s data ends too early"),
              stream->taken, stream->kind->name);
  return BYTES_BAD;
}

/* Bytes given; damage is kept for the time when they were taken. */
static size_t decode(ByteStream *stream, uint8_t *buffer, size_t room)
{
  g_autoptr(GError) error = NULL;
  DecoderStep step = {.in = stream->input + stream->at,
                      .in_len = stream->len - stream->at,
                      .out = buffer,
                      .out_room = room};

  bool ok = stream->kind->step(stream->decoder, &step, &stream->between, &error);
  stream->at = stream->len - step.in_len;
  stream->more_output = step.out_room == 0;
  if (!ok)
    g_set_error(&stream->damage, APP_ERROR, APP_ERROR_TRUNCATED,
                _("damaged near byte %" G_GUINT64_FORMAT ": %s"), stream->taken - step.in_len,
                error->message);
  return room - step.out_room;
}

static BytesStatus read_decoded(ByteStream *stream, uint8_t *buffer, size_t room, size_t *ret_len,
                                GError **error)
{
  while (!stream->damage) {
    if (stream->at == stream->len && !stream->more_output) {
      BytesStatus status = refill(stream, error);
      if (status != BYTES_READ)
        return status;
    }
    size_t n = decode(stream, buffer, room);
    if (n > 0) {
      *ret_len = n;
      return BYTES_READ;
    }
  }
  g_propagate_error(error, g_error_copy(stream->damage));
  return BYTES_BAD;
}

BytesStatus byte_stream_read(ByteStream *stream, uint8_t *buffer, size_t room, size_t *ret_len,
                             GError **error)
{
  size_t ahead = MIN(stream->len - stream->at, room);

  g_assert(room > 0);
  if (stream->kind)
    return read_decoded(stream, buffer, room, ret_len, error);
  if (ahead == 0)
    return read_raw(stream, buffer, room, ret_len, error);
  memcpy(buffer, stream->input + stream->at, ahead);
  stream->at += ahead;
  *ret_len = ahead;
  return BYTES_READ;
}

bool byte_stream_is_plain_file(const ByteStream *stream)
{
  return stream->at_beginning && !stream->kind;
}

int byte_stream_fd(const ByteStream *stream)
{
  return stream->fd;
}

uint64_t byte_stream_taken(const ByteStream *stream)
{
  if (stream->below)
    return byte_stream_taken(stream->below);
  return stream->taken;
}

/* --- Writing ---------------------------------------------------------------------------------- */

/* A descriptor that was made non-blocking elsewhere: wait until it takes more. */
static bool may_try_again(int fd)
{
  struct pollfd wait = {.fd = fd, .events = POLLOUT};

  return errno == EINTR || (errno == EAGAIN && (poll(&wait, 1, -1) >= 0 || errno == EINTR));
}

int fd_write(int fd, Slice bytes)
{
  while (bytes.len > 0) {
    ssize_t n = write(fd, bytes.data, bytes.len);
    if (n >= 0)
      bytes = slice_from(bytes, (size_t) n);
    else if (!may_try_again(fd))
      return errno;
  }
  return 0;
}
