#include "dissect/ingest/parsers.h"

#include "tests/no_threads.h"

enum { BATCHES = 64, MESSAGES = 50, SEED = 7 };

/* OPTIONS with increasing numbers, each followed by something that is not SIP. */
static void fill(Batch *batch, uint32_t *number)
{
  for (unsigned i = 0; i < MESSAGES; i++, ++*number) {
    g_autofree char *text = g_strdup_printf("OPTIONS sip:a@example.com SIP/2.0\r\nCSeq: %u "
                                            "OPTIONS\r\n\r\n",
                                            *number);
    batch_next_arrival(batch)->raw =
      (RawMessage){.octets = arena_dup(&batch->scratch, slice_from_string(text))};
    batch->count++;
    batch_next_arrival(batch)->raw = (RawMessage){.octets = SLICE("not SIP")};
    batch->count++;
  }
}

static void check(const Batch *batch, uint32_t *number)
{
  assert_int_equal(batch->count, MESSAGES);
  for (size_t i = 0; i < batch->count; i++, ++*number)
    assert_int_equal(batch->arrivals[i].sip.cseq, *number);
}

/* Whoever parses them: those who take them get all, whole and in order. */
static void check_order(void)
{
  for (unsigned most = 0; most <= PARSERS_MAX + 1; most++) {
    Parsers *parsers = parsers_new(most, false, SEED);
    g_autoptr(GQueue) added = g_queue_new();
    uint32_t filled = 1, checked = 1;

    for (unsigned i = 0; i < BATCHES + PARSERS_MAX; i++) {
      if (i < BATCHES) {
        Batch *batch = batch_new();
        fill(batch, &filled);
        parsers_add(parsers, batch, g_queue_get_length(added) > 0);
        g_queue_push_tail(added, batch);
      }
      if (i < PARSERS_MAX)
        continue;
      Batch *next = g_queue_pop_head(added);
      parsers_finish(parsers, next, g_queue_get_length(added) > 0);
      check(next, &checked);
      batch_free(next);
    }
    assert_int_equal(checked, BATCHES * MESSAGES + 1);
    parsers_free(parsers);
  }
}

static void test_batches_stay_in_order(void **state)
{
  (void) state;
  check_order();
}

static void test_no_thread_can_be_started(void **state)
{
  (void) state;
  with_no_threads(check_order);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_batches_stay_in_order),
    cmocka_unit_test(test_no_thread_can_be_started),
  };

  return cmocka_run_group_tests_name("parsers", tests, NULL, NULL);
}
