/*
 * Registrations: the bindings of addresses-of-record over time (RFC 3261 10), as the REGISTERs of
 * a trace and their responses show them.
 *
 * Add calls in any order and under any Call-ID, then finish: bindings and events can be read from
 * then on.  Nothing of it points into the trace: calls, messages and endpoints are numbers, texts
 * are copies.  Memory and time are linear in the REGISTERs, within the limits.
 */
#pragma once

#include "dissect/diagnose/call_reading.h"

/* What is beyond is counted in Registrations.left_out.  Contacts: of one address-of-record. */
typedef struct {
  uint32_t aors, attempts, contacts;
} RegistrationLimits;

extern const RegistrationLimits REGISTRATION_LIMITS_DEFAULT;

/* Longer addresses-of-record and contacts are left out; other texts are cut. */
enum { REGISTRATION_TEXT_MAX = 1024, REGISTRATION_NOTE_MAX = 256 };

/* clang-format off */
/* X-macro: what happened; names as in JSON. */
#define REGISTRATION_EVENTS(X)                                                                     \
  X(REGISTERED, "registered") /* bound, or bound again after its end */                            \
  X(REFRESHED, "refreshed")                                                                        \
  X(LISTED, "listed")         /* bound by a REGISTER that was not captured */                      \
  X(REPLACED, "replaced")     /* a 2xx does not list it any more, though it had time left */       \
  X(REMOVED, "removed")       /* as the client asked */                                            \
  X(LAPSED, "lapsed")         /* not refreshed in time */                                          \
  X(CHALLENGED, "challenged") /* 401 or 407 */                                                     \
  X(REJECTED, "rejected")     /* any other final response */                                       \
  X(UNANSWERED, "unanswered") /* no final response was captured */                                 \
  X(QUERIED, "queried")       /* a REGISTER without Contact */
/* clang-format on */

typedef enum {
#define REGISTRATION_ENUM(id, name) REGISTRATION_##id,
  REGISTRATION_EVENTS(REGISTRATION_ENUM)
#undef REGISTRATION_ENUM
    REGISTRATION_EVENT_COUNT,
} RegistrationEventKind;

const char *registration_event_name(RegistrationEventKind kind);

enum { REGISTRATION_NONE = UINT32_MAX };

typedef struct {
  int64_t time_ns;          /* of the request; of the response that granted or refused it */
  uint32_t aor;             /* index */
  uint32_t binding;         /* index, or REGISTRATION_NONE: it is about the whole AOR */
  uint32_t other;           /* REPLACED: the binding that came instead, or REGISTRATION_NONE */
  uint32_t call;            /* number, as the next two; of what granted a binding that lapsed */
  uint32_t request, final;  /* 0: not captured */
  uint32_t seconds;         /* granted; 423: what the registrar asks for at least; 0: none */
  uint16_t status;          /* 0: none */
  uint8_t kind;             /* RegistrationEventKind */
  bool has_credentials : 1; /* of the request */
  bool is_assumed : 1;      /* `seconds` were asked for, and no response says what was granted */
} RegistrationEvent;

/* One contact of an address-of-record.  Absent texts were not seen. */
typedef struct {
  Slice contact;             /* URI */
  uint64_t hash;             /* of it: private */
  Slice q, instance, reg_id; /* RFC 3261 20.10, RFC 5626 4.1 */
  Slice pub_gruu, temp_gruu; /* RFC 5627 */
  Slice path, service_route; /* RFC 3327, RFC 3608: all values, divided by commas */
  Slice user_agent;
  uint32_t aor;
  uint32_t next; /* binding of the same AOR, or REGISTRATION_NONE */
  uint32_t source,
    registrar;               /* trace_endpoint, of its client's newest REGISTER, on the first hop */
  int64_t first_ns, last_ns; /* first and newest REGISTER */
  int64_t since_ns;          /* bound since; TIME_NONE: it never was */
  int64_t granted_ns;        /* by the newest 2xx; TIME_NONE as above */
  int64_t expires_ns;        /* TIME_NONE: not known, or not bound any more */
  int64_t ended_ns;          /* TIME_NONE: it is bound, or never was */
  uint32_t seconds;          /* that were granted last */
  uint32_t refreshes, lapses, challenges, challenges_in_a_row, rejections;
  uint16_t status; /* of the newest final response, or 0 */
  uint8_t state;   /* RegistrationEventKind: the newest event that changed it */
  bool is_bound : 1;
  bool is_asked : 1;      /* a REGISTER of its client was captured */
  bool is_assumed : 1;    /* as in RegistrationEvent */
  bool is_behind_nat : 1; /* its host is an address, and not the one that it came from */
} RegistrationBinding;

typedef struct {
  Slice name; /* URI without parameters and escapes (RFC 3261 10.3) */
  uint64_t hash;
  uint32_t index;
  uint32_t first_binding, last_binding;
  uint32_t binding_count;
  uint32_t first_event, event_count;
} RegistrationAor;

typedef struct {
  uint64_t aors, attempts, contacts;
  uint64_t unreadable; /* REGISTERs whose bytes are gone */
} RegistrationsLeftOut;

typedef struct Registrations Registrations;
typedef struct RegisterMemo RegisterMemo;

/* `stores` may be NULL: nothing is read then.  `limits` is copied. */
Registrations *registrations_new(const Trace *trace, const StoreSet *stores,
                                 const RegistrationLimits *limits);
void registrations_free(Registrations *registrations);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Registrations, registrations_free)

/* What was read of calls, for several Registrations one after the other. */
RegisterMemo *register_memo_new(void);
void register_memo_free(RegisterMemo *memo);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RegisterMemo, register_memo_free)

/* Before the first call: calls are kept in the memo, and those that it has are not read again. */
void registrations_use_memo(Registrations *registrations, RegisterMemo *memo);

/* Reads its REGISTERs; those in `reading`, which may be NULL, were read before. */
void registrations_add_call(Registrations *registrations, const Call *call,
                            const CallReading *reading);

/* Reads the calls of the whole trace, and finishes; true while there is more to do.  Until the
 * last step the trace may grow and calls be evicted. */
bool registrations_step(Registrations *registrations, int64_t until_us);
/* Share of the calls that were read, from 0 to 1. */
double registrations_progress(const Registrations *registrations);

/* Once, after the last call. */
void registrations_finish(Registrations *registrations);

/* By time of their first REGISTER in the trace. */
uint32_t registrations_aor_count(const Registrations *registrations);
const RegistrationAor *registrations_aor(const Registrations *registrations, uint32_t index);
const RegistrationBinding *registrations_binding(const Registrations *registrations,
                                                 uint32_t index);
/* Those of an AOR are one after the other, by time. */
const RegistrationEvent *registrations_event(const Registrations *registrations, uint32_t index);
RegistrationsLeftOut registrations_left_out(const Registrations *registrations);

/* The binding in force that is nearest to its end, or else the newest; NULL if there is none. */
const RegistrationBinding *registrations_main_binding(const Registrations *registrations,
                                                      const RegistrationAor *aor);
