/*
 * SipUri: a URI taken apart (RFC 3261 19.1; tel: RFC 3966).
 *
 * Slices of the text it was read from, escapes left as they are.
 */
#pragma once

#include "capture/slice.h"

typedef enum {
  SIP_URI_OTHER, /* any other scheme: only `scheme` and `opaque` are set */
  SIP_URI_SIP,
  SIP_URI_SIPS,
  SIP_URI_TEL, /* the number is in `user` */
} SipUriKind;

typedef struct {
  SipUriKind kind;
  Slice scheme;
  Slice opaque;   /* all behind "scheme:" */
  Slice user;     /* data == NULL without "@"; may be empty */
  Slice password; /* data == NULL without ":" */
  Slice host;     /* an IPv6 address keeps its brackets */
  uint16_t port;  /* 0 when there is none */
  Slice params;   /* behind the first ';', for sip_param_next; data == NULL without */
  Slice headers;  /* behind the '?'; data == NULL without one */
} SipUri;

/*
 * Reads a URI without <> around it.  False when it has no scheme, or a sip or sips URI has no
 * host or a bad host or port.
 */
bool sip_uri_parse(Slice text, SipUri *ret_uri);

/* Behind "scheme:" and before "@": user of a sip or sips URI, number of a tel URI, else absent. */
Slice sip_uri_user(Slice text);

/*
 * Do both mean the same (RFC 3261 19.1.4)?  What is no sip or sips URI is compared octet by
 * octet, but for the case of the scheme.
 */
bool sip_uri_equal(Slice a, Slice b);

/* Octet by octet, but %HH of an unreserved character is that character (RFC 3261 19.1.4). */
bool sip_escaped_equal(Slice a, Slice b, bool any_case);
