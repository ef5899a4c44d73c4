/*
 * DisplayFilter: an expression over FIELDS that chooses calls or messages.
 *
 *   call.outcome == failed && from.user contains "49"
 *   any(message.status >= 500) or call.ring > 3s
 *   486 && alice
 *
 * A field alone tests whether it is present (a boolean: whether it is true); a word or "text"
 * alone is searched for in the bytes of messages.  == and in are true if any of several values is
 * equal; != is the negation of ==, so it is true for absent fields and false for a field that has
 * the value among others; every other comparison with an absent field is false.  == is
 * case-sensitive for text, but not for words (FIELD_ENUM); contains and matches are not.  A pattern
 * that backtracks too long does not match; display_filter_undecided counts such values.
 *
 * When messages are chosen, call fields are those of the message's call.  When calls are chosen,
 * message fields joined by && are tested on one and the same message:
 * `message.method == INVITE && message.src == 10.0.0.1` is true if there is such a message.  Under
 * ! there is no such message: `!(message.status == 486)`, and so is `message.status != 486` unless
 * another field picks the message out.  any(A) && any(B) takes two messages; all(A) is true if
 * every message is A.  Fields of either (from.*) are those of the call, but of the message where
 * they are joined by && with fields that pick one out.
 */
#pragma once

#include "dissect/query/field.h"
#include "dissect/query/filter_rows.h"

typedef struct DisplayFilter DisplayFilter;

/*
 * Fails with APP_ERROR_USAGE on unknown names, wrong types and bad syntax.  The message has two
 * more lines: the expression, and a caret under the place; it suggests the nearest known field.
 */
G_GNUC_WARN_UNUSED_RESULT DisplayFilter *display_filter_new(const char *expression, GError **error);
void display_filter_free(DisplayFilter *filter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DisplayFilter, display_filter_free)

/* The same for choosing streams, by their own fields alone: stream.lost > 0 */
G_GNUC_WARN_UNUSED_RESULT DisplayFilter *display_filter_new_for_streams(const char *expression,
                                                                        GError **error);

/*
 * The same for an expression typed on such a list, and words alone have another meaning: a state,
 * an outcome, a method or a class of statuses ("failed", "invite", "4xx") means that, any other
 * word is looked for in the texts of rows; `*` in it stands for any characters, and then it is a
 * whole word.  Texts in quotes, and words in any() and all(), are looked for in messages, as ever.
 * `rows` is copied; its data must live as long as the filter.
 */
G_GNUC_WARN_UNUSED_RESULT DisplayFilter *
display_filter_new_for_rows(const char *expression, const FilterRows *rows, GError **error);

/* How words and texts in such an expression were understood: "state failed, not rows containing
 * 'bob'"; "" if there are none. */
const char *display_filter_reading(const DisplayFilter *filter);

/* Does it look at the texts of rows, so that it depends on the columns shown? */
bool display_filter_reads_rows(const DisplayFilter *filter);

/*
 * How many different values a regular expression gave up on, so far: whoever shows what the filter
 * chose has to say so, as it may be wrong.
 */
uint64_t display_filter_undecided(const DisplayFilter *filter);

/*
 * The expression with its bare words in quotes, so that typed on a list it still means what it
 * means for -Y; freed with g_free.
 */
char *display_filter_quote_words(const char *expression);

/* Does it match the one call, message or stream that `context` looks at? */
bool display_filter_match(const DisplayFilter *filter, FieldContext *context);

/*
 * The same for a call of any size, in turns; and again whenever the call has changed, when only the
 * messages that came since are tested, unless the answer for the others can have changed.  For one
 * call, as long as the filter and the call exist.
 */
typedef struct FilterWalk FilterWalk;

FilterWalk *filter_walk_new(const DisplayFilter *filter);
void filter_walk_free(FilterWalk *walk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FilterWalk, filter_walk_free)

typedef struct {
  bool (*stop)(void *data); /* called every few messages: is this turn over? */
  void *data;
} FilterStop;

/* `context` looks at the call.  False if it was stopped before there was an answer. */
G_GNUC_WARN_UNUSED_RESULT bool filter_walk_step(FilterWalk *walk, FieldContext *context,
                                                const FilterStop *stop, bool *ret_matches);

/* Does it ask for a field that needs the offers and answers of all calls (trace_follow_media)? */
bool display_filter_needs_media(const DisplayFilter *filter);

/* Does a call that matches match for good, whatever else becomes of it? */
bool display_filter_is_steady(const DisplayFilter *filter);

/* One thing that a call must have to match, or that its message has. */
typedef struct {
  const Field *field; /* FIELD_STRING, FIELD_ENUM or FIELD_INTEGER */
  bool contains;      /* the text, in any case; else it is equal */
  Slice text;         /* borrowed from the filter */
  int64_t low, high;  /* of FIELD_INTEGER */
} FilterNeed;

/* Those that are joined by && and have one value: what has all of them need not match, what has not
 * cannot. */
GArray *display_filter_needs(const DisplayFilter *filter);

/* Does the answer for a message depend on more than the message: on its call, or others of it? */
bool display_filter_asks_calls(const DisplayFilter *filter);

/* Calls as a bit for each call number (bit n - 1), of those that there were. */
typedef struct {
  size_t count; /* of all numbers; calls that came later are not among them */
  uint64_t bits[];
} CallBits;

static inline bool call_bits_has(const CallBits *calls, const Call *call)
{
  size_t bit = call->number - 1;

  return bit < calls->count && (calls->bits[bit / 64] >> bit % 64 & 1) != 0;
}

/* The calls that match, of all in the trace that `like` looks at; freed with g_free.  Bytes that
 * are needed are read once, in file order. */
CallBits *display_filter_calls(const DisplayFilter *filter, const FieldContext *like);

/* The messages that match (const Message *), by number; as above. */
GPtrArray *display_filter_messages(const DisplayFilter *filter, const FieldContext *like);
