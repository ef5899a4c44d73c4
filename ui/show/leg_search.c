#include "ui/show/leg_search.h"

#include "capture/language.h"

typedef struct {
  Job job;
  Conversations *conversations;
  bool has_begun;
} LegSearch;

static bool search_step(Job *job, int64_t until_us)
{
  LegSearch *search = (LegSearch *) job;

  if (!search->has_begun)
    conversations_hurry(search->conversations);
  search->has_begun = true;
  return conversations_step(search->conversations, until_us);
}

static double search_progress(const Job *job)
{
  return conversations_progress(((const LegSearch *) job)->conversations);
}

static void search_free(Job *job)
{
  g_free(job);
}

Job *leg_search_new(Conversations *conversations)
{
  static const JobOps OPS = {N_("looking for calls"), search_step, search_progress, search_free};
  LegSearch *search = g_new(LegSearch, 1);

  *search = (LegSearch){{&OPS}, conversations, false};
  return &search->job;
}
