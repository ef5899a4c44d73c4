/*
 * The inside of Trace, for the files that file a message: trace.c (owner), methods.c,
 * transaction.c, dialog.c, call.c.  Nobody else includes it.
 *
 * The tables hold records whose first members are the key, so that a bare Key finds them;
 * a call is found by one on the stack that has nothing but hash and Call-ID.
 */
#pragma once

#include "dissect/trace/call_digest.h"
#include "dissect/trace/record_table.h"
#include "dissect/trace/trace.h"

typedef struct {
  uint64_t hash;
  Endpoint endpoint;
  uint32_t id;
} EndpointEntry;

typedef struct {
  GPtrArray *names; /* char *; index is the id */
  GHashTable *ids;  /* name -> id */
  GArray *requests; /* uint64_t, by id */
  GArray *transactions;
} Methods;

struct Trace {
  Limits limits;
  uint64_t seed;
  RecordTable *calls_by_id;
  RecordTable *transactions; /* the newest of its key */
  RecordTable *dialogs;
  GPtrArray *calls;  /* by number - 1; NULL where one was evicted */
  size_t oldest;     /* index below which all are evicted */
  uint32_t messages; /* records kept */
  uint32_t message_number, transaction_number, dialog_number;
  Methods methods;
  Arena endpoint_arena;
  RecordTable *endpoints;
  GPtrArray *endpoints_by_id; /* EndpointEntry; [0] is for those beyond the limit */
  TraceStats stats;
};

/* The id of a method, known or not; SIP_METHOD_OTHER beyond the limit. */
uint16_t methods_intern(Methods *methods, SipMethod method, Slice text, uint32_t limit);
void methods_init(Methods *methods);
void methods_clear(Methods *methods);
void methods_count(GArray *counts, uint16_t method);

/* The call of that arrival, or NULL. */
Call *call_find(const Trace *trace, const Arrival *arrival);
/* The same, made when it is the first of its Call-ID. */
Call *call_file(Trace *trace, const Arrival *arrival);
/* Links the message into its call and takes what it tells; needs transaction and dialog. */
void call_note(Trace *trace, Call *call, Message *message, const SipMsg *sip);
/* Takes the call out of all tables and frees it. */
void call_evict(Trace *trace, Call *call);
void call_free(Call *call);

/* Finds or begins the transaction of the message. */
void transaction_file(Trace *trace, Call *call, Message *message, const Arrival *arrival);

/* Finds or begins the dialog of the message; needs its transaction. */
void dialog_file(Trace *trace, Call *call, Message *message, const Arrival *arrival);

/* Links the message into its transaction, marks copies; needs its dialog.  `uri` is that
 * of the arrival. */
void transaction_link(Message *message, uint64_t uri);
