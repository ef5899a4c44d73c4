#include "capture/inflate.h"

#include "tests/deflated.h"

enum { MOST = 100000 };

static const struct {
  InflateForm form;
  int window_bits;
} FORMS[] = {{INFLATE_GZIP, 31}, {INFLATE_ZLIB, 15}, {INFLATE_RAW, -15}, {INFLATE_RAW, -9}};

/* All at once, and byte by byte; cut anywhere it is paused, and has given the beginning. */
static void test_forms(void **state)
{
  g_autofree char *text = g_strnfill(5000, 'a');
  Slice whole = slice_from_string(text);

  (void) state;
  text[1234] = 'b';
  for (size_t i = 0; i < G_N_ELEMENTS(FORMS); i++) {
    g_autoptr(GByteArray) in = g_byte_array_new(), out = g_byte_array_new();
    append_deflated(in, FORMS[i].window_bits, whole);
    unsigned bits = (unsigned) ABS(FORMS[i].window_bits) % 16;
    g_autoptr(Inflater) inflater = inflater_new(FORMS[i].form, bits);
    for (size_t len = 0; len <= in->len; len++) {
      Slice rest = exact_slice(slice_head(slice_of_array(in), len));
      g_autofree const char *owned = rest.data;
      g_byte_array_set_size(out, 0);
      inflater_reset(inflater);
      InflateResult result = inflater_feed(inflater, &rest, out, MOST);
      assert_int_equal(result, len == in->len ? INFLATE_ENDED : INFLATE_PAUSED);
      assert_true(slice_starts_with(whole, slice_of_array(out)) && rest.len == 0);
    }
    assert_true(slice_eq(slice_of_array(out), whole));
    g_byte_array_set_size(out, 0);
    inflater_reset(inflater);
    for (size_t at = 0; at < in->len; at++) {
      Slice one = slice_of((const char *) in->data + at, 1);
      InflateResult result = inflater_feed(inflater, &one, out, MOST);
      assert_int_equal(result, at + 1 == in->len ? INFLATE_ENDED : INFLATE_PAUSED);
    }
    assert_true(slice_eq(slice_of_array(out), whole));
  }
}

/* Just as much as may come out, and one byte more. */
static void test_limit(void **state)
{
  enum { LEN = 30000 };
  g_autofree char *text = g_strnfill(LEN, 'a');
  g_autoptr(GByteArray) in = g_byte_array_new(), out = g_byte_array_new();
  g_autoptr(Inflater) inflater = inflater_new(INFLATE_ZLIB, 15);

  (void) state;
  append_deflated(in, 15, slice_from_string(text));
  Slice rest = slice_of_array(in);
  assert_int_equal(inflater_feed(inflater, &rest, out, LEN), INFLATE_ENDED);
  assert_int_equal(out->len, LEN);

  g_byte_array_set_size(out, 0);
  inflater_reset(inflater);
  rest = slice_of_array(in);
  assert_int_equal(inflater_feed(inflater, &rest, out, LEN - 1), INFLATE_FULL);
  assert_int_equal(out->len, LEN - 1);
}

static void test_damage(void **state)
{
  Slice text = SLICE("INVITE sip:bob@example.com SIP/2.0 INVITE sip:bob@example.com");
  g_autoptr(GByteArray) in = g_byte_array_new(), out = g_byte_array_new();
  g_autoptr(Inflater) inflater = inflater_new(INFLATE_GZIP, 15);

  (void) state;
  append_deflated(in, 31, text);
  g_byte_array_append(in, (const guint8 *) "rest", 4);
  Slice rest = slice_of_array(in);
  assert_int_equal(inflater_feed(inflater, &rest, out, MOST), INFLATE_ENDED);
  assert_slice(rest, "rest");

  in->data[in->len - 9] ^= 1; /* the CRC */
  g_byte_array_set_size(out, 0);
  inflater_reset(inflater);
  rest = slice_of_array(in);
  assert_int_equal(inflater_feed(inflater, &rest, out, MOST), INFLATE_DAMAGED);
  assert_true(slice_eq(slice_of_array(out), text));

  rest = SLICE("no gzip");
  inflater_reset(inflater);
  assert_int_equal(inflater_feed(inflater, &rest, out, MOST), INFLATE_DAMAGED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_forms),
    cmocka_unit_test(test_limit),
    cmocka_unit_test(test_damage),
  };

  return cmocka_run_group_tests_name("inflate", tests, NULL, NULL);
}
