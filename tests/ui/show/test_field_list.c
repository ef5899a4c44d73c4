#include "ui/show/field_list.h"

#include "capture/error.h"
#include "tests/test.h"

/* "call.start -call.duration " */
static char *list_text(const GArray *list)
{
  GString *text = g_string_new(NULL);

  for (guint i = 0; i < list->len; i++) {
    const FieldChoice *choice = &g_array_index(list, FieldChoice, i);
    g_string_append(text, choice->descending ? "-" : "");
    field_ref_append_key(text, &choice->ref);
    g_string_append_c(text, ' ');
  }
  return g_string_free(text, FALSE);
}

static void test_read(void **state)
{
  static const struct {
    const char *text, *columns, *sort; /* NULL: refused */
  } CASES[] = {
    {"call.start", "call.start ", "call.start "},
    {"CALL.Start", "call.start ", "call.start "},
    {" call.start , call.end ", "call.start call.end ", "call.start call.end "},
    {"header[\"X-A,b\"],call.end", "header[\"X-A,b\"] call.end ", "header[\"X-A,b\"] call.end "},
    {"sip.from.user", "from.user ", "from.user "},
    {"-call.start,+call.end", NULL, "-call.start call.end "},
    {"- call.start", NULL, "-call.start "},
    {"header[\"a\"],header[\"b\"]", "header[\"a\"] header[\"b\"] ", "header[\"a\"] header[\"b\"] "},
    {"header[\"a\"],header[\"A\"]", NULL, NULL},
    {"call.start,call.start", NULL, NULL},
    {"call.start,-call.start", NULL, NULL},
    {"call.start,", NULL, NULL},
    {",call.start", NULL, NULL},
    {"call.start,,call.end", NULL, NULL},
    {"call.start call.end", NULL, NULL},
    {"", NULL, NULL},
    {"  ", NULL, NULL},
    {"-", NULL, NULL},
    {"--call.start", NULL, NULL},
    {"header", NULL, NULL},
    {"header[\"a", NULL, NULL},
    {"nonsense", NULL, NULL},
  };

  (void) state;
  for (size_t i = 0; i < 2 * G_N_ELEMENTS(CASES); i++) {
    FieldListKind kind = i % 2 == 0 ? FIELD_LIST_COLUMNS : FIELD_LIST_SORT;
    const char *expected = i % 2 == 0 ? CASES[i / 2].columns : CASES[i / 2].sort;
    g_autofree char *typed = exact_copy(CASES[i / 2].text, strlen(CASES[i / 2].text) + 1);
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) list = field_list_parse(typed, kind, &error);

    if ((list != NULL) != (expected != NULL))
      fail_msg("'%s': %s", typed, error ? error->message : "was taken");
    if (!list) {
      assert_true(g_error_matches(error, APP_ERROR, APP_ERROR_USAGE));
      continue;
    }
    g_autofree char *text = list_text(list);
    assert_string_equal(text, expected);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_read),
  };

  return cmocka_run_group_tests_name("field_list", tests, NULL, NULL);
}
