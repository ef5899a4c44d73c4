/*
 * SipMsg: what correlation needs of a message, read in one pass over the header block
 * (RFC 3261 7), as slices into the message's octets; nothing is copied or allocated.
 *
 * The parser is lenient: whatever can be understood is, and what was wrong is remembered
 * with its place.  Other header fields are read by SipHeaderIter when somebody asks, and
 * values by the pull iterators of sip_values.h.
 */
#pragma once

#include "dissect/sip/sip_names.h"

typedef enum {
  SIP_OK,   /* a message; look at anomalies */
  SIP_MORE, /* on a stream: the octets end before the header block does, what there is was read;
               a datagram gets no more, so that is SIP_OK with NO_EMPTY_LINE, not complete */
  SIP_BAD,  /* this is no SIP message */
} SipResult;

typedef struct {
  SipAnomalyId id;
  uint32_t offset; /* octet of the message */
} SipAnomaly;

enum { SIP_ANOMALIES_MAX = 12 };

/* A response whose code is not three digits from 100 to 699: it decides nothing. */
enum { SIP_STATUS_UNREADABLE = 1 };

typedef struct {
  Slice raw; /* all octets, without leading fillers */
  Slice start_line;
  size_t header_len; /* octets to the end of the empty line, or raw.len without one */
  Slice body;        /* what Content-Length says of it, cut to what there is */
  size_t extra;      /* octets behind the body (RFC 3261 18.3: discarded) */
  bool complete;     /* no octet of header or body is missing */

  bool is_request;
  SipMethod method; /* of a request, else NONE */
  Slice method_text;
  Slice uri;       /* Request-URI; without the <> that some put around it */
  unsigned status; /* of a response, else 0: 100..699, or SIP_STATUS_UNREADABLE */
  Slice reason;    /* may be empty */

  /*
   * Values as they stand, trimmed; with folds inside, if any (RFC 3261 7.3.1).  The first row
   * counts where there are several.  A row whose line end is missing may be cut: it is not read.
   */
  Slice call_id;
  uint32_t cseq; /* 0 where it cannot be read */
  SipMethod cseq_method;
  Slice cseq_method_text;
  Slice from, to, contact; /* whole header value; the first Contact value row */
  Slice from_tag, to_tag;
  Slice via;           /* the topmost value */
  Slice via_transport; /* "UDP" of "SIP/2.0/UDP" */
  Slice via_sent_by;   /* host[:port] */
  Slice via_branch;
  unsigned via_count; /* values in all rows */
  Slice content_type;
  bool has_content_length;
  uint64_t content_length;

  uint64_t seen; /* bit per SipHeader that was read: those of the slices above, Max-Forwards */
  unsigned anomaly_count; /* those beyond SIP_ANOMALIES_MAX are not kept, but counted */
  SipSeverity worst;      /* of all anomalies; NOTE when there are none */
  SipAnomaly anomalies[SIP_ANOMALIES_MAX];
} SipMsg;

/*
 * Reads one message that fills `octets` (a datagram, or what sip_frame cut out of a stream).
 * Fillers before the start-line (CR, LF, NUL) are skipped.  `on_stream`: Content-Length is
 * required (RFC 3261 18.3).
 */
SipResult sip_msg_parse(Slice octets, bool on_stream, SipMsg *ret_msg);

/* Could these octets begin a SIP message?  Cheap: the first octets and the first line. */
bool sip_msg_is_likely(Slice octets);

/* One row of the header block. */
typedef struct {
  SipHeader header;
  Slice name;  /* as written; data == NULL for a line without a colon, which is all value */
  Slice value; /* trimmed, folds inside */
  Slice row;   /* all its octets, with line end */
} SipHeaderRow;

/* Pull iterator over the rows.  Start with the message's header block behind the start-line. */
typedef struct {
  Slice rest;
} SipHeaderIter;

SipHeaderIter sip_header_iter(const SipMsg *msg);
bool sip_header_next(SipHeaderIter *iter, SipHeaderRow *ret_row);

/* The first row of that header field, long or compact; false when there is none. */
bool sip_msg_find(const SipMsg *msg, SipHeader header, SipHeaderRow *ret_row);
