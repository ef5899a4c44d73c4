#include "tests/ui/readme.h"

#include "capture/error.h"
#include "capture/slice.h"
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

static char *join(const char *const *texts)
{
  return texts ? g_strjoinv(" ", (char **) (uintptr_t) texts) : g_strdup("");
}

static const char *command_name(const Options *options)
{
  return options->command ? options->command->info->name : "";
}

static void test_accepted(void **state)
{
  static const struct {
    const char *words[WORDS_MAX];
    const char *command;
    const ReportOps *report;
    const char *files, *interfaces;
  } CASES[] = {
    {{"rung"}, "", &CALLS_TEXT, "", ""},
    {{"rung", "a.pcap"}, "", &CALLS_TEXT, "a.pcap", ""},
    {{"rung", "-"}, "", &CALLS_TEXT, "-", ""},
    {{"rung", "calls", "a", "b"}, "calls", &CALLS_TEXT, "a b", ""},
    {{"rung", "-r", "a", "messages", "-T", "json"}, "messages", &MESSAGES_JSON, "a", ""},
    {{"rung", "messages", "-Tcsv", "-Ia"}, "messages", &MESSAGES_CSV, "a", ""},
    {{"rung", "messages", "-Ttext", "-Ia"}, "messages", &MESSAGES_WHOLE, "a", ""},
    {{"rung", "flow", "--format=json", "--read=a", "--input", "b"}, "flow", &FLOW_JSON, "a b", ""},
    {{"rung", "calls", "-i", "eth0,lo", "-d", "eth1"}, "calls", &CALLS_TEXT, "", "eth0 lo eth1"},
    {{"rung", "flow", "x"}, "flow", &FLOW_TEXT, "x", ""},
    {{"rung", "show", "-q", "-", "--utc", "-T", "json"}, "show", &SHOW_JSON, "-", ""},
    {{"rung", "save", "a", "-w", "b"}, "save", NULL, "a", ""},
    {{"rung", "calls", "--", "-odd", "calls"}, "calls", &CALLS_TEXT, "-odd calls", ""},
    {{"rung", "--", "calls"}, "", &CALLS_TEXT, "calls", ""},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_auto(Options) options = {0};
    g_autoptr(GError) error = NULL;

    assert_true(parse(CASES[i].words, &options, &error));
    g_autofree char *files = join(options.files);
    g_autofree char *interfaces = join(options.interfaces);
    assert_string_equal(command_name(&options), CASES[i].command);
    assert_ptr_equal(options.report, CASES[i].report);
    assert_string_equal(files, CASES[i].files);
    assert_string_equal(interfaces, CASES[i].interfaces);
  }
}

static void test_selected(void **state)
{
  static const char *const WORDS[] = {"rung", "flow", "--call", "3", "--call=a@b", "x", NULL};
  g_auto(Options) options = {0};
  Call calls[] = {{.number = 3}, {.number = 1, .texts = "a@b", .text_lens = {3}}, {.number = 4}};

  (void) state;
  assert_true(parse(WORDS, &options, NULL));
  for (size_t i = 0; i < G_N_ELEMENTS(calls); i++)
    assert_int_equal(selection_has_call(options.selection, &calls[i]), i < 2);
}

static void test_values(void **state)
{
  static const char *const WORDS[] = {
    "rung", "show",    "--time",  "delta", "--color",  "always", "--width=120", "--message", "7",
    "-qw",  "out.txt", "--ascii", "--utc", "--decode", "-f",     "udp",         NULL};
  g_auto(Options) options = {0};
  Call call = {.number = 1};
  Transaction transaction = {.call = &call};
  Message seven = {.number = 7, .transaction = &transaction};
  Message eight = {.number = 8, .transaction = &transaction};

  (void) state;
  assert_true(parse(WORDS, &options, NULL));
  assert_int_equal(options.time, TIME_DELTA);
  assert_int_equal(options.color, COLOR_ALWAYS);
  assert_int_equal(options.width, 120);
  assert_true(selection_names_message(options.selection, &seven));
  assert_false(selection_names_message(options.selection, &eight));
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
    {{"rung", "fetch", "a"}, "unknown command or file 'fetch'; see 'rung help'"},
    {{"rung", "lint", "--fail-on", "any"}, "--fail-on needs error, warning or note, not 'any'"},
    {{"rung", "calls", "--wdth", "9"}, "unknown option '--wdth'; did you mean '--width'?"},
    {{"rung", "explain", "--gruop", "cause"}, "unknown option '--gruop'; did you mean '--group'?"},
    {{"rung", "calls", "--gruop", "cause"}, "unknown option '--gruop'; see 'rung help'"},
    {{"rung", "calls", "--zebra=a"}, "unknown option '--zebra'; see 'rung help'"},
    {{"rung", "calls", "-j", "x"}, "unknown option '-j'; see 'rung help'"},
    {{"rung", "calls", "-X", "x"},
     "-X is an option of tshark, tcpdump: 'rung show' prints messages; x in the terminal is a hex "
     "dump"},
    {{"rung", "calls", "-Y"}, "-Y needs EXPR"},
    {{"rung", "calls", "-Y", "486 )"}, "-Y: unmatched )\n  486 )\n      ^"},
    {{"rung", "calls", "-Y", "486", "--where=x"},
     "--where was given twice; join both with \"and\""},
    {{"rung", "stats", "-Y", "486"}, "'stats' needs --by FIELD with -Y"},
    {{"rung", "calls", "-T"}, "-T needs FORMAT"},
    {{"rung", "calls", "--call"}, "--call needs N|CALL-ID"},
    {{"rung", "calls", "--quiet=1"}, "--quiet takes no value"},
    {{"rung", "calls", "-T", "xml"}, "calls: unknown format 'xml'; expected text, json or csv"},
    {{"rung", "flow", "-T", "csv"},
     "flow: unknown format 'csv'; expected text, json, html, svg, mermaid, "
     "plantuml or markdown"},
    {{"rung", "calls", "--decode"}, "'calls' has no option --decode"},
    {{"rung", "a.pcap", "--decode"}, "'calls' has no option --decode"},
    {{"rung", "calls", "-D"}, "'calls' has no option --dump-config"},
    {{"rung", "stats", "--config", "a"}, "'stats' has no option --config"},
    {{"rung", "--config", "a", "--no-config"}, "--config or --no-config, not both"},
    {{"rung", "explain", "--group", "-T", "markdown", "a"},
     "--group needs format text, json or csv, not 'markdown'"},
    {{"rung", "--config", "a", "--config", "b"}, "--config was given twice"},
    {{"rung", "stats", "--call", "1"}, "'stats' has no option --call"},
    {{"rung", "calls", "--width", "0"}, "--width needs a number from 20 to 10000, not '0'"},
    {{"rung", "calls", "--width", "8x"}, "--width needs a number from 20 to 10000, not '8x'"},
    {{"rung", "show", "--message", "0"}, "--message needs a number from 1, not '0'"},
    {{"rung", "calls", "-i", "eth0,"}, "empty interface name in 'eth0,'"},
    {{"rung", "calls", "-i", "lo", "a"}, "files, or interfaces and HEP, not both"},
    {{"rung", "calls", "--follow"}, "--follow needs exactly one capture file"},
    {{"rung", "calls", "--follow", "a", "b"}, "--follow needs exactly one capture file"},
    {{"rung", "calls", "--follow", "-"}, "--follow needs exactly one capture file"},
    {{"rung", "calls", "-w", "a", "-O", "b"}, "--write was given twice"},
    {{"rung", "calls", "--time", "now"},
     "unknown --time 'now'; expected absolute, relative, delta or epoch"},
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
    assert_true(OPTIONS[id].help || id == OPTION_FORMAT);
    for (size_t i = 0; i < 3 && OPTIONS[id].longs[i]; i++)
      assert_true(g_hash_table_add(seen, g_strdup(OPTIONS[id].longs[i])));
    for (const char *letter = OPTIONS[id].shorts; *letter; letter++)
      assert_true(g_hash_table_add(seen, g_strdup_printf("-%c", *letter)));
  }
  for (const SubcommandRow *row = SUBCOMMANDS; row->info; row++) {
    assert_ptr_equal(subcommand_find(row->info->name), row);
    assert_non_null(row->run);
    assert_true(row->info->formats || !option_is_known(OPTION_FORMAT, row->info));
  }
}

static void test_help_names_everything(void **state)
{
  g_autoptr(GString) help = g_string_new(NULL);

  (void) state;
  help_append(help, NULL);
  for (const SubcommandRow *row = SUBCOMMANDS; row->info; row++)
    assert_non_null(strstr(help->str, row->info->help));
  for (size_t id = 0; id < OPTION_COUNT; id++)
    assert_true(!OPTIONS[id].help || strstr(help->str, OPTIONS[id].help));
  g_string_truncate(help, 0);
  help_append(help, &STATS_SUBCOMMAND);
  assert_null(strstr(help->str, "--decode"));
  assert_non_null(strstr(help->str, "--read"));
  g_string_truncate(help, 0);
  help_append_fields(help);
  for (size_t i = 0; i < field_count(); i++) {
    assert_non_null(strstr(help->str, field_at(i)->key));
    assert_non_null(strstr(help->str, field_at(i)->help));
  }
}

/* A command's help offers the formats it has, and each is accepted. */
static void test_formats_in_help(void **state)
{
  static const struct {
    const Subcommand *command;
    const char *formats;
  } CASES[] = {
    {NULL, "text (default), json, csv, html, svg, mermaid, plantuml, markdown or junit; not every "
           "command has all of them\n"},
    {&CALLS_SUBCOMMAND, "text (default), json or csv\n"},
    {&FLOW_SUBCOMMAND, "text (default), json, html, svg, mermaid, plantuml or markdown\n"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GString) help = g_string_new(NULL);
    help_append(help, CASES[i].command);
    assert_non_null(strstr(help->str, CASES[i].formats));
  }
  for (const SubcommandRow *row = SUBCOMMANDS; row->info; row++)
    for (const ReportFormat *format = row->info->formats; format && format->name; format++) {
      const char *needed = row->info == &CHECK_SUBCOMMAND ? "--all" : NULL;
      const char *const words[] = {"rung", row->info->name,   "-T", format->name,
                                   needed, "call.number > 0", NULL};
      g_auto(Options) options = {0};
      assert_true(parse(words, &options, NULL));
      assert_ptr_equal(options.report, format->report);
    }
}

/* README.md has commands, options, fields and the filter language as `rung help` prints them. */
static void test_readme(void **state)
{
  g_autoptr(GString) text = g_string_new(NULL);

  (void) state;
  help_append(text, NULL);
  assert_readme_has(text->str);
  g_string_truncate(text, 0);
  help_append_filter(text);
  assert_readme_has(text->str);
  g_string_truncate(text, 0);
  help_append_fields(text);
  assert_readme_has(text->str);
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

static void test_limits(void **state)
{
  static const struct {
    const char *size;
    uint64_t bytes; /* 0: no size */
  } SIZES[] = {{"1", 1},
               {"500M", 500 << 20},
               {"2G", UINT64_C(2) << 30},
               {"1kB", 1024},
               {"3t", UINT64_C(3) << 40},
               {"0", 0},
               {"", 0},
               {"M", 0},
               {"-1", 0},
               {"1X", 0},
               {"1MM", 0},
               {"99999999999999999T", 0}};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(SIZES); i++) {
    const char *const argv[] = {"rung",        "--max-disk",  SIZES[i].size, "--max-memory",
                                SIZES[i].size, "--max-calls", "7",           NULL};
    g_auto(Options) options = {0};
    bool ok = options_parse(7, argv, &options, NULL);
    assert_int_equal(ok, SIZES[i].bytes > 0);
    if (!ok)
      continue;
    assert_int_equal(options.max_disk, SIZES[i].bytes);
    assert_int_equal(options.max_memory, SIZES[i].bytes);
    assert_int_equal(options.max_calls, 7);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_accepted),
    cmocka_unit_test(test_selected),
    cmocka_unit_test(test_formats_in_help),
    cmocka_unit_test(test_values),
    cmocka_unit_test(test_browse),
    cmocka_unit_test(test_configuration),
    cmocka_unit_test(test_refused),
    cmocka_unit_test(test_tables),
    cmocka_unit_test(test_help_names_everything),
    cmocka_unit_test(test_nearest),
    cmocka_unit_test(test_limits),
    cmocka_unit_test(test_readme),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
