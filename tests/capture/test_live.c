#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "capture/error.h"
#include "tests/source_read.h"

/* Sends from and to itself on the loopback, so that nobody else's packets look like ours. */
typedef struct {
  int fd;
  struct sockaddr_in address;
} Talker;

static Talker talker_new(void)
{
  Talker talker = {.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  socklen_t len = sizeof talker.address;

  talker.address.sin_family = AF_INET;
  talker.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  assert_int_equal(bind(talker.fd, (struct sockaddr *) &talker.address, len), 0);
  assert_int_equal(getsockname(talker.fd, (struct sockaddr *) &talker.address, &len), 0);
  return talker;
}

static void talker_say(const Talker *talker, const char *text, size_t len)
{
  assert_int_equal(sendto(talker->fd, text, len, 0, (const struct sockaddr *) &talker->address,
                          sizeof talker->address),
                   len);
}

/* NULL when this machine does not let us capture. */
static Source *open_or_skip(const SourceOptions *options, StoreSet *stores)
{
  g_autoptr(GError) error = NULL;
  Source *source = source_open(options, stores, &error);

  if (!source) {
    print_message("cannot capture here: %s\n", error->message);
    skip();
  }
  return source;
}

typedef struct {
  unsigned frames, unmatched;
  uint64_t last_number;
  bool saw_text;
} Heard;

static void listen_once(Source *source, StoreSet *stores, Slice text, Heard *heard)
{
  FrameBatch batch = {0};
  SourceStatus status = source_read(source, &batch);

  assert_int_not_equal(status, SOURCE_END);
  for (size_t i = 0; i < batch.count; i++) {
    Frame *frame = &batch.frames[i];
    source_keep(source, frame, NULL);
    check_ref(stores, frame);
    assert_true(frame->number == ++heard->last_number);
    assert_true(frame->time_ns > INT64_C(1600000000) * 1000000000);
    heard->frames++;
    heard->unmatched += !frame->matched;
    if (frame->len >= text.len &&
        memcmp(frame->data + frame->len - text.len, text.data, text.len) == 0)
      heard->saw_text = true;
  }
  frame_batch_clear(&batch);
}

/* For at most some seconds: until the text was heard. */
static Heard listen_for(Source *source, StoreSet *stores, Slice text)
{
  Heard heard = {0};

  for (int i = 0; i < 100 && !heard.saw_text; i++)
    listen_once(source, stores, text, &heard);
  return heard;
}

/* After the stop: what was captured before comes still, then the end. */
static void check_stop(Source *source, StoreSet *stores, const Talker *talker, Heard heard)
{
  FrameBatch batch = {0};

  heard.saw_text = false;
  talker_say(talker, "last rung", 9);
  source_stop(source);
  while (!heard.saw_text)
    listen_once(source, stores, SLICE("last rung"), &heard);
  while (source_read(source, &batch) != SOURCE_END)
    continue;
  assert_int_equal(source_read(source, &batch), SOURCE_END);
  frame_batch_clear(&batch);
}

static void test_loopback(void **state)
{
  static const char *const INTERFACES[][3] = {{"lo"}, {"any"}, {"lo", "any"}};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(INTERFACES); i++) {
    g_autoptr(StoreSet) stores = store_set_new();
    g_autoptr(Source) source = open_or_skip(&(SourceOptions){.interfaces = INTERFACES[i]}, stores);
    Talker talker = talker_new();
    assert_true(source_is_live(source));
    assert_string_equal(source_input_name(source, 0), INTERFACES[i][0]);
    talker_say(&talker, "one rung", 8);
    Heard heard = listen_for(source, stores, SLICE("one rung"));
    assert_true(heard.saw_text);
    assert_int_equal(source_dropped(source), 0);
    check_stop(source, stores, &talker, heard);
    assert_int_equal(source_faults(source)->len, 0);
    close(talker.fd);
  }
}

/* The loopback's MTU is 65536: only IPv6 has datagrams that are larger.  -1 without IPv6. */
static int say_in_fragments(uint16_t port)
{
  struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  g_autofree char *large = g_strnfill(65520, 'z');
  int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  to.sin6_port = htons(port);
  ssize_t sent = sendto(fd, large, 65520, 0, (const struct sockaddr *) &to, sizeof to);
  if (fd >= 0)
    close(fd);
  return sent == 65520 ? 0 : -1;
}

/* All fragments of the datagram that matches come along, marked; other traffic does not. */
static void test_filter_keeps_fragments(void **state)
{
  static const char *const INTERFACES[] = {"lo", NULL};
  g_autoptr(StoreSet) stores = store_set_new();
  Talker talker = talker_new(), other = talker_new();
  uint16_t port = ntohs(talker.address.sin_port);
  g_autofree char *filter = g_strdup_printf("udp port %u", (unsigned) port);

  (void) state;
  g_autoptr(Source) source =
    open_or_skip(&(SourceOptions){.interfaces = INTERFACES, .filter = filter}, stores);
  talker_say(&other, "not ours", 8);
  int fragments = say_in_fragments(port);
  talker_say(&talker, "the end", 7);
  Heard heard = listen_for(source, stores, SLICE("the end"));
  close(talker.fd);
  close(other.fd);
  assert_true(heard.saw_text);
  if (fragments < 0) {
    print_message("no IPv6 here: no fragments on the loopback\n");
    skip();
  }
  /* The first has the port.  The loopback shows what leaves only once. */
  assert_true(heard.unmatched >= 1);
  assert_int_equal(heard.frames - heard.unmatched, 2);
}

/* A line each, with what can be read of the octets. */
static void append_frames(const FrameBatch *batch, GString *to)
{
  for (size_t i = 0; i < batch->count; i++) {
    const Frame *frame = &batch->frames[i];
    g_string_append_printf(to, "%u%s %d %d %x ", frame->input, frame->matched ? "" : "?",
                           (int) frame->number, frame->link_type, frame->wire_len);
    g_string_append_printf(to, "%" G_GINT64_FORMAT " ", frame->time_ns);
    for (uint32_t k = 0; k < frame->len; k++)
      g_string_append_c(to, g_ascii_isprint(frame->data[k]) ? (char) frame->data[k] : '.');
    g_string_append_c(to, '\n');
  }
}

/* Reads until the text came, as listen_for does, and remembers all. */
static GString *record(Source *source, StoreSet *stores, Slice text)
{
  GString *frames = g_string_new(NULL);
  FrameBatch batch = {0};

  for (int i = 0; i < 100 && !strstr(frames->str, text.data); i++) {
    assert_int_not_equal(source_read(source, &batch), SOURCE_END);
    append_frames(&batch, frames);
    for (size_t k = 0; k < batch.count; k++) {
      source_keep(source, &batch.frames[k], NULL);
      check_ref(stores, &batch.frames[k]);
    }
  }
  frame_batch_clear(&batch);
  return frames;
}

static void assert_again(const Source *source, StoreSet *stores, const GString *expected)
{
  g_autoptr(Source) again = source_open_again(source, stores, NULL);
  g_autoptr(GString) frames = g_string_new(NULL);
  FrameBatch batch = {0};

  assert_non_null(again);
  assert_false(source_is_live(again));
  while (source_read(again, &batch) != SOURCE_END)
    append_frames(&batch, frames);
  assert_string_equal(frames->str, expected->str);
  frame_batch_clear(&batch);
}

/* Of several interfaces, while they go on, and with a filter. */
static void test_read_again(void **state)
{
  static const char *const INTERFACES[] = {"lo", "any", "lo", NULL};
  g_autoptr(StoreSet) stores = store_set_new();
  g_autoptr(GString) nothing = g_string_new(NULL);
  Talker talker = talker_new();
  unsigned port = ntohs(talker.address.sin_port);
  g_autofree char *filter = g_strdup_printf("udp port %u", port);

  (void) state;
  g_autoptr(Source) source =
    open_or_skip(&(SourceOptions){.interfaces = INTERFACES, .filter = filter}, stores);
  assert_again(source, stores, nothing);
  talker_say(&talker, "first rung", 10);
  g_autoptr(GString) frames = record(source, stores, SLICE("first rung"));
  assert_again(source, stores, nothing);
  assert_true(source_flush(source, NULL));
  assert_int_equal(source_flushed_frames(source) > 0, true);
  (void) say_in_fragments((uint16_t) port);
  talker_say(&talker, "second rung", 11);
  g_autoptr(GString) more = record(source, stores, SLICE("second rung"));
  assert_again(source, stores, frames);
  assert_true(source_flush(source, NULL));
  g_string_append(frames, more->str);
  assert_again(source, stores, frames);
  close(talker.fd);
}

/* Frames that are forgotten are not read again, and take no room; the others have their numbers. */
static void test_forget(void **state)
{
  static const char *const INTERFACES[] = {"lo", NULL};
  g_autoptr(StoreSet) stores = store_set_new();
  g_autoptr(GString) kept = g_string_new(NULL);
  FrameBatch batch = {0};
  Talker talker = talker_new();
  g_autofree char *filter = g_strdup_printf("udp port %u", ntohs(talker.address.sin_port));
  bool ended = false;

  (void) state;
  g_autoptr(Source) source =
    open_or_skip(&(SourceOptions){.interfaces = INTERFACES, .filter = filter}, stores);
  for (unsigned i = 0; i < 300; i++)
    talker_say(&talker, i % 10 == 0 ? "a rung" : "noise!", 6);
  talker_say(&talker, "the end", 7);
  for (unsigned reads = 0; reads < 100 && !ended; reads++) {
    assert_int_not_equal(source_read(source, &batch), SOURCE_END);
    for (size_t i = 0; i < batch.count; i++) {
      Frame *frame = &batch.frames[i];
      FrameBatch one = {.frames = frame, .count = 1};
      bool is_noise = memcmp(frame->data + frame->len - 6, "noise!", 6) == 0;
      source_keep(source, frame, NULL);
      if (is_noise)
        source_forget(source);
      else
        append_frames(&one, kept);
      ended = memcmp(frame->data + frame->len - 3, "end", 3) == 0;
    }
  }
  assert_true(ended);
  assert_true(source_flush(source, NULL));
  assert_int_equal(source_flushed_frames(source), 31);
  assert_true(store_size(stores, 0) < 31 * 200);
  assert_again(source, stores, kept);
  frame_batch_clear(&batch);
  close(talker.fd);
}

/* The limit of all spools is an error like a full disk, and nothing is left of what did not fit. */
static void test_limit(void **state)
{
  static const char *const INTERFACES[] = {"lo", NULL};
  g_autoptr(StoreSet) stores = store_set_new();
  Talker talker = talker_new();
  FrameBatch batch = {0};

  (void) state;
  g_autoptr(Source) source = open_or_skip(&(SourceOptions){.interfaces = INTERFACES}, stores);
  uint64_t start = store_end(stores, 0);
  store_set_limit(stores, start + 60);
  talker_say(&talker, "too much", 8);
  for (unsigned reads = 0; reads < 100 && batch.count == 0; reads++)
    assert_int_not_equal(source_read(source, &batch), SOURCE_END);
  g_autoptr(GError) error = NULL;
  source_keep(source, &batch.frames[0], &error);
  assert_non_null(error);
  assert_int_equal(byte_ref_store(batch.frames[0].ref), STORE_NONE);
  assert_int_equal(store_end(stores, 0), start);
  store_set_limit(stores, 0);
  source_keep(source, &batch.frames[0], NULL);
  check_ref(stores, &batch.frames[0]);
  frame_batch_clear(&batch);
  close(talker.fd);
}

static void test_spool_is_a_capture(void **state)
{
  g_autoptr(StoreSet) stores = store_set_new();
  static const char *const INTERFACES[] = {"lo", "any", NULL};
  g_autoptr(Source) source = open_or_skip(&(SourceOptions){.interfaces = INTERFACES}, stores);
  g_auto(Folder) folder = folder_new();
  Talker talker = talker_new();

  (void) state;
  talker_say(&talker, "spooled", 7);
  Heard heard = listen_for(source, stores, SLICE("spooled"));
  assert_true(heard.saw_text);
  size_t len = store_size(stores, 0);
  g_autofree char *capture = g_malloc(len);
  assert_true(store_read(stores, byte_ref_make(0, 0), capture, len, NULL));
  g_autofree char *path = folder_add(&folder, "lo.pcapng", slice_of(capture, len));
  g_auto(Reading) reading = read_file(path);
  assert_null(reading.error);
  assert_string_equal(reading.faults->str, "");
  assert_int_equal(reading.inputs->len, heard.frames);
  close(talker.fd);
}

static void test_errors(void **state)
{
  g_autoptr(StoreSet) stores = store_set_new();
  g_autoptr(GError) missing = NULL;
  g_autoptr(GError) filter = NULL;
  static const char *const NOWHERE[] = {"nowhere7", NULL};

  (void) state;
  assert_null(source_open(&(SourceOptions){.interfaces = NOWHERE}, stores, &missing));
  assert_true(g_error_matches(missing, APP_ERROR, APP_ERROR_IO) ||
              g_error_matches(missing, APP_ERROR, APP_ERROR_RIGHTS));
  assert_true(g_str_has_prefix(missing->message, "nowhere7: no such interface; available: ") ||
              g_str_has_prefix(missing->message, "nowhere7: no permission to capture; "));
  assert_null(
    source_open(&(SourceOptions){.interfaces = NOWHERE, .filter = "port ("}, stores, &filter));
  assert_true(g_error_matches(filter, APP_ERROR, APP_ERROR_USAGE));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_loopback),   cmocka_unit_test(test_filter_keeps_fragments),
    cmocka_unit_test(test_read_again), cmocka_unit_test(test_spool_is_a_capture),
    cmocka_unit_test(test_forget),     cmocka_unit_test(test_limit),
    cmocka_unit_test(test_errors),
  };

  return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}
