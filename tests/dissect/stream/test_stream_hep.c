/* Packets of HEP in a stream of bytes. */
#include "dissect/net/hep.h"
#include "dissect/stream/stream.h"
#include "tests/deflated.h"
#include "tests/dissect/segments.h"

#define BYE "BYE sip:b@x SIP/2.0\r\nCall-ID: 1\r\nl: 0\r\n\r\n"
#define OK "SIP/2.0 200 OK\r\nCall-ID: HEP3\r\nl: 0\r\n\r\n"

static void append_u16(GByteArray *to, size_t number)
{
  const guint8 bytes[] = {(guint8) (number >> 8), (guint8) number};

  g_byte_array_append(to, bytes, 2);
}

static void append_chunk(GByteArray *to, unsigned type, Slice value)
{
  append_u16(to, 0);
  append_u16(to, type);
  append_u16(to, value.len + 6);
  g_byte_array_append(to, (const guint8 *) value.data, (guint) value.len);
}

/* From 10.0.0.1:5060 to 10.0.0.2:5060. */
static void append_packet(GByteArray *to, const char *payload, bool packed)
{
  g_autoptr(GByteArray) chunks = g_byte_array_new(), deflated = g_byte_array_new();

  append_chunk(chunks, 3, slice_of("\x0a\0\0\1", 4));
  append_chunk(chunks, 4, slice_of("\x0a\0\0\2", 4));
  append_chunk(chunks, 7, slice_of("\x13\xc4", 2));
  append_chunk(chunks, 8, slice_of("\x13\xc4", 2));
  append_chunk(chunks, 11, slice_of("\1", 1));
  append_deflated(deflated, 15, slice_from_string(payload));
  append_chunk(chunks, packed ? 16 : 15,
               packed ? slice_of((const char *) deflated->data, deflated->len)
                      : slice_from_string(payload));
  g_byte_array_append(to, (const guint8 *) "HEP3", 4);
  append_u16(to, chunks->len + 6);
  g_byte_array_append(to, chunks->data, chunks->len);
}

static Stream *open_stream(TcpStream ends[2], bool from_syn)
{
  ends[0] = (TcpStream){.from_syn = from_syn, .peer = &ends[1]};
  ends[1] = (TcpStream){.from_syn = from_syn, .peer = &ends[0]};
  return stream_new(&ends[0], 3000);
}

/* "BYE 1>2, SIP/2.0 cut 1>2 ..." */
static void pull(Stream *stream, Slice fed, GString *out)
{
  StreamMessage message;

  while (stream_next(stream, &message)) {
    Slice word = message.octets;
    word = slice_cut(&word, ' ');
    bool is_inside = message.octets.data >= fed.data &&
                     message.octets.data + message.octets.len <= fed.data + fed.len;
    assert_non_null(message.copy);
    assert_true(message.from_input == is_inside || !message.octets.data);
    if (message.octets.data)
      g_string_append_printf(out, "%s%.*s%s %u>%u", out->len > 0 ? ", " : "", SLICE_ARG(word),
                             message.cut ? " cut" : "", message.copy->src.address[3],
                             message.copy->dst.address[3]);
    else
      g_string_append(out, out->len > 0 ? ", damaged" : "damaged");
  }
}

static void feed(Stream *stream, Slice bytes, size_t piece, GString *out)
{
  for (size_t at = 0; at < bytes.len; at += piece) {
    Slice copy = exact_slice(slice_head(slice_from(bytes, at), piece));
    stream_feed(stream, copy);
    pull(stream, copy, out);
    free_octets(copy);
  }
}

static void expect(Slice bytes, bool from_syn, const char *wanted)
{
  for (size_t piece = 1; piece <= bytes.len; piece++) {
    g_autoptr(GString) out = g_string_new(NULL);
    TcpStream ends[2];
    g_autoptr(Stream) stream = open_stream(ends, from_syn);
    feed(stream, bytes, piece, out);
    assert_string_equal(out->str, wanted);
  }
}

static Slice bytes_of(const GByteArray *bytes)
{
  return slice_of((const char *) bytes->data, bytes->len);
}

static void test_pieces(void **state)
{
  g_autoptr(GByteArray) bytes = g_byte_array_new();

  (void) state;
  append_packet(bytes, BYE, false);
  append_packet(bytes, OK, true);
  append_packet(bytes, BYE, false);
  expect(bytes_of(bytes), true, "BYE 1>2, SIP/2.0 1>2, BYE 1>2");
}

/* A length that is larger than the packet that follows; what looks like a beginning and is none. */
static void test_junk(void **state)
{
  static const char *const JUNK[] = {"HEP3\xff\xffxxxxxx", "HEP3HEP3", "HHEHEP", "xyz"};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(JUNK); i++) {
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    append_packet(bytes, OK, false);
    g_byte_array_append(bytes, (const guint8 *) JUNK[i], (guint) strlen(JUNK[i]));
    append_packet(bytes, BYE, false);
    expect(bytes_of(bytes), true, "SIP/2.0 1>2, BYE 1>2");
  }
}

/* What is no zlib is damaged, and so are chunks that do not fit. */
static void test_damaged(void **state)
{
  g_autoptr(GByteArray) bytes = g_byte_array_new();
  guint len;

  (void) state;
  append_packet(bytes, BYE, true);
  len = bytes->len;
  memset(bytes->data + len - 20, 'x', 20);
  append_packet(bytes, BYE, false);
  bytes->data[len + 11]++; /* the first chunk */
  append_packet(bytes, BYE, false);
  expect(bytes_of(bytes), true, "damaged, damaged, BYE 1>2");
}

/* A stream whose beginning was not captured. */
static void test_midway(void **state)
{
  g_autoptr(GByteArray) bytes = g_byte_array_new();

  (void) state;
  append_packet(bytes, BYE, false);
  append_packet(bytes, OK, false);
  for (size_t from = 1; from < bytes->len / 3; from += 7) {
    g_autoptr(GString) out = g_string_new(NULL);
    TcpStream ends[2];
    g_autoptr(Stream) stream = open_stream(ends, false);
    Slice rest = slice_from(bytes_of(bytes), from);
    feed(stream, rest, rest.len, out);
    assert_string_equal(out->str, "SIP/2.0 1>2");
  }
}

/* What comes before the hole is given as it is, and the packet after it is found. */
static void test_holes(void **state)
{
  g_autoptr(GByteArray) bytes = g_byte_array_new();
  static const size_t LOST = 4;

  (void) state;
  append_packet(bytes, BYE, false);
  size_t first = bytes->len, payload = first - strlen(BYE);
  append_packet(bytes, OK, false);
  for (size_t at = HEP3_SHOWN; at + LOST < first; at++) {
    g_autoptr(GString) out = g_string_new(NULL);
    TcpStream ends[2];
    g_autoptr(Stream) stream = open_stream(ends, true);
    Slice rest = slice_from(bytes_of(bytes), at + LOST);
    feed(stream, slice_head(bytes_of(bytes), at), at, out);
    stream_gap(stream, LOST);
    pull(stream, SLICE_NONE, out);
    feed(stream, rest, rest.len, out);
    bool has_payload = at >= payload; /* or a part of it */
    assert_true(g_str_has_suffix(out->str, ", SIP/2.0 1>2"));
    assert_int_equal(g_str_has_prefix(out->str, "damaged, "), !has_payload);
    assert_int_equal(strstr(out->str, " cut 1>2, ") != NULL, has_payload);
  }
}

/* A packet is kept as long as it is not whole, and no more than that. */
static void test_kept(void **state)
{
  g_autoptr(GByteArray) bytes = g_byte_array_new();
  g_autoptr(GString) out = g_string_new(NULL);
  g_autofree char *long_text = g_strnfill(60000, 'x');
  TcpStream ends[2];
  g_autoptr(Stream) stream = open_stream(ends, true);

  (void) state;
  append_packet(bytes, long_text, false);
  feed(stream, slice_head(bytes_of(bytes), 50000), 1400, out);
  assert_true(stream_kept(stream) <= bytes->len);
  feed(stream, slice_from(bytes_of(bytes), 50000), 1400, out);
  assert_string_equal(slice_from(slice_from_string(out->str), 60000).data, " 1>2");
  feed(stream, SLICE("HEP3"), 4, out);
  assert_true(stream_kept(stream) <= 4);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_pieces), cmocka_unit_test(test_junk),  cmocka_unit_test(test_damaged),
    cmocka_unit_test(test_midway), cmocka_unit_test(test_holes), cmocka_unit_test(test_kept),
  };

  return cmocka_run_group_tests_name("stream_hep", tests, NULL, NULL);
}
