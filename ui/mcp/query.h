/*
 * Query: a report of the command line about a capture in memory, a page at a time.
 *
 * The text is what `rung COMMAND -T FORMAT` prints: a row per line.  Nothing of it is made here.
 */
#pragma once

#include "ui/mcp/captures.h"
#include "ui/report/subcommand.h"
#include "ui/show/metric_groups.h"

enum { QUERY_ROWS_USUAL = 50, QUERY_ROWS_MAX = 500 };

typedef struct {
  const Subcommand *command;
  const char *format; /* one of the command */
  const char *where;  /* an expression; or NULL */
  const char *call;   /* number or Call-ID; or NULL */
  uint32_t message;   /* 0: any, as below */
  uint32_t stream;
  bool decode;            /* as --decode */
  bool conversation;      /* one ladder of all legs of the call */
  const char *by;         /* as --by; or NULL */
  bool pages_calls;       /* each row is a call: others are not even looked at */
  uint64_t offset, limit; /* rows */
} Query;

typedef struct {
  GString *text; /* owned: whole lines */
  uint64_t rows; /* lines of it */
  bool has_more; /* there are others, from offset + rows on */
  char *warning; /* owned; what is wrong with the answer, or NULL */
} QueryAnswer;

/* Fails when the query is wrong: its expression, or there is no such call, message or stream. */
G_GNUC_WARN_UNUSED_RESULT bool query_run(const Query *query, const Capture *capture,
                                         QueryAnswer *ret_answer, GError **error);
void query_answer_clear(QueryAnswer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(QueryAnswer, query_answer_clear)
