/*
 * SipMsg: the parts of a message that correlation needs, read in one pass over the header block
 * (RFC 3261 7).  All slices point into the message's bytes; nothing is copied or allocated.
 *
 * The parser is lenient: it keeps whatever can be understood, and records what was wrong as
 * anomalies with their offsets.  SipHeaderIter reads the other header fields on demand, the pull
 * iterators of sip_values.h read their values.
 */
#pragma once

#include "dissect/sip/sip_names.h"

#define SIP_BIT(header) (UINT64_C(1) << SIP_HEADER_##header)

/* The header fields that sip_msg_parse reads; it also reports which of them occur twice. */
#define SIP_MSG_READS                                                                              \
  (SIP_BIT(VIA) | SIP_BIT(FROM) | SIP_BIT(TO) | SIP_BIT(CALL_ID) | SIP_BIT(CSEQ) |                 \
   SIP_BIT(CONTACT) | SIP_BIT(MAX_FORWARDS) | SIP_BIT(CONTENT_TYPE) | SIP_BIT(CONTENT_LENGTH))

typedef enum {
  SIP_OK,   /* a message; see its anomalies */
  SIP_MORE, /* only on a stream: the bytes end inside the header block; what was there is read.
               A cut datagram is SIP_OK with the anomaly NO_EMPTY_LINE, and not complete. */
  SIP_BAD,  /* not a SIP message */
} SipResult;

typedef struct {
  SipAnomalyId id;
  uint32_t offset; /* from the start of SipMsg.raw */
} SipAnomaly;

/* What a body is without its Content-Encoding (sip_coding.h). */
typedef enum {
  SIP_CONTENT_PLAIN,   /* it has none: the body itself */
  SIP_CONTENT_ENCODED, /* not decoded yet: the body as it was sent */
  SIP_CONTENT_UNKNOWN, /* cannot be decoded: the same */
  SIP_CONTENT_DECODED,
  SIP_CONTENT_CUT,     /* only the beginning: it is too long */
  SIP_CONTENT_DAMAGED, /* only what comes before the fault */
} SipContentState;

typedef struct {
  Slice bytes;
  SipContentState state;
  size_t fault; /* DAMAGED: a byte of the body */
} SipContent;

/* Where a row begins, from the start of SipMsg.raw. */
typedef struct {
  uint16_t at;
  uint16_t header; /* SipHeader */
} SipRowPlace;

enum {
  SIP_ANOMALIES_MAX = 12,
  SIP_HEADER_WORDS = (SIP_HEADER_COUNT + 63) / 64,
  SIP_PLACES_MAX = 32,
};

/* The status of a response whose code is not three digits from 100 to 699. */
enum { SIP_STATUS_UNREADABLE = 1 };

typedef struct {
  Slice raw; /* all bytes, without leading fillers */
  Slice start_line;
  size_t header_len; /* to the end of the empty line, or raw.len without one */
  Slice body;        /* as long as Content-Length says, or to the end when less is there */
  SipContent content;
  size_t extra;  /* bytes after the body (RFC 3261 18.3: discarded) */
  bool complete; /* header and body are not cut */

  bool is_request;
  SipMethod method; /* of a request, else NONE */
  Slice method_text;
  Slice uri;       /* Request-URI, without <> around it */
  unsigned status; /* of a response, else 0: 100..699, or SIP_STATUS_UNREADABLE */
  Slice reason;    /* may be empty */

  /*
   * Values as written, trimmed; they may contain folds (RFC 3261 7.3.1).  The first row is used
   * where there are several.  A last row without line end may be cut, and is not read.
   */
  Slice call_id;
  uint32_t cseq; /* 0 where it cannot be read */
  SipMethod cseq_method;
  Slice cseq_method_text;
  Slice from, to, contact; /* whole header values; of Contact the first row */
  Slice from_tag, to_tag;
  Slice via;           /* the topmost value */
  Slice via_transport; /* "UDP" of "SIP/2.0/UDP" */
  Slice via_sent_by;   /* host[:port] */
  Slice via_branch;
  unsigned via_count; /* values in all rows */
  Slice content_type;
  Slice content_encoding; /* absent where there is none, or it is "identity" */
  bool has_content_length;
  uint64_t content_length;

  bool plain;    /* all rows and the Request-URI have their usual form: see sip_has_error */
  uint64_t seen; /* a bit per SipHeader that was read: those of the slices above, Max-Forwards */
  uint64_t rows[SIP_HEADER_WORDS]; /* a bit per SipHeader that has a row: see sip_msg_has */
  size_t placed_len;               /* to the end of the last row that is in `places` */
  unsigned place_count;
  unsigned anomaly_count; /* all of them; only the first SIP_ANOMALIES_MAX are kept */
  SipSeverity worst;      /* of all anomalies; NOTE when there are none */
  SipAnomaly anomalies[SIP_ANOMALIES_MAX];
  SipRowPlace places[SIP_PLACES_MAX]; /* of the first rows */
} SipMsg;

/*
 * Reads one message that fills `bytes` (a datagram, or one that the framer cut out of a stream).
 * Fillers before the start-line (CR, LF, NUL) are skipped.  `on_stream`: Content-Length is
 * required (RFC 3261 18.3).  *ret_msg borrows from `bytes`; after SIP_BAD it is undefined.
 */
SipResult sip_msg_parse(Slice bytes, bool on_stream, SipMsg *ret_msg);

/* The same for a message whose errors are known already: `plain` is false, which saves a sixth. */
SipResult sip_msg_parse_again(Slice bytes, bool on_stream, SipMsg *ret_msg);

/* May these bytes be the start of a SIP message?  Cheap: looks at the first line. */
bool sip_msg_is_likely(Slice bytes);

/* Is the content other bytes than the body? */
static inline bool sip_msg_is_decoded(const SipMsg *msg)
{
  return msg->content.state >= SIP_CONTENT_DECODED;
}

/* Is there a row of that header field, long or compact? */
static inline bool sip_msg_has(const SipMsg *msg, SipHeader header)
{
  return msg->rows[header / 64] >> (header % 64) & 1;
}

/* One row of the header block. */
typedef struct {
  SipHeader header;
  Slice name;  /* as written; data == NULL for a line without a colon: all of it is value */
  Slice value; /* trimmed, with folds inside */
  Slice row;   /* all bytes, with the line end */
} SipHeaderRow;

/* Pull iterator over rows; `rest` is a header block after its start-line. */
typedef struct {
  Slice rest;
  const SipMsg *msg; /* NULL: all rows */
  uint64_t wanted[SIP_HEADER_WORDS];
  unsigned place; /* the next one of msg->places */
} SipHeaderIter;

SipHeaderIter sip_header_iter(const SipMsg *msg);
/* Over the rows of these header fields, long or compact; it goes from one to the next. */
SipHeaderIter sip_header_iter_of(const SipMsg *msg, const SipHeader *headers, size_t count);
bool sip_header_next(SipHeaderIter *iter, SipHeaderRow *ret_row);

/* The first row of that header field, long or compact; false when there is none. */
bool sip_msg_find(const SipMsg *msg, SipHeader header, SipHeaderRow *ret_row);
