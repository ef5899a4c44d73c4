/*
 * SipVia: one Via value taken apart (RFC 3261 20.42, 25.1; rport RFC 3581).
 *
 * LWS may stand around each "/", ":", ";" and "=".  Slices of the value; parameters that are
 * not there have data == NULL, those without a value too (see has_rport).
 */
#pragma once

#include "capture/slice.h"

typedef struct {
  Slice protocol; /* "SIP" */
  Slice version;  /* "2.0" */
  Slice transport;
  Slice sent_by; /* host[:port], as written */
  Slice host;    /* an IPv6 address keeps its brackets */
  uint16_t port; /* 0 when there is none */
  Slice params;  /* all, for sip_param_next; data == NULL without a ';' */
  Slice branch, received, rport, maddr, ttl;
  bool has_rport;   /* a request asks with "rport" alone */
  bool bad_sent_by; /* its host or port cannot be read (an IPv6 address without [], say) */
} SipVia;

/*
 * Reads one value, which must not be a list.  False when it is not of that form; a sent-by that
 * cannot be taken apart does not hinder the rest.
 */
bool sip_via_parse(Slice value, SipVia *ret_via);

/* Does the branch begin with the magic cookie, and have more (RFC 3261 8.1.1.7, 17.2.3)? */
bool sip_branch_is_rfc3261(Slice branch);
