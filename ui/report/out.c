#include "ui/report/out.h"

#include <errno.h>

#include "capture/error.h"
#include "capture/fd_write.h"

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

static void write_all(Out *out, Slice octets)
{
  if (out->error == 0)
    out->error = fd_write(out->fd, octets);
}

void out_flush(Out *out)
{
  write_all(out, slice_of(out->buffer, out->used));
  out->used = 0;
}

void out_write(Out *out, Slice octets)
{
  if (octets.len > OUT_ROOM - out->used)
    out_flush(out);
  if (octets.len > OUT_ROOM) {
    write_all(out, octets);
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

bool out_finish(Out *out, GError **error)
{
  out_flush(out);
  if (out->error == 0 || out->error == EPIPE)
    return true;
  g_set_error(error, APP_ERROR, APP_ERROR_IO, "cannot write %s: %s", out->name,
              g_strerror(out->error));
  return false;
}
