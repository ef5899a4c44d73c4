#include "tests/ui/golden.h"

#include "tests/ui/message_cases.h"
#include "tests/shared.h"
#include "ui/show/message_diff.h"
#include "ui/show/text.h"

/* The text with its changes in braces. */
static void append_side(GString *to, const DiffSide *side)
{
  size_t at = 0;

  if (!side->text.data) {
    g_string_append(to, "(none)");
    return;
  }
  if (side->name.data) {
    text_append_safe(to, side->name, TEXT_UTF8);
    g_string_append(to, ": ");
  }
  for (size_t i = 0; i < side->change_count; i++) {
    Octets change = side->changes[i];
    text_append_safe(to, slice_head(slice_from(side->text, at), change.offset - at), TEXT_UTF8);
    g_string_append_c(to, '{');
    text_append_safe(to, octets_slice(side->text, change), TEXT_UTF8);
    g_string_append_c(to, '}');
    at = change.offset + change.len;
  }
  text_append_safe(to, slice_from(side->text, at), TEXT_UTF8);
}

static char *diff_text(const MessageDiff *diff)
{
  static const char KINDS[] = "=~!<>";
  GString *text = g_string_new(NULL);

  for (size_t i = 0; i < diff->count; i++) {
    const DiffRow *row = &diff->rows[i];

    g_string_append_printf(text, "%c ", KINDS[row->kind]);
    if (row->kind != DIFF_RIGHT)
      append_side(text, &row->left);
    if (row->kind != DIFF_SAME && row->kind != DIFF_LEFT) {
      g_string_append(text, row->kind == DIFF_RIGHT ? "" : "\n  ");
      append_side(text, &row->right);
    }
    g_string_append_c(text, '\n');
  }
  g_string_append_printf(text, "%zu differences%s\n", diff->differences, diff->cut ? ", cut" : "");
  return g_string_free(text, FALSE);
}

typedef struct {
  const char *name, *left, *right;
} DiffCase;

static const DiffCase CASES[] = {
  {"forwarded",
   "INVITE sip:bob@example.com SIP/2.0\r\n"
   "Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKa1;rport\r\n"
   "Max-Forwards: 70\r\n"
   "From: \"Alice\" <sip:alice@example.com>;tag=1\r\n"
   "To: <sip:bob@example.com>\r\n"
   "Call-ID: 7@10.0.0.1\r\nCSeq: 1 INVITE\r\n"
   "Contact: <sip:alice@10.0.0.1:5060;transport=udp>;expires=60;q=0.5\r\n"
   "Allow: INVITE, ACK, BYE, CANCEL\r\n"
   "Supported: timer\r\nSupported: 100rel\r\n"
   "Proxy-Authorization: Digest username=\"alice\",realm=\"x\"\r\n"
   "X-Trace: one   two\r\n"
   "Content-Type: application/sdp\r\n\r\n" SDP_TEXT,
   "INVITE sip:bob@10.0.0.9:5060 SIP/2.0\r\n"
   "Record-Route: <sip:10.0.0.5;lr>\r\n"
   "v: SIP/2.0/UDP 10.0.0.5;branch=z9hG4bKp7, SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKa1;"
   "rport=5060;received=10.0.0.1\r\n"
   "f: \"alice\"\r\n <sip:alice@EXAMPLE.com>;tag=1\r\n"
   "To: <sip:bob@example.com>\r\n"
   "Call-ID: 7@10.0.0.1\r\nCSeq: 1 INVITE\r\n"
   "Contact: <sip:alice@10.0.0.1:5060;transport=udp>;q=0.5 ;expires=60\r\n"
   "Max-Forwards: 69\r\n"
   "Allow: INVITE,ACK,CANCEL,UPDATE\r\n"
   "Supported: timer, 100rel\r\n"
   "x-trace: one two\r\n"
   "Content-Type: application/sdp\r\n\r\n"
   "v=0\r\no=proxy 2890844526 2890844528 IN IP4 10.0.0.5\r\ns=-\r\nc=IN IP4 10.0.0.5\r\nt=0 0\r\n"
   "m=audio 30000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"
   "a=sendrecv\r\n"
   "m=image 6000 udptl t38\r\n"},
  {"answer",
   "INVITE sip:b@c SIP/2.0\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:b@c>\r\nUser-Agent: A 1.0\r\n\r\n",
   "SIP/2.0 200 OK\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:b@c>;tag=2\r\nServer: B\r\n\r\nhello\r\n"},
};

static void test_goldens(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    SipMsg left, right;
    g_autofree char *a = parse_text(CASES[i].left, strlen(CASES[i].left), &left);
    g_autofree char *b = parse_text(CASES[i].right, strlen(CASES[i].right), &right);
    g_autofree char *name = g_strdup_printf("show/diff/%s.txt", CASES[i].name);
    Arena arena;

    assert_non_null(a);
    assert_non_null(b);
    arena_init(&arena, 4096);
    MessageDiff diff = message_diff_build(&arena, &left, &right);
    g_autofree char *text = diff_text(&diff);
    assert_golden(name, text);
    arena_clear(&arena);
  }
}

/* Changes are in order, inside of their text. */
static void check_side(const DiffSide *side)
{
  size_t at = 0;

  for (size_t i = 0; i < side->change_count; i++) {
    assert_true(side->changes[i].offset >= at && side->changes[i].len > 0);
    at = (size_t) side->changes[i].offset + side->changes[i].len;
  }
  assert_true(at <= side->text.len);
}

static void check_diff(const MessageDiff *diff)
{
  size_t differences = 0;

  for (size_t i = 0; i < diff->count; i++) {
    const DiffRow *row = &diff->rows[i];

    check_side(&row->left);
    check_side(&row->right);
    if (row->kind == DIFF_LEFT || row->kind == DIFF_RIGHT)
      assert_true((row->left.text.data != NULL) == (row->kind == DIFF_LEFT) ||
                  row->place == DIFF_HEADER);
    if (row->kind == DIFF_CHANGED)
      assert_true(row->left.change_count + row->right.change_count > 0 ||
                  slice_eq(row->left.text, row->right.text));
    differences += diff_row_differs(row);
  }
  assert_int_equal(diff->differences, differences);
}

/* A message is the same as itself; changed sides are each other's mirror. */
static void test_mirror(void **state)
{
  static const DiffKind MIRROR[] = {DIFF_SAME, DIFF_EQUAL, DIFF_CHANGED, DIFF_RIGHT, DIFF_LEFT};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(MESSAGE_CASES); i++)
    for (size_t k = 0; k < G_N_ELEMENTS(MESSAGE_CASES); k++) {
      SipMsg left, right;
      const char *a = MESSAGE_CASES[i].text, *b = MESSAGE_CASES[k].text;
      g_autofree char *left_octets = parse_text(a, strlen(a), &left);
      g_autofree char *right_octets = parse_text(b, strlen(b), &right);
      size_t counts[2][5] = {{0}};
      Arena arena;

      assert_non_null(left_octets);
      assert_non_null(right_octets);
      arena_init(&arena, 4096);
      MessageDiff diff = message_diff_build(&arena, &left, &right);
      MessageDiff mirror = message_diff_build(&arena, &right, &left);
      check_diff(&diff);
      check_diff(&mirror);
      for (size_t row = 0; row < diff.count; row++)
        counts[0][diff.rows[row].kind]++;
      for (size_t row = 0; row < mirror.count; row++)
        counts[1][MIRROR[mirror.rows[row].kind]]++;
      if (i == k)
        assert_int_equal(diff.differences, 0);
      assert_int_equal(counts[0][DIFF_SAME], counts[1][DIFF_SAME]);
      assert_int_equal(counts[0][DIFF_EQUAL], counts[1][DIFF_EQUAL]);
      arena_clear(&arena);
    }
}

static void test_cut_anywhere(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    for (size_t len = 0; len < strlen(CASES[i].right); len += 3) {
      SipMsg left, right;
      g_autofree char *a = parse_text(CASES[i].left, strlen(CASES[i].left), &left);
      g_autofree char *b = parse_text(CASES[i].right, len, &right);
      Arena arena;

      assert_non_null(a);
      if (!b)
        continue;
      arena_init(&arena, 4096);
      MessageDiff diff = message_diff_build(&arena, &left, &right);
      check_diff(&diff);
      arena_clear(&arena);
    }
}

/* Messages of nothing but rows, values or words: still bounded. */
static void test_bounds(void **state)
{
  static const char *const REPEATED[][3] = {
    {"Via: ", "SIP/2.0/UDP 1.2.3.%u;branch=z9hG4bK%u,", "\r\n\r\n"},
    {"", "A%u: %u\r\n", "\r\n"},
    {"X: ", "%u %u ", "\r\n\r\n"},
    {"\r\n", "%u %u\r\n", ""},
    {"Content-Type: application/sdp\r\n\r\n", "m=%u %u\r\n", ""},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(REPEATED); i++) {
    SipMsg sides[2];
    char *octets[2];
    Arena arena;

    for (unsigned side = 0; side < 2; side++) {
      g_autoptr(GString) text = g_string_new("OPTIONS sip:a@b SIP/2.0\r\n");
      g_string_append(text, REPEATED[i][0]);
      for (unsigned n = 0; n < 20000; n++) {
        g_autofree char *format = g_strdup(REPEATED[i][1]);
        g_auto(GStrv) parts = g_strsplit(format, "%u", -1);
        g_string_append_printf(text, "%s%u%s%u%s", parts[0], n * (side + 1), parts[1], n, parts[2]);
      }
      g_string_append(text, REPEATED[i][2]);
      octets[side] = parse_text(text->str, text->len, &sides[side]);
    }
    arena_init(&arena, 4096);
    MessageDiff diff = message_diff_build(&arena, &sides[0], &sides[1]);
    assert_true(diff.count <= DIFF_ROWS_MAX);
    check_diff(&diff);
    arena_clear(&arena);
    g_free(octets[0]);
    g_free(octets[1]);
  }
}

/* Do all rows of that header field say the same? */
static bool header_is_equal(const MessageDiff *diff, SipHeader header)
{
  bool found = false;

  for (size_t i = 0; i < diff->count; i++) {
    const DiffRow *row = &diff->rows[i];
    Slice name = row->left.name.data ? row->left.name : row->right.name;

    if (row->place != DIFF_HEADER || sip_header_from_slice(name) != header)
      continue;
    found = true;
    if (diff_row_differs(row))
      return false;
  }
  assert_true(found);
  return true;
}

/* Messages that are equal in a header field, or not, by RFC 3261 7.3.1. */
static void test_published(void **state)
{
  static const struct {
    const char *left, *right;
    SipHeader header;
    bool equal;
  } PAIRS[] = {
    {"A1", "A2", SIP_HEADER_ROUTE, true},    {"A1", "A3", SIP_HEADER_ROUTE, true},
    {"A1", "B2", SIP_HEADER_ROUTE, false},   {"B2", "B3", SIP_HEADER_ROUTE, false},
    {"C1", "C2", SIP_HEADER_SUBJECT, true},  {"C1", "C5", SIP_HEADER_SUBJECT, true},
    {"D1", "D2", SIP_HEADER_SUBJECT, true},  {"D1", "D3-seed", SIP_HEADER_SUBJECT, false},
    {"E1", "E3", SIP_HEADER_CONTACT, true},  {"E1", "E4", SIP_HEADER_CONTACT, false},
    {"E1", "E6", SIP_HEADER_CONTACT, true},  {"F1", "F2", SIP_HEADER_CONTENT_DISPOSITION, true},
    {"G1", "G2", SIP_HEADER_WARNING, false},
  };

  (void) state;
  shared_root();
  for (size_t i = 0; i < G_N_ELEMENTS(PAIRS); i++) {
    g_autofree char *left_name = g_strdup_printf("vectors/seed73/%s.msg", PAIRS[i].left);
    g_autofree char *right_name = g_strdup_printf("vectors/seed73/%s.msg", PAIRS[i].right);
    Slice a = shared_octets(left_name), b = shared_octets(right_name);
    SipMsg left, right;
    Arena arena;

    assert_int_equal(sip_msg_parse(a, false, &left), SIP_OK);
    assert_int_equal(sip_msg_parse(b, false, &right), SIP_OK);
    arena_init(&arena, 4096);
    MessageDiff diff = message_diff_build(&arena, &left, &right);
    if (header_is_equal(&diff, PAIRS[i].header) != PAIRS[i].equal)
      fail_msg("%s and %s", PAIRS[i].left, PAIRS[i].right);
    arena_clear(&arena);
    g_free((void *) (uintptr_t) a.data);
    g_free((void *) (uintptr_t) b.data);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_goldens),      cmocka_unit_test(test_mirror),
    cmocka_unit_test(test_cut_anywhere), cmocka_unit_test(test_bounds),
    cmocka_unit_test(test_published),
  };

  return cmocka_run_group_tests_name("message_diff", tests, NULL, NULL);
}
