/*
 * Golden texts: what a test produces must equal a file under tests/golden.
 *
 * UPDATE_GOLDEN=1 rewrites the file; read the difference before you commit it.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#include "tests/test.h"

/* Prints the first line that differs. */
static inline void golden_print_difference(const char *path, const char *expected,
                                           const char *actual)
{
  g_auto(GStrv) want = g_strsplit(expected, "\n", -1), got = g_strsplit(actual, "\n", -1);
  size_t line = 0;

  while (want[line] && got[line] && strcmp(want[line], got[line]) == 0)
    line++;
  print_message("%s:%zu:\n- %s\n+ %s\n", path, line + 1, want[line] ? want[line] : "(end)",
                got[line] ? got[line] : "(end)");
}

/* `name`: "show/ladder/two-80.txt". */
static inline void assert_golden(const char *name, const char *actual)
{
  const char *folder = getenv("RUNG_GOLDEN");

  assert_non_null(folder);
  g_autofree char *path = g_build_filename(folder, name, NULL);
  g_autofree char *expected = NULL;
  g_autofree char *parent = g_path_get_dirname(path);
  if (getenv("UPDATE_GOLDEN") && g_mkdir_with_parents(parent, 0777) == 0)
    assert_true(g_file_set_contents(path, actual, -1, NULL));
  if (!g_file_get_contents(path, &expected, NULL, NULL))
    fail_msg("no %s: UPDATE_GOLDEN=1 writes it", path);
  if (strcmp(expected, actual) != 0) {
    golden_print_difference(path, expected, actual);
    fail_msg("%s differs", path);
  }
}
