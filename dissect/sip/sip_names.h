/*
 * The names of SIP in tables: methods, header fields, reason phrases, anomalies.
 *
 * Methods are case-sensitive (RFC 3261 7.1), header names are not (7.3.1).  All texts are string
 * literals.
 */
#pragma once

#include "capture/slice.h"

/* X-macro: the methods of the IANA registry. */
/* clang-format off */
#define SIP_METHODS(X)                                                                             \
  X(INVITE) X(ACK) X(BYE) X(CANCEL) X(REGISTER) X(OPTIONS) X(PRACK) X(SUBSCRIBE) X(NOTIFY)         \
  X(PUBLISH) X(INFO) X(REFER) X(MESSAGE) X(UPDATE)
/* clang-format on */

typedef enum {
  SIP_METHOD_NONE,  /* of a response */
  SIP_METHOD_OTHER, /* any other token; its text is in the message */
#define SIP_METHOD_ENUM(name) SIP_METHOD_##name,
  SIP_METHODS(SIP_METHOD_ENUM)
#undef SIP_METHOD_ENUM
    SIP_METHOD_COUNT,
} SipMethod;

/* OTHER for a name that is not registered. */
SipMethod sip_method_from_slice(Slice name);

/* "INVITE"; NULL for NONE and OTHER. */
const char *sip_method_name(SipMethod method);

/* The registered reason phrase ("Ringing"), or NULL (RFC 3261 21). */
const char *sip_status_text(unsigned status);

/* How often a header field may occur in a message, and whether its rows are comma lists. */
typedef enum {
  SIP_HEADER_ONCE, /* one row with one value; commas are part of it */
  SIP_HEADER_LIST, /* any number of rows, each a comma list (RFC 3261 7.3) */
  SIP_HEADER_ROWS, /* any number of rows, never combined: the four of digest authentication */
} SipHeaderShape;

/* Where a header field has a meaning (RFC 3261 20, table 2); elsewhere it is ignored (7.3.2). */
typedef enum {
  SIP_HEADER_IN_ANY,
  SIP_HEADER_IN_REQUEST,
  SIP_HEADER_IN_RESPONSE,
} SipHeaderWhere;

/* The header fields; sip_header_info has name, compact form, shape and RFC. */
typedef enum {
  SIP_HEADER_OTHER,
#define SIP_HEADER(id, name, compact, shape, where, rfc) SIP_HEADER_##id,
#include "dissect/sip/sip_headers.def"
#undef SIP_HEADER
  SIP_HEADER_COUNT,
} SipHeader;

typedef struct {
  const char *name; /* as in the RFC */
  char compact;     /* lower-case letter, or 0 */
  SipHeaderShape shape;
  SipHeaderWhere where;
  unsigned rfc; /* 0: not defined by an RFC */
} SipHeaderInfo;

/* Long or compact, in any case; OTHER for an unknown name. */
SipHeader sip_header_from_slice(Slice name);

/* NULL for SIP_HEADER_OTHER. */
const SipHeaderInfo *sip_header_info(SipHeader header);

typedef enum {
  SIP_SEVERITY_NOTE,    /* allowed, but worth knowing */
  SIP_SEVERITY_WARNING, /* violates the RFC, but the meaning is clear */
  SIP_SEVERITY_ERROR,   /* violates the RFC; a strict parser rejects it */
} SipSeverity;

/* "warning", ... */
const char *sip_severity_name(SipSeverity severity);

/* What can be wrong with a message; sip_anomaly_info has severity, RFC section and text. */
typedef enum {
#define SIP_ANOMALY(id, key, severity, section, text) SIP_ANOMALY_##id,
#include "dissect/sip/sip_anomalies.def"
#undef SIP_ANOMALY
  SIP_ANOMALY_COUNT,
} SipAnomalyId;

typedef struct {
  const char *id; /* "two-content-lengths", for scripts */
  SipSeverity severity;
  const char *section; /* "RFC 3261 20.14" */
  const char *text;    /* without a capital and a full stop */
} SipAnomalyInfo;

const SipAnomalyInfo *sip_anomaly_info(SipAnomalyId id);

/* What a Q.850 cause means (ITU-T Q.850 2.2); NULL if it is not known. */
const char *q850_cause_text(uint32_t cause);
