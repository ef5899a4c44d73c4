/*
 * CallReading: the messages of one call, read again and parsed, so that all rules of a diagnosis
 * look at the same bytes and none of them is read twice.
 *
 * In order of arrival.  Duplicates (the same packet captured more than once) are left out, as is
 * what comes after the first CALL_READING_MAX messages: a call may have millions.
 */
#pragma once

#include "dissect/trace/trace.h"

enum { CALL_READING_MAX = 2000 };

typedef struct {
  const Message *message;
  SipMsg sip; /* its bytes are in the arena of the reading */
} ReadMessage;

typedef struct {
  const Trace *trace;
  const Call *call;
  ReadMessage *items;
  size_t count;
  uint32_t left_out;   /* messages beyond the limit */
  uint32_t unreadable; /* messages whose bytes are gone */
} CallReading;

/* `stores` may be NULL: nothing is readable then.  All of it is in the arena. */
CallReading call_reading_of(const Trace *trace, const Call *call, const StoreSet *stores,
                            Arena *arena);

/* NULL if it was left out. */
const ReadMessage *call_reading_find(const CallReading *reading, const Message *message);

/* The message of that number (Message.number), or NULL. */
const Message *call_reading_message(const CallReading *reading, uint32_t number);
