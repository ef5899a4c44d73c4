/* What is written out of the running program: files whole or not at all, in steps of any size. */
#include "tests/sample_trace.h"
#include "tests/source_read.h"
#include "ui/languages.h"
#include "ui/report/export.h"

/* A step that is over at once: one unit of work, however small. */
enum { NO_TIME = 0 };

static ExportInput input_of(const SampleTrace *sample)
{
  return (ExportInput){
    .packets = {sample->trace, sample->source, sample->stores, sample->seed, &sample->limits}};
}

/* Exports the selection, which is freed; NULL: everything. */
static ExportResult export_to(const SampleTrace *sample, ExportOptions options, int64_t until_us)
{
  g_autoptr(Selection) selection = options.selection ? options.selection : selection_new();
  ExportInput input = input_of(sample);
  ExportResult result = {0};
  g_autoptr(GError) error = NULL;
  options.selection = selection;
  g_autoptr(Export) export = export_start(&input, &options, &error);
  double before = 0;

  if (!export)
    fail_msg("%s", error->message);
  while (export_step(export, until_us)) {
    assert_true(export_progress(export) >= before && export_progress(export) <= 1);
    before = export_progress(export);
  }
  if (!export_finish(export, &result, &error))
    fail_msg("%s", error->message);
  return result;
}

static char *contents_of(const char *path, size_t *ret_len)
{
  char *text = NULL;

  assert_true(g_file_get_contents(path, &text, ret_len, NULL));
  return text;
}

/* How many calls, messages and packets the sample has. */
typedef struct {
  const char *names;
  unsigned calls, messages, packets;
} SampleCase;

static const SampleCase CASES[] = {
  {"failed.pcap", 4, 17, 17},
  {"basic.pcap", 1, 7, 7},
  {"basic.pcap failed.pcap", 5, 24, 24},
};

static unsigned expected_count(const SampleCase *c, ExportFormatId format)
{
  ExportUnit unit = EXPORT_FORMATS[format].unit;

  if (unit == UNIT_CALLS)
    return c->calls;
  return unit == UNIT_MESSAGES ? c->messages : c->packets;
}

static void check_format(const SampleTrace *sample, const SampleCase *c, ExportFormatId format)
{
  g_auto(Folder) folder = folder_new();
  g_autofree char *fast = g_build_filename(folder.path, "fast", NULL);
  g_autofree char *slow = g_build_filename(folder.path, "slow", NULL);
  ExportOptions options = {.format = format, .path = fast, .utc = true};
  size_t len, slow_len;

  ExportResult result = export_to(sample, options, INT64_MAX);
  options.path = slow;
  ExportResult again = export_to(sample, options, NO_TIME);
  g_autofree char *text = contents_of(fast, &len);
  g_autofree char *slow_text = contents_of(slow, &slow_len);
  assert_int_equal(result.count, expected_count(c, format));
  assert_int_equal(again.count, result.count);
  assert_int_equal(result.bytes, len);
  assert_false(result.unreadable);
  assert_int_equal(slow_len, len);
  assert_memory_equal(slow_text, text, len);
  assert_int_equal(folder_count(&folder), 2);
}

static void test_all_formats(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_auto(SampleTrace) sample = sample_trace_read(CASES[i].names);
    for (ExportFormatId format = 0; format < EXPORT_FORMAT_COUNT; format++)
      if (EXPORT_FORMATS[format].kind != EXPORT_OF_AUDIO)
        check_format(&sample, &CASES[i], format);
  }
}

static char *exported(const SampleTrace *sample, ExportFormatId format, const Language *language)
{
  g_auto(Folder) folder = folder_new();
  g_autofree char *path = g_build_filename(folder.path, "file", NULL);
  size_t len;

  language_set(language);
  export_to(sample, (ExportOptions){.format = format, .path = path, .utc = true}, NO_TIME);
  assert_ptr_equal(language_get(), language);
  language_set(NULL);
  return contents_of(path, &len);
}

/* Ladders are in the language of the screen, what programs read is not. */
static void test_language(void **state)
{
  static const ExportFormatId FORMATS[] = {
    EXPORT_LADDERS,       EXPORT_CALLS_CSV,    EXPORT_CALLS_JSON, EXPORT_MESSAGES_CSV,
    EXPORT_MESSAGES_JSON, EXPORT_LADDERS_JSON, EXPORT_WHOLE_JSON,
  };
  const Language *chinese = language_find("zh");
  g_auto(SampleTrace) sample = sample_trace_read(
    "chain.pcap broken.pcap refer.pcap reinvite.pcap gb28181.pcap media-loss.pcap");

  (void) state;
  if (!chinese)
    skip();
  for (size_t i = 0; i < G_N_ELEMENTS(FORMATS); i++) {
    g_autofree char *text = exported(&sample, FORMATS[i], NULL);
    g_autofree char *other = exported(&sample, FORMATS[i], chinese);
    assert_int_equal(strcmp(text, other) == 0, FORMATS[i] != EXPORT_LADDERS);
  }
}

/* Calls of one ladder on the screen are one ladder in the file, with codecs and silences. */
static void test_merged(void **state)
{
  static const ExportFormatId FORMATS[] = {EXPORT_LADDERS, EXPORT_LADDERS_JSON};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(FORMATS); i++) {
    g_auto(SampleTrace) sample = sample_trace_read("basic.pcap failed.pcap");
    g_auto(Folder) folder = folder_new();
    g_autofree char *path = g_build_filename(folder.path, "file", NULL);
    ExportOptions options = {.format = FORMATS[i],
                             .path = path,
                             .utc = true,
                             .merge = true,
                             .gap_ns = INT64_C(1000000000)};
    size_t len;

    ExportResult result = export_to(&sample, options, NO_TIME);
    g_autofree char *text = contents_of(path, &len);
    assert_int_equal(result.count, 5);
    if (FORMATS[i] == EXPORT_LADDERS) {
      assert_non_null(strstr(text, "5 calls, 24 messages, "));
      assert_non_null(strstr(text, "INVITE (PCMU PCMA)"));
      assert_non_null(strstr(text, "\u250a"));
      assert_null(strstr(text, "(SDP)"));
    } else {
      assert_non_null(strstr(text, "{\"call\":1,\"calls\":[1,2,3,4,5],"));
      assert_ptr_equal(strchr(text, '\n') + 1, text + len);
    }
  }
}

static const Message *message_of(const Call *call, unsigned index)
{
  const Message *message = call->first;

  for (unsigned i = 0; i < index; i++)
    message = message->next;
  return message;
}

static Selection *select_calls(const uint32_t *numbers, size_t count)
{
  Selection *selection = selection_new();

  selection_set_calls(selection, numbers, count);
  return selection;
}

static void test_selected(void **state)
{
  g_auto(SampleTrace) sample = sample_trace_read("failed.pcap");
  g_auto(Folder) folder = folder_new();
  g_autofree char *path = g_build_filename(folder.path, "out", NULL);
  const uint32_t calls[] = {4, 2};
  const Call *second = trace_call_at(sample.trace, 1), *fourth = trace_call_at(sample.trace, 3);
  unsigned both = second->messages + fourth->messages;

  (void) state;
  for (ExportFormatId format = 0; format < EXPORT_FORMAT_COUNT; format++) {
    if (EXPORT_FORMATS[format].kind == EXPORT_OF_AUDIO)
      continue;
    bool is_calls = EXPORT_FORMATS[format].unit == UNIT_CALLS;
    ExportOptions options = {.format = format, .path = path, .may_replace = true};
    options.selection = select_calls(calls, 2);
    assert_int_equal(export_to(&sample, options, NO_TIME).count, is_calls ? 2 : both);
    options.selection = select_calls(calls, 0);
    assert_int_equal(export_to(&sample, options, NO_TIME).count, 0);
    options.selection = selection_new();
    selection_set_message(options.selection, message_of(second, 1));
    assert_int_equal(export_to(&sample, options, NO_TIME).count, 1);
  }
}

static void test_with_media(void **state)
{
  g_auto(SampleTrace) sample = sample_trace_read("basic.pcap");
  g_auto(Folder) folder = folder_new();
  g_autofree char *path = g_build_filename(folder.path, "out.pcap", NULL);
  ExportOptions options = {.format = EXPORT_PCAP, .path = path, .with_media = true};

  (void) state;
  uint64_t with = export_to(&sample, options, NO_TIME).count;
  assert_int_equal(with, 27);
  options = (ExportOptions){.format = EXPORT_PCAPNG,
                            .path = path,
                            .may_replace = true,
                            .with_media = true,
                            .selection = select_calls((const uint32_t[]){1}, 1)};
  assert_int_equal(export_to(&sample, options, NO_TIME).count, with);
}

static void give_up(const SampleTrace *sample, ExportOptions options, unsigned steps)
{
  ExportInput input = input_of(sample);
  g_autoptr(Selection) selection = selection_new();
  options.selection = selection;
  g_autoptr(Export) export = export_start(&input, &options, NULL);

  assert_non_null(export);
  for (unsigned i = 0; i < steps; i++)
    assert_true(export_step(export, NO_TIME));
  assert_false(export_is_written(export));
}

/* Neither a half file nor a lost one, at whichever step it is given up. */
static void test_given_up(void **state)
{
  enum { STEPS_MAX = 5 }; /* fewer than any format takes but audio, which is the last */
  g_auto(SampleTrace) sample = sample_trace_read("failed.pcap");
  g_auto(Folder) folder = folder_new();
  g_autofree char *old = folder_add(&folder, "old", SLICE("precious"));
  g_autofree char *fresh = g_build_filename(folder.path, "new", NULL);

  (void) state;
  for (unsigned i = 0; i < EXPORT_AUDIO * STEPS_MAX; i++) {
    ExportOptions options = {.format = i % EXPORT_AUDIO, .may_replace = true};

    options.path = old;
    give_up(&sample, options, i / EXPORT_AUDIO);
    options.path = fresh;
    give_up(&sample, options, i / EXPORT_AUDIO);
    assert_int_equal(folder_count(&folder), 1);
    g_autofree char *text = contents_of(old, NULL);
    assert_string_equal(text, "precious");
  }
}

static void assert_refused(const SampleTrace *sample, ExportOptions options, const char *why)
{
  const char *const files[] = {options.path, NULL};
  ExportInput input = input_of(sample);
  g_autoptr(GError) error = NULL;

  input.files = options.may_replace ? files : NULL;
  assert_null(export_start(&input, &options, &error));
  if (!strstr(error->message, why))
    fail_msg("\"%s\" does not say \"%s\"", error->message, why);
}

static void test_refused(void **state)
{
  g_auto(SampleTrace) sample = sample_trace_read("basic.pcap");
  g_auto(Folder) folder = folder_new();
  g_autofree char *old = folder_add(&folder, "old", SLICE("precious"));
  g_autofree char *nowhere = g_build_filename(folder.path, "no", "where", NULL);
  ExportOptions options = {.format = EXPORT_PCAP, .path = old};

  (void) state;
  assert_refused(&sample, options, "exists");
  options.may_replace = true;
  assert_refused(&sample, options, "is the input");
  options.path = folder.path;
  assert_refused(&sample, options, "Is a directory");
  options.path = "/dev/null";
  assert_refused(&sample, options, "not a regular file");
  options.path = nowhere;
  assert_refused(&sample, options, "No such file");
  assert_int_equal(folder_count(&folder), 1);
}

/* --- audio --- */

/* The bytes of the file; NULL when it fails.  Skips the test where there is no libsndfile. */
static char *audio_of(const SampleTrace *sample, ExportOptions options, int64_t until_us,
                      ExportResult *ret_result, GError **ret_error)
{
  g_auto(Folder) folder = folder_new();
  g_autofree char *path = g_build_filename(folder.path, "a.wav", NULL);
  g_autoptr(Selection) selection = options.selection ? options.selection : selection_new();
  ExportInput input = input_of(sample);
  size_t len;

  options.format = EXPORT_AUDIO;
  options.path = path;
  options.selection = selection;
  g_autoptr(Export) export = export_start(&input, &options, ret_error);
  while (export && export_step(export, until_us))
    continue;
  bool done = export && export_finish(export, ret_result, ret_error);
  if (!done && strstr((*ret_error)->message, "built without libsndfile"))
    skip();
  assert_int_equal(folder_count(&folder), done ? 1 : 0);
  if (!done)
    return NULL;
  ret_result->missing = NULL;
  char *bytes = contents_of(path, &len);
  assert_int_equal(ret_result->bytes, len);
  return bytes;
}

static unsigned channels_of(const char *wav)
{
  assert_memory_equal(wav, "RIFF", 4);
  assert_memory_equal(wav + 8, "WAVEfmt ", 8);
  return (unsigned char) wav[22];
}

/* The same in steps of any size. */
static void test_audio(void **state)
{
  static const struct {
    uint32_t stream;
    unsigned channels;
    uint64_t seconds;
  } AUDIO[] = {{0, 2, 7}, {1, 1, 6}, {2, 1, 7}};
  g_auto(SampleTrace) sample = sample_trace_read("media-loss.pcap");

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(AUDIO); i++) {
    ExportOptions options = {.stream = AUDIO[i].stream};
    ExportResult fast, slow;
    g_autoptr(GError) error = NULL;

    g_autofree char *wav = audio_of(&sample, options, INT64_MAX, &fast, &error);
    if (!wav)
      fail_msg("%s", error->message);
    g_autofree char *again = audio_of(&sample, options, NO_TIME, &slow, &error);
    assert_int_equal(channels_of(wav), AUDIO[i].channels);
    assert_int_equal(fast.count, AUDIO[i].seconds);
    assert_int_equal(slow.bytes, fast.bytes);
    assert_memory_equal(again, wav, fast.bytes);
  }
}

static void test_no_audio(void **state)
{
  enum { ALL = 9 };
  static const uint32_t SECOND[] = {2};
  static const struct {
    const char *sample;
    size_t calls;    /* selected, ALL: whatever there is */
    uint32_t stream; /* 0: none */
    const char *why;
  } REFUSED[] = {
    {"failed.pcap", ALL, 0, "several are selected"},
    {"failed.pcap", 0, 0, "no call is selected"},
    {"failed.pcap", 1, 0, "no audio stream of the call was captured"},
    {"failed.pcap", 1, 1, "the stream was discarded"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(REFUSED); i++) {
    g_auto(SampleTrace) sample = sample_trace_read(REFUSED[i].sample);
    ExportOptions options = {.stream = REFUSED[i].stream};
    ExportResult result;
    g_autoptr(GError) error = NULL;

    if (REFUSED[i].calls < ALL)
      options.selection = select_calls(SECOND, REFUSED[i].calls);
    assert_null(audio_of(&sample, options, NO_TIME, &result, &error));
    if (!strstr(error->message, REFUSED[i].why))
      fail_msg("\"%s\" does not say \"%s\"", error->message, REFUSED[i].why);
  }
}

/* Two link types, which pcap cannot hold: nothing is left behind. */
static void test_failure(void **state)
{
  g_auto(SampleTrace) sample = sample_trace_read("interfaces.pcapng");
  g_auto(Folder) folder = folder_new();
  g_autofree char *path = g_build_filename(folder.path, "out.pcap", NULL);
  ExportInput input = input_of(&sample);
  g_autoptr(Selection) selection = selection_new();
  ExportOptions options = {.format = EXPORT_PCAP, .path = path, .selection = selection};
  g_autoptr(GError) error = NULL;
  g_autoptr(Export) export = export_start(&input, &options, &error);
  ExportResult result;

  (void) state;
  while (export_step(export, INT64_MAX))
    continue;
  assert_false(export_finish(export, &result, &error));
  assert_non_null(strstr(error->message, "link types"));
  g_clear_pointer(&export, export_free);
  assert_int_equal(folder_count(&folder), 0);
}

static void test_format_of_name(void **state)
{
  (void) state;
  for (ExportFormatId id = 0; id < EXPORT_FORMAT_COUNT; id++) {
    g_autofree char *name = g_strconcat("a.b", EXPORT_FORMATS[id].ending, NULL);
    assert_int_equal(export_format_of(name, EXPORT_FORMAT_COUNT), id);
    assert_int_equal(export_format_of("calls", id), id);
  }
  assert_int_equal(export_format_of("x.csv.gz", EXPORT_FORMAT_COUNT), EXPORT_FORMAT_COUNT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_all_formats),    cmocka_unit_test(test_language),
    cmocka_unit_test(test_merged),         cmocka_unit_test(test_selected),
    cmocka_unit_test(test_with_media),     cmocka_unit_test(test_given_up),
    cmocka_unit_test(test_refused),        cmocka_unit_test(test_failure),
    cmocka_unit_test(test_format_of_name), cmocka_unit_test(test_audio),
    cmocka_unit_test(test_no_audio),
  };

  return cmocka_run_group_tests_name("export", tests, NULL, NULL);
}
