/*
 * SipVia: the parts of one Via value (RFC 3261 20.42, 25.1; rport: RFC 3581).
 *
 * There may be LWS around each "/", ":", ";" and "=".  Slices of the value; missing parameters
 * have data == NULL, and so have those without a value (see has_rport).
 */
#pragma once

#include "capture/slice.h"

typedef struct {
  Slice protocol; /* "SIP" */
  Slice version;  /* "2.0" */
  Slice transport;
  Slice sent_by; /* host[:port], as written */
  Slice host;    /* an IPv6 address keeps its brackets */
  uint16_t port; /* 0: none */
  Slice params;  /* all of them, for sip_param_next; data == NULL without a ';' */
  Slice branch, received, rport, maddr, ttl;
  bool has_rport;   /* also for "rport" without a value, as in requests */
  bool bad_sent_by; /* host or port cannot be read (such as an IPv6 address without []) */
  bool plain;       /* the parameters surely have no error: see sip_plain.h */
} SipVia;

/*
 * Reads one value, which must not be a list.  False when it does not have that form; a bad
 * sent-by alone is not an error.
 */
bool sip_via_parse(Slice value, SipVia *ret_via);

/* Is the branch the magic cookie and something more (RFC 3261 8.1.1.7, 17.2.3)? */
bool sip_branch_is_rfc3261(Slice branch);
