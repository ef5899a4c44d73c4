#include "dissect/net/ip_frag.h"

#include "tests/dissect/net/packet_cases.h"

/* One UDP datagram behind an IP header, and how it is cut in pieces. */
typedef struct {
  uint16_t offset, len;
} Piece;

enum { SECOND_NS = 1000000000, DATAGRAM_OCTETS = 65515 };

typedef struct {
  uint32_t id;
  const char *before[4]; /* templates around the IP header */
  bool v6;
  bool matched;
  int64_t time_ns;
  uint64_t number;
} Sending;

/* UDP from 5060 to 5062 with `len` octets in all; what it holds depends on `seed`. */
static GByteArray *datagram_of(size_t len, unsigned seed)
{
  GByteArray *text = g_byte_array_new();

  for (size_t i = 8; i < len; i++)
    g_byte_array_append(text, (const uint8_t[]){(uint8_t) ('a' + (i * 7 + i / 26 + seed) % 26)}, 1);
  return wrap(UDP, text);
}

static GByteArray *fragment_of(const GByteArray *datagram, Piece piece, const Sending *sending)
{
  bool more = (size_t) piece.offset + piece.len < datagram->len;
  GByteArray *part = g_byte_array_new();
  char head[128];

  g_byte_array_append(part, datagram->data + piece.offset, piece.len);
  if (sending->v6) {
    g_snprintf(head, sizeof head, "11 00 %04x %08x", piece.offset | more, sending->id);
    part = wrap(IPV6("2c"), wrap(head, part));
  } else {
    g_snprintf(head, sizeof head, "4500 len+20 %04x %04x 40 11 0000 0a000001 0a000002",
               sending->id & 0xffff, piece.offset / 8 | (more ? 0x2000 : 0));
    part = wrap(head, part);
  }
  for (size_t i = G_N_ELEMENTS(sending->before); i-- > 0;)
    part = sending->before[i] ? wrap(sending->before[i], part) : part;
  return part;
}

/* Sends one piece, of which the capture has `len` octets less than there were. */
static PacketKind send_cut(Bench *bench, const GByteArray *datagram, Piece piece, size_t less,
                           const Sending *sending)
{
  g_autoptr(GByteArray) octets = fragment_of(datagram, piece, sending);
  Frame frame = frame_of(101, octets, octets->len - less);

  frame.matched = sending->matched;
  frame.time_ns = sending->time_ns;
  frame.number = sending->number;
  PacketKind kind = bench_decode(bench, &frame);
  frame_clear(&frame);
  return kind;
}

static PacketKind send(Bench *bench, const GByteArray *datagram, Piece piece,
                       const Sending *sending)
{
  return send_cut(bench, datagram, piece, 0, sending);
}

static const Sending PLAIN = {.id = 7, .matched = true, .time_ns = SECOND_NS, .number = 1};

static bool expire(Bench *bench, int64_t now_ns)
{
  return packet_decoder_expire(bench->decoder, now_ns, &bench->scratch, &bench->packet);
}

static void check_payload(const Bench *bench, const GByteArray *datagram, size_t len)
{
  assert_int_equal(bench->packet.kind, PACKET_UDP);
  assert_int_equal(bench->packet.src.port, 5060);
  assert_int_equal(bench->packet.dst.port, 5062);
  assert_false(bench->packet.in_frame);
  assert_int_equal(bench->packet.payload.len, len);
  assert_memory_equal(bench->packet.payload.data, datagram->data + 8, len);
}

static void check_joined(const Bench *bench, const GByteArray *datagram, uint32_t fragments)
{
  check_payload(bench, datagram, datagram->len - 8);
  assert_false(bench->packet.cut);
  assert_int_equal(bench->packet.fragments, fragments);
}

/* The next permutation in lexical order; false after the last. */
static bool permute(size_t *order, size_t count)
{
  size_t i = count - 1;
  size_t j = count - 1;

  while (i > 0 && order[i - 1] >= order[i])
    i--;
  if (i == 0)
    return false;
  while (order[j] <= order[i - 1])
    j--;
  size_t keep = order[i - 1];
  order[i - 1] = order[j];
  order[j] = keep;
  for (j = count - 1; i < j; i++, j--) {
    keep = order[i];
    order[i] = order[j];
    order[j] = keep;
  }
  return true;
}

/* Whole, overlapping and repeated pieces: any order gives the datagram, once. */
static void check_orders(const Sending *sending)
{
  static const Piece PIECES[] = {{0, 16}, {8, 24}, {16, 8}, {32, 32}, {24, 24}, {56, 17}};
  g_autoptr(GByteArray) datagram = datagram_of(73, 0);
  size_t order[] = {0, 1, 2, 3, 4, 5};

  do {
    Bench bench = bench_of(TEST_LIMITS);
    size_t joined = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(order); i++) {
      if (send(&bench, datagram, PIECES[order[i]], sending) == PACKET_NONE)
        continue;
      joined++;
      check_payload(&bench, datagram, 65);
      assert_false(bench.packet.cut);
      assert_true(bench.packet.fragments <= i + 1);
    }
    assert_int_equal(joined, 1);
    assert_false(expire(&bench, INT64_MAX));
    bench_clear(&bench);
  } while (permute(order, G_N_ELEMENTS(order)));
}

static void test_any_order(void **state)
{
  Sending v6 = PLAIN;
  Sending inside = PLAIN;

  (void) state;
  v6.v6 = true;
  inside.before[0] = IPV4_BETWEEN("04", "c0000201", "c0000203");
  check_orders(&PLAIN);
  check_orders(&v6);
  check_orders(&inside);
}

static void test_sizes(void **state)
{
  static const struct {
    size_t len;
    uint16_t piece;
  } SIZES[] = {{9, 8},     {16, 8},    {1500, 1480},  {2961, 1480},
               {3000, 24}, {65515, 8}, {65515, 1480}, {65515, 65504}};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(SIZES); i++) {
    Bench bench = bench_of(TEST_LIMITS);
    g_autoptr(GByteArray) datagram = datagram_of(SIZES[i].len, 1);
    uint32_t count = 0;
    for (size_t at = 0; at < datagram->len; at += SIZES[i].piece) {
      Piece piece = {(uint16_t) at, (uint16_t) MIN(SIZES[i].piece, datagram->len - at)};
      bool last = at + piece.len == datagram->len;
      count++;
      assert_int_equal(send(&bench, datagram, piece, &PLAIN), last ? PACKET_UDP : PACKET_NONE);
    }
    check_joined(&bench, datagram, count);
    bench_clear(&bench);
  }
}

/* What is in fragments may end at 65535. */
static void test_largest(void **state)
{
  static const Sending V6 = {
    .id = 7, .v6 = true, .matched = true, .time_ns = SECOND_NS, .number = 1};
  Bench bench = bench_of(TEST_LIMITS);
  g_autoptr(GByteArray) datagram = datagram_of(65535, 1);

  (void) state;
  assert_int_equal(send(&bench, datagram, (Piece){0, 32768}, &V6), PACKET_NONE);
  assert_int_equal(send(&bench, datagram, (Piece){32768, 32767}, &V6), PACKET_UDP);
  check_joined(&bench, datagram, 2);
  bench_clear(&bench);
}

/* Pieces anywhere, until they are enough: the datagram comes whole, and once. */
static void test_random_pieces(void **state)
{
  g_autoptr(GRand) random = g_rand_new_with_seed(7);

  (void) state;
  for (size_t round = 0; round < 60; round++) {
    Bench bench = bench_of(TEST_LIMITS);
    g_autoptr(GByteArray) datagram = datagram_of((size_t) g_rand_int_range(random, 600, 9000), 2);
    int units = (int) ((datagram->len + 7) / 8);
    PacketKind kind = PACKET_NONE;
    for (size_t sent = 0; kind == PACKET_NONE; sent++) {
      int from = g_rand_int_range(random, 0, units);
      int to = g_rand_int_range(random, from, MIN(from + 150, units)) + 1;
      Piece piece = {(uint16_t) (from * 8),
                     (uint16_t) (MIN((unsigned) to * 8, datagram->len) - (unsigned) from * 8)};
      assert_true(sent < 100000);
      kind = send(&bench, datagram, piece, &PLAIN);
    }
    check_payload(&bench, datagram, datagram->len - 8);
    assert_false(bench.packet.cut);
    assert_false(expire(&bench, INT64_MAX));
    assert_int_equal(packet_decoder_lost_fragments(bench.decoder), 0);
    bench_clear(&bench);
  }
}

/* The frame that completed it; what the filter says about the first of the fragments. */
static void test_frame_and_filter(void **state)
{
  static const struct {
    bool first, second;
    PacketKind kind;
  } CASES[] = {{true, true, PACKET_UDP},
               {true, false, PACKET_UDP},
               {false, true, PACKET_NONE},
               {false, false, PACKET_NONE}};
  g_autoptr(GByteArray) datagram = datagram_of(40, 0);

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Bench bench = bench_of(TEST_LIMITS);
    Sending first = PLAIN;
    Sending second = PLAIN;
    first.matched = CASES[i].first;
    second.matched = CASES[i].second;
    second.number = 9;
    second.time_ns += 50;
    assert_int_equal(send(&bench, datagram, (Piece){0, 16}, &first), PACKET_NONE);
    assert_int_equal(send(&bench, datagram, (Piece){16, 24}, &second), CASES[i].kind);
    if (CASES[i].kind == PACKET_UDP) {
      check_joined(&bench, datagram, 2);
      assert_true(bench.packet.frame == 9);
      assert_true(bench.packet.time_ns == second.time_ns);
      assert_true(bench.packet.matched);
      assert_int_equal(bench.packet.ip_id, 7);
    }
    bench_clear(&bench);
  }
}

static void test_expire(void **state)
{
  Bench bench = bench_of(TEST_LIMITS);
  g_autoptr(GByteArray) datagram = datagram_of(64, 0);
  Sending later = PLAIN;

  (void) state;
  later.time_ns += 5;
  later.number = 2;
  send(&bench, datagram, (Piece){0, 16}, &PLAIN);
  send(&bench, datagram, (Piece){16, 8}, &later);
  send(&bench, datagram, (Piece){32, 8}, &PLAIN);
  assert_false(expire(&bench, PLAIN.time_ns + TEST_LIMITS.fragment_wait_ns));
  assert_true(expire(&bench, PLAIN.time_ns + TEST_LIMITS.fragment_wait_ns + 1));
  check_payload(&bench, datagram, 16);
  assert_true(bench.packet.cut && bench.packet.matched);
  assert_int_equal(bench.packet.fragments, 3);
  assert_false(expire(&bench, INT64_MAX));

  /* Without its beginning it is nothing; with too little of it neither. */
  send(&bench, datagram, (Piece){16, 8}, &PLAIN);
  assert_false(expire(&bench, INT64_MAX));
  assert_int_equal(packet_decoder_lost_fragments(bench.decoder), 1);

  /* What the filter did not want is not missed. */
  later.matched = false;
  send(&bench, datagram, (Piece){0, 16}, &later);
  assert_false(expire(&bench, INT64_MAX));
  assert_int_equal(packet_decoder_lost_fragments(bench.decoder), 1);
  bench_clear(&bench);
}

/* Times of captures that were joined jump by years, in both directions. */
static void test_time_jumps(void **state)
{
  static const int64_t TIMES[] = {INT64_MAX - 1, INT64_MIN, 0, INT64_MAX - 1, -1};
  Bench bench = bench_of(TEST_LIMITS);
  g_autoptr(GByteArray) datagram = datagram_of(64, 0);

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(TIMES); i++) {
    Sending sending = PLAIN;
    sending.time_ns = TIMES[i];
    assert_int_equal(send(&bench, datagram, (Piece){0, 16}, &sending), PACKET_NONE);
    assert_int_equal(expire(&bench, TIMES[i]), i > 0);
  }
  assert_true(expire(&bench, INT64_MAX));
  assert_false(expire(&bench, INT64_MAX));
  bench_clear(&bench);
}

/* Another datagram under the same identification gets nothing of the first one. */
static void test_reuse(void **state)
{
  Bench bench = bench_of(TEST_LIMITS);
  g_autoptr(GByteArray) old = datagram_of(64, 0);
  g_autoptr(GByteArray) fresh = datagram_of(64, 5);
  Sending later = PLAIN;

  (void) state;
  /* Another first fragment. */
  send(&bench, old, (Piece){0, 32}, &PLAIN);
  send(&bench, fresh, (Piece){0, 32}, &PLAIN);
  assert_int_equal(send(&bench, fresh, (Piece){32, 32}, &PLAIN), PACKET_UDP);
  check_joined(&bench, fresh, 2);
  assert_true(expire(&bench, PLAIN.time_ns));
  check_payload(&bench, old, 24);
  assert_true(bench.packet.cut);
  assert_false(expire(&bench, INT64_MAX));

  /* Long after: the old end does not complete the new beginning. */
  send(&bench, old, (Piece){32, 32}, &PLAIN);
  later.time_ns += TEST_LIMITS.fragment_wait_ns + 1;
  assert_int_equal(send(&bench, fresh, (Piece){0, 32}, &later), PACKET_NONE);
  assert_int_equal(send(&bench, fresh, (Piece){32, 32}, &later), PACKET_UDP);
  check_joined(&bench, fresh, 2);
  assert_false(expire(&bench, INT64_MAX));
  bench_clear(&bench);
}

/* Each field of the key tells datagrams apart. */
static void test_keys(void **state)
{
  Sending others[4] = {PLAIN, PLAIN, PLAIN, PLAIN};
  g_autoptr(GByteArray) datagram = datagram_of(64, 0);
  Bench bench = bench_of(TEST_LIMITS);

  (void) state;
  others[1].id = 8;
  others[2].v6 = true;
  others[3].before[0] = IPV4_BETWEEN("04", "c0000201", "c0000203");
  for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
    assert_int_equal(send(&bench, datagram, (Piece){0, 32}, &others[i]), PACKET_NONE);
  for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
    assert_int_equal(send(&bench, datagram, (Piece){32, 32}, &others[i]), PACKET_UDP);
    check_joined(&bench, datagram, 2);
    assert_int_equal(bench.packet.tunnel != 0, i == 3);
  }
  bench_clear(&bench);
}

/* Seen by two taps: the second copy counts when it is whole, and never in part. */
static void test_duplicates(void **state)
{
  Bench bench = bench_of(TEST_LIMITS);
  g_autoptr(GByteArray) datagram = datagram_of(64, 0);
  Sending later = PLAIN;

  (void) state;
  send(&bench, datagram, (Piece){0, 32}, &PLAIN);
  assert_int_equal(send(&bench, datagram, (Piece){32, 32}, &PLAIN), PACKET_UDP);
  assert_int_equal(send(&bench, datagram, (Piece){0, 32}, &PLAIN), PACKET_NONE);
  assert_false(expire(&bench, INT64_MAX));
  assert_int_equal(packet_decoder_lost_fragments(bench.decoder), 1);

  assert_int_equal(send(&bench, datagram, (Piece){32, 32}, &PLAIN), PACKET_NONE);
  assert_int_equal(send(&bench, datagram, (Piece){0, 32}, &PLAIN), PACKET_UDP);
  check_joined(&bench, datagram, 2);

  /* Fragment by fragment, by as many taps as there are copies. */
  for (unsigned i = 0; i < 5; i++)
    assert_int_equal(send(&bench, datagram, (Piece){0, 32}, &PLAIN), PACKET_NONE);
  for (unsigned i = 0; i < 4; i++) {
    assert_int_equal(send(&bench, datagram, (Piece){32, 32}, &PLAIN), PACKET_UDP);
    check_joined(&bench, datagram, 2);
  }
  assert_int_equal(send(&bench, datagram, (Piece){32, 32}, &PLAIN), PACKET_NONE);
  assert_false(expire(&bench, INT64_MAX));
  assert_int_equal(packet_decoder_lost_fragments(bench.decoder), 2); /* the fifth of them */

  /* Long after it is no duplicate any more. */
  later.time_ns += 3 * INT64_C(1000000000);
  send(&bench, datagram, (Piece){0, 32}, &later);
  assert_true(expire(&bench, INT64_MAX));
  check_payload(&bench, datagram, 24);
  bench_clear(&bench);
}

/* The first octets that came stay, whatever overlaps them later. */
static void test_overlap(void **state)
{
  Bench bench = bench_of(TEST_LIMITS);
  g_autoptr(GByteArray) datagram = datagram_of(64, 0);
  g_autoptr(GByteArray) other = datagram_of(64, 5);

  (void) state;
  send(&bench, datagram, (Piece){0, 16}, &PLAIN);
  send(&bench, datagram, (Piece){32, 32}, &PLAIN);
  assert_int_equal(send(&bench, other, (Piece){8, 40}, &PLAIN), PACKET_UDP);
  assert_memory_equal(bench.packet.payload.data, datagram->data + 8, 8);
  assert_memory_equal(bench.packet.payload.data + 8, other->data + 16, 16);
  assert_memory_equal(bench.packet.payload.data + 24, datagram->data + 32, 32);
  bench_clear(&bench);
}

/* Ends that contradict: what is past the end, another end. */
static void test_ends(void **state)
{
  Bench bench = bench_of(TEST_LIMITS);
  g_autoptr(GByteArray) datagram = datagram_of(64, 0);
  g_autoptr(GByteArray) longer = datagram_of(96, 0);

  (void) state;
  send(&bench, datagram, (Piece){32, 32}, &PLAIN);
  assert_int_equal(send(&bench, longer, (Piece){64, 16}, &PLAIN), PACKET_NONE);
  assert_int_equal(send(&bench, longer, (Piece){80, 16}, &PLAIN), PACKET_NONE);
  assert_int_equal(packet_decoder_lost_fragments(bench.decoder), 2);
  assert_int_equal(send(&bench, datagram, (Piece){0, 32}, &PLAIN), PACKET_UDP);
  check_joined(&bench, datagram, 2);
  bench_clear(&bench);
}

/* Lengths and places that no fragment has. */
static void test_wrong(void **state)
{
  static const char *const WRONG[] = {
    "4500 001b 0007 2000 40 11 0000 0a000001 0a000002 13c413c6 001000",  /* 7 octets, and more */
    "4500 001c 0007 1fff 40 11 0000 0a000001 0a000002 0000000000000000", /* ends at 65536 */
    "4500 001d 0007 1fff 40 11 0000 0a000001 0a000002 000000000000000000",
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(WRONG); i++) {
    Bench bench = bench_of(TEST_LIMITS);
    g_autoptr(GByteArray) octets = wrap(WRONG[i], g_byte_array_new());
    Frame frame = frame_of(101, octets, octets->len);
    assert_int_equal(bench_decode(&bench, &frame), PACKET_UNDECODED);
    assert_false(expire(&bench, INT64_MAX));
    frame_clear(&frame);
    bench_clear(&bench);
  }
}

/* The snap length cut each frame: whole units up to the first hole. */
static void test_cut(void **state)
{
  g_autoptr(GByteArray) datagram = datagram_of(200, 0);

  (void) state;
  for (size_t less = 1; less <= 112; less++) {
    Bench bench = bench_of(TEST_LIMITS);
    assert_int_equal(send_cut(&bench, datagram, (Piece){0, 120}, less, &PLAIN), PACKET_NONE);
    assert_int_equal(send_cut(&bench, datagram, (Piece){120, 80}, MIN(less, 80), &PLAIN),
                     PACKET_NONE);
    assert_true(expire(&bench, INT64_MAX));
    check_payload(&bench, datagram, (120 - less) / 8 * 8 - 8);
    assert_true(bench.packet.cut);
    assert_false(expire(&bench, INT64_MAX));
    bench_clear(&bench);
  }
}

/* A cut beginning that comes twice does not contradict itself, whatever room its octets fill. */
static void test_cut_twice(void **state)
{
  static const Piece PIECES[] = {{0, 40}, {0, 4112}, {0, 8208}, {0, 16400}};
  g_autoptr(GByteArray) datagram = datagram_of(20000, 0);

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(PIECES); i++) {
    Bench bench = bench_of(TEST_LIMITS);
    size_t there = PIECES[i].len - 16U;
    assert_int_equal(send_cut(&bench, datagram, PIECES[i], 9, &PLAIN), PACKET_NONE);
    assert_int_equal(send_cut(&bench, datagram, PIECES[i], 9, &PLAIN), PACKET_NONE);
    assert_true(expire(&bench, INT64_MAX));
    check_payload(&bench, datagram, there - 8);
    assert_false(expire(&bench, INT64_MAX));
    bench_clear(&bench);
  }
}

/* Fragments inside of a tunnel whose packets are fragments themselves. */
static void test_nested(void **state)
{
  g_autoptr(GByteArray) datagram = datagram_of(96, 0);
  static const Piece INNER[] = {{48, 48}, {0, 48}};

  (void) state;
  for (size_t lost = 0; lost < 5; lost++) {
    Bench bench = bench_of(TEST_LIMITS);
    size_t sent = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(INNER); i++) {
      Sending sending = PLAIN;
      g_autoptr(GByteArray) packet = fragment_of(datagram, INNER[i], &PLAIN);
      for (uint16_t at = 0; at < packet->len; at = (uint16_t) (at + 40)) {
        Piece piece = {at, (uint16_t) MIN(40, packet->len - at)};
        GByteArray *part = fragment_of(packet, piece, &sending);
        part->data[5] = (uint8_t) i; /* identification */
        part->data[9] = 4;           /* IP in IP */
        Frame frame = frame_of(101, part, part->len);
        if (++sent != lost)
          bench_decode(&bench, &frame);
        frame_clear(&frame);
        g_byte_array_unref(part);
      }
    }
    assert_int_equal(sent, 4);
    if (lost > 0)
      assert_int_equal(expire(&bench, INT64_MAX), lost != 3);
    if (lost != 3)
      check_payload(&bench, datagram, lost == 0 ? 88 : lost == 4 ? 8 : 40);
    assert_int_equal(bench.packet.cut, lost > 0 && lost != 3);
    assert_int_equal(lost == 0 ? bench.packet.fragments : 4, 4);
    assert_false(expire(&bench, INT64_MAX));
    bench_clear(&bench);
  }
}

/* However many datagrams begin, memory has a bound, and the oldest go first, not lost. */
static void test_limits(void **state)
{
  static const PacketLimits LIMITS[] = {
    {.fragment_bytes = 100000, .fragment_wait_ns = INT64_C(30000000000)},
    {.fragment_bytes = SIZE_MAX / 2, .fragment_wait_ns = INT64_C(30000000000)},
    {.fragment_bytes = 0, .fragment_wait_ns = INT64_C(30000000000)},
  };
  enum { SENT = 10000 };
  g_autoptr(GByteArray) datagram = datagram_of(64, 0);

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(LIMITS); i++) {
    Bench bench = bench_of(LIMITS[i]);
    size_t early = 0;
    size_t late = 0;
    for (uint32_t id = 0; id < SENT; id++) {
      Sending sending = PLAIN;
      sending.id = id;
      sending.number = id;
      assert_int_equal(send(&bench, datagram, (Piece){0, 32}, &sending), PACKET_NONE);
      for (; expire(&bench, PLAIN.time_ns); early++)
        assert_true(bench.packet.frame == early);
      arena_reset(&bench.scratch);
    }
    for (; expire(&bench, INT64_MAX); late++)
      assert_true(bench.packet.frame == early + late);
    assert_int_equal(early + late, SENT);
    assert_true(late <= FRAGMENT_DATAGRAMS_MAX);
    assert_int_equal(late == FRAGMENT_DATAGRAMS_MAX, i == 1);
    bench_clear(&bench);
  }
}

/* Datagrams one after the other complete, even where only one has room. */
static void test_no_room(void **state)
{
  Bench bench = bench_of((PacketLimits){.fragment_bytes = 0, .fragment_wait_ns = SECOND_NS});
  g_autoptr(GByteArray) datagram = datagram_of(DATAGRAM_OCTETS, 0);

  (void) state;
  for (uint32_t id = 0; id < 10; id++) {
    Sending sending = PLAIN;
    sending.id = id;
    assert_int_equal(send(&bench, datagram, (Piece){0, 40000}, &sending), PACKET_NONE);
    assert_int_equal(send(&bench, datagram, (Piece){40000, DATAGRAM_OCTETS - 40000}, &sending),
                     PACKET_UDP);
    check_joined(&bench, datagram, 2);
  }
  bench_clear(&bench);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_any_order),  cmocka_unit_test(test_sizes),
    cmocka_unit_test(test_largest),    cmocka_unit_test(test_frame_and_filter),
    cmocka_unit_test(test_expire),     cmocka_unit_test(test_time_jumps),
    cmocka_unit_test(test_reuse),      cmocka_unit_test(test_keys),
    cmocka_unit_test(test_duplicates), cmocka_unit_test(test_overlap),
    cmocka_unit_test(test_ends),       cmocka_unit_test(test_wrong),
    cmocka_unit_test(test_cut),        cmocka_unit_test(test_nested),
    cmocka_unit_test(test_limits),     cmocka_unit_test(test_no_room),
    cmocka_unit_test(test_cut_twice),  cmocka_unit_test(test_random_pieces),
  };

  return cmocka_run_group_tests_name("ip_frag", tests, NULL, NULL);
}
