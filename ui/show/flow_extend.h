/*
 * FlowExtend: searches the trace for calls that belong to given calls: legs of one conversation
 * across back-to-back user agents, and transfers.
 *
 * Facts are what calls say themselves: a header field of one contains the Call-ID of the other
 * (Replaces, RFC 3891; Join, RFC 3911; Target-Dialog, RFC 4538; X-Call-ID, X-CID), both have the
 * same Session-ID (RFC 7989), icid-value (RFC 7315 5.6), GUID, or value of a header field that the
 * user named, the Call-ID of one is that of the other with a prefix or suffix, or one follows a
 * REFER of the other (RFC 3515, 3892).  Hints are only likely: an INVITE with the same users, or
 * with one of them through a host of the other call.
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
  FACT(CALL_ID, "Call-ID")                                                                         \
  FACT(GUID, "GUID")                                                                               \
  FACT(HEADER, "header")                                                                           \
  FACT(ICID, "ICID")                                                                               \
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
  unsigned header; /* of FLOW_EVIDENCE_HEADER: which of those that the user named */
} FlowKin;

/* Names of header fields that calls of one conversation have in common; NULL-terminated.  Of the
 * setting: "X-Trace-Ref; X-Conversation"; freed with g_strfreev. */
char **flow_leg_headers(const char *setting);

bool flow_evidence_is_fact(FlowEvidence evidence);
/* "Session-ID", or the name of the header field; `headers` as they were set up, or NULL. */
const char *flow_kin_text(const FlowKin *kin, const char *const *headers);

/* "call 3 (Replaces)", "calls 3, 4 (Session-ID), 7 (same users) and 2 more"; of FlowKin. */
void flow_kin_append(GString *to, const GArray *kin, const char *const *headers);

typedef struct {
  const Trace *trace;
  const StoreSet *stores;
  const uint32_t *calls; /* numbers; copied */
  size_t count;
  const char *const *headers; /* of flow_leg_headers; or NULL */
} FlowExtendSetup;

/* The results are complete once the job is done. */
typedef struct {
  Job job;
  GArray *facts, *hints; /* FlowKin */
  size_t left_out;       /* facts that were too many */
} FlowExtend;

FlowExtend *flow_extend_new(const FlowExtendSetup *setup);
