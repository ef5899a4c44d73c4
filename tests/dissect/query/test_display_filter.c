/* Display filters, on sample captures: what is chosen, what is refused and where. */
#include "tests/test.h"

#include "capture/error.h"
#include "dissect/query/display_filter.h"
#include "tests/growing_trace.h"
#include "tests/sample_trace.h"

/* failed.pcap: calls 1 (messages 1-3: 400), 2 (4-10: 404 through a proxy), 3 (11-13: 503) and
 * 4 (14-17: 180, then 603), one a second from 2026-01-02 10:00:00 UTC on. */
#define FAILED "failed.pcap"
#define ALL_FAILED "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17"

typedef struct {
  const char *sample, *expression;
  const char *calls, *messages; /* numbers chosen; NULL: not asked */
} Case;

static const Case CASES[] = {
  /* numbers, ranges, lists */
  {FAILED, "call.status == 404", "2", "4 5 6 7 8 9 10"},
  {FAILED, "call.status != 404", "1 3 4", "1 2 3 11 12 13 14 15 16 17"},
  {FAILED, "call.status < 404", "1", NULL},
  {FAILED, "call.status <= 404", "1 2", NULL},
  {FAILED, "call.status > 503", "4", NULL},
  {FAILED, "call.status >= 503", "3 4", NULL},
  {FAILED, "call.status == 400..499", "1 2", NULL},
  {FAILED, "call.status == 401 .. 503", "2 3", NULL},
  {FAILED, "call.status == 4xx", "1 2", NULL},
  {FAILED, "call.status > 4xx", "3 4", NULL},
  {FAILED, "call.status in {404, 600..699}", "2 4", NULL},
  {FAILED, "call.status not in {404, 6XX}", "1 3", NULL},
  {FAILED, "call.status == \"404\"", "2", NULL},
  {FAILED, "call.status == -1", "", ""},
  /* words of operators */
  {FAILED, "call.status eq 404", "2", NULL},
  {FAILED, "call.status NE 404", "1 3 4", NULL},
  {FAILED, "call.status lt 404 or call.status GT 503", "1 4", NULL},
  {FAILED, "call.status ge 404 AND call.status le 503", "2 3", NULL},
  {FAILED, "from.host ~ \"^example\\.com$\"", "1 2 3 4", NULL},
  /* durations */
  {FAILED, "call.ring == 100ms", "4", "14 15 16 17"},
  {FAILED, "call.ring == 0.1", "4", NULL},
  {FAILED, "call.ring == 100000us", "4", NULL},
  {FAILED, "call.ring < 0.1s", "", NULL},
  {FAILED, "call.ring >= 50ms", "4", NULL},
  {FAILED, "call.ring < 1min", "4", NULL},
  {FAILED, "call.ring == 90ms..1h30min", "4", NULL},
  /* times of day: 10:00:00 UTC is 15:30:00 here */
  {FAILED, "call.start >= 15:30:02", "3 4", NULL},
  {FAILED, "call.start > 15:30", "", NULL},
  {FAILED, "call.start == 15:30:01", "2", NULL},
  {FAILED, "call.start < 15:30:01", "1", NULL},
  {FAILED, "call.start == 15:29:59..15:30:00", "1", NULL},
  {FAILED, "call.start < 10:30", "", NULL},
  {"basic.pcap", "call.duration > 5s && call.duration < 6", "1", NULL},
  {"basic.pcap", "message.delta > 2s", "1", "4 6"},
  /* times: local here is 05:30 before UTC */
  {FAILED, "call.start == 2026-01-02T10:00:02Z", "3", NULL},
  {FAILED, "call.start > 2026-01-02T10:00:02Z", "4", NULL},
  {FAILED, "call.start < 2026-01-02T10:00:02Z", "1 2", NULL},
  {FAILED, "call.start >= 2026-01-02 15:30:02", "3 4", NULL},
  {FAILED, "call.start >= '2026-01-02 15:30:02'", "3 4", NULL},
  {FAILED, "call.start == 2026-01-02 15:30:01..2026-01-02 15:30:02", "2 3", NULL},
  {FAILED, "call.start == 2026-01-02T09:00:01.035-01:00", "2", NULL},
  {FAILED, "call.start == 2026-01-02T10:00:01.03Z", "2", NULL},
  {FAILED, "call.start == 2026-01-02T10:00:01.036Z", "", NULL},
  {FAILED, "call.start == 2026-01-02 15:30", "1 2 3 4", NULL},
  {FAILED, "call.start == 2026-01-02", "1 2 3 4", NULL},
  {FAILED, "call.start > 2026-01-02", "", NULL},
  {FAILED, "call.start > 2026-01-01", "1 2 3 4", NULL},
  /* addresses */
  {FAILED, "message.src == 192.0.2.1", "2 3", "5 6 8 9 12"},
  {FAILED, "message.src == 192.0.2.1:5060", "2 3", "5 6 8 9 12"},
  {FAILED, "message.src == 192.0.2.1:5061", "", ""},
  {FAILED, "call.endpoints == 192.0.2.1", "2 3", NULL},
  {FAILED, "call.endpoints != 192.0.2.1", "1 4", NULL},
  {FAILED, "call.endpoints == 192.0.2.0/30", "2 3", NULL},
  {FAILED, "call.endpoints == 0.0.0.0/0", "1 2 3 4", NULL},
  {FAILED, "call.endpoints == ::/0", "", NULL},
  {FAILED, "call.endpoints in {10.0.0.0/8, 192.0.2.15..192.0.2.255}", "1 2 4", NULL},
  {"ipv6.pcap", "message.src == 2001:db8::10", "1", "1 4 5"},
  {"ipv6.pcap", "message.src == [2001:db8:0:1::20]:5062", "1", "2 3 6"},
  {"ipv6.pcap", "message.src == [2001:db8:0:1::20]:5060", "", ""},
  {"ipv6.pcap", "message.src == [2001:db8:0:1::20]", "1", "2 3 6"},
  {"ipv6.pcap", "message.src == 2001:db8::/64", "1", "1 4 5"},
  /* booleans */
  {"retransmission.pcap", "message.retransmission", "1", "2 3 6 8 9 11"},
  {"retransmission.pcap", "not message.retransmission", "", "1 4 5 7 10 12"},
  {"retransmission.pcap", "message.retransmission == true", "1", "2 3 6 8 9 11"},
  {"retransmission.pcap", "message.retransmission == False", "1", "1 4 5 7 10 12"},
  {"retransmission.pcap", "message.retransmission && message.status == 200", "1", "6 8"},
  /* texts and words */
  {FAILED, "call.outcome == failed", "1 2 3 4", ALL_FAILED},
  {FAILED, "call.outcome == FAILED", "1 2 3 4", NULL},
  {FAILED, "call.outcome == \"failed\"", "1 2 3 4", NULL},
  {FAILED, "call.outcome in {busy, answered}", "", ""},
  {FAILED, "from.user == alice", "1 2 3 4", NULL},
  {FAILED, "from.user == 'alice'", "1 2 3 4", NULL},
  {FAILED, "from.user == Alice", "", NULL},
  {FAILED, "from.user contains LIC", "1 2 3 4", NULL},
  {FAILED, "from.user not contains lic", "", NULL},
  {FAILED, "from.user matches \"^A.*E$\"", "1 2 3 4", NULL},
  {FAILED, "from.user matches \"(?-i)^A\"", "", NULL},
  {FAILED, "from.user matches \"^\\w{5}$\"", "1 2 3 4", NULL},
  {FAILED, "from.user not matches x", "1 2 3 4", NULL},
  {FAILED, "from.user == \"\\x61lice\"", "1 2 3 4", NULL},
  {FAILED, "message.reason == \"Not Found\"", "2", "7 9"},
  {FAILED, "message.reason contains FOUND", "2", "7 9"},
  {FAILED, "header[\"Retry-After\"] == 120", "", "12"},
  {FAILED, "any(header[\"Retry-After\"] == 120)", "3", "11 12 13"},
  {FAILED, "header[\"retry-after\"]", "", "12"},
  {FAILED, "message.method == invite && message.src == 192.0.2.1", "2", "6"},
  {FAILED, "from.host == EXAMPLE.com", "1 2 3 4", NULL},
  {FAILED, "call.kind in {INVITE, register}", "1 2 3 4", NULL},
  {FAILED, "message.transport == udp && message.kind == Response && 503", "3", "12"},
  /* existence, and what is absent */
  {FAILED, "call.ring", "4", NULL},
  {FAILED, "!call.ring", "1 2 3", NULL},
  {FAILED, "call.ring != 100ms", "1 2 3", NULL},
  {FAILED, "call.duration > 0 || call.duration <= 0 || call.duration == 0", "", ""},
  {FAILED, "call.duration != 0", "1 2 3 4", ALL_FAILED},
  {FAILED, "message.status", "1 2 3 4", "2 5 7 9 12 15 16"},
  /* search */
  {FAILED, "603", "4", "16"},
  {FAILED, "\"404 Not\"", "2", "7 9"},
  {FAILED, "'NOT FOUND'", "2", "7 9"},
  {FAILED, "\"SIP/2.0 404 Not Found\\r\\nVia: \"", "2", "7 9"},
  {FAILED, "Retry-After && 503", "3", "12"},
  {FAILED, "sip:bob@192.0.2.20:5060", "2 4", NULL},
  {FAILED, "no-such-text", "", ""},
  {FAILED, "!603", "1 2 3", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 17"},
  /* Wireshark's names */
  {FAILED, "sip.Method == \"INVITE\"", "1 2 3 4", "1 4 6 11 14"},
  {FAILED, "sip.Status-Code == 404", "2", "7 9"},
  {FAILED, "SIP.status-code == 404", "2", "7 9"},
  {FAILED, "ip.addr == 192.0.2.1", "2 3", "4 5 6 7 8 9 10 11 12 13"},
  {FAILED, "ip.addr == 192.0.2.1 && sip.Status-Code == 503", "3", "12"},
  {FAILED, "ip.addr != 192.0.2.1", "1 4", "1 2 3 14 15 16 17"},
  {FAILED, "sip.Call-ID contains \"x\"", "", ""},
  {FAILED, "sip.Call-ID contains @192.0.2", "1 2 3 4", ALL_FAILED},
  /* one and the same message */
  {FAILED, "message.method == \"INVITE\" && message.status == 404", "", ""},
  {FAILED, "any(message.method == \"INVITE\") && any(message.status == 404)", "2",
   "4 5 6 7 8 9 10"},
  {FAILED, "message.status == 404 && message.src == 192.0.2.1", "2", "9"},
  {FAILED, "message.status == 404 && message.dst == 192.0.2.1", "2", "7"},
  {FAILED, "message.status == 503 && message.src == 192.0.2.20", "", ""},
  {FAILED, "message.src == 192.0.2.1 && call.status > 0 && message.method == ACK", "2", "8"},
  {FAILED, "(message.src == 192.0.2.1 && call.status > 0) && message.method == ACK", "2", "8"},
  {FAILED, "message.status == 404 || message.status == 603", "2 4", "7 9 16"},
  {FAILED, "message.status == 404 || call.status == 603", "2 4", "7 9 14 15 16 17"},
  {FAILED, "(message.status == 100 || message.status == 180) && message.src == 192.0.2.1", "2",
   "5"},
  /* no such message */
  {FAILED, "!(message.status == 404)", "1 3 4", "1 2 3 4 5 6 8 10 11 12 13 14 15 16 17"},
  {FAILED, "message.status != 404", "1 3 4", "1 2 3 4 5 6 8 10 11 12 13 14 15 16 17"},
  {FAILED, "message.status != 404 && message.status != 503", "1 4", NULL},
  {FAILED, "message.status != 404 || message.status != 503", "1 2 3 4", NULL},
  {FAILED, "from.user == alice && message.status != 404", "1 3 4", NULL},
  {FAILED, "message.method == INVITE && message.src != 192.0.2.10", "2", "6"},
  {FAILED, "message.method == INVITE && !(message.src == 192.0.2.1)", "1 4", "1 4 11 14"},
  {FAILED, "message.status == 603 || message.src != 192.0.2.1", "1 4", NULL},
  /* any and all */
  {FAILED, "any(message.status == 180)", "4", "14 15 16 17"},
  {FAILED, "!any(message.status == 180)", "1 2 3", "1 2 3 4 5 6 7 8 9 10 11 12 13"},
  {FAILED, "all(message.port == 5060)", "1 2 3 4", ALL_FAILED},
  {FAILED, "all(message.src != 192.0.2.1)", "1 4", "1 2 3 14 15 16 17"},
  {FAILED, "all(not 404)", "1 3 4", "1 2 3 11 12 13 14 15 16 17"},
  {FAILED, "any(message.status == 404 && call.status == 404)", "2", "4 5 6 7 8 9 10"},
  {FAILED, "any(message.status == 404 && call.status == 503)", "", ""},
  {FAILED, "any(message.status != 404)", "1 2 3 4", ALL_FAILED},
  {FAILED, "any(404) && message.method == ACK", "2", "8 10"},
  {FAILED, "ANY (message.method == ACK && from.user == alice)", "1 2 3 4", NULL},
  {FAILED, "any", "", ""},
  /* facts of either */
  {FAILED, "from.user == alice && call.status == 404", "2", "4 5 6 7 8 9 10"},
  {FAILED, "to.user == bob && message.status == 404", "2", "7 9"},
  {"basic.pcap", "call.src == 192.0.2.10:5060 && call.dst == 198.51.100.20", "1", NULL},
  {"basic.pcap", "call.dst == 192.0.2.10", "", NULL},
  {"basic.pcap", "from.user == bob", "", "6 7"},
  {"basic.pcap", "any(from.user == bob)", "1", "1 2 3 4 5 6 7"},
  {"basic.pcap", "from.user == bob && message.method == BYE", "1", "6"},
  {"basic.pcap", "from.user == bob || message.status == 486", "", "6 7"},
  {"basic.pcap", "from.user == bob && message.status != 486 || message.status == 486", "", "6 7"},
  {"basic.pcap", "from.user == alice && any(message.method == BYE)", "1", "1 2 3 4 5"},
  /* precedence */
  {FAILED, "call.status == 400 || call.status == 404 && call.status == 503", "1", NULL},
  {FAILED, "(call.status == 400 || call.status == 404) && call.status == 404", "2", NULL},
  {FAILED, "! call.status == 400 && call.status < 500", "2", NULL},
  {FAILED, "!(call.status == 400 && call.status < 500)", "2 3 4", NULL},
  {FAILED, "not not call.status == 400", "1", NULL},
  {FAILED, "call.status==400||call.status==404", "1 2", NULL},
  /* several calls of several files, read in the order of octets */
  {"busy.pcap failed.pcap basic.pcap", "\"486 Busy\" || \"404 Not Found\"", "1 4", "8 14 16"},
};

static void append_number(GString *text, unsigned number)
{
  g_string_append_printf(text, "%s%u", text->len > 0 ? " " : "", number);
}

static char *chosen_calls(const DisplayFilter *filter, const SampleTrace *sample)
{
  GString *text = g_string_new(NULL);
  const FieldContext like = field_context(sample->trace, sample->stores, NULL);
  g_autofree CallBits *bits = display_filter_calls(filter, &like);

  for (size_t i = 0; i < trace_call_count(sample->trace); i++)
    if (call_bits_has(bits, trace_call_at(sample->trace, i)))
      append_number(text, (unsigned) i + 1);
  return g_string_free(text, false);
}

static char *chosen_messages(const DisplayFilter *filter, const SampleTrace *sample)
{
  GString *text = g_string_new(NULL);
  const FieldContext like = field_context(sample->trace, sample->stores, NULL);
  g_autoptr(GPtrArray) messages = display_filter_messages(filter, &like);

  for (unsigned i = 0; i < messages->len; i++)
    append_number(text, ((const Message *) messages->pdata[i])->number);
  return g_string_free(text, false);
}

static bool is_among(const char *numbers, unsigned number)
{
  g_autofree char *padded = g_strdup_printf(" %s ", numbers);
  g_autofree char *wanted = g_strdup_printf(" %u ", number);

  return strstr(padded, wanted) != NULL;
}

static unsigned count_words(const char *text)
{
  unsigned count = *text != '\0';

  for (; *text; text++)
    count += *text == ' ';
  return count;
}

/* Each call and message by itself is chosen when it is among all. */
static void check_one_by_one(const DisplayFilter *filter, const SampleTrace *sample,
                             const char *expression)
{
  g_autofree char *calls = chosen_calls(filter, sample);
  g_autofree char *messages = chosen_messages(filter, sample);
  unsigned found = 0;
  Arena scratch;

  arena_init(&scratch, 1024);
  g_auto(FieldContext) context = field_context(sample->trace, sample->stores, &scratch);
  for (size_t i = 0; i < trace_call_count(sample->trace); i++) {
    const Call *call = trace_call_at(sample->trace, i);

    arena_reset(&scratch);
    field_look_at_call(&context, call);
    if (display_filter_match(filter, &context) != is_among(calls, call->number))
      fail_msg("%s: call %u of %s", expression, call->number, calls);
    for (const Message *m = call->first; m; m = m->next) {
      arena_reset(&scratch);
      field_look_at_message(&context, m);
      if (display_filter_match(filter, &context) != is_among(messages, m->number))
        fail_msg("%s: message %u of %s", expression, m->number, messages);
      found += is_among(messages, m->number);
    }
  }
  assert_int_equal(found, count_words(messages));
  arena_clear(&scratch);
}

/* From a block of its exact size, which is gone when the filter is asked. */
static DisplayFilter *compile(const char *expression, GError **error)
{
  g_autofree char *exact = exact_copy(expression, strlen(expression) + 1);

  return display_filter_new(exact, error);
}

static void check_case(const Case *c)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(DisplayFilter) filter = compile(c->expression, &error);
  g_auto(SampleTrace) sample = sample_trace_read(c->sample);

  if (!filter)
    fail_msg("%s: %s", c->expression, error->message);
  g_autofree char *calls = chosen_calls(filter, &sample);
  g_autofree char *messages = chosen_messages(filter, &sample);
  if (c->calls && strcmp(calls, c->calls) != 0)
    fail_msg("%s: calls \"%s\", not \"%s\"", c->expression, calls, c->calls);
  if (c->messages && strcmp(messages, c->messages) != 0)
    fail_msg("%s: messages \"%s\", not \"%s\"", c->expression, messages, c->messages);
  check_one_by_one(filter, &sample, c->expression);
}

static bool always(void *data)
{
  (void) data;
  return true;
}

/* The call's answer in the shortest turns is that in one go. */
static void check_walk(const DisplayFilter *filter, FilterWalk *walk, FieldContext *context,
                       const Call *call)
{
  const FilterStop stop = {always, NULL};
  bool matches = false;

  do {
    arena_reset(context->scratch);
    field_look_at_call(context, call);
  } while (!filter_walk_step(walk, context, &stop, &matches));
  assert_int_equal(matches, display_filter_match(filter, context));
}

/* After each message that is filed. */
static void check_growing(const char *expression)
{
  g_autoptr(DisplayFilter) filter = compile(expression, NULL);
  g_auto(GrowingTrace) growing = growing_trace_new(&LIMITS_DEFAULT, 3261);
  FilterWalk *walks[3] = {NULL};
  Arena scratch;

  assert_non_null(filter);
  arena_init(&scratch, 1024);
  g_auto(FieldContext) context = field_context(growing.trace, growing.stores, &scratch);
  for (unsigned i = 0; i < 300; i++) {
    const Message *message =
      growing_trace_add(&growing, (unsigned) g_rand_int_range(growing.random, 0, 3));
    const Call *call = message->transaction->call;

    if (!walks[call->number - 1])
      walks[call->number - 1] = filter_walk_new(filter);
    check_walk(filter, walks[call->number - 1], &context, call);
  }
  for (size_t i = 0; i < G_N_ELEMENTS(walks); i++)
    filter_walk_free(walks[i]);
  arena_clear(&scratch);
}

static void test_walks(void **state)
{
  static const char *const EXPRESSIONS[] = {
    "message.status == 486",
    "message.status != 486",
    "all(message.src != 192.0.2.5)",
    "all(header[\"X-Turn\"] != 50)",
    "any(header[\"X-Turn\"] == 50) && !any(header[\"X-Turn\"] == 51)",
    "any(call.messages > 40 && message.status == 404)",
    "all(call.status == 200 || message.status != 503)",
    "call.outcome == answered || 99",
    "call.messages == 20..40 && message.method == BYE",
    "message.delta > 800ms && message.status == 180 || call.retransmissions > 20",
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(EXPRESSIONS); i++)
    check_growing(EXPRESSIONS[i]);
}

static void test_cases(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    check_case(&CASES[i]);
}

typedef struct {
  const char *expression;
  size_t column; /* of the caret */
  const char *message;
} Fault;

static const Fault FAULTS[] = {
  {"", 0, "the filter is empty"},
  {"  ", 2, "the filter is empty"},
  {"call.duraton > 3s", 0, "unknown field \"call.duraton\"; did you mean call.duration?"},
  {"486 && cal.duration > 3s", 7, "unknown field \"cal.duration\"; did you mean call.duration?"},
  {"call.ring and stream.lost > 3", 14,
   "stream.lost is a field of streams: only 'rung streams' takes it"},
  {"example.com", 0, "unknown field \"example.com\"; quote text to search for"},
  {"quux == 1", 0, "unknown field \"quux\""},
  {"call.duration contains \"x\"", 14,
   "call.duration is a duration, which cannot be used with \"contains\""},
  {"message.src contains 10.0", 12,
   "message.src is an address, which cannot be used with \"contains\"; use == with a network such "
   "as 10.0.0.0/8"},
  {"call.outcome > failed", 13, "call.outcome is a word, which cannot be used with \">\""},
  {"call.outcome == faild", 16,
   "call.outcome is never \"faild\"; expected one of answered, busy, cancelled, redirected, "
   "failed, "
   "unanswered"},
  {"message.kind in {request, INVITE}", 26,
   "message.kind is never \"INVITE\"; expected one of request, response"},
  {"call.status == \"abc\"", 15,
   "call.status needs a number such as 486, 400..499 or 4xx, not \"abc\""},
  {"call.status == 500..400", 15,
   "call.status needs a number such as 486, 400..499 or 4xx, not \"500..400\""},
  {"call.status == 99999999999999999999", 15,
   "call.status needs a number such as 486, 400..499 or 4xx, not \"99999999999999999999\""},
  {"call.duration > 3 parsecs", 18,
   "expected \"and\" or \"or\" before \"parsecs\"; quote text containing spaces"},
  {"call.duration > 3parsecs", 16,
   "call.duration needs a duration such as 3s, 250ms, 1.5s or 2min, not \"3parsecs\""},
  {"call.start > 24:04:05", 13,
   "call.start needs a time such as 10:30, 2026-01-02, \"2026-01-02 15:04:05\" or "
   "2026-01-02T15:04:05Z, "
   "not \"24:04:05\""},
  {"call.start > 2026-02-30", 13,
   "call.start needs a time such as 10:30, 2026-01-02, \"2026-01-02 15:04:05\" or "
   "2026-01-02T15:04:05Z, "
   "not \"2026-02-30\""},
  {"message.src == 10.0.0.0/33", 15,
   "message.src needs an address such as 10.0.0.1, 10.0.0.0/8, 10.0.0.1:5060 or "
   "[2001:db8::1]:5060, not \"10.0.0.0/33\""},
  {"message.src == example.com", 15,
   "message.src needs an address such as 10.0.0.1, 10.0.0.0/8, 10.0.0.1:5060 or "
   "[2001:db8::1]:5060, not \"example.com\""},
  {"message.retransmission == maybe", 26,
   "message.retransmission needs true or false such as true, not \"maybe\""},
  {"call.status ==", 14, "call.status needs a number such as 486, 400..499 or 4xx"},
  {"call.status == )", 15, "call.status needs a number such as 486, 400..499 or 4xx, not \")\""},
  {"call.status > 1..2", 14, "use a range only with ==, != and in"},
  {"call.status == {1, 2}", 15, "use \"in\" with a list in { }"},
  {"call.status in 1", 15, "\"in\" needs a list such as {486, 600}"},
  {"call.status in {1 2}", 18, "expected a comma or }"},
  {"call.status in {}", 16, "call.status needs a number such as 486, 400..499 or 4xx, not \"}\""},
  {"call.status in {1,", 18, "call.status needs a number such as 486, 400..499 or 4xx"},
  {"call.status = 486", 12, "use == to compare; quote text containing ="},
  {"a & b", 2, "use && for and; quote text containing &"},
  {"a | b", 2, "use || for or; quote text containing |"},
  {"(alice", 6, "missing ) for the ( at character 1"},
  {"alice)", 5, "unmatched )"},
  {"alice &&", 8, "a field or text is missing at the end"},
  {"&& alice", 0, "expected a field or text, not \"&&\""},
  {"\"alice", 0, "missing closing quote"},
  {"header[\"X", 6, "missing closing ]"},
  {"180 Ringing", 4, "expected \"and\" or \"or\" before \"Ringing\"; quote text containing spaces"},
  {"call.status == 1 == 2", 17,
   "expected a field before \"==\"; join two comparisons with \"and\""},
  {"\"text\" == 1", 0, "expected a field to compare, not text"},
  {"\"\"", 0, "nothing to search for: the text is empty"},
  {"from.user contains \"\"", 19, "\"contains\" needs some text"},
  {"from.user == \"\\q\"", 14, "unknown escape; use \\\" \\' \\\\ \\n \\r \\t or \\xNN"},
  {"from.user == to.user", 13,
   "cannot compare a field with a field; quote \"to.user\" to compare with text"},
  {"any(all(alice))", 4, "any() and all() cannot be nested: each tests all messages of the call"},
  {"host 1.2.3.4 and port 5060", 5,
   "expected \"and\" or \"or\"; use -f, not -Y, for a capture filter such as \"host ... and port "
   "...\""},
  {"port 5060", 5,
   "expected \"and\" or \"or\"; use -f, not -Y, for a capture filter such as \"host ... and port "
   "...\""},
  {"from.user == \"\303\274\" && call.x == 1", 20, NULL},
};

static void check_fault(const Fault *fault)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(DisplayFilter) filter = compile(fault->expression, &error);

  if (filter)
    fail_msg("%s: not refused", fault->expression);
  assert_true(g_error_matches(error, APP_ERROR, APP_ERROR_USAGE));
  g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);
  g_autofree char *caret = g_strdup_printf("  %*s^", (int) fault->column, "");
  g_autofree char *shown = g_strdup_printf("  %s", fault->expression);
  assert_int_equal(g_strv_length(lines), 3);
  if (fault->message)
    assert_string_equal(lines[0], fault->message);
  assert_string_equal(lines[1], shown);
  if (strcmp(lines[2], caret) != 0)
    fail_msg("%s", error->message);
}

static void test_faults(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(FAULTS); i++)
    check_fault(&FAULTS[i]);
}

/* Streams have fields of their own, and no text. */
static void test_streams(void **state)
{
  static const struct {
    const char *expression;
    bool matches;
    const char *fault;
  } STREAMS[] = {
    {"stream.lost == 5", true, NULL},
    {"stream.loss == 5.0 and stream.src == 192.0.2.1", true, NULL},
    {"stream.loss > 5", false, NULL},
    {"stream.codec == pcma or not stream.call", true, NULL},
    {"stream.ssrc == \"0x00000000\"", true, NULL},
    {"stream.mos in {1..4.4}", true, NULL},
    {"stream.dtmf", false, NULL},
    {"call.ring > 3s", false, "call.ring is not a field of streams"},
    {"alice", false, "expected a field such as stream.lost: streams have no text"},
    {"any(stream.lost > 3)", false, "any() and all() test messages, not streams"},
    {"stream.loss > 5%", false, NULL},
    {"stream.loss >= 5%", true, NULL},
  };
  const RtpStream stream = {.src = {.address = {192, 0, 2, 1}, .family = ADDRESS_IPV4},
                            .packets = 95,
                            .first_seq = 1,
                            .highest_seq = 100,
                            .payloads = {{.packets = 95, .type = 8}}};
  g_autoptr(Trace) trace = trace_new(&LIMITS_DEFAULT);
  Arena scratch;

  (void) state;
  arena_init(&scratch, 1024);
  g_auto(FieldContext) context = field_context(trace, NULL, &scratch);
  field_look_at_stream(&context, &stream);
  for (size_t i = 0; i < G_N_ELEMENTS(STREAMS); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(DisplayFilter) filter = display_filter_new_for_streams(STREAMS[i].expression, &error);
    if (STREAMS[i].fault)
      assert_true(error && g_str_has_prefix(error->message, STREAMS[i].fault));
    if (filter)
      assert_int_equal(display_filter_match(filter, &context), STREAMS[i].matches);
    else
      assert_non_null(error);
  }
  arena_clear(&scratch);
}

/* Of a regular expression the reason is PCRE's; the place is where it stopped. */
static void test_patterns(void **state)
{
  g_autoptr(GError) error = NULL;

  (void) state;
  assert_null(compile("from.user matches \"a(b\"", &error));
  assert_true(g_str_has_prefix(error->message, "invalid regular expression: "));
  assert_true(g_str_has_suffix(error->message, "\n                        ^"));
}

/* Cut anywhere: a filter or an error, and the caret is within the expression. */
static void test_cut(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    for (size_t len = 0; len < strlen(CASES[i].expression); len++) {
      g_autofree char *cut = g_strndup(CASES[i].expression, len);
      g_autoptr(GError) error = NULL;
      g_autoptr(DisplayFilter) filter = compile(cut, &error);
      const char *caret = error ? strrchr(error->message, '\n') : NULL;

      assert_true((filter != NULL) == (error == NULL));
      if (caret && strlen(caret) > strlen("\n  ^") + len)
        fail_msg("%s", error->message);
    }
}

static char *repeat(const char *before, const char *text, unsigned count, const char *after)
{
  GString *all = g_string_new(NULL);

  for (unsigned i = 0; i < count; i++)
    g_string_append(all, before);
  g_string_append(all, text);
  for (unsigned i = 0; i < count; i++)
    g_string_append(all, after);
  return g_string_free(all, false);
}

static void test_limits(void **state)
{
  static const struct {
    const char *before, *after;
    unsigned count;
    bool ok;
  } NESTS[] = {{"(", ")", 64, true},         {"(", ")", 65, false},
               {"!", "", 64, true},          {"!", "", 65, false},
               {"(", ")", 30000, false},     {"!(", ")", 32, true},
               {"x&&", "", 9000, true},      {"", " or message.status == 1", 2000, true},
               {"", " || !486", 100, false}, {"", "x", 65534, true},
               {"", "x", 65536, false}};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(NESTS); i++) {
    g_autofree char *text = repeat(NESTS[i].before, "a", NESTS[i].count, NESTS[i].after);
    g_autoptr(GError) error = NULL;
    g_autoptr(DisplayFilter) filter = display_filter_new(text, &error);

    if ((filter != NULL) != NESTS[i].ok)
      fail_msg("%zu: %s", i, error ? error->message : "not refused");
  }
}

static void test_asks_calls(void **state)
{
  static const struct {
    const char *expression;
    bool asks;
  } ROWS[] = {{"message.status == 486", false}, {"alice && from.user == bob", false},
              {"call.status == 486", true},     {"alice || any(bob)", true},
              {"!(alice && call.ring)", true},  {"header[\"X\"]", false}};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++) {
    g_autoptr(DisplayFilter) filter = compile(ROWS[i].expression, NULL);
    assert_int_equal(display_filter_asks_calls(filter), ROWS[i].asks);
  }
}

/* A pattern that would backtrack for ever gives up, which is no match, and is counted: once for a
 * value, however often it is asked about. */
/* What matches now matches whatever comes. */
static void test_is_steady(void **state)
{
  static const struct {
    const char *expression;
    bool steady;
  } ROWS[] = {
    {"call.id == \"x\"", true},
    {"call.from contains alice || call.number == 2", true},
    {"message.status == 486", true},
    {"any(message.status >= 500) && call.to contains bob", true},
    {"alice", true},
    {"call.outcome == failed", false},
    {"call.id == \"x\" && call.duration > 3s", false},
    {"any(message.status == 200 && call.state == in-call)", false},
    {"!(message.status == 486)", false},
    {"message.status != 486", false},
    {"all(message.status < 300)", false},
    {"call.messages == 1", false},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++) {
    g_autoptr(DisplayFilter) filter = display_filter_new(ROWS[i].expression, NULL);
    assert_non_null(filter);
    if (display_filter_is_steady(filter) != ROWS[i].steady)
      fail_msg("%s", ROWS[i].expression);
  }
}

static void test_endless_pattern(void **state)
{
  g_auto(SampleTrace) sample = sample_trace_read("basic.pcap");
  g_autoptr(DisplayFilter) filter =
    compile("to.uri matches \"^(((([a-z:@.])+.)+.)+.)+[0-9]$\"", NULL);

  (void) state;
  assert_non_null(filter);
  assert_int_equal(display_filter_undecided(filter), 0);
  for (unsigned i = 0; i < 2; i++) {
    g_autofree char *calls = chosen_calls(filter, &sample);
    assert_string_equal(calls, "");
    assert_int_equal(display_filter_undecided(filter), 1);
  }
}

/* Facts of octets that cannot be read are absent; what the model knows is asked all the same. */
static void test_unreadable(void **state)
{
  g_auto(SampleTrace) sample = sample_trace_read("failed.pcap");
  g_autoptr(DisplayFilter) text = compile("404", NULL), both = compile("404 || call.ring", NULL);

  (void) state;
  store_set_free(sample.stores);
  sample.stores = store_set_new();
  g_autofree char *by_text = chosen_calls(text, &sample);
  g_autofree char *by_both = chosen_calls(both, &sample);
  assert_string_equal(by_text, "");
  assert_string_equal(by_both, "4");
}

static bool is_one_of(const char *const *words, const char *word)
{
  for (size_t i = 0; words[i]; i++)
    if (strcmp(words[i], word) == 0)
      return true;
  return false;
}

/* No word that the model has is refused as one that cannot be. */
static void test_words(void **state)
{
  const char *const *outcomes = field_words(field_find(SLICE("call.outcome")));
  const char *const *states = field_words(field_find(SLICE("call.state")));
  const char *const *transports = field_words(field_find(SLICE("message.transport")));

  (void) state;
  for (Outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
    assert_true(is_one_of(outcomes, outcome_name(outcome)));
    for (CallState call = CALL_STATE_CALLING; call <= CALL_STATE_OUTCOME; call++)
      assert_true(is_one_of(states, call_state_name(call, outcome)));
  }
  for (Transport transport = 0; transport < TRANSPORT_COUNT; transport++)
    assert_true(is_one_of(transports, transport_name(transport)));
  assert_null(field_words(field_find(SLICE("message.method"))));
}

/* Random expressions of facts of messages: logic's laws hold for messages, some for calls. */
static char *random_expression(GRand *random, unsigned depth)
{
  static const char *const LEAVES[] = {
    "message.status == 404",
    "message.status != 404",
    "message.method == ACK",
    "message.src == 192.0.2.1",
    "call.status >= 503",
    "call.ring",
    "any(message.status == 180)",
    "all(message.src != 192.0.2.1)",
    "404",
    "from.user == alice",
    "message.number == 5..9",
    "message.status",
  };
  g_autofree char *a = NULL, *b = NULL;

  if (depth == 0)
    return g_strdup(LEAVES[g_rand_int_range(random, 0, G_N_ELEMENTS(LEAVES))]);
  a = random_expression(random, depth - 1);
  b = random_expression(random, depth - 1);
  switch (g_rand_int_range(random, 0, 3)) {
  case 0:
    return g_strdup_printf("(%s && %s)", a, b);
  case 1:
    return g_strdup_printf("(%s || %s)", a, b);
  default:
    return g_strdup_printf("!%s", a);
  }
}

/* Of calls: not A are the others, A or B is in A or in B. */
static void check_calls(const SampleTrace *sample, const char *a, const char *b)
{
  g_autofree char *not_a = g_strdup_printf("!(%s)", a), *a_or_b = g_strdup_printf("%s || %s", a, b);
  const char *const texts[] = {a, b, not_a, a_or_b};
  char *chosen[G_N_ELEMENTS(texts)];

  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
    g_autoptr(DisplayFilter) filter = compile(texts[i], NULL);
    assert_non_null(filter);
    chosen[i] = chosen_calls(filter, sample);
  }
  for (unsigned n = 1; n <= trace_call_count(sample->trace); n++) {
    bool in_a = is_among(chosen[0], n), in_b = is_among(chosen[1], n);

    if (in_a == is_among(chosen[2], n) || is_among(chosen[3], n) != (in_a || in_b))
      fail_msg("call %u: %s: %s; %s: %s; or: %s", n, a, chosen[0], b, chosen[1], chosen[3]);
  }
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
    g_free(chosen[i]);
}

static void check_same(const SampleTrace *sample, const char *a, const char *b)
{
  g_autoptr(DisplayFilter) first = compile(a, NULL), second = compile(b, NULL);

  assert_non_null(first);
  assert_non_null(second);
  g_autofree char *chosen = chosen_messages(first, sample);
  g_autofree char *same = chosen_messages(second, sample);
  if (strcmp(chosen, same) != 0)
    fail_msg("%s: %s\n%s: %s", a, chosen, b, same);
}

static void test_laws(void **state)
{
  g_auto(SampleTrace) sample = sample_trace_read("failed.pcap");
  g_autoptr(GRand) random = g_rand_new_with_seed(3261);

  (void) state;
  for (unsigned i = 0; i < 200; i++) {
    g_autofree char *a = random_expression(random, i % 4);
    g_autofree char *b = random_expression(random, i % 3);
    g_autofree char *twice = g_strdup_printf("!!(%s)", a);
    g_autofree char *neither = g_strdup_printf("!(%s || %s)", a, b);
    g_autofree char *not_both = g_strdup_printf("!(%s && %s)", a, b);
    g_autofree char *and_not = g_strdup_printf("!(%s) && !(%s)", a, b);
    g_autofree char *or_not = g_strdup_printf("!(%s) || !(%s)", a, b);
    g_autoptr(DisplayFilter) filter = compile(not_both, NULL);

    check_calls(&sample, a, b);
    check_same(&sample, a, twice);
    check_same(&sample, neither, and_not);
    check_same(&sample, not_both, or_not);
    check_one_by_one(filter, &sample, not_both);
  }
}

/* A row of one text: the From of the call. */
static bool find_in_from(void *data, const Call *call, const FilterRowTest *test)
{
  ++*(unsigned *) data;
  return test->matches(test->test, call_text_kept(call, CALL_TEXT_FROM));
}

/* Words on a list of calls: what they mean, and what is said of it. */
static void test_rows(void **state)
{
  static const struct {
    const char *expression, *chosen, *reading;
    bool reads_rows;
  } EXPRESSIONS[] = {
    {"failed", "1 2 3 4", "state failed", false},
    {"Answered", "", "outcome Answered", false},
    {"INVITE", "1 2 3 4", "kind INVITE", false},
    {"prack", "", "method prack", false},
    {"ack", "1 2 3 4", "method ack", false},
    {"5xx", "3", "status 5xx", false},
    {"0xx", "", "rows containing '0xx'", true},
    {"ALICE", "1 2 3 4", "rows containing 'ALICE'", true},
    {"bob", "", "rows containing 'bob'", true},
    {"\"bob\"", "1 2 3 4", "messages containing 'bob'", false},
    {"any(bob)", "1 2 3 4", "messages containing 'bob'", false},
    {"alic*", "1 2 3 4", "rows containing 'alic*'", true},
    {"lice*", "", "rows containing 'lice*'", true},
    {"*lice", "1 2 3 4", "rows containing '*lice'", true},
    {"a*e@ex*.com", "1 2 3 4", "rows containing 'a*e@ex*.com'", true},
    {"ali*.", "", "rows containing 'ali*.'", true},
    {"!bob && !5xx", "1 2 4", "not rows containing 'bob', not status 5xx", true},
    {"!(bob || 4xx)", "3 4", "rows containing 'bob', status 4xx", true},
    {"call.status == 404", "2", "", false},
    {"alice && message.method == ACK && call.status == 404", "2", "rows containing 'alice'", true},
  };
  g_auto(SampleTrace) sample = sample_trace_read(FAILED);
  unsigned asked = 0;
  const FilterRows rows = {find_in_from, &asked};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(EXPRESSIONS); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(DisplayFilter) filter =
      display_filter_new_for_rows(EXPRESSIONS[i].expression, &rows, &error);

    assert_non_null(filter);
    assert_string_equal(display_filter_reading(filter), EXPRESSIONS[i].reading);
    assert_int_equal(display_filter_reads_rows(filter), EXPRESSIONS[i].reads_rows);
    g_autofree char *chosen = chosen_calls(filter, &sample);
    if (strcmp(chosen, EXPRESSIONS[i].chosen) != 0)
      fail_msg("%s: %s", EXPRESSIONS[i].expression, chosen);
  }
  assert_true(asked > 0);
}

/* Expressions that mean on a list of calls what they meant elsewhere. */
static void test_quote_words(void **state)
{
  static const char *const PAIRS[][2] = {
    {"failed", "\"failed\""},
    {" 486 && !alice", " \"486\" && !\"alice\""},
    {"call.outcome == failed or 4xx", "call.outcome == failed or \"4xx\""},
    {"a\\b", "\"a\\\\b\""},
    {"\"a b\" and any(c)", "\"a b\" and any(c)"},
    {"call.number ==", "call.number =="},
    {"", ""},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(PAIRS); i++) {
    g_autofree char *quoted = display_filter_quote_words(PAIRS[i][0]);
    assert_string_equal(quoted, PAIRS[i][1]);
  }
}

/* Calls that came after the filter was applied are in no answer, and read nothing. */
static void test_calls_that_came_later(void **state)
{
  g_auto(GrowingTrace) growing = growing_trace_new(&LIMITS_DEFAULT, 1);
  g_autoptr(DisplayFilter) filter = display_filter_new("call.messages >= 1", NULL);

  (void) state;
  for (unsigned i = 0; i < 3; i++)
    growing_trace_add(&growing, i);
  const FieldContext like = field_context(growing.trace, growing.stores, NULL);
  g_autofree CallBits *bits = display_filter_calls(filter, &like);
  for (unsigned i = 3; i < 200; i++)
    growing_trace_add(&growing, i);
  for (size_t i = 0; i < trace_call_count(growing.trace); i++)
    assert_int_equal(call_bits_has(bits, trace_call_at(growing.trace, i)), i < 3);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_rows),
    cmocka_unit_test(test_quote_words),
    cmocka_unit_test(test_cases),
    cmocka_unit_test(test_faults),
    cmocka_unit_test(test_streams),
    cmocka_unit_test(test_patterns),
    cmocka_unit_test(test_cut),
    cmocka_unit_test(test_limits),
    cmocka_unit_test(test_asks_calls),
    cmocka_unit_test(test_is_steady),
    cmocka_unit_test(test_endless_pattern),
    cmocka_unit_test(test_unreadable),
    cmocka_unit_test(test_words),
    cmocka_unit_test(test_laws),
    cmocka_unit_test(test_walks),
    cmocka_unit_test(test_calls_that_came_later),
  };

  g_setenv("TZ", "TEST-05:30", true);
  return cmocka_run_group_tests_name("display_filter", tests, NULL, NULL);
}
