/* RTP and RTCP in TCP: frames of RFC 4571 and interleaved with RTSP. */
#include "dissect/stream/stream.h"
#include "tests/dissect/segments.h"

enum {
  SSRC = 0x1a2b3c4d,
  OTHER_SSRC = 0x51525354,
  MESSAGE_MAX = 3000,
  KEPT_MAX = RTP_GUESS_MAX + 4 + 65535, /* what showed it, and a frame of which a byte is missing */
};

#define PLAY "PLAY rtsp://h/1 RTSP/1.0\r\nCSeq: 4\r\n\r\n"
#define OK "RTSP/1.0 200 OK\r\nCSeq: 4\r\ncontent-length : 6\r\n\r\n$\1\0\0a$"
#define INVITE "INVITE sip:b@x SIP/2.0\r\nCall-ID: 1\r\nl: 0\r\n\r\n"
#define STUN "\0\1\0\0\x21\x12\xa4\x42............"
#define HELLO "\x16\xfe\xff\0\0\0\0\0\0\0\0\0\0"

/* --- building ------------------------------------------------------------------------------- */

typedef struct {
  GString *bytes;
  int channel; /* -1: RFC 4571 */
} Build;

static void add_frame(const Build *build, const void *packet, size_t len)
{
  const char head[] = {'$', (char) build->channel, (char) (len >> 8), (char) len};

  g_string_append_len(build->bytes, build->channel < 0 ? head + 2 : head,
                      build->channel < 0 ? 2 : 4);
  g_string_append_len(build->bytes, packet, (gssize) len);
}

/* A packet of RTP whose payload is `len` bytes, of its number. */
static void add_rtp(const Build *build, uint32_t ssrc, uint16_t seq, size_t len)
{
  g_autoptr(GString) packet = g_string_new(NULL);
  const char head[] = {'\x80',
                       0,
                       (char) (seq >> 8),
                       (char) seq,
                       0,
                       0,
                       (char) (seq >> 8),
                       (char) seq,
                       (char) (ssrc >> 24),
                       (char) (ssrc >> 16),
                       (char) (ssrc >> 8),
                       (char) ssrc};

  g_string_append_len(packet, head, sizeof head);
  for (size_t i = 0; i < len; i++)
    g_string_append_c(packet, (char) seq);
  add_frame(build, packet->str, packet->len);
}

/* An empty receiver report. */
static void add_rtcp(const Build *build)
{
  add_frame(build, "\x80\xc9\0\1\x1a\x2b\x3c\x4d", 8);
}

static GString *build_rtp(int channel, unsigned count, size_t len)
{
  const Build build = {g_string_new(NULL), channel};

  for (unsigned seq = 1; seq <= count; seq++)
    add_rtp(&build, SSRC, (uint16_t) seq, len);
  return build.bytes;
}

/* --- reading -------------------------------------------------------------------------------- */

static Stream *open_stream(TcpStream ends[2], bool from_syn)
{
  ends[0] = (TcpStream){.from_syn = from_syn, .peer = &ends[1]};
  ends[1] = (TcpStream){.from_syn = from_syn, .peer = &ends[0]};
  ends[0].user = stream_new(&ends[0], MESSAGE_MAX);
  return ends[0].user;
}

/* Of each packet its number, with "cut-N" where N bytes are missing; "C" for RTCP, "S" for what is
 * neither; "INVITE" for a message. */
static void pull(Stream *stream, GString *out)
{
  StreamMessage message;

  while (stream_next(stream, &message)) {
    const uint8_t *octets = (const uint8_t *) message.octets.data;
    g_autofree char *copy = slice_dup(message.octets); /* reads all of it */
    g_string_append(out, out->len > 0 ? " " : "");
    if (!message.is_media)
      g_string_append(out, "INVITE");
    else if (octets[0] >> 6 != 2)
      g_string_append_c(out, 'S');
    else if (octets[1] >= 192)
      g_string_append_c(out, 'C');
    else
      g_string_append_printf(out, "%u", octets[2] << 8 | octets[3]);
    if (message.cut)
      g_string_append_printf(out, "cut-%u", message.missing);
    assert_int_equal(message.cut, message.missing > 0);
    for (size_t i = RTP_HEADER; message.is_media && i < message.octets.len && octets[1] == 0; i++)
      assert_int_equal(octets[i], octets[3]);
  }
}

static void feed(Stream *stream, Slice bytes, size_t piece, GString *out)
{
  for (size_t at = 0; at < bytes.len; at += piece) {
    Slice copy = exact_slice(slice_head(slice_from(bytes, at), piece));
    stream_feed(stream, copy);
    pull(stream, out);
    assert_true(stream_kept(stream) <= KEPT_MAX);
    free_octets(copy);
  }
}

static Slice whole(const GString *bytes)
{
  return slice_of(bytes->str, bytes->len);
}

static const size_t PIECES[] = {1, 2, 3, 5, 16, 37, 100, 172, 1460, 100000};

/* --- tests ---------------------------------------------------------------------------------- */

/* Frames, wherever segments end; what belongs to no call lies between them. */
static void test_frames(void **state)
{
  (void) state;
  for (int channel = -1; channel <= 0; channel++)
    for (size_t i = 0; i < G_N_ELEMENTS(PIECES); i++) {
      TcpStream ends[2];
      g_autoptr(Stream) stream = open_stream(ends, true);
      g_autoptr(GString) out = g_string_new(NULL);
      const Build build = {g_string_new(NULL), channel};
      add_frame(&build, "", 0);
      add_frame(&build, STUN, sizeof STUN - 1);
      add_frame(&build, HELLO, sizeof HELLO - 1);
      for (uint16_t seq = 65534; seq != 2; seq++)
        add_rtp(&build, SSRC, seq, seq == 1 ? 2000 : 0);
      add_frame(&build, "", 0);
      add_rtcp(&build);
      add_rtp(&build, OTHER_SSRC, 700, 160);
      add_rtp(&build, SSRC, 2, 160);
      feed(stream, whole(build.bytes), PIECES[i], out);
      stream_gap(stream, STREAM_REST);
      pull(stream, out);
      assert_string_equal(out->str, "S S 65534 65535 0 1 C 700 2");
      assert_int_equal(stream->skipped, 0);
      assert_int_equal(stream->since, 0);
      g_string_free(build.bytes, true);
    }
}

/* RTSP between the packets; neither its bodies nor text with "$" are frames. */
static void test_interleaved(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(PIECES); i++) {
    TcpStream ends[2];
    g_autoptr(Stream) stream = open_stream(ends, true);
    g_autoptr(GString) out = g_string_new(NULL);
    const Build build = {g_string_new_len(OK, sizeof OK - 1), 0};
    add_rtp(&build, SSRC, 1, 100);
    g_string_append_len(build.bytes, OK, sizeof OK - 1);
    g_string_append(build.bytes, "\r\n");
    add_rtcp(&build);
    add_rtp(&build, SSRC, 2, 100);
    g_string_append(build.bytes, PLAY);
    feed(stream, whole(build.bytes), PIECES[i], out);
    assert_string_equal(out->str, "1 C 2");
    assert_int_equal(stream->skipped, 0);
    assert_true(stream_is_media(stream));
    g_string_free(build.bytes, true);
  }
}

/* The side that only answers is known by the other one. */
static void test_peer(void **state)
{
  TcpStream ends[2];
  g_autoptr(Stream) stream = open_stream(ends, true);
  g_autoptr(GString) out = g_string_new(NULL), rtp = build_rtp(-1, 3, 20);
  const Build reports = {g_string_new(NULL), -1};

  (void) state;
  add_rtcp(&reports);
  g_autoptr(Stream) back = ends[1].user = stream_new(&ends[1], MESSAGE_MAX);
  feed(back, whole(reports.bytes), 100, out);
  assert_string_equal(out->str, "");
  feed(stream, whole(rtp), 1000, out);
  feed(back, whole(reports.bytes), 100, out);
  assert_string_equal(out->str, "1 2 3 C C");
  g_string_free(reports.bytes, true);
}

/* The length of the first frame came alone, and looks like what a server of SOCKS 5 answers. */
static void test_no_socks(void **state)
{
  enum { LENGTH = 0x0500 };
  TcpStream ends[2];
  g_autoptr(Stream) stream = open_stream(ends, true);
  g_autoptr(GString) out = g_string_new(NULL);
  g_autoptr(GString) rtp = build_rtp(-1, 3, LENGTH - RTP_HEADER);

  (void) state;
  feed(stream, slice_head(whole(rtp), 2), 2, out);
  feed(stream, slice_from(whole(rtp), 2), 1460, out);
  assert_string_equal(out->str, "1 2 3");
}

/* One hole after `before` bytes of ten frames of 102 bytes each. */
static const struct {
  const char *name;
  size_t before, hole, piece;
  const char *packets;
  size_t skipped;
} HOLES[] = {
  {"in a payload", 102 * 4 + 50, 20, 102, "1 2 3 4 5cut-52 6 7 8 9 10", 0},
  {"to the end of a frame", 102 * 4 + 50, 52, 102, "1 2 3 4 5cut-52 6 7 8 9 10", 0},
  {"in a header", 102 * 4 + 6, 4, 102, "1 2 3 4 6 7 8 9 10", 0},
  {"a frame", 102 * 4, 102, 102, "1 2 3 4 6 7 8 9 10", 0},
  {"to the middle of another frame", 102 * 4 + 50, 102, 102, "1 2 3 4 5cut-52 7 8 9 10", 52},
  {"the same in one segment", 102 * 4 + 50, 102, 1000, "1 2 3 4 5cut-52 7 8 9 10", 52},
  {"the same in small ones", 102 * 4 + 50, 102, 7, "1 2 3 4 5cut-52 7 8 9 10", 52},
  {"in a length", 102 * 4 + 1, 3, 10, "1 2 3 4 6 7 8 9 10", 99},
  /* NUL, the first byte, is a filler of SIP */
  {"before it is known", 50, 10, 102, "2 3 4 5 6 7 8 9 10", 91},
};

static void test_holes(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(HOLES); i++) {
    TcpStream ends[2];
    g_autoptr(Stream) stream = open_stream(ends, true);
    g_autoptr(GString) out = g_string_new(NULL), rtp = build_rtp(-1, 10, 88);
    size_t after = HOLES[i].before + HOLES[i].hole, rest = after + (102 - after % 102) % 102;
    feed(stream, slice_head(whole(rtp), HOLES[i].before), 1000, out);
    stream_gap(stream, HOLES[i].hole);
    pull(stream, out);
    if (HOLES[i].piece == 102) /* segments are frames again */
      feed(stream, slice_from(slice_head(whole(rtp), rest), after), 1000, out);
    feed(stream, slice_from(whole(rtp), HOLES[i].piece == 102 ? rest : after), HOLES[i].piece, out);
    if (strcmp(out->str, HOLES[i].packets) != 0 || stream->skipped != HOLES[i].skipped)
      fail_msg("%s: \"%s\" for \"%s\", %u skipped", HOLES[i].name, out->str, HOLES[i].packets,
               (unsigned) stream->skipped);
  }
}

/* Another source begins after a hole: its frames are found where segments begin with them. */
static void test_other_source(void **state)
{
  TcpStream ends[2];
  g_autoptr(Stream) stream = open_stream(ends, true);
  g_autoptr(GString) out = g_string_new(NULL), rtp = build_rtp(-1, 3, 20);
  const Build other = {g_string_new(NULL), -1};

  (void) state;
  for (uint16_t seq = 41; seq <= 43; seq++)
    add_rtp(&other, OTHER_SSRC, seq, 20);
  feed(stream, whole(rtp), 1000, out);
  stream_gap(stream, 1000);
  feed(stream, SLICE("the rest of a frame"), 1000, out);
  assert_int_equal(stream->skipped, 4); /* the rest may begin a frame */
  feed(stream, whole(other.bytes), 34, out);
  assert_string_equal(out->str, "1 2 3 41 42 43");
  assert_int_equal(stream->skipped, 19);
  g_string_free(other.bytes, true);
}

/* What is no frame where one should be. */
static void test_broken(void **state)
{
  TcpStream ends[2];
  g_autoptr(Stream) stream = open_stream(ends, true);
  g_autoptr(GString) out = g_string_new(NULL);
  const Build build = {build_rtp(-1, 3, 20), -1};

  (void) state;
  g_string_append(build.bytes, "no frame, and long enough");
  add_rtp(&build, SSRC, 4, 20);
  feed(stream, whole(build.bytes), 1000, out);
  assert_string_equal(out->str, "1 2 3 4");
  assert_int_equal(stream->skipped, 25);
  g_string_free(build.bytes, true);
}

/* A capture that begins in a frame: it is found when a segment begins with one. */
static void test_midway(void **state)
{
  (void) state;
  for (int channel = -1; channel <= 0; channel++) {
    TcpStream ends[2];
    g_autoptr(Stream) stream = open_stream(ends, false);
    g_autoptr(GString) out = g_string_new(NULL), rtp = build_rtp(channel, 9, 1300);
    size_t frame = rtp->len / 9;
    feed(stream, slice_head(slice_from(whole(rtp), 100), frame - 100), 2000, out);
    assert_true(stream_is_plain_sip(stream));
    feed(stream, slice_from(whole(rtp), frame), frame, out);
    assert_string_equal(out->str, "2 3 4 5 6 7 8 9");
    assert_true(stream_is_media(stream));
    assert_int_equal(stream->skipped, frame - 100);
  }
}

static void add_random(GString *bytes, uint64_t *seed, unsigned len)
{
  for (unsigned i = 0; i < len; i++)
    g_string_append_c(bytes, (char) test_random(seed, 256));
}

/* Streams that are something else. */
static void test_others(void **state)
{
  static const struct {
    const char *bytes;
    size_t len;
    const char *found;
  } OTHERS[] = {
#define BYTES(text) text, sizeof(text) - 1
    {BYTES(INVITE INVITE), "INVITE INVITE"},
    {BYTES("\r\n\r\n" INVITE), "INVITE"},
    {BYTES("SIP/2.0 200 OK\r\nl: 0\r\n\r\n"), "INVITE"},
    {BYTES("GET / HTTP/1.1\r\n\r\n"), ""},
    {BYTES("HTTP/1.1 200 OK\r\n\r\n"), ""},
    {BYTES("\x16\3\1\2\0\1\0\1\xfc\3\3 a record of TLS"), ""},
    {BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"), ""},
    {BYTES("\0\x1c\x85\x83\1\0\0\1\0\0\0\0\0\0\3www\7example\3com\0\0\1\0\1"
           "\0\x1c\x85\x84\1\0\0\1\0\0\0\0\0\0\3www\7example\3com\0\0\1\0\1"
           "\0\x1c\x85\x85\1\0\0\1\0\0\0\0\0\0\3www\7example\3com\0\0\1\0\1"),
     ""}, /* DNS (RFC 1035 4.2.2) */
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(OTHERS); i++)
    for (size_t k = 0; k < G_N_ELEMENTS(PIECES); k++) {
      TcpStream ends[2];
      g_autoptr(Stream) stream = open_stream(ends, true);
      g_autoptr(GString) out = g_string_new(NULL);
      feed(stream, slice_of(OTHERS[i].bytes, OTHERS[i].len), PIECES[k], out);
      stream_gap(stream, STREAM_REST);
      pull(stream, out);
      assert_false(stream_is_media(stream));
      assert_string_equal(out->str, OTHERS[i].found);
    }
  for (uint64_t seed = 1; seed < 3000; seed++) {
    TcpStream ends[2];
    g_autoptr(Stream) stream = open_stream(ends, seed % 2);
    g_autoptr(GString) bytes = g_string_new(NULL), out = g_string_new(NULL);
    uint64_t random = seed;
    add_random(bytes, &random, 4000);
    g_string_append(bytes, "\r\n" INVITE);
    feed(stream, whole(bytes), 1460, out);
    assert_false(stream_is_media(stream));
  }
}

/* Three packets of one SSRC whose numbers rise show it, not fewer, and not what differs. */
static void test_proof(void **state)
{
  static const struct {
    uint16_t seqs[4];
    uint32_t last_ssrc;
    bool is_media;
  } PROOFS[] = {
    {{1, 2, 0, 0}, SSRC, false},         {{1, 2, 3, 0}, SSRC, true},
    {{1, 1, 1, 0}, SSRC, false},         {{3, 2, 1, 0}, SSRC, false},
    {{1, 51, 101, 0}, SSRC, true},       {{1, 52, 103, 0}, SSRC, false},
    {{1, 2, 3, 0}, OTHER_SSRC, false},   {{65534, 65535, 1, 0}, SSRC, true},
    {{1, 40000, 40001, 40002}, 0, true}, {{1, 2, 9000, 9001}, 0, false},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(PROOFS); i++) {
    TcpStream ends[2];
    g_autoptr(Stream) stream = open_stream(ends, true);
    g_autoptr(GString) out = g_string_new(NULL);
    const Build build = {g_string_new(NULL), -1};
    bool is_four = PROOFS[i].seqs[3] > 0;
    for (unsigned n = 0; n < (is_four ? 4U : 3U) && PROOFS[i].seqs[n] > 0; n++)
      add_rtp(&build, n == 2 && !is_four ? PROOFS[i].last_ssrc : (uint32_t) SSRC, PROOFS[i].seqs[n],
              20);
    feed(stream, whole(build.bytes), 1000, out);
    assert_int_equal(stream_is_media(stream), PROOFS[i].is_media);
    g_string_free(build.bytes, true);
  }
}

/* What a stream makes be kept is bounded: frames of the greatest length, header blocks without an
 * end, null packets. */
static void test_bounds(void **state)
{
  enum { MANY = 40000, GREATEST = 65535 - RTP_HEADER, TEXT_MAX = 16 * 1024 };
  TcpStream ends[2];
  g_autoptr(GString) out = g_string_new(NULL), great = build_rtp(-1, 5, GREATEST);
  g_autoptr(GString) nulls = g_string_new(NULL), text = g_string_new(PLAY "PLAY ");
  g_autoptr(GString) undecided = g_string_new(NULL);

  (void) state;
  Stream *stream = open_stream(ends, true);
  feed(stream, whole(great), 1460, out);
  assert_string_equal(out->str, "1 2 3 4 5");
  stream_free(stream);

  stream = open_stream(ends, true);
  g_string_set_size(nulls, MANY);
  memset(nulls->str, 0, MANY);
  feed(stream, whole(nulls), 1000, out);
  assert_false(stream_is_media(stream));
  stream_free(stream);

  stream = open_stream(ends, true);
  feed(stream, whole(text), 1000, out);
  g_string_set_size(text, MANY);
  memset(text->str, 'x', MANY);
  for (size_t at = 0; at < MANY; at += 1000) {
    feed(stream, slice_head(slice_from(whole(text), at), 1000), 1000, out);
    assert_true(stream_kept(stream) <= TEXT_MAX);
  }
  assert_true(stream->skipped > MANY - TEXT_MAX);
  stream_free(stream);

  /* frames of the greatest length, each of another source: after so many bytes it is decided */
  stream = open_stream(ends, true);
  for (uint32_t i = 0; i < 3; i++)
    add_rtp(&(Build){undecided, -1}, SSRC + i, 1, GREATEST);
  feed(stream, slice_head(whole(undecided), RTP_GUESS_MAX - 1), 1000, out);
  assert_ptr_equal(stream->bottom.layer, &STREAM_DETECT);
  feed(stream, slice_head(slice_from(whole(undecided), RTP_GUESS_MAX - 1), 1), 1000, out);
  assert_ptr_equal(stream->bottom.layer, &STREAM_SIP);
  stream_free(stream);
  assert_string_equal(out->str, "1 2 3 4 5");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_frames),       cmocka_unit_test(test_interleaved),
    cmocka_unit_test(test_peer),         cmocka_unit_test(test_holes),
    cmocka_unit_test(test_other_source), cmocka_unit_test(test_broken),
    cmocka_unit_test(test_midway),       cmocka_unit_test(test_others),
    cmocka_unit_test(test_proof),        cmocka_unit_test(test_bounds),
    cmocka_unit_test(test_no_socks),
  };

  return cmocka_run_group_tests_name("stream_media", tests, NULL, NULL);
}
