/*
 * The inside of Registrations, for registrations.c (owner, reading), register_memo.c (what was
 * read) and registration_history.c (what happened).  Only they include it.
 */
#pragma once

#include "capture/record_table.h"
#include "dissect/diagnose/register_reading.h"
#include "dissect/diagnose/registrations.h"

/* Transactions after one in which its next hop is recognized. */
enum { REGISTRATION_HOPS_KEPT = 8 };

/* One REGISTER and its final response, on one hop. */
typedef struct {
  int64_t time_ns, final_ns; /* TIME_NONE: not captured */
  uint32_t aor, call, request, final, source, registrar;
  uint32_t first_contact, contact_count, min_expires;
  uint16_t status;
  bool removes_all : 1;
  bool lists : 1; /* as in RegisterReading, as the next two */
  bool has_credentials : 1;
  bool is_stale : 1;
} RegistrationAttempt;

typedef struct {
  uint32_t binding, seconds;
  bool is_asked : 1;
  bool is_listed : 1;
  bool is_known : 1;   /* how long it lasts */
  bool is_assumed : 1; /* it is what was asked for */
  bool is_removal : 1;
} RegistrationGrant;

/* A transaction that was read, to recognize the same request on the next hop. */
typedef struct {
  uint64_t from_tag, contact;
  uint32_t cseq;
  bool is_granted;
} RegistrationHop;

struct Registrations {
  const Trace *trace;
  const StoreSet *stores;
  RegistrationLimits limits;
  RegistrationsLeftOut left_out;
  uint64_t seed;
  Arena arena;   /* of AORs, bindings and texts */
  Arena scratch; /* of one REGISTER */
  RecordTable *by_name;
  GPtrArray *aors, *bindings;
  GArray *attempts, *contacts; /* until all is finished */
  GArray *events;
  RegistrationHop hops[REGISTRATION_HOPS_KEPT];
  size_t hop_count;
  RegisterMemo *memo;         /* or NULL */
  const CallReading *reading; /* of the call that is added, or NULL */
  bool is_finished;

  /* Where the reading of the whole trace is; `at` is valid while nothing was evicted. */
  size_t next_call;
  uint32_t read_up_to; /* number of the transaction before it */
  const Transaction *at;
  uint64_t evictions;
};

static inline RegistrationBinding *registrations_binding_at(const Registrations *r, uint32_t index)
{
  return r->bindings->pdata[index];
}

/* --- register_memo.c: what the REGISTERs of calls of few transactions said -------------------- */

/* A REGISTER that was read.  Its attempt has no `aor` and no contacts yet. */
typedef struct RegisterEntry RegisterEntry;
struct RegisterEntry {
  RegisterEntry *next;
  RegistrationAttempt attempt;
  RegisterReading reading;
};

/* Of its hashes. */
uint64_t register_memo_seed(const RegisterMemo *memo);

/* Those of the call, in *ret_entries; false if it was not read, or has got messages since.  Valid
 * until the next call is begun. */
bool register_memo_find(const RegisterMemo *memo, const Call *call,
                        const RegisterEntry **ret_entries);

/* Between these, in order, its REGISTERs are added; without the end they are forgotten. */
void register_memo_begin(RegisterMemo *memo, const Call *call);
void register_memo_add(RegisterMemo *memo, const RegistrationAttempt *attempt,
                       const RegisterReading *reading);
void register_memo_end(RegisterMemo *memo, const Call *call);
