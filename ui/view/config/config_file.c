#include "ui/view/config/config_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "capture/error.h"
#include "capture/language.h"

enum { FILE_BYTES_MAX = 1 << 20, FOLDER_MODE = 0700, FILE_MODE = 0600 };

GString *config_file_read(const char *path, GError **error)
{
  g_autoptr(GString) text = g_string_sized_new(4096);
  FILE *stream = g_fopen(path, "rbe");
  char bytes[4096];
  size_t len;

  if (!stream && errno == ENOENT)
    return g_steal_pointer(&text);
  if (stream) {
    while (text->len <= FILE_BYTES_MAX && (len = fread(bytes, 1, sizeof bytes, stream)) > 0)
      g_string_append_len(text, bytes, (gssize) len);
  }
  if (!stream || ferror(stream)) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot read: %s"), g_strerror(errno));
    g_clear_pointer(&stream, fclose);
    return NULL;
  }
  fclose(stream);
  if (text->len > FILE_BYTES_MAX) {
    g_set_error(error, APP_ERROR, APP_ERROR_FORMAT,
                _("larger than 1 MiB; not a configuration file"));
    return NULL;
  }
  if (g_str_has_prefix(text->str, "\xEF\xBB\xBF"))
    g_string_erase(text, 0, 3);
  return g_steal_pointer(&text);
}

static bool fail_config_write(const char *path, const char *why, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot write %s: %s"), path, why);
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
    return fail_config_write(path, g_strerror(errno), error);
  if (stat(target, &info) == 0 && !S_ISREG(info.st_mode))
    return fail_config_write(path, _("not a regular file"), error);
  if (!g_file_set_contents_full(target, text->str, (gssize) text->len,
                                G_FILE_SET_CONTENTS_CONSISTENT, (int) (info.st_mode & 0777),
                                &cause))
    return fail_config_write(path, cause->message, error);
  return true;
}

/* --- lines --- */

enum { FAULTS_MAX = 20 };

/* Names may have neither brackets nor control characters. */
static ConfigLine line_with_name(ConfigLineKind kind, Slice name)
{
  bool good = name.len > 0;

  for (size_t i = 0; i < name.len; i++) {
    uint8_t c = (uint8_t) name.data[i];
    good &= c >= 0x20 && c != 0x7F && c != '[' && c != ']';
  }
  return (ConfigLine){good ? kind : CONFIG_LINE_WRONG, name};
}

ConfigLine config_line_parse(Slice line)
{
  Slice rest = slice_trim(line);

  if (slice_find(line, '\0') < line.len)
    return (ConfigLine){CONFIG_LINE_WRONG, SLICE_NONE};
  if (rest.len == 0 || rest.data[0] == '#')
    return (ConfigLine){CONFIG_LINE_EMPTY, SLICE_NONE};
  if (rest.data[0] == '[') {
    bool closed = rest.data[rest.len - 1] == ']';
    return line_with_name(CONFIG_LINE_GROUP,
                          closed ? slice_of(rest.data + 1, rest.len - 2) : SLICE_NONE);
  }
  if (slice_find(rest, '=') == rest.len)
    return (ConfigLine){CONFIG_LINE_WRONG, SLICE_NONE};
  return line_with_name(CONFIG_LINE_ENTRY, slice_trim(slice_cut(&rest, '=')));
}

void config_text_clean(Slice text, GString *clean, GPtrArray *faults)
{
  bool in_group = false, lost = false; /* after an invalid [group */

  for (size_t number = 1; text.len > 0; number++) {
    Slice whole = slice_take_line(&text), trimmed = slice_trim(whole);
    ConfigLine line = config_line_parse(whole);
    const char *fault = NULL;

    if (line.kind == CONFIG_LINE_WRONG)
      fault = _("expected [group], key = value or # comment");
    else if (line.kind == CONFIG_LINE_ENTRY && !in_group && !lost)
      fault = _("key = value before any [group]");
    if (line.kind == CONFIG_LINE_GROUP) {
      in_group = true;
      lost = false;
    }
    if (fault && faults->len < FAULTS_MAX)
      g_ptr_array_add(faults, g_strdup_printf(_("line %zu: %s"), number, fault));
    else if (fault && faults->len == FAULTS_MAX)
      g_ptr_array_add(faults, g_strdup(_("more lines are wrong")));
    if (line.kind == CONFIG_LINE_WRONG && trimmed.len > 0 && trimmed.data[0] == '[')
      lost = true;
    if (fault || lost)
      continue;
    g_string_append_len(clean, whole.data, (gssize) whole.len);
    g_string_append_c(clean, '\n');
  }
}

/* Where an entry is, or would be put. */
typedef struct {
  size_t start, end; /* its line; both 0: none */
  size_t group_end;  /* after the last line of its group; 0: there is no such group */
} EntryPlace;

static EntryPlace find_place(const GString *text, const ConfigEntry *entry)
{
  Slice rest = slice_of(text->str, text->len);
  Slice group = slice_from_string(entry->group), key = slice_from_string(entry->key);
  EntryPlace place = {0};
  bool inside = false;

  while (rest.len > 0) {
    size_t start = (size_t) (rest.data - text->str);
    ConfigLine line = config_line_parse(slice_take_line(&rest));
    size_t end = text->len - rest.len;

    if (line.kind == CONFIG_LINE_GROUP)
      inside = slice_eq(line.name, group);
    if (inside && line.kind != CONFIG_LINE_EMPTY)
      place.group_end = end;
    if (inside && line.kind == CONFIG_LINE_ENTRY && slice_eq(line.name, key)) {
      place.start = start;
      place.end = end;
    }
  }
  return place;
}

/* Removes all of them: the last one hides the others. */
static void remove_entry(GString *text, const ConfigEntry *entry)
{
  g_autoptr(GString) kept = g_string_sized_new(text->len);
  Slice rest = slice_of(text->str, text->len);
  bool inside = false;

  while (rest.len > 0) {
    const char *start = rest.data;
    ConfigLine line = config_line_parse(slice_take_line(&rest));
    size_t len = (size_t) (text->str + text->len - rest.len - start);

    if (line.kind == CONFIG_LINE_GROUP)
      inside = slice_eq(line.name, slice_from_string(entry->group));
    if (!inside || line.kind != CONFIG_LINE_ENTRY ||
        !slice_eq(line.name, slice_from_string(entry->key)))
      g_string_append_len(kept, start, (gssize) len);
  }
  g_string_assign(text, kept->str);
}

void config_text_set(GString *text, const ConfigEntry *entry)
{
  if (!entry->value) {
    remove_entry(text, entry);
    return;
  }
  if (text->len > 0 && text->str[text->len - 1] != '\n')
    g_string_append_c(text, '\n');
  EntryPlace place = find_place(text, entry);
  g_autofree char *line = g_strdup_printf("%s = %s\n", entry->key, entry->value);
  if (place.end > 0) {
    g_string_erase(text, (gssize) place.start, (gssize) (place.end - place.start));
    g_string_insert(text, (gssize) place.start, line);
  } else if (place.group_end > 0) {
    g_string_insert(text, (gssize) place.group_end, line);
  } else {
    g_string_append_printf(text, "%s[%s]\n%s", text->len > 0 ? "\n" : "", entry->group, line);
  }
}

static bool is_foreign(uint8_t c)
{
  return c <= ' ' || c == 0x7F || strchr("=[]#", c);
}

char *config_key_encode(const char *key)
{
  GString *name = g_string_new(NULL);

  for (; *key; key++)
    if (is_foreign((uint8_t) *key))
      g_string_append_printf(name, "%%%02X", (unsigned) (uint8_t) *key);
    else
      g_string_append_c(name, *key);
  return g_string_free(name, FALSE);
}

char *config_key_decode(const char *name)
{
  GString *key = g_string_new(NULL);

  while (*name) {
    bool escape = name[0] == '%' && g_ascii_isxdigit(name[1]) && g_ascii_isxdigit(name[2]);
    int c = escape ? g_ascii_xdigit_value(name[1]) * 16 + g_ascii_xdigit_value(name[2]) : 0;
    bool meant = c > 0 && is_foreign((uint8_t) c);

    g_string_append_c(key, meant ? (char) c : *name);
    name += meant ? 3 : 1;
  }
  return g_string_free(key, FALSE);
}
