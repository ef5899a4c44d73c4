/*
 * PASSporTs (RFC 8225) in Identity header fields (RFC 8224): who vouches for a caller's number, and
 * in which words.  SHAKEN (RFC 8588) and div (RFC 8946) are extensions that add claims.
 *
 * In the full form a value is three parts in base64url: header, claims, signature.  In the compact
 * form the first two are left out, as the receiver can make them of the message; so does
 * passport_parse.  All texts are in the arena or the message; nothing is fetched.
 */
#pragma once

#include "capture/arena.h"
#include "dissect/sip/sip_msg.h"

enum {
  PASSPORT_LEN_MAX = 16 * 1024, /* of a value of Identity */
  PASSPORT_NUMBERS_MAX = 16,    /* of dest */
  PASSPORTS_MAX = 16,           /* values of a message that are read */
};

typedef struct {
  const char *fault; /* why it cannot be read, or what it lacks; NULL: all is there */
  bool is_compact;
  bool is_full; /* header and claims were sent, and could be decoded */

  Slice signed_text; /* header "." claims in base64url, which the signature covers; or absent */
  Slice signature;   /* its bytes */

  Slice alg, typ, ppt, x5u; /* of the header; of the compact form from the parameters */
  Slice attest, origid;     /* RFC 8588: "A", "B", "C" */
  Slice orig;               /* telephone number or URI */
  Slice div;                /* RFC 8946: who was diverted */
  Slice dest[PASSPORT_NUMBERS_MAX];
  unsigned dest_count;
  bool has_iat;
  int64_t iat_s; /* seconds since 1970 */

  Slice info, params; /* of the header field: the URI in <>, all parameters */
} Passport;

/* Reads one value of Identity.  The message is used for the compact form. */
void passport_parse(Arena *arena, const SipMsg *msg, Slice value, Passport *ret_passport);

/* The values of Identity, at most PASSPORTS_MAX; how many there are. */
size_t passport_values(const SipMsg *msg, Slice ret_values[PASSPORTS_MAX]);

/* RFC 8224 8.3: a telephone number without "+" and visual separators; absent if it is none. */
Slice passport_number(Arena *arena, Slice text);

/* "Sat, 13 Nov 2010 23:29:00 GMT" (RFC 3261 20.17) as seconds since 1970; false otherwise. */
bool sip_date_parse(Slice value, int64_t *ret_s);
