#include "capture/text_trace.h"

#include "capture/pcap_file.h"
#include "tests/capture_build.h"

/* Two messages as they were sent; the body of the first ends in CRLF. */
#define INVITE_HEAD                                                                                \
  "INVITE sip:b@x SIP/2.0\n"                                                                       \
  "Via: SIP/2.0/TCP 10.0.0.1:5060\n"                                                               \
  "Content-Type: application/sdp\n"                                                                \
  "Content-Length: 10\n"
#define INVITE INVITE_HEAD "\nv=0\no=-\n"
#define TRYING                                                                                     \
  "SIP/2.0 100 Trying\n"                                                                           \
  "Via: SIP/2.0/TCP 10.0.0.1:5060\n"                                                               \
  "Content-Length: 0\n\n"

/* Their text in the result: CRLF is written as a slash. */
#define INVITE_SENT                                                                                \
  "INVITE sip:b@x SIP/2.0/Via: SIP|2.0|TCP 10.0.0.1:5060/Content-Type: application|sdp/"           \
  "Content-Length: 10//v=0/o=-/"
#define TRYING_SENT "SIP/2.0 100 Trying/Via: SIP|2.0|TCP 10.0.0.1:5060/Content-Length: 0//"

/* A message with its address tags, its carrier and its text, as a line. */
static void append_pdu(const Frame *frame, GString *to)
{
  Reader r = reader_of(frame->data, frame->len);
  g_autoptr(GString) text = g_string_new(NULL);

  g_string_append_printf(to, "%.3f", (double) (frame->time_ns / 1000000) / 1000);
  for (;;) {
    unsigned tag = reader_u16(&r);
    Slice value = reader_slice(&r, reader_u16(&r));
    assert_false(r.failed);
    if (tag == 0)
      break;
    if (tag == 20 || tag == 21)
      g_string_append_printf(to, " %s%u", tag == 20 ? "from ." : "to .", (uint8_t) value.data[3]);
    else if (tag == 22 || tag == 23)
      g_string_append_printf(to, " %s%u", tag == 22 ? "from :" : "to :", (uint8_t) value.data[15]);
    else if (tag == 24)
      g_string_append_printf(to, " carrier %u", (uint8_t) value.data[3]);
    else if (tag == 25 || tag == 26)
      g_string_append_printf(to, " port %u",
                             (uint8_t) value.data[2] << 8 | (uint8_t) value.data[3]);
  }
  g_string_append_len(text, (const char *) r.at, (gssize) reader_left(&r));
  g_string_replace(text, "/", "|", 0);
  g_string_replace(text, "\r\n", "/", 0);
  g_string_append_printf(to, " %s\n", text->str);
}

static GString *frames_of(const GByteArray *capture)
{
  GString *text = g_string_new(NULL);
  FrameBatch batch = {0};
  PcapFile file = {0};
  Walk walk = {
    .rest = reader_of(capture->data, capture->len), .start = capture->data, .batch = &batch};

  if (capture->len > 0)
    pcap_file_walk(&file, &walk);
  assert_null(walk.fault);
  assert_int_equal(reader_left(&walk.rest), 0);
  for (size_t i = 0; i < batch.count; i++)
    append_pdu(&batch.frames[i], text);
  frame_batch_clear(&batch);
  return text;
}

/* The frames of a text that comes in pieces; *ret_lacks may be NULL. */
static GString *read_text(Slice text, size_t piece, char **ret_lacks)
{
  TextTrace *trace = text_trace_new();
  g_autoptr(GByteArray) capture = g_byte_array_new();

  for (size_t at = 0; at < text.len; at += piece) {
    g_autofree char *copy = NULL;
    Slice part = slice_head(slice_from(text, at), piece);
    copy = exact_copy(part.data, part.len);
    text_trace_feed(trace, slice_of(copy, part.len), capture);
  }
  text_trace_end(trace, capture);
  if (ret_lacks)
    *ret_lacks = text_trace_lacks(trace);
  text_trace_free(trace);
  return frames_of(capture);
}

static void check_text(const char *text, const char *expected)
{
  static const size_t PIECES[] = {1, 7, 100000};

  for (size_t i = 0; i < G_N_ELEMENTS(PIECES); i++) {
    GString *frames = read_text(slice_from_string(text), PIECES[i], NULL);
    g_string_replace(frames, "SIP|2.0 ", "SIP/2.0 ", 0);
    g_string_replace(frames, " SIP|2.0/", " SIP/2.0/", 0);
    assert_string_equal(frames->str, expected);
    g_string_free(frames, true);
  }
}

static void test_kinds(void **state)
{
  static const struct {
    const char *text, *expected;
  } CASES[] = {
    /* sngrep, and this program */
    {"2024/01/01 12:00:00.123456 10.0.0.1:5060 -> 10.0.0.2:5061\n" INVITE "\n\n"
     "2024/01/01 12:00:01.000000 10.0.0.2:5061 -> 10.0.0.1:5060\n" TRYING "\n",
     "1704110400.123 from .1 port 5060 to .2 port 5061 carrier 2 " INVITE_SENT
     "\n1704110401.000 from .2 port 5061 to .1 port 5060 carrier 2 " TRYING_SENT "\n"},
    {"2024-01-01 12:00:00 2001:db8::1:5060 -> [2001:db8::2]:5060\n" TRYING,
     "1704110400.000 from :1 port 5060 to :2 port 5060 carrier 2 " TRYING_SENT "\n"},
    {"2024-01-01 12:00:00 - -> 10.0.0.2:5060 UDP message 1 call 1\n" TRYING,
     "1704110400.000 to .2 port 5060 carrier 2 " TRYING_SENT "\n"},
    {"proto:UDP 2024-01-01T12:00:00.5Z  10.0.0.1:5060 ---> 10.0.0.2:5060\n\n" TRYING,
     "1704110400.500 from .1 port 5060 to .2 port 5060 carrier 2 " TRYING_SENT "\n"},
    /* ngrep -W byline: a dot is CR */
    {"interface: eth0\n#\nU 2024/01/01 12:00:00.5 10.0.0.1:5060 -> 10.0.0.2:5060 #1\n"
     "SIP/2.0 100 Trying.\nVia: SIP/2.0/TCP 10.0.0.1:5060.\nContent-Length: 0.\n.\n\n##\nexit\n",
     "1704110400.500 from .1 port 5060 to .2 port 5060 carrier 3 " TRYING_SENT "\n"},
    /* ngrep in rows, which may have lost their last blanks; in one line; with its heading */
    {"#\nU 2024/01/01 12:00:00.5 10.0.0.1:5060 -> 10.0.0.2:5060 #1\n"
     "  SIP/2.0 100 Trying..Via: SIP/2.0/T\n  CP 10.0.0.1:5060..Content-Length:\n  0....         "
     "\n\n#\n",
     "1704110400.500 from .1 port 5060 to .2 port 5060 carrier 3 " TRYING_SENT "\n"},
    {"U 2024/01/01 12:00:00.5 10.0.0.1:5060 -> 10.0.0.2:5060 #1\n"
     "INVITE sip:b@x SIP/2.0..Via: SIP/2.0/TCP 10.0.0.1:5060..Content-Type: application/sdp.."
     "Content-Length: 10....v=0..o=-..\n\n",
     "1704110400.500 from .1 port 5060 to .2 port 5060 carrier 3 " INVITE_SENT "\n"},
    {"T 2024/01/01 12:00:00.5 10.0.0.1:5060 -> 10.0.0.2:5060 [AP] "
     "SIP/2.0 100 Trying..Via: SIP/2.0/TCP 10.0.0.1:5060..Content-Length: 0....\n\n",
     "1704110400.500 from .1 port 5060 to .2 port 5060 carrier 2 " TRYING_SENT "\n"},
    /* FreeSWITCH: indented, between dashes */
    {"recv 9 bytes from tls/[10.0.0.1]:5060 at 12:00:00.123456:\n"
     "------------------\n"
     "   INVITE sip:b@x SIP/2.0\n   Via: SIP/2.0/TCP 10.0.0.1:5060\n"
     "   Content-Type: application/sdp\n   Content-Length: 10\n   \n   v=0\n   o=-\n"
     "------------------\n"
     "send 9 bytes to udp/[2001:db8::7]:5060 at 00:00:01.000000:\n"
     "------------------\n" TRYING "------------------\n",
     "43200.123 from .1 port 5060 carrier 2 " INVITE_SENT
     "\n86401.000 to :7 port 5060 carrier 3 " TRYING_SENT "\n"},
    /* Asterisk: chan_sip, without times; PJSIP with those of the log */
    {"<--- SIP read from UDP:10.0.0.1:5060 --->\n" INVITE "<------------->\n"
     "--- (3 headers 2 lines) ---\nSending to 10.0.0.1:5060 (NAT)\n"
     "<--- Transmitting (no NAT) to 10.0.0.1:5060 --->\n" TRYING "\n<------------>\n"
     "Retransmitting #1 (NAT) to 10.0.0.1:5060:\n" TRYING "\n---\n",
     "0.000 from .1 port 5060 carrier 3 " INVITE_SENT
     "\n0.000 to .1 port 5060 carrier 2 " TRYING_SENT
     "\n0.000 to .1 port 5060 carrier 2 " TRYING_SENT "\n"},
    {"[2024-01-01 12:00:00.250] VERBOSE[1] res_pjsip_logger.c: "
     "<--- Received SIP request (512 bytes) from UDP:10.0.0.1:5060 --->\n" INVITE "\n"
     "\x1b[1;32m[2024-01-01 12:00:01]\x1b[0m VERBOSE[1] res_pjsip_logger.c: "
     "<--- Transmitting SIP response (300 bytes) to UDP:10.0.0.1:5060 --->\n" TRYING "\n",
     "1704110400.250 from .1 port 5060 carrier 3 " INVITE_SENT
     "\n1704110401.000 to .1 port 5060 carrier 3 " TRYING_SENT "\n"},
    /* Kamailio, OpenSIPS: after a prefix, in one line or with a prefix in each */
    {"2024-01-01T12:00:00.5Z host kamailio[1]: INFO: <script>: " TRYING
     "2024-01-01T12:00:01Z host kamailio[1]: INFO: done SIP/2.0 200\n",
     "1704110400.500 carrier 2 " TRYING_SENT "\n"},
    {"2024-01-01T12:00:00Z h k[1]: SIP/2.0 100 Trying#015#012Via: SIP/2.0/TCP 10.0.0.1:5060"
     "#015#012Content-Length: 0#015#012#015#012\n",
     "1704110400.000 carrier 2 " TRYING_SENT "\n"},
    {"2024-01-01T12:00:00Z h k[1]: SIP/2.0 100 Trying\n"
     "2024-01-01T12:00:00Z h k[1]: Via: SIP/2.0/TCP 10.0.0.1:5060\n"
     "2024-01-01T12:00:00Z h k[1]: Content-Length: 0\n"
     "2024-01-01T12:00:00Z h k[1]: \n",
     "1704110400.000 carrier 2 " TRYING_SENT "\n"},
    /* Cisco CUBE */
    {"000123: *Jan  1 2024 12:00:00.456: //-1/xxxx/SIP/Msg/ccsipDisplayMsg:\nReceived: \n" INVITE
     "\n000124: *Jan  1 2024 12:00:01.456: //1/xx/SIP/Msg/ccsipDisplayMsg:\nSent:\n" TRYING,
     "1704110400.456 carrier 2 " INVITE_SENT "\n1704110401.456 carrier 2 " TRYING_SENT "\n"},
    /* plain, quoted in a mail, with CRLF, without the blank line at the end */
    {INVITE "\n" TRYING, "0.000 carrier 2 " INVITE_SENT "\n0.000 carrier 2 " TRYING_SENT "\n"},
    {"Hello,\n> SIP/2.0 100 Trying\n> Via: SIP/2.0/TCP 10.0.0.1:5060\n> Content-Length: 0\n>\nbye",
     "0.000 carrier 2 " TRYING_SENT "\n"},
    {"SIP/2.0 100 Trying\r\nVia: SIP/2.0/TCP 10.0.0.1:5060\r\nContent-Length: 0",
     "0.000 carrier 2 " TRYING_SENT "\n"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    check_text(CASES[i].text, CASES[i].expected);
}

static void test_bodies(void **state)
{
  static const struct {
    const char *text, *expected;
  } CASES[] = {
    /* a body whose lines ended in LF */
    {"MESSAGE sip:b@x SIP/2.0\nTo: b\nContent-Length: 8\n\nab\ncd\ne\n\n" TRYING,
     "0.000 MESSAGE sip:b@x SIP/2.0/To: b/Content-Length: 8//ab\ncd\ne\n"
     "\n0.000 carrier 2 " TRYING_SENT "\n"},
    /* a start-line in a body is none, */
    {"NOTIFY sip:b@x SIP/2.0\nTo: b\nContent-Type: message/sipfrag\nContent-Length: 24\n\n"
     "SIP/2.0 200 OK\nTo: xx\n\n",
     "0.000 NOTIFY sip:b@x SIP/2.0/To: b/Content-Type: message|sipfrag/Content-Length: 24//"
     "SIP/2.0 200 OK/To: xx/\n"},
    /* but where the body was left out it is one */
    {INVITE_HEAD "\n" TRYING,
     "0.000 carrier 2 INVITE sip:b@x SIP/2.0/Via: SIP|2.0|TCP 10.0.0.1:5060/"
     "Content-Type: application|sdp/Content-Length: 10//\n0.000 carrier 2 " TRYING_SENT "\n"},
    /* without Content-Length the body ends at a blank line, or there is none */
    {"INFO sip:b@x SIP/2.0\nTo: b\nContent-Type: a/b\n\nx\n\ny\n",
     "0.000 INFO sip:b@x SIP/2.0/To: b/Content-Type: a|b//x/\n"},
    {"INFO sip:b@x SIP/2.0\nTo: b\n\nx\n", "0.000 INFO sip:b@x SIP/2.0/To: b//\n"},
    /* logs name start-lines that begin no message */
    {"got INVITE sip:b@x SIP/2.0\nnothing: else\n\n", ""},
    {"got SIP/2.0 200 OK\n\n", ""},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    check_text(CASES[i].text, CASES[i].expected);
}

/* Whatever is cut off, no message is invented, and those before the cut are there. */
static void test_cut_at_every_byte(void **state)
{
  static const char TEXT[] = "2024/01/01 12:00:00.1 10.0.0.1:5060 -> 10.0.0.2:5060\n" TRYING
                             "\n2024/01/01 12:00:01.1 10.0.0.2:5060 -> 10.0.0.1:5060\n" TRYING;
  size_t first = strlen(TEXT) / 2;

  (void) state;
  for (size_t len = 0; len < strlen(TEXT); len++) {
    GString *frames = read_text(slice_of(TEXT, len), len + 1, NULL);
    size_t lines = 0;
    for (const char *at = frames->str; (at = strchr(at, '\n')); at++)
      lines++;
    assert_true(lines <= 2 && lines >= (len >= first));
    g_string_free(frames, true);
  }
}

/* Lines and messages without an end are bounded, and what follows is found. */
static void test_too_long(void **state)
{
  g_autoptr(GString) line = g_string_new("SIP/2.0 200 OK\nTo: b\nX: ");
  g_autoptr(GString) message = g_string_new("SIP/2.0 200 OK\nTo: b\n");
  GString *const texts[] = {line, message};

  (void) state;
  for (int i = 0; i < 2 * TEXT_LINE_MAX; i++)
    g_string_append_c(line, 'x');
  g_string_append(line, "\n\n" TRYING);
  for (int i = 0; i < TEXT_MESSAGE_MAX / 8 + 1; i++)
    g_string_append(message, "X: 1234\n");
  g_string_append(message, "\n" TRYING);
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
    g_autofree char *lacks = NULL;
    GString *frames = read_text(slice_of(texts[i]->str, texts[i]->len), 1000, &lacks);
    assert_true(frames->len < TEXT_MESSAGE_MAX + 1000);
    assert_true(g_str_has_suffix(frames->str, "Content-Length: 0//\n"));
    assert_non_null(strstr(lacks, "1 cut (a line or message is too long)"));
    g_string_free(frames, true);
  }
}

static void test_lacks(void **state)
{
  static const struct {
    const char *text, *lacks;
  } CASES[] = {
    {"2024/01/01 12:00:00.1 10.0.0.1:5060 -> 10.0.0.2:5060\n" TRYING, NULL},
    {"", NULL},
    {TRYING, "text trace of 1 message: 1 without a time, 1 without one or both addresses"},
    {"12:00:00 10.0.0.1:5060 -> 10.0.0.2:5060\n" TRYING,
     "text trace of 1 message: times without a date or year, shown as of 1970"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *lacks = NULL;
    GString *frames = read_text(slice_from_string(CASES[i].text), 50, &lacks);
    if (CASES[i].lacks)
      assert_string_equal(lacks, CASES[i].lacks);
    else
      assert_null(lacks);
    g_string_free(frames, true);
  }
}

/* A log that is followed: the message that is whole does not wait for the next. */
static void test_pause(void **state)
{
  TextTrace *trace = text_trace_new();
  g_autoptr(GByteArray) capture = g_byte_array_new();

  (void) state;
  text_trace_feed(trace, SLICE(INVITE_HEAD "\nv=0\n"), capture);
  text_trace_pause(trace, capture);
  assert_int_equal(capture->len, 0);
  text_trace_feed(trace, SLICE("o=-\n"), capture);
  text_trace_pause(trace, capture);
  assert_true(capture->len > 0);
  text_trace_free(trace);
}

static void test_detect(void **state)
{
  (void) state;
  assert_true(text_trace_detect(SLICE("\xef\xbb\xbf\x1b[0m INVITE\r\n")));
  assert_false(text_trace_detect(SLICE("PK\x03\x04")));
  assert_false(text_trace_detect(SLICE("\xff\xfeI\0")));
  assert_false(text_trace_detect(SLICE("")));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_kinds),    cmocka_unit_test(test_bodies),
    cmocka_unit_test(test_too_long), cmocka_unit_test(test_cut_at_every_byte),
    cmocka_unit_test(test_lacks),    cmocka_unit_test(test_pause),
    cmocka_unit_test(test_detect),
  };

  g_setenv("TZ", "UTC", true);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
