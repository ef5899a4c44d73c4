/*
 * Generated parts of README.md: blocks of indented lines, compared with what the program prints.
 */
#pragma once

#include "tests/test.h"

/* The end of the block that begins at `start`: the first line neither indented nor empty. */
static inline const char *readme_block_end(const char *start)
{
  const char *end = start;

  for (const char *line = start; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
    if (g_str_has_prefix(line, "    "))
      end = strchr(line, '\n') + 1;
    else if (*line != '\n')
      break;
  }
  return end;
}

/* UPDATE_GOLDEN=1 writes it. */
static inline void assert_readme_has(const char *text)
{
  g_autofree char *path = g_build_filename(g_getenv("RUNG_SAMPLES"), "..", "README.md", NULL);
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  g_autofree char *first = g_strdup_printf("\n    %s\n", lines[0]);
  g_autofree char *readme = NULL;

  assert_true(g_file_get_contents(path, &readme, NULL, NULL));
  const char *start = strstr(readme, first);
  if (!start)
    fail_msg("README.md has no block that begins with \"%s\"", lines[0]);
  g_autoptr(GString) made = g_string_new_len(readme, start + 1 - readme);
  for (size_t i = 0; lines[i]; i++)
    if (*lines[i])
      g_string_append_printf(made, "    %s\n", lines[i]);
    else if (lines[i + 1])
      g_string_append_c(made, '\n');
  g_string_append(made, readme_block_end(start + 1));
  if (g_getenv("UPDATE_GOLDEN"))
    assert_true(g_file_set_contents(path, made->str, -1, NULL));
  else if (strcmp(readme, made->str) != 0)
    fail_msg("README.md does not have the text after \"%s\" as the program prints it", lines[0]);
}
