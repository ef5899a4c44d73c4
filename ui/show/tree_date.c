/* Date (RFC 3261 20.17) beside the time of the capture: clocks that differ break certificates,
 * digests and everybody's reading of logs. */
#include <stdio.h>

#include "ui/show/tree_build.h"

enum { DATE_MAX = 40, SAME_S = 1 };

static int month_number(const char *name)
{
  static const char *const MONTHS[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

  for (size_t i = 0; i < G_N_ELEMENTS(MONTHS); i++)
    if (g_ascii_strcasecmp(MONTHS[i], name) == 0)
      return (int) i + 1;
  return 0;
}

/* "Sat, 13 Nov 2010 23:29:00 GMT" as seconds since 1970; false when it is not of that form. */
static bool read_date(Slice value, int64_t *ret_s)
{
  g_autofree char *text = slice_dup(slice_head(value, DATE_MAX));
  int day, year, hour, minute, second;
  char month[4];

  if (sscanf(text, "%*3s, %2d %3s %4d %2d:%2d:%2d GMT", &day, month, &year, &hour, &minute,
             &second) != 6)
    return false;
  g_autoptr(GDateTime) date =
    g_date_time_new_utc(year, month_number(month), day, hour, minute, second);
  if (!date)
    return false;
  *ret_s = g_date_time_to_unix(date);
  return true;
}

Slice tree_date_note(TreeBuilder *tree, Slice value)
{
  char text[TIME_TEXT_MAX];
  int64_t date_s;

  if (tree->time_ns == TIME_NONE || !read_date(value, &date_s))
    return SLICE_NONE;
  int64_t apart_s = date_s - tree->time_ns / SECOND_NS;
  if (ABS(apart_s) <= SAME_S)
    return SLICE("as the capture says");
  duration_format(ABS(apart_s) * SECOND_NS, text);
  return tree_format(tree, "%s %s the capture's time", text, apart_s > 0 ? "ahead of" : "behind");
}
