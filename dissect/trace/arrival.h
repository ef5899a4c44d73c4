/*
 * Arrival: a SIP message as the ingest thread hands it over: parsed, its keys hashed, its
 * octets in the store.  Slices point into the batch and are valid until it is given back.
 */
#pragma once

#include "dissect/sip/sip_msg.h"
#include "dissect/trace/carrier.h"
#include "dissect/trace/message.h"

typedef struct {
  SipMsg sip;
  RawMessage raw; /* raw.ref is set in any case */
  uint64_t call_hash;
  uint64_t from_tag;  /* hash */
  uint64_t uri;       /* hash */
  Key transaction;    /* request: by its method; response: by its CSeq method */
  Key by_cseq_method; /* request whose CSeq names another method: what its responses will have */
  Key dialog;         /* Call-ID and both tags in any order; only with a To tag */
  uint32_t octets_hash;
  bool rfc2543; /* no magic cookie in the top branch */
} Arrival;

/* Fills all but raw, which the caller has set.  False when the octets are no SIP message. */
bool arrival_parse(Arrival *arrival, uint64_t seed);
