/*
 * Out: a buffered stream of bytes to a descriptor.
 *
 * Errors are sticky and reported once, at the end.  A closed pipe (EPIPE) is not an error: what
 * follows is discarded, and out_is_over says that one may stop.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "capture/slice.h"
#include "ui/report/backlog.h"

enum { OUT_ROOM = 64 * 1024 };

/* What becomes of characters that could harm a terminal: JSON and CSV ask it. */
typedef enum {
  OUT_PROGRAM, /* another program reads them as they are */
  OUT_TERMINAL,
  OUT_TERMINAL_ASCII, /* that knows no UTF-8 */
} OutReader;

/* A page of an output, kept in memory instead of being written: `most` lines after the first `skip`
 * ones, or fewer if they are longer than OUT_PAGE_BYTES together.  Begins as {.skip, .most, .text},
 * with a text of the caller. */
typedef struct {
  uint64_t skip, most;
  uint64_t passed; /* lines that ended so far, those that were skipped too */
  GString *text;
  bool is_at_start; /* of a line, after others */
  bool has_more;    /* something came after the page: the output is over */
} OutPage;

enum { OUT_PAGE_BYTES = 256 * 1024, OUT_PAGE_LINE_MAX = 8 * 1024 * 1024 };

typedef struct {
  int fd;
  OutPage *page;    /* borrowed; or NULL */
  Backlog *backlog; /* owned; or NULL: written to the descriptor at once */
  OutReader reader;
  int error; /* errno of the first write that failed, 0 before */
  char *name;
  size_t used;
  char *buffer; /* OUT_ROOM bytes */
} Out;

/* `name` is for error messages; the descriptor stays the caller's. */
void out_init(Out *out, int fd, const char *name);
void out_clear(Out *out);

/* To memory.  A line longer than OUT_PAGE_LINE_MAX is a failure: EFBIG. */
void out_init_page(Out *out, OutPage *page, const char *name);

/* Lines of the page that are whole. */
uint64_t out_page_count(const OutPage *page);

/* From now on no write waits for a slow reader, until out_finish; see backlog_new. */
G_GNUC_WARN_UNUSED_RESULT bool out_write_behind(Out *out, uint64_t limit, GError **error);

void out_write(Out *out, Slice bytes);
void out_string(Out *out, const char *text);

static inline void out_char(Out *out, char c)
{
  if (out->used < OUT_ROOM)
    out->buffer[out->used++] = c;
  else
    out_write(out, slice_of(&c, 1));
}

void out_flush(Out *out);

/* Will nothing that is written from now on be seen? */
static inline bool out_is_over(const Out *out)
{
  return out->error != 0;
}

/* Flushes.  False when something could not be written, except to a closed pipe. */
G_GNUC_WARN_UNUSED_RESULT bool out_finish(Out *out, GError **error);
