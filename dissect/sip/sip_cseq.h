/*
 * CSeq and RAck: the numbers that order requests (RFC 3261 20.16, RFC 3262 7.2).
 */
#pragma once

#include "dissect/sip/sip_names.h"

typedef struct {
  uint32_t number;  /* 0 when it does not fit */
  bool number_fits; /* in 32 bits; RFC 3261 8.1.1.5 wants less than 2^31 */
  SipMethod method;
  Slice method_text;
} SipCseq;

/* 1*DIGIT LWS Method, LWS around.  False when it is not of that form. */
bool sip_cseq_parse(Slice value, SipCseq *ret_cseq);

typedef struct {
  uint32_t rseq; /* of the response that is acknowledged */
  SipCseq cseq;  /* of its request */
} SipRack;

/* 1*DIGIT LWS 1*DIGIT LWS Method.  False when it is not of that form, or rseq does not fit. */
bool sip_rack_parse(Slice value, SipRack *ret_rack);
