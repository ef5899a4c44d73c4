/*
 * SipFramer: finds the borders of SIP messages in a stream of bytes (RFC 3261 7.5, 18.3).
 *
 * Feed bytes, report gaps and the end, and pull messages until there are none.  A
 * message that lies whole in what was fed is shown where it lies; one that was fed in parts
 * is put together in the framer's buffer.  After loss or garbage the framer looks for the
 * next line that can only be a start-line, and counts what it passes over.  So it does where a
 * Content-Length is too large: a message that begins inside of a body ends that, which is given as
 * cut.
 *
 * The framer is embedded and bounded: it keeps one message of at most `message_max` bytes, or a
 * few KiB while it has lost its way.
 */
#pragma once

#include "capture/slice.h"

typedef enum {
  SIP_FRAMER_START,  /* a message begins here, after fillers */
  SIP_FRAMER_HEADER, /* the header block's end is not here yet */
  SIP_FRAMER_BODY,   /* header_len and total are known */
  SIP_FRAMER_PASS,   /* `left` bytes more, then what is kept is a message */
  SIP_FRAMER_DROP,   /* `left` bytes more belong to a message that was too long */
  SIP_FRAMER_LOST,   /* no message border is known */
} SipFramerState;

typedef struct {
  SipFramerState state;
  SipFramerState then; /* after PASS */
  size_t message_max;
  char *buffer; /* kept bytes, and input that was added to them */
  size_t buffer_len, buffer_room;
  size_t joint;             /* where the input begins in the buffer */
  bool buffered;            /* the view lies in the buffer, else in the input */
  Slice input;              /* what was fed; the caller's */
  size_t begin;             /* of the view */
  size_t line;              /* HEADER: start of the line that is looked at; in the view, as below */
  size_t scanned;           /* no line ends before here */
  size_t content_length_at; /* first Content-Length row, 0 before it was seen */
  size_t content_type_at;   /* the same of Content-Type */
  size_t header_len;        /* in BODY */
  bool is_short;            /* BODY: Content-Length was too large */
  bool mid_line;            /* LOST: nothing can begin before the next line */
  bool fresh;               /* LOST: nothing was passed over yet */
  bool tail;                /* the message's first bytes are missing */
  uint64_t total;           /* bytes of the message in BODY */
  uint64_t left;
  uint64_t skipped; /* bytes passed over in search of a start-line */
} SipFramer;

typedef struct {
  Slice octets;    /* valid until the next call */
  bool from_input; /* they lie in what was fed */
  bool cut;        /* bytes are missing */
} SipFrame;

/* `in_sync`: the first byte fed begins a message. */
void sip_framer_init(SipFramer *framer, size_t message_max, bool in_sync);
void sip_framer_clear(SipFramer *framer);

/* The next bytes; they must live until sip_framer_next gives false. */
void sip_framer_feed(SipFramer *framer, Slice bytes);

/* Here `len` bytes of the stream are missing. */
void sip_framer_gap(SipFramer *framer, uint64_t len);

/* Nothing more comes. */
void sip_framer_end(SipFramer *framer);

bool sip_framer_next(SipFramer *framer, SipFrame *ret_frame);

/* Does an exact start-line begin inside of the first line, which is none itself?  Such bytes are
 * not a message: they quote one. */
bool sip_begins_inside(Slice bytes);

/* Bytes of what was fed that are after the message given last. */
static inline size_t sip_framer_left(const SipFramer *framer)
{
  return framer->buffered ? framer->input.len : framer->input.len - framer->begin;
}

/* Bytes kept for a message whose rest is to come. */
static inline size_t sip_framer_kept(const SipFramer *framer)
{
  return framer->buffer_len;
}
