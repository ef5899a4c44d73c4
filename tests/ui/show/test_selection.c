/* Which calls and messages are meant: by name, by number, by filter. */
#include "tests/test.h"

#include "tests/sample_trace.h"
#include "ui/show/selection.h"

static void test_names(void **state)
{
  g_autoptr(Selection) selection = selection_new();
  g_autoptr(GPtrArray) missing = g_ptr_array_new_with_free_func(g_free);
  Call calls[] = {
    {.number = 1, .texts = "a@b", .text_lens = {3}},
    {.number = 2, .texts = "c@d", .text_lens = {3}},
    {.number = 3, .texts = "2", .text_lens = {1}}, /* spelled like a number */
    {.number = 4, .texts = "a@bc", .text_lens = {4}},
    {.number = 5},
  };
  const bool chosen[] = {true, true, true, false, false};

  (void) state;
  selection_name_call(selection, "2");
  selection_name_call(selection, "a@b");
  selection_name_call(selection, "x");
  selection_name_message(selection, 7);
  selection_name_message(selection, 9);
  assert_false(selection_is_all(selection));
  for (size_t i = 0; i < G_N_ELEMENTS(calls); i++) {
    Transaction transaction = {.call = &calls[i]};
    Message named = {.number = 7, .transaction = &transaction};
    Message other = {.number = 8, .transaction = &transaction};

    assert_int_equal(selection_has_call(selection, &calls[i]), chosen[i]);
    assert_int_equal(selection_names_message(selection, &named), chosen[i]);
    assert_false(selection_names_message(selection, &other));
  }
  selection_append_missing(selection, missing);
  assert_int_equal(missing->len, 2);
  assert_string_equal(missing->pdata[0], "there is no call 'x'");
  assert_string_equal(missing->pdata[1], "there is no message 9");
}

static void test_nothing_named_selects_all(void **state)
{
  g_autoptr(Selection) selection = selection_new();
  g_autoptr(GPtrArray) missing = g_ptr_array_new_with_free_func(g_free);
  Call call = {.number = 1};
  Transaction transaction = {.call = &call};
  Message message = {.number = 1, .transaction = &transaction};

  (void) state;
  assert_true(selection_is_all(selection));
  assert_true(selection_has_call(selection, &call));
  assert_true(selection_names_message(selection, &message));
  assert_true(selection_matches_call(selection, &call));
  selection_append_missing(selection, missing);
  assert_int_equal(missing->len, 0);
}

static size_t count_calls(Selection *selection)
{
  size_t count = 0;

  for (size_t i = 0; i < selection_call_count(selection); i++)
    count += selection_call_at(selection, i) != NULL;
  return count;
}

static size_t count_messages(Selection *selection)
{
  MessageList *list = message_list_new(selection);

  while (job_step(&list->job, 0))
    assert_true(job_progress(&list->job) <= 1);
  size_t count = list->count;
  job_free(&list->job);
  return count;
}

/* failed.pcap: four calls, of which one got a 503; what is given must all hold. */
static void test_of_a_trace(void **state)
{
  g_auto(SampleTrace) sample = sample_trace_read("failed.pcap");
  g_autoptr(DisplayFilter) filter = display_filter_new("call.status == 503", NULL);
  const Call *first = trace_call_at(sample.trace, 0), *failed = NULL;

  (void) state;
  for (size_t i = 0; i < trace_call_count(sample.trace); i++)
    if (call_summarize(trace_call_at(sample.trace, i), 0).status == 503)
      failed = trace_call_at(sample.trace, i);
  assert_non_null(failed);
  assert_true(failed != first);
  const uint32_t both[] = {failed->number, first->number};
  g_autoptr(Selection) selection = selection_new();
  selection_bind(selection, sample.trace, sample.stores);
  assert_int_equal(count_calls(selection), 4);
  selection_set_calls(selection, both, 2);
  assert_int_equal(count_calls(selection), 2);
  assert_int_equal(count_messages(selection), first->messages + failed->messages);
  selection_set_filter(selection, filter);
  assert_true(selection_matches_call(selection, failed));
  assert_false(selection_matches_call(selection, first));
  assert_int_equal(count_calls(selection), 2);
  selection_apply_filter(selection);
  assert_int_equal(count_calls(selection), 1);
  assert_ptr_equal(selection_call_at(selection, 0), first->number < failed->number ? NULL : failed);
  selection_set_message(selection, failed->last);
  assert_int_equal(count_messages(selection), 1);
  assert_int_equal(selection->frame, failed->last->frame);
}

static void test_all(void **state)
{
  static const uint32_t NUMBERS[] = {1, 64, 65, 128, 1000000, 7};
  static const uint32_t SORTED[] = {1, 7, 64, 65, 128, 1000000};
  g_autoptr(CallSet) set = call_set_new();

  (void) state;
  assert_false(call_set_has(set, 1));
  for (size_t i = 0; i < G_N_ELEMENTS(NUMBERS); i++) {
    call_set_put(set, NUMBERS[i], true);
    call_set_put(set, NUMBERS[i], true);
  }
  assert_int_equal(call_set_count(set), G_N_ELEMENTS(NUMBERS));
  g_autoptr(GArray) numbers = call_set_numbers(set);
  assert_int_equal(numbers->len, G_N_ELEMENTS(SORTED));
  assert_memory_equal(numbers->data, SORTED, sizeof SORTED);
  call_set_put(set, 64, false);
  call_set_put(set, 2000000, false);
  assert_false(call_set_has(set, 64));
  assert_true(call_set_has(set, 65));
  assert_int_equal(call_set_count(set), G_N_ELEMENTS(NUMBERS) - 1);
  call_set_clear(set);
  assert_int_equal(call_set_count(set), 0);
  assert_false(call_set_has(set, 65));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_names),
    cmocka_unit_test(test_nothing_named_selects_all),
    cmocka_unit_test(test_of_a_trace),
    cmocka_unit_test(test_all),
  };

  return cmocka_run_group_tests_name("selection", tests, NULL, NULL);
}
