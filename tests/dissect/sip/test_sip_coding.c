#include "dissect/sip/sip_coding.h"

#include "dissect/sip/sip_body.h"
#include "dissect/sip/sip_check.h"
#include "tests/deflated.h"

enum { GZIP = 31, ZLIB = 15, RAW = -15 };

#define SDP_TEXT "v=0\r\nm=audio 1 RTP/AVP 0\r\n"

/* A message with these rows and that body; freed with g_free. */
static char *message_of(const char *rows, const GByteArray *body, SipMsg *ret_msg)
{
  g_autoptr(GString) text = g_string_new("MESSAGE sip:a SIP/2.0\r\n");

  g_string_append_printf(text, "%sl: %u\r\n\r\n", rows, body->len);
  g_string_append_len(text, (const char *) body->data, body->len);
  char *bytes = exact_copy(text->str, text->len);
  assert_int_equal(sip_msg_parse(slice_of(bytes, text->len), false, ret_msg), SIP_OK);
  return bytes;
}

static bool has_anomaly(const SipMsg *msg, SipAnomalyId id, uint32_t offset)
{
  SipCheck check;

  sip_check(msg, &check);
  for (unsigned i = 0; i < MIN(check.count, SIP_CHECK_MAX); i++)
    if (check.items[i].id == id && check.items[i].offset == offset)
      return true;
  return false;
}

static const struct {
  const char *rows;
  int first, second; /* codings, in the order in which they are applied; 0: none */
  SipContentState state;
} CASES[] = {
  {"c: application/sdp\r\n", 0, 0, SIP_CONTENT_PLAIN},
  {"c: application/sdp\r\ne: identity\r\n", 0, 0, SIP_CONTENT_PLAIN},
  {"c: application/sdp\r\nContent-Encoding: gzip\r\n", GZIP, 0, SIP_CONTENT_DECODED},
  {"e: X-GZIP\r\nc: application/sdp\r\n", GZIP, 0, SIP_CONTENT_DECODED},
  {"c: application/sdp\r\ne: deflate\r\n", ZLIB, 0, SIP_CONTENT_DECODED},
  {"c: application/sdp\r\ne: deflate\r\n", RAW, 0, SIP_CONTENT_DECODED},
  {"c: application/sdp\r\ne: deflate , gzip\r\n", ZLIB, GZIP, SIP_CONTENT_DECODED},
  {"c: application/sdp\r\ne: gzip, identity\r\ne: deflate\r\n", GZIP, ZLIB, SIP_CONTENT_DECODED},
  {"c: application/sdp\r\ne: br\r\n", 0, 0, SIP_CONTENT_UNKNOWN},
  {"c: application/sdp\r\ne: gzip, br\r\n", GZIP, 0, SIP_CONTENT_UNKNOWN},
  {"c: application/sdp\r\ne: gzip,gzip,gzip,gzip\r\n", GZIP, 0, SIP_CONTENT_UNKNOWN},
};

static void test_codings(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GByteArray) body = g_byte_array_new();
    g_byte_array_append(body, (const guint8 *) SDP_TEXT, strlen(SDP_TEXT));
    for (unsigned k = 0; k < 2; k++) {
      int bits = k == 0 ? CASES[i].first : CASES[i].second;
      g_autoptr(GByteArray) plain = g_steal_pointer(&body);
      body = g_byte_array_new();
      if (bits != 0)
        append_deflated(body, bits, slice_of_array(plain));
      else
        g_byte_array_append(body, plain->data, plain->len);
    }
    SipMsg msg;
    Arena arena;
    g_autofree char *bytes = message_of(CASES[i].rows, body, &msg);
    bool readable = CASES[i].state != SIP_CONTENT_UNKNOWN;
    assert_int_equal(sip_msg_has_sdp(&msg), readable);
    arena_init(&arena, 1024);
    sip_msg_decode(&msg, &arena);
    assert_int_equal(msg.content.state, CASES[i].state);
    if (readable)
      assert_slice(sip_msg_sdp(&msg), SDP_TEXT);
    else
      assert_true(!sip_msg_sdp(&msg).data && slice_eq(msg.content.bytes, msg.body));
    assert_int_equal(has_anomaly(&msg, SIP_ANOMALY_CONTENT_UNKNOWN, (uint32_t) msg.header_len),
                     !readable);
    arena_clear(&arena);
  }
}

/* Of `len` bytes 'a', compressed; how many of them are read. */
static size_t content_len(size_t len, SipContentState *ret_state)
{
  g_autofree char *text = g_strnfill(len, 'a');
  g_autoptr(GByteArray) body = g_byte_array_new();
  SipMsg msg;
  Arena arena;

  append_deflated(body, GZIP, slice_from_string(text));
  g_autofree char *bytes = message_of("c: text/plain\r\ne: gzip\r\n", body, &msg);
  arena_init(&arena, 1024);
  sip_msg_decode(&msg, &arena);
  *ret_state = msg.content.state;
  size_t content = msg.content.bytes.len;
  bool cut = has_anomaly(&msg, SIP_ANOMALY_CONTENT_CUT, (uint32_t) msg.header_len);
  assert_int_equal(cut, msg.content.state == SIP_CONTENT_CUT);
  size_t most = MAX(msg.body.len * SIP_CONTENT_RATIO_MAX, (size_t) SIP_CONTENT_LEAST_MAX);
  assert_int_equal(content, MIN(len, MIN(most, (size_t) SIP_CONTENT_MAX)));
  arena_clear(&arena);
  return content;
}

/* Few bytes may become many, but not without end. */
static void test_bounds(void **state)
{
  SipContentState found;

  (void) state;
  assert_int_equal(content_len(SIP_CONTENT_LEAST_MAX, &found), SIP_CONTENT_LEAST_MAX);
  assert_int_equal(found, SIP_CONTENT_DECODED);
  assert_int_equal(content_len(SIP_CONTENT_LEAST_MAX + 1, &found), SIP_CONTENT_LEAST_MAX);
  assert_int_equal(found, SIP_CONTENT_CUT);
  assert_in_range(content_len(100000, &found), SIP_CONTENT_LEAST_MAX, 20000);
  assert_int_equal(found, SIP_CONTENT_CUT);
  assert_int_equal(content_len(20000000, &found), SIP_CONTENT_MAX);
  assert_int_equal(found, SIP_CONTENT_CUT);
}

/* Of every message only the beginning is decoded when it is asked for SDP; it is read later. */
static void test_glance(void **state)
{
  static const size_t LENS[] = {1000, 15000, 17000, 50000};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(LENS); i++) {
    g_autoptr(GByteArray) body = g_byte_array_new();
    g_autofree char *text = g_strnfill(LENS[i], '\n');
    g_autofree char *parts =
      g_strconcat(text, "\n--b\r\nc: application/sdp\r\n\r\nv=0\r\n--b--\r\n", NULL);
    SipMsg msg;
    Arena arena;
    append_deflated(body, ZLIB, slice_from_string(parts));
    g_byte_array_set_size(body, MAX(body->len, 1000)); /* bytes after it do not matter */
    g_autofree char *bytes =
      message_of("c: multipart/mixed;boundary=b\r\ne: deflate\r\n", body, &msg);
    assert_int_equal(sip_msg_has_sdp(&msg), LENS[i] < 16 * 1024);
    arena_init(&arena, 1024);
    sip_msg_decode(&msg, &arena);
    assert_int_equal(msg.content.state, SIP_CONTENT_DECODED);
    assert_slice(sip_msg_sdp(&msg), "v=0");
    arena_clear(&arena);
  }
}

/* Cut and changed anywhere: what comes before the fault is read, and the fault is in the body. */
static void test_damage(void **state)
{
  g_autoptr(GByteArray) body = g_byte_array_new();
  SipMsg msg;

  (void) state;
  append_deflated(body, GZIP, SLICE(SDP_TEXT SDP_TEXT SDP_TEXT));
  for (guint len = 1; len < body->len; len++) {
    g_autoptr(GByteArray) head = g_byte_array_new();
    Arena arena;
    g_byte_array_append(head, body->data, len);
    g_autofree char *bytes = message_of("c: application/sdp\r\ne: gzip\r\n", head, &msg);
    assert_true(has_anomaly(&msg, SIP_ANOMALY_CONTENT_DAMAGED, (uint32_t) msg.raw.len));
    arena_init(&arena, 1024);
    sip_msg_decode(&msg, &arena);
    assert_int_equal(msg.content.state, SIP_CONTENT_DAMAGED);
    assert_true(slice_starts_with(SLICE(SDP_TEXT SDP_TEXT SDP_TEXT), msg.content.bytes));
    arena_clear(&arena);
  }
  for (guint at = 0; at < body->len; at++) {
    Arena arena;
    body->data[at] ^= 0xff;
    g_autofree char *bytes = message_of("c: application/sdp\r\ne: gzip\r\n", body, &msg);
    arena_init(&arena, 1024);
    sip_msg_decode(&msg, &arena);
    assert_true(msg.content.fault <= msg.body.len);
    arena_clear(&arena);
    body->data[at] ^= 0xff;
  }
  /* Bytes are missing, and that is said already. */
  g_autofree char *bytes = message_of("c: application/sdp\r\ne: gzip\r\n", body, &msg);
  SipMsg cut;
  sip_msg_parse(slice_head(msg.raw, msg.raw.len - 5), false, &cut);
  assert_false(has_anomaly(&cut, SIP_ANOMALY_CONTENT_DAMAGED, (uint32_t) cut.raw.len));
  assert_true(sip_msg_has_sdp(&cut));
}

/* The fault is where the data stop making sense. */
static void test_place(void **state)
{
  g_autoptr(GByteArray) body = g_byte_array_new();
  SipMsg msg;

  (void) state;
  g_byte_array_append(body, (const guint8 *) "no gzip at all", 14);
  g_autofree char *bytes = message_of("c: text/plain\r\ne: gzip\r\n", body, &msg);
  assert_true(has_anomaly(&msg, SIP_ANOMALY_CONTENT_DAMAGED, (uint32_t) msg.header_len + 2));
}

/* RFC 1952 2.2 */
static void test_members(void **state)
{
  g_autoptr(GByteArray) body = g_byte_array_new();
  SipMsg msg;
  Arena arena;

  (void) state;
  append_deflated(body, GZIP, SLICE("one "));
  append_deflated(body, GZIP, SLICE("two"));
  g_autofree char *bytes = message_of("c: text/plain\r\ne: gzip\r\n", body, &msg);
  arena_init(&arena, 1024);
  sip_msg_decode(&msg, &arena);
  assert_slice(msg.content.bytes, "one two");
  arena_clear(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_glance), cmocka_unit_test(test_codings), cmocka_unit_test(test_bounds),
    cmocka_unit_test(test_damage), cmocka_unit_test(test_place),   cmocka_unit_test(test_members),
  };

  return cmocka_run_group_tests_name("sip_coding", tests, NULL, NULL);
}
