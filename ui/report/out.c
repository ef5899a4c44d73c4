#include "ui/report/out.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "capture/error.h"
#include "ui/format.h"

void out_init(Out *out, int fd, const char *name)
{
  *out = (Out){.fd = fd, .name = g_strdup(name), .buffer = g_malloc(OUT_ROOM)};
}

void out_clear(Out *out)
{
  g_free(out->name);
  g_free(out->buffer);
  *out = (Out){.fd = -1};
}

/* A descriptor that somebody else made non-blocking: wait until it takes more. */
static bool wait_writable(int fd)
{
  struct pollfd wait = {.fd = fd, .events = POLLOUT};

  return poll(&wait, 1, -1) >= 0 || errno == EINTR;
}

static void write_all(Out *out, const char *at, size_t left)
{
  while (left > 0 && out->error == 0) {
    ssize_t written = write(out->fd, at, left);

    if (written >= 0) {
      at += written;
      left -= (size_t) written;
    } else if (errno == EAGAIN) {
      if (!wait_writable(out->fd))
        out->error = errno;
    } else if (errno != EINTR) {
      out->error = errno;
    }
  }
}

void out_flush(Out *out)
{
  write_all(out, out->buffer, out->used);
  out->used = 0;
}

void out_write(Out *out, Slice octets)
{
  if (octets.len > OUT_ROOM - out->used)
    out_flush(out);
  if (octets.len > OUT_ROOM) {
    write_all(out, octets.data, octets.len);
    return;
  }
  if (octets.len > 0)
    memcpy(out->buffer + out->used, octets.data, octets.len);
  out->used += octets.len;
}

void out_string(Out *out, const char *text)
{
  out_write(out, slice_from_string(text));
}

void out_number(Out *out, uint64_t number)
{
  char text[TIME_TEXT_MAX];

  out_write(out, slice_of(text, number_format(number, text)));
}

bool out_finish(Out *out, GError **error)
{
  out_flush(out);
  if (out->error == 0 || out->error == EPIPE)
    return true;
  g_set_error(error, APP_ERROR, APP_ERROR_IO, "cannot write %s: %s", out->name,
              g_strerror(out->error));
  return false;
}
