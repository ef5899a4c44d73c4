/*
 * Selection: which calls or messages are meant, for lists, reports, exports and saves alike: of all
 * that there are, those named by number or Call-ID, those whose numbers are given, those that a
 * display filter matches.  Everything that is given must hold; nothing given means all.
 *
 * Fill it in, bind it to a trace, then ask.  Names are remembered when they were found, so that the
 * others can be reported.  A filter is asked of messages and calls as they come, or of all calls at
 * once when the input has ended.  Texts and the filter are borrowed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "dissect/query/display_filter.h"
#include "ui/show/job.h"

typedef struct {
  GArray *calls, *messages, *streams; /* names: private */
  GArray *numbers;                    /* uint32_t, ascending: only these calls; NULL: any */
  uint64_t frame;                     /* Message.frame of the one message that is meant; or 0 */
  const DisplayFilter *filter;        /* or NULL */
  const Trace *trace;
  FieldContext context; /* of the filter */
  Arena scratch;
  CallBits *matched; /* see display_filter_calls; NULL: the filter has not been applied */
} Selection;

/* All calls and messages. */
Selection *selection_new(void);
void selection_free(Selection *selection);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Selection, selection_free)

/* Named by the user: a number, or a Call-ID spelled like this. */
void selection_name_call(Selection *selection, const char *text);
void selection_name_message(Selection *selection, uint32_t number);
void selection_name_stream(Selection *selection, uint32_t number);
void selection_set_filter(Selection *selection, const DisplayFilter *filter);

/* Only calls with these numbers, in any order; copied. */
void selection_set_calls(Selection *selection, const uint32_t *numbers, size_t count);
/* Only this message, which stays in its call. */
void selection_set_message(Selection *selection, const Message *message);

/* `trace` and `stores` must outlive it. */
void selection_bind(Selection *selection, const Trace *trace, const StoreSet *stores);

/* For fields of legs in its filter; they must outlive it. */
void selection_share(Selection *selection, Conversations *conversations);

/* Applies the filter to all calls there are; until then it excludes no call. */
void selection_apply_filter(Selection *selection);

/* Is everything meant, whatever there is? */
bool selection_is_all(const Selection *selection);

/* How many calls are named, and by which name, from 0, that call is; the first of those names if
 * there are several, 0 without any. */
size_t selection_call_names(const Selection *selection);
size_t selection_call_name(const Selection *selection, const Call *call);

/* The same if all are named by Call-IDs, of which `index` is one; 0 also if one may be a number. */
size_t selection_call_ids(const Selection *selection);
Slice selection_call_id(const Selection *selection, size_t index);

/* A new one with the same filter, and of the named calls only that of one name, from 0. */
Selection *selection_of_call_name(const Selection *selection, size_t name);

/* By names, and by the filter once it has been applied. */
bool selection_has_call(Selection *selection, const Call *call);
/* By names alone: the message, and its call. */
bool selection_names_message(Selection *selection, const Message *message);

/* Does the filter match, or is there none?  The call as it is now; the message, parsed as `sip`. */
bool selection_matches_call(Selection *selection, const Call *call);
bool selection_matches_message(Selection *selection, const Message *message, const SipMsg *sip);

/* By names, and by the filter, which is one of streams. */
bool selection_has_stream(Selection *selection, const RtpStream *stream);

/* Calls that may be meant, by index; NULL where one is not, or was evicted. */
size_t selection_call_count(const Selection *selection);
const Call *selection_call_at(Selection *selection, size_t index);
/* The same without looking at it: NULL only where it was evicted. */
const Call *selection_candidate_at(const Selection *selection, size_t index);

/* Appends a line (char *) for each name that was not found. */
void selection_append_missing(const Selection *selection, GPtrArray *lines);

/* A set of calls by number (from 1), such as the marked ones; one bit per call. */

typedef struct CallSet CallSet;

CallSet *call_set_new(void);
void call_set_free(CallSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CallSet, call_set_free)

bool call_set_has(const CallSet *set, uint32_t number);
/* Adds or removes it. */
void call_set_put(CallSet *set, uint32_t number, bool in);
void call_set_clear(CallSet *set);
size_t call_set_count(const CallSet *set);

/* The numbers in ascending order, as uint32_t. */
GArray *call_set_numbers(const CallSet *set);

/*
 * MessageList: the messages of a selection, ordered by number, collected by a job.
 *
 * Messages that arrive while the job runs may be missing.  Calls are held by number: messages of a
 * call that was evicted meanwhile are NULL.
 */

/* The count is complete once the job is done. */
typedef struct {
  Job job;
  size_t count;
} MessageList;

/* By numbers and names; a filter excludes calls if it has been applied.  The selection must be
 * bound, and outlive the list. */
MessageList *message_list_new(Selection *selection);

/* NULL if its call was evicted. */
const Message *message_list_at(const MessageList *list, size_t index);
