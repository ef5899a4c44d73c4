/* Which frames are saved: by the window, by what connections carried, with media, all together. */
#include "tests/test.h"

#include "dissect/pick/early_frames.h"
#include "dissect/pick/frame_memory.h"
#include "dissect/pick/frame_picker.h"

/* One each nanosecond. */
static void add_frames(FrameWindow *window, uint64_t first, uint64_t last)
{
  for (uint64_t number = first; number <= last; number++)
    frame_window_add(window, &(Frame){.number = number, .time_ns = (int64_t) number});
}

/* Numbers of the frames that can be taken: "3 4 ". */
static char *take_all(FrameWindow *window, int64_t since_ns)
{
  GString *text = g_string_new(NULL);
  PickedFrame picked;

  while (frame_window_take(window, since_ns, &picked))
    g_string_append_printf(text, "%" G_GUINT64_FORMAT " ", picked.frame.number);
  return g_string_free(text, false);
}

static void assert_taken(FrameWindow *window, int64_t since_ns, const char *expected)
{
  g_autofree char *taken = take_all(window, since_ns);

  assert_string_equal(taken, expected);
}

static void test_window(void **state)
{
  FrameWindow window = {0};

  (void) state;
  assert_taken(&window, INT64_MAX, "");
  frame_window_choose(&window, 1, 0);
  frame_window_drop_last(&window);
  add_frames(&window, 1, 5);
  frame_window_choose(&window, 2, 0);
  frame_window_choose(&window, 5, 0);
  frame_window_choose(&window, 9, 0);
  assert_taken(&window, INT64_MIN, ""); /* frame 1 may still be chosen */
  frame_window_drop_last(&window);      /* not a frame that was chosen */
  frame_window_choose(&window, 1, 0);
  assert_taken(&window, INT64_MIN, "1 2 ");
  add_frames(&window, 7, 8);
  frame_window_drop_last(&window);
  frame_window_choose(&window, 8, 0);
  frame_window_choose(&window, 7, 0);
  frame_window_choose(&window, 2, 0); /* is gone */
  assert_taken(&window, INT64_MAX, "5 7 ");
  assert_taken(&window, INT64_MAX, "");
  frame_window_clear(&window);
}

/* What is not waited for may still be chosen, and comes out of order then, once. */
static void test_window_does_not_wait(void **state)
{
  FrameWindow window = {0};

  (void) state;
  add_frames(&window, 1, 5);
  frame_window_choose(&window, 2, 0);
  frame_window_choose(&window, 5, 0);
  assert_taken(&window, 1, "");
  assert_taken(&window, 2, "2 ");
  assert_taken(&window, 4, "");
  assert_taken(&window, 5, "5 ");
  frame_window_drop_last(&window); /* was taken */
  frame_window_choose(&window, 3, 0);
  frame_window_choose(&window, 1, 0);
  frame_window_choose(&window, 2, 0);
  frame_window_choose(&window, 3, 0);
  assert_taken(&window, INT64_MIN, "3 1 ");
  add_frames(&window, 6, 7);
  frame_window_choose(&window, 4, 0);
  frame_window_choose(&window, 7, 0);
  assert_taken(&window, INT64_MIN, "4 ");
  assert_taken(&window, 7, "7 ");
  frame_window_clear(&window);
}

/* Many frames, of which each third is chosen late: a ring that grows and goes round. */
static void test_window_goes_round(void **state)
{
  FrameWindow window = {0};
  uint64_t taken = 0;
  PickedFrame picked;

  (void) state;
  for (uint64_t number = 1; number <= 5000; number++) {
    frame_window_add(&window, &(Frame){.number = number});
    if (number % 3 == 0)
      frame_window_choose(&window, number - 100, 0);
    if (number % 700 == 0)
      while (frame_window_take(&window, INT64_MAX, &picked))
        taken++;
  }
  while (frame_window_take(&window, INT64_MAX, &picked))
    taken++;
  assert_true(taken > 1300 && taken < 1667);
  frame_window_clear(&window);
}

static void test_window_is_bounded(void **state)
{
  FrameWindow window = {0};

  (void) state;
  add_frames(&window, 1, FRAME_WINDOW_MAX);
  frame_window_choose(&window, 2, 0);
  assert_taken(&window, INT64_MIN, "2 "); /* 1 waited for too long */
  assert_true(window.room <= FRAME_WINDOW_MAX);
  assert_taken(&window, INT64_MAX, ""); /* the others may still be chosen */
  assert_int_equal(window.count, FRAME_WINDOW_MAX - 2);
  frame_window_choose(&window, 3, 0);
  assert_taken(&window, INT64_MAX, "3 ");
  add_frames(&window, FRAME_WINDOW_MAX + 1, FRAME_WINDOW_MAX + 4);
  assert_taken(&window, INT64_MAX, "");
  assert_int_equal(window.count, FRAME_WINDOW_MAX - 1);
  assert_false(frame_window_choose(&window, 5, 0)); /* is gone */
  assert_true(frame_window_choose(&window, 6, 0));
  assert_taken(&window, INT64_MAX, "6 ");
  frame_window_clear(&window);
}

/* "1:7 ": frame 1 for call 7. */
static void assert_taken_for(FrameWindow *window, const char *expected)
{
  g_autoptr(GString) text = g_string_new(NULL);
  PickedFrame picked;

  while (frame_window_take(window, INT64_MAX, &picked))
    g_string_append_printf(text, "%" G_GUINT64_FORMAT ":%u ", picked.frame.number, picked.call);
  assert_string_equal(text->str, expected);
}

/* A frame comes once for each of its calls, also for one that needs it once it was taken. */
static void test_window_by_call(void **state)
{
  FrameWindow window = {.kept = 2};

  (void) state;
  add_frames(&window, 1, 3);
  frame_window_choose(&window, 1, 7);
  frame_window_choose(&window, 1, 8);
  frame_window_choose(&window, 1, 7);
  frame_window_choose(&window, 2, 8);
  assert_taken_for(&window, "1:8 1:7 2:8 ");
  frame_window_choose(&window, 1, 7);
  frame_window_choose(&window, 2, 9);
  frame_window_choose(&window, 3, 9);
  assert_taken_for(&window, "2:9 3:9 ");
  add_frames(&window, 4, 5);
  frame_window_choose(&window, 4, 1);
  frame_window_choose(&window, 5, 1);
  assert_taken_for(&window, "4:1 5:1 ");
  frame_window_choose(&window, 2, 3); /* is gone */
  frame_window_choose(&window, 4, 3);
  assert_taken_for(&window, "4:3 ");
  frame_window_clear(&window);
}

static void test_window_calls_are_bounded(void **state)
{
  FrameWindow window = {0};
  PickedFrame picked;
  unsigned taken = 0;

  (void) state;
  for (uint64_t number = 1; number <= 100; number++) {
    add_frames(&window, number, number);
    for (uint32_t call = 1; call <= FRAME_CALLS_MAX + 10; call++)
      frame_window_choose(&window, number, call);
    while (frame_window_take(&window, INT64_MAX, &picked))
      taken++;
  }
  assert_int_equal(taken, 100 * FRAME_CALLS_MAX);
  assert_int_equal(window.calls->len, FRAME_CALLS_MAX + 1);
  assert_true(window.late->len < FRAME_CALLS_MAX);
  frame_window_clear(&window);
}

static Packet packet_between(char src, char dst)
{
  return (Packet){
    .kind = PACKET_TCP,
    .src = {.address = {10, 0, 0, (uint8_t) src}, .port = 5060, .family = ADDRESS_IPV4},
    .dst = {.address = {10, 0, 0, (uint8_t) dst}, .port = 5060, .family = ADDRESS_IPV4}};
}

static SentFrames *sent_between(SentTable *table, char src, char dst)
{
  Packet packet = packet_between(src, dst);

  return sent_of_packet(table, &packet);
}

static void assert_chosen(SentTable *table, SentFrames *sent, SeqRange range, const char *expected)
{
  g_autoptr(GArray) frames = g_array_new(false, false, sizeof(uint64_t));
  g_autoptr(GString) text = g_string_new(NULL);

  sent_choose(table, sent, (SentChoice){range, 0}, frames);
  for (guint i = 0; i < frames->len; i++)
    g_string_append_printf(text, "%d ", (int) g_array_index(frames, uint64_t, i));
  assert_string_equal(text->str, expected);
}

static void test_sent(void **state)
{
  g_autoptr(SentTable) table = sent_table_new(10);
  SentFrames *sent = sent_between(table, 'a', 'b'), *peer = sent_between(table, 'b', 'a');

  (void) state;
  assert_false(sent_begin(sent, 99, 1)); /* SYN */
  assert_false(sent_begin(peer, 7, 2));  /* SYN-ACK */
  assert_false(sent_add(sent, 3, (SeqRange){100, 200}));
  assert_false(sent_add(sent, 4, (SeqRange){200, 300}));
  assert_false(sent_add(sent, 5, (SeqRange){150, 250})); /* sent again */
  assert_false(sent_add(sent, 6, (SeqRange){300, 400}));
  assert_chosen(table, sent, (SeqRange){160, 200}, "1 2 3 5 ");
  assert_true(sent_continues(sent, (SeqRange){200, 300}));
  assert_false(sent_continues(sent, (SeqRange){201, 300}));
  assert_true(sent_add(sent, 7, (SeqRange){199, 300}));
  assert_false(sent_add(sent, 8, (SeqRange){200, 300}));
  assert_true(sent_add_common(peer, 9)); /* FIN */
  assert_false(sent_begin(sent, 99, 1)); /* is known */
  assert_true(sent_add(sent, 9, (SeqRange){150, 200}));
  assert_false(sent_begin(sent, 1000, 10)); /* on the same ports */
  assert_false(sent_add(sent, 10, (SeqRange){150, 200}));
  assert_true(sent_continues(sent, (SeqRange){1001, 1100}));
}

/* A SYN that begins a connection only when data follow it: they were noted before that. */
static void test_sent_begins_late(void **state)
{
  g_autoptr(SentTable) table = sent_table_new(10);
  SentFrames *sent = sent_between(table, 'a', 'b');

  (void) state;
  assert_false(sent_begin(sent, 99, 1));
  assert_false(sent_add(sent, 2, (SeqRange){100, 200}));
  assert_false(sent_add(sent, 4, (SeqRange){801, 900}));
  assert_false(sent_begin(sent, 800, 3));
  assert_chosen(table, sent, (SeqRange){801, 900}, "3 4 ");
  assert_false(sent_begin(sent, 1800, 5));
  assert_false(sent_add(sent, 6, (SeqRange){2801, 2900}));
  assert_chosen(table, sent, (SeqRange){2801, 2900}, "5 6 ");
  assert_true(sent_begin(sent, 2800, 5)); /* what followed it is chosen */
  assert_true(sent_add(sent, 7, (SeqRange){2850, 2950}));
  assert_true(sent_add_common(sent, 8));
}

/* Sequence numbers wrap. */
static void test_sent_wraps(void **state)
{
  g_autoptr(SentTable) table = sent_table_new(10);
  SentFrames *sent = sent_between(table, 'a', 'b');

  (void) state;
  sent_add(sent, 1, (SeqRange){UINT32_MAX - 50, UINT32_MAX});
  sent_add(sent, 2, (SeqRange){UINT32_MAX, 60});
  sent_add(sent, 3, (SeqRange){60, 100});
  assert_chosen(table, sent, (SeqRange){UINT32_MAX - 10, 60}, "1 2 ");
  assert_true(sent_add(sent, 4, (SeqRange){10, 20}));
}

/* What is not needed goes, before it is too much; what is needed stays. */
static void test_sent_forgets(void **state)
{
  g_autoptr(SentTable) table = sent_table_new(10);
  SentFrames *sent = sent_between(table, 'a', 'b');
  g_autoptr(GArray) frames = g_array_new(false, false, sizeof(uint64_t));

  (void) state;
  for (uint32_t i = 0; i < 100000; i++) {
    sent_add(sent, i, (SeqRange){i * 10, i * 10 + 10});
    sent_forget(sent, i < 5 ? 0 : i * 10 - 40);
  }
  sent_choose(table, sent, (SentChoice){(SeqRange){999960, 1000000}, 0}, frames);
  assert_int_equal(frames->len, 4);
  assert_false(sent_is_cut(sent));
  g_array_set_size(frames, 0);
  for (uint32_t i = 0; i < 100000; i++) /* all are needed: the last ones stay */
    sent_add(sent, i, (SeqRange){1000000 + i, 1000001 + i});
  sent_choose(table, sent, (SentChoice){(SeqRange){1000000, 1100000}, 0}, frames);
  assert_true(frames->len >= 4096 && frames->len <= 8192);
  assert_true(sent_is_cut(sent));
  assert_false(sent_begin(sent, 99, 200000)); /* another connection */
  assert_false(sent_is_cut(sent));
}

static void test_sent_is_bounded(void **state)
{
  g_autoptr(SentTable) table = sent_table_new(3);
  SentName name = {.tunnel = 0};

  (void) state;
  for (char c = 'a'; c <= 'd'; c++)
    sent_between(table, c, 'x');
  Packet first = packet_between('a', 'x'), last = packet_between('d', 'x');
  name.src = first.src;
  name.dst = first.dst;
  assert_null(sent_find(table, &name));
  name.src = last.src;
  assert_non_null(sent_find(table, &name));
  name.is_sctp = true;
  assert_null(sent_find(table, &name));
}

/* Frames that all need are kept to 32, ranges that were chosen to the last 16. */
static void test_sent_limits(void **state)
{
  enum { COMMON = 32, CHOSEN = 16 };
  g_autoptr(SentTable) table = sent_table_new(3);
  SentFrames *sent = sent_between(table, 'a', 'x');
  g_autoptr(GArray) to = g_array_new(false, false, sizeof(uint64_t));

  (void) state;
  for (uint64_t frame = 1; frame <= COMMON + 1; frame++)
    assert_false(sent_add_common(sent, frame));
  for (uint32_t n = 0; n <= CHOSEN; n++)
    sent_choose(table, sent, (SentChoice){(SeqRange){1000 * n, 1000 * n + 10}, 0}, to);
  assert_int_equal(to->len, COMMON);
  assert_false(sent_add(sent, 100, (SeqRange){0, 10}));
  assert_true(sent_add(sent, 101, (SeqRange){1000, 1010}));
  assert_true(sent_add(sent, 102, (SeqRange){1000 * CHOSEN, 1000 * CHOSEN + 10}));
}

/* Two calls that use the same port one after the other. */
typedef struct {
  Trace *trace;
  StoreSet *stores;
  unsigned store;
} Calls;

static void add_message(Calls *calls, const char *id, int64_t second, const char *start,
                        const char *sdp)
{
  bool is_invite = g_str_has_prefix(start, "INVITE");
  const char *method = is_invite || sdp ? "INVITE" : "BYE";
  g_autofree char *text = g_strdup_printf(
    "%s\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK%s%s\r\nFrom: <sip:a@example.com>;tag=a\r\n"
    "To: <sip:b@example.com>%s\r\nCall-ID: %s\r\nCSeq: %u %s\r\n%sContent-Length: %zu\r\n\r\n%s",
    start, id, method, is_invite ? "" : ";tag=b", id, sdp ? 1U : 2U, method,
    sdp ? "Content-Type: application/sdp\r\n" : "", sdp ? strlen(sdp) : 0, sdp ? sdp : "");
  Arrival arrival = {.raw = {.octets = slice_from_string(text), .transport = TRANSPORT_UDP}};
  Packet packet = packet_between('a', 'b');

  arrival.raw.time_ns = second * INT64_C(1000000000);
  arrival.raw.src = is_invite || !sdp ? packet.src : packet.dst;
  arrival.raw.dst = is_invite || !sdp ? packet.dst : packet.src;
  assert_true(
    store_append(calls->stores, calls->store, arrival.raw.octets, &arrival.raw.ref, NULL));
  assert_true(store_set_flush(calls->stores, NULL));
  assert_true(arrival_parse(&arrival, 42));
  trace_note_time(calls->trace, arrival.raw.time_ns, arrival.raw.time_ns);
  trace_add(calls->trace, &arrival);
}

static Calls two_calls(void)
{
  static const char OFFER[] = "v=0\r\nc=IN IP4 10.0.0.1\r\nm=audio 4000 RTP/AVP 0\r\n";
  static const char ANSWER[] = "v=0\r\nc=IN IP4 10.0.0.2\r\nm=audio 5000 RTP/AVP 0\r\n";
  Calls calls = {.trace = trace_new(&LIMITS_DEFAULT), .stores = store_set_new()};

  assert_true(store_set_add_spool(calls.stores, &calls.store, NULL));
  for (int64_t i = 0; i < 2; i++) {
    const char *id = i == 0 ? "1" : "2";
    add_message(&calls, id, 100 + i * 100, "INVITE sip:b@example.com SIP/2.0", OFFER);
    add_message(&calls, id, 101 + i * 100, "SIP/2.0 200 OK", ANSWER);
    add_message(&calls, id, 190 + i * 100, "BYE sip:b@example.com SIP/2.0", NULL);
  }
  return calls;
}

/* Between 10.0.0.1 and the source that is learned for it, in a second. */
static bool matches(const MediaEnds *ends, uint16_t src_port, uint16_t dst_port, int64_t second)
{
  Packet packet = {.time_ns = second * INT64_C(1000000000)};

  assert_true(endpoint_parse(SLICE("10.0.0.2"), src_port, &packet.src));
  assert_true(endpoint_parse(SLICE("10.0.0.1"), dst_port, &packet.dst));
  MediaCalls calls;

  return media_ends_match(ends, &packet, &calls) == MEDIA_CHOSEN;
}

static void check_media_of(const Calls *calls, uint32_t call, int64_t from)
{
  g_autoptr(GHashTable) chosen = g_hash_table_new(NULL, NULL);
  g_autoptr(MediaEnds) ends = media_ends_new(calls->trace, calls->stores, chosen);

  assert_false(matches(ends, 5000, 4000, from + 50)); /* none was chosen */
  g_hash_table_add(chosen, GUINT_TO_POINTER(call));
  assert_true(matches(ends, 5000, 4000, from + 50));
  assert_true(matches(ends, 9, 4000, from + 50)); /* by its destination */
  assert_true(matches(ends, 5000, 9, from + 50)); /* or its source */
  assert_true(matches(ends, 9, 4001, from + 50)); /* RTCP */
  assert_false(matches(ends, 9, 4002, from + 50));
  assert_true(matches(ends, 9, 4000, from + 95)); /* media flow on after the BYE */
  assert_false(matches(ends, 9, 4000, from - 1)); /* before its offer */
  assert_false(matches(ends, 9, 4000, call == 1 ? from + 150 : from - 50)); /* the other's */
  assert_false(matches(ends, 9, 4000, from + 123));
}

/* The same with what the trace keeps and with what is read again. */
static void test_media(void **state)
{
  Calls calls = two_calls();

  (void) state;
  for (unsigned round = 0; round < 2; round++) {
    check_media_of(&calls, 1, 100);
    check_media_of(&calls, 2, 200);
    g_autoptr(MediaEnds) all = media_ends_new(calls.trace, calls.stores, NULL);
    assert_true(matches(all, 9, 4000, 150) && matches(all, 9, 4000, 250));
    assert_false(matches(all, 9, 4000, 99) || matches(all, 9, 4002, 150));
    trace_follow_media(calls.trace, calls.stores);
  }
  trace_free(calls.trace);
  store_set_free(calls.stores);
}

/* --- Handshakes before their media ---------------------------------------------------------- */

static Packet early_packet(char src, char dst, uint64_t frame, int64_t second)
{
  Packet packet = packet_between(src, dst);

  packet.frame = frame;
  packet.time_ns = second * INT64_C(1000000000);
  return packet;
}

static void add_early(EarlyFrames *early, char src, char dst, uint64_t frame, int64_t second)
{
  const Packet packet = early_packet(src, dst, frame, second);

  early_frames_add(early, &packet);
}

static void assert_early(EarlyFrames *early, char src, char dst, int64_t second, const char *wanted)
{
  const Packet packet = early_packet(src, dst, 1000, second);
  g_autoptr(GArray) numbers = g_array_new(false, false, sizeof(uint64_t));
  g_autoptr(GString) text = g_string_new(NULL);

  early_frames_take(early, &packet, numbers);
  for (guint i = 0; i < numbers->len; i++)
    g_string_append_printf(text, "%" G_GUINT64_FORMAT " ", g_array_index(numbers, uint64_t, i));
  assert_string_equal(text->str, wanted);
}

/* Those of both directions, of the last minute, each once. */
static void test_early_frames(void **state)
{
  const uint64_t PARTS[] = {7, 8, 9};
  EarlyFrames *early = early_frames_new(3);
  Packet joined = early_packet('b', 'a', 9, 3);

  (void) state;
  assert_early(early, 'a', 'b', 0, "");
  add_early(early, 'a', 'b', 1, 0);
  add_early(early, 'b', 'a', 2, 1);
  add_early(early, 'a', 'c', 3, 1);
  joined.frames = PARTS;
  joined.frame_count = G_N_ELEMENTS(PARTS);
  early_frames_add(early, &joined);
  assert_early(early, 'b', 'a', 60, "2 9 7 8 ");
  assert_early(early, 'b', 'a', 60, "");
  assert_early(early, 'c', 'a', 60, "3 ");
  early_frames_free(early);
}

static void test_early_frames_are_bounded(void **state)
{
  enum { MORE = EARLY_FRAMES_MAX + 2 };
  EarlyFrames *early = early_frames_new(2);
  g_autoptr(GString) newest = g_string_new(NULL);

  (void) state;
  for (uint64_t frame = 1; frame <= MORE; frame++) {
    add_early(early, 'a', 'b', frame, 0);
    if (frame > MORE - EARLY_FRAMES_MAX)
      g_string_append_printf(newest, "%" G_GUINT64_FORMAT " ", frame);
  }
  assert_early(early, 'a', 'b', 0, newest->str);
  add_early(early, 'a', 'b', 1, 0);
  add_early(early, 'a', 'c', 2, 0);
  add_early(early, 'a', 'b', 3, 0);
  add_early(early, 'a', 'd', 4, 0); /* c's goes: it is the longest without one */
  assert_early(early, 'a', 'c', 0, "");
  assert_early(early, 'a', 'b', 0, "1 3 ");
  assert_early(early, 'a', 'd', 0, "4 ");
  early_frames_free(early);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_window),
    cmocka_unit_test(test_window_does_not_wait),
    cmocka_unit_test(test_window_goes_round),
    cmocka_unit_test(test_window_is_bounded),
    cmocka_unit_test(test_window_by_call),
    cmocka_unit_test(test_window_calls_are_bounded),
    cmocka_unit_test(test_sent),
    cmocka_unit_test(test_sent_begins_late),
    cmocka_unit_test(test_sent_wraps),
    cmocka_unit_test(test_sent_forgets),
    cmocka_unit_test(test_sent_is_bounded),
    cmocka_unit_test(test_media),
    cmocka_unit_test(test_sent_limits),
    cmocka_unit_test(test_early_frames),
    cmocka_unit_test(test_early_frames_are_bounded),
  };

  return cmocka_run_group_tests_name("frame_picker", tests, NULL, NULL);
}
