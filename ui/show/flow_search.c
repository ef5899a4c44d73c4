#include "ui/show/flow_search.h"

#include "dissect/query/text_search.h"

enum { SCRATCH_FIRST = 4096 };

typedef struct {
  FlowSearch search;
  FlowSearchSetup setup;
  TextSearch *text;    /* NULL: for a transaction */
  const Message *at;   /* the message that was checked last */
  const Message *last; /* where it started, and where it ends after wrapping */
  Arena arena, scratch;
  size_t checked;
} Searching;

/* Moves to the next row of a message in the direction of the search; false at the end. */
static bool next_row(const Searching *s, size_t *row)
{
  size_t count = flow_model_row_count(s->setup.model);

  while (s->setup.backward ? *row > 0 : *row + 1 < count) {
    *row = s->setup.backward ? *row - 1 : *row + 1;
    if (flow_model_row(s->setup.model, *row).kind == FLOW_ROW_MESSAGE)
      return true;
  }
  return false;
}

/* The next row to check; false when all were. */
static bool find_next(Searching *s, size_t *ret_row)
{
  if (s->at) {
    *ret_row = flow_model_find(s->setup.model, s->at);
    if (next_row(s, ret_row))
      return true;
  }
  if (!s->text || s->search.wrapped || (s->at && !s->last))
    return false;
  s->search.wrapped = s->at != NULL;
  /* from the other end; SIZE_MAX + 1 is 0 */
  *ret_row = s->setup.backward ? flow_model_row_count(s->setup.model) : SIZE_MAX;
  return next_row(s, ret_row);
}

static bool matches(Searching *s, const Message *message)
{
  SipMsg sip;

  if (!s->text)
    return message->transaction == s->setup.of_transaction;
  arena_reset(&s->scratch);
  if (message_load(message, s->setup.stores, &s->scratch, &sip, NULL))
    return text_search_finds(s->text, sip.raw);
  s->search.unreadable++;
  return false;
}

static bool search_step(Job *job, int64_t until_us)
{
  Searching *s = (Searching *) job;
  size_t row;

  do {
    if (s->search.found || (s->search.wrapped && s->at == s->last) || !find_next(s, &row))
      return false;
    s->at = flow_model_row(s->setup.model, row).message;
    s->checked++;
    if (matches(s, s->at))
      s->search.found = s->at;
  } while (!s->search.found && g_get_monotonic_time() < until_us);
  return !s->search.found;
}

static double search_progress(const Job *job)
{
  const Searching *s = (const Searching *) job;
  size_t rows = flow_model_row_count(s->setup.model);

  return rows > 0 ? MIN(1.0, (double) s->checked / (double) rows) : 1.0;
}

static void search_free(Job *job)
{
  Searching *s = (Searching *) job;

  arena_clear(&s->arena);
  arena_clear(&s->scratch);
  g_free(s);
}

FlowSearch *flow_search_new(const FlowSearchSetup *setup)
{
  static const JobOps OPS = {"searching", search_step, search_progress, search_free};
  Searching *s = g_new0(Searching, 1);

  s->search.job.ops = &OPS;
  s->setup = *setup;
  s->at = s->last = setup->after;
  arena_init(&s->arena, sizeof(TextSearch) + setup->text.len);
  arena_init(&s->scratch, SCRATCH_FIRST);
  if (setup->text.len > 0)
    s->text = text_search_new(&s->arena, setup->text);
  s->search.of_text = s->text != NULL;
  return &s->search;
}
