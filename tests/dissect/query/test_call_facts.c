#include "tests/growing_trace.h"

#include "dissect/query/field.h"
#include "dissect/trace/call_facts.h"

/* More than CALL_FACTS_KEPT_FROM, and than the deciders of a call. */
enum { MANY = 2500, LINES_MAX = 12, FIELDS_MAX = 24 };

#define SDP "v=0\r\nm=audio 4000 RTP/AVP 8\r\n"
#define OFFER "v=0\r\nm=audio 4000 RTP/AVP 8 0 9\r\n"

/* One message of the call: "A>B" and so on; a start-line's method or status with phrase. */
typedef struct {
  const char *hop, *start;
  unsigned cseq;
  const char *method, *to_tag, *header, *body;
} Line;

/* A call, and what may come in it without end and change nothing of what became of it. */
typedef struct {
  const char *name;
  Line lines[LINES_MAX];
  const char *pad; /* method */
} Story;

static const Story STORIES[] = {
  {"forked and answered",
   {{"A>B", "INVITE", 1, "INVITE", "", "User-Agent: caller\r\n", OFFER},
    {"B>A", "180 Ringing", 1, "INVITE", "t1", "Server: one\r\n", ""},
    {"C>A", "183 Progress", 1, "INVITE", "t2", "", SDP},
    {"B>A", "200 OK", 1, "INVITE", "t1", "Server: two\r\n", SDP},
    {"A>B", "ACK", 1, "ACK", "t1", "", ""}},
   "INFO"},
  {"answered and ended",
   {{"A>B", "INVITE", 1, "INVITE", "", "", OFFER},
    {"B>A", "200 OK", 1, "INVITE", "t1", "", SDP},
    {"A>B", "ACK", 1, "ACK", "t1", "", ""},
    {"B>A", "BYE", 7, "BYE", "t1", "Reason: Q.850;cause=16\r\n", ""},
    {"A>B", "200 OK", 7, "BYE", "t1", "", ""}},
   "OPTIONS"},
  {"refused",
   {{"A>B", "INVITE", 1, "INVITE", "", "User-Agent: caller\r\n", OFFER},
    {"B>A", "100 Trying", 1, "INVITE", "", "", ""},
    {"B>A", "486 Busy", 1, "INVITE", "t1", "Reason: Q.850;cause=17\r\nWarning: 399 b \"no\"\r\n",
     ""},
    {"A>B", "ACK", 1, "ACK", "t1", "", ""}},
   "OPTIONS"},
  {"in a dialog that began before",
   {{"A>B", "ACK", 1, "ACK", "t1", "", ""},
    {"A>B", "INVITE", 2, "INVITE", "t1", "", OFFER},
    {"B>A", "488 No", 2, "INVITE", "t1", "", ""}},
   "INFO"},
  {"registered",
   {{"A>B", "REGISTER", 1, "REGISTER", "", "User-Agent: phone\r\n", ""},
    {"B>A", "401 Unauthorized", 1, "REGISTER", "t1", "", ""},
    {"A>B", "REGISTER", 2, "REGISTER", "", "", ""},
    {"B>A", "403 Forbidden", 2, "REGISTER", "t1", "Server: registrar\r\n", ""}},
   "OPTIONS"},
};

static void add_text_from(GrowingTrace *growing, Endpoint src, Endpoint dst, const char *text)
{
  Arrival arrival = {.raw = {.octets = slice_from_string(text), .transport = TRANSPORT_UDP}};

  growing->now_ns += INT64_C(1000000);
  arrival.raw.time_ns = growing->now_ns;
  arrival.raw.src = src;
  arrival.raw.dst = dst;
  assert_true(
    store_append(growing->stores, growing->store, arrival.raw.octets, &arrival.raw.ref, NULL));
  assert_true(arrival_parse(&arrival, 42));
  trace_note_time(growing->trace, growing->now_ns, growing->now_ns);
  trace_add(growing->trace, &arrival);
}

static void add_text(GrowingTrace *growing, const char *hop, const char *text)
{
  add_text_from(growing, growing_trace_host((unsigned char) hop[0]),
                growing_trace_host((unsigned char) hop[2]), text);
}

static void add_line(GrowingTrace *growing, const Line *line, const char *call_id)
{
  bool asks = g_ascii_isupper(line->start[0]);
  g_autofree char *text = g_strdup_printf(
    "%s%s%s\r\nVia: SIP/2.0/UDP a.example.com;branch=z9hG4bK%s%u\r\n"
    "From: <sip:a@example.com>;tag=f\r\nTo: <sip:b@example.com>%s%s\r\n"
    "Call-ID: %s\r\nCSeq: %u %s\r\n%s%sContent-Length: %zu\r\n\r\n%s",
    asks ? "" : "SIP/2.0 ", line->start, asks ? " sip:b@example.com SIP/2.0" : "", line->method,
    line->cseq, *line->to_tag ? ";tag=" : "", line->to_tag, call_id, line->cseq, line->method,
    line->header, *line->body ? "Content-Type: application/sdp\r\n" : "", strlen(line->body),
    line->body);

  add_text(growing, line->hop, text);
}

static void add_story(GrowingTrace *growing, const Story *story, const char *call_id)
{
  for (size_t i = 0; i < LINES_MAX && story->lines[i].hop; i++)
    add_line(growing, &story->lines[i], call_id);
}

static void add_pads(GrowingTrace *growing, const char *method, const char *call_id)
{
  for (unsigned i = 0; i < MANY; i++) {
    const Line line = {"A>B", method, 100 + i, method, "t1", "", ""};
    add_line(growing, &line, call_id);
  }
}

static const char *const FIELDS_ALIKE[] = {
  "call.kind",           "call.outcome",       "call.state",  "call.status",
  "call.reason",         "call.forks",         "call.cause",  "call.endpoints",
  "call.codecs_offered", "call.codecs_chosen", "call.server", "call.user_agent",
  "call.warning",        "call.duplicates",    "call.ring",   "call.setup",
};

static void assert_alike(GrowingTrace *growing, const char *key)
{
  Arena arenas[2];
  FieldContext contexts[2];
  FieldRef ref = {field_find(slice_from_string(key)), SLICE_NONE};
  FieldValue values[2];
  bool found[2] = {true, true};

  assert_non_null(ref.field);
  for (size_t i = 0; i < 2; i++) {
    arena_init(&arenas[i], 4096);
    contexts[i] = field_context(growing->trace, growing->stores, &arenas[i]);
    field_look_at_call(&contexts[i], trace_call_at(growing->trace, i));
  }
  for (size_t at = 0; found[0]; at++) {
    for (size_t i = 0; i < 2; i++)
      found[i] = field_get_at(&contexts[i], &ref, at, &values[i]);
    if (found[0] != found[1] || (found[0] && field_compare(&values[0], &values[1]) != 0))
      fail_msg("%s: value %zu differs", key, at);
  }
  for (size_t i = 0; i < 2; i++) {
    field_context_clear(&contexts[i]);
    arena_clear(&arenas[i]);
  }
}

static void assert_all_alike(GrowingTrace *growing, const char *name)
{
  assert_true(store_set_flush(growing->stores, NULL));
  assert_null(call_rare(trace_call_at(growing->trace, 0))->facts);
  assert_non_null(call_rare(trace_call_at(growing->trace, 1))->facts);
  print_message("%s\n", name);
  for (size_t i = 0; i < G_N_ELEMENTS(FIELDS_ALIKE); i++)
    assert_alike(growing, FIELDS_ALIKE[i]);
}

/* A few thousand requests more change nothing. */
static void test_long_calls_are_like_short_ones(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(STORIES); i++) {
    g_auto(GrowingTrace) growing = growing_trace_new(&LIMITS_DEFAULT, 1);

    add_story(&growing, &STORIES[i], "short");
    add_story(&growing, &STORIES[i], "long");
    add_pads(&growing, STORIES[i].pad, "long");
    assert_all_alike(&growing, STORIES[i].name);
  }
}

/* What came before does not hide what comes. */
static void test_late_beginnings(void **state)
{
  (void) state;
  for (size_t i = 0; i < 3; i++) {
    g_auto(GrowingTrace) growing = growing_trace_new(&LIMITS_DEFAULT, 1);
    const Line stray = {"A>B", "ACK", 99, "ACK", "other", "", ""};

    add_line(&growing, &stray, "short");
    add_line(&growing, &stray, "long");
    add_pads(&growing, "BYE", "long");
    add_story(&growing, &STORIES[i], "short");
    add_story(&growing, &STORIES[i], "long");
    assert_true(store_set_flush(growing.stores, NULL));
    assert_alike(&growing, "call.kind");
    assert_alike(&growing, "call.user_agent");
    assert_alike(&growing, "call.codecs_offered");
  }
}

/* Of requests without end the newest one decides. */
static void test_newest_decides(void **state)
{
  g_auto(GrowingTrace) growing = growing_trace_new(&LIMITS_DEFAULT, 1);

  (void) state;
  for (unsigned i = 0; i < MANY; i++) {
    unsigned status = 400 + i % 100;
    g_autofree char *start = g_strdup_printf("%u No", status);
    const Line request = {"A>B", "OPTIONS", i, "OPTIONS", "", "", ""};
    const Line response = {"B>A", start, i, "OPTIONS", "t", "", ""};
    add_line(&growing, &request, "endless");
    assert_int_equal(call_summarize(trace_call_at(growing.trace, 0), growing.now_ns).status, 0);
    add_line(&growing, &response, "endless");
    CallSummary summary = call_summarize(trace_call_at(growing.trace, 0), growing.now_ns);
    assert_int_equal(summary.status, status);
    assert_ptr_equal(summary.decided_by, trace_call_at(growing.trace, 0)->last);
  }
}

/* Each To tag and each endpoint counts once, and all of them do. */
static void test_forks_and_endpoints_without_end(void **state)
{
  g_auto(GrowingTrace) growing = growing_trace_new(&LIMITS_DEFAULT, 1);
  const Call *call;

  (void) state;
  add_line(&growing, &STORIES[0].lines[0], "forks");
  for (unsigned i = 0; i < MANY; i++) {
    g_autofree char *tag = g_strdup_printf("t%u", i / 2);
    const char hop[] = {(char) (1 + i % 120), '>', 'A', '\0'};
    const Line response = {hop, "200 OK", 1, "INVITE", tag, "", ""};
    add_line(&growing, &response, "forks");
  }
  call = trace_call_at(growing.trace, 0);
  assert_int_equal(call->dialog_count, MANY / 2);
  assert_int_equal(call_rare(call)->facts->forks, MANY / 2);
  assert_int_equal(call->confirmed, MANY / 2);
  assert_int_equal(call->unended, MANY / 2);
  assert_int_equal(call_rare(call)->facts->endpoint_count, 120); /* A and B are among them */
}

/* A request of the call, from one endpoint more. */
static void add_from(GrowingTrace *growing, unsigned number)
{
  Endpoint src = growing_trace_host('C');
  g_autofree char *text =
    g_strdup_printf("INFO sip:b@example.com SIP/2.0\r\nVia: SIP/2.0/UDP c;branch=z9hG4bK%u\r\n"
                    "From: <sip:a@example.com>;tag=f\r\nTo: <sip:b@example.com>;tag=t\r\n"
                    "Call-ID: one\r\nCSeq: %u INFO\r\nContent-Length: 0\r\n\r\n",
                    number, number);

  src.address[2] = (uint8_t) (number >> 8);
  src.address[3] = (uint8_t) number;
  add_text_from(growing, src, growing_trace_host('A'), text);
}

/* The first three BYEs and refusals are remembered, and 256 endpoints. */
static void test_facts_are_bounded(void **state)
{
  g_auto(GrowingTrace) growing = growing_trace_new(&LIMITS_DEFAULT, 1);
  Arena scratch;

  (void) state;
  arena_init(&scratch, 4096);
  add_line(&growing, &STORIES[0].lines[0], "one");
  const Call *call = trace_call_at(growing.trace, 0);
  for (unsigned n = 1; n <= 4; n++) {
    const Line bye = {"A>B", "BYE", 10 + n, "BYE", "t", "", ""};
    const Line refused = {"B>A", "488 No", 20 + n, "INVITE", "t", "", ""};
    add_line(&growing, &bye, "one");
    add_line(&growing, &refused, "one");
    const CallFacts *facts = call_facts(call, &scratch);
    assert_int_equal(facts->bye_count, MIN(n, 3));
    assert_int_equal(facts->refusal_count, MIN(n, 3));
    assert_int_equal(facts->byes[0]->cseq, 11);
    assert_int_equal(facts->byes[facts->bye_count - 1]->cseq, 10 + MIN(n, 3));
    assert_int_equal(facts->refusals[facts->refusal_count - 1]->cseq, 20 + MIN(n, 3));
  }
  assert_int_equal(call_facts(call, &scratch)->endpoint_count, 2);
  for (unsigned n = 3; n <= 258; n++) {
    add_from(&growing, n);
    const CallFacts *facts = call_facts(call, &scratch);
    assert_int_equal(facts->endpoint_count, MIN(n, 256));
    assert_int_equal(facts->beyond != NULL, n > 256);
  }
  arena_clear(&scratch);
}

static CallSummary summary_of(const GrowingTrace *growing)
{
  assert_non_null(call_rare(trace_call_at(growing->trace, 0))->facts);
  return call_summarize(trace_call_at(growing->trace, 0), growing->now_ns);
}

/* However many attempts there were, and though the first one was answered. */
static void test_last_attempt_decides(void **state)
{
  g_auto(GrowingTrace) growing = growing_trace_new(&LIMITS_DEFAULT, 1);

  (void) state;
  add_story(&growing, &STORIES[1], "one");
  for (unsigned i = 0; i < MANY; i++) {
    const Line request = {"A>B", "INVITE", 100 + i, "INVITE", "", "", ""};
    const Line response = {"B>A", "404 No", 100 + i, "INVITE", "t", "", ""};
    add_line(&growing, &request, "one");
    add_line(&growing, &response, "one");
  }
  assert_int_equal(summary_of(&growing).outcome, OUTCOME_FAILED);
  assert_int_equal(summary_of(&growing).status, 404);
  assert_int_equal(summary_of(&growing).setup_ns, -1);
  assert_int_equal(summary_of(&growing).duration_ns, -1);
}

/* The INVITE that came from the caller, or one of those that a proxy (its Via is above) or a B2BUA
 * (its From tag is another) makes of it; or the response. */
static void add_hop(GrowingTrace *growing, const char *start, unsigned fork, bool proxied)
{
  bool asks = g_str_has_prefix(start, "INVITE");
  const char *hop = asks ? (fork ? "P>B" : "A>P") : (fork ? "B>P" : "P>A");
  g_autofree char *via =
    g_strdup_printf("Via: SIP/2.0/UDP p.example.com;branch=z9hG4bKp%u\r\n", fork);
  g_autofree char *text =
    g_strdup_printf("%s\r\n%s%sFrom: <sip:a@example.com>;tag=f%u\r\nTo: <sip:b@example.com>%s\r\n"
                    "Call-ID: one\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n",
                    start, fork ? via : "",
                    proxied || !fork ? "Via: SIP/2.0/UDP a.example.com;branch=z9hG4bKa\r\n" : "",
                    proxied ? 0 : fork, asks ? "" : ";tag=t");

  add_text(growing, hop, text);
}

/* What the caller was told is the outcome, however many were tried for it. */
static void test_first_hop_decides(void **state)
{
  (void) state;
  for (unsigned proxied = 0; proxied < 2; proxied++) {
    g_auto(GrowingTrace) growing = growing_trace_new(&LIMITS_DEFAULT, 1);

    add_hop(&growing, "INVITE sip:b@example.com SIP/2.0", 0, proxied);
    for (unsigned i = 1; i < MANY; i++) {
      add_hop(&growing, "INVITE sip:b@example.com SIP/2.0", i, proxied);
      add_hop(&growing, "SIP/2.0 404 No", i, proxied);
    }
    assert_int_equal(summary_of(&growing).status, proxied ? 404 : 0);
    add_hop(&growing, "SIP/2.0 486 Busy", 0, proxied);
    assert_int_equal(summary_of(&growing).status, 486);
  }
}

/* Of very many dialogs the longest counts, also one that only a BYE of no dialog has ended. */
static void test_longest_dialog(void **state)
{
  const int64_t LONG_NS = INT64_C(10000000000);

  (void) state;
  for (unsigned stray = 0; stray < 2; stray++) {
    g_auto(GrowingTrace) growing = growing_trace_new(&LIMITS_DEFAULT, 1);

    for (unsigned i = 1; i <= MANY; i++) {
      g_autofree char *tag = g_strdup_printf("t%u", i);
      const char *bye_tag = i == MANY && stray ? "other" : tag;
      const Line request = {"A>B", "INVITE", i, "INVITE", "", "", ""};
      const Line response = {"B>A", "200 OK", i, "INVITE", tag, "", ""};
      const Line bye = {"A>B", "BYE", i, "BYE", bye_tag, "", ""};
      add_line(&growing, &request, "one");
      add_line(&growing, &response, "one");
      growing.now_ns += i == MANY ? LONG_NS : 0;
      add_line(&growing, &bye, "one");
    }
    assert_int_equal(summary_of(&growing).duration_ns, LONG_NS + 1000000);
  }
}

/* From the answer that is up longest to its BYE. */
static void test_up_since(void **state)
{
  static const Line LINES[] = {
    {"A>B", "INVITE", 1, "INVITE", "", "", ""},  {"B>A", "180 Ringing", 1, "INVITE", "t", "", ""},
    {"B>A", "200 OK", 1, "INVITE", "t", "", ""}, {"B>A", "200 OK", 1, "INVITE", "late", "", ""},
    {"A>B", "BYE", 2, "BYE", "t", "", ""},       {"A>B", "BYE", 2, "BYE", "late", "", ""},
  };
  static const int SINCE[] = {-1, -1, 2, 2, 3, -1}; /* the line that answered */
  g_auto(GrowingTrace) growing = growing_trace_new(&LIMITS_DEFAULT, 1);
  int64_t times[G_N_ELEMENTS(LINES)];

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(LINES); i++) {
    add_line(&growing, &LINES[i], "one");
    times[i] = trace_now(growing.trace);
    int64_t expected = SINCE[i] < 0 ? TIME_NONE : times[SINCE[i]];
    CallSummary summary = call_summarize(trace_call_at(growing.trace, 0), times[i]);
    assert_int_equal(summary.up_since_ns, expected);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_long_calls_are_like_short_ones),
    cmocka_unit_test(test_late_beginnings),
    cmocka_unit_test(test_newest_decides),
    cmocka_unit_test(test_forks_and_endpoints_without_end),
    cmocka_unit_test(test_facts_are_bounded),
    cmocka_unit_test(test_last_attempt_decides),
    cmocka_unit_test(test_first_hop_decides),
    cmocka_unit_test(test_longest_dialog),
    cmocka_unit_test(test_up_since),
  };

  return cmocka_run_group_tests_name("call_facts", tests, NULL, NULL);
}
