#include "tests/test.h"

#include "ui/report/reports.h"

static unsigned count_rows(SubcommandId command, FormatId format)
{
  unsigned rows = 0;

  for (const ReportOps *ops = REPORTS; ops->command != SUBCOMMAND_NONE; ops++)
    rows += ops->command == command && ops->format == format;
  return rows;
}

/* What the options allow has one report, and what they do not has none. */
static void test_every_pair_has_its_report(void **state)
{
  (void) state;
  for (SubcommandId command = SUBCOMMAND_NONE + 1; command < SUBCOMMAND_HELP; command++)
    for (FormatId format = 0; format < FORMAT_COUNT; format++)
      assert_int_equal(count_rows(command, format), SUBCOMMANDS[command].formats >> format & 1);
}

static void test_endpoints_in_order_of_appearance(void **state)
{
  EndpointSet set = endpoint_set_new(NULL);

  (void) state;
  assert_int_equal(endpoint_set_add(&set, 70), 0);
  assert_int_equal(endpoint_set_add(&set, 3), 1);
  assert_int_equal(endpoint_set_add(&set, 70), 0);
  assert_int_equal(endpoint_set_add(&set, 100000), 2);
  assert_int_equal(endpoint_set_count(&set), 3);

  endpoint_set_reset(&set);
  assert_int_equal(endpoint_set_count(&set), 0);
  assert_int_equal(endpoint_set_add(&set, 3), 0);
  assert_int_equal(endpoint_set_add(&set, 70), 1);
  endpoint_set_clear(&set);
}

/* Places of the first round must not come back when the rounds have been counted through. */
static void test_endpoints_after_all_rounds(void **state)
{
  EndpointSet set = endpoint_set_new(NULL);

  (void) state;
  endpoint_set_add(&set, 5);
  endpoint_set_add(&set, 6);
  set.round = UINT32_MAX;
  endpoint_set_reset(&set);
  assert_int_equal(set.round, 1);
  assert_int_equal(endpoint_set_add(&set, 6), 0);
  assert_int_equal(endpoint_set_count(&set), 1);
  endpoint_set_clear(&set);
}

static Selection select_words(const char *const *argv, int argc, Options *options)
{
  assert_true(options_parse(argc, argv, options, NULL));
  return selection_new(options);
}

static void test_selection(void **state)
{
  const char *const argv[] = {"rung",      "show", "--call",    "2", "--call", "a@b", "--call", "x",
                              "--message", "7",    "--message", "9", "f.pcap"};
  g_auto(Options) options = {0};
  g_autoptr(GPtrArray) missing = g_ptr_array_new_with_free_func(g_free);
  Call calls[] = {
    {.number = 1, .call_id = {"a@b", 3}},  {.number = 2, .call_id = {"c@d", 3}},
    {.number = 3, .call_id = {"2", 1}}, /* spelt like a number */
    {.number = 4, .call_id = {"a@bc", 4}}, {.number = 5, .call_id = SLICE_NONE},
  };
  const bool chosen[] = {true, true, true, false, false};

  (void) state;
  Selection selection = select_words(argv, G_N_ELEMENTS(argv), &options);
  for (size_t i = 0; i < G_N_ELEMENTS(calls); i++) {
    Transaction transaction = {.call = &calls[i]};
    Message named = {.number = 7, .transaction = &transaction};
    Message other = {.number = 8, .transaction = &transaction};

    assert_int_equal(selection_has_call(&selection, &calls[i]), chosen[i]);
    assert_int_equal(selection_has_message(&selection, &named), chosen[i]);
    assert_false(selection_has_message(&selection, &other));
  }
  selection_append_missing(&selection, missing);
  assert_int_equal(missing->len, 2);
  assert_string_equal(missing->pdata[0], "there is no call 'x'");
  assert_string_equal(missing->pdata[1], "there is no message 9");
  selection_clear(&selection);
}

static void test_nothing_named_selects_all(void **state)
{
  const char *const argv[] = {"rung", "show", "f.pcap"};
  g_auto(Options) options = {0};
  g_autoptr(GPtrArray) missing = g_ptr_array_new_with_free_func(g_free);
  Call call = {.number = 1};
  Transaction transaction = {.call = &call};
  Message message = {.number = 1, .transaction = &transaction};

  (void) state;
  Selection selection = select_words(argv, G_N_ELEMENTS(argv), &options);
  assert_true(selection_has_call(&selection, &call));
  assert_true(selection_has_message(&selection, &message));
  selection_append_missing(&selection, missing);
  assert_int_equal(missing->len, 0);
  selection_clear(&selection);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_every_pair_has_its_report),
    cmocka_unit_test(test_endpoints_in_order_of_appearance),
    cmocka_unit_test(test_endpoints_after_all_rounds),
    cmocka_unit_test(test_selection),
    cmocka_unit_test(test_nothing_named_selects_all),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
