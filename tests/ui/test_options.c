#include "tests/test.h"

#include "capture/error.h"
#include "capture/nearest.h"
#include "dissect/query/field.h"
#include "ui/help.h"
#include "ui/options.h"

enum { WORDS_MAX = 10 };

static bool parse(const char *const words[], Options *options, GError **error)
{
  int count = 0;

  while (words[count])
    count++;
  return options_parse(count, words, options, error);
}

static char *join(const GPtrArray *texts)
{
  g_autoptr(GString) all = g_string_new(NULL);

  for (size_t i = 0; texts->pdata[i]; i++)
    g_string_append_printf(all, "%s%s", i > 0 ? " " : "", (const char *) texts->pdata[i]);
  return g_string_free(g_steal_pointer(&all), FALSE);
}

static void test_accepted(void **state)
{
  static const struct {
    const char *words[WORDS_MAX];
    SubcommandId command;
    FormatId format;
    const char *files, *interfaces, *calls;
  } CASES[] = {
    {{"rung"}, SUBCOMMAND_NONE, FORMAT_TEXT, "", "", ""},
    {{"rung", "a.pcap"}, SUBCOMMAND_NONE, FORMAT_TEXT, "a.pcap", "", ""},
    {{"rung", "-"}, SUBCOMMAND_NONE, FORMAT_TEXT, "-", "", ""},
    {{"rung", "calls", "a", "b"}, SUBCOMMAND_CALLS, FORMAT_TEXT, "a b", "", ""},
    {{"rung", "-r", "a", "messages", "-T", "json"}, SUBCOMMAND_MESSAGES, FORMAT_JSON, "a", "", ""},
    {{"rung", "messages", "-Tcsv", "-Ia"}, SUBCOMMAND_MESSAGES, FORMAT_CSV, "a", "", ""},
    {{"rung", "flow", "--format=json", "--read=a", "--input", "b"},
     SUBCOMMAND_FLOW,
     FORMAT_JSON,
     "a b",
     "",
     ""},
    {{"rung", "calls", "-i", "eth0,lo", "-d", "eth1"},
     SUBCOMMAND_CALLS,
     FORMAT_TEXT,
     "",
     "eth0 lo eth1",
     ""},
    {{"rung", "flow", "--call", "3", "--call=a@b", "x"},
     SUBCOMMAND_FLOW,
     FORMAT_TEXT,
     "x",
     "",
     "3 a@b"},
    {{"rung", "stats", "-q", "-", "--utc"}, SUBCOMMAND_STATS, FORMAT_TEXT, "-", "", ""},
    {{"rung", "calls", "--", "-odd", "calls"}, SUBCOMMAND_CALLS, FORMAT_TEXT, "-odd calls", "", ""},
    {{"rung", "--", "calls"}, SUBCOMMAND_NONE, FORMAT_TEXT, "calls", "", ""},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_auto(Options) options = {0};
    g_autoptr(GError) error = NULL;

    assert_true(parse(CASES[i].words, &options, &error));
    g_autofree char *files = join(options.files);
    g_autofree char *interfaces = join(options.interfaces);
    g_autofree char *calls = join(options.calls);
    assert_int_equal(options.command, CASES[i].command);
    assert_int_equal(options.format, CASES[i].format);
    assert_string_equal(files, CASES[i].files);
    assert_string_equal(interfaces, CASES[i].interfaces);
    assert_string_equal(calls, CASES[i].calls);
  }
}

static void test_values(void **state)
{
  static const char *const WORDS[] = {
    "rung", "show",    "--time",  "delta", "--color",  "always", "--width=120", "--message", "7",
    "-qw",  "out.txt", "--ascii", "--utc", "--decode", "-f",     "udp",         NULL};
  g_auto(Options) options = {0};

  (void) state;
  assert_true(parse(WORDS, &options, NULL));
  assert_int_equal(options.time, TIME_DELTA);
  assert_int_equal(options.color, COLOR_ALWAYS);
  assert_int_equal(options.width, 120);
  assert_int_equal(options.messages->len, 1);
  assert_int_equal(g_array_index(options.messages, uint32_t, 0), 7);
  assert_string_equal(options.output, "out.txt");
  assert_string_equal(options.filter, "udp");
  assert_true(options.quiet && options.ascii && options.utc && options.decode);
}

/* What is browsed where there is a terminal; anything else is a command's. */
static void test_browse(void **state)
{
  static const struct {
    const char *words[WORDS_MAX];
    bool browse;
  } CASES[] = {
    {{"rung"}, true},
    {{"rung", "a.pcap"}, true},
    {{"rung", "-i", "eth0", "-f", "udp", "-Y", "486", "--utc", "--ascii"}, true},
    {{"rung", "-r", "a", "--time=delta", "--color", "never", "--sort", "-call.duration"}, true},
    {{"rung", "--columns", "call.number", "--config", "c", "a.pcap"}, true},
    {{"rung", "--no-config", "-D"}, true},
    {{"rung", "a.pcap", "-T", "json"}, false},
    {{"rung", "-w", "b", "a.pcap"}, false},
    {{"rung", "--call", "1", "a.pcap"}, false},
    {{"rung", "calls", "a.pcap"}, false},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_auto(Options) options = {0};

    assert_true(parse(CASES[i].words, &options, NULL));
    assert_int_equal(options_browse(&options), CASES[i].browse);
  }
}

static void test_configuration(void **state)
{
  static const char *const WORDS[] = {"rung", "-D", "--config", "mine", "-Y", "486", NULL};
  g_auto(Options) options = {0};

  (void) state;
  assert_true(parse(WORDS, &options, NULL));
  assert_true(options.dump_config);
  assert_false(options.no_config);
  assert_string_equal(options.config, "mine");
  assert_string_equal(options.where_text, "486");
}

static void test_refused(void **state)
{
  static const struct {
    const char *words[WORDS_MAX];
    const char *message;
  } CASES[] = {
    {{"rung", "mesages", "a"}, "unknown command or file 'mesages'; did you mean 'messages'?"},
    {{"rung", "xyzzy"}, "unknown command or file 'xyzzy'; see 'rung help'"},
    {{"rung", "lint", "a"}, "unknown command or file 'lint'; see 'rung help'"},
    {{"rung", "calls", "--wdth", "9"}, "unknown option '--wdth'; did you mean '--width'?"},
    {{"rung", "calls", "--zebra=a"}, "unknown option '--zebra'; see 'rung help'"},
    {{"rung", "calls", "-X", "x"}, "unknown option '-X'; see 'rung help'"},
    {{"rung", "calls", "-Y"}, "-Y wants EXPR"},
    {{"rung", "calls", "-Y", "486 )"}, "-Y: this ) has no ( before it\n  486 )\n      ^"},
    {{"rung", "calls", "-Y", "486", "--where=x"},
     "--where was given twice; join both with \"and\""},
    {{"rung", "stats", "-Y", "486"}, "'stats' has no option --where"},
    {{"rung", "calls", "-T"}, "-T wants FORMAT"},
    {{"rung", "calls", "--call"}, "--call wants N|CALL-ID"},
    {{"rung", "calls", "--quiet=1"}, "--quiet takes no value"},
    {{"rung", "calls", "-T", "xml"}, "no format 'xml': one of text, json, csv"},
    {{"rung", "flow", "-T", "csv"}, "'flow' has no format csv"},
    {{"rung", "calls", "--decode"}, "'calls' has no option --decode"},
    {{"rung", "a.pcap", "--decode"}, "'calls' has no option --decode"},
    {{"rung", "calls", "-D"}, "'calls' has no option --dump-config"},
    {{"rung", "flow", "--config", "a"}, "'flow' has no option --config"},
    {{"rung", "--config", "a", "--no-config"}, "--config or --no-config, not both"},
    {{"rung", "--config", "a", "--config", "b"}, "--config was given twice"},
    {{"rung", "stats", "--call", "1"}, "'stats' has no option --call"},
    {{"rung", "calls", "--width", "0"}, "--width wants a number from 20 to 10000, not '0'"},
    {{"rung", "calls", "--width", "8x"}, "--width wants a number from 20 to 10000, not '8x'"},
    {{"rung", "show", "--message", "0"}, "--message wants a number from 1, not '0'"},
    {{"rung", "calls", "-i", "eth0,"}, "empty interface name in 'eth0,'"},
    {{"rung", "calls", "-i", "lo", "a"}, "files or interfaces, not both"},
    {{"rung", "calls", "-w", "a", "-O", "b"}, "--write was given twice"},
    {{"rung", "help", "cals"}, "unknown command 'cals'; did you mean 'calls'?"},
    {{"rung", "calls", "--time", "now"},
     "no way to show times 'now': one of absolute, relative, delta, epoch"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_auto(Options) options = {0};
    g_autoptr(GError) error = NULL;

    assert_false(parse(CASES[i].words, &options, &error));
    assert_true(g_error_matches(error, APP_ERROR, APP_ERROR_USAGE));
    assert_string_equal(error->message, CASES[i].message);
  }
}

/* Each name and letter stands once, and means itself. */
static void test_tables(void **state)
{
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

  (void) state;
  for (size_t id = 0; id < OPTION_COUNT; id++) {
    assert_non_null(OPTIONS[id].longs[0]);
    assert_non_null(OPTIONS[id].help);
    for (size_t i = 0; i < 3 && OPTIONS[id].longs[i]; i++)
      assert_true(g_hash_table_add(seen, g_strdup(OPTIONS[id].longs[i])));
    for (const char *letter = OPTIONS[id].shorts; *letter; letter++)
      assert_true(g_hash_table_add(seen, g_strdup_printf("-%c", *letter)));
  }
  for (SubcommandId id = SUBCOMMAND_NONE + 1; id < SUBCOMMAND_COUNT; id++)
    assert_int_equal(subcommand_from_name(SUBCOMMANDS[id].name), id);
}

static void test_help_names_everything(void **state)
{
  g_autoptr(GString) help = g_string_new(NULL);

  (void) state;
  help_append(help, SUBCOMMAND_NONE);
  for (SubcommandId id = SUBCOMMAND_NONE + 1; id < SUBCOMMAND_COUNT; id++)
    assert_non_null(strstr(help->str, SUBCOMMANDS[id].help));
  for (size_t id = 0; id < OPTION_COUNT; id++)
    assert_non_null(strstr(help->str, OPTIONS[id].help));
  g_string_truncate(help, 0);
  help_append(help, SUBCOMMAND_STATS);
  assert_null(strstr(help->str, "--decode"));
  assert_non_null(strstr(help->str, "--read"));
  g_string_truncate(help, 0);
  help_append_fields(help);
  for (size_t i = 0; i < field_count(); i++) {
    assert_non_null(strstr(help->str, field_at(i)->key));
    assert_non_null(strstr(help->str, field_at(i)->help));
  }
}

static void test_nearest(void **state)
{
  static const char *const WORDS[] = {"calls", "messages", "flow", NULL};

  (void) state;
  assert_string_equal(nearest_word("calls", WORDS), "calls");
  assert_string_equal(nearest_word("clals", WORDS), "calls");
  assert_string_equal(nearest_word("massage", WORDS), "messages");
  assert_string_equal(nearest_word("flw", WORDS), "flow");
  assert_null(nearest_word("xyz", WORDS));
  assert_null(nearest_word("", WORDS));
  assert_null(nearest_word("a-word-longer-than-any-name-there-is", WORDS));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_accepted),
    cmocka_unit_test(test_values),
    cmocka_unit_test(test_browse),
    cmocka_unit_test(test_configuration),
    cmocka_unit_test(test_refused),
    cmocka_unit_test(test_tables),
    cmocka_unit_test(test_help_names_everything),
    cmocka_unit_test(test_nearest),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
