/*
 * Arrival: a SIP message as the ingest thread hands it over: parsed, its keys hashed, its bytes in
 * the store.  Slices point into the batch and are valid until it is given back.
 */
#pragma once

#include "dissect/sip/gb_body.h"
#include "dissect/sip/sip_msg.h"
#include "dissect/stream/carrier.h"
#include "dissect/trace/message.h"

enum { ARRIVAL_SUBSCRIPTIONS = 2 };

typedef struct {
  SipMsg sip;
  RawMessage raw;    /* raw.ref is set in any case */
  Key call;          /* of the Call-ID, or of what replaces it */
  uint64_t from_tag; /* hash */
  Key transaction;   /* by branch, CSeq and its method; of an ACK: its INVITE's */
  Key second;        /* of an ACK: as a transaction of its own; of a CANCEL: its INVITE's */
  Key dialog;        /* Call-ID and both tags in any order; a missing tag counts as empty */
  /* Of a MESSAGE with a command of GB/T 28181: which exchange it belongs to, by command, serial
   * number, device, and the addresses of who asks and who is asked. */
  Key exchange;
  /* Of a SUBSCRIBE with such a command, and of a notification of it, which may be a MESSAGE: by
   * command, addresses, and the device in the body or in To, which is in From then. */
  Key subscription[ARRIVAL_SUBSCRIPTIONS];
  GbKind gb;            /* GB_NONE: it is none */
  GbKind gb_begins;     /* what kind of exchange it is: a response is one to a query or control */
  bool subscribes;      /* a SUBSCRIBE with such a command: `exchange` is set, `gb` is not */
  bool is_keepalive;    /* a Notify that nobody answers */
  uint32_t sent_by;     /* hash of the top Via's, which tells clients apart */
  uint32_t uri;         /* hash of the Request-URI, 0 for a response */
  uint32_t octets_hash; /* of ACK and 1xx, whose copies have all bytes equal; else 0 */
  bool malformed;       /* it has an anomaly of severity error */
  bool has_sdp;         /* a session description in the body */
  bool rfc2543;         /* no magic cookie in the top branch (RFC 3261 8.1.1.7) */
} Arrival;

/* Arrival.call of messages with that Call-ID. */
Key arrival_call_key(Slice call_id, uint64_t seed);

/* Fills all but raw, which the caller has set.  False if the bytes are not a SIP message. */
bool arrival_parse(Arrival *arrival, uint64_t seed);
