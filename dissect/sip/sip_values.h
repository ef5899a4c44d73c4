/*
 * Header field values taken apart (RFC 3261 7.3.1, 25.1): comma lists, parameters, tokens,
 * quoted strings.
 *
 * Pull iterators over slices: they allocate nothing, give slices of what they were given,
 * take folds for blanks, and go over any octets in linear time.  A quote, < or ( that is
 * never closed is an ordinary character: it swallows nothing that follows.
 */
#pragma once

#include "capture/arena.h"
#include "capture/slice.h"

/* The values of a comma list.  Start with sip_list. */
typedef struct {
  Slice rest;
  bool ended;    /* the last value was given */
  uint8_t alone; /* characters that are known to have no partner in rest */
} SipListIter;

SipListIter sip_list(Slice value);

/*
 * The next value, trimmed; empty ones too (they are against the grammar, but somebody may want
 * to say so).  Splits at commas outside of quoted strings, <> and () comments.  A wholly blank
 * list has no values.
 */
bool sip_list_next(SipListIter *iter, Slice *ret_value);

typedef struct {
  Slice name;
  Slice value; /* data == NULL without "="; a quoted string keeps its quotes */
} SipParam;

/*
 * The next of `;`-separated parameters; *params goes on behind it.  An empty parameter (";;")
 * is given with an empty name; a `;` that ends the value adds none.
 */
bool sip_param_next(Slice *params, SipParam *ret_param);

/* The same for `,`-separated ones: digest credentials, behind their scheme (RFC 3261 25.1). */
bool sip_auth_param_next(Slice *params, SipParam *ret_param);

/* What stands before the first ';'; *value becomes the parameters behind it, absent without. */
Slice sip_cut_params(Slice *value);

/* Name in any case; the first one.  An absent value ("lr") is given as data == NULL. */
bool sip_param_find(Slice params, Slice name, Slice *ret_value);

/* The token at the start, behind LWS; *s goes on behind it.  Empty when there is none. */
Slice sip_take_token(Slice *s);

/* `mark` and the LWS around it, if it comes next; else *s stays. */
bool sip_take_mark(Slice *s, char mark);

bool sip_is_token(Slice s);

/* Length of the quoted string that starts here, with both quotes; 0 when it is never closed. */
size_t sip_quoted_len(Slice s);

/* Without quotes and backslashes; slice of the input where nothing has to be taken out. */
Slice sip_unquote(Arena *arena, Slice quoted);

/* Every fold replaced by one SP (RFC 3261 7.3.1); the input itself when it has none. */
Slice sip_unfold(Arena *arena, Slice value);

/* %HH replaced by the octet, once; the input itself when it has none (RFC 3261 19.1.2). */
Slice sip_unescape(Arena *arena, Slice text);
