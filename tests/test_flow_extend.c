#include "tests/test.h"

#include "ui/view/flow/flow_extend.h"

enum { SEED = 42 };

/* The first message of a call, as a case writes it. */
typedef struct {
  const char *call_id, *from, *to;
  const char *header; /* with its line end, or "" */
  unsigned second;    /* when it begins, and when it ends */
  unsigned end;
} Leg;

typedef struct {
  const char *name;
  Leg legs[6];         /* those are looked for that belong to the first */
  const char *answers; /* of the others: "f" belongs, "h" may, "-" does not */
} Case;

#define NIL "00000000000000000000000000000000"
#define ONE "ab30317f1a784dc48ff824d0d3715d86"
#define TWO "47755a9de7794ba387653f2099600ef2"

static const Case CASES[] = {
  {"X-Call-ID names the other, either way",
   {{"a", "alice", "bob", "X-CID: c\r\n", 10, 60},
    {"b", "x", "y", "X-Call-ID: a\r\n", 11, 60},
    {"c", "x", "y", "", 9, 60},
    {"d", "x", "y", "X-Call-ID: c\r\n", 12, 60},
    {"e", "x", "y", "X-Call-ID: other\r\n", 12, 60},
    {"A", "x", "y", "", 12, 60}},
   "fff--"},
  {"Session-ID, either half",
   {{"a", "alice", "bob", "Session-ID: " ONE ";remote=" NIL "\r\n", 10, 60},
    {"b", "x", "y", "Session-ID: " ONE ";remote=" NIL "\r\n", 11, 60},
    {"c", "x", "y", "Session-ID: " TWO ";remote=" ONE "\r\n", 11, 60},
    {"d", "x", "y", "Session-ID: " TWO ";remote=" NIL "\r\n", 11, 60},
    {"e", "x", "y", "Session-ID: " NIL "\r\n", 11, 60},
    {"f", "x", "y", "Session-ID: \r\n", 11, 60}},
   "ff---"},
  {"equal users are a hint",
   {{"a", "alice", "bob", "", 10, 60},
    {"b", "alice", "bob", "", 11, 60},
    {"c", "bob", "alice", "", 11, 60},
    {"d", "alice", "", "", 11, 60},
    {"e", "alice", "bob", "", 61, 70},
    {"f", "alice", "bob", "", 4, 5}},
   "h----"},
  {"only while the call is there",
   {{"a", "alice", "bob", "Session-ID: " ONE "\r\n", 10, 60},
    {"b", "x", "y", "Session-ID: " ONE "\r\n", 60, 80},
    {"c", "x", "y", "Session-ID: " ONE "\r\n", 61, 80},
    {"d", "x", "y", "Session-ID: " ONE "\r\n", 5, 80},
    {"e", "x", "y", "Session-ID: " ONE "\r\n", 4, 80},
    {"f", "x", "y", "session-id: " ONE "\r\n", 20, 80}},
   "f-f-f"},
};

typedef struct {
  Trace *trace;
  StoreSet *stores;
  unsigned store;
} Bed;

static void add(const Bed *bed, const Leg *leg, unsigned second, const char *method)
{
  g_autofree char *text =
    g_strdup_printf("%s sip:x@example.com SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK%s%u\r\n"
                    "From: <sip:%s%sexample.com>;tag=f\r\nTo: <sip:%s%sexample.com>\r\n"
                    "Call-ID: %s\r\nCSeq: %u %s\r\n%sContent-Length: 0\r\n\r\n",
                    method, leg->call_id, second, leg->from, *leg->from ? "@" : "", leg->to,
                    *leg->to ? "@" : "", leg->call_id, second, method, leg->header);
  Arrival arrival = {.raw = {.octets = slice_from_string(text)}};

  arrival.raw.time_ns = second * INT64_C(1000000000);
  assert_true(store_append(bed->stores, bed->store, arrival.raw.octets, &arrival.raw.ref, NULL));
  assert_true(store_set_flush(bed->stores, NULL));
  assert_true(arrival_parse(&arrival, SEED));
  trace_note_time(bed->trace, arrival.raw.time_ns, arrival.raw.time_ns);
  trace_add(bed->trace, &arrival);
}

static bool has(const GArray *numbers, uint32_t number)
{
  for (size_t i = 0; i < numbers->len; i++)
    if (g_array_index(numbers, uint32_t, i) == number)
      return true;
  return false;
}

static void run(const Case *c)
{
  Bed bed = {.trace = trace_new(&LIMITS_DEFAULT), .stores = store_set_new()};
  const uint32_t first = 1;

  assert_true(store_set_add_spool(bed.stores, &bed.store, NULL));
  for (size_t i = 0; i < G_N_ELEMENTS(c->legs); i++) {
    add(&bed, &c->legs[i], c->legs[i].second, "INVITE");
    add(&bed, &c->legs[i], c->legs[i].end, "BYE");
  }
  FlowExtend *extend = flow_extend_new(&(FlowExtendSetup){bed.trace, bed.stores, &first, 1});
  while (flow_extend_step(extend, 0))
    continue;
  for (uint32_t i = 0; c->answers[i]; i++) {
    bool fact = has(flow_extend_facts(extend), i + 2);
    bool hint = has(flow_extend_hints(extend), i + 2);
    char answer = fact ? 'f' : hint ? 'h' : '-';

    assert_false(fact && hint);
    if (answer != c->answers[i])
      fail_msg("%s: call %u: %c", c->name, i + 2, answer);
  }
  assert_false(has(flow_extend_facts(extend), first) || has(flow_extend_hints(extend), first));
  assert_true(flow_extend_progress(extend) == 1.0);
  flow_extend_free(extend);
  trace_free(bed.trace);
  store_set_free(bed.stores);
}

static void test_cases(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    run(&CASES[i]);
}

/* However many belong to it. */
static void test_bounds(void **state)
{
  Bed bed = {.trace = trace_new(&LIMITS_DEFAULT), .stores = store_set_new()};
  const uint32_t calls[] = {1, 2, 3, 4000000000U, 0};

  (void) state;
  assert_true(store_set_add_spool(bed.stores, &bed.store, NULL));
  for (unsigned i = 0; i < 2 * FLOW_EXTEND_MAX; i++) {
    g_autofree char *id = g_strdup_printf("id%u", i);
    bool names = i % 2 == 0;

    add(&bed, &(Leg){id, "alice", "bob", names ? "X-Call-ID: id0\r\n" : ""}, 1, "INVITE");
    add(&bed, &(Leg){id, "alice", "bob", ""}, 5, "BYE");
  }
  FlowExtend *extend =
    flow_extend_new(&(FlowExtendSetup){bed.trace, bed.stores, calls, G_N_ELEMENTS(calls)});
  while (flow_extend_step(extend, G_MAXINT64))
    continue;
  assert_int_equal(flow_extend_facts(extend)->len, FLOW_EXTEND_MAX - 2);
  assert_int_equal(flow_extend_hints(extend)->len, FLOW_EXTEND_MAX - 1);
  flow_extend_free(extend);
  trace_free(bed.trace);
  store_set_free(bed.stores);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_cases),
    cmocka_unit_test(test_bounds),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
