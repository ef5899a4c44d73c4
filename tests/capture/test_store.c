#include "capture/store.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "capture/error.h"
#include "tests/test.h"

static unsigned add_spool(StoreSet *set)
{
  g_autoptr(GError) error = NULL;
  unsigned store = 0;

  assert_true(store_set_add_spool(set, &store, &error));
  return store;
}

static ByteRef append(StoreSet *set, unsigned store, Slice bytes)
{
  g_autoptr(GError) error = NULL;
  ByteRef ref = 0;

  assert_true(store_append(set, store, bytes, &ref, &error));
  return ref;
}

static void flush(StoreSet *set)
{
  g_autoptr(GError) error = NULL;

  assert_true(store_set_flush(set, &error));
}

static void assert_bytes(const StoreSet *set, ByteRef ref, Slice expected)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *buffer = g_malloc(expected.len + 1);

  assert_true(store_read(set, ref, buffer, expected.len, &error));
  assert_memory_equal(buffer, expected.data, expected.len);
}

static void assert_unreadable(const StoreSet *set, ByteRef ref, size_t len)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *buffer = g_malloc(len + 1);

  assert_false(store_read(set, ref, buffer, len, &error));
  assert_true(g_error_matches(error, APP_ERROR, APP_ERROR_IO));
}

static void test_spools(void **state)
{
  g_autoptr(StoreSet) set = store_set_new();
  unsigned a = add_spool(set), b = add_spool(set);

  (void) state;
  ByteRef one = append(set, a, SLICE("one"));
  ByteRef two = append(set, b, SLICE("two"));
  ByteRef three = append(set, a, SLICE("three"));
  assert_true(one == byte_ref_make(a, 0) && two == byte_ref_make(b, 0));
  assert_true(three == byte_ref_make(a, 3));
  assert_unreadable(set, one, 3);
  flush(set);
  assert_bytes(set, three, SLICE("three"));
  assert_bytes(set, one, SLICE("onethree"));
  assert_bytes(set, two, SLICE("two"));
  assert_unreadable(set, one, 9);
  assert_unreadable(set, byte_ref_make(a, 9), 0);
  assert_unreadable(set, byte_ref_make(b + 1, 0), 1);
  assert_bytes(set, byte_ref_make(a, 8), SLICE(""));
}

/* Shorter and longer than any buffer between, in every order. */
static void test_sizes(void **state)
{
  static const size_t SIZES[] = {0, 1, 200000, 100000, 262144, 5, 1000000, 262143, 1, 1, 0, 300000};
  g_autoptr(StoreSet) set = store_set_new();
  unsigned store = add_spool(set);
  g_autofree char *bytes = g_malloc(1000000);
  ByteRef refs[G_N_ELEMENTS(SIZES)];

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(SIZES); i++) {
    memset(bytes, 'a' + (int) i, SIZES[i]);
    refs[i] = append(set, store, slice_of(bytes, SIZES[i]));
  }
  flush(set);
  for (size_t i = 0; i < G_N_ELEMENTS(SIZES); i++) {
    memset(bytes, 'a' + (int) i, SIZES[i]);
    assert_bytes(set, refs[i], slice_of(bytes, SIZES[i]));
  }
}

static void test_file(void **state)
{
  g_autoptr(StoreSet) set = store_set_new();
  g_autoptr(GError) error = NULL;
  unsigned store = 7;
  int fd = memfd_create("capture", MFD_CLOEXEC);

  (void) state;
  assert_int_equal(write(fd, "0123456789", 10), 10);
  assert_true(store_set_add_file(set, fd, "call.pcap", &store, &error));
  assert_bytes(set, byte_ref_make(store, 4), SLICE("456789"));
  assert_unreadable(set, byte_ref_make(store, 4), 7);
  assert_int_equal(ftruncate(fd, 5), 0);
  assert_unreadable(set, byte_ref_make(store, 4), 6);
  assert_bytes(set, byte_ref_make(store, 0), SLICE("01234"));
  close(fd);
  assert_bytes(set, byte_ref_make(store, 0), SLICE("01234")); /* the descriptor is its own */
}

static void test_bad_descriptor(void **state)
{
  g_autoptr(StoreSet) set = store_set_new();
  g_autoptr(GError) error = NULL;
  unsigned store = 7;

  (void) state;
  assert_false(store_set_add_file(set, -1, "call.pcap", &store, &error));
  assert_int_equal(store, 7);
  assert_non_null(strstr(error->message, "call.pcap"));
}

static void limit_file_size(rlim_t size)
{
  struct rlimit limit;

  assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
  limit.rlim_cur = MIN(size, limit.rlim_max);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* A disk that is full for a while: what fails is told, and later references are right. */
static void test_write_fails(void **state)
{
  g_autoptr(StoreSet) set = store_set_new();
  unsigned store = add_spool(set);
  g_autofree char *large = g_malloc0(300000);
  g_autoptr(GError) small_error = NULL;
  g_autoptr(GError) large_error = NULL;
  ByteRef ref = 0;

  (void) state;
  signal(SIGXFSZ, SIG_IGN);
  append(set, store, SLICE("first"));
  limit_file_size(2);
  assert_false(store_set_flush(set, &small_error));
  limit_file_size(1000);
  assert_false(store_append(set, store, slice_of(large, 300000), &ref, &large_error));
  assert_true(g_error_matches(large_error, APP_ERROR, APP_ERROR_IO));
  limit_file_size(RLIM_INFINITY);
  ref = append(set, store, SLICE("last"));
  flush(set);
  assert_bytes(set, byte_ref_make(store, 0), SLICE("first"));
  assert_bytes(set, ref, SLICE("last"));
}

/* One thread appends and flushes and tells how far; this one reads all the time. */
enum { RECORDS = 20000, RECORD_LEN = 97 };

typedef struct {
  StoreSet *set;
  unsigned store;
  atomic_int flushed; /* records */
} Writer;

static gpointer write_records(gpointer data)
{
  Writer *writer = data;
  char record[RECORD_LEN];

  for (int i = 0; i < RECORDS; i++) {
    memset(record, i & 0x7f, sizeof record);
    append(writer->set, writer->store, slice_of(record, sizeof record));
    if (i % 64 == 63 || i == RECORDS - 1) {
      flush(writer->set);
      atomic_store(&writer->flushed, i + 1);
    }
  }
  return NULL;
}

static void test_reads_while_written(void **state)
{
  g_autoptr(StoreSet) set = store_set_new();
  Writer writer = {.set = set, .store = add_spool(set)};
  GThread *thread = g_thread_new("writer", write_records, &writer);

  (void) state;
  for (int at = 0; at < RECORDS;) {
    int flushed = atomic_load(&writer.flushed);
    for (; at < flushed; at++) {
      char expected[RECORD_LEN];
      memset(expected, at & 0x7f, sizeof expected);
      assert_bytes(set, byte_ref_make(writer.store, (uint64_t) at * RECORD_LEN),
                   slice_of(expected, sizeof expected));
    }
  }
  g_thread_join(thread);
}

/* When the limit is near: what is held stays, however long ago it was written. */
static void test_reclaim(void **state)
{
  enum { RECORD = 1000, LIMIT = 4 * 1024 * 1024, COUNT = 20000, EACH = 2500 };
  g_autoptr(StoreSet) set = store_set_new();
  unsigned store = add_spool(set);
  char record[RECORD];
  ByteRef refs[COUNT];
  unsigned refused = 0;

  (void) state;
  store_set_limit(set, LIMIT);
  for (unsigned i = 0; i < COUNT; i++) {
    memset(record, (int) i, sizeof record);
    store_mark(set, store, i + 1);
    refs[i] = append(set, store, slice_of(record, sizeof record));
    if (i % 100 != 0)
      continue;
    flush(set);
    for (unsigned k = i; k > 0 && k > i - 100; k--)
      if (k % EACH == 0)
        store_set_hold(set, refs[k], RECORD, k + 1);
    store_set_note(set, i + 1);
    refused += !store_set_reclaim(set);
  }
  flush(set);
  assert_int_equal(refused, 0);
  for (unsigned k = EACH; k < COUNT; k += EACH) {
    memset(record, (int) k, sizeof record);
    assert_bytes(set, refs[k], slice_of(record, sizeof record));
  }
  uint64_t end = store_end(set, store), gap = store_gap(set, store, 0, end);
  uint64_t next = store_resume(set, store, gap, end);
  assert_true(gap == 64 * 1024 && next > gap);
  assert_true(next % RECORD == 0 && next <= byte_ref_offset(refs[EACH]));
  for (unsigned k = 1; k < 4; k++) { /* nothing is left but these */
    store_set_hold(set, refs[COUNT - k], RECORD, COUNT - k + 1);
    store_set_note(set, COUNT - k + 1);
  }
  store_set_limit(set, 100 * 1024);
  assert_false(store_set_reclaim(set));
  for (unsigned k = EACH; k < COUNT; k += EACH)
    store_set_release(set, refs[k], RECORD, k + 1);
  for (unsigned k = 1; k < 4; k++)
    store_set_release(set, refs[COUNT - k], RECORD, COUNT - k + 1);
}

/* What was read by block stays right where blocks meet, and while the spool grows. */
static void test_view(void **state)
{
  enum { BLOCK = 32 * 1024, COUNT = 3 * BLOCK, TURNS = 3 };
  g_autoptr(StoreSet) set = store_set_new();
  g_autoptr(StoreSet) view = store_set_view_new(set);
  g_autofree char *bytes = g_malloc(2 * COUNT);
  unsigned store = add_spool(set);

  (void) state;
  for (size_t i = 0; i < 2 * COUNT; i++)
    bytes[i] = (char) (i % 251);
  append(set, store, slice_of(bytes, COUNT));
  assert_unreadable(view, byte_ref_make(store, 0), 1); /* before it is flushed */
  flush(set);
  for (unsigned turn = 0; turn < TURNS; turn++) {
    for (size_t at = 0; at + 100 <= COUNT; at += 100)
      assert_bytes(view, byte_ref_make(store, at), slice_of(bytes + at, 100));
    assert_bytes(view, byte_ref_make(store, 1), slice_of(bytes + 1, 2 * BLOCK));
    assert_unreadable(view, byte_ref_make(store, COUNT - 10), 11);
  }
  append(set, store, slice_of(bytes + COUNT, COUNT));
  flush(set);
  assert_bytes(view, byte_ref_make(store, COUNT - 10), slice_of(bytes + COUNT - 10, 20));
  assert_unreadable(view, byte_ref_make(store + 1, 0), 1);
}

/* A file that became shorter: what was kept, or an error; never other bytes. */
static void test_view_of_shorter_file(void **state)
{
  g_autoptr(StoreSet) set = store_set_new();
  g_autoptr(StoreSet) view = store_set_view_new(set);
  g_autoptr(GError) error = NULL;
  int fd = temporary_file_open(&error);
  unsigned store;

  (void) state;
  assert_true(fd >= 0);
  assert_int_equal(write(fd, "abcdefgh", 8), 8);
  assert_true(store_set_add_file(set, fd, "file", &store, &error));
  assert_bytes(view, byte_ref_make(store, 0), SLICE("ab"));
  assert_int_equal(ftruncate(fd, 4), 0);
  assert_bytes(view, byte_ref_make(store, 2), SLICE("cd"));
  assert_unreadable(view, byte_ref_make(store, 2), 7);
  assert_unreadable(view, byte_ref_make(store, 2), 3);
  assert_int_equal(ftruncate(fd, 8), 0);
  assert_int_equal(pwrite(fd, "EFGH", 4, 4), 4);
  assert_bytes(view, byte_ref_make(store, 2), SLICE("cdEFGH"));
  close(fd);
  assert_null(store_set_view_new(NULL));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_spools),
    cmocka_unit_test(test_reclaim),
    cmocka_unit_test(test_sizes),
    cmocka_unit_test(test_file),
    cmocka_unit_test(test_bad_descriptor),
    cmocka_unit_test(test_write_fails),
    cmocka_unit_test(test_view),
    cmocka_unit_test(test_view_of_shorter_file),
    cmocka_unit_test(test_reads_while_written),
  };

  return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
