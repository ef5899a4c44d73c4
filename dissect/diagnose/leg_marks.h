/*
 * LegMarks: what the messages of a call say of other calls: values that other legs of the
 * conversation may have, too.
 *
 * A mark is the hash of a value (and of what must agree beside it, such as a host), so that calls
 * are found by one table of keys, however many there are.  A call is read in order of arrival, and
 * later from where reading ended; only messages that can have marks are read again, and of each
 * call only so many.
 */
#pragma once

#include "dissect/diagnose/leg_evidence.h"
#include "dissect/trace/trace.h"

/* Which side of a match the mark is.  Of LEG_SHARED and LEG_LIKELY all marks are alike, unless the
 * evidence has two sides. */
typedef enum {
  LEG_FIRST,  /* has the Call-ID, sent the REFER, received the description, was called first */
  LEG_SECOND, /* names it, follows it, sent it on */
  LEG_EITHER,
} LegSide;

typedef struct {
  uint64_t key;
  uint32_t call;           /* Call.number */
  uint32_t time_ms;        /* of the message, since the first packet */
  uint32_t previous, next; /* of the same key: the index's own */
  uint16_t header;  /* of LEG_EVIDENCE_HEADER: which; of a description: 1 in a response, else 0 */
  uint8_t evidence; /* LegEvidence */
  uint8_t side;     /* LegSide */
} LegMark;

/* What matters for what the legs are to each other; bits. */
enum {
  LEG_REFERS = 1 << 0,          /* it has a REFER */
  LEG_REFERS_REPLACES = 1 << 1, /* ... whose Refer-To has Replaces */
  LEG_TARGET_DIALOG = 1 << 2,   /* ... that names the dialog it is about */
  LEG_REPLACES = 1 << 3,        /* its INVITE replaces a dialog */
  LEG_EARLY_ONLY = 1 << 4,      /* ... only if that is early (RFC 3891 3) */
  LEG_REFERRED = 1 << 5,        /* its INVITE has Referred-By */
  LEG_FORWARDED = 1 << 6,       /* Diversion, History-Info with a cause, or a 181 */
};

/* How far a call was read.  All zero: not at all. */
typedef struct {
  const Message *last; /* valid as long as the trace has the call */
  uint16_t loads, refers, marks;
  uint16_t traits; /* LEG_REFERS... */
} LegProgress;

typedef struct LegNotes LegNotes;

typedef struct {
  const Trace *trace;
  StoreSet *stores;           /* a view; or NULL */
  const char *const *headers; /* of leg_headers_parse; or NULL */
  const LegNotes *notes;      /* what need not be read again; or NULL */
  uint64_t seed;
  GArray *marks;  /* LegMark: appended */
  GArray *values; /* Slice: the text of each mark, in `texts`; or NULL */
  Arena *texts;
  Arena scratch;     /* of one message */
  uint32_t until_ms; /* messages after that are passed over */
  /* Of the call that is being read. */
  const Call *call;
  LegProgress *progress;
  uint32_t time_ms;
} LegReader;

void leg_reader_init(LegReader *reader, const Trace *trace, const StoreSet *stores);
void leg_reader_clear(LegReader *reader);

/* Memory for the marks of so many calls, before the first one is read. */
void leg_reader_expect(LegReader *reader, size_t calls);

/* Appends the marks of messages that were not read yet. */
void leg_reader_read(LegReader *reader, const Call *call, LegProgress *progress);

/* The next message of the call: has it marks, and is it not one too many?  Counts it then. */
bool leg_progress_wants(LegProgress *progress, const Message *message);

/* Appends the marks of one message of reader->call, and notes its traits in reader->progress. */
void leg_reader_read_message(LegReader *reader, const Message *message, const SipMsg *sip);

/* Has it messages that were not read? */
static inline bool leg_progress_is_behind(const LegProgress *progress, const Call *call)
{
  return progress->last != call->last;
}

/* Keys by which another call is found whose Call-ID is that of the call without a prefix or suffix:
 * see leg_reader_id_parts. */
enum { LEG_ID_PARTS_MAX = 128 };

/* Keys of the parts of its Call-ID that another call may have as its whole Call-ID. */
size_t leg_reader_id_parts(LegReader *reader, const Call *call,
                           uint64_t ret_keys[LEG_ID_PARTS_MAX]);

/* Can the call be a leg at all?  Registrations, pings and publications are none. */
bool leg_is_possible(const Call *call);

static inline uint32_t leg_time_ms(const Trace *trace, int64_t time_ns)
{
  int64_t since_ns, first_ns = trace_counts(trace)->first_ns;

  if (first_ns == TIME_NONE || __builtin_sub_overflow(time_ns, first_ns, &since_ns) || since_ns < 0)
    return 0;
  return (uint32_t) MIN(since_ns / 1000000, (int64_t) UINT32_MAX);
}
