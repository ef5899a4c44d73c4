/*
 * MessageList: the messages of chosen calls in the order of their numbers, collected in slices.
 *
 * The trace may grow meanwhile: what comes later may be missing.  Calls are held by number, so the
 * messages of one that is evicted are no longer given.
 */
#pragma once

#include "dissect/trace/trace.h"

/* Which calls and messages are wanted. */
typedef struct {
  bool all;              /* calls that there are; else... */
  const uint32_t *calls; /* ...these: numbers, ascending */
  size_t call_count;
  uint32_t message; /* the only one of them, by number; 0: all */
} MessageChoice;

/* The calls of the choice by index; NULL where one was evicted. */
size_t message_choice_call_count(const MessageChoice *choice, const Trace *trace);
const Call *message_choice_call_at(const MessageChoice *choice, const Trace *trace, size_t index);

typedef struct MessageList MessageList;

/* What the choice points to must outlive it. */
MessageList *message_list_new(const Trace *trace, const MessageChoice *choice);
void message_list_free(MessageList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MessageList, message_list_free)

/* Some work, a fraction of a millisecond of it; true while more is to do. */
bool message_list_step(MessageList *list);

/* From 0 to 1. */
double message_list_progress(const MessageList *list);

/* When all is done.  NULL where a call was evicted. */
size_t message_list_count(const MessageList *list);
const Message *message_list_at(const MessageList *list, size_t index);
