/*
 * Runs a fuzz target without libFuzzer: over the files of its corpus, then over random changes of
 * them.  fuzz_NAME [--seconds N] [--seed N] FILE|FOLDER...; results as TAP.
 *
 * Each input is in a block of its exact size.  The current input is also in fuzz_NAME.input in the
 * working folder, where it remains when the target crashes.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <glib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 64 * 1024, CHANGES_MAX = 8 };

typedef struct {
  GPtrArray *corpus; /* of GBytes */
  uint64_t random;   /* state of splitmix64 */
  uint8_t *shadow;   /* INPUT_MAX bytes of a shared file */
  int shadow_fd;
} Fuzz;

static uint64_t fuzz_random(Fuzz *fuzz, uint64_t below)
{
  uint64_t x = fuzz->random += UINT64_C(0x9E3779B97F4A7C15);

  x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
  x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
  return (x ^ x >> 31) % below;
}

static void fuzz_run(const Fuzz *fuzz, const uint8_t *data, size_t size)
{
  g_autofree uint8_t *exact = g_malloc(size > 0 ? size : 1);
  size_t shown = MIN(size, (size_t) INPUT_MAX);

  if (size > 0)
    memcpy(exact, data, size);
  if (fuzz->shadow && ftruncate(fuzz->shadow_fd, (off_t) shown) == 0 && shown > 0)
    memcpy(fuzz->shadow, data, shown);
  LLVMFuzzerTestOneInput(exact, size);
}

static void add_file(Fuzz *fuzz, const char *path)
{
  g_autoptr(GError) error = NULL;
  char *contents = NULL;
  gsize size = 0;

  if (!g_file_get_contents(path, &contents, &size, &error)) {
    printf("Bail out! %s\n", error->message);
    exit(1);
  }
  g_ptr_array_add(fuzz->corpus, g_bytes_new_take(contents, size));
}

static int compare_names(gconstpointer a, gconstpointer b)
{
  return strcmp(*(char *const *) a, *(char *const *) b);
}

/* Sorted by name, so that a run can be repeated. */
static void add_path(Fuzz *fuzz, const char *path)
{
  g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
  const char *name;

  if (!folder) {
    add_file(fuzz, path);
    return;
  }
  while ((name = g_dir_read_name(folder)))
    g_ptr_array_add(names, g_build_filename(path, name, NULL));
  g_ptr_array_sort(names, compare_names);
  for (guint i = 0; i < names->len; i++)
    add_file(fuzz, names->pdata[i]);
}

static GBytes *pick(Fuzz *fuzz)
{
  return fuzz->corpus->pdata[fuzz_random(fuzz, fuzz->corpus->len)];
}

/* One small change; values that break length checks are more likely than others. */
static void change_byte(Fuzz *fuzz, GByteArray *input)
{
  static const uint8_t EDGES[] = {0x00, 0x01, 0x7f, 0x80, 0xff, '\r',
                                  '\n', ' ',  ';',  ':',  '<',  '"'};
  uint64_t at = fuzz_random(fuzz, input->len);

  if (fuzz_random(fuzz, 2) == 0)
    input->data[at] = EDGES[fuzz_random(fuzz, G_N_ELEMENTS(EDGES))];
  else
    input->data[at] ^= (uint8_t) (1U << fuzz_random(fuzz, 8));
}

static void remove_range(Fuzz *fuzz, GByteArray *input)
{
  guint at = (guint) fuzz_random(fuzz, input->len);
  guint len = (guint) fuzz_random(fuzz, MIN(input->len - at, 64U)) + 1;

  g_byte_array_remove_range(input, at, len);
}

/* Writes a piece of another input over this one, or appends it. */
static void add_piece(Fuzz *fuzz, GByteArray *input)
{
  gsize size;
  const uint8_t *other = g_bytes_get_data(pick(fuzz), &size);

  if (size == 0)
    return;
  gsize from = fuzz_random(fuzz, size);
  gsize len = fuzz_random(fuzz, MIN(size - from, 256U)) + 1;
  gsize at = fuzz_random(fuzz, (uint64_t) input->len + 1);
  if (at + len <= input->len)
    memcpy(input->data + at, other + from, len);
  else if (input->len + len <= INPUT_MAX)
    g_byte_array_append(input, other + from, (guint) len);
}

static void change(Fuzz *fuzz, GByteArray *input)
{
  if (input->len == 0 || fuzz_random(fuzz, 8) == 0)
    add_piece(fuzz, input);
  else if (fuzz_random(fuzz, 8) == 0)
    remove_range(fuzz, input);
  else if (fuzz_random(fuzz, 32) == 0)
    g_byte_array_set_size(input, (guint) fuzz_random(fuzz, input->len));
  else
    change_byte(fuzz, input);
}

static uint64_t run_random(Fuzz *fuzz, int seconds)
{
  g_autoptr(GByteArray) input = g_byte_array_new();
  gint64 end = g_get_monotonic_time() + (gint64) seconds * G_USEC_PER_SEC;
  uint64_t runs = 0;

  for (; g_get_monotonic_time() < end; runs++) {
    gsize size;
    const uint8_t *data = g_bytes_get_data(pick(fuzz), &size);

    g_byte_array_set_size(input, 0);
    g_byte_array_append(input, data, (guint) MIN(size, (gsize) INPUT_MAX));
    for (uint64_t n = fuzz_random(fuzz, CHANGES_MAX) + 1; n > 0; n--)
      change(fuzz, input);
    fuzz_run(fuzz, input->data, input->len);
  }
  return runs;
}

static void open_shadow(Fuzz *fuzz, const char *program)
{
  g_autofree char *stem = g_path_get_basename(program);
  g_autofree char *name = g_strconcat(stem, ".input", NULL);

  fuzz->shadow_fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  void *map = fuzz->shadow_fd < 0
                ? MAP_FAILED
                : mmap(NULL, INPUT_MAX, PROT_READ | PROT_WRITE, MAP_SHARED, fuzz->shadow_fd, 0);
  fuzz->shadow = map == MAP_FAILED ? NULL : map;
}

int main(int argc, char **argv)
{
  int seconds = 0;
  int seed = 1;
  g_auto(GStrv) paths = NULL;
  const GOptionEntry options[] = {
    {"seconds", 0, 0, G_OPTION_ARG_INT, &seconds, "Time for random changes", "N"},
    {"seed", 0, 0, G_OPTION_ARG_INT, &seed, "Seed of the random changes", "N"},
    {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &paths, NULL, NULL},
    {0},
  };
  g_autoptr(GOptionContext) context = g_option_context_new("FILE|FOLDER...");
  Fuzz fuzz = {.corpus = g_ptr_array_new_with_free_func((GDestroyNotify) g_bytes_unref)};

  g_option_context_add_main_entries(context, options, NULL);
  if (!g_option_context_parse(context, &argc, &argv, NULL) || !paths)
    return 2;
  setvbuf(stdout, NULL, _IOLBF, 0);
  fuzz.random = (uint64_t) seed;
  open_shadow(&fuzz, argv[0]);
  for (char **path = paths; *path; path++)
    add_path(&fuzz, *path);
  printf("1..%d\n", seconds > 0 && fuzz.corpus->len > 0 ? 2 : 1);
  fuzz_run(&fuzz, NULL, 0);
  for (guint i = 0; i < fuzz.corpus->len; i++) {
    gsize size;
    const uint8_t *data = g_bytes_get_data(fuzz.corpus->pdata[i], &size);
    fuzz_run(&fuzz, data, size);
  }
  printf("%s 1 - corpus of %u files\n", fuzz.corpus->len > 0 ? "ok" : "not ok", fuzz.corpus->len);
  if (seconds > 0 && fuzz.corpus->len > 0)
    printf("ok 2 - %" G_GUINT64_FORMAT " random changes\n", run_random(&fuzz, seconds));
  g_ptr_array_unref(fuzz.corpus);
  return 0;
}
