/* The forwarding tree: of samples, of the flows of RFC 3665 where they are there, and of requests
 * that take odd ways. */
#include "tests/sample_trace.h"

#include "dissect/diagnose/forwarding.h"

/* What is read of a sample's call. */
typedef struct {
  SampleTrace sample;
  Arena arena;
  CallReading reading;
  Forwarding forwarding;
} Scene;

static void scene_read(Scene *scene, const char *name)
{
  *scene = (Scene){.sample = sample_trace_read(name)};
  arena_init(&scene->arena, 4096);
  scene->reading = call_reading_of(scene->sample.trace, trace_call(scene->sample.trace, 1),
                                   scene->sample.stores, &scene->arena);
  scene->forwarding = forwarding_of(&scene->reading, &scene->arena);
}

static void scene_clear(Scene *scene)
{
  forwarding_clear(&scene->forwarding);
  arena_clear(&scene->arena);
  sample_trace_clear(&scene->sample);
}

static void append_branch(GString *text, const Branch *b)
{
  static const char *const ORDERS[] = {"", " parallel", " sequential", " recursion", " retry"};
  static const char *const TURNS[] = {"", " spiral", " loop"};
  Slice method = read_message_sip(b->request)->method_text;

  g_string_append_printf(text, "%*s%.*s %u%s%s%s%s%s%s\n", 2 * b->depth, "", SLICE_ARG(method),
                         branch_status(b), b->before ? ORDERS[b->order] : "", TURNS[b->turn],
                         b->regenerated ? " regenerated" : "", b->cancel ? " cancelled" : "",
                         b->merged ? " merged" : "",
                         b->parent && b->parent->chosen == b ? " chosen" : "");
  for (const Branch *child = b->children; child; child = child->sibling)
    append_branch(text, child);
}

static char *tree_of(const Forwarding *forwarding)
{
  GString *text = g_string_new(NULL);

  for (size_t i = 0; i < forwarding->count; i++)
    if (!forwarding->branches[i].parent)
      append_branch(text, &forwarding->branches[i]);
  return g_string_free(text, FALSE);
}

static void check_tree(const char *name, const char *expected)
{
  Scene scene;

  scene_read(&scene, name);
  g_autofree char *tree = tree_of(&scene.forwarding);
  if (strcmp(tree, expected) != 0)
    fail_msg("%s:\n%s", name, tree);
  scene_clear(&scene);
}

static void test_samples(void **state)
{
  (void) state;
  check_tree("basic.pcap", "INVITE 200\nACK 0\nBYE 200\n");
  check_tree("proxies.pcap", "INVITE 200\n  INVITE 200 chosen\n    INVITE 200 chosen\n"
                             "ACK 0\n  ACK 0\n    ACK 0\n"
                             "BYE 200\n  BYE 200 chosen\n    BYE 200 chosen\n");
  check_tree("fork.pcap", "INVITE 200\n  INVITE 487 cancelled\n  INVITE 200 parallel chosen\n"
                          "CANCEL 200\nACK 0\n  ACK 0\nBYE 200\n  BYE 200 chosen\n");
  check_tree("redirect.pcap", "INVITE 302\nINVITE 200 recursion\nACK 0\nBYE 200\n");
  check_tree("auth.pcap", "INVITE 407\nINVITE 200 retry\n  INVITE 200 chosen\nACK 0\n  ACK 0\n"
                          "BYE 200\n  BYE 200 chosen\n");
}

static void test_rfc3665(void **state)
{
  const char *shared = g_getenv("RUNG_SHARED");
  g_autofree char *folder = shared ? g_build_filename(shared, "vectors/rfc3665", NULL) : NULL;

  (void) state;
  if (!folder || !g_file_test(folder, G_FILE_TEST_IS_DIR))
    skip();
  g_autofree char *samples = g_strdup(g_getenv("RUNG_SAMPLES"));
  assert_true(g_setenv("RUNG_SAMPLES", folder, TRUE));
  check_tree("3.2-session-establishment-through-two-proxies/flow.pcap",
             "INVITE 407\nINVITE 200 retry\n  INVITE 200 chosen\n    INVITE 200 chosen\n"
             "ACK 0\n  ACK 0\n    ACK 0\nBYE 200\n  BYE 200 chosen\n    BYE 200 chosen\n");
  check_tree("3.5-session-through-a-sip-alg/flow.pcap",
             "INVITE 200\n  INVITE 200 chosen\n    INVITE 200 chosen\nACK 0\n  ACK 0\n"
             "BYE 200\n  BYE 200 chosen\n");
  check_tree("3.6-session-via-redirect-and-proxy-servers-with-sdp-in-ack/flow.pcap",
             "INVITE 302\nINVITE 200 recursion\n  INVITE 200 chosen\nACK 0\n  ACK 0\n"
             "BYE 200\n  BYE 200 chosen\n");
  check_tree("3.10-unsuccessful-no-response-from-user-agent/flow.pcap",
             "INVITE 480\n  INVITE 480 chosen\n    INVITE 0\n");
  assert_true(g_setenv("RUNG_SAMPLES", samples, TRUE));
}

/* --- odd ways: each request as it comes from a host of 192.0.2.0/24 --- */

typedef struct {
  Trace *trace;
  StoreSet *stores;
  unsigned store;
  int64_t now_ms;
} Way;

static Way way_new(void)
{
  Way way = {.trace = trace_new(&LIMITS_DEFAULT), .stores = store_set_new()};

  assert_true(store_set_add_spool(way.stores, &way.store, NULL));
  return way;
}

static void way_clear(Way *way)
{
  trace_free(way->trace);
  store_set_free(way->stores);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Way, way_clear)

/* `vias`: the hosts whose Via it has, the topmost first, each with its branch: "2a 1a". */
static void way_send(Way *way, unsigned from, unsigned to, const char *start, const char *vias)
{
  g_autoptr(GString) text = g_string_new(start);
  g_auto(GStrv) values = g_strsplit(vias, " ", -1);
  bool is_cancel = g_str_has_prefix(start, "CANCEL");

  g_string_append(text, "\r\n");
  for (size_t i = 0; values[i]; i++)
    g_string_append_printf(text, "Via: SIP/2.0/UDP 192.0.2.%c;branch=z9hG4bK%s\r\n", values[i][0],
                           values[i]);
  g_string_append_printf(text,
                         "Call-ID: c\r\nCSeq: 1 %s\r\nFrom: <sip:a@example.com>;tag=f\r\n"
                         "To: <sip:b@example.com>\r\nContent-Length: 0\r\n\r\n",
                         is_cancel ? "CANCEL" : "INVITE");
  Arrival arrival = {.raw = {.octets = slice_of(text->str, text->len), .transport = TRANSPORT_UDP}};
  way->now_ms += 10;
  arrival.raw.time_ns = way->now_ms * INT64_C(1000000);
  arrival.raw.src = (Endpoint){{192, 0, 2, (uint8_t) from}, 5060, ADDRESS_IPV4, 0};
  arrival.raw.dst = (Endpoint){{192, 0, 2, (uint8_t) to}, 5060, ADDRESS_IPV4, 0};
  assert_true(store_append(way->stores, way->store, arrival.raw.octets, &arrival.raw.ref, NULL));
  assert_true(store_set_flush(way->stores, NULL));
  assert_true(arrival_parse(&arrival, 42));
  trace_note_time(way->trace, arrival.raw.time_ns, arrival.raw.time_ns);
  trace_add(way->trace, &arrival);
}

static void check_way(const Way *way, const char *expected)
{
  Arena arena;

  arena_init(&arena, 4096);
  CallReading reading = call_reading_of(way->trace, trace_call(way->trace, 1), way->stores, &arena);
  Forwarding forwarding = forwarding_of(&reading, &arena);
  g_autofree char *tree = tree_of(&forwarding);
  assert_string_equal(tree, expected);
  forwarding_clear(&forwarding);
  arena_clear(&arena);
}

#define INVITE(user) "INVITE sip:" user "@example.com SIP/2.0"

/* RFC 3261 6: the same element gets it again, with the same Request-URI or with another. */
static void test_loop_and_spiral(void **state)
{
  g_auto(Way) loop = way_new(), spiral = way_new();

  (void) state;
  way_send(&loop, 1, 2, INVITE("b"), "1a");
  way_send(&loop, 2, 3, INVITE("b"), "2a 1a");
  way_send(&loop, 3, 2, INVITE("b"), "3a 2a 1a");
  check_way(&loop, "INVITE 0\n  INVITE 0\n    INVITE 0 loop\n");
  way_send(&spiral, 1, 2, INVITE("b"), "1a");
  way_send(&spiral, 2, 3, INVITE("b"), "2a 1a");
  way_send(&spiral, 3, 2, INVITE("c"), "3a 2a 1a");
  check_way(&spiral, "INVITE 0\n  INVITE 0\n    INVITE 0 spiral\n");
}

/* RFC 3261 8.2.2.2: one receiver, two ways; two receivers are a fork. */
static void test_merged(void **state)
{
  g_auto(Way) merged = way_new(), forked = way_new();

  (void) state;
  way_send(&merged, 1, 2, INVITE("b"), "1a");
  way_send(&merged, 2, 3, INVITE("b"), "2a 1a");
  way_send(&merged, 2, 4, INVITE("b"), "2b 1a");
  way_send(&merged, 3, 5, INVITE("b"), "3a 2a 1a");
  way_send(&merged, 4, 5, INVITE("b"), "4a 2b 1a");
  check_way(&merged, "INVITE 0\n  INVITE 0\n    INVITE 0\n  INVITE 0 parallel\n"
                     "    INVITE 0 merged\n");
  way_send(&forked, 1, 2, INVITE("b"), "1a");
  way_send(&forked, 2, 3, INVITE("b"), "2a 1a");
  way_send(&forked, 2, 4, INVITE("b"), "2b 1a");
  check_way(&forked, "INVITE 0\n  INVITE 0\n  INVITE 0 parallel\n");
}

/* RFC 3261 16.5: one after the other, when the first was refused, cancelled or silent for long. */
static void test_sequential(void **state)
{
  g_auto(Way) refused = way_new(), silent = way_new(), cancelled = way_new();

  (void) state;
  way_send(&refused, 1, 2, INVITE("b"), "1a");
  way_send(&refused, 2, 3, INVITE("b"), "2a 1a");
  way_send(&refused, 3, 2, "SIP/2.0 486 Busy", "2a 1a");
  way_send(&refused, 2, 4, INVITE("c"), "2b 1a");
  check_way(&refused, "INVITE 0\n  INVITE 486\n  INVITE 0 sequential\n");
  way_send(&silent, 1, 2, INVITE("b"), "1a");
  way_send(&silent, 2, 3, INVITE("b"), "2a 1a");
  silent.now_ms += 1490;
  way_send(&silent, 2, 4, INVITE("c"), "2b 1a");
  check_way(&silent, "INVITE 0\n  INVITE 0\n  INVITE 0 sequential\n");
  way_send(&cancelled, 1, 2, INVITE("b"), "1a");
  way_send(&cancelled, 2, 3, INVITE("b"), "2a 1a");
  way_send(&cancelled, 3, 2, "SIP/2.0 180 Ringing", "2a 1a");
  way_send(&cancelled, 2, 3, "CANCEL sip:b@example.com SIP/2.0", "2a");
  way_send(&cancelled, 2, 4, INVITE("c"), "2b 1a");
  check_way(&cancelled, "INVITE 0\n  INVITE 0 cancelled\n  INVITE 0 sequential\nCANCEL 0\n");
}

/* A B2BUA that keeps the Call-ID, and one element whose hop was not captured. */
static void test_other_parents(void **state)
{
  g_auto(Way) b2bua = way_new(), hidden = way_new();

  (void) state;
  way_send(&b2bua, 1, 2, INVITE("b"), "1a");
  way_send(&b2bua, 2, 3, INVITE("b"), "2a");
  check_way(&b2bua, "INVITE 0\n  INVITE 0 regenerated\n");
  way_send(&hidden, 1, 2, INVITE("b"), "1a");
  way_send(&hidden, 3, 4, INVITE("b"), "3a 2a 1a");
  check_way(&hidden, "INVITE 0\n  INVITE 0\n");
}

/* What no host can do: a stack that is longer than any way. */
static void test_long_stack(void **state)
{
  g_auto(Way) way = way_new();
  g_autoptr(GString) vias = g_string_new("1a");

  (void) state;
  way_send(&way, 1, 2, INVITE("b"), vias->str);
  for (unsigned i = 0; i < 127; i++)
    g_string_prepend(vias, "2a ");
  way_send(&way, 2, 3, INVITE("b"), vias->str);
  check_way(&way, "INVITE 0\n  INVITE 0\n");
  g_string_prepend(vias, "3a ");
  way_send(&way, 3, 4, INVITE("b"), vias->str);
  check_way(&way, "INVITE 0\n  INVITE 0\nINVITE 0\n");
}

/* A call of any length is read no further than that. */
static void test_long_call(void **state)
{
  enum { MORE = 5 };
  g_auto(Way) way = way_new();
  Arena arena;

  (void) state;
  for (unsigned i = 0; i < CALL_READING_MAX + MORE; i++) {
    way.now_ms += 1000;
    way_send(&way, 1, 2, INVITE("b"), "1a");
  }
  arena_init(&arena, 4096);
  CallReading reading = call_reading_of(way.trace, trace_call(way.trace, 1), way.stores, &arena);
  assert_int_equal(reading.count, CALL_READING_MAX);
  assert_int_equal(reading.left_out, MORE);
  assert_null(call_reading_find(&reading, trace_call(way.trace, 1)->last));
  arena_clear(&arena);
}

/* The message that a proxy made the message from. */
static void test_previous(void **state)
{
  static const unsigned PREVIOUS[][2] = {{3, 1}, {5, 3}, {7, 6}, {8, 7}, {11, 10}, {1, 0}, {6, 0}};
  Scene scene;

  (void) state;
  scene_read(&scene, "proxies.pcap");
  for (size_t i = 0; i < G_N_ELEMENTS(PREVIOUS); i++) {
    const Message *m = scene.reading.items[PREVIOUS[i][0] - 1].message;
    const ReadMessage *previous = forwarding_previous(&scene.forwarding, m);
    assert_int_equal(previous ? previous->message->number : 0, PREVIOUS[i][1]);
  }
  scene_clear(&scene);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_samples),         cmocka_unit_test(test_rfc3665),
    cmocka_unit_test(test_loop_and_spiral), cmocka_unit_test(test_merged),
    cmocka_unit_test(test_sequential),      cmocka_unit_test(test_other_parents),
    cmocka_unit_test(test_long_stack),      cmocka_unit_test(test_long_call),
    cmocka_unit_test(test_previous),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
