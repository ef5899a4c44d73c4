/* StreamEnds: the streams to an endpoint that lasted over a time. */
#include "tests/test.h"

#include "dissect/trace/stream_ends.h"

static const Endpoint DST = {.address = {192, 0, 2, 2}, .port = 4000, .family = ADDRESS_IPV4};
static const Endpoint ELSEWHERE = {.address = {192, 0, 2, 2}, .port = 4002, .family = ADDRESS_IPV4};

static void add_stream(GPtrArray *streams, Endpoint dst, int64_t first_ns, int64_t last_ns)
{
  RtpStream *stream = g_new0(RtpStream, 1);

  stream->dst = dst;
  stream->first_ns = first_ns;
  stream->last_ns = last_ns;
  g_ptr_array_add(streams, stream);
}

static void test_across(void **state)
{
  static const struct {
    int64_t first_ns, last_ns;
    bool is_across;
  } CASES[] = {
    {10, 30, true}, {19, 21, true}, {20, 30, false}, {10, 20, false}, {21, 30, false},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GPtrArray) streams = g_ptr_array_new_with_free_func(g_free);
    const RtpStream *found[STREAM_ENDS_LOOKS];
    StreamEnds *ends = stream_ends_new(streams);

    assert_int_equal(stream_ends_across(ends, &DST, 20, found), 0);
    add_stream(streams, DST, CASES[i].first_ns, CASES[i].last_ns);
    assert_int_equal(stream_ends_across(ends, &DST, 20, found), CASES[i].is_across);
    assert_int_equal(stream_ends_across(ends, &ELSEWHERE, 20, found), 0);
    add_stream(streams, DST, 1, 99);
    assert_int_equal(stream_ends_across(ends, &DST, 20, found), CASES[i].is_across + 1);
    assert_ptr_equal(found[0], streams->pdata[1]);
    stream_ends_free(ends);
  }
}

/* Of those to one endpoint the 16 newest are looked at, discarded ones included. */
static void test_looks_are_bounded(void **state)
{
  enum { LOOKS = 16 };

  (void) state;
  for (unsigned newer = LOOKS - 1; newer <= LOOKS; newer++) {
    g_autoptr(GPtrArray) streams = g_ptr_array_new_with_free_func(g_free);
    const RtpStream *found[STREAM_ENDS_LOOKS];
    StreamEnds *ends = stream_ends_new(streams);

    add_stream(streams, DST, 10, 30);
    for (unsigned i = 0; i < newer; i++) {
      add_stream(streams, ELSEWHERE, 10, 30);
      add_stream(streams, DST, 25, 30);
    }
    assert_int_equal(stream_ends_across(ends, &DST, 20, found), newer < LOOKS);
    g_clear_pointer(&streams->pdata[streams->len - 1], g_free);
    assert_int_equal(stream_ends_across(ends, &DST, 20, found), newer < LOOKS);
    stream_ends_free(ends);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_across),
    cmocka_unit_test(test_looks_are_bounded),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
