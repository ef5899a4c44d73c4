/*
 * FilterParser: what the two halves of the parser share: filter_parse.c reads how tests are
 * joined, filter_test.c reads one of them.
 */
#pragma once

#include "dissect/query/filter_error.h"
#include "dissect/query/filter_node.h"

typedef struct {
  Arena *arena;
  GPtrArray *regexes; /* owns them */
  Slice text;         /* the expression, in the arena */
  const FilterToken *tokens;
  size_t next;
  unsigned depth;
  bool in_loop; /* inside of any() or all() */
  GError **error;
} FilterParser;

static inline const FilterToken *filter_peek(const FilterParser *p)
{
  return &p->tokens[p->next];
}

/* The last token, END, is never passed. */
static inline const FilterToken *filter_take(FilterParser *p)
{
  const FilterToken *token = filter_peek(p);

  p->next += token->kind != TOKEN_END;
  return token;
}

/* A field with what is asked of it, or a text to search for; a word or a text is next. */
G_GNUC_WARN_UNUSED_RESULT bool filter_parse_test(FilterParser *p, FilterNode **ret_node);
