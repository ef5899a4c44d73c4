#include "capture/decoder.h"

#include "tests/test.h"

/* What each of the streams below holds. */
static const char TEXT[] = "hello hello hello hello hello\n";

typedef struct {
  const char *name;
  Slice bytes;
} Compressed;

#define BYTES(literal)                                                                             \
  {                                                                                                \
    "" literal, sizeof(literal) - 1                                                                \
  }

/* Made by the programs of these names. */
static const Compressed COMPRESSED[] = {
  {"gzip",
   BYTES("\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x57\xc8\xc0\x4e\x72\x01"
         "\x00\x68\x02\x31\x66\x1e\x00\x00\x00")},
  {"zstd",
   BYTES("\x28\xb5\x2f\xfd\x04\x58\x6d\x00\x00\x38\x68\x65\x6c\x6c\x6f\x20\x0a\x01\x00\xa9\x4b"
         "\x11\x1a\x48\x72\xab")},
  {"bzip2",
   BYTES("\x42\x5a\x68\x39\x31\x41\x59\x26\x53\x59\x31\x73\xc7\x7c\x00\x00\x07\x51\x00\x00\x10"
         "\x40\x00\x02\x44\xa0\x00\x30\xc0\x04\x50\xc9\x52\x27\x07\x44\xa2\x78\xbb\x92\x29\xc2"
         "\x84\x81\x8b\x9e\x3b\xe0")},
  {"xz",
   BYTES("\xfd\x37\x7a\x58\x5a\x00\x00\x04\xe6\xd6\xb4\x46\x02\x00\x21\x01\x16\x00\x00\x00\x74"
         "\x2f\xe5\xa3\xe0\x00\x1d\x00\x0d\x5d\x00\x34\x19\x49\xee\x8d\xe9\x57\x3a\xc7\x09\x0c"
         "\x80\x00\x00\x00\x00\x00\x1c\x05\x78\xf9\xcd\x21\xb4\xf8\x00\x01\x29\x1e\xa3\x17\xcf"
         "\x9e\x1f\xb6\xf3\x7d\x01\x00\x00\x00\x00\x04\x59\x5a")},
  {"lz4",
   BYTES("\x04\x22\x4d\x18\x64\x40\xa7\x10\x00\x00\x00\x6f\x68\x65\x6c\x6c\x6f\x20\x06\x00\x00"
         "\x50\x65\x6c\x6c\x6f\x0a\x00\x00\x00\x00\x2d\x82\x03\x39")},
};

/* xz with a dictionary of 256 MB. */
static const Slice LARGE_DICTIONARY =
  BYTES("\xfd\x37\x7a\x58\x5a\x00\x00\x04\xe6\xd6\xb4\x46\x02\x00\x21\x01\x20\x00\x00\x00\x09"
        "\x88\xa5\x76\xe0\x00\x1d\x00\x0d\x5d\x00\x34\x19\x49\xee\x8d\xe9\x57\x3a\xc7\x09\x0c"
        "\x80\x00\x00\x00\x00\x00\x1c\x05\x78\xf9\xcd\x21\xb4\xf8\x00\x01\x29\x1e\xa3\x17\xcf"
        "\x9e\x1f\xb6\xf3\x7d\x01\x00\x00\x00\x00\x04\x59\x5a");

static bool is_built(const char *name)
{
  g_autofree char *names = decoder_names();

  return strstr(names, name) != NULL;
}

typedef struct {
  GString *text;
  bool ok, between;
} Decoded;

/* Decodes bytes that end where their block does, a few at a time, with as little room. */
static Decoded decode(const DecoderKind *kind, Slice bytes, size_t piece, size_t room)
{
  void *decoder = kind->open();
  Decoded decoded = {g_string_new(NULL), true, false};
  uint8_t out[4096];

  for (size_t at = 0; at < bytes.len && decoded.ok; at += piece) {
    Slice part = slice_head(slice_from(bytes, at), piece);
    g_autofree char *copy = exact_copy(part.data, part.len);
    DecoderStep step = {.in = (const uint8_t *) copy, .in_len = part.len};
    do {
      g_autoptr(GError) error = NULL;
      step.out = out;
      step.out_room = room;
      decoded.ok = kind->step(decoder, &step, &decoded.between, &error);
      assert_true(decoded.ok == !error);
      g_string_append_len(decoded.text, (const char *) out, (gssize) (room - step.out_room));
    } while (decoded.ok && (step.in_len > 0 || step.out_room == 0));
  }
  kind->close(decoder);
  return decoded;
}

static void check_decoded(const Compressed *row, Slice bytes, const char *expected)
{
  static const size_t PIECES[][2] = {{1, 1}, {1, 4096}, {4096, 1}, {4096, 4096}};
  const DecoderKind *kind = decoder_kind_of(bytes);

  assert_non_null(kind);
  assert_string_equal(kind->name, row->name);
  for (size_t i = 0; i < G_N_ELEMENTS(PIECES); i++) {
    Decoded decoded = decode(kind, bytes, PIECES[i][0], PIECES[i][1]);
    assert_true(decoded.ok && decoded.between);
    assert_string_equal(decoded.text->str, expected);
    g_string_free(decoded.text, true);
  }
}

static void test_kinds(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(COMPRESSED); i++) {
    const Compressed *row = &COMPRESSED[i];
    g_autofree char *expected = g_strdup_printf("%s%s", TEXT, TEXT);
    g_autoptr(GString) two = g_string_new_len(row->bytes.data, (gssize) row->bytes.len);
    if (!is_built(row->name)) {
      print_message("built without %s\n", row->name);
      continue;
    }
    check_decoded(row, row->bytes, TEXT);
    g_string_append_len(two, row->bytes.data, (gssize) row->bytes.len);
    check_decoded(row, slice_of(two->str, two->len), expected);
  }
}

/* A file that is cut does not end between two streams, and gives no more than it holds. */
static void test_cut_at_every_byte(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(COMPRESSED); i++) {
    Slice bytes = COMPRESSED[i].bytes;
    const DecoderKind *kind = decoder_kind_of(bytes);
    for (size_t len = 1; kind && len < bytes.len; len++) {
      Decoded decoded = decode(kind, slice_head(bytes, len), 4096, 4096);
      assert_true(decoded.ok && !decoded.between);
      assert_true(decoded.text->len <= strlen(TEXT));
      g_string_free(decoded.text, true);
    }
  }
}

/* Each of these has a checksum: a changed byte never gives other text without an error. */
static void test_damage(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(COMPRESSED); i++) {
    Slice bytes = COMPRESSED[i].bytes;
    const DecoderKind *kind = decoder_kind_of(bytes);
    for (size_t at = DECODER_HEAD_LEN; kind && at < bytes.len; at++) {
      g_autofree char *copy = exact_copy(bytes.data, bytes.len);
      copy[at] ^= 0x55;
      Decoded decoded = decode(kind, slice_of(copy, bytes.len), 4096, 4096);
      assert_true(!decoded.ok || !decoded.between || strcmp(decoded.text->str, TEXT) == 0);
      g_string_free(decoded.text, true);
    }
  }
}

static void test_large_dictionary(void **state)
{
  const DecoderKind *kind = decoder_kind_of(LARGE_DICTIONARY);

  (void) state;
  if (!kind)
    skip();
  Decoded decoded = decode(kind, LARGE_DICTIONARY, 4096, 4096);
  assert_false(decoded.ok);
  assert_int_equal(decoded.text->len, 0);
  g_string_free(decoded.text, true);
}

static void test_not_compressed(void **state)
{
  (void) state;
  assert_null(decoder_kind_of(SLICE("\xd4\xc3\xb2\xa1")));
  assert_null(decoder_kind_of(SLICE("BZh0")));
  assert_null(decoder_kind_of(SLICE("BZh")));
  assert_null(decoder_kind_of(SLICE("")));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_kinds),          cmocka_unit_test(test_cut_at_every_byte),
    cmocka_unit_test(test_damage),         cmocka_unit_test(test_large_dictionary),
    cmocka_unit_test(test_not_compressed),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
