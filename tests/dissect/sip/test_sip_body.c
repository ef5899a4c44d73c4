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
  {"multipart/mixed;boundary=b",
   "--b\r\nContent-Type: a/b\r\n\r\nx\r\n"
   "--b\r\nContent-Type: multipart/related;boundary=bb\r\n\r\n"
   "--bb\r\nContent-Type: multipart/mixed;boundary=\"c d\"\r\n\r\n"
   "--c d\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--c d--\r\n--bb--\r\n--b--",
   "v=0"},
};

/* Multipart bodies in each other: the innermost is a session description. */
static char *nested(unsigned depth)
{
  GString *text = g_string_new(NULL);

  for (unsigned i = 1; i < depth; i++)
    g_string_append_printf(text, "--%u-\r\nc: multipart/mixed;boundary=%u-\r\n\r\n", i, i + 1);
  g_string_append_printf(text, "--%u-\r\nc: application/sdp\r\n\r\nv=0\r\n", depth);
  return g_string_free(text, FALSE);
}

static void test_depth(void **state)
{
  (void) state;
  for (unsigned depth = 1; depth <= SIP_MULTIPART_DEPTH_MAX + 1; depth++) {
    g_autofree char *body = nested(depth);
    SipMsg msg = {.content.bytes = slice_from_string(body),
                  .content_type = SLICE("multipart/mixed;boundary=1-")};
    assert_int_equal(sip_msg_has_sdp(&msg), depth <= SIP_MULTIPART_DEPTH_MAX);
  }
}

/* RFC 2046 5.1.1 */
static void test_missing_boundaries(void **state)
{
  static const struct {
    const char *rows, *body;
    bool is_missing;
  } BODIES[] = {
    {"c: multipart/mixed;boundary=b\r\n", "--b\r\n\r\nx\r\n--b--\r\n", false},
    {"c: multipart/mixed;boundary=b\r\n", "--b--", false},
    {"c: multipart/mixed;boundary=b\r\n", "", false},
    {"c: multipart/mixed;boundary=b\r\n", "--c\r\n\r\nx\r\n--c--\r\n", true},
    {"c: multipart/mixed\r\n", "--b\r\n\r\nx\r\n--b--\r\n", true},
    {"c: multipart/mixed;boundary=b\r\ne: gzip\r\n", "\x1f\x8b", false},
    {"c: multipart/mixed;boundary=b\r\nl: 99\r\n", "cut", false},
    {"c: text/plain;boundary=b\r\n", "x", false},
    {"c: multipart/mixed;boundary=b\r\n",
     "--b\r\nc: multipart/mixed;boundary=c\r\n\r\n--d\r\n--b--\r\n", true},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(BODIES); i++) {
    g_autofree char *text =
      g_strconcat("OPTIONS sip:a SIP/2.0\r\n", BODIES[i].rows, "\r\n", BODIES[i].body, NULL);
    SipMsg msg;
    assert_int_equal(sip_msg_parse(slice_from_string(text), false, &msg), SIP_OK);
    if ((sip_msg_no_boundary(&msg) != NULL) != BODIES[i].is_missing)
      fail_msg("%s%s", BODIES[i].rows, BODIES[i].body);
  }
}

static void test_session_descriptions(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    for (size_t len = 0; len <= strlen(CASES[i].body); len++) {
      Slice body = slice_of(exact_copy(CASES[i].body, len), len);
      SipMsg msg = {.content.bytes = body, .content_type = slice_from_string(CASES[i].type)};
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
    cmocka_unit_test(test_depth),
    cmocka_unit_test(test_missing_boundaries),
  };

  return cmocka_run_group_tests_name("sip_body", tests, NULL, NULL);
}
