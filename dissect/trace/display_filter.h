/*
 * DisplayFilter: an expression over FIELDS that chooses calls or messages.
 *
 *   call.outcome == "failed" && from.user contains "49"
 *   any(message.status >= 500) or call.ring > 3s
 *
 * Compiled once, then asked of every call or message.  Where calls are chosen, a part on facts of
 * messages holds for a call that has such a message; where messages are, a part on facts of
 * calls is asked of the message's call.
 */
#pragma once

#include "dissect/trace/field.h"

typedef struct DisplayFilter DisplayFilter;

/*
 * Fails with APP_ERROR_USAGE on unknown names, wrong types and bad syntax.  The message has two
 * lines more: the expression, and a caret under the place; it names the nearest known field.
 */
G_GNUC_WARN_UNUSED_RESULT DisplayFilter *display_filter_new(const char *expression, GError **error);
void display_filter_free(DisplayFilter *filter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DisplayFilter, display_filter_free)

/* The answer for one call or message, whatever `context` looks at. */
bool display_filter_match(const DisplayFilter *filter, FieldContext *context);

/*
 * The calls it chooses, of all in the trace, as a bit for each call number (bit n - 1); freed with
 * g_free.  Parts that need octets are read in file order, once.  `stop` is asked from time to time
 * and may end it early (NULL: never); the answer is NULL then.
 */
uint64_t *display_filter_calls(const DisplayFilter *filter, const Trace *trace,
                               const StoreSet *stores, bool (*stop)(void *data), void *data);
