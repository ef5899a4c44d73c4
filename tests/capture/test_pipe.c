#include <fcntl.h>
#include <unistd.h>

#include "tests/source_read.h"

#define HELLO "1 1.000002000 1 5/9 hello\n"
#define BYE "2 2.000000000 1 3/3 bye\n"

enum { HELLO_END = 24 + 21 };

static Build two_packets(void)
{
  Build b = build_new(false);

  put_pcap_header(&b, 0xa1b2c3d4, 1);
  put_pcap_packet(&b, (PcapPacket){1, 2, "hello", 9, 0});
  put_pcap_packet(&b, (PcapPacket){2, 0, "bye", 3, 0});
  return b;
}

/* A source on a pipe, and the end where its octets go in. */
typedef struct {
  int in;
  StoreSet *stores;
  Source *source;
  FrameBatch batch;
  Reading reading;
} Pipe;

static Pipe pipe_open(Slice first)
{
  Pipe p = {.reading = {g_string_new(NULL), g_string_new(NULL), g_string_new(NULL)}};
  int ends[2];

  assert_int_equal(pipe(ends), 0);
  p.in = ends[1];
  assert_int_equal(write(p.in, first.data, first.len), first.len);
  g_autofree char *path = g_strdup_printf("/dev/fd/%d", ends[0]);
  const char *const files[] = {path, NULL};
  p.stores = store_set_new();
  p.source = source_open(&(SourceOptions){.files = files}, p.stores, NULL);
  assert_non_null(p.source);
  close(ends[0]);
  return p;
}

static void pipe_clear(Pipe *p)
{
  source_free(p->source);
  store_set_free(p->stores);
  frame_batch_clear(&p->batch);
  reading_clear(&p->reading);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Pipe, pipe_clear)

static void pipe_write(const Pipe *p, Slice octets)
{
  assert_int_equal(write(p->in, octets.data, octets.len), octets.len);
}

static SourceStatus pipe_read(Pipe *p)
{
  SourceStatus status = source_read(p->source, &p->batch);

  reading_add(&p->reading, p->stores, &p->batch);
  return status;
}

/* Packets come as soon as they are whole, however few octets arrive at once. */
static void test_flows_octet_by_octet(void **state)
{
  g_auto(Build) b = two_packets();
  Slice all = build_slice(&b);
  g_auto(Pipe) p = pipe_open(slice_head(all, 4));

  (void) state;
  for (size_t i = 4; i < all.len; i++) {
    pipe_write(&p, slice_of(all.data + i, 1));
    if (i + 1 != HELLO_END && i + 1 != all.len)
      continue;
    assert_int_equal(pipe_read(&p), SOURCE_FRAMES);
    assert_string_equal(p.reading.frames->str, i + 1 == HELLO_END ? HELLO : HELLO BYE);
    assert_int_equal(pipe_read(&p), SOURCE_IDLE);
  }
  assert_int_equal(source_progress(p.source).bytes_total, 0);
  assert_int_equal(source_progress(p.source).bytes_done, all.len);
  close(p.in);
  assert_int_equal(pipe_read(&p), SOURCE_END);
  assert_int_equal(source_faults(p.source)->len, 0);
}

/* In the middle of a record: nothing is lost over a silence. */
static void test_silence_within_a_record(void **state)
{
  g_auto(Build) b = two_packets();
  Slice all = build_slice(&b);

  (void) state;
  for (size_t cut = 4; cut < HELLO_END; cut += 5) {
    g_auto(Pipe) p = pipe_open(slice_head(all, cut));
    assert_int_equal(pipe_read(&p), SOURCE_IDLE);
    pipe_write(&p, slice_from(all, cut));
    close(p.in);
    assert_int_equal(pipe_read(&p), SOURCE_FRAMES);
    assert_int_equal(pipe_read(&p), SOURCE_END);
    assert_string_equal(p.reading.frames->str, HELLO BYE);
  }
}

static void test_closed_within_a_record(void **state)
{
  g_auto(Build) b = two_packets();
  g_auto(Pipe) p = pipe_open(slice_head(build_slice(&b), HELLO_END + 3));

  (void) state;
  close(p.in);
  assert_int_equal(pipe_read(&p), SOURCE_FRAMES);
  assert_int_equal(pipe_read(&p), SOURCE_END);
  reading_finish(&p.reading, p.source);
  assert_string_equal(p.reading.frames->str, HELLO);
  assert_non_null(
    strstr(p.reading.faults->str, "truncated at byte 48: the last packet is cut short"));
}

/* Standard input: a pipe, or a file that may be in its middle. */
static void read_stdin(int fd, size_t skip, Reading *ret_reading)
{
  int saved = dup(STDIN_FILENO);

  if (lseek(fd, 0, SEEK_CUR) >= 0)
    lseek(fd, (off_t) skip, SEEK_SET);
  assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
  *ret_reading = read_file("-");
  assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
  close(saved);
  close(fd);
}

static void test_stdin(void **state)
{
  g_auto(Folder) folder = folder_new();
  g_auto(Build) b = two_packets();
  g_autofree char *plain = folder_add(&folder, "a.pcap", build_slice(&b));
  g_autofree char *text = g_strconcat("text", NULL);
  g_auto(Build) shifted = build_new(false);

  (void) state;
  put_text(&shifted, text);
  put(&shifted, b.bytes->data, b.bytes->len);
  g_autofree char *middle = folder_add(&folder, "b", build_slice(&shifted));
  g_auto(Reading) from_start = {0};
  read_stdin(open(plain, O_RDONLY | O_CLOEXEC), 0, &from_start);
  assert_string_equal(from_start.frames->str, HELLO BYE);
  g_auto(Reading) from_middle = {0};
  read_stdin(open(middle, O_RDONLY | O_CLOEXEC), strlen(text), &from_middle);
  assert_string_equal(from_middle.frames->str, HELLO BYE);
  g_auto(Reading) not_capture = {0};
  read_stdin(open(middle, O_RDONLY | O_CLOEXEC), 0, &not_capture);
  assert_true(g_str_has_prefix(not_capture.error, "standard input: not a capture file (pcap, "));
}

/* A pipe among files: nothing may come before what it has not told yet. */
static void test_merged_with_a_file(void **state)
{
  g_auto(Folder) folder = folder_new();
  g_auto(Build) b = two_packets();
  g_autofree char *plain = folder_add(&folder, "a.pcap", build_slice(&b));
  int ends[2];

  (void) state;
  assert_int_equal(pipe(ends), 0);
  assert_int_equal(write(ends[1], b.bytes->data, HELLO_END), HELLO_END);
  g_autofree char *path = g_strdup_printf("/dev/fd/%d", ends[0]);
  const char *const files[] = {plain, path, NULL};
  g_autoptr(StoreSet) stores = store_set_new();
  g_autoptr(Source) source = source_open(&(SourceOptions){.files = files}, stores, NULL);
  close(ends[0]);
  FrameBatch batch = {0};
  assert_int_equal(source_read(source, &batch), SOURCE_FRAMES);
  assert_int_equal(batch.count, 2); /* both hello; bye of the file has to wait */
  assert_int_equal(source_read(source, &batch), SOURCE_IDLE);
  close(ends[1]);
  assert_int_equal(source_read(source, &batch), SOURCE_FRAMES);
  assert_int_equal(batch.count, 1);
  assert_int_equal(batch.frames[0].number, 3);
  assert_int_equal(source_read(source, &batch), SOURCE_END);
  frame_batch_clear(&batch);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_flows_octet_by_octet),   cmocka_unit_test(test_silence_within_a_record),
    cmocka_unit_test(test_closed_within_a_record), cmocka_unit_test(test_stdin),
    cmocka_unit_test(test_merged_with_a_file),
  };

  return cmocka_run_group_tests_name("pipe", tests, NULL, NULL);
}
