/*
 * CallReading: the messages of one call, read again and parsed, so that all rules of a diagnosis
 * look at the same bytes and none of them is read twice.
 *
 * In order of arrival.  Duplicates (the same packet captured more than once) are left out, as is
 * what comes after the first CALL_READING_MAX messages: a call may have millions.  Most rules look
 * at few messages: a lazy reading reads each when it is first asked for.
 */
#pragma once

#include "dissect/trace/trace.h"

enum { CALL_READING_MAX = 2000 };

typedef struct CallReader CallReader;

/* A message that is read when it is asked for. */
typedef struct {
  CallReader *reader;
  const SipMsg *sip; /* NULL: it was not read */
} LazySip;

typedef struct {
  const Message *message;
  LazySip *lazy; /* private: see read_message_sip */
} ReadMessage;

typedef struct {
  const Trace *trace;
  const Call *call;
  CallReader *reader;
  ReadMessage *items;
  size_t count;
  uint32_t left_out;   /* messages beyond the limit */
  uint32_t unreadable; /* messages whose bytes are gone */
} CallReading;

/* `stores` may be NULL: nothing is readable then.  All of it is in the arena. */
CallReading call_reading_of(const Trace *trace, const Call *call, const StoreSet *stores,
                            Arena *arena);

/* Its messages are read later, by one thread at a time.  `stores` and the arena must live as long.
 * What cannot be read is empty, and the reading fails: call_reading_of leaves it out. */
CallReading call_reading_begin(const Trace *trace, const Call *call, const StoreSet *stores,
                               Arena *arena);
bool call_reading_has_failed(const CallReading *reading);

/* For another thread, which has other stores. */
void call_reading_set_stores(const CallReading *reading, const StoreSet *stores);

const SipMsg *lazy_sip_read(LazySip *lazy, const Message *message);

/* Its bytes are in the arena of the reading. */
static inline const SipMsg *read_message_sip(const ReadMessage *read)
{
  return read->lazy->sip ? read->lazy->sip : lazy_sip_read(read->lazy, read->message);
}

/* NULL if it was left out. */
const ReadMessage *call_reading_find(const CallReading *reading, const Message *message);

/* The message of that number (Message.number), or NULL. */
const Message *call_reading_message(const CallReading *reading, uint32_t number);
