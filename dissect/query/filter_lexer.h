/*
 * FilterToken: the words, texts and signs of a display filter.  Private to the display filter.
 *
 * A word is all up to a space or a sign, so that 10.0.0.0/8, [2001:db8::1]:5060, 2026-01-02T03:04Z
 * and header["X-Account"] are one word each.  What a word means depends on where it stands; the
 * parser knows.
 */
#pragma once

#include <glib.h>

#include "capture/slice.h"

typedef enum {
  TOKEN_END,
  TOKEN_WORD,
  TOKEN_TEXT, /* in quotes, which `text` is without; escapes are still inside */
  TOKEN_OPERATOR,
  TOKEN_AND,
  TOKEN_OR,
  TOKEN_NOT,
  TOKEN_OPEN,       /* ( */
  TOKEN_CLOSE,      /* ) */
  TOKEN_OPEN_LIST,  /* { */
  TOKEN_CLOSE_LIST, /* } */
  TOKEN_COMMA,
} FilterTokenKind;

typedef enum {
  FILTER_EXISTS, /* no operator: the field alone */
  FILTER_EQUAL,
  FILTER_UNEQUAL,
  FILTER_LESS,
  FILTER_AT_MOST,
  FILTER_MORE,
  FILTER_AT_LEAST,
  FILTER_CONTAINS,
  FILTER_MATCHES,
  FILTER_IN,
} FilterOperator;

typedef struct {
  FilterTokenKind kind;
  FilterOperator op;
  bool is_word; /* spelt in letters: could be a value as well */
  Slice text;
  size_t at; /* octet of the expression */
} FilterToken;

/* Appends all tokens, the last is TOKEN_END.  Fails with APP_ERROR_USAGE. */
G_GNUC_WARN_UNUSED_RESULT bool filter_lex(Slice expression, GArray *tokens, GError **error);
