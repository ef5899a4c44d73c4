/*
 * MessageList: the messages of a selection, ordered by number, collected by a job.
 *
 * Messages that arrive while the job runs may be missing.  Calls are held by number: messages of a
 * call that was evicted meanwhile are NULL.
 */
#pragma once

#include "ui/show/job.h"
#include "ui/show/selection.h"

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
