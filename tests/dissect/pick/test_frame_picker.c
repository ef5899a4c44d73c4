/* Which frames are saved: by the window, by what connections carried, with media, all together. */
#include "tests/test.h"

#include "dissect/pick/frame_memory.h"
#include "dissect/pick/frame_picker.h"

static void add_frames(FrameWindow *window, uint64_t first, uint64_t last)
{
  for (uint64_t number = first; number <= last; number++)
    frame_window_add(window, &(Frame){.number = number});
}

/* Numbers of the frames that can be taken: "3 4 ". */
static char *take_all(FrameWindow *window, bool last)
{
  GString *text = g_string_new(NULL);
  Frame frame;

  while (frame_window_take(window, last, &frame))
    g_string_append_printf(text, "%" G_GUINT64_FORMAT " ", frame.number);
  return g_string_free(text, false);
}

static void assert_taken(FrameWindow *window, bool last, const char *expected)
{
  g_autofree char *taken = take_all(window, last);

  assert_string_equal(taken, expected);
}

static void test_window(void **state)
{
  FrameWindow window = {0};

  (void) state;
  assert_taken(&window, true, "");
  frame_window_choose(&window, 1);
  frame_window_drop_last(&window);
  add_frames(&window, 1, 5);
  frame_window_choose(&window, 2);
  frame_window_choose(&window, 5);
  frame_window_choose(&window, 9);
  assert_taken(&window, false, ""); /* frame 1 may still be chosen */
  frame_window_drop_last(&window);  /* not a frame that was chosen */
  frame_window_choose(&window, 1);
  assert_taken(&window, false, "1 2 ");
  add_frames(&window, 7, 8);
  frame_window_drop_last(&window);
  frame_window_choose(&window, 8);
  frame_window_choose(&window, 7);
  frame_window_choose(&window, 2); /* is gone */
  assert_taken(&window, true, "5 7 ");
  assert_int_equal(window.count, 0);
  frame_window_clear(&window);
}

/* Many frames, of which each third is chosen late: a ring that grows and goes round. */
static void test_window_goes_round(void **state)
{
  FrameWindow window = {0};
  uint64_t taken = 0;
  Frame frame;

  (void) state;
  for (uint64_t number = 1; number <= 5000; number++) {
    frame_window_add(&window, &(Frame){.number = number});
    if (number % 3 == 0)
      frame_window_choose(&window, number - 100);
    if (number % 700 == 0)
      while (frame_window_take(&window, true, &frame))
        taken++;
  }
  while (frame_window_take(&window, true, &frame))
    taken++;
  assert_true(taken > 1300 && taken < 1667);
  frame_window_clear(&window);
}

static void test_window_is_bounded(void **state)
{
  FrameWindow window = {0};

  (void) state;
  add_frames(&window, 1, FRAME_WINDOW_MAX);
  frame_window_choose(&window, 2);
  assert_taken(&window, false, "2 "); /* 1 waited for too long */
  assert_true(window.room <= FRAME_WINDOW_MAX);
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

  sent_choose(table, sent, range, frames);
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
  sent_choose(table, sent, (SeqRange){999960, 1000000}, frames);
  assert_int_equal(frames->len, 4);
  g_array_set_size(frames, 0);
  for (uint32_t i = 0; i < 100000; i++) /* all are needed: the last ones stay */
    sent_add(sent, i, (SeqRange){1000000 + i, 1000001 + i});
  sent_choose(table, sent, (SeqRange){1000000, 1100000}, frames);
  assert_true(frames->len >= 4096 && frames->len <= 8192);
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

#define SDP_HEAD "v=0\r\no=- 1 1 IN IP4 10.0.0.9\r\ns=-\r\n"

static void test_media(void **state)
{
  static const struct {
    const char *sdp, *address;
    uint16_t port;
    bool matches;
  } CASES[] = {
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n", "10.0.0.1", 4000, true},
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n", "10.0.0.1", 4001, true},
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n", "10.0.0.1", 4002, false},
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n", "10.0.0.9", 4000, false},
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nm=audio 4000 RTP/AVP 0\r\nc=IN IP4 10.0.0.2\r\n", "10.0.0.2",
     4000, true},
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nm=audio 4000 RTP/AVP 0\r\nc=IN IP4 10.0.0.2\r\n", "10.0.0.1",
     4000, false},
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nm=audio 1 RTP/AVP 0\r\nm=video 4002/2 RTP/AVP 31\r\n",
     "10.0.0.1", 4005, true},
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nm=audio 4000 RTP/AVP 0\r\na=rtcp:53020\r\n", "10.0.0.1", 53020,
     true},
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nm=audio 4000 RTP/AVP 0\r\na=rtcp:53020\r\n", "10.0.0.1", 4001,
     false},
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nm=audio 4000 RTP/AVP 0\r\na=rtcp:53 IN IP4 10.0.0.3\r\n",
     "10.0.0.3", 53, true},
    {SDP_HEAD "c=IN IP6 2001:db8::1\r\nm=audio 4000 RTP/AVP 0\r\n", "2001:db8::1", 4000, true},
    {SDP_HEAD "c=IN IP4 0.0.0.0\r\nm=audio 4000 RTP/AVP 0\r\n", "0.0.0.0", 4000, false},
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nm=audio 0 RTP/AVP 0\r\n", "10.0.0.1", 0, false},
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nm=audio 65535/9 RTP/AVP 0\r\n", "10.0.0.1", 0, false},
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nm=audio 9 RTP/SAVPF 0\r\n"
              "a=candidate:1 1 UDP 2130706431 192.0.2.5 8998 typ host\r\n",
     "192.0.2.5", 8998, true},
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nm=audio 9 RTP/SAVPF 0\r\n"
              "a=candidate:1 1 TCP 2130706431 192.0.2.5 8998 typ host\r\n",
     "192.0.2.5", 8998, false},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(MediaEnds) ends = media_ends_new();
    Packet there = {.time_ns = 15}, back = {.time_ns = 20};
    Endpoint end;
    g_autofree char *octets = exact_copy(CASES[i].sdp, strlen(CASES[i].sdp));

    assert_true(endpoint_parse(slice_from_string(CASES[i].address), CASES[i].port, &end));
    there.dst = back.src = end;
    media_ends_add_sdp(ends, slice_of(octets, strlen(CASES[i].sdp)), 10, 20);
    if (media_ends_match(ends, &there) != CASES[i].matches ||
        media_ends_match(ends, &back) != CASES[i].matches)
      fail_msg("%s: %s:%u", CASES[i].sdp, CASES[i].address, CASES[i].port);
    there.time_ns = 9;
    back.time_ns = 21;
    assert_false(media_ends_match(ends, &there) || media_ends_match(ends, &back));
  }
}

static bool takes_port(MediaEnds *ends, uint16_t port)
{
  Packet packet = {.time_ns = 15};

  assert_true(endpoint_parse(SLICE("10.0.0.1"), port, &packet.dst));
  packet.src = (Endpoint){.family = ADDRESS_IPV4, .address = {10, 0, 0, 99}, .port = 1};
  return media_ends_match(ends, &packet);
}

/* Of one description so many media lines, candidates and ports are read, and no more. */
static void test_media_limits(void **state)
{
  static const struct {
    const char *begin, *line; /* with a number: 10000 and on, in steps of 2 */
    unsigned lines;
  } LIMITS[] = {
    {"", "m=audio %u RTP/AVP 0\r\n", 256},
    {"m=audio 9 RTP/SAVPF 0\r\n", "a=candidate:1 1 UDP 1 10.0.0.1 %u typ host\r\n", 256},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(LIMITS); i++) {
    g_autoptr(MediaEnds) ends = media_ends_new();
    g_autoptr(GString) sdp = g_string_new(SDP_HEAD "c=IN IP4 10.0.0.1\r\n");
    g_string_append(sdp, LIMITS[i].begin);
    for (unsigned n = 0; n <= LIMITS[i].lines; n++) {
      g_auto(GStrv) around = g_strsplit(LIMITS[i].line, "%u", 2);
      g_string_append_printf(sdp, "%s%u%s", around[0], 10000 + 2 * n, around[1]);
    }
    media_ends_add_sdp(ends, slice_of(sdp->str, sdp->len), 10, 20);
    assert_true(takes_port(ends, (uint16_t) (10000 + 2 * (LIMITS[i].lines - 1))));
    assert_false(takes_port(ends, (uint16_t) (10000 + 2 * LIMITS[i].lines)));
  }
  g_autoptr(MediaEnds) ends = media_ends_new();
  media_ends_add_sdp(ends, SLICE(SDP_HEAD "c=IN IP4 10.0.0.1\r\nm=audio 4000/99 RTP/AVP 0\r\n"), 10,
                     20);
  assert_true(takes_port(ends, 4031));
  assert_false(takes_port(ends, 4032));
}

static void test_media_ports(void **state)
{
  g_autoptr(MediaEnds) ends = media_ends_new();

  (void) state;
  media_ends_add_sdp(ends,
                     SLICE(SDP_HEAD
                           "c=IN IP4 10.0.0.1\r\nm=audio 65535 RTP/AVP 0\r\na=rtcp:65536\r\n"
                           "a=candidate:1 1 UDP 1 10.0.0.1 65537 typ host\r\n"),
                     10, 20);
  assert_true(takes_port(ends, 65535));
  assert_false(takes_port(ends, 0)); /* no number is cut to its last 16 bits */
  assert_false(takes_port(ends, 1));
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
    sent_choose(table, sent, (SeqRange){1000 * n, 1000 * n + 10}, to);
  assert_int_equal(to->len, COMMON);
  assert_false(sent_add(sent, 100, (SeqRange){0, 10}));
  assert_true(sent_add(sent, 101, (SeqRange){1000, 1010}));
  assert_true(sent_add(sent, 102, (SeqRange){1000 * CHOSEN, 1000 * CHOSEN + 10}));
}

/* One place, used by one call after the other; some at the same time. */
static void test_media_times(void **state)
{
  static const char SDP[] = SDP_HEAD "c=IN IP4 10.0.0.1\r\nm=audio 4000 RTP/AVP 0\r\n";
  static const int64_t SPANS[][2] = {{50, 60}, {10, 20}, {15, 18}, {20, 22}, {90, 95}, {10, 12}};
  g_autoptr(MediaEnds) ends = media_ends_new();
  Packet packet = {.time_ns = 0};

  (void) state;
  assert_true(endpoint_parse(SLICE("10.0.0.1"), 4000, &packet.src));
  for (size_t i = 0; i < G_N_ELEMENTS(SPANS); i++)
    media_ends_add_sdp(ends, slice_from_string(SDP), SPANS[i][0], SPANS[i][1]);
  for (packet.time_ns = 0; packet.time_ns < 100; packet.time_ns++) {
    bool expected = false;
    for (size_t i = 0; i < G_N_ELEMENTS(SPANS); i++)
      expected |= packet.time_ns >= SPANS[i][0] && packet.time_ns <= SPANS[i][1];
    assert_int_equal(media_ends_match(ends, &packet), expected);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_window),
    cmocka_unit_test(test_window_goes_round),
    cmocka_unit_test(test_window_is_bounded),
    cmocka_unit_test(test_sent),
    cmocka_unit_test(test_sent_begins_late),
    cmocka_unit_test(test_sent_wraps),
    cmocka_unit_test(test_sent_forgets),
    cmocka_unit_test(test_sent_is_bounded),
    cmocka_unit_test(test_media),
    cmocka_unit_test(test_sent_limits),
    cmocka_unit_test(test_media_limits),
    cmocka_unit_test(test_media_ports),
    cmocka_unit_test(test_media_times),
  };

  return cmocka_run_group_tests_name("frame_picker", tests, NULL, NULL);
}
