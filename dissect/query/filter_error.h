/*
 * What is wrong with a display filter: a sentence, the expression (or the part of it around the
 * fault), and a caret under the place.  Private to the display filter.
 */
#pragma once

#include <glib.h>

#include "capture/error.h"
#include "capture/slice.h"

/* Of what users typed no more than so much is repeated in a sentence. */
enum { FILTER_QUOTE_MAX = 60 };
#define FILTER_QUOTE(s) SLICE_ARG(slice_head((s), FILTER_QUOTE_MAX))

/* Sets APP_ERROR_USAGE for octet `at` of the expression.  Gives false. */
bool filter_fail(GError **error, Slice expression, size_t at, const char *format, ...)
  G_GNUC_PRINTF(4, 5);
