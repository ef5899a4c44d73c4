/*
 * CallCase: one call as the rules of diagnosis look at it: its transactions with what was sent in
 * them, and its dialogs with their requests.
 *
 * Prepared once per diagnosis in one pass over the messages; packets that were captured twice do
 * not count.  A transaction is one hop of a request (its branch).  Messages are read again only
 * where a rule needs their header fields.
 */
#pragma once

#include "dissect/diagnose/call_path.h"
#include "dissect/diagnose/capture_index.h"
#include "dissect/diagnose/endpoint_names.h"
#include "dissect/diagnose/finding.h"
#include "dissect/diagnose/registrations.h"
#include "dissect/trace/call_audio.h"
#include "dissect/trace/trace.h"

/* RFC 3261 17.1.1.1, 17.1.1.2: T1, and 64*T1, when timers B, F and H fire. */
#define T1_NS INT64_C(500000000)
#define TIMEOUT_NS (64 * T1_NS)
#define SECOND_NS INT64_C(1000000000)

typedef struct CaseTransaction CaseTransaction;
struct CaseTransaction {
  const Transaction *transaction;
  const Message *request, *last_request; /* first and newest sending; NULL: not captured */
  const Message *response;               /* the first of any kind, or NULL; and so on */
  const Message *provisional;            /* the first 101-199 */
  const Message *repeated;               /* the newest copy of a 101-199 that was sent again */
  const Message *final, *last_final;     /* first and newest sending of Transaction.final */
  const Message *other_2xx;              /* of another dialog than `final` */
  const Message *ack;                    /* of a non-2xx */
  const Dialog *dialog;                  /* that its request or its 2xx belongs to, or NULL */
  CaseTransaction *next_in_dialog;
  uint32_t requests, finals, repeats; /* times sent */
};

typedef struct {
  const Dialog *dialog;
  CaseTransaction *first, *last; /* all its transactions; the INVITE's with a 2xx among them */
  const CaseTransaction *invite; /* that created it, on the hop nearest to the caller; or NULL */
  const CaseTransaction *bye;    /* the first one, or NULL */
} CaseDialog;

/* Transactions after one that are searched for what it became. */
enum { CALL_CASE_WALK_MAX = 256 };

/* Messages that are read beside those of the path; the rules know nothing of those beyond. */
enum { CASE_LOADS_MAX = 4096 };

typedef struct {
  const Trace *trace;
  const StoreSet *stores; /* NULL: no message can be read */
  const Call *call;
  const CallSummary *summary;
  const MediaCall *media; /* NULL: it has no session descriptions */
  const GArray *streams;  /* CallStream */
  const CallPath *path;   /* and what was read of its messages */
  CaptureIndex *index;
  RegisterMemo *registers;
  EndpointNames names;
  Arena *arena;   /* of the texts, and of all below */
  int64_t now_ns; /* up to which the capture goes */

  CaseTransaction *transactions; /* by number */
  size_t transaction_count;
  bool lacks_addresses; /* of a message it is not known where it came from or went to */
  CaseDialog *dialogs;  /* by number */
  size_t dialog_count;
  /* The transactions of the attempt that decided over the call (see CallSummary): all hops and
   * forks of one request.  And the one whose final response counts, or NULL. */
  const CaseTransaction **attempt;
  size_t attempt_count;
  const CaseTransaction *decided;

  GString *words;     /* of a sentence, before they are copied to the arena */
  GHashTable *loaded; /* number of message -> SipMsg, or NULL */
  unsigned load_count;
} CallCase;

/* Sets all below `now_ns`; those above are the caller's. */
void call_case_prepare(CallCase *c);
void call_case_clear(CallCase *c);

const CaseTransaction *call_case_transaction(const CallCase *c, const Transaction *transaction);
const CaseDialog *call_case_dialog(const CallCase *c, const Dialog *dialog);

/* The first ACK that the client of an INVITE sent for its final response, or NULL. */
const Message *call_case_ack(const CallCase *c, const CaseTransaction *ct);

/* The message of that number, if it is of this call and was read; or NULL. */
const Message *call_case_message(const CallCase *c, uint32_t number);

/* The message, read again; NULL if it is NULL or cannot be read. */
const SipMsg *call_case_load(CallCase *c, const Message *message);
/* The same if it has what is asked for (MESSAGE_SAYS_...), else NULL: then it is not read. */
const SipMsg *call_case_load_saying(CallCase *c, const Message *message, unsigned says);

/* Do two endpoints (trace_endpoint) have the same address? */
bool call_case_same_host(const CallCase *c, uint32_t a, uint32_t b);

/* One severity less where what is missing may only not have been captured. */
void call_case_weaken(const CallCase *c, Finding *finding);

/* The message proves the finding; the first one has its time.  Either may be NULL. */
void call_case_prove(Finding *finding, const Message *message);

/* The endpoint at fault (trace_endpoint), and the status that it sent or 0. */
void call_case_blame(const CallCase *c, Finding *finding, uint32_t endpoint, unsigned status);
