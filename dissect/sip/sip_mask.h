/*
 * SipMask: a message in which nothing names its users, their numbers, hosts and addresses any more.
 *
 * Everything is replaced in place by pseudonyms, in headers and bodies, so that what was equal
 * stays equal: Call-IDs, tags, branches, the addresses of session descriptions; lengths, offsets
 * and the grammar stay.  Only what is known to name nobody is kept: methods, statuses, options,
 * codecs, times, the software of User-Agent and Server.  Digests, nonces and keys are replaced like
 * names.  Bodies whose format is not known become a run of "x".
 */
#pragma once

#include "dissect/sip/pseudonym.h"

typedef struct {
  bool user_agents; /* also User-Agent and Server */
} SipMaskOptions;

/* `bytes`: a message as sip_msg_parse gets it.  False if it is none; it must not be used then. */
bool sip_mask_message(Pseudonyms *pseudonyms, SipMaskOptions options, uint8_t *bytes, size_t len);

/* --- Parts of it, for dissect/sip --- */

enum {
  MASK_NAMES = 1 << 0,      /* names of parameters stay, and values of those that name nobody */
  MASK_FIRST_WORD = 1 << 1, /* a scheme, or a package, before them */
  MASK_PROTOCOL = 1 << 2,   /* "SIP/2.0/UDP" before them */
  MASK_CALL_ID = 1 << 3,    /* a Call-ID before them */
  MASK_PARAMETERS = 1 << 4, /* nothing before them; commas and blanks are between them */
  MASK_PROSE = 1 << 5,      /* only addresses, URIs, hosts, long numbers and names that were met */
  MASK_SOFTWARE = 1 << 6,   /* not these names */
};

/* `text` may contain escapes (RFC 3261 19.1.2); `rules`: MASK_... */
void mask_text(Pseudonyms *pseudonyms, char *text, size_t len, unsigned rules);

/* Is it one of these, without case? */
bool mask_knows(const char *const *words, size_t count, Slice word);

/* All of it but blanks becomes `x`. */
void mask_blank(char *text, size_t len);

/* Rows of header fields, up to the empty line or the end; returns the Content-Type. */
Slice mask_rows(Pseudonyms *pseudonyms, SipMaskOptions options, char *text, size_t len);

/* A start-line, without its line end; `cut`: it has none. */
void mask_start_line(Pseudonyms *pseudonyms, char *line, size_t len, bool cut);

/* A body of that type, or part of one; `depth` in multipart bodies: 0 outside of them. */
void mask_body(Pseudonyms *pseudonyms, Slice type, char *text, size_t len, unsigned depth);

/* A session description (RFC 8866). */
void sdp_mask(Pseudonyms *pseudonyms, char *text, size_t len);
