/*
 * SipAddr: a name-addr or addr-spec with its header parameters (RFC 3261 20.10, 25.1): the value
 * of From, To, Reply-To, and each value of Contact, Route, P-Asserted-Identity and so on.
 *
 * What is badly written is read as its writer most probably meant it, and told in `flaws`.
 */
#pragma once

#include "capture/slice.h"

enum {
  SIP_ADDR_QUOTE_OPEN = 1 << 0,   /* a quote is never closed */
  SIP_ADDR_ANGLE_OPEN = 1 << 1,   /* a < has no > */
  SIP_ADDR_DISPLAY_NAME = 1 << 2, /* not tokens, and not quoted */
  SIP_ADDR_TRAILING = 1 << 3,     /* something between > and the parameters */
  SIP_ADDR_SPACES = 1 << 4,       /* white space between < and > */
  SIP_ADDR_EMPTY = 1 << 5,        /* no URI */
};

typedef struct {
  Slice display; /* as written, with its quotes; empty without one */
  Slice uri;     /* the addr-spec, trimmed */
  Slice params;  /* of the header, for sip_param_next; data == NULL without a ';' */
  bool bracketed;
  uint8_t flaws; /* SIP_ADDR_... */
} SipAddr;

/* Reads one value, which must not be a list.  Never fails: see flaws. */
SipAddr sip_addr_parse(Slice value);

/* The header parameter `tag`, or absent. */
Slice sip_addr_tag(const SipAddr *addr);
/* The same of a whole header value, without taking it apart more than it needs. */
Slice sip_addr_tag_of(Slice value);
