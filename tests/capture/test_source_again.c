/* Reading a source again while it is still read: the same frames, as far as they were flushed. */
#include "tests/source_read.h"

enum { PACKETS = 3000, THREAD_ROUNDS = 40 };

/* UDP over IPv6 as far as a filter looks. */
static const char PACKET[] = "ethernet src\x86\xdd"
                             "`flow.\x11h"
                             "addresses of sixteen octets each"
                             "ports and a payload";

static Build many_packets(uint32_t first)
{
  Build b = build_new(false);

  put_pcap_header(&b, 0xa1b2c3d4, 1);
  for (uint32_t i = 0; i < PACKETS; i++)
    put_pcap_packet(&b, (PcapPacket){first + 2 * i, i, PACKET, sizeof PACKET - 1, 0});
  return b;
}

typedef struct {
  Folder folder;
  char *paths[3];
} Files;

static char *compress_file(const char *path)
{
  char *packed = g_strdup_printf("%s.gz", path);
  g_autofree char *command = g_strdup_printf("gzip -c '%s' > '%s'", path, packed);

  assert_int_equal(system(command), 0);
  return packed;
}

/* Which inputs there are: a plain file, a compressed one, both merged, both compressed. */
typedef enum { PLAIN, PACKED, MIXED, PACKED_BOTH, KIND_COUNT } Kind;

static Files files_new(Kind kind)
{
  Files files = {.folder = folder_new()};
  g_auto(Build) even = many_packets(0), odd = many_packets(1);
  g_autofree char *a = folder_add(&files.folder, "a.pcap", build_slice(&even));
  g_autofree char *b = folder_add(&files.folder, "b.pcap", build_slice(&odd));

  files.paths[0] = kind == PLAIN || kind == MIXED ? g_strdup(a) : compress_file(a);
  if (kind == MIXED || kind == PACKED_BOTH)
    files.paths[1] = compress_file(b);
  return files;
}

static void files_clear(Files *files)
{
  folder_clear(&files->folder);
  g_free(files->paths[0]);
  g_free(files->paths[1]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Files, files_clear)

static Source *open_kind(const Files *files, StoreSet *stores, const char *filter)
{
  const SourceOptions options = {.files = (const char *const *) files->paths, .filter = filter};
  Source *source = source_open(&options, stores, NULL);

  assert_non_null(source);
  return source;
}

static void append_frames(const FrameBatch *batch, GString *to)
{
  for (size_t i = 0; i < batch->count; i++) {
    g_string_append_printf(to, "%u %" G_GINT64_MODIFIER "x ", batch->frames[i].input,
                           batch->frames[i].ref);
    frame_to_text(&batch->frames[i], to);
  }
}

static GString *read_again(const Source *source, StoreSet *stores)
{
  g_autoptr(Source) again = source_open_again(source, stores, NULL);
  GString *frames = g_string_new(NULL);
  FrameBatch batch = {0};

  assert_non_null(again);
  while (source_read(again, &batch) != SOURCE_END)
    append_frames(&batch, frames);
  frame_batch_clear(&batch);
  return frames;
}

static void assert_again(const Source *source, StoreSet *stores, const GString *expected)
{
  g_autoptr(GString) frames = read_again(source, stores);

  assert_int_equal(frames->len, expected->len);
  assert_string_equal(frames->str, expected->str);
}

/* After each batch: what was flushed comes, and not what was read since. */
static void check_each_batch(Kind kind, const char *filter)
{
  g_auto(Files) files = files_new(kind);
  g_autoptr(StoreSet) stores = store_set_new();
  g_autoptr(Source) source = open_kind(&files, stores, filter);
  g_autoptr(GString) flushed = g_string_new(NULL), frames = g_string_new(NULL);
  FrameBatch batch = {0};

  for (unsigned i = 0; source_read(source, &batch) != SOURCE_END; i++) {
    append_frames(&batch, frames);
    assert_again(source, stores, flushed);
    if (i % 2 == 0) {
      assert_true(source_flush(source, NULL));
      g_string_assign(flushed, frames->str);
      assert_again(source, stores, flushed);
    }
  }
  assert_true(source_flush(source, NULL));
  assert_again(source, stores, frames);
  frame_batch_clear(&batch);
}

static void test_batch_by_batch(void **state)
{
  (void) state;
  for (Kind kind = 0; kind < KIND_COUNT; kind++)
    check_each_batch(kind, NULL);
}

/* One that rejects all: each read comes back soon, however much there is. */
static void test_filter(void **state)
{
  g_auto(Files) files = files_new(PLAIN);
  g_autoptr(StoreSet) stores = store_set_new();
  g_autoptr(Source) source = open_kind(&files, stores, "udp port 9");
  FrameBatch batch = {0};
  unsigned idle = 0;

  (void) state;
  assert_int_equal(source_read(source, &batch), SOURCE_END);
  assert_true(source_flush(source, NULL));
  assert_int_equal(source_flushed_frames(source), PACKETS);
  g_autoptr(Source) again = source_open_again(source, stores, NULL);
  while (source_read(again, &batch) == SOURCE_IDLE)
    idle++;
  assert_true(idle > 1);
  assert_int_equal(source_read(again, &batch), SOURCE_END);
  frame_batch_clear(&batch);
}

/* A source that one thread reads and another reads again. */
typedef struct {
  Source *source;
  GString *frames; /* the reader's until it has ended */
} AtOnce;

static gpointer read_and_flush(gpointer data)
{
  AtOnce *reader = data;
  FrameBatch batch = {0};

  while (source_read(reader->source, &batch) != SOURCE_END) {
    append_frames(&batch, reader->frames);
    g_assert_true(source_flush(reader->source, NULL));
  }
  frame_batch_clear(&batch);
  return NULL;
}

static void check_threads(Kind kind)
{
  g_auto(Files) files = files_new(kind);
  g_autoptr(StoreSet) stores = store_set_new();
  g_autoptr(Source) source = open_kind(&files, stores, NULL);
  g_autoptr(GPtrArray) found = g_ptr_array_new();
  AtOnce reader = {source, g_string_new(NULL)};
  GThread *thread = g_thread_new("reader", read_and_flush, &reader);

  for (unsigned i = 0; i < THREAD_ROUNDS; i++)
    g_ptr_array_add(found, read_again(source, stores));
  g_thread_join(thread);
  g_ptr_array_add(found, read_again(source, stores));
  for (guint i = 0; i < found->len; i++) {
    GString *part = found->pdata[i];
    assert_true(part->len <= reader.frames->len);
    assert_memory_equal(part->str, reader.frames->str, part->len);
    if (i + 1 == found->len)
      assert_int_equal(part->len, reader.frames->len);
    g_string_free(part, true);
  }
  g_string_free(reader.frames, true);
}

static void test_two_threads(void **state)
{
  (void) state;
  for (Kind kind = 0; kind < KIND_COUNT; kind++)
    check_threads(kind);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_batch_by_batch),
    cmocka_unit_test(test_filter),
    cmocka_unit_test(test_two_threads),
  };

  return cmocka_run_group_tests_name("again", tests, NULL, NULL);
}
