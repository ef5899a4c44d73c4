/*
 * MessageList: the messages of a selection in the order of their numbers, collected in slices.
 *
 * The trace may grow meanwhile: what comes later may be missing.  Calls are held by number, so the
 * messages of one that is evicted are no longer given.
 */
#pragma once

#include "ui/show/selection.h"

typedef struct MessageList MessageList;

/* By numbers and names; a filter excludes calls where it has been applied.  The selection must be
 * bound, and outlive the list. */
MessageList *message_list_new(Selection *selection);
void message_list_free(MessageList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MessageList, message_list_free)

/* Some work, a fraction of a millisecond of it; true while more is to do. */
bool message_list_step(MessageList *list);

/* From 0 to 1. */
double message_list_progress(const MessageList *list);

/* When all is done.  NULL where a call was evicted. */
size_t message_list_count(const MessageList *list);
const Message *message_list_at(const MessageList *list, size_t index);
