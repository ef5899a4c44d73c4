/*
 * The inside of Trace, for the files that file a message: trace.c (owner), transaction.c, dialog.c,
 * call.c, evict.c,
 * call_row.c, exchange.c.  Only they include it.
 *
 * The tables hold records whose first member is the key, so that a bare Key finds them.
 */
#pragma once

#include "capture/pool.h"
#include "capture/record_table.h"
#include "capture/sparse_array.h"
#include "dissect/trace/bursts.h"
#include "dissect/trace/call_rare.h"
#include "dissect/trace/call_streams.h"
#include "dissect/trace/stream_ends.h"
#include "dissect/trace/trace.h"

typedef struct {
  GPtrArray *names; /* char *; index is the id */
  GHashTable *ids;  /* name -> id */
  GArray *requests; /* uint64_t, by id */
  GArray *transactions;
} Methods;

/* Which call goes first at a limit: see evict.c. */
typedef struct {
  size_t oldest;   /* index of trace->calls below which all are gone or pinned */
  size_t unasked;  /* index from which on no call was asked whether it is finished */
  GArray *waiting; /* Asked: calls to ask again, in order of time */
  size_t first_waiting;
  GArray *finished;  /* uint32_t, a heap: numbers of calls that were finished when asked */
  GPtrArray *chosen; /* Call: that go next, and are not chosen again */
  GArray *pinned;    /* uint32_t: numbers of calls that go last */
} Evictor;

struct Trace {
  Limits limits;
  StoreSet *holder; /* of what messages refer to; NULL: nothing need be held */
  uint64_t seed;
  /* The records of all calls. */
  Pool message_pool, transaction_pool, dialog_pool;
  RecordTable *calls_by_id;  /* the newest of its Call-ID */
  RecordTable *transactions; /* the newest of its key */
  RecordTable *dialogs;
  RecordTable *exchanges, *names; /* CallKey: of queries, and further Call-IDs of calls */
  RecordTable *subscriptions;     /* CallKey: Arrival.subscription */
  SparseArray *calls;             /* Call, by number - 1; NULL where one was evicted */
  uint32_t call_count, messages;  /* records kept */
  uint32_t message_number, transaction_number;
  Methods methods;
  Arena endpoint_arena;
  RecordTable *endpoints;
  GPtrArray *endpoints_by_id; /* EndpointEntry; [0] is for those beyond the limit */
  Copiers *copiers;
  Notes *notes;
  Bursts *bursts;
  GPtrArray *streams; /* RtpStream, by number - 1; NULL where one was discarded */
  MediaBook *book;    /* NULL, as call_streams: media are not asked for */
  CallStreams *call_streams;
  RecordTable *streams_by_ends; /* the newest of source, destination and tunnel; may be empty */
  StreamEnds *stream_ends;
  Evictor evictor;
  TlsTable tls;
  TraceStats stats;
  Verifier *verifier; /* NULL: nothing can be proven */
  Remarks *remarks;
};

static inline void methods_count(GArray *counts, uint16_t method)
{
  g_array_index(counts, uint64_t, method)++;
}

/* The call of that arrival; NULL if it begins one. */
Call *call_find(const Trace *trace, const Arrival *arrival);
/* The same of a message with Arrival.gb; `newest`: of its Call-ID, or NULL. */
Call *exchange_find(const Trace *trace, const Arrival *arrival, Call *newest);
/* The call that has a further Call-ID with that key, or NULL. */
Call *exchange_of_name(const Trace *trace, const Key *call_id);
/* The message with Arrival.gb was filed into the call. */
void exchange_note(Trace *trace, Call *call, const Arrival *arrival);
/* A message of a SUBSCRIBE's call was filed, or a SUBSCRIBE with Arrival.subscribes. */
void subscription_note(Trace *trace, Call *call, const Message *message, const Arrival *arrival);
/* Takes its keys out of the tables. */
void exchange_forget(Trace *trace, Call *call);
/* Links a new call to those of its Call-ID, and out again. */
void call_link(Trace *trace, Call *call);
void call_unlink(Trace *trace, Call *call);
/* What kind of call such a message shows: its method, but INVITE for what is sent only in calls. */
uint16_t call_kind_of(uint16_t method);
/* The oldest attempt to call that is not over at that time; NULL if all are. */
Transaction *call_pending(Call *call, int64_t now_ns);
/* Does the caller, whose host that is, try again what was refused with 401, 407 or 3xx? */
bool call_is_retry(const Trace *trace, const Call *call, const Endpoint *src, int64_t now_ns);
/* The call of that arrival, made when it begins one. */
Call *call_file(Trace *trace, const Arrival *arrival);
/* Links the message into its call and counts it; needs transaction and dialog. */
void call_note(Trace *trace, Call *call, Message *message, const SipMsg *sip);
/* Keeps Call.deciders, after call_note; `begun`: what transaction the message began, or NULL. */
void call_note_decider(const Trace *trace, Call *call, Transaction *begun);
/* Keeps CallRare.facts, after call_note. */
void call_note_facts(Call *call, const Message *message);
/* A message of that dialog was filed: keeps Call.longest_ns and open_dialog. */
void call_note_duration(Call *call, const Dialog *dialog);
/* A dialog that has had its BYE lasted longer or shorter; call_note_duration is next. */
void call_note_correction(Call *call);
/* Sets Dialog.is_fork. */
void call_note_fork(Dialog *dialog);
/* Takes the call out of all tables and frees it. */
void call_evict(Trace *trace, Call *call);
/* With its records. */
void call_free(Trace *trace, Call *call);

/* Finds or begins the transaction of the message. */
void transaction_file(Trace *trace, Call *call, Message *message, const Arrival *arrival);

/* The newest dialog of the call with these tags, or NULL. */
Dialog *dialog_find(const Trace *trace, const Call *call, const Arrival *arrival);
/* Finds or begins the dialog of the message; needs its transaction. */
void dialog_file(Trace *trace, Call *call, Message *message, const Arrival *arrival);

/* Links the message into its transaction, marks copies; needs its dialog.  `uri` is that
 * of the arrival.  Returns the message of which this one is another sighting, or NULL. */
const Message *transaction_link(Message *message, uint32_t uri);

/* Of a message that was copied, and is another sighting of the original one; before call_note. */
void sighting_note(Trace *trace, const Message *original, const Message *message);

void evictor_init(Evictor *evictor);
void evictor_clear(Evictor *evictor);
/* Which call goes next, or NULL if there is none; it must be evicted before a message is added. */
Call *evictor_choose(Trace *trace);
/* The call, which was parked, got a message. */
void evictor_unpark(Trace *trace, Call *call);
