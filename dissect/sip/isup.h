/*
 * ISUP messages in bodies (application/isup, RFC 3204; ITU-T Q.763): the message type and its
 * parameters.  The body begins with the type: it has neither a circuit code nor a routing label.
 *
 * A pull iterator over slices of the body.  Only parameters whose bytes are all there are given;
 * `faulty` says that something could not be read.
 */
#pragma once

#include "dissect/sip/sip_msg.h"

typedef struct {
  uint8_t code;     /* Q.763 table 5 */
  const char *name; /* "called party number"; NULL: not known */
  Slice bytes;      /* without code and length */
} IsupParam;

typedef struct {
  uint8_t type;       /* Q.763 table 4 */
  const char *name;   /* "IAM"; NULL: not known, and so are its parameters */
  const char *phrase; /* "initial address" */

  /* For isup_param_next. */
  Slice body;
  const void *format; /* the row of the type, or NULL */
  size_t at;          /* of the next fixed parameter, then of the next pointer */
  size_t optional_at; /* of the next optional one; 0: not there */
  unsigned index;     /* of the parameters so far */
  bool faulty;        /* a length or pointer leads out of the body */
} Isup;

/* The type; false for an empty body.  `ansi`: the body has the form of ANSI T1.113. */
bool isup_parse(Slice body, bool ansi, Isup *ret_isup);

/* Do the parameters of Content-Type say that it has that form (RFC 3204 2)? */
bool isup_is_ansi(Slice content_type);

bool isup_param_next(Isup *isup, IsupParam *ret_param);

enum { ISUP_DIGITS_MAX = 32 };

/* A number; its words are those of Q.763 3.9 and 3.10, NULL where they do not belong to it. */
typedef struct {
  char digits[ISUP_DIGITS_MAX + 1]; /* 0-9; B, C: code 11 and 12 */
  bool has_end;                     /* ST: no more digits follow */
  bool is_cut;                      /* it has more digits */
  const char *nature;               /* "national" */
  const char *plan;                 /* "E.164" */
  const char *presentation;         /* "restricted" */
  const char *screening;            /* "network provided" */
} IsupNumber;

/* False if the parameter is no number or too short for one. */
bool isup_number(const IsupParam *param, IsupNumber *ret_number);

typedef struct {
  uint8_t value;        /* Q.850 table 1, when the coding standard is that of ITU-T */
  bool is_q850;         /* else it is a national or another standard */
  const char *location; /* "user" */
} IsupCause;

bool isup_cause(const IsupParam *param, IsupCause *ret_cause);

/* What a group of bits of a parameter says. */
typedef struct {
  const char *name; /* NULL: it is all of the parameter */
  const char *text; /* NULL: a value without name */
  unsigned value;
} IsupIndicator;

/* The group number `index` of the parameter, from 0; false when it has no more. */
bool isup_indicator(const IsupParam *param, unsigned index, IsupIndicator *ret_indicator);

/* The Q.850 cause of the ISUP message in the content, at any depth; false without one. */
bool sip_msg_isup_cause(const SipMsg *msg, uint32_t *ret_cause);
