/*
 * Saved filters: display filters under names, in the group [filters] of the configuration.  Where a
 * display filter is typed, "@NAME" alone is the one of that name.
 */
#pragma once

#include "ui/view/config/config.h"

/* Letters, digits, "-" and "_", and whatever is not ASCII: "@sip.example.com" is a word to search
 * for. */
bool saved_filter_name_is_valid(const char *name);

/* The filter of "@NAME"; of any other text, itself; freed with g_free.  Fails with
 * APP_ERROR_USAGE if none has that name. */
G_GNUC_WARN_UNUSED_RESULT char *saved_filter_expand(const Config *config, const char *text,
                                                    GError **error);

/* Reports those that are no filters, or have no valid name. */
void saved_filters_check(const Config *config, GPtrArray *complaints);
