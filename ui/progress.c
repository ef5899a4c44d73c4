#include "ui/progress.h"

#include <stdio.h>

enum { FIRST_US = 500000, EVERY_US = 100000, BAR_WIDTH = 30 };

Progress progress_new(bool enabled, bool ascii)
{
  return (Progress){.enabled = enabled, .ascii = ascii, .started_us = g_get_monotonic_time()};
}

static void append_bar(GString *line, SourceProgress done, bool ascii)
{
  uint64_t read = MIN(done.bytes_done, done.bytes_total);
  /* In double: bytes times width need not fit in 64 bits. */
  unsigned filled = (unsigned) ((double) read / (double) done.bytes_total * BAR_WIDTH);

  g_string_append_c(line, '[');
  for (unsigned i = 0; i < BAR_WIDTH; i++)
    g_string_append(line, i < filled ? (ascii ? "#" : "█") : " ");
  g_string_append_printf(line, "] %3u%%  ",
                         (unsigned) ((double) read / (double) done.bytes_total * 100));
}

void progress_update(Progress *progress, SourceProgress done, uint64_t messages)
{
  int64_t now_us = progress->enabled ? g_get_monotonic_time() : 0;

  if (!progress->enabled || now_us - progress->started_us < FIRST_US ||
      now_us - progress->drawn_us < EVERY_US)
    return;
  g_autoptr(GString) line = g_string_new("\r");
  if (done.bytes_total > 0)
    append_bar(line, done, progress->ascii);
  g_string_append_printf(line, "%" G_GUINT64_FORMAT " messages\033[K", messages);
  fputs(line->str, stderr);
  fflush(stderr);
  progress->drawn = true;
  progress->drawn_us = now_us;
}

void progress_erase(Progress *progress)
{
  if (!progress->drawn)
    return;
  fputs("\r\033[K", stderr);
  fflush(stderr);
  progress->drawn = false;
}
