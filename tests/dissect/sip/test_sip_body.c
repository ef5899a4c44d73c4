#include "tests/test.h"

#include "dissect/sip/sip_body.h"

static void test_media_types(void **state)
{
  (void) state;
  assert_true(
    sip_media_type_is(SLICE("APPLICATION / SDP ;x=1"), SLICE("application"), SLICE("sdp")));
  assert_false(sip_media_type_is(SLICE("application/sdpx"), SLICE("application"), SLICE("sdp")));
  assert_false(sip_media_type_is(SLICE("application"), SLICE("application"), SLICE("sdp")));
  assert_false(sip_media_type_is(SLICE_NONE, SLICE("application"), SLICE("sdp")));
}

static const struct {
  const char *type, *body, *sdp;
} CASES[] = {
  {"application/sdp", "v=0\r\n", "v=0\r\n"},
  {"APPLICATION/SDP", "v=0\r\n", "v=0\r\n"},
  {"application/sdp", "", ""},
  {"text/plain", "v=0\r\n", ""},
  {"multipart/mixed;boundary=b", "v=0\r\n", ""},
  {"multipart/mixed", "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b--", ""},
  {"multipart/mixed ; Boundary = \"b c\"",
   "pre\r\n--b c\r\nContent-Type: text/plain\r\n\r\napplication/sdp\r\n"
   "--b c\r\nc : application/sdp\r\n\r\nv=0\r\ns=-\r\n--b c--\r\n",
   "v=0\r\ns=-"},
  {"multipart/mixed;boundary=b", "--b\nContent-Type: application/sdp\n\nv=0\n--b--\n", "v=0"},
  {"multipart/mixed;boundary=b", "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n", "v=0\r\n"},
  {"multipart/mixed;boundary=b",
   "--bb\r\n\r\n--b\r\nX: y\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--bb\r\n--b--",
   "v=0\r\n--bb"},
};

static void test_session_descriptions(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    for (size_t len = 0; len <= strlen(CASES[i].body); len++) {
      Slice body = slice_of(exact_copy(CASES[i].body, len), len);
      SipMsg msg = {.body = body, .content_type = slice_from_string(CASES[i].type)};
      if (CASES[i].body[len] == '\0')
        assert_slice(sip_msg_sdp(&msg), CASES[i].sdp);
      assert_int_equal(sip_msg_has_sdp(&msg), sip_msg_sdp(&msg).len > 0);
      g_free((void *) (uintptr_t) body.data);
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_media_types),
    cmocka_unit_test(test_session_descriptions),
  };

  return cmocka_run_group_tests_name("sip_body", tests, NULL, NULL);
}
