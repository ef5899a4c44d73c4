#include "ui/live_numbers.h"

#include <fcntl.h>
#include <unistd.h>

#include "dissect/query/field.h"
#include "ui/alerts.h"
#include "ui/metrics_server.h"
#include "ui/report/exposition.h"

enum { PUBLISH_US = 1000 * 1000, STEP_US = 5000, DIAGNOSED_MESSAGES_MAX = 1024 };

struct LiveNumbers {
  MetricsServer *server; /* or NULL */
  Alerts *alerts;        /* or NULL */
  int statm;             /* /proc/self/statm, opened while files may be; -1: there is none */
  bool is_started;
  const Run *run; /* NULL: none has begun */
  Tally *tally, *own_tally;
  MetricWindow window;
  uint64_t findings[FINDING_COUNT];
  FieldContext context; /* of diagnosis */
  FieldRef finding;
  Arena scratch;
  GString *text;
  int64_t published_us;
};

bool live_numbers_open(const Options *options, LiveNumbers **ret_numbers, GError **error)
{
  *ret_numbers = NULL;
  if (!options->metrics && !options->alerts)
    return true;
  LiveNumbers *numbers = g_new0(LiveNumbers, 1);
  numbers->text = g_string_new(NULL);
  numbers->statm = -1;
  numbers->finding.field = field_find(SLICE("call.finding"));
  arena_init(&numbers->scratch, 16 * 1024);
  bool ok =
    alerts_new(options->alerts, options->alert_commands, options->user, &numbers->alerts, error);
  if (ok && options->metrics) {
    numbers->statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    numbers->server = metrics_server_open(options->metrics, error);
    ok = numbers->server != NULL;
  }
  if (!ok) {
    live_numbers_free(numbers);
    return false;
  }
  *ret_numbers = numbers;
  return true;
}

void live_numbers_free(LiveNumbers *numbers)
{
  if (!numbers)
    return;
  live_numbers_end(numbers);
  metrics_server_free(numbers->server);
  alerts_free(numbers->alerts);
  if (numbers->statm >= 0)
    close(numbers->statm);
  g_string_free(numbers->text, true);
  arena_clear(&numbers->scratch);
  g_free(numbers);
}

/* --- What is counted -------------------------------------------------------------------------- */

static FindingId finding_of(Slice name)
{
  FindingId id = 0;

  while (id < FINDING_COUNT && !slice_eq(name, slice_from_string(FINDINGS[id].name)))
    id++;
  return id;
}

/* A call that was answered is diagnosed once it has ended. */
static bool is_over(const TallyEvent *event)
{
  return event->kind == TALLY_ENDING ||
         (event->kind == TALLY_REQUEST && event->summary->outcome != OUTCOME_ANSWERED);
}

static void count_findings(LiveNumbers *numbers)
{
  FieldValue value;

  for (size_t i = 0; field_get_at(&numbers->context, &numbers->finding, i, &value); i++) {
    FindingId id = finding_of(value.text);
    if (id < FINDING_COUNT)
      numbers->findings[id]++;
  }
}

static void note_event(void *data, const TallyEvent *event)
{
  LiveNumbers *numbers = data;

  metric_window_add(&numbers->window, event);
  if (!is_over(event))
    return;
  arena_reset(&numbers->scratch);
  field_look_at_call(&numbers->context, event->call);
  if (numbers->server)
    count_findings(numbers);
  if (numbers->alerts)
    alerts_note_call(numbers->alerts, &numbers->context);
}

bool live_numbers_begin(LiveNumbers *numbers, const Run *run, Tally *tally, GError **error)
{
  if (!numbers)
    return true;
  if (!numbers->is_started && numbers->server && !metrics_server_start(numbers->server, error))
    return false;
  numbers->is_started = true;
  numbers->run = run;
  if (!tally)
    numbers->own_tally = tally_new(run->trace);
  numbers->tally = tally ? tally : numbers->own_tally;
  numbers->context = field_context(run->trace, run->stores, &numbers->scratch);
  numbers->context.diagnosed_most = DIAGNOSED_MESSAGES_MAX;
  tally_add_sink(numbers->tally, note_event, numbers);
  live_numbers_tick(numbers, trace_now(run->trace));
  return true;
}

void live_numbers_end(LiveNumbers *numbers)
{
  if (!numbers || !numbers->run)
    return;
  tally_remove_sink(numbers->tally, numbers);
  g_clear_pointer(&numbers->own_tally, tally_free);
  field_context_clear(&numbers->context);
  metric_window_clear(&numbers->window);
  numbers->run = NULL;
}

void live_numbers_touch(LiveNumbers *numbers, const Call *call)
{
  if (numbers && numbers->own_tally)
    tally_touch(numbers->own_tally, call);
}

bool live_numbers_need_media(const LiveNumbers *numbers)
{
  return numbers && (numbers->server || alerts_need_media(numbers->alerts));
}

char *live_numbers_news(LiveNumbers *numbers)
{
  return numbers && numbers->alerts ? alerts_news(numbers->alerts) : NULL;
}

/* --- What is published ------------------------------------------------------------------------ */

/* proc(5): pages, of which the second number is resident; 0 where there is no such file. */
static uint64_t resident_bytes(const LiveNumbers *numbers)
{
  char text[128];
  ssize_t len = numbers->statm >= 0 ? pread(numbers->statm, text, sizeof text - 1, 0) : -1;
  long page = sysconf(_SC_PAGESIZE);

  if (len <= 0 || page <= 0)
    return 0;
  Slice rest = slice_of(text, (size_t) len);
  uint64_t pages = 0;
  rest = slice_from(rest, slice_find(rest, ' ') + 1);
  if (!slice_to_u64(slice_head(rest, slice_find(rest, ' ')), &pages))
    return 0;
  return pages * (uint64_t) page;
}

static void publish(LiveNumbers *numbers, int64_t now_ns)
{
  const Run *run = numbers->run;
  const Exposition exposition = {
    .trace = run->trace,
    .source = run->source,
    .stores = run->stores,
    .total = tally_total(numbers->tally),
    .window = &numbers->window,
    .findings = numbers->findings,
    .resident_bytes = resident_bytes(numbers),
    .now_ns = now_ns,
  };

  exposition_append(&exposition, numbers->text);
  metrics_server_publish(numbers->server, numbers->text);
}

void live_numbers_tick(LiveNumbers *numbers, int64_t now_ns)
{
  int64_t now_us = g_get_monotonic_time();

  if (!numbers || !numbers->run)
    return;
  if (numbers->own_tally && now_ns != TIME_NONE)
    tally_step(numbers->own_tally, now_ns, now_us + STEP_US);
  if (numbers->published_us != 0 && now_us - numbers->published_us < PUBLISH_US)
    return;
  numbers->published_us = now_us;
  if (numbers->alerts && now_ns != TIME_NONE)
    alerts_step(numbers->alerts, &numbers->window, now_ns);
  if (numbers->server)
    publish(numbers, now_ns == TIME_NONE ? 0 : now_ns);
}
