/*
 * LegEvidence: what can show that two calls are legs of one conversation, and how much it is worth.
 *
 * A fact links two calls by itself.  A hint only makes it likely: it is reported, and never links
 * calls, however many hints agree.
 */
#pragma once

#include <stdbool.h>

#include "capture/slice.h"

/* How two calls with the same value are matched. */
typedef enum {
  LEG_LIKELY,   /* a hint: the same value at nearly the same time */
  LEG_FOLLOWED, /* one call had the value first and the other follows within the window: a fact only
                   if no other call could be the first one, else a hint */
  LEG_RELAYED,  /* the same, while the first one goes on */
  LEG_NAMED,    /* a header field of one call contains the Call-ID of the other */
  LEG_SHARED,   /* a value that is made for one conversation */
} LegRule;

/* clang-format off */
/* X-macro: EVIDENCE(id, text, percent, rule, seconds of the window).  Stronger evidence is
 * greater. */
#define LEG_EVIDENCE(EVIDENCE)                                                                    \
  EVIDENCE(CALLED, "same callee, through the same host", 30, LIKELY, 5)                           \
  EVIDENCE(CALLER, "same caller, through the same host", 30, LIKELY, 5)                           \
  EVIDENCE(USERS, "same users", 50, LIKELY, 5)                                                    \
  EVIDENCE(REFER_TO, "Refer-To", 80, FOLLOWED, 5)               /* RFC 3515 */                    \
  EVIDENCE(REDIRECT, "Contact of the 3xx", 80, FOLLOWED, 5)     /* RFC 3261 8.1.3.4 */            \
  EVIDENCE(MEDIA, "media address", 85, RELAYED, 5)              /* RFC 8866 5.14 */               \
  EVIDENCE(SSRC, "y= and channel", 85, RELAYED, 5)              /* GB/T 28181-2022 G.1 */         \
  EVIDENCE(ORIGIN, "SDP origin", 90, RELAYED, 5)                /* RFC 8866 5.2 */                \
  EVIDENCE(CALL_ID, "Call-ID", 90, SHARED, 0)                                                     \
  EVIDENCE(DIVERSION, "Diversion", 90, RELAYED, 180)            /* RFC 5806 */                    \
  EVIDENCE(HISTORY_INFO, "History-Info", 90, RELAYED, 180)      /* RFC 7044 */                    \
  EVIDENCE(HEADER, "header", 95, SHARED, 0)                                                       \
  EVIDENCE(GUID, "GUID", 95, SHARED, 0)                                                           \
  EVIDENCE(ICID, "ICID", 95, SHARED, 0)                         /* RFC 7315 5.6 */                \
  EVIDENCE(REFERRED, "Referred-By", 95, FOLLOWED, 32)           /* RFC 3892 */                    \
  EVIDENCE(X_CALL_ID, "X-Call-ID", 96, NAMED, 0)                                                  \
  EVIDENCE(TARGET_DIALOG, "Target-Dialog", 97, NAMED, 0)        /* RFC 4538 */                    \
  EVIDENCE(JOIN, "Join", 97, NAMED, 0)                          /* RFC 3911 */                    \
  EVIDENCE(REFER_REPLACES, "Refer-To with Replaces", 98, NAMED, 0)/* RFC 3891 4 */                \
  EVIDENCE(SESSION_ID, "Session-ID", 99, SHARED, 0)             /* RFC 7989 */                    \
  EVIDENCE(REPLACES, "Replaces", 99, NAMED, 0)                  /* RFC 3891 */
/* clang-format on */

typedef enum {
  LEG_EVIDENCE_NONE,
#define LEG_EVIDENCE_ENUM(id, text, percent, rule, seconds) LEG_EVIDENCE_##id,
  LEG_EVIDENCE(LEG_EVIDENCE_ENUM)
#undef LEG_EVIDENCE_ENUM
    LEG_EVIDENCE_COUNT,
} LegEvidence;

typedef struct {
  const char *text; /* of HEADER: see leg_evidence_text */
  unsigned percent;
  LegRule rule;
  unsigned window_s;
} LegEvidenceRow;

extern const LegEvidenceRow LEG_EVIDENCES[LEG_EVIDENCE_COUNT];

static inline bool leg_rule_is_unique(LegRule rule)
{
  return rule == LEG_FOLLOWED || rule == LEG_RELAYED;
}

static inline bool leg_evidence_is_hint(LegEvidence evidence)
{
  return LEG_EVIDENCES[evidence].rule == LEG_LIKELY;
}

/* "Session-ID"; of a header field that the user named its name.  `headers` as they were set up, or
 * NULL. */
const char *leg_evidence_text(LegEvidence evidence, unsigned header, const char *const *headers);

/* Names of header fields that legs of one conversation have in common, or that contain the Call-ID
 * of another leg; NULL-terminated.  Of the setting: "X-Trace-Ref; X-Conversation"; freed with
 * g_strfreev. */
char **leg_headers_parse(const char *setting);
