/*
 * FlowExtend: searches the trace for calls that belong to given calls: legs of one conversation
 * across back-to-back user agents, and transfers.
 *
 * Facts are what calls say themselves: a header field of one contains the Call-ID of the other
 * (Replaces, RFC 3891; Join, RFC 3911; Target-Dialog, RFC 4538; X-Call-ID, X-CID), both have a
 * Session-ID (RFC 7989), or one follows a REFER of the other (RFC 3515, 3892).  Hints are only
 * likely: an INVITE with the same users, or with one of them through a host of the other call.
 *
 * Only calls that overlap the given ones in time, or nearly so, are read: their first message and
 * their REFERs.
 */
#pragma once

#include "dissect/trace/trace.h"
#include "ui/show/job.h"

/* Maximum number of calls to start from, and to find of each kind. */
enum { FLOW_EXTEND_MAX = 256 };

/* Stronger evidence is greater.  X-macro: HINT or FACT(id, text). */
#define FLOW_EVIDENCE(HINT, FACT)                                                                  \
  HINT(CALLED, "same callee, through the same host")                                               \
  HINT(CALLER, "same caller, through the same host")                                               \
  HINT(USERS, "same users")                                                                        \
  HINT(REFER_TO, "its target in Refer-To")                                                         \
  FACT(REFERRED, "Refer-To and Referred-By")                                                       \
  FACT(TARGET_DIALOG, "Target-Dialog")                                                             \
  FACT(JOIN, "Join")                                                                               \
  FACT(REPLACES, "Replaces")                                                                       \
  FACT(X_CALL_ID, "X-Call-ID")                                                                     \
  FACT(SESSION_ID, "Session-ID")

typedef enum {
  FLOW_EVIDENCE_NONE,
#define FLOW_EVIDENCE_ENUM(id, text) FLOW_EVIDENCE_##id,
  FLOW_EVIDENCE(FLOW_EVIDENCE_ENUM, FLOW_EVIDENCE_ENUM)
#undef FLOW_EVIDENCE_ENUM
    FLOW_EVIDENCE_COUNT,
} FlowEvidence;

typedef struct {
  uint32_t number; /* of the call */
  uint32_t of;     /* the one it belongs to */
  FlowEvidence evidence;
} FlowKin;

bool flow_evidence_is_fact(FlowEvidence evidence);
/* "Session-ID" */
const char *flow_evidence_text(FlowEvidence evidence);

/* "call 3 (Replaces)", "calls 3, 4 (Session-ID), 7 (same users) and 2 more"; of FlowKin. */
void flow_kin_append(GString *to, const GArray *kin);

typedef struct {
  const Trace *trace;
  const StoreSet *stores;
  const uint32_t *calls; /* numbers; copied */
  size_t count;
} FlowExtendSetup;

/* The results are complete once the job is done. */
typedef struct {
  Job job;
  GArray *facts, *hints; /* FlowKin */
} FlowExtend;

FlowExtend *flow_extend_new(const FlowExtendSetup *setup);
