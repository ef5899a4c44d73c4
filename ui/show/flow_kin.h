/*
 * FlowKin: what makes a call belong to another one, and what a message says of other calls.
 *
 * What calls say themselves is a fact: a header field of one names the Call-ID of the other
 * (Replaces, RFC 3891; Join, RFC 3911; Target-Dialog, RFC 4538; X-Call-ID, X-CID), both have a
 * Session-ID (RFC 7989), or one was sent by whom a REFER of the other told to (RFC 3515, 3892).
 * What is only likely is a hint.
 */
#pragma once

#include <glib.h>

#include "capture/arena.h"
#include "dissect/sip/sip_msg.h"

/* A stronger one is greater.  X-macro: HINT or FACT(id, what a person reads). */
#define FLOW_EVIDENCE(HINT, FACT)                                                                  \
  HINT(CALLED, "same called, through the same host")                                               \
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

/* A Call-ID that a message names. */
typedef struct {
  FlowEvidence evidence;
  Slice call_id;
} FlowNamed;

enum { FLOW_NAMED_MAX = 4, FLOW_TARGETS_MAX = 2 };

/* Slices of the message or of the arena; absent where it says nothing. */
typedef struct {
  FlowNamed named[FLOW_NAMED_MAX];
  size_t named_count;
  Slice session_ids[2];            /* its own half and the peer's */
  Slice refer_to;                  /* URI, of a REFER */
  Slice targets[FLOW_TARGETS_MAX]; /* URIs, of an INVITE: Request-URI, To */
  Slice referrer;                  /* URI: who sent the REFER, or whose REFER the INVITE follows */
} FlowNames;

FlowNames flow_names_read(Arena *arena, const SipMsg *sip);
