#include "ui/term/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib.h>

#include "capture/byte_stream.h"
#include "capture/thread.h"

/* --- the clipboard --- */

#define WRAP_BEGIN "\033P" /* DCS */
#define WRAP_END "\033\\"  /* ST */

enum { WRAPPED_MAX = 240 }; /* bytes of a piece */

bool clipboard_append(GString *to, Slice text, bool wrapped)
{
  if (text.len > CLIPBOARD_MAX)
    return false;

  g_autofree char *base64 = g_base64_encode((const guchar *) text.data, text.len);
  g_autofree char *sequence = g_strconcat("\033]52;c;", base64, "\a", NULL);
  if (!wrapped) {
    g_string_append(to, sequence);
    return true;
  }
  for (Slice rest = slice_from_string(sequence); rest.len > 0;) {
    Slice piece = slice_head(rest, WRAPPED_MAX);

    g_string_append(to, WRAP_BEGIN);
    g_string_append_len(to, piece.data, (gssize) piece.len);
    g_string_append(to, WRAP_END);
    rest = slice_from(rest, piece.len);
  }
  return true;
}

/* --- the thread that writes --- */

/* The largest size without privileges: a frame of a large screen fits. */
enum { PIPE_SIZE = 1024 * 1024, READ_AT_ONCE = 1024, DRAIN_US = 500 * 1000, NAP_US = 500 };

struct Outlet {
  int tty;
  int in, out;          /* ends of a pipe: `in` is written to */
  atomic_bool hopeless; /* the rest is not sent */
  atomic_bool busy;     /* bytes that left the pipe may not be taken yet */
  GThread *thread;
};

/* Errors are ignored: the terminal may be gone. */
static gpointer carry(gpointer data)
{
  Outlet *outlet = data;
  struct pollfd more = {.fd = outlet->out, .events = POLLIN};
  char bytes[READ_AT_ONCE];
  ssize_t n = 1;

  while (n > 0) {
    atomic_store(&outlet->busy, false);
    if (poll(&more, 1, -1) < 0)
      continue;
    atomic_store(&outlet->busy, true);
    n = read(outlet->out, bytes, sizeof bytes);
    if (n > 0 && !atomic_load(&outlet->hopeless))
      fd_write(outlet->tty, slice_of(bytes, (size_t) n));
  }
  atomic_store(&outlet->busy, false);
  return NULL;
}

Outlet *outlet_new(int tty)
{
  int ends[2];

  if (!g_unix_open_pipe(ends, FD_CLOEXEC, NULL))
    return NULL;
  Outlet *outlet = g_new0(Outlet, 1);
  outlet->tty = tty;
  outlet->out = ends[0];
  outlet->in = ends[1];
  (void) fcntl(outlet->in, F_SETPIPE_SZ, PIPE_SIZE);
  outlet->thread = thread_new("outlet", carry, outlet, NULL);
  if (outlet->thread)
    return outlet;
  close(ends[0]);
  close(ends[1]);
  g_free(outlet);
  errno = EAGAIN;
  return NULL;
}

void outlet_free(Outlet *outlet)
{
  if (!outlet)
    return;
  close(outlet->in);
  g_thread_join(outlet->thread);
  close(outlet->out);
  g_free(outlet);
}

void outlet_begin(Outlet *outlet, int fd)
{
  atomic_store(&outlet->hopeless, false);
  dup2(outlet->in, fd);
}

void outlet_end(Outlet *outlet, int fd)
{
  dup2(outlet->tty, fd);
}

void outlet_send(Outlet *outlet, Slice bytes)
{
  fd_write(outlet->in, bytes);
}

/* In this order: the carrier is busy before it takes bytes out of the pipe. */
bool outlet_is_empty(const Outlet *outlet)
{
  int waiting = 0;

  return ioctl(outlet->out, FIONREAD, &waiting) == 0 && waiting == 0 && !atomic_load(&outlet->busy);
}

bool outlet_drain(Outlet *outlet)
{
  int64_t until_us = g_get_monotonic_time() + DRAIN_US;

  while (!outlet_is_empty(outlet)) {
    if (g_get_monotonic_time() >= until_us) {
      atomic_store(&outlet->hopeless, true);
      return false;
    }
    g_usleep(NAP_US);
  }
  return true;
}
