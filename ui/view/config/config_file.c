#include "ui/view/config/config_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "capture/error.h"

enum { FILE_OCTETS_MAX = 1 << 20, FOLDER_MODE = 0700, FILE_MODE = 0600 };

GString *config_file_read(const char *path, GError **error)
{
  g_autoptr(GString) text = g_string_sized_new(4096);
  FILE *stream = g_fopen(path, "rbe");
  char octets[4096];
  size_t len;

  if (!stream && errno == ENOENT)
    return g_steal_pointer(&text);
  if (stream) {
    while (text->len <= FILE_OCTETS_MAX && (len = fread(octets, 1, sizeof octets, stream)) > 0)
      g_string_append_len(text, octets, (gssize) len);
  }
  if (!stream || ferror(stream)) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO, "cannot read it: %s", g_strerror(errno));
    g_clear_pointer(&stream, fclose);
    return NULL;
  }
  fclose(stream);
  if (text->len > FILE_OCTETS_MAX) {
    g_set_error(error, APP_ERROR, APP_ERROR_FORMAT, "larger than 1 MiB: this is no configuration");
    return NULL;
  }
  if (g_str_has_prefix(text->str, "\xEF\xBB\xBF"))
    g_string_erase(text, 0, 3);
  return g_steal_pointer(&text);
}

static bool fail_write(const char *path, const char *why, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_IO, "cannot write %s: %s", path, why);
  return false;
}

bool config_file_write(const char *path, const GString *text, GError **error)
{
  g_autofree char *folder = g_path_get_dirname(path);
  char *real = realpath(path, NULL); /* by malloc */
  g_autofree char *target = g_strdup(real ? real : path);
  g_autoptr(GError) cause = NULL;
  struct stat info = {.st_mode = S_IFREG | FILE_MODE};

  free(real);
  if (g_mkdir_with_parents(folder, FOLDER_MODE) != 0)
    return fail_write(path, g_strerror(errno), error);
  if (stat(target, &info) == 0 && !S_ISREG(info.st_mode))
    return fail_write(path, "this is no file of its own", error);
  if (!g_file_set_contents_full(target, text->str, (gssize) text->len,
                                G_FILE_SET_CONTENTS_CONSISTENT, (int) (info.st_mode & 0777),
                                &cause))
    return fail_write(path, cause->message, error);
  return true;
}
