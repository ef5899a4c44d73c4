#include "ui/show/flow_search.h"

#include "dissect/query/text_search.h"

enum { SCRATCH_FIRST = 4096 };

struct FlowSearch {
  FlowSearchSetup setup; /* behind: the message that was looked at last */
  TextSearch *text;      /* NULL: for a transaction */
  const Message *end;    /* where it began: there it ends */
  Arena arena, scratch;
  size_t looked, unreadable;
  bool wrapped, found;
};

FlowSearch *flow_search_new(const FlowSearchSetup *setup)
{
  FlowSearch *search = g_new0(FlowSearch, 1);

  search->setup = *setup;
  search->end = setup->behind;
  arena_init(&search->arena, sizeof(TextSearch) + setup->text.len);
  arena_init(&search->scratch, SCRATCH_FIRST);
  if (setup->text.len > 0)
    search->text = text_search_new(&search->arena, setup->text);
  return search;
}

void flow_search_free(FlowSearch *search)
{
  if (!search)
    return;
  arena_clear(&search->arena);
  arena_clear(&search->scratch);
  g_free(search);
}

/* The row of a message beside that row, in the direction of the search; false at the end. */
static bool find_beside(const FlowSearch *search, size_t *row)
{
  const FlowModel *model = search->setup.model;
  size_t count = flow_model_row_count(model);

  while (search->setup.backward ? *row > 0 : *row + 1 < count) {
    *row = search->setup.backward ? *row - 1 : *row + 1;
    if (flow_model_row(model, *row).kind == FLOW_ROW_MESSAGE)
      return true;
  }
  return false;
}

/* The first one, or from behind the last; SIZE_MAX + 1 is 0. */
static bool find_from_end(const FlowSearch *search, size_t *row)
{
  *row = search->setup.backward ? flow_model_row_count(search->setup.model) : SIZE_MAX;
  return find_beside(search, row);
}

/* The next row to look at; false when all were. */
static bool find_next(FlowSearch *search, size_t *ret_row)
{
  const Message *behind = search->setup.behind;

  if (behind) {
    *ret_row = flow_model_find(search->setup.model, behind);
    if (find_beside(search, ret_row))
      return true;
  }
  if (!search->text || search->wrapped || (behind && !search->end))
    return false;
  search->wrapped = behind != NULL;
  return find_from_end(search, ret_row);
}

static bool is_it(FlowSearch *search, const Message *message)
{
  SipMsg sip;

  if (!search->text)
    return message->transaction == search->setup.of_transaction;
  arena_reset(&search->scratch);
  if (message_load(message, search->setup.stores, &search->scratch, &sip, NULL))
    return text_search_finds(search->text, sip.raw);
  search->unreadable++;
  return false;
}

FlowSearchState flow_search_step(FlowSearch *search, int64_t until_us)
{
  size_t row;

  do {
    if (search->found)
      return FLOW_SEARCH_FOUND;
    if (search->wrapped && search->setup.behind == search->end)
      return FLOW_SEARCH_NONE;
    if (!find_next(search, &row))
      return FLOW_SEARCH_NONE;
    search->setup.behind = flow_model_row(search->setup.model, row).message;
    search->looked++;
    search->found = is_it(search, search->setup.behind);
  } while (g_get_monotonic_time() < until_us);
  return search->found ? FLOW_SEARCH_FOUND : FLOW_SEARCH_RUNS;
}

bool flow_search_is_for_text(const FlowSearch *search)
{
  return search->text != NULL;
}

double flow_search_progress(const FlowSearch *search)
{
  size_t rows = flow_model_row_count(search->setup.model);

  return rows > 0 ? MIN(1.0, (double) search->looked / (double) rows) : 1.0;
}

const Message *flow_search_found(const FlowSearch *search)
{
  return search->found ? search->setup.behind : NULL;
}

bool flow_search_wrapped(const FlowSearch *search)
{
  return search->wrapped;
}

size_t flow_search_unreadable(const FlowSearch *search)
{
  return search->unreadable;
}
