#include "dissect/trace/bursts.h"

#include "dissect/sip/sip_names.h"
#include "tests/test.h"

#define MS INT64_C(1000000)
#define START (INT64_C(1700000000) * 1000 * MS)

static const Endpoint CLIENT = {{192, 0, 2, 66}, 5070, ADDRESS_IPV4, 0};
static const Endpoint SERVER = {{198, 51, 100, 1}, 5060, ADDRESS_IPV4, 0};
static const Endpoint OTHER = {{198, 51, 100, 1}, 5062, ADDRESS_IPV4, 0};

enum { NO_FINAL = 1 };

/* One after the other, `gap_ms` apart.  A # in users is the number of the attempt.  `again`: what
 * it gets for the same with credentials, or NO_FINAL; 0: it does not try. */
typedef struct {
  const char *name;
  uint16_t method, status, via_count;
  unsigned count, gap_ms;
  const char *from, *to;
  uint16_t again;
} Run;

static char *numbered(const char *pattern, unsigned number)
{
  const char *mark = strchr(pattern, '#');

  if (!mark)
    return g_strdup(pattern);
  return g_strdup_printf("%.*s%u%s", (int) (mark - pattern), pattern, number, mark + 1);
}

static void run_once(Bursts *bursts, const Run *run, unsigned i, int64_t time_ns)
{
  g_autofree char *from = numbered(run->from, 100 + i);
  g_autofree char *to = numbered(run->to, 100 + i);
  Attempt attempt = {.client = &CLIENT,
                     .server = &SERVER,
                     .from = slice_from_string(from),
                     .to = slice_from_string(to),
                     .time_ns = time_ns,
                     .method = run->method,
                     .status = run->status,
                     .via_count = run->via_count};

  bursts_note_request(bursts, &attempt);
  bursts_note_final(bursts, &attempt);
  if (run->again == 0)
    return;
  attempt.has_credentials = true;
  attempt.status = run->again;
  bursts_note_request(bursts, &attempt);
  if (run->again != NO_FINAL)
    bursts_note_final(bursts, &attempt);
}

static int64_t play(Bursts *bursts, const Run *run, int64_t time_ns)
{
  for (unsigned i = 0; i < run->count; i++, time_ns += run->gap_ms * MS)
    run_once(bursts, run, i, time_ns);
  return time_ns;
}

static const Burst *find(const Bursts *bursts, BurstKind kind, const char *to, int64_t now_ns)
{
  const Attempt like = {.client = &CLIENT,
                        .server = &SERVER,
                        .to = slice_from_string(to),
                        .time_ns = START + 10 * MS,
                        .via_count = 1};

  return bursts_find(bursts, kind, &like, like.time_ns, now_ns);
}

#define USER "<sip:#@example.com>"
#define ALICE "<sip:alice@example.com>"
#define TOLL "<sip:#972599123456@example.com>"
#define CAMERA "<sip:340#00001320000001@example.com>"

enum { REGISTER = SIP_METHOD_REGISTER, INVITE = SIP_METHOD_INVITE, OPTIONS = SIP_METHOD_OPTIONS };

static void test_due(void **state)
{
  static const struct {
    Run run;
    BurstKind kind;
    const char *to;
    bool is_due;
  } ROWS[] = {
    {{"20 users", REGISTER, 404, 1, 20, 300, USER, USER}, BURST_USERS, "", true},
    {{"19 users", REGISTER, 404, 1, 19, 300, USER, USER}, BURST_USERS, "", false},
    {{"slowly", REGISTER, 404, 1, 60, 3200, USER, USER}, BURST_USERS, "", false},
    {{"one user", REGISTER, 403, 1, 60, 300, ALICE, ALICE}, BURST_USERS, "", false},
    {{"by one caller", INVITE, 404, 1, 20, 300, ALICE, USER}, BURST_USERS, "", true},
    {{"by many callers", INVITE, 404, 1, 200, 300, "sip:0#@a.example", USER},
     BURST_USERS,
     "",
     false},
    {{"accepted", REGISTER, 200, 1, 60, 300, USER, USER}, BURST_USERS, "", false},
    {{"challenged", REGISTER, 401, 1, 20, 300, USER, USER}, BURST_USERS, "", true},
    {{"with passwords", REGISTER, 401, 1, 20, 300, USER, USER, 200}, BURST_USERS, "", false},
    {{"with wrong ones", REGISTER, 401, 1, 20, 300, USER, USER, 403}, BURST_USERS, "", true},
    {{"not answered", REGISTER, 401, 1, 21, 300, USER, USER, NO_FINAL}, BURST_USERS, "", false},
    {{"calls that ring", INVITE, 407, 1, 60, 99, ALICE, USER, NO_FINAL}, BURST_USERS, "", false},
    {{"calls to nobody", INVITE, 407, 1, 60, 99, ALICE, USER, 404}, BURST_USERS, "", true},
    {{"busy", INVITE, 486, 1, 60, 300, ALICE, USER}, BURST_USERS, "", false},
    {{"by a proxy", REGISTER, 404, 2, 60, 300, USER, USER}, BURST_USERS, "", false},
    {{"flood", REGISTER, 401, 1, 100, 90, ALICE, ALICE}, BURST_AOR, ALICE, true},
    {{"no flood", REGISTER, 401, 1, 99, 90, ALICE, ALICE}, BURST_AOR, ALICE, false},
    {{"slower", REGISTER, 401, 1, 300, 210, ALICE, ALICE}, BURST_AOR, ALICE, false},
    {{"flood through a proxy", REGISTER, 401, 2, 100, 90, ALICE, ALICE}, BURST_AOR, ALICE, true},
    {{"of another", REGISTER, 401, 1, 100, 90, USER, USER}, BURST_AOR, ALICE, false},
    {{"of a client", REGISTER, 401, 1, 200, 40, ALICE, ALICE}, BURST_REGISTERS, "", true},
    {{"of its users", REGISTER, 401, 1, 1000, 5, USER, USER}, BURST_REGISTERS, "", false},
    {{"prefixes", INVITE, 403, 1, 8, 9000, ALICE, TOLL}, BURST_NUMBER, TOLL, true},
    {{"7 prefixes", INVITE, 403, 1, 7, 9000, ALICE, TOLL}, BURST_NUMBER, TOLL, false},
    {{"redialled", INVITE, 403, 1, 60, 1000, ALICE, "<sip:00972599123456@example.com>"},
     BURST_NUMBER,
     TOLL,
     false},
    {{"busy", INVITE, 486, 1, 60, 1000, ALICE, TOLL}, BURST_NUMBER, TOLL, false},
    {{"cameras of districts", INVITE, 404, 1, 60, 1000, ALICE, CAMERA},
     BURST_NUMBER,
     CAMERA,
     false},
    {{"short", INVITE, 404, 1, 18, 1000, ALICE, "<sip:#12@example.com>"},
     BURST_NUMBER,
     "<sip:10012@example.com>",
     false},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++) {
    g_autoptr(Bursts) bursts = bursts_new();
    g_autofree char *to = numbered(ROWS[i].to, 1);
    int64_t now_ns = play(bursts, &ROWS[i].run, START);
    if ((find(bursts, ROWS[i].kind, to, now_ns) != NULL) != ROWS[i].is_due)
      fail_msg("%s", ROWS[i].run.name);
  }
}

static const Run SCAN = {"scan", REGISTER, 404, 1, 40, 150, USER, USER};

static void test_numbers(void **state)
{
  g_autoptr(Bursts) bursts = bursts_new();
  int64_t now_ns = play(bursts, &SCAN, START);
  const Burst *burst = find(bursts, BURST_USERS, "", now_ns);

  (void) state;
  assert_non_null(burst);
  assert_int_equal(burst->attempts, 40);
  assert_in_range(burst->different, 20, 40);
  assert_int_equal(burst->in_order, 39);
  assert_int_equal(burst->from_ns, START);
  assert_int_equal(burst->to_ns, START + 39 * 150 * MS);
  assert_null(find(bursts, BURST_USERS, "", START + 4000 * MS)); /* not settled yet */
}

/* A burst is found by its time, not by that of others. */
static void test_times(void **state)
{
  g_autoptr(Bursts) bursts = bursts_new();
  const int64_t day_ns = INT64_C(86400) * 1000 * MS;
  int64_t now_ns = play(bursts, &SCAN, START);
  const Attempt later = {.client = &CLIENT, .server = &SERVER, .time_ns = START + day_ns / 2};

  (void) state;
  now_ns = play(bursts, &SCAN, now_ns + day_ns);
  assert_non_null(find(bursts, BURST_USERS, "", now_ns));
  assert_null(bursts_find(bursts, BURST_USERS, &later, later.time_ns, now_ns));
  now_ns = play(bursts, &SCAN, now_ns + day_ns);
  assert_null(find(bursts, BURST_USERS, "", now_ns)); /* the last two are kept */
}

/* What a server in front of many users does beside being refused. */
static void test_servers(void **state)
{
  static const Run ACCEPTED = {"accepted", REGISTER, 200, 1, 10, 10, USER, USER};
  static const Run TRIED = {"tried", INVITE, 403, 1, 20, 300, ALICE, TOLL};
  const Attempt asked = {.client = &SERVER,
                         .server = &CLIENT,
                         .time_ns = START,
                         .method = OPTIONS,
                         .status = 200,
                         .via_count = 1};

  (void) state;
  for (unsigned i = 0; i < 4; i++) {
    g_autoptr(Bursts) bursts = bursts_new();
    int64_t now_ns = START;
    if (i == 1)
      bursts_note_final(bursts, &asked);
    if (i == 2)
      play(bursts, &ACCEPTED, START - 100 * MS);
    now_ns = play(bursts, &SCAN, play(bursts, &TRIED, now_ns));
    if (i == 3) /* users of a gateway that answered their challenges */
      now_ns = play(bursts, &ACCEPTED, now_ns);
    assert_int_equal(find(bursts, BURST_USERS, "", now_ns) != NULL, i == 0);
    assert_int_equal(find(bursts, BURST_NUMBER, TOLL, now_ns) != NULL, i == 0 || i == 3);
  }
}

static void test_answered(void **state)
{
  static const Run TRIED = {"tried", INVITE, 403, 1, 12, 300, ALICE, TOLL};
  static const Run SUCCESS = {"success", INVITE, 200, 1, 1, 300, ALICE, TOLL};
  g_autoptr(Bursts) bursts = bursts_new();
  int64_t now_ns = play(bursts, &SUCCESS, play(bursts, &TRIED, START));
  const Burst *burst = find(bursts, BURST_NUMBER, TOLL, now_ns);

  (void) state;
  assert_non_null(burst);
  assert_int_equal(burst->accepted, 1);
  assert_int_equal(burst->to_ns, START + 12 * 300 * MS);
}

/* A server pings phones behind a NAT: one address, many ports, each with its own user. */
static void test_pings(void **state)
{
  g_autoptr(Bursts) bursts = bursts_new();
  Endpoint phone = OTHER;

  (void) state;
  for (unsigned i = 0; i < 60; i++, phone.port++) {
    g_autofree char *to = g_strdup_printf("sip:%u@example.com", i);
    const Attempt ping = {.client = &CLIENT,
                          .server = &phone,
                          .from = SLICE("sip:ping@example.com"),
                          .to = slice_from_string(to),
                          .time_ns = START + i * 200 * MS,
                          .method = OPTIONS,
                          .status = 404,
                          .via_count = 1};
    bursts_note_final(bursts, &ping);
    assert_null(bursts_find(bursts, BURST_USERS, &ping, ping.time_ns, ping.time_ns + START));
  }
}

/* More clients than there is room for: those that are left out are counted. */
static void test_limit(void **state)
{
  static const struct {
    uint16_t status;
    uint32_t room; /* 404: tracks; 200: hosts */
  } KINDS[] = {{404, 4096}, {200, 16384}};
  Endpoint host = CLIENT;

  (void) state;
  for (size_t kind = 0; kind < G_N_ELEMENTS(KINDS); kind++) {
    g_autoptr(Bursts) bursts = bursts_new();
    for (uint32_t i = 0; i < 40000; i++) {
      memcpy(host.address, &i, sizeof i);
      const Attempt attempt = {.client = &host,
                               .server = &SERVER,
                               .from = SLICE("sip:a@example.com"),
                               .to = SLICE("sip:a@example.com"),
                               .time_ns = START + i * MS / 10,
                               .method = REGISTER,
                               .status = KINDS[kind].status,
                               .via_count = 1};
      bursts_note_final(bursts, &attempt);
      if (i % 1000 == 0)
        run_once(bursts, &SCAN, i / 1000, START + i * MS / 10);
    }
    assert_in_range(bursts_left_out(bursts), 40000 - KINDS[kind].room - 2, 40000);
  }
}

/* Nothing is said of a time or an address that is not known; a clock may be set back. */
static void test_odd(void **state)
{
  g_autoptr(Bursts) bursts = bursts_new();
  const Endpoint unknown = {0};
  Attempt attempt = {.client = &unknown, .server = &SERVER, .time_ns = START, .status = 404};

  (void) state;
  bursts_note_final(bursts, &attempt);
  assert_null(bursts_find(bursts, BURST_USERS, &attempt, START, START));
  play(bursts, &SCAN, 0);
  int64_t now_ns = play(bursts, &SCAN, START + INT64_C(3600) * 1000 * MS);
  play(bursts, &SCAN, START);
  assert_non_null(find(bursts, BURST_USERS, "", now_ns));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_due),     cmocka_unit_test(test_numbers),  cmocka_unit_test(test_times),
    cmocka_unit_test(test_servers), cmocka_unit_test(test_answered), cmocka_unit_test(test_pings),
    cmocka_unit_test(test_limit),   cmocka_unit_test(test_odd),
  };

  return cmocka_run_group_tests_name("bursts", tests, NULL, NULL);
}
