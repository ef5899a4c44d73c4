/* Roles of endpoints, and what a hop changed in a message. */
#include "tests/sample_trace.h"

#include "dissect/diagnose/diagnosis.h"
#include "dissect/diagnose/hop_change.h"
#include "dissect/diagnose/role.h"

static void check_roles(const char *name, const char *expected)
{
  g_auto(SampleTrace) sample = sample_trace_read(name);
  g_autoptr(GString) text = g_string_new(NULL);
  RoleList roles;
  Arena arena;
  CallPath path;

  arena_init(&arena, 4096);
  call_path_find(sample.trace, trace_call(sample.trace, 1), sample.stores, &arena, &path);
  roles_of(&path.forwarding, &arena, &roles);
  for (size_t i = 0; i < roles.count; i++) {
    const Role *role = &roles.items[i];
    char address[ENDPOINT_TEXT_MAX];
    endpoint_format_address(trace_endpoint(sample.trace, role->endpoint), address);
    g_string_append_printf(text, "%s%s %s", i > 0 ? ", " : "", address, role_name(role->kind));
    assert_int_equal(role->message_count, role->kind == ROLE_UAC ? 1 : 2);
  }
  assert_string_equal(text->str, expected);
  call_path_clear(&path);
  arena_clear(&arena);
}

static void test_roles(void **state)
{
  (void) state;
  check_roles("basic.pcap", "192.0.2.10 uac, 198.51.100.20 uas");
  check_roles("proxies.pcap",
              "192.0.2.10 uac, 192.0.2.1 proxy, 198.51.100.1 proxy, 198.51.100.20 uas");
  check_roles("redirect-only.pcap", "192.0.2.10 uac, 192.0.2.5 redirect-server");
  check_roles("registration.pcap", "198.51.100.20 uac, 198.51.100.1 registrar");
}

enum { ROUNDS = 100 };

static Diagnoser *diagnoser_ahead(const SampleTrace *sample)
{
  Diagnoser *diagnoser = diagnoser_new(sample->trace, sample->stores);
  GArray *calls = g_array_new(false, false, sizeof(const Call *));

  for (size_t i = 0; i < ROUNDS * trace_call_count(sample->trace); i++) {
    const Call *call = trace_call_at(sample->trace, i % trace_call_count(sample->trace));
    g_array_append_val(calls, call);
  }
  diagnoser_work_ahead(diagnoser, calls);
  return diagnoser;
}

static void assert_same_path(const CallPath *path, const CallPath *expected)
{
  assert_int_equal(path->reading.count, expected->reading.count);
  for (size_t i = 0; i < expected->reading.count; i++)
    assert_true(slice_eq(read_message_sip(&path->reading.items[i])->raw,
                         read_message_sip(&expected->reading.items[i])->raw));
  assert_false(call_reading_has_failed(&path->reading));
  assert_int_equal(path->forwarding.count, expected->forwarding.count);
}

static void check_diagnosis(const Diagnoser *diagnoser, const Call *call, const Diagnoser *alone)
{
  Diagnosis diagnosis, expected;
  Arena arena;

  arena_init(&arena, 4096);
  diagnose_call(diagnoser, call, &arena, &diagnosis);
  diagnose_call(alone, call, &arena, &expected);
  assert_ptr_equal(diagnosis.path->reading.call, call);
  assert_same_path(diagnosis.path, expected.path);
  assert_string_equal(diagnosis.result, expected.result);
  assert_string_equal(diagnosis.sentence, expected.sentence);
  assert_int_equal(diagnosis.findings.count, expected.findings.count);
  for (size_t i = 0; i < expected.findings.count; i++)
    assert_string_equal(diagnosis.findings.items[i].text, expected.findings.items[i].text);
  diagnosis_clear(&diagnosis);
  diagnosis_clear(&expected);
  arena_clear(&arena);
}

/* More calls than wait at the same time, and others in between. */
static void check_ahead(const char *name)
{
  g_auto(SampleTrace) sample = sample_trace_read(name);
  g_autoptr(Diagnoser) alone = diagnoser_new(sample.trace, sample.stores);
  g_autoptr(Diagnoser) diagnoser = diagnoser_ahead(&sample);
  size_t count = trace_call_count(sample.trace);

  assert_true(count > 1);
  for (size_t i = 0; i < ROUNDS * count; i++) {
    check_diagnosis(diagnoser, trace_call_at(sample.trace, (i + 1) % count), alone);
    check_diagnosis(diagnoser, trace_call_at(sample.trace, i % count), alone);
  }
}

static void test_ahead(void **state)
{
  (void) state;
  check_ahead("branches.pcap");
  check_ahead("registrations.pcap");
}

/* Freed while the thread waits, or works. */
static void test_ahead_is_left(void **state)
{
  g_auto(SampleTrace) sample = sample_trace_read("branches.pcap");
  g_autoptr(Diagnoser) alone = diagnoser_new(sample.trace, sample.stores);

  (void) state;
  for (size_t taken = 0; taken < 50; taken += 7) {
    g_autoptr(Diagnoser) diagnoser = diagnoser_ahead(&sample);
    for (size_t i = 0; i < taken; i++)
      check_diagnosis(diagnoser, trace_call_at(sample.trace, i % trace_call_count(sample.trace)),
                      alone);
  }
}

static SipMsg parse(const char *text)
{
  SipMsg sip;

  assert_int_equal(sip_msg_parse(slice_from_string(text), false, &sip), SIP_OK);
  return sip;
}

#define MESSAGE(uri, headers, body)                                                                \
  "INVITE " uri " SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nFrom: <sip:a@x>;tag=1\r\n"      \
  "To: <sip:b@x>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n" headers "\r\n" body
#define PLAIN MESSAGE("sip:b@x", "Max-Forwards: 70\r\nX-A: 1\r\n", "")
#define SDP "Content-Type: application/sdp\r\n"

/* "+name -name name": what is in one alone, and what differs. */
static void check_changes(const char *before, const char *after, const char *expected)
{
  SipMsg left = parse(before), right = parse(after);
  g_autoptr(GString) text = g_string_new(NULL);
  static const char *const SIGNS[] = {[HOP_ADDED] = "+", [HOP_REMOVED] = "-", [HOP_CHANGED] = ""};
  HopChanges changes;

  hop_changes_find(&left, &right, &changes);
  for (size_t i = 0; i < changes.count; i++)
    g_string_append_printf(text, "%s%s%.*s", i > 0 ? " " : "", SIGNS[changes.items[i].kind],
                           SLICE_ARG(changes.items[i].name));
  assert_string_equal(text->str, expected);
}

static void test_changes(void **state)
{
  (void) state;
  check_changes(PLAIN, PLAIN, "");
  /* Of the same meaning: another spelling, a Via more, Max-Forwards less one. */
  check_changes(PLAIN, MESSAGE("sip:b@X", "v: SIP/2.0/UDP b\r\nmax-forwards: 69\r\nx-a: 1\r\n", ""),
                "");
  check_changes(PLAIN, MESSAGE("sip:c@x", "Max-Forwards: 70\r\nX-A: 1\r\n", ""), "Request-URI");
  check_changes(PLAIN, MESSAGE("sip:b@x", "Max-Forwards: 71\r\nX-A: 2\r\n", ""),
                "Max-Forwards X-A");
  check_changes(PLAIN, MESSAGE("sip:b@x", "Max-Forwards: 69\r\nX-B: 1\r\n", ""), "+X-B -X-A");
  check_changes(MESSAGE("sip:b@x", "Record-Route: <sip:p;lr>\r\n", ""),
                MESSAGE("sip:b@x", "Record-Route: <sip:q;lr>, <sip:p;lr>\r\n", ""),
                "+Record-Route");
  check_changes(MESSAGE("sip:b@x", "X-A: 1\r\nX-A: 2\r\n", ""),
                MESSAGE("sip:b@x", "X-A: 1\r\n", ""), "X-A");
}

static void test_changed_bodies(void **state)
{
  (void) state;
  check_changes(MESSAGE("sip:b@x", SDP, "v=0\r\nc=IN IP4 10.0.0.1\r\nm=audio 1 RTP/AVP 0\r\n"),
                MESSAGE("sip:b@x", SDP, "v=0\r\nc=IN IP4 10.0.0.2\r\nm=audio 1 RTP/AVP 0\r\n"),
                "c=");
  check_changes(MESSAGE("sip:b@x", SDP, "v=0\r\nc=IN IP4 10.0.0.1\r\nm=audio 1 RTP/AVP 0\r\n"),
                MESSAGE("sip:b@x", SDP, "v=0\r\nm=audio 1 RTP/AVP 0\r\n"), "session description");
  check_changes(MESSAGE("sip:b@x", SDP, "v=0\r\n"), MESSAGE("sip:b@x", "", ""),
                "-Content-Type -session description");
  check_changes(MESSAGE("sip:b@x", "Content-Type: text/plain\r\n", "a"),
                MESSAGE("sip:b@x", "Content-Type: text/plain\r\n", "b"), "body");
}

/* More header fields than are compared, and more differences than are kept. */
static void test_bounds(void **state)
{
  g_autoptr(GString) text = g_string_new("");
  HopChanges changes;

  (void) state;
  for (unsigned i = 0; i < 1000; i++)
    g_string_append_printf(text, "X-%u: 1\r\n", i);
  g_autofree char *many = g_strdup_printf(
    "INVITE sip:b@x SIP/2.0\r\nVia: SIP/2.0/UDP a\r\nCSeq: 1 INVITE\r\n%s\r\n", text->str);
  SipMsg left = parse(PLAIN), right = parse(many);
  hop_changes_find(&left, &right, &changes);
  assert_int_equal(changes.count, HOP_CHANGES_MAX);
  assert_true(changes.left_out > 0 && changes.left_out < 300);
}

/* A rule asks for what cannot be read: the call is diagnosed without all that cannot be. */
static void test_unreadable(void **state)
{
  g_auto(SampleTrace) sample = sample_trace_read("proxies.pcap");
  g_autoptr(StoreSet) empty = store_set_new();
  g_autoptr(Diagnoser) diagnoser = diagnoser_new(sample.trace, empty);
  const Call *call = trace_call(sample.trace, 1);
  Diagnosis diagnosis;
  Arena arena;

  (void) state;
  arena_init(&arena, 4096);
  diagnose_call(diagnoser, call, &arena, &diagnosis);
  assert_int_equal(diagnosis.path->reading.count, 0);
  assert_int_equal(diagnosis.path->reading.unreadable, call->messages);
  assert_int_equal(diagnosis.path->forwarding.count, 0);
  assert_int_equal(diagnosis.doubts.count, 1);
  diagnosis_clear(&diagnosis);
  arena_clear(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_roles),          cmocka_unit_test(test_ahead),
    cmocka_unit_test(test_ahead_is_left),  cmocka_unit_test(test_changes),
    cmocka_unit_test(test_changed_bodies), cmocka_unit_test(test_bounds),
    cmocka_unit_test(test_unreadable),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
