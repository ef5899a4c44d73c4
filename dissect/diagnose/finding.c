#include "dissect/diagnose/finding.h"

#include "capture/language.h"

const FindingRow FINDINGS[FINDING_COUNT] = {
#define FINDING(id, name, severity, table, section, help)                                          \
  [FINDING_##id] = {name, SEVERITY_##severity, FINDING_OF_##table, section, help},
#include "dissect/diagnose/findings.def"
#undef FINDING
};

const char *finding_severity_name(FindingSeverity severity)
{
  static const char *const NAMES[] = {
    [SEVERITY_NOTE] = N_("note"),
    [SEVERITY_WARNING] = N_("warning"),
    [SEVERITY_ERROR] = N_("error"),
  };

  return NAMES[severity];
}

Finding *finding_add(FindingList *list, FindingId id, const char *format, ...)
{
  va_list arguments;

  if (list->count == FINDINGS_MAX) {
    list->left_out++;
    return NULL;
  }
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(translate(format), arguments);
  va_end(arguments);
  Finding *finding = &list->items[list->count++];
  *finding = (Finding){
    .id = id,
    .severity = FINDINGS[id].severity,
    .time_ns = INT64_MIN,
    .text = arena_copy(list->arena, text, strlen(text) + 1),
  };
  return finding;
}

void finding_prove_by_message(Finding *finding, uint32_t message)
{
  if (!finding ||
      (finding->message_count > 0 && finding->messages[finding->message_count - 1] == message))
    return;
  if (message != 0 && finding->message_count < FINDING_EVIDENCE_MAX)
    finding->messages[finding->message_count++] = message;
}

void finding_prove_by_stream(Finding *finding, uint32_t stream)
{
  if (finding && stream != 0 && finding->stream_count < FINDING_EVIDENCE_MAX)
    finding->streams[finding->stream_count++] = stream;
}

void finding_weaken(Finding *finding, const char *why)
{
  if (!finding || finding->weakened)
    return;
  finding->weakened = translate(why);
  if (finding->severity > SEVERITY_NOTE)
    finding->severity--;
}

static int compare_numbers(int64_t a, int64_t b)
{
  return a < b ? -1 : a > b;
}

static bool is_of_outcome(const Finding *finding)
{
  return FINDINGS[finding->id].table == FINDING_OF_OUTCOME;
}

static gint compare_findings(gconstpointer a, gconstpointer b, gpointer unused)
{
  const Finding *left = a, *right = b;
  int order = compare_numbers(is_of_outcome(right), is_of_outcome(left));

  (void) unused;
  if (order == 0)
    order = compare_numbers(right->decided, left->decided);
  if (order == 0)
    order = compare_numbers(right->severity, left->severity);
  if (order == 0)
    order = compare_numbers(left->time_ns, right->time_ns);
  return order != 0 ? order : compare_numbers(left->id, right->id);
}

void finding_list_sort(FindingList *list)
{
  /* It is stable: those of one kind stay in the order of their streams. */
  g_qsort_with_data(list->items, (gint) list->count, sizeof(Finding), compare_findings, NULL);
}

const Finding *finding_verdict(const Finding *items, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (items[i].decided || items[i].severity > SEVERITY_NOTE)
      return &items[i];
  return count > 0 && FINDINGS[items[0].id].table == FINDING_OF_OUTCOME ? &items[0] : NULL;
}

const Finding *finding_list_find(const FindingList *list, FindingId id)
{
  for (size_t i = 0; i < list->count; i++)
    if (list->items[i].id == id)
      return &list->items[i];
  return NULL;
}

void finding_list_remove(FindingList *list, FindingId id)
{
  size_t kept = 0;

  for (size_t i = 0; i < list->count; i++)
    if (list->items[i].id != id)
      list->items[kept++] = list->items[i];
  list->count = kept;
}
