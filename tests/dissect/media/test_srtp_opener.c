/* SrtpOpener: which keys and rollover counters it tries, and how often; in place of the library
 * there is one here whose packets say what opens them. */
#include "tests/test.h"

#include "dissect/media/srtp_opener.h"

enum { PACKET = 8, KEY_AT = 0, COUNTER_AT = 1 };

static unsigned tries;

struct SrtpContext {
  uint8_t key;
  uint32_t counter;
};

SrtpContext *srtp_context_new(const SrtpKey *key, uint32_t ssrc)
{
  SrtpContext *context = g_new0(SrtpContext, 1);

  assert_int_equal(ssrc, 7);
  context->key = key->master[0];
  return context;
}

void srtp_context_free(SrtpContext *context)
{
  g_free(context);
}

bool srtp_context_open(SrtpContext *context, uint8_t *packet, size_t *len)
{
  uint32_t counter;

  tries++;
  memcpy(&counter, packet + COUNTER_AT, sizeof counter);
  bool ok = packet[KEY_AT] == context->key && counter == context->counter;
  memset(packet, 0xff, *len); /* it may be spoiled */
  *len -= 1;
  return ok;
}

bool srtp_context_open_control(SrtpContext *context, uint8_t *packet, size_t *len)
{
  uint32_t counter = context->counter;

  memcpy(packet + COUNTER_AT, &counter, sizeof counter); /* it says its own index */
  return srtp_context_open(context, packet, len);
}

void srtp_context_set_rollover(SrtpContext *context, uint32_t counter)
{
  context->counter = counter;
}

uint32_t srtp_context_rollover(const SrtpContext *context)
{
  return context->counter;
}

static SrtpOpener *make_opener(unsigned keys, bool is_control)
{
  SrtpOpener *opener = srtp_opener_new(7, is_control);

  for (unsigned i = 0; i < keys; i++) {
    SrtpKey key = {.suite = SRTP_AES_CM_128_80, .master = {(uint8_t) (i + 1)}};
    assert_int_equal(srtp_opener_add(opener, &key, (int64_t) i * 100), i < SRTP_KEYS_MAX);
  }
  tries = 0;
  return opener;
}

static bool take(SrtpOpener *opener, uint8_t key, uint32_t counter, int64_t time_ns)
{
  uint8_t packet[PACKET] = {key};
  Slice clear = SLICE_NONE;

  memcpy(packet + COUNTER_AT, &counter, sizeof counter);
  bool ok =
    srtp_opener_open(opener, slice_of((const char *) packet, sizeof packet), time_ns, &clear);
  assert_int_equal(clear.len, ok ? PACKET - 1 : 0);
  assert_int_equal(packet[KEY_AT], key);
  return ok;
}

static void test_keys_in_order_of_time(void **state)
{
  SrtpOpener *opener = make_opener(3, false);

  (void) state;
  assert_true(take(opener, 2, 0, 150)); /* the second one is in use then: the first try */
  assert_int_equal(tries, 1);
  assert_true(take(opener, 2, 0, 151));
  assert_int_equal(tries, 2);
  assert_true(take(opener, 1, 0, 152)); /* still in use */
  assert_true(take(opener, 3, 0, 153)); /* earlier than the message that gives it */
  assert_false(take(opener, 9, 0, 154));
  srtp_opener_free(opener);
}

static void test_rollover_counters(void **state)
{
  static const uint32_t COUNTERS[] = {0, 1, 2, 1, 71, 72, 0, 4000};
  SrtpOpener *opener = make_opener(1, false);

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(COUNTERS); i++)
    assert_true(take(opener, 1, COUNTERS[i], 0));
  assert_true(take(opener, 1, 4001, 0)); /* near the last one, though far from 0 */
  assert_false(take(opener, 1, 100000, 0));
  srtp_opener_free(opener);
}

static void test_control_has_no_counter(void **state)
{
  SrtpOpener *opener = make_opener(2, true);

  (void) state;
  assert_true(take(opener, 1, 99, 0));
  assert_false(take(opener, 9, 99, 0));
  assert_int_equal(tries, 1 + 1 + 2); /* the context, then each key once */
  srtp_opener_free(opener);
}

/* Nothing fits; then every second packet fits. */
static void test_tries_are_bounded(void **state)
{
  enum { PACKETS = 100 * 1000, MOST = 8 * 1024 + 6 * PACKETS };
  SrtpOpener *opener = make_opener(SRTP_KEYS_MAX, false);

  (void) state;
  for (unsigned i = 0; i < PACKETS; i++)
    assert_false(take(opener, 200, 0, 0));
  assert_in_range(tries, 1, MOST);
  unsigned until_noticed = 1;
  while (!take(opener, 1, 0, 0))
    until_noticed++;
  assert_in_range(until_noticed, 1, 256);
  tries = 0;
  for (unsigned i = 0; i < PACKETS; i++)
    (void) take(opener, i % 2 ? 1 : 200, 0, 0);
  assert_in_range(tries, PACKETS, MOST);
  srtp_opener_free(opener);
}

static void test_too_many_keys(void **state)
{
  SrtpOpener *opener = make_opener(SRTP_KEYS_MAX + 2, false);

  (void) state;
  assert_true(take(opener, SRTP_KEYS_MAX, 0, 0));
  assert_false(take(opener, SRTP_KEYS_MAX + 1, 0, 0));
  srtp_opener_free(opener);
}

static void test_unreadable_keys_are_none(void **state)
{
  SrtpOpener *opener = make_opener(0, false);
  SrtpKey key = {.suite = SRTP_F8_128_80};

  (void) state;
  assert_false(srtp_opener_add(opener, &key, 0));
  assert_false(srtp_opener_has_keys(opener));
  assert_false(take(opener, 0, 0, 0));
  srtp_opener_free(opener);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_keys_in_order_of_time),  cmocka_unit_test(test_rollover_counters),
    cmocka_unit_test(test_control_has_no_counter), cmocka_unit_test(test_tries_are_bounded),
    cmocka_unit_test(test_too_many_keys),          cmocka_unit_test(test_unreadable_keys_are_none),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
