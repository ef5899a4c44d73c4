/*
 * The parts of header field values (RFC 3261 7.3.1, 25.1): comma lists, parameters, tokens, quoted
 * strings, CSeq, RAck and Via.
 *
 * Pull iterators over slices: they allocate nothing, give slices of their input, treat folds as
 * blanks, and need linear time for any input.  A quote, < or ( that is never closed is an ordinary
 * character: it swallows nothing.  Only sip_unquote, sip_unfold and sip_unescape may copy, into
 * the arena.
 */
#pragma once

#include "capture/arena.h"
#include "capture/slice.h"
#include "dissect/sip/sip_names.h"

/* The values of a comma list.  Start with sip_list. */
typedef struct {
  Slice rest;
  bool ended;    /* the last value was given */
  uint8_t alone; /* opening characters that are known to have no partner in rest */
} SipListIter;

SipListIter sip_list(Slice value);

/*
 * The next value, trimmed; empty ones, too (the grammar forbids them, sip_check reports them).
 * Splits at commas outside of quoted strings, <> and () comments.  A blank list has no values.
 */
bool sip_list_next(SipListIter *iter, Slice *ret_value);

typedef struct {
  Slice name;
  Slice value; /* data == NULL without "="; a quoted string keeps its quotes */
  Slice extra; /* what follows white space that ended the value, against the grammar, or absent */
} SipParam;

/*
 * Takes the next of `;`-separated parameters from *params.  An empty parameter (";;") has an empty
 * name; a `;` at the end of the value adds none.
 */
bool sip_param_next(Slice *params, SipParam *ret_param);

/* The same for `,`-separated ones: credentials, after their scheme (RFC 3261 25.1). */
bool sip_auth_param_next(Slice *params, SipParam *ret_param);

/* What precedes the first ';'; *value becomes the parameters after it, absent without one. */
Slice sip_cut_params(Slice *value);

/* The first parameter of that name, without case; data == NULL for one without "=" ("lr"). */
bool sip_param_find(Slice params, Slice name, Slice *ret_value);

/* Takes LWS and a token from the start of *s.  Empty when there is none. */
Slice sip_take_token(Slice *s);

/* Takes `mark` and the LWS around it, if it is next; else leaves *s alone. */
bool sip_take_mark(Slice *s, char mark);

bool sip_is_token(Slice s);

/* Length of the quoted string that starts here, with both quotes; 0 when it is never closed. */
size_t sip_quoted_len(Slice s);

/* Without quotes and backslashes; a slice of the input where nothing has to be removed. */
Slice sip_unquote(Arena *arena, Slice quoted);

/* Every fold replaced by one SP (RFC 3261 7.3.1); the input itself when it has none. */
Slice sip_unfold(Arena *arena, Slice value);

/* %HH replaced by its byte, once (RFC 3261 19.1.2); the input itself when it has none. */
Slice sip_unescape(Arena *arena, Slice text);

/* A CSeq value (RFC 3261 20.16). */
typedef struct {
  uint32_t number;  /* 0 when it does not fit */
  bool number_fits; /* into 32 bits; RFC 3261 8.1.1.5 requires less than 2^31 */
  SipMethod method;
  Slice method_text;
} SipCseq;

/* 1*DIGIT LWS Method, LWS around.  False when it does not have that form. */
bool sip_cseq_parse(Slice value, SipCseq *ret_cseq);

/* A RAck value (RFC 3262 7.2). */
typedef struct {
  uint32_t rseq; /* of the acknowledged response */
  SipCseq cseq;  /* of its request */
} SipRack;

/* 1*DIGIT LWS 1*DIGIT LWS Method.  False when it does not have that form, or rseq does not fit. */
bool sip_rack_parse(Slice value, SipRack *ret_rack);

/*
 * The parts of one Via value (RFC 3261 20.42, 25.1; rport: RFC 3581).
 *
 * There may be LWS around each "/", ":", ";" and "=".  Slices of the value; missing parameters
 * have data == NULL, and so have those without a value (see has_rport).
 */

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
 * Reads one value, which must not be a list.  False when it does not have that form, and then
 * *ret_via is undefined; a bad sent-by alone is not an error.
 */
bool sip_via_parse(Slice value, SipVia *ret_via);

/* The host of host[:port], trimmed. */
Slice sip_sent_by_host(Slice sent_by);

/* Is the branch the magic cookie and something more (RFC 3261 8.1.1.7, 17.2.3)? */
bool sip_branch_is_rfc3261(Slice branch);
