#include "capture/byte_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#define ZLIB_CONST /* or next_in would not be const */
#include <zlib.h>
#include <zstd.h>

#include "capture/error.h"

/* --- Decompression ---------------------------------------------------------------------------- */

/* gzip (RFC 1952, also several members in a row) and zstd (RFC 8878, also several frames). */
typedef struct Decoder Decoder;

/* What one step works on; both ends move on as bytes are taken and given. */
typedef struct {
  const uint8_t *in;
  size_t in_len;
  uint8_t *out;
  size_t out_room;
} DecoderStep;

typedef struct {
  const char *name;
  bool (*step)(Decoder *decoder, DecoderStep *step, GError **error);
} Kind;

struct Decoder {
  const Kind *kind;
  bool between;       /* of two members or frames */
  z_stream zlib;      /* gzip */
  ZSTD_DStream *zstd; /* zstd, else NULL */
};

static bool fail_decoder(const Decoder *decoder, const char *why, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_FORMAT, "%s: %s", decoder->kind->name, why);
  return false;
}

static int inflate_some(z_stream *zlib, DecoderStep *step)
{
  zlib->next_in = step->in;
  zlib->avail_in = (uInt) MIN(step->in_len, (size_t) G_MAXINT);
  zlib->next_out = step->out;
  zlib->avail_out = (uInt) MIN(step->out_room, (size_t) G_MAXINT);
  int result = inflate(zlib, Z_NO_FLUSH);

  step->in_len -= (size_t) (zlib->next_in - step->in);
  step->in = zlib->next_in;
  step->out_room -= (size_t) (zlib->next_out - step->out);
  step->out = zlib->next_out;
  return result;
}

static bool step_gzip(Decoder *decoder, DecoderStep *step, GError **error)
{
  for (;;) {
    /* Nothing belongs between members, but tapes and some tools pad with zeros. */
    for (; decoder->between && step->in_len > 0 && *step->in == 0; step->in_len--)
      step->in++;
    if (decoder->between && step->in_len == 0)
      return true;
    if (decoder->between && inflateReset(&decoder->zlib) != Z_OK)
      return fail_decoder(decoder, "cannot continue after a gzip member", error);
    decoder->between = false;
    int result = inflate_some(&decoder->zlib, step);
    if (result == Z_BUF_ERROR) /* no input or no room: no error */
      return true;
    if (result != Z_OK && result != Z_STREAM_END)
      return fail_decoder(decoder, decoder->zlib.msg ? decoder->zlib.msg : "damaged data", error);
    decoder->between = result == Z_STREAM_END;
    if (!decoder->between)
      return true;
  }
}

static bool step_zstd(Decoder *decoder, DecoderStep *step, GError **error)
{
  while (step->out_room > 0) {
    ZSTD_inBuffer in = {step->in, step->in_len, 0};
    ZSTD_outBuffer out = {step->out, step->out_room, 0};
    size_t result = ZSTD_decompressStream(decoder->zstd, &out, &in);

    step->in += in.pos;
    step->in_len -= in.pos;
    step->out += out.pos;
    step->out_room -= out.pos;
    if (ZSTD_isError(result))
      return fail_decoder(decoder, ZSTD_getErrorName(result), error);
    if (in.pos > 0 || out.pos > 0)
      decoder->between = result == 0;
    if (in.pos == 0 && out.pos == 0)
      return true;
  }
  return true;
}

static const Kind GZIP = {"gzip", step_gzip};
static const Kind ZSTD = {"zstd", step_zstd};

/* NULL when the bytes are not compressed. */
static Decoder *decoder_new(Slice head)
{
  bool is_gzip = slice_starts_with(head, SLICE("\x1f\x8b"));
  bool is_zstd = slice_starts_with(head, SLICE("\x28\xb5\x2f\xfd"));

  /* RFC 8878 3.1.2: a skippable frame, with which some tools begin: 0x184d2a5? */
  is_zstd |= head.len >= 4 && (head.data[0] & 0xf0) == 0x50 &&
             slice_starts_with(slice_from(head, 1), SLICE("\x2a\x4d\x18"));
  if (!is_gzip && !is_zstd)
    return NULL;
  Decoder *decoder = g_new0(Decoder, 1);
  if (is_gzip) {
    decoder->kind = &GZIP;
    int result = inflateInit2(&decoder->zlib, 16 + MAX_WBITS); /* 16: with gzip header */
    g_assert(result == Z_OK);
  } else {
    decoder->kind = &ZSTD;
    decoder->zstd = ZSTD_createDStream();
    g_assert(decoder->zstd);
  }
  return decoder;
}

static void decoder_free(Decoder *decoder)
{
  if (!decoder)
    return;
  if (decoder->zstd)
    ZSTD_freeDStream(decoder->zstd);
  else
    inflateEnd(&decoder->zlib);
  g_free(decoder);
}

/* --- Reading ---------------------------------------------------------------------------------- */

enum { INPUT_SIZE = 64 * 1024, HEAD_LEN = 4, WAIT_MS = 50 };

struct ByteStream {
  int fd;
  bool is_file;      /* regular: never silent */
  bool is_again;     /* read at places of our own */
  bool follows;      /* a file that may grow */
  bool at_beginning; /* it was, when it was given to us */
  bool more_output;  /* the decoder had no room for all */
  Decoder *decoder;  /* NULL: not compressed */
  GError *damage;    /* of compressed data; after what was given */
  uint64_t taken;
  size_t at, len; /* of what was read ahead */
  uint8_t input[INPUT_SIZE];
};

static BytesStatus read_raw(ByteStream *stream, uint8_t *buffer, size_t room, size_t *ret_len,
                            GError **error)
{
  struct pollfd fd = {.fd = stream->fd, .events = POLLIN};

  if (!stream->is_file && poll(&fd, 1, WAIT_MS) <= 0)
    return BYTES_NONE_YET; /* or interrupted, which the caller may want to know */
  ssize_t n = stream->is_again ? pread(stream->fd, buffer, room, (off_t) stream->taken)
                               : read(stream->fd, buffer, room);
  if (n < 0 && (errno == EINTR || errno == EAGAIN))
    return BYTES_NONE_YET;
  if (n < 0) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO, "cannot be read: %s", g_strerror(errno));
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
  while (stream->len < HEAD_LEN) {
    g_autoptr(GError) ignored = NULL;
    size_t n = 0;
    BytesStatus status =
      read_raw(stream, stream->input + stream->len, HEAD_LEN - stream->len, &n, &ignored);
    if (status == BYTES_END || status == BYTES_BAD)
      return;
    stream->len += n;
  }
}

ByteStream *byte_stream_new(int fd, bool follow)
{
  ByteStream *stream = g_new0(ByteStream, 1);
  struct stat status;

  stream->fd = fd;
  stream->is_file = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  stream->follows = stream->is_file && follow;
  stream->at_beginning = stream->is_file && lseek(fd, 0, SEEK_CUR) == 0;
  if (stream->is_file)
    posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  read_head(stream);
  stream->decoder = decoder_new(slice_of((const char *) stream->input, stream->len));
  return stream;
}

ByteStream *byte_stream_new_again(int fd)
{
  ByteStream *stream = g_new0(ByteStream, 1);

  stream->fd = fd;
  stream->is_file = stream->is_again = stream->at_beginning = true;
  return stream;
}

void byte_stream_free(ByteStream *stream)
{
  if (!stream)
    return;
  close(stream->fd);
  decoder_free(stream->decoder);
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
  if (status != BYTES_END || stream->decoder->between)
    return status;
  g_set_error(error, APP_ERROR, APP_ERROR_TRUNCATED,
              "truncated at byte %" G_GUINT64_FORMAT ": the %s data ends too early", stream->taken,
              stream->decoder->kind->name);
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

  bool ok = stream->decoder->kind->step(stream->decoder, &step, &error);
  stream->at = stream->len - step.in_len;
  stream->more_output = step.out_room == 0;
  if (!ok)
    g_set_error(&stream->damage, APP_ERROR, APP_ERROR_TRUNCATED,
                "damaged near byte %" G_GUINT64_FORMAT ": %s", stream->taken - step.in_len,
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
  if (stream->decoder)
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
  return stream->at_beginning && !stream->decoder;
}

int byte_stream_fd(const ByteStream *stream)
{
  return stream->fd;
}

uint64_t byte_stream_taken(const ByteStream *stream)
{
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
