/* The table of streams: packets in, counters out. */
#include "dissect/media/rtp_streams.h"

#include "tests/test.h"

enum { LIMIT = 1000, PCMU = 0, EVENTS = 101, MS = 1000 * 1000 };

/* Packets of one stream on their way into a table; fields are set before `send`. */
typedef struct {
  RtpStreams *streams;
  GPtrArray *model; /* RtpStream, by number - 1 */
  RtpNews news;
  Packet packet;
  uint8_t type;
  bool marker;
  uint16_t seq;
  uint32_t timestamp, ssrc;
  char payload[160];
  size_t payload_len;
} Sender;

static Sender sender_new(void)
{
  return (Sender){
    .streams = rtp_streams_new(LIMIT),
    .model = g_ptr_array_new_with_free_func(g_free),
    .news = {g_ptr_array_new(), g_array_new(false, false, sizeof(uint32_t))},
    .packet = {.kind = PACKET_UDP,
               .src = {.address = {192, 0, 2, 1}, .port = 4000, .family = ADDRESS_IPV4},
               .dst = {.address = {192, 0, 2, 2}, .port = 5000, .family = ADDRESS_IPV4},
               .time_ns = INT64_C(1700000000) * 1000 * MS},
    .seq = 100,
    .timestamp = 1000,
    .ssrc = 0xabcdef01,
    .payload_len = 160,
  };
}

static void sender_clear(Sender *sender)
{
  rtp_streams_free(sender->streams);
  g_ptr_array_unref(sender->model);
  g_ptr_array_unref(sender->news.changed);
  g_array_unref(sender->news.gone);
}

static void put_u32(char *at, uint32_t value)
{
  value = GUINT32_TO_BE(value);
  memcpy(at, &value, sizeof value);
}

static void send(Sender *sender)
{
  char bytes[RTP_HEADER + sizeof sender->payload] = {(char) 0x80};

  bytes[1] = (char) (sender->type | (sender->marker ? 0x80 : 0));
  bytes[2] = (char) (sender->seq >> 8);
  bytes[3] = (char) sender->seq;
  put_u32(bytes + 4, sender->timestamp);
  put_u32(bytes + 8, sender->ssrc);
  memcpy(bytes + RTP_HEADER, sender->payload, sender->payload_len);
  Slice exact = exact_slice(slice_of(bytes, RTP_HEADER + sender->payload_len));
  sender->packet.payload = exact;
  rtp_streams_feed(sender->streams, &sender->packet);
  g_free((char *) (uintptr_t) exact.data);
}

/* Time goes on as if so many packets of 20 ms had been sent. */
static void pass(Sender *sender, int packets)
{
  sender->seq = (uint16_t) (sender->seq + packets);
  sender->timestamp += (uint32_t) (packets * 160);
  sender->packet.time_ns += (int64_t) packets * 20 * MS;
}

static void send_many(Sender *sender, int count)
{
  for (int i = 0; i < count; i++) {
    send(sender);
    pass(sender, 1);
  }
}

/* A packet that was sent `back` packets before. */
static void send_old(Sender *sender, int back)
{
  Sender old = *sender;

  old.seq = (uint16_t) (old.seq - back);
  old.timestamp -= (uint32_t) (back * 160);
  send(&old);
}

static void publish(Sender *sender)
{
  rtp_streams_publish(sender->streams, &sender->news);
  for (guint i = 0; i < sender->news.changed->len; i++) {
    RtpStream *stream = sender->news.changed->pdata[i];
    if (stream->number > sender->model->len)
      g_ptr_array_set_size(sender->model, (gint) stream->number);
    g_free(sender->model->pdata[stream->number - 1]);
    sender->model->pdata[stream->number - 1] = stream;
  }
  g_ptr_array_set_size(sender->news.changed, 0);
}

/* The only stream. */
static const RtpStream *only(Sender *sender)
{
  publish(sender);
  assert_int_equal(sender->model->len, 1);
  return sender->model->pdata[0];
}

static size_t stream_count(Sender *sender)
{
  publish(sender);
  return sender->model->len;
}

/* --- Proof --------------------------------------------------------------------------------- */

static void test_proof(void **state)
{
  static const struct {
    const char *what;
    int seq, timestamp, type;
    uint32_t ssrc;
    bool proves;
  } CASES[] = {
    {"the next packet", 1, 160, PCMU, 0xabcdef01, true},
    {"after a loss", 50, 8000, PCMU, 0xabcdef01, true},
    {"too far", 51, 8160, PCMU, 0xabcdef01, false},
    {"before it", -1, -160, PCMU, 0xabcdef01, true},
    {"as long before it as it may be", -5, -800, PCMU, 0xabcdef01, true},
    {"long before it", -6, -960, PCMU, 0xabcdef01, false},
    {"a copy", 0, 0, PCMU, 0xabcdef01, false},
    {"another timestamp", 0, 160, PCMU, 0xabcdef01, false},
    {"the timestamp goes back", 1, -160, PCMU, 0xabcdef01, false},
    {"the timestamp goes as far as that of the fastest clock", 1, 387840, PCMU, 0xabcdef01, true},
    {"the timestamp goes further", 1, 387841, PCMU, 0xabcdef01, false},
    {"the timestamp jumps", 1, 1 << 30, PCMU, 0xabcdef01, false},
    {"video: the same timestamp", 1, 0, 96, 0xabcdef01, true},
    {"another type in sequence", 1, 160, 8, 0xabcdef01, true},
    {"another type after a hole", 2, 320, 8, 0xabcdef01, false},
    {"another SSRC", 1, 160, PCMU, 0xabcdef02, false},
    {"a small SSRC", 1, 160, PCMU, 1, true},
    {"a small SSRC after a hole", 2, 320, PCMU, 1, false},
    {"the largest of them after a hole", 2, 320, PCMU, 0xffff, false},
    {"a larger one after a hole", 2, 320, PCMU, 0x10000, true},
    {"a small SSRC with the same timestamp", 1, 0, PCMU, 1, false},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Sender sender = sender_new();

    sender.ssrc = CASES[i].ssrc == 0xabcdef02 ? 0xabcdef01 : CASES[i].ssrc;
    sender.type = CASES[i].type == 96 ? 96 : PCMU;
    send(&sender);
    sender.seq = (uint16_t) (sender.seq + CASES[i].seq);
    sender.timestamp += (uint32_t) CASES[i].timestamp;
    sender.type = (uint8_t) CASES[i].type;
    sender.ssrc = CASES[i].ssrc;
    sender.packet.time_ns += 20 * MS;
    send(&sender);
    if (stream_count(&sender) != CASES[i].proves)
      fail_msg("%s", CASES[i].what);
    if (CASES[i].proves)
      assert_int_equal(only(&sender)->packets, 2);
    sender_clear(&sender);
  }
}

/* Answers of a name server: "NSCOUNT, ARCOUNT" is the same each time, as an SSRC is. */
static void test_dns_is_no_stream(void **state)
{
  static const char ANSWER[] = "\x80\x05\x81\x80\0\1\0\1\0\0\0\1 www example";
  Sender sender = sender_new();

  (void) state;
  for (int id = 0; id < 4096; id++) {
    char bytes[sizeof ANSWER];
    memcpy(bytes, ANSWER, sizeof ANSWER);
    bytes[0] = (char) (0x80 | (id >> 8 & 0x3f));
    bytes[1] = (char) id;
    bytes[3] = (char) (0x80 | (id & 3));
    sender.packet.payload = slice_of(bytes, sizeof bytes);
    sender.packet.time_ns += MS;
    rtp_streams_feed(sender.streams, &sender.packet);
  }
  assert_int_equal(stream_count(&sender), 0);
  sender_clear(&sender);
}

static void test_random_is_no_stream(void **state)
{
  g_autoptr(GRand) random = g_rand_new_with_seed(1);
  Sender sender = sender_new();

  (void) state;
  for (int i = 0; i < 200 * 1000; i++) {
    uint32_t words[8];
    for (size_t w = 0; w < G_N_ELEMENTS(words); w++)
      words[w] = g_rand_int(random);
    sender.packet.payload = slice_of((const char *) words, sizeof words);
    sender.packet.time_ns += MS;
    rtp_streams_feed(sender.streams, &sender.packet);
  }
  assert_int_equal(stream_count(&sender), 0);
  sender_clear(&sender);
}

static void test_copies_before_the_proof(void **state)
{
  Sender sender = sender_new();

  (void) state;
  send(&sender);
  send(&sender);
  send(&sender);
  pass(&sender, 1);
  send(&sender);
  assert_int_equal(only(&sender)->packets, 4);
  assert_int_equal(only(&sender)->duplicates, 2);
  assert_int_equal(rtp_stream_lost(only(&sender)), 0);
  sender_clear(&sender);
}

/* Many streams that all begin at the same moment: each has its second packet after the first of
 * all others. */
static void test_many_candidates(void **state)
{
  enum { STREAMS = 20 * 1000 };
  Sender sender = sender_new();

  (void) state;
  rtp_streams_free(sender.streams);
  sender.streams = rtp_streams_new(8 * STREAMS);
  for (int round = 0; round < 2; round++, pass(&sender, 1))
    for (uint32_t i = 0; i < STREAMS; i++) {
      sender.ssrc = (i + 1) << 16;
      send(&sender);
    }
  assert_int_equal(stream_count(&sender), STREAMS);
  sender_clear(&sender);
}

/* --- Counters ------------------------------------------------------------------------------ */

static void test_plain(void **state)
{
  Sender sender = sender_new();

  (void) state;
  sender.packet.dscp = 46;
  send_many(&sender, 500);
  const RtpStream *stream = only(&sender);
  assert_int_equal(stream->number, 1);
  assert_int_equal(stream->packets, 500);
  assert_int_equal(stream->bytes, 500 * 172);
  assert_int_equal(rtp_stream_expected(stream), 500);
  assert_int_equal(rtp_stream_lost(stream), 0);
  assert_int_equal(stream->duplicates + stream->out_of_order + stream->restarts, 0);
  assert_int_equal(stream->dscp, 46);
  assert_int_equal(stream->flags, 0);
  assert_int_equal(stream->last_ns - stream->first_ns, 499 * INT64_C(20) * MS);
  assert_int_equal(stream->max_gap_ns, 20 * MS);
  assert_int_equal(stream->silences, 0);
  assert_int_equal(stream->timestamp_step, 160);
  assert_int_equal(rtp_stream_payload(stream)->packets, 500);
  sender_clear(&sender);
}

/* RFC 3550 A.1 */
static void test_wrap(void **state)
{
  Sender sender = sender_new();

  (void) state;
  sender.seq = 65500;
  sender.timestamp = UINT32_MAX - 1000;
  send_many(&sender, 66000);
  pass(&sender, 3);
  send_many(&sender, 66000);
  assert_int_equal(rtp_stream_expected(only(&sender)), 132003);
  assert_int_equal(rtp_stream_lost(only(&sender)), 3);
  assert_int_equal(rtp_stream_bursts(only(&sender)), 1);
  assert_int_equal(only(&sender)->restarts, 0);
  sender_clear(&sender);
}

static void test_loss(void **state)
{
  static const struct {
    int holes[4]; /* packets lost after each 300 */
    uint64_t lost;
    uint32_t bursts;
  } CASES[] = {
    {{0}, 0, 0},          {{1}, 1, 1},     {{1, 1, 1, 1}, 4, 4}, {{5, 0, 7}, 12, 2},
    {{255, 256}, 511, 2}, {{257}, 257, 1}, {{2999}, 2999, 1},    {{1000, 1}, 1001, 2},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Sender sender = sender_new();
    for (size_t hole = 0; hole < 4; hole++) {
      send_many(&sender, 300);
      pass(&sender, CASES[i].holes[hole]);
    }
    send_many(&sender, 300);
    assert_int_equal(only(&sender)->packets, 1500);
    assert_int_equal(rtp_stream_expected(only(&sender)), 1500 + CASES[i].lost);
    assert_int_equal(rtp_stream_lost(only(&sender)), CASES[i].lost);
    assert_int_equal(rtp_stream_bursts(only(&sender)), CASES[i].bursts);
    sender_clear(&sender);
  }
}

/* Neighbours that changed places are neither lost nor copies. */
static void test_swapped_pairs(void **state)
{
  Sender sender = sender_new();

  (void) state;
  send_many(&sender, 50);
  for (int pair = 0; pair < 3; pair++) {
    pass(&sender, 1);
    send(&sender);
    send_old(&sender, 1);
    pass(&sender, 1);
    send_many(&sender, 20);
  }
  const RtpStream *stream = only(&sender);
  double mean, max;
  assert_int_equal(stream->packets, 116);
  assert_int_equal(rtp_stream_lost(stream), 0);
  assert_int_equal(rtp_stream_bursts(stream), 0);
  assert_int_equal(stream->out_of_order, 3);
  assert_int_equal(stream->duplicates, 0);
  assert_true(rtp_stream_jitter(stream, 0, &mean, &max));
  assert_true(max < 5); /* differences of at most 40 ms, divided by 16 */
  sender_clear(&sender);
}

static void test_every_packet_twice(void **state)
{
  Sender sender = sender_new();
  double mean, max;

  (void) state;
  for (int i = 0; i < 400; i++) {
    send(&sender);
    sender.packet.time_ns += MS;
    send(&sender);
    sender.packet.time_ns -= MS;
    pass(&sender, 1);
  }
  const RtpStream *stream = only(&sender);
  assert_int_equal(stream->packets, 800);
  assert_int_equal(stream->duplicates, 400);
  assert_int_equal(stream->out_of_order, 0);
  assert_int_equal(rtp_stream_lost(stream), 0);
  assert_true(rtp_stream_jitter(stream, 0, &mean, &max));
  assert_true(max < 0.001);
  sender_clear(&sender);
}

/* The oldest place of the window, and the one before it. */
static void test_late_at_the_edge_of_the_window(void **state)
{
  Sender sender = sender_new();

  (void) state;
  send_many(&sender, 10);
  pass(&sender, 1); /* lost, so far */
  send_many(&sender, RTP_WINDOW - 1);
  send_old(&sender, RTP_WINDOW);
  assert_int_equal(rtp_stream_lost(only(&sender)), 0);
  assert_int_equal(only(&sender)->out_of_order, 1);
  pass(&sender, 1);
  send_many(&sender, RTP_WINDOW);
  send_old(&sender, RTP_WINDOW + 1);
  assert_int_equal(rtp_stream_lost(only(&sender)), 1);
  assert_int_equal(rtp_stream_bursts(only(&sender)), 1);
  assert_int_equal(only(&sender)->out_of_order, 1);
  assert_int_equal(only(&sender)->restarts, 0);
  sender_clear(&sender);
}

static void test_first_packets_late(void **state)
{
  Sender sender = sender_new();

  (void) state;
  sender.seq = 0;
  send_many(&sender, 3);
  send_old(&sender, 4); /* 65535, before the first */
  const RtpStream *stream = only(&sender);
  assert_int_equal(rtp_stream_expected(stream), 4);
  assert_int_equal(rtp_stream_lost(stream), 0);
  assert_int_equal(stream->out_of_order, 1);
  sender_clear(&sender);
}

static void test_restart(void **state)
{
  Sender sender = sender_new();

  (void) state;
  send_many(&sender, 100);
  pass(&sender, 2);
  send_many(&sender, 100);
  sender.seq = (uint16_t) (sender.seq + 20000);
  send_many(&sender, 100);
  const RtpStream *stream = only(&sender);
  assert_int_equal(stream->restarts, 1);
  assert_int_equal(stream->packets, 300);
  assert_int_equal(rtp_stream_expected(stream), 302);
  assert_int_equal(rtp_stream_bursts(stream), 1);
  sender_clear(&sender);
}

static void test_strays_are_no_restart(void **state)
{
  Sender sender = sender_new();

  (void) state;
  for (int i = 0; i < 10; i++) {
    send_many(&sender, 50);
    send_old(&sender, 10000 + i);
  }
  const RtpStream *stream = only(&sender);
  assert_int_equal(stream->restarts, 0);
  assert_int_equal(stream->packets, 510);
  assert_int_equal(rtp_stream_lost(stream), 0);
  sender_clear(&sender);
}

/* Nothing came for two minutes, and the timestamp has gone on in step: all that is lost. */
static void test_long_loss(void **state)
{
  Sender sender = sender_new();

  (void) state;
  send_many(&sender, 100);
  pass(&sender, 6000);
  send_many(&sender, 100);
  const RtpStream *stream = only(&sender);
  assert_int_equal(stream->restarts, 0);
  assert_int_equal(rtp_stream_lost(stream), 6000);
  assert_int_equal(rtp_stream_bursts(stream), 1);
  assert_int_equal(stream->max_gap_ns, INT64_C(6001) * 20 * MS);
  sender_clear(&sender);
}

static void test_silence(void **state)
{
  Sender sender = sender_new();
  double mean, max;

  (void) state;
  send_many(&sender, 100);
  for (int i = 0; i < 2; i++) {
    sender.timestamp += 160 * 100; /* two seconds, in which the sequence number stays */
    sender.packet.time_ns += INT64_C(2000) * MS;
    sender.marker = true;
    send(&sender);
    sender.marker = false;
    pass(&sender, 1);
    send_many(&sender, 100);
  }
  const RtpStream *stream = only(&sender);
  assert_int_equal(rtp_stream_lost(stream), 0);
  assert_int_equal(stream->silences, 2);
  assert_int_equal(stream->silence_ns, 2 * INT64_C(2020) * MS);
  assert_int_equal(stream->max_gap_ns, 20 * MS);
  assert_true(rtp_stream_jitter(stream, 0, &mean, &max));
  assert_true(max < 0.001);
  sender_clear(&sender);
}

/* The network held packets back: the timestamp is in step with the sequence number. */
static void test_stall_is_no_silence(void **state)
{
  Sender sender = sender_new();

  (void) state;
  send_many(&sender, 100);
  sender.packet.time_ns += INT64_C(500) * MS;
  send_many(&sender, 100);
  assert_int_equal(only(&sender)->silences, 0);
  assert_int_equal(only(&sender)->max_gap_ns, 520 * MS);
  sender_clear(&sender);
}

/* --- Jitter -------------------------------------------------------------------------------- */

/* RFC 3550 6.4.1, worked out by hand: one packet is 16 ms late, those after it are in time. */
static void test_jitter(void **state)
{
  Sender sender = sender_new();
  double mean, max;

  (void) state;
  send_many(&sender, 10);
  sender.packet.time_ns += 16 * MS;
  send(&sender); /* J = 1 */
  sender.packet.time_ns -= 16 * MS;
  pass(&sender, 1);
  send(&sender); /* J = 1 + (16 - 1) / 16 */
  assert_true(rtp_stream_jitter(only(&sender), 0, &mean, &max));
  assert_true(ABS(max - 1.9375) < 1e-5);
  assert_true(ABS(mean - 2.9375 / only(&sender)->jitter_packets) < 1e-5);
  sender_clear(&sender);
}

/* A dynamic payload type: the answer is that of the rate that is named later. */
static void test_jitter_of_unknown_rate(void **state)
{
  static const uint32_t RATES[] = RTP_RATES;
  double mean, max;

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(RATES); i++) {
    Sender sender = sender_new();
    sender.type = 111;
    for (int n = 0; n < 200; n++) {
      send(&sender);
      sender.seq++;
      sender.timestamp += RATES[i] / 50;
      sender.packet.time_ns += 20 * MS;
    }
    for (size_t other = 0; other < G_N_ELEMENTS(RATES); other++) {
      assert_true(rtp_stream_jitter(only(&sender), RATES[other], &mean, &max));
      assert_int_equal(max < 0.01, other == i);
    }
    assert_false(rtp_stream_jitter(only(&sender), 0, &mean, &max));
    sender_clear(&sender);
  }
}

/* Packets of a static type before others count for each rate that these may have. */
static void test_jitter_of_known_then_unknown_rate(void **state)
{
  Sender sender = sender_new();
  double mean, max, after_mean, after_max;

  (void) state;
  send_many(&sender, 10);
  sender.packet.time_ns += 16 * MS;
  send_many(&sender, 10);
  assert_true(rtp_stream_jitter(only(&sender), 0, &mean, &max));
  sender.type = 111;
  sender.seq++;
  send(&sender);
  assert_int_equal(only(&sender)->type_changes, 1);
  assert_true(rtp_stream_jitter(only(&sender), 48000, &after_mean, &after_max));
  assert_true(ABS(max - after_max) < 1e-9 && ABS(mean - after_mean) < 1e-9);
  sender_clear(&sender);
}

/* The sender set its timestamps anew: that says nothing of the network. */
static void test_new_timestamps_are_no_jitter(void **state)
{
  Sender sender = sender_new();
  double mean, max;

  (void) state;
  send_many(&sender, 100);
  sender.timestamp += 1U << 30;
  send_many(&sender, 100);
  assert_true(rtp_stream_jitter(only(&sender), 0, &mean, &max));
  assert_true(max < 0.001);
  sender_clear(&sender);
}

/* --- Events -------------------------------------------------------------------------------- */

/* One digit as RFC 4733 2.5.1 sends it: `updates` packets and three times the last one, which lack
 * those of the mask `lost`. */
static void send_digit(Sender *sender, int digit, int updates, unsigned lost)
{
  sender->type = EVENTS;
  sender->payload_len = 4;
  for (int i = 0; i < updates + 3; i++) {
    uint32_t duration = (uint32_t) MIN(i + 1, updates + 1) * 160;
    bool ended = i >= updates;
    put_u32(sender->payload, (uint32_t) digit << 24 | (ended ? 0x8a0000U : 0x0a0000U) | duration);
    sender->marker = i == 0;
    if (!(lost >> i & 1))
      send(sender);
    sender->seq++;
    sender->packet.time_ns += 20 * MS;
  }
  sender->timestamp += (uint32_t) (updates + 3) * 160;
  sender->type = PCMU;
  sender->payload_len = 160;
  sender->marker = false;
}

static void assert_digits(Sender *sender, const char *expected)
{
  const RtpStream *stream = only(sender);
  size_t count;
  const RtpDigit *digits = rtp_stream_digits(stream, &count);

  assert_int_equal(stream->digit_count, strlen(expected));
  assert_int_equal(count, strlen(expected));
  for (size_t i = 0; i < count; i++)
    assert_int_equal(digits[i].digit, expected[i]);
}

static RtpDigit digit_of(Sender *sender, size_t index)
{
  size_t count;
  const RtpDigit *digits = rtp_stream_digits(only(sender), &count);

  assert_true(index < count);
  return digits[index];
}

static void test_digits(void **state)
{
  Sender sender = sender_new();
  double mean, max;

  (void) state;
  send_many(&sender, 20);
  send_digit(&sender, 1, 5, 0);
  send_many(&sender, 20);
  send_digit(&sender, 1, 5, 0x7 << 5); /* all ends are lost */
  send_many(&sender, 1);
  send_digit(&sender, 1, 5, 0);
  send_digit(&sender, 11, 5, 1); /* #: the first packet is lost */
  send_digit(&sender, 16, 5, 0);
  const RtpStream *stream = only(&sender);
  assert_digits(&sender, "111#!");
  assert_int_equal(stream->payloads[1].kind, RTP_EVENTS);
  assert_int_equal(stream->type_changes, 0);
  assert_true(rtp_stream_jitter(stream, 0, &mean, &max));
  assert_true(max < 0.001);
  sender_clear(&sender);
}

/* Of the first packet that came, and of the last update: RFC 4733 2.5.1.4. */
static void test_times_of_digits(void **state)
{
  static const struct {
    unsigned lost; /* of five updates and three ends */
    int64_t late_ms;
    uint32_t duration;
  } CASES[] = {
    {0, 0, 960},          {0x7 << 5, 0, 800}, /* all ends */
    {0x3 << 6, 0, 960},                       /* all but the first end */
    {0x3, 40, 960},                           /* the first two packets */
    {0xef, 80, 5 * 160},                      /* all but the last update */
    {0x7f, 7 * 20, 960},                      /* all but the last end */
    {0xfe & ~2U, 0, 320},                     /* all but the first two */
  };
  Sender sender = sender_new();

  (void) state;
  send_many(&sender, 20);
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    int64_t begun_ns = sender.packet.time_ns;
    send_digit(&sender, (int) i, 5, CASES[i].lost);
    RtpDigit digit = digit_of(&sender, i);
    assert_int_equal(digit.time_ns, begun_ns + CASES[i].late_ms * MS);
    assert_int_equal(digit.duration, CASES[i].duration);
    assert_int_equal(digit.payload_type, EVENTS);
    send_many(&sender, 5);
  }
  sender_clear(&sender);
}

/* A digit held for so long that its duration starts again (RFC 4733 2.5.1.3). */
static void test_long_digit(void **state)
{
  Sender sender = sender_new();

  (void) state;
  send_many(&sender, 20);
  sender.type = EVENTS;
  sender.payload_len = 4;
  for (int segment = 0; segment < 3; segment++) {
    put_u32(sender.payload, 5U << 24 | 0x0a0000U | 0xffff);
    send(&sender);
    sender.seq++;
    sender.timestamp += 0xffff;
    sender.packet.time_ns += INT64_C(8192) * MS;
  }
  assert_digits(&sender, "5");
  assert_int_equal(digit_of(&sender, 0).duration, 3 * UINT16_MAX);
  sender_clear(&sender);
}

/* Some senders move the timestamp on while a digit lasts. */
static void test_digit_with_moving_timestamp(void **state)
{
  Sender sender = sender_new();

  (void) state;
  send_many(&sender, 20);
  sender.type = EVENTS;
  sender.payload_len = 4;
  for (uint32_t i = 1; i <= 6; i++) {
    put_u32(sender.payload, 7U << 24 | 0x0a0000U | i * 160);
    sender.marker = i == 1;
    send(&sender);
    pass(&sender, 1);
  }
  assert_digits(&sender, "7");
  assert_int_equal(digit_of(&sender, 0).duration, 6 * 160);
  sender_clear(&sender);
}

static void test_more_digits_than_kept(void **state)
{
  Sender sender = sender_new();

  (void) state;
  send_many(&sender, 20);
  for (int i = 0; i < RTP_DIGITS + 5; i++)
    send_digit(&sender, i % 10, 3, 0);
  const RtpStream *stream = only(&sender);
  size_t count;
  const RtpDigit *digits = rtp_stream_digits(stream, &count);
  assert_int_equal(stream->digit_count, RTP_DIGITS + 5);
  assert_int_equal(count, RTP_DIGITS);
  assert_int_equal(rtp_stream_size(stream), sizeof *stream + RTP_DIGITS * sizeof *digits);
  for (size_t i = 0; i < count; i++)
    assert_int_equal(digits[i].digit, '0' + (int) i % 10);
  sender_clear(&sender);
}

/* Only by streams that have some; published records stay as they were. */
static void test_digits_are_paid_for(void **state)
{
  Sender sender = sender_new();

  (void) state;
  send_many(&sender, 20);
  const RtpStream *before = only(&sender);
  size_t size = rtp_stream_size(before);
  assert_int_equal(size, sizeof *before);
  g_autofree RtpStream *kept = g_memdup2(before, size);
  for (int i = 0; i < 5; i++)
    send_digit(&sender, i, 3, 0);
  assert_memory_equal(kept, before, size);
  assert_int_equal(rtp_stream_size(only(&sender)), size + 8 * sizeof(RtpDigit));
  sender_clear(&sender);
}

static void test_first_packet_is_a_digit(void **state)
{
  Sender sender = sender_new();

  (void) state;
  send_digit(&sender, 7, 5, 0);
  assert_digits(&sender, "7");
  assert_int_equal(digit_of(&sender, 0).duration, 960);
  sender_clear(&sender);
}

/* The last event that is told, and the one after it. */
static void test_last_event(void **state)
{
  (void) state;
  for (int event = 16; event <= 17; event++) {
    Sender sender = sender_new();
    send_many(&sender, 20);
    send_digit(&sender, event, 5, 0);
    assert_digits(&sender, event == 16 ? "!" : "");
    sender_clear(&sender);
  }
}

static void test_more_digits_than_can_be_counted(void **state)
{
  Sender sender = sender_new();

  (void) state;
  send_many(&sender, 20);
  for (int i = 0; i <= UINT16_MAX; i++)
    send_digit(&sender, 3, 0, 0x6); /* one packet of three */
  assert_int_equal(only(&sender)->digit_count, UINT16_MAX);
  sender_clear(&sender);
}

/* From 60 ms on, and where two packets would have been sent, the sender was silent. */
static void test_silence_limits(void **state)
{
  static const struct {
    const char *what;
    int64_t gap_ms;
    uint32_t moved;
    unsigned silences;
  } CASES[] = {
    {"long enough", 60, 2 * 160, 1},
    {"not long enough", 59, 2 * 160, 0},
    {"one packet would have been sent", 60, 2 * 160 - 1, 0},
    {"the timestamp moves as far as it may", 60, INT32_MAX, 1},
    {"the timestamp goes back", 60, (uint32_t) INT32_MAX + 1, 0},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Sender sender = sender_new();
    send_many(&sender, 100);
    sender.timestamp += CASES[i].moved - 160;
    sender.packet.time_ns += (CASES[i].gap_ms - 20) * MS;
    send(&sender);
    if (only(&sender)->silences != CASES[i].silences)
      fail_msg("%s", CASES[i].what);
    sender_clear(&sender);
  }
}

/* A codec whose packets sometimes have four bytes. */
static void test_short_packets_are_no_digits(void **state)
{
  Sender sender = sender_new();

  (void) state;
  sender.type = 97;
  sender.payload_len = 4;
  send_many(&sender, 2);
  sender.payload_len = 33;
  send_many(&sender, 20);
  assert_int_equal(only(&sender)->digit_count, 0);
  assert_int_equal(only(&sender)->payloads[0].kind, RTP_MEDIA);
  sender_clear(&sender);
}

/* Keep-alives of a video stream: an event lasts for a while. */
static void test_zeros_are_no_digits(void **state)
{
  Sender sender = sender_new();

  (void) state;
  send_many(&sender, 20);
  sender.type = 125;
  sender.payload_len = 4;
  memset(sender.payload, 0, 4);
  send_many(&sender, 3);
  assert_int_equal(only(&sender)->digit_count, 0);
  sender_clear(&sender);
}

/* --- RTCP ---------------------------------------------------------------------------------- */

/* Between the ends of `sender`, or back; ports one above those of RTP unless `mux`. */
static void send_control(Sender *sender, const uint32_t *words, size_t count, bool back, bool mux)
{
  g_autofree uint32_t *bytes = g_new(uint32_t, count);
  Packet packet = sender->packet;

  for (size_t i = 0; i < count; i++)
    bytes[i] = GUINT32_TO_BE(words[i]);
  if (back) {
    packet.src = sender->packet.dst;
    packet.dst = sender->packet.src;
  }
  packet.src.port = (uint16_t) (packet.src.port + !mux);
  packet.dst.port = (uint16_t) (packet.dst.port + !mux);
  packet.payload = slice_of((const char *) bytes, count * sizeof *bytes);
  rtp_streams_feed(sender->streams, &packet);
}

static void test_reports(void **state)
{
  const uint32_t SENT[] = {0x80c80006, 0xabcdef01, 0x1111aaaa, 0xbbbb2222, 0, 0, 0};
  /* half a second later by its clock, from another SSRC, about the stream */
  const uint32_t ANSWER[] = {0x81c90007, 0x77777777, 0xabcdef01, 0x20000007,
                             0x00010000, 80,         0xaaaabbbb, 0x00008000};
  Sender sender = sender_new();

  (void) state;
  send_many(&sender, 10);
  send_control(&sender, SENT, G_N_ELEMENTS(SENT), false, false);
  sender.packet.time_ns += 580 * MS;
  for (int copies = 0; copies < 2; copies++)
    send_control(&sender, ANSWER, G_N_ELEMENTS(ANSWER), true, false);
  const RtpReports *reports = &only(&sender)->reports;
  assert_int_equal(reports->packets, 3);
  assert_int_equal(reports->reports, 1);
  assert_int_equal(reports->lost, 7);
  assert_int_equal(reports->fraction, 0x20);
  assert_int_equal(reports->jitter, 80);
  assert_int_equal(reports->round_trips, 1);
  assert_int_equal(reports->round_trips_us, 80 * 1000); /* 580 ms without the 500 it was held */
  assert_int_equal(only(&sender)->flags, 0);
  sender_clear(&sender);
}

static void test_mux_and_bye(void **state)
{
  const uint32_t BYE[] = {0x80c90001, 0xabcdef01, 0x81cb0001, 0xabcdef01};
  Sender sender = sender_new();

  (void) state;
  send_many(&sender, 10);
  send_control(&sender, BYE, G_N_ELEMENTS(BYE), false, true);
  assert_int_equal(only(&sender)->flags, RTP_RTCP_MUX | RTP_BYE);
  sender_clear(&sender);
}

/* SRTCP: after the first 8 bytes nothing is what it looks like. */
static void test_encrypted_reports(void **state)
{
  const uint32_t SECRET[] = {0x81c90007, 0x77777777, 0xabcdef01, 0x20000007, 0x00010000,
                             80,         0xaaaabbbb, 0x00008000, 0x80000001, 0x12345678};
  Sender sender = sender_new();

  (void) state;
  send_many(&sender, 10);
  send_control(&sender, SECRET, G_N_ELEMENTS(SECRET), true, true);
  assert_int_equal(only(&sender)->reports.reports, 0);
  sender_clear(&sender);
}

/* Copies alone are counted: what is captured itself is everywhere, and often no RTCP at all. */
static void test_reports_of_unknown_streams(void **state)
{
  const uint32_t BYE[] = {0x80c90001, 0xabcdef01, 0x81cb0001, 0xabcdef01};
  const uint32_t ANSWER[] = {0x81c90007, 0x77777777, 0xabcdef01, 0x20000007,
                             0x00010000, 80,         0xaaaabbbb, 0x00008000};
  const HepPacket *copy = (const HepPacket *) &BYE; /* it only matters that there is one */
  Sender sender = sender_new();

  (void) state;
  send_control(&sender, BYE, G_N_ELEMENTS(BYE), false, false);
  assert_int_equal(rtp_streams_lone_copies(sender.streams), 0);
  sender.packet.copy = copy;
  send_control(&sender, BYE, G_N_ELEMENTS(BYE), false, false);
  send_control(&sender, ANSWER, G_N_ELEMENTS(ANSWER), true, false);
  assert_int_equal(rtp_streams_lone_copies(sender.streams), 2);
  send_many(&sender, 10);
  send_control(&sender, BYE, G_N_ELEMENTS(BYE), false, false);
  send_control(&sender, ANSWER, G_N_ELEMENTS(ANSWER), true, false);
  assert_int_equal(rtp_streams_lone_copies(sender.streams), 2);
  sender_clear(&sender);
}

/* --- The table ----------------------------------------------------------------------------- */

static void test_keys(void **state)
{
  Sender sender = sender_new();

  (void) state;
  send_many(&sender, 3);
  sender.ssrc++;
  send_many(&sender, 3);
  sender.packet.src.port++;
  send_many(&sender, 3);
  sender.packet.dst.address[3]++;
  send_many(&sender, 3);
  sender.packet.tunnel++;
  send_many(&sender, 3);
  assert_int_equal(stream_count(&sender), 5);
  for (guint i = 0; i < 5; i++)
    assert_int_equal(((const RtpStream *) sender.model->pdata[i])->packets, 3);
  sender_clear(&sender);
}

/* What was published stays as it is while the table counts on. */
static void test_published_records_do_not_change(void **state)
{
  Sender sender = sender_new();

  (void) state;
  send_many(&sender, 10);
  const RtpStream *before = only(&sender);
  assert_int_equal(rtp_streams_changed(sender.streams), 0);
  send_many(&sender, 10);
  assert_int_equal(before->packets, 10);
  assert_int_equal(rtp_streams_changed(sender.streams), 1);
  assert_int_equal(only(&sender)->packets, 20);
  sender_clear(&sender);
}

static void test_limit(void **state)
{
  enum { STREAMS = LIMIT + 300 };
  Sender sender = sender_new();

  (void) state;
  for (uint32_t i = 1; i <= STREAMS; i++) {
    sender.ssrc = i << 16;
    send_many(&sender, 2);
    if (i == LIMIT / 2)
      publish(&sender); /* so that both kinds go: published records, and others */
  }
  assert_int_equal(rtp_streams_changed(sender.streams) <= LIMIT, true);
  publish(&sender);
  assert_int_equal(sender.news.gone->len, STREAMS - LIMIT);
  for (guint i = 0; i < sender.news.gone->len; i++) /* none of the newest */
    assert_in_range(g_array_index(sender.news.gone, uint32_t, i), 1, LIMIT);
  sender_clear(&sender);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_proof),
    cmocka_unit_test(test_dns_is_no_stream),
    cmocka_unit_test(test_random_is_no_stream),
    cmocka_unit_test(test_copies_before_the_proof),
    cmocka_unit_test(test_many_candidates),
    cmocka_unit_test(test_plain),
    cmocka_unit_test(test_wrap),
    cmocka_unit_test(test_loss),
    cmocka_unit_test(test_swapped_pairs),
    cmocka_unit_test(test_every_packet_twice),
    cmocka_unit_test(test_late_at_the_edge_of_the_window),
    cmocka_unit_test(test_first_packets_late),
    cmocka_unit_test(test_restart),
    cmocka_unit_test(test_strays_are_no_restart),
    cmocka_unit_test(test_long_loss),
    cmocka_unit_test(test_silence),
    cmocka_unit_test(test_stall_is_no_silence),
    cmocka_unit_test(test_jitter),
    cmocka_unit_test(test_jitter_of_unknown_rate),
    cmocka_unit_test(test_jitter_of_known_then_unknown_rate),
    cmocka_unit_test(test_new_timestamps_are_no_jitter),
    cmocka_unit_test(test_digits),
    cmocka_unit_test(test_times_of_digits),
    cmocka_unit_test(test_digits_are_paid_for),
    cmocka_unit_test(test_first_packet_is_a_digit),
    cmocka_unit_test(test_long_digit),
    cmocka_unit_test(test_digit_with_moving_timestamp),
    cmocka_unit_test(test_more_digits_than_kept),
    cmocka_unit_test(test_last_event),
    cmocka_unit_test(test_more_digits_than_can_be_counted),
    cmocka_unit_test(test_silence_limits),
    cmocka_unit_test(test_short_packets_are_no_digits),
    cmocka_unit_test(test_zeros_are_no_digits),
    cmocka_unit_test(test_reports),
    cmocka_unit_test(test_mux_and_bye),
    cmocka_unit_test(test_encrypted_reports),
    cmocka_unit_test(test_reports_of_unknown_streams),
    cmocka_unit_test(test_keys),
    cmocka_unit_test(test_published_records_do_not_change),
    cmocka_unit_test(test_limit),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
