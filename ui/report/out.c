#include "ui/report/out.h"

#include <errno.h>
#include <string.h>

#include "capture/error.h"
#include "capture/byte_stream.h"
#include "capture/language.h"

void out_init(Out *out, int fd, const char *name)
{
  *out = (Out){.fd = fd, .name = g_strdup(name), .buffer = g_malloc(OUT_ROOM)};
}

void out_init_page(Out *out, OutPage *page, const char *name)
{
  out_init(out, -1, name);
  out->page = page;
}

uint64_t out_page_count(const OutPage *page)
{
  return page->passed > page->skip ? page->passed - page->skip : 0;
}

/* EPIPE once the page is full: what follows is not wanted. */
static int put_on_page(OutPage *page, Slice bytes)
{
  while (bytes.len > 0) {
    size_t end = slice_find(bytes, '\n');
    Slice line = slice_head(bytes, end + 1);
    bool is_first = out_page_count(page) == 0;

    page->has_more = out_page_count(page) == page->most ||
                     (!is_first && page->text->len >= OUT_PAGE_BYTES && page->is_at_start);
    if (page->has_more)
      return EPIPE;
    if (page->passed >= page->skip)
      g_string_append_len(page->text, line.data, (gssize) line.len);
    if (page->text->len > OUT_PAGE_BYTES + (size_t) OUT_PAGE_LINE_MAX)
      return EFBIG;
    page->is_at_start = end < bytes.len;
    page->passed += page->is_at_start;
    bytes = slice_from(bytes, line.len);
  }
  return 0;
}

bool out_write_behind(Out *out, uint64_t limit, GError **error)
{
  out->backlog = backlog_new(out->fd, limit, error);
  return out->backlog != NULL;
}

void out_clear(Out *out)
{
  backlog_free(out->backlog);
  g_free(out->name);
  g_free(out->buffer);
  *out = (Out){.fd = -1};
}

static void write_all(Out *out, Slice bytes)
{
  if (out->page && out->error == 0)
    out->error = put_on_page(out->page, bytes);
  else if (out->error == 0)
    out->error = out->backlog ? backlog_put(out->backlog, bytes) : fd_write(out->fd, bytes);
}

void out_flush(Out *out)
{
  write_all(out, slice_of(out->buffer, out->used));
  out->used = 0;
}

void out_write(Out *out, Slice bytes)
{
  if (bytes.len > OUT_ROOM - out->used)
    out_flush(out);
  if (bytes.len > OUT_ROOM) {
    write_all(out, bytes);
    return;
  }
  if (bytes.len > 0)
    memcpy(out->buffer + out->used, bytes.data, bytes.len);
  out->used += bytes.len;
}

void out_string(Out *out, const char *text)
{
  out_write(out, slice_from_string(text));
}

bool out_finish(Out *out, GError **error)
{
  out_flush(out);
  if (out->backlog && out->error == 0)
    out->error = backlog_drain(out->backlog);
  if (out->error == 0 || out->error == EPIPE)
    return true;
  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot write %s: %s"), out->name,
              g_strerror(out->error));
  return false;
}
