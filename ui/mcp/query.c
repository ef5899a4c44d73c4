#include "ui/mcp/query.h"

#include "capture/error.h"
#include "ui/report/report.h"

enum { LADDER_WIDTH = 100 };

void query_answer_clear(QueryAnswer *answer)
{
  if (answer->text)
    g_string_free(answer->text, true);
  g_free(answer->warning);
  *answer = (QueryAnswer){0};
}

static const ReportOps *find_report(const Query *query)
{
  for (const ReportFormat *format = query->command->formats; format->name; format++)
    if (strcmp(format->name, query->format) == 0)
      return format->report;
  g_assert_not_reached();
}

static bool make_filter(const Query *query, DisplayFilter **ret_filter, GError **error)
{
  if (!query->where)
    return true;
  *ret_filter = query->command == &STREAMS_SUBCOMMAND
                  ? display_filter_new_for_streams(query->where, error)
                  : display_filter_new(query->where, error);
  return *ret_filter != NULL;
}

static Selection *select_named(const Query *query, const DisplayFilter *filter)
{
  Selection *selection = selection_new();

  selection_set_filter(selection, filter);
  if (query->call)
    selection_name_call(selection, query->call);
  if (query->message > 0)
    selection_name_message(selection, query->message);
  if (query->stream > 0)
    selection_name_stream(selection, query->stream);
  return selection;
}

/* The calls of the page, by their numbers, so that the report looks at no others. */
static Selection *select_page(const Query *query, Selection *all, const Capture *capture,
                              bool *ret_has_more)
{
  g_autoptr(GArray) numbers = g_array_new(false, false, sizeof(uint32_t));
  uint64_t skipped = 0;

  selection_bind(all, capture->run.trace, capture->run.stores);
  selection_share(all, capture->conversations);
  selection_apply_filter(all);
  *ret_has_more = false;
  for (size_t i = 0; i < selection_call_count(all) && !*ret_has_more; i++) {
    const Call *call = selection_call_at(all, i);
    if (!call || skipped++ < query->offset)
      continue;
    *ret_has_more = numbers->len == query->limit;
    if (!*ret_has_more)
      g_array_append_val(numbers, call->number);
  }
  Selection *page = selection_new();
  selection_set_calls(page, (const uint32_t *) (const void *) numbers->data, numbers->len);
  return page;
}

/* What could not be read again is told beside the rows. */
static bool run_report(const Query *query, const Capture *capture, Selection *selection,
                       OutPage *page, char **ret_warning, GError **error)
{
  Out out;
  Report report;
  GroupKey by = {.by = NULL};

  if (query->by && !group_key_parse(query->by, &by, error))
    return false;
  const ReportSetup setup = {
    .ops = find_report(query),
    .selection = selection,
    .trace = capture->run.trace,
    .stores = capture->run.stores,
    .out = &out,
    .look = {.charset = TEXT_UTF8, .width = LADDER_WIDTH, .fits = true},
    .utc = true,
    .decode = query->decode,
    .by = query->by ? &by : NULL,
    .legs = query->conversation,
    .merge = query->conversation,
    .conversations = capture->conversations,
    .past = true,
  };

  out_init_page(&out, page, "the answer");
  report_init(&report, &setup);
  report_begin(&report);
  report_end(&report);
  bool ok = out_finish(&out, error);
  if (ok && report.error)
    *ret_warning = g_strdup(report.error->message);
  report_clear(&report);
  out_clear(&out);
  return ok;
}

/* A name that was not found in a page that was cut may come later. */
static bool check_names(const Selection *selection, const OutPage *page, GError **error)
{
  g_autoptr(GPtrArray) missing = g_ptr_array_new_with_free_func(g_free);

  selection_append_missing(selection, missing);
  if (missing->len == 0 || page->passed > 0)
    return true;
  return app_fail_usage(error, "%s", (const char *) missing->pdata[0]);
}

static char *doubt(const DisplayFilter *filter)
{
  uint64_t count = filter ? display_filter_undecided(filter) : 0;

  return count == 0 ? NULL
                    : g_strdup_printf("%" G_GUINT64_FORMAT
                                      " values undecided (match limit of the regular expression "
                                      "reached): rows may be wrong",
                                      count);
}

bool query_run(const Query *query, const Capture *capture, QueryAnswer *ret_answer, GError **error)
{
  g_autoptr(DisplayFilter) filter = NULL;
  g_autoptr(Selection) chosen = NULL, paged = NULL;
  bool has_more = false;

  if (!make_filter(query, &filter, error))
    return false;
  chosen = select_named(query, filter);
  if (query->pages_calls)
    paged = select_page(query, chosen, capture, &has_more);
  g_auto(QueryAnswer) answer = {.text = g_string_new(NULL)};
  OutPage page = {.skip = paged ? 0 : query->offset, .most = query->limit, .text = answer.text};
  if (!run_report(query, capture, paged ? paged : chosen, &page, &answer.warning, error) ||
      !check_names(chosen, &page, error))
    return false;
  answer.rows = out_page_count(&page);
  answer.has_more = has_more || page.has_more;
  if (!answer.warning)
    answer.warning = doubt(filter);
  *ret_answer = answer;
  answer = (QueryAnswer){0};
  return true;
}
