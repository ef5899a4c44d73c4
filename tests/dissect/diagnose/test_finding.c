#include "dissect/diagnose/finding.h"

#include "tests/test.h"

typedef struct {
  Arena arena;
  FindingList list;
} Bench;

static void bench_clear(Bench *bench)
{
  arena_clear(&bench->arena);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Bench, bench_clear)

static void bench_init(Bench *bench)
{
  arena_init(&bench->arena, 1024);
  bench->list = (FindingList){.arena = &bench->arena};
}

/* Why the call ended, then what is worst, then what was first, whatever it is about. */
static void test_order(void **state)
{
  static const struct {
    FindingId id;
    int64_t time_ns;
    bool decided, weakened;
  } ADDED[] = {
    {FINDING_RETRANSMISSIONS, 3, false, false}, {FINDING_NAT, 1, false, false},
    {FINDING_ONE_WAY_AUDIO, 9, false, false},   {FINDING_SLOW_SETUP, 2, false, false},
    {FINDING_NEVER_ENDED, 8, false, false},     {FINDING_DROPPED, 7, false, false},
    {FINDING_CANCEL_RACE, 6, true, false},      {FINDING_NO_AUDIO, 1, false, true},
  };
  static const FindingId WANTED[] = {
    FINDING_CANCEL_RACE, FINDING_DROPPED,    FINDING_NEVER_ENDED,     FINDING_ONE_WAY_AUDIO,
    FINDING_NO_AUDIO,    FINDING_SLOW_SETUP, FINDING_RETRANSMISSIONS, FINDING_NAT,
  };
  g_auto(Bench) bench = {0};

  (void) state;
  bench_init(&bench);
  for (size_t i = 0; i < G_N_ELEMENTS(ADDED); i++) {
    Finding *finding = finding_add(&bench.list, ADDED[i].id, "%s", "x");
    finding->time_ns = ADDED[i].time_ns;
    finding->decided = ADDED[i].decided;
    if (ADDED[i].weakened)
      finding_weaken(finding, "packets were dropped");
  }
  finding_list_sort(&bench.list);
  assert_int_equal(bench.list.count, G_N_ELEMENTS(WANTED));
  for (size_t i = 0; i < G_N_ELEMENTS(WANTED); i++)
    assert_string_equal(FINDINGS[bench.list.items[i].id].name, FINDINGS[WANTED[i]].name);
}

/* Beyond the limits findings are counted, and evidence is left out. */
static void test_bounds(void **state)
{
  g_auto(Bench) bench = {0};

  (void) state;
  bench_init(&bench);
  for (unsigned i = 0; i < FINDINGS_MAX; i++)
    assert_non_null(finding_add(&bench.list, FINDING_NAT, "%u", i));
  assert_null(finding_add(&bench.list, FINDING_NAT, "%s", "x"));
  assert_int_equal(bench.list.count, FINDINGS_MAX);
  assert_int_equal(bench.list.left_out, 1);
  Finding *finding = &bench.list.items[0];
  for (uint32_t i = 0; i <= FINDING_EVIDENCE_MAX + 1; i++) {
    finding_prove_by_message(finding, i);
    finding_prove_by_stream(finding, i);
  }
  assert_int_equal(finding->message_count, FINDING_EVIDENCE_MAX);
  assert_int_equal(finding->stream_count, FINDING_EVIDENCE_MAX);
  assert_int_equal(finding->messages[0], 1);
  finding_prove_by_message(NULL, 1);
}

enum { MOST = 3 };

/* Which finding of a call says why it went as it did. */
static void test_verdict(void **state)
{
  static const struct {
    const char *name;
    FindingId ids[MOST];
    size_t count;
    FindingSeverity severities[MOST];
    bool decided[MOST];
    int verdict; /* FINDING_COUNT: none */
  } CASES[] = {
    {"nothing", {0}, 0, {0}, {0}, FINDING_COUNT},
    {"a note about messages",
     {FINDING_FORK, FINDING_NAT},
     2,
     {SEVERITY_NOTE, SEVERITY_NOTE},
     {0},
     FINDING_COUNT},
    {"a note about media", {FINDING_SSRC_CHANGED}, 1, {SEVERITY_NOTE}, {0}, FINDING_COUNT},
    {"a note about the outcome",
     {FINDING_FORK, FINDING_GLARE},
     2,
     {SEVERITY_NOTE, SEVERITY_NOTE},
     {0},
     FINDING_GLARE},
    {"a warning about messages",
     {FINDING_FORK, FINDING_CSEQ},
     2,
     {SEVERITY_NOTE, SEVERITY_WARNING},
     {0},
     FINDING_CSEQ},
    {"an error before a note about the outcome",
     {FINDING_GLARE, FINDING_NO_AUDIO, FINDING_FORK},
     3,
     {SEVERITY_NOTE, SEVERITY_ERROR, SEVERITY_NOTE},
     {0},
     FINDING_NO_AUDIO},
    {"a note that decided",
     {FINDING_NO_AUDIO, FINDING_CALLER_CANCELLED},
     2,
     {SEVERITY_ERROR, SEVERITY_NOTE},
     {false, true},
     FINDING_CALLER_CANCELLED},
    {"a cause before worse media",
     {FINDING_NO_AUDIO, FINDING_BYE_UNANSWERED},
     2,
     {SEVERITY_ERROR, SEVERITY_WARNING},
     {0},
     FINDING_BYE_UNANSWERED},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Arena arena;
    FindingList list = {.arena = &arena};

    arena_init(&arena, 1024);
    for (size_t k = 0; k < CASES[i].count; k++) {
      Finding *finding = finding_add(&list, CASES[i].ids[k], "text");
      finding->severity = CASES[i].severities[k];
      finding->decided = CASES[i].decided[k];
    }
    finding_list_sort(&list);
    const Finding *verdict = finding_verdict(list.items, list.count);
    int found = verdict ? (int) verdict->id : (int) FINDING_COUNT;
    if (found != CASES[i].verdict)
      fail_msg("%s: %d", CASES[i].name, found);
    arena_clear(&arena);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_order),
    cmocka_unit_test(test_bounds),
    cmocka_unit_test(test_verdict),
  };

  return cmocka_run_group_tests_name("finding", tests, NULL, NULL);
}
