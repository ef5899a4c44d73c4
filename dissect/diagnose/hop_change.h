/*
 * HopChanges: what an element changed in a message between receiving and sending it: header fields
 * by their meaning (RFC 3261 7.3.1), the Request-URI, the session description or other body.
 *
 * What every proxy does is left out: its Via, Max-Forwards less one, Content-Length.  Slices of
 * both messages; nothing is allocated.  The cost is bounded for any messages.
 */
#pragma once

#include "dissect/sip/sip_msg.h"

enum { HOP_CHANGES_MAX = 48 };

typedef enum {
  HOP_ADDED,   /* or values of it, of a list */
  HOP_REMOVED, /* the same */
  HOP_CHANGED,
} HopChangeKind;

typedef enum {
  HOP_OF_URI, /* the Request-URI */
  HOP_OF_HEADER,
  HOP_OF_SDP,
  HOP_OF_BODY, /* of another type */
} HopChangePlace;

typedef struct {
  HopChangeKind kind;
  HopChangePlace place;
  SipHeader header;    /* of a header field; OTHER: only its name is known */
  Slice name;          /* "Contact", "Request-URI", "c=" */
  Slice before, after; /* the first value of each side, or the line; absent: none */
} HopChange;

typedef struct {
  HopChange items[HOP_CHANGES_MAX];
  size_t count;
  size_t left_out; /* beyond the limit */
} HopChanges;

void hop_changes_find(const SipMsg *before, const SipMsg *after, HopChanges *ret_changes);

/* Values of a header field that is a comma list, in all rows. */
unsigned sip_msg_count_values(const SipMsg *sip, SipHeader header);

/* The change of that header field; NULL if there is none. */
const HopChange *hop_changes_of(const HopChanges *changes, SipHeader header);
