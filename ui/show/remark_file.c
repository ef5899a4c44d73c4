#include "ui/show/remark_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "capture/error.h"
#include "capture/language.h"
#include "dissect/trace/trace.h"

enum { FILE_BYTES_MAX = 64 << 20, FILE_MODE = 0644, PARTS = 3 };

char *remark_file_path(const char *capture)
{
  return g_strconcat(capture, ".notes", NULL);
}

/* --- Reading -------------------------------------------------------------------------------- */

static bool read_line(const char *line, bool is_elsewhere, Remarks *to)
{
  g_auto(GStrv) parts = g_strsplit(line, "\t", PARTS + 1);

  if (g_strv_length(parts) != PARTS)
    return false;
  g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
  g_autoptr(GDateTime) start = g_date_time_new_from_iso8601(parts[0], utc);
  if (!start || !g_utf8_validate(parts[2], -1, NULL))
    return false;
  g_autofree char *call_id = g_strcompress(parts[1]), *text = g_strcompress(parts[2]);
  const Remark remark = {
    .start_ms = g_date_time_to_unix(start) * 1000 + g_date_time_get_microsecond(start) / 1000,
    .call_id = slice_from_string(call_id),
    .text = text,
    .is_elsewhere = is_elsewhere || text[0] == '\0',
  };
  return remarks_set(to, &remark);
}

/* The number of the line that is none, or 0. */
static unsigned read_lines(FILE *stream, bool is_elsewhere, Remarks *to)
{
  char *line = NULL;
  size_t room = 0;
  unsigned number = 0, wrong = 0;

  while (wrong == 0 && getline(&line, &room, stream) >= 0) {
    number++;
    line[strcspn(line, "\r\n")] = '\0';
    bool is_blank = line[strspn(line, " \t")] == '\0';
    if (line[0] != '#' && !is_blank && !read_line(line, is_elsewhere, to))
      wrong = number;
  }
  free(line);
  return wrong;
}

static bool fail(const char *path, const char *why, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot read %s: %s"), path, why);
  return false;
}

bool remark_file_read(const char *capture, bool is_elsewhere, Remarks *to, GError **error)
{
  g_autofree char *path = remark_file_path(capture);
  GStatBuf info;

  if (g_stat(path, &info) != 0)
    return errno == ENOENT || errno == ENOTDIR || fail(path, g_strerror(errno), error);
  if (!S_ISREG(info.st_mode) || info.st_size > FILE_BYTES_MAX)
    return fail(path, _("not a file of notes"), error);
  FILE *stream = g_fopen(path, "rbe");
  if (!stream)
    return fail(path, g_strerror(errno), error);
  unsigned wrong = read_lines(stream, is_elsewhere, to);
  bool was_read = !ferror(stream);
  fclose(stream);
  if (!was_read)
    return fail(path, _("input/output error"), error);
  if (wrong > 0)
    g_set_error(error, APP_ERROR, APP_ERROR_FORMAT, _("%s: line %u is no note on a call"), path,
                wrong);
  return wrong == 0;
}

/* --- Writing -------------------------------------------------------------------------------- */

/* But for what is not ASCII, which is readable as it is. */
static char *escape(const char *text)
{
  char readable[128 + 1];

  for (int i = 0; i < 128; i++)
    readable[i] = (char) (128 + i);
  readable[128] = '\0';
  return g_strescape(text, readable);
}

static void append_line(void *data, const Remark *remark)
{
  GString *to = data;
  int64_t ms = (remark->start_ms % 1000 + 1000) % 1000;
  g_autoptr(GDateTime) start = g_date_time_new_from_unix_utc((remark->start_ms - ms) / 1000);
  g_autofree char *call_id = slice_dup(remark->call_id);
  g_autofree char *id = escape(call_id), *text = escape(remark->text);
  g_autofree char *second = start ? g_date_time_format(start, "%Y-%m-%dT%H:%M:%S") : NULL;

  if (second)
    g_string_append_printf(to, "%s.%03dZ\t%s\t%s\n", second, (int) ms, id, text);
}

bool remark_file_write(const char *capture, const Remarks *remarks, GError **error)
{
  static const char HEAD[] = "# notes on calls, by rung: start, Call-ID, text\n";
  g_autofree char *path = remark_file_path(capture);
  g_autoptr(GString) text = g_string_new(HEAD);
  g_autoptr(Remarks) there = remarks_new();
  g_autoptr(GError) cause = NULL;

  if (!remark_file_read(capture, false, there, error))
    return false;
  remarks_each(remarks, append_line, text);
  if (text->len == sizeof HEAD - 1 && (g_unlink(path) == 0 || errno == ENOENT))
    return true;
  if (!g_file_set_contents_full(path, text->str, (gssize) text->len, G_FILE_SET_CONTENTS_CONSISTENT,
                                FILE_MODE, &cause)) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot write %s: %s"), path, cause->message);
    return false;
  }
  return true;
}

bool remark_file_write_selected(const char *capture, const Remarks *remarks, Selection *selection,
                                GError **error)
{
  g_autoptr(Remarks) chosen = remarks_new();

  if (!remarks || remarks_count(remarks) == 0)
    return true;
  for (size_t i = 0; i < selection_call_count(selection); i++) {
    const Call *call = selection_call_at(selection, i);
    const char *text = call ? remarks_of(remarks, call) : NULL;
    if (text)
      (void) !remarks_set_call(chosen, call, text);
  }
  return remarks_count(chosen) == 0 || remark_file_write(capture, chosen, error);
}
