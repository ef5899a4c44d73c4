/*
 * DisplayFilter: an expression over FIELDS that chooses calls or messages.
 *
 *   call.outcome == failed && from.user contains "49"
 *   any(message.status >= 500) or call.ring > 3s
 *   486 && alice
 *
 * A field alone asks whether the fact is there (a boolean: whether it is true); a word or "text"
 * alone is looked for in the octets of messages.  == and in are true when any of several values
 * is equal; != is the negation of ==, so it holds for absent facts and never for a fact that has
 * the value among others; every other comparison with an absent fact is false.  == minds the
 * case of texts, but not of words (FIELD_ENUM); contains and matches do not.  A pattern that
 * backtracks too long does not match.
 *
 * Where messages are chosen, facts of calls are asked of the message's call.  Where calls are
 * chosen, facts of messages that are joined by && are asked of one and the same message:
 * `message.method == INVITE && message.src == 10.0.0.1` holds when there is such a message.  Under
 * ! it is no such message: `!(message.status == 486)`, and so `message.status != 486` where no
 * other fact picks the message out.  any(A) && any(B) asks for two; all(A) holds when every message
 * is A.  Facts of either (from.*) are asked of the call, but of the message where they are joined
 * by && with facts that pick one out.
 */
#pragma once

#include "dissect/query/field.h"

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
 * The same for a call of any size, in turns; and again whenever the call has changed, when only
 * messages that came since are asked, where the others can have no other answer than before.
 * Good for one call, as long as the filter and the call are there.
 */
typedef struct FilterWalk FilterWalk;

FilterWalk *filter_walk_new(const DisplayFilter *filter);
void filter_walk_free(FilterWalk *walk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FilterWalk, filter_walk_free)

typedef struct {
  bool (*stop)(void *data); /* asked every few messages: is this turn over? */
  void *data;
} FilterStop;

/* `context` looks at the call.  False when it was stopped before there was an answer. */
G_GNUC_WARN_UNUSED_RESULT bool filter_walk_step(FilterWalk *walk, FieldContext *context,
                                                const FilterStop *stop, bool *ret_matches);

/* Does the answer for a message depend on more than the message: on its call, or others of it? */
bool display_filter_asks_calls(const DisplayFilter *filter);

/*
 * The calls it chooses, of all in the trace, as a bit for each call number (bit n - 1); freed with
 * g_free.  Parts that need octets are read in file order, once.  `stop` is asked from time to time
 * and may end it early (NULL: never); the answer is NULL then.
 */
uint64_t *display_filter_calls(const DisplayFilter *filter, const Trace *trace,
                               const StoreSet *stores, bool (*stop)(void *data), void *data);

/* The messages it chooses (const Message *), by number; as above. */
GPtrArray *display_filter_messages(const DisplayFilter *filter, const Trace *trace,
                                   const StoreSet *stores, bool (*stop)(void *data), void *data);

static inline bool display_filter_has_call(const uint64_t *calls, const Call *call)
{
  return (calls[(call->number - 1) / 64] >> (call->number - 1) % 64 & 1) != 0;
}
