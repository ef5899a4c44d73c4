#include "tests/test.h"

#include "ui/show/flow_extend.h"

enum { SEED = 42 };

/* The first message of a call, as a case writes it, and what it is closed with. */
typedef struct {
  const char *call_id, *from, *to;
  const char *header; /* with its line end, or "" */
  unsigned second;    /* when it begins, and when it ends */
  unsigned end;
  const char *refer; /* header of a REFER at its end, or NULL: BYE */
  bool back;         /* the host that the others go to sends it */
} Leg;

typedef struct {
  const char *name;
  Leg legs[6];         /* those are looked for that belong to the first */
  const char *answers; /* of the others: LETTERS of the evidence, "-" for none */
} Case;

static const char LETTERS[] = {
  [FLOW_EVIDENCE_NONE] = '-',          [FLOW_EVIDENCE_CALLED] = 'c',
  [FLOW_EVIDENCE_CALLER] = 'f',        [FLOW_EVIDENCE_USERS] = 'u',
  [FLOW_EVIDENCE_REFER_TO] = 't',      [FLOW_EVIDENCE_REFERRED] = 'R',
  [FLOW_EVIDENCE_TARGET_DIALOG] = 'D', [FLOW_EVIDENCE_JOIN] = 'J',
  [FLOW_EVIDENCE_REPLACES] = 'P',      [FLOW_EVIDENCE_X_CALL_ID] = 'X',
  [FLOW_EVIDENCE_SESSION_ID] = 'S',    [FLOW_EVIDENCE_CALL_ID] = 'I',
  [FLOW_EVIDENCE_GUID] = 'G',          [FLOW_EVIDENCE_HEADER] = 'H',
  [FLOW_EVIDENCE_ICID] = 'V',
};

#define NIL "00000000000000000000000000000000"
#define ONE "ab30317f1a784dc48ff824d0d3715d86"
#define TWO "47755a9de7794ba387653f2099600ef2"
#define BY_ALICE "Referred-By: \"A\" <sip:alice@EXAMPLE.com>;cid=1\r\n"

static const Case CASES[] = {
  {"X-Call-ID names the other, either way",
   {{"a", "alice", "bob", "X-CID: c\r\n", 10, 60},
    {"b", "x", "y", "X-Call-ID: a\r\n", 11, 60},
    {"c", "x", "y", "", 9, 60},
    {"d", "x", "y", "X-Call-ID: c\r\n", 12, 60},
    {"e", "x", "y", "X-Call-ID: other\r\n", 12, 60},
    {"A", "x", "y", "", 12, 60}},
   "XXX--"},
  {"Session-ID, either half",
   {{"a", "alice", "bob", "Session-ID: " ONE ";remote=" NIL "\r\n", 10, 60},
    {"b", "x", "y", "Session-ID: " ONE ";remote=" NIL "\r\n", 11, 60},
    {"c", "x", "y", "Session-ID: " TWO ";remote=" ONE "\r\n", 11, 60},
    {"d", "x", "y", "Session-ID: " TWO ";remote=" NIL "\r\n", 11, 60},
    {"e", "x", "y", "Session-ID: " NIL "\r\n", 11, 60},
    {"f", "x", "y", "Session-ID: \r\n", 11, 60}},
   "SS---"},
  {"a header names the Call-ID, the strongest counts",
   {{"a", "alice", "bob", "Replaces: d;to-tag=1;from-tag=2\r\n", 10, 60},
    {"b", "x", "y", "Replaces: a;to-tag=1;from-tag=2\r\n", 11, 60},
    {"c", "x", "y", "Join: a;to-tag=1;from-tag=2\r\n", 11, 60},
    {"d", "x", "y", "", 11, 60},
    {"e", "alice", "bob", "Target-Dialog: a;local-tag=1\r\n", 11, 60},
    {"f", "x", "y", "Join: a;to-tag=1\r\nX-CID: a\r\n", 11, 60}},
   "PJPDX"},
  {"who follows a REFER of it",
   {{"a", "alice", "bob", "", 10, 60, "Refer-To: <sip:carol@example.COM>\r\n" BY_ALICE},
    {"b", "bob", "carol", "b: <sip:alice@example.com>\r\n", 61, 70},
    {"c", "bob", "carol", "", 61, 70},
    {"d", "bob", "dave", "b: <sip:alice@example.com>\r\n", 61, 70},
    {"e", "bob", "carol", "b: <sip:bob@example.com>\r\n", 61, 70},
    {"f", "bob", "carol", "b: <sip:alice@example.com>\r\n", 66, 70}},
   "Rt-t-"},
  {"whose REFER it follows",
   {{"a", "bob", "carol", "Referred-By: sip:alice@example.com\r\n", 60, 70},
    {"b", "alice", "bob", "", 1, 65, "Refer-To: <sip:carol@example.com>\r\n" BY_ALICE},
    {"c", "alice", "bob", "", 56, 65, "r: sip:carol@example.com\r\n"},
    {"d", "x", "bob", "", 56, 65, "Refer-To: <sip:carol@example.com>\r\n"},
    {"e", "x", "bob", "", 56, 65, "Refer-To: <sip:dave@example.com>\r\n"},
    {"f", "x", "bob", "", 56, 65, "Refer-To: \r\n"}},
   "RRt--"},
  {"a REFER to replace another call",
   {{"a", "alice", "bob", "", 10, 60, "Refer-To: <sip:c@d?a=b&replaces=b%3Bto-tag%3D1>\r\n"},
    {"b", "x", "y", "", 11, 60},
    {"c", "x", "z", "", 11, 60, "Refer-To: <sip:c@d?Replaces=a%3Bto-tag%3D1>\r\n"},
    {"d", "x", "z", "", 11, 60, "Refer-To: <sip:c@d?Join=%61>\r\n"},
    {"e", "x", "z", "", 11, 60, "Refer-To: <sip:c@d?Replaces=>\r\n"},
    {"b;to-tag=1", "x", "y", "", 11, 60}},
   "PPJ--"},
  {"equal users are a hint",
   {{"a", "alice", "bob", "", 10, 60},
    {"b", "alice", "bob", "", 11, 60},
    {"c", "bob", "alice", "", 11, 60},
    {"d", "alice", "", "", 11, 60},
    {"e", "alice", "bob", "", 66, 70},
    {"f", "alice", "bob", "", 3, 4}},
   "u----"},
  {"so is one user through the same host",
   {{"a", "alice", "bob", "", 10, 60},
    {"b", "alice", "100", "", 11, 60, NULL, true},
    {"c", "100", "bob", "", 5, 60, NULL, true},
    {"d", "alice", "bob", "", 11, 60, NULL, true},
    {"e", "alice", "100", "", 16, 60, NULL, true},
    {"f", "bob", "alice", "", 11, 60, NULL, true}},
   "fcu--"},
  {"the same icid-value, quoted or not",
   {{"a", "alice", "bob", "P-Charging-Vector: icid-value=1234bc;orig-ioi=home1\r\n", 10, 60},
    {"b", "x", "y", "P-Charging-Vector: orig-ioi=h; icid-value=\"1234bc\"\r\n", 11, 60},
    {"c", "x", "y", "P-Charging-Vector: icid-value=1234bd\r\n", 11, 60},
    {"d", "x", "y", "P-Charging-Vector: icid-value=\"\"\r\n", 11, 60},
    {"e", "x", "y", "P-Charging-Vector: orig-ioi=home1\r\n", 11, 60},
    {"f", "x", "y", "P-Charging-Vector: icid-value=1234BC\r\n", 11, 60}},
   "V----"},
  {"a Call-ID with a suffix",
   {{"f81d4fae7dec11d0@h", "alice", "bob", "", 10, 60},
    {"f81d4fae7dec11d0@h_b2b-1", "x", "y", "", 11, 60},
    {"f81d4fae7dec11d0-2@g", "x", "y", "", 11, 60},
    {"f81d4fae7dec11d02@g", "x", "y", "", 11, 60},
    {"f81d4fae7dec11d0@g", "x", "y", "", 11, 60},
    {"f81d4fae7dec11d0", "x", "y", "", 11, 60}},
   "II-II"},
  {"or with a prefix, either way",
   {{"b2b-f81d4fae7dec11d0@h", "alice", "bob", "", 10, 60},
    {"f81d4fae7dec11d0@h", "x", "y", "", 11, 60},
    {"x.b2b-f81d4fae7dec11d0@h", "x", "y", "", 11, 60},
    {"ab2b-f81d4fae7dec11d0@h", "x", "y", "", 11, 60},
    {"b2c-f81d4fae7dec11d0@h", "x", "y", "", 11, 60},
    {"b2b-f81d4fae7dec11d0-0123456789012345678901234567890123456789@h", "x", "y", "", 11, 60}},
   "II---"},
  {"but not Call-IDs of a counter",
   {{"call-1@192.0.2.10", "alice", "bob", "", 10, 60},
    {"call-12@192.0.2.10", "x", "y", "", 11, 60},
    {"1-call-1@192.0.2.10", "x", "y", "", 11, 60},
    {"call-1-2@192.0.2.10", "x", "y", "", 11, 60},
    {"call-1@192.0.2.20", "x", "y", "", 11, 60},
    {"call-1", "x", "y", "", 11, 60}},
   "-----"},
  {"however long",
   {{"1000000000000000001@h", "alice", "bob", "", 10, 60},
    {"1-1000000000000000001@h", "x", "y", "", 11, 60},
    {"1000000000000000001@g", "x", "y", "", 11, 60},
    {"12345678901234567", "x", "y", "", 11, 60},
    {"1-12345678901234567", "x", "y", "", 11, 60},
    {"2", "x", "y", "", 11, 60}},
   "-----"},
  {"a GUID",
   {{"a", "alice", "bob", "Cisco-Guid: 0123456789-2222222222-333\r\n", 10, 60},
    {"b", "x", "y", "cisco-guid: 0123456789-2222222222-333\r\n", 11, 60},
    {"c", "x", "y", "X-Call-GUID: 0123456789-2222222222-333\r\n", 11, 60},
    {"d", "x", "y", "Cisco-Guid: 0123456789-2222222222-444\r\n", 11, 60},
    {"e", "x", "y", "X-Other: 0123456789-2222222222-333\r\n", 11, 60},
    {"f", "x", "y", "X-Any-UUID: 0123456789-2222222222-333\r\n", 11, 60}},
   "GG--G"},
  {"a header that was named, each for itself",
   {{"a", "alice", "bob", "X-Ref: 7\r\nX-Trace: 8\r\n", 10, 60},
    {"b", "x", "y", "x-ref: 7\r\n", 11, 60},
    {"c", "x", "y", "X-Trace: 7\r\n", 11, 60},
    {"d", "x", "y", "X-TRACE:  8 \r\n", 11, 60},
    {"e", "x", "y", "X-Ref:\r\n", 11, 60},
    {"f", "x", "y", "X-Refs: 7\r\n", 11, 60}},
   "H-H--"},
  {"only near the time of the call",
   {{"a", "alice", "bob", "Session-ID: " ONE "\r\n", 10, 60},
    {"b", "x", "y", "Session-ID: " ONE "\r\n", 65, 80},
    {"c", "x", "y", "Session-ID: " ONE "\r\n", 66, 80},
    {"d", "x", "y", "Session-ID: " ONE "\r\n", 1, 5},
    {"e", "x", "y", "Session-ID: " ONE "\r\n", 1, 4},
    {"f", "x", "y", "session-id: " ONE "\r\n", 20, 80}},
   "S-S-S"},
};

typedef struct {
  Trace *trace;
  StoreSet *stores;
  unsigned store;
} Bed;

/* Its first message, or with `closes` its last. */
static void add(const Bed *bed, const Leg *leg, bool closes)
{
  const char *method = !closes ? "INVITE" : leg->refer ? "REFER" : "BYE";
  const char *header = !closes ? leg->header : leg->refer ? leg->refer : "";
  unsigned second = closes ? leg->end : leg->second;
  g_autofree char *text =
    g_strdup_printf("%s sip:x@example.com SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK%s%u\r\n"
                    "From: <sip:%s%sexample.com>;tag=f\r\nTo: <sip:%s%sexample.com>\r\n"
                    "Call-ID: %s\r\nCSeq: %u %s\r\n%sContent-Length: 0\r\n\r\n",
                    method, leg->call_id, second, leg->from, *leg->from ? "@" : "", leg->to,
                    *leg->to ? "@" : "", leg->call_id, second, method, header);
  Arrival arrival = {.raw = {.octets = slice_from_string(text)}};

  assert_true(endpoint_parse(SLICE("10.0.0.1"), 5060, &arrival.raw.src));
  assert_true(endpoint_parse(SLICE("10.0.0.2"), 5060, &arrival.raw.dst));
  if (leg->back) {
    arrival.raw.src = arrival.raw.dst;
    assert_true(endpoint_parse(SLICE("10.0.0.3"), 5060, &arrival.raw.dst));
  }
  arrival.raw.time_ns = second * INT64_C(1000000000);
  assert_true(store_append(bed->stores, bed->store, arrival.raw.octets, &arrival.raw.ref, NULL));
  assert_true(store_set_flush(bed->stores, NULL));
  assert_true(arrival_parse(&arrival, SEED));
  trace_note_time(bed->trace, arrival.raw.time_ns, arrival.raw.time_ns);
  trace_add(bed->trace, &arrival);
}

/* What was found of the call, among facts or hints. */
static FlowKin find(const GArray *kin, uint32_t number)
{
  for (guint i = 0; i < kin->len; i++)
    if (g_array_index(kin, FlowKin, i).number == number)
      return g_array_index(kin, FlowKin, i);
  return (FlowKin){0};
}

static void run(const Case *c)
{
  Bed bed = {.trace = trace_new(&LIMITS_DEFAULT), .stores = store_set_new()};
  const uint32_t first = 1;

  assert_true(store_set_add_spool(bed.stores, &bed.store, NULL));
  for (size_t i = 0; i < G_N_ELEMENTS(c->legs); i++) {
    add(&bed, &c->legs[i], false);
    add(&bed, &c->legs[i], true);
  }
  g_auto(GStrv) headers = flow_leg_headers(" X-Ref;; X-Trace");
  FlowExtend *extend = flow_extend_new(
    &(FlowExtendSetup){bed.trace, bed.stores, &first, 1, (const char *const *) headers});
  while (job_step(&extend->job, 0))
    continue;
  for (uint32_t i = 0; c->answers[i]; i++) {
    FlowKin fact = find(extend->facts, i + 2);
    FlowKin hint = find(extend->hints, i + 2);
    char answer = LETTERS[MAX(fact.evidence, hint.evidence)];

    assert_false(flow_evidence_is_fact(hint.evidence));
    assert_true(fact.number == 0 || (flow_evidence_is_fact(fact.evidence) && hint.number == 0));
    assert_int_equal(fact.of + hint.of, answer == '-' ? 0 : first);
    if (answer != c->answers[i])
      fail_msg("%s: call %u: %c", c->name, i + 2, answer);
  }
  assert_int_equal(find(extend->facts, first).number, 0);
  assert_int_equal(find(extend->hints, first).number, 0);
  assert_true(job_progress(&extend->job) == 1.0);
  job_free(&extend->job);
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

    Leg leg = {id, "alice", "bob", names ? "X-Call-ID: id0\r\n" : "", 1, 5, NULL, false};
    add(&bed, &leg, false);
    add(&bed, &leg, true);
  }
  FlowExtend *extend =
    flow_extend_new(&(FlowExtendSetup){bed.trace, bed.stores, calls, G_N_ELEMENTS(calls), NULL});
  while (job_step(&extend->job, G_MAXINT64))
    continue;
  assert_int_equal(extend->facts->len, FLOW_EXTEND_MAX - 2);
  assert_int_equal(extend->left_out, 0);
  assert_int_equal(extend->hints->len, FLOW_EXTEND_MAX - 1);
  job_free(&extend->job);
  trace_free(bed.trace);
  store_set_free(bed.stores);
}

/* What is too many is counted. */
static void test_left_out(void **state)
{
  enum { LEGS = FLOW_EXTEND_MAX + 5 };
  Bed bed = {.trace = trace_new(&LIMITS_DEFAULT), .stores = store_set_new()};
  const uint32_t first = 1;

  (void) state;
  assert_true(store_set_add_spool(bed.stores, &bed.store, NULL));
  for (unsigned i = 0; i <= LEGS; i++) {
    g_autofree char *id = g_strdup_printf("id%u", i);
    Leg leg = {id, "alice", "bob", i > 0 ? "X-Call-ID: id0\r\n" : "", 1, 5, NULL, false};
    add(&bed, &leg, false);
  }
  FlowExtend *extend = flow_extend_new(&(FlowExtendSetup){bed.trace, bed.stores, &first, 1, NULL});
  while (job_step(&extend->job, G_MAXINT64))
    continue;
  assert_int_equal(extend->facts->len, FLOW_EXTEND_MAX);
  assert_int_equal(extend->left_out, LEGS - FLOW_EXTEND_MAX);
  job_free(&extend->job);
  trace_free(bed.trace);
  store_set_free(bed.stores);
}

static void test_said(void **state)
{
  static const struct {
    FlowKin kin[8];
    const char *said;
  } cases[] = {
    {{{3, 1, FLOW_EVIDENCE_REPLACES}}, "call 3 (Replaces)"},
    {{{3, 1, FLOW_EVIDENCE_USERS}, {4, 1, FLOW_EVIDENCE_USERS}}, "calls 3, 4 (same users)"},
    {{{3, 1, FLOW_EVIDENCE_USERS}, {4, 1, FLOW_EVIDENCE_JOIN}, {5, 1, FLOW_EVIDENCE_JOIN}},
     "calls 3 (same users), 4, 5 (Join)"},
    {{{3, 1, FLOW_EVIDENCE_HEADER, 1}, {4, 1, FLOW_EVIDENCE_HEADER, 0}},
     "calls 3 (X-Trace), 4 (X-Ref)"},
    {{{1, 9, FLOW_EVIDENCE_JOIN},
      {2, 9, FLOW_EVIDENCE_JOIN},
      {3, 9, FLOW_EVIDENCE_JOIN},
      {4, 9, FLOW_EVIDENCE_JOIN},
      {5, 9, FLOW_EVIDENCE_JOIN},
      {6, 9, FLOW_EVIDENCE_JOIN},
      {7, 9, FLOW_EVIDENCE_JOIN}},
     "calls 1, 2, 3, 4, 5, 6 (Join) and 1 more"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GArray) kin = g_array_new(FALSE, FALSE, sizeof(FlowKin));
    g_autoptr(GString) text = g_string_new(NULL);

    for (const FlowKin *one = cases[i].kin; one->number > 0; one++)
      g_array_append_val(kin, *one);
    flow_kin_append(text, kin, (const char *const[]){"X-Ref", "X-Trace", NULL});
    assert_string_equal(text->str, cases[i].said);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_cases),
    cmocka_unit_test(test_bounds),
    cmocka_unit_test(test_said),
    cmocka_unit_test(test_left_out),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
