/*
 * FilterNode: the tree of a display filter, as it was parsed and as it is evaluated.
 *
 * All of it is in the filter's arena except regular expressions, which the filter owns.  What a
 * node says about the tree below it is gathered as operands are added.  Private to the display
 * filter.
 */
#pragma once

#include "dissect/query/field.h"
#include "dissect/query/filter_pattern.h"
#include "dissect/query/filter_rows.h"
#include "dissect/query/filter_value.h"
#include "dissect/query/text_search.h"

/* Deeper nesting is refused, to bound recursion over a tree. */
enum { FILTER_DEPTH_MAX = 64 };

typedef struct {
  FieldRef ref;
  FilterOperator op; /* not UNEQUAL or IN: these are EQUAL to one of the values, or negated */
  bool negated;      /* != not in, not contains, not matches */
  FilterValue *values;
  size_t value_count;
  const TextSearch *search; /* CONTAINS */
  FilterPattern *pattern;   /* MATCHES */
  const Field *also;        /* NULL, or a field where it may hold, too */
  const FilterRows *rows;   /* NULL, or the texts of its row are tested, not the field */
} FilterTest;

typedef enum {
  NODE_AND,
  NODE_OR,
  NODE_NOT,
  NODE_TEST,
  NODE_ANY,     /* any(...): tested on the call's messages */
  NODE_ALL,     /* all(...) */
  NODE_OF_CALL, /* tested on the message's call; made by the plan */
} FilterKind;

typedef struct FilterNode FilterNode;
struct FilterNode {
  FilterKind kind;
  FilterNode *first, *last; /* operands; one of NOT, ANY, ALL and OF_CALL */
  FilterNode *next;         /* operand of the same node */
  const FilterTest *test;   /* TEST */
  unsigned part;            /* ANY, ALL, OF_CALL: its bit in FilterParts */

  /* Of all below. */
  bool needs_octets;
  bool needs_media;
  bool has_loop;   /* ANY or ALL: visits messages */
  bool reads_rows; /* FilterTest.rows */

  /* Of all below that is outside of any() and all(). */
  bool has_call, has_message,
    has_either; /* fields of that scope; has_call of any() and all() too */
  bool has_not;
  bool narrows; /* cannot be true by `!=` alone */
  bool names;   /* has a message field that is not negated */
  bool picks;   /* both: so it picks messages out, and calls by them */
};

FilterNode *filter_node_new(Arena *arena, FilterKind kind);
FilterNode *filter_node_new_test(Arena *arena, const FilterTest *test);

/* Adds an operand; AND in AND and OR in OR become one. */
void filter_node_add(FilterNode *node, FilterNode *operand);

enum { FILTER_TEXT_MAX = 64 * 1024 };

typedef struct {
  const char *expression;
  const FilterRows *rows; /* what words are looked for in; NULL: in messages */
  GString *reading;       /* how words and texts are understood is appended */
  GArray *words;          /* FilterWord: what is looked for in messages is appended; or NULL */
  bool for_streams;       /* fields of streams alone; else all others */
} FilterText;

/* Where a word is in the expression. */
typedef struct {
  size_t at, len;
} FilterWord;

/*
 * Fails with APP_ERROR_USAGE (filter_fail).  The tree is in the arena and borrows nothing; regular
 * expressions are appended to `patterns`, which owns them.
 */
G_GNUC_WARN_UNUSED_RESULT FilterNode *filter_parse(Arena *arena, GPtrArray *patterns,
                                                   const FilterText *of, GError **error);
