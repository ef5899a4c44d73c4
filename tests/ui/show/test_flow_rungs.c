#include "tests/test.h"

#include "ui/show/flow_rungs.h"
#include "ui/show/style.h"

#define HEAD "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"

static const struct {
  const char *sdp, *in_short, *line;
} CASES[] = {
  {"", "", ""},
  {"no session", "", ""},
  {HEAD, "SDP", "no media"},
  {HEAD "m=audio 4000 RTP/AVP 0\r\n", "PCMU", "audio 192.0.2.1:4000 PCMU"},
  {HEAD "m=audio 4000 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\n", "PCMA PCMU",
   "audio 192.0.2.1:4000 PCMA PCMU"},
  {HEAD "m=audio 4000 RTP/AVP 8 0 3 18 13\r\n", "PCMA PCMU+2",
   "audio 192.0.2.1:4000 PCMA PCMU GSM G729"},
  {HEAD "m=audio 4000 RTP/AVP 0\r\na=sendonly\r\n", "sendonly PCMU",
   "audio sendonly 192.0.2.1:4000 PCMU"},
  {HEAD "a=inactive\r\nm=audio 4000 RTP/AVP 0\r\n", "inactive PCMU",
   "audio inactive 192.0.2.1:4000 PCMU"},
  {HEAD "m=audio 4000 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n", "hold PCMU",
   "audio hold 0.0.0.0:4000 PCMU"},
  {HEAD "m=audio 4000 RTP/AVP 0\r\nm=video 5000 RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\n",
   "PCMU+video", "audio 192.0.2.1:4000 PCMU, video 192.0.2.1:5000 H264"},
  {HEAD "m=audio 0 RTP/AVP 0\r\nm=video 5000 RTP/AVP 34\r\n", "H263",
   "audio refused, video 192.0.2.1:5000 H263"},
  {HEAD "m=audio 0 RTP/AVP 0\r\n", "refused", "audio refused"},
  {HEAD "m=image 4000 udptl t38\r\n", "t38", "image 192.0.2.1:4000 t38"},
  {HEAD "m=audio 4000 RTP/AVP 96 97\r\n", "96 97", "audio 192.0.2.1:4000 96 97"},
  {"v=0\r\nm=audio 4000 RTP/AVP 0\r\nc=IN IP6 2001:db8::1\r\n", "PCMU",
   "audio [2001:db8::1]:4000 PCMU"},
  {"v=0\r\nm=audio 4000 RTP/AVP 0\r\n", "PCMU", "audio ?:4000 PCMU"},
};

static void test_sdp(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Slice sdp = exact_slice(slice_from_string(CASES[i].sdp));
    g_autoptr(GString) in_short = g_string_new(NULL), line = g_string_new(NULL);

    flow_label_append_sdp(in_short, sdp);
    flow_label_append_sdp_line(line, sdp);
    assert_string_equal(in_short->str, CASES[i].in_short);
    assert_string_equal(line->str, CASES[i].line);
    g_free((void *) (uintptr_t) sdp.data);
  }
}

static void test_styles(void **state)
{
  (void) state;
  assert_int_equal(style_of_status(401), STYLE_CHALLENGE);
  assert_int_equal(style_of_status(407), STYLE_CHALLENGE);
  assert_int_equal(style_of_status(404), STYLE_FAILURE);
  assert_int_equal(style_of_outcome(401), STYLE_FAILURE);
  assert_int_equal(style_of_outcome(200), STYLE_SUCCESS);
}

/* What can be long in a message is short when it is shown. */
static void test_bounds(void **state)
{
  g_autoptr(GString) octets = g_string_new("SIP/2.0 200 ");
  g_autoptr(GString) sdp = g_string_new(HEAD);
  g_autoptr(StoreSet) stores = store_set_new();
  g_autoptr(FlowTexts) texts = flow_texts_new(stores);
  Message message = {.number = 7, .status = 200, .flags = MESSAGE_HAS_SDP};
  unsigned store;

  (void) state;
  for (unsigned i = 0; i < 200; i++) {
    g_string_append_c(octets, 'x');
    g_string_append_printf(sdp, "m=a-rather-long-kind-of-media-%u 9 RTP/AVP 0\r\n", i);
  }
  for (unsigned i = 0; i < 200; i++)
    g_string_append_printf(octets, "%c", 'y');
  g_string_append_printf(octets,
                         "\r\nContent-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s",
                         sdp->len, sdp->str);
  assert_true(store_set_add_spool(stores, &store, NULL));
  assert_true(store_append(stores, store, slice_of(octets->str, octets->len), &message.ref, NULL));
  assert_true(store_set_flush(stores, NULL));
  message.len = octets->len & MESSAGE_LEN_MAX;
  for (unsigned turn = 0; turn < 2; turn++) {
    FlowText text = flow_texts_of(texts, &message);

    assert_true(text.phrase.len > 0 && text.phrase.len <= 200);
    assert_true(text.sdp_short.len > 0 && text.sdp_short.len <= 512);
    assert_true(text.sdp_line.len > 0 && text.sdp_line.len <= 512);
  }
  assert_true(flow_texts_readable(texts));
}

/* What cannot be read is said as the registry says it. */
static void test_unreadable(void **state)
{
  g_autoptr(StoreSet) stores = store_set_new();
  g_autoptr(FlowTexts) texts = flow_texts_new(stores);
  Message message = {.number = 1, .status = 486, .len = 10};
  unsigned store;

  (void) state;
  assert_true(store_set_add_spool(stores, &store, NULL));
  assert_slice(flow_texts_of(texts, &message).phrase, "Busy Here");
  assert_false(flow_texts_readable(texts));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_styles),
    cmocka_unit_test(test_sdp),
    cmocka_unit_test(test_bounds),
    cmocka_unit_test(test_unreadable),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
