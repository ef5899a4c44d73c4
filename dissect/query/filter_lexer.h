/*
 * FilterToken: the words, texts and signs of a display filter.  Private to the display filter.
 *
 * A word is all up to a space or a sign, so that 10.0.0.0/8, [2001:db8::1]:5060, 2026-01-02T03:04Z
 * and header["X-Account"] are one word each.  What a word means depends on its place; the parser
 * decides.
 */
#pragma once

#include <glib.h>

#include "capture/slice.h"

typedef enum {
  TOKEN_END,
  TOKEN_WORD,
  TOKEN_TEXT, /* in quotes, which `text` does not include; with its escapes */
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
  FILTER_OP_EXISTS, /* no operator: the field alone */
  FILTER_OP_EQUAL,
  FILTER_OP_UNEQUAL,
  FILTER_OP_LESS,
  FILTER_OP_AT_MOST,
  FILTER_OP_MORE,
  FILTER_OP_AT_LEAST,
  FILTER_OP_CONTAINS,
  FILTER_OP_MATCHES,
  FILTER_OP_IN,
} FilterOperator;

typedef struct {
  FilterTokenKind kind;
  FilterOperator op;
  bool is_word; /* spelled in letters: could be a value as well */
  Slice text;
  size_t at; /* byte of the expression */
} FilterToken;

/* Appends all tokens, the last is TOKEN_END.  Fails with APP_ERROR_USAGE. */
G_GNUC_WARN_UNUSED_RESULT bool filter_lex(Slice expression, GArray *tokens, GError **error);

/* Of what users typed no more than this is repeated in a message. */
enum { FILTER_QUOTE_MAX = 60 };
#define FILTER_QUOTE(s) SLICE_ARG(slice_head((s), FILTER_QUOTE_MAX))

/*
 * Sets APP_ERROR_USAGE for byte `at` of the expression: the message, the expression (or the part of
 * it around the fault), and a caret under the place.  Returns false.
 */
bool filter_fail(GError **error, Slice expression, size_t at, const char *format, ...)
  G_GNUC_PRINTF(4, 5);
