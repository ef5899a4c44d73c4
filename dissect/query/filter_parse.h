/*
 * The text of a display filter as a tree.  Private to the display filter.
 */
#pragma once

#include "dissect/query/filter_node.h"

enum { FILTER_TEXT_MAX = 64 * 1024 };

/*
 * Fails with APP_ERROR_USAGE (filter_fail).  The tree lies in the arena and borrows from nowhere;
 * regular expressions are appended to `regexes`, which owns them.
 */
G_GNUC_WARN_UNUSED_RESULT FilterNode *filter_parse(Arena *arena, GPtrArray *regexes,
                                                   const char *expression, GError **error);
