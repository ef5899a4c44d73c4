/*
 * SipAddr and SipUri: addresses (RFC 3261 20.10, 25.1) and URIs (RFC 3261 19.1; tel: RFC 3966).
 *
 * SipAddr is a name-addr or addr-spec with its header parameters: the value of From, To and
 * Reply-To, and each value of Contact, Route, P-Asserted-Identity and others.  What is malformed
 * is read as it was most probably meant, and reported in `flaws`.
 * Slices of the text, with escapes as they are; nothing is allocated.
 */
#pragma once

#include "capture/slice.h"

enum {
  SIP_ADDR_QUOTE_OPEN = 1 << 0,   /* a quote is never closed */
  SIP_ADDR_ANGLE_OPEN = 1 << 1,   /* a < has no > */
  SIP_ADDR_DISPLAY_NAME = 1 << 2, /* neither tokens nor quoted */
  SIP_ADDR_TRAILING = 1 << 3,     /* text between > and the parameters */
  SIP_ADDR_SPACES = 1 << 4,       /* white space inside the <> */
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

/* The tag of a header value; faster than sip_addr_parse for values of the usual form. */
Slice sip_addr_tag_of(Slice value);

typedef enum {
  SIP_URI_OTHER, /* any other scheme: only `scheme` and `opaque` are set */
  SIP_URI_SIP,
  SIP_URI_SIPS,
  SIP_URI_TEL, /* the number is in `user` */
} SipUriKind;

typedef struct {
  SipUriKind kind;
  Slice scheme;
  Slice opaque;   /* all after "scheme:" */
  Slice user;     /* data == NULL without "@"; may be empty */
  Slice password; /* data == NULL without ":" */
  Slice host;     /* an IPv6 address keeps its brackets */
  uint16_t port;  /* 0: none */
  Slice params;   /* after the first ';', for sip_param_next; data == NULL without one */
  Slice headers;  /* after the '?'; data == NULL without one */
} SipUri;

/*
 * Reads a URI without <> around it.  False when it has no scheme, or a sip or sips URI has no
 * host or a bad host or port.
 */
bool sip_uri_parse(Slice text, SipUri *ret_uri);

/* The user of a sip or sips URI, the number of a tel URI, else absent; host and port may be bad. */
Slice sip_uri_user(Slice text);
