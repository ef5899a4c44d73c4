#include "tests/test.h"

#include "dissect/sip/sip_names.h"
#include "tests/shared.h"

static void test_methods(void **state)
{
  (void) state;
  for (unsigned i = SIP_METHOD_OTHER + 1; i < SIP_METHOD_COUNT; i++) {
    const char *name = sip_method_name((SipMethod) i);
    assert_int_equal(sip_method_from_slice(slice_from_string(name)), i);
  }
  assert_null(sip_method_name(SIP_METHOD_NONE));
  assert_null(sip_method_name(SIP_METHOD_OTHER));
  assert_int_equal(sip_method_from_slice(SLICE("invite")), SIP_METHOD_OTHER);
  assert_int_equal(sip_method_from_slice(SLICE("INVITE1")), SIP_METHOD_OTHER);
  assert_int_equal(sip_method_from_slice(SLICE_NONE), SIP_METHOD_OTHER);
}

static void check_name_in_any_case(unsigned id, const char *name)
{
  g_autofree char *lower = g_ascii_strdown(name, -1);
  g_autofree char *upper = g_ascii_strup(name, -1);

  assert_int_equal(sip_header_from_slice(slice_from_string(name)), id);
  assert_int_equal(sip_header_from_slice(slice_from_string(lower)), id);
  assert_int_equal(sip_header_from_slice(slice_from_string(upper)), id);
}

static void test_every_header_finds_itself(void **state)
{
  (void) state;
  for (unsigned i = SIP_HEADER_OTHER + 1; i < SIP_HEADER_COUNT; i++) {
    const SipHeaderInfo *info = sip_header_info((SipHeader) i);
    check_name_in_any_case(i, info->name);
    if (!info->compact)
      continue;
    char upper = g_ascii_toupper(info->compact);
    assert_true(g_ascii_islower(info->compact));
    assert_int_equal(sip_header_from_slice(slice_of(&info->compact, 1)), i);
    assert_int_equal(sip_header_from_slice(slice_of(&upper, 1)), i);
  }
}

static void test_other_headers(void **state)
{
  static const char *const NAMES[] = {
    "", "z", "1", "-", "Vib", "Vi", "Call_ID", "Cseqq", "C%6Fntact", "Max\x0d\x46orwards", "Fr0m"};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++) {
    g_autofree char *copy = exact_copy(NAMES[i], strlen(NAMES[i]));
    assert_int_equal(sip_header_from_slice(slice_of(copy, strlen(NAMES[i]))), SIP_HEADER_OTHER);
  }
  assert_null(sip_header_info(SIP_HEADER_OTHER));
  assert_null(sip_header_info(SIP_HEADER_COUNT));
}

static void test_status_texts(void **state)
{
  (void) state;
  assert_string_equal(sip_status_text(180), "Ringing");
  assert_string_equal(sip_status_text(608), "Rejected");
  assert_null(sip_status_text(99));
  assert_null(sip_status_text(299));
  assert_null(sip_status_text(699));
}

static void test_anomalies_have_different_keys(void **state)
{
  g_autoptr(GHashTable) keys = g_hash_table_new(g_str_hash, g_str_equal);

  (void) state;
  for (unsigned i = 0; i < SIP_ANOMALY_COUNT; i++) {
    const SipAnomalyInfo *info = sip_anomaly_info((SipAnomalyId) i);
    assert_true(g_hash_table_add(keys, (void *) (uintptr_t) info->id));
    assert_true(g_str_has_prefix(info->section, "RFC "));
    assert_true(strlen(info->text) > 10);
  }
}

/* The published registries, a row a line, tab between columns. */
static void test_methods_of_the_registry(void **state)
{
  g_auto(GStrv) rows = shared_rows("vectors/registry/methods.tsv");

  (void) state;
  for (size_t i = 1; rows[i]; i++) {
    g_auto(GStrv) cells = g_strsplit(rows[i], "\t", -1);
    assert_int_not_equal(sip_method_from_slice(slice_from_string(cells[0])), SIP_METHOD_OTHER);
  }
}

static void test_statuses_of_the_registry(void **state)
{
  g_auto(GStrv) rows = shared_rows("vectors/registry/status-codes.tsv");

  (void) state;
  for (size_t i = 1; rows[i]; i++) {
    g_auto(GStrv) cells = g_strsplit(rows[i], "\t", -1);
    const char *text = sip_status_text((unsigned) g_ascii_strtoull(cells[0], NULL, 10));
    assert_non_null(text);
    assert_string_equal(text, cells[1]);
  }
}

static void test_compact_forms_of_the_registry(void **state)
{
  g_auto(GStrv) rows = shared_rows("vectors/registry/compact-forms.tsv");

  (void) state;
  for (size_t i = 1; rows[i]; i++) {
    g_auto(GStrv) cells = g_strsplit(rows[i], "\t", -1);
    const SipHeaderInfo *info = sip_header_info(sip_header_from_slice(slice_from_string(cells[0])));
    assert_non_null(info);
    assert_string_equal(info->name, cells[1]);
  }
}

static SipHeaderShape shape_of(const char *multiplicity)
{
  if (g_str_has_prefix(multiplicity, "rows"))
    return SIP_HEADER_ROWS;
  bool list = g_str_has_prefix(multiplicity, "list") || g_str_equal(multiplicity, "comma-list");
  return list ? SIP_HEADER_LIST : SIP_HEADER_ONCE;
}

static void check_headers_of(const char *path, size_t column)
{
  g_auto(GStrv) rows = shared_rows(path);

  for (size_t i = 1; rows[i]; i++) {
    g_auto(GStrv) cells = g_strsplit(rows[i], "\t", -1);
    const SipHeaderInfo *info = sip_header_info(sip_header_from_slice(slice_from_string(cells[0])));
    assert_non_null(info);
    assert_string_equal(info->name, cells[0]);
    assert_int_equal(info->shape, shape_of(cells[column]));
  }
}

static void test_headers_of_the_registry(void **state)
{
  (void) state;
  check_headers_of("vectors/rfc3261/header-table.tsv", 10);
  check_headers_of("vectors/registry/extension-headers.tsv", 3);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_methods),
    cmocka_unit_test(test_every_header_finds_itself),
    cmocka_unit_test(test_other_headers),
    cmocka_unit_test(test_status_texts),
    cmocka_unit_test(test_anomalies_have_different_keys),
    cmocka_unit_test(test_methods_of_the_registry),
    cmocka_unit_test(test_statuses_of_the_registry),
    cmocka_unit_test(test_compact_forms_of_the_registry),
    cmocka_unit_test(test_headers_of_the_registry),
  };

  return cmocka_run_group_tests_name("sip_names", tests, NULL, NULL);
}
