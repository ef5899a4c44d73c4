/* DtlsTable: hello messages of DTLS as they may come, and its limit.  That the keys are right is
 * tested with those of OpenSSL, in e2e/srtp.py. */
#include "tests/test.h"

#include "dissect/stream/dtls_table.h"

enum { HEADERS = 13 + 12, SUITE = 0xc02f };

#define RANDOM_HEX "0101010101010101010101010101010101010101010101010101010101010101"

static const Endpoint CLIENT = {.port = 2}, SERVER = {.port = 1};

/* One record with one message, or a part of it. */
static GByteArray *datagram_of(uint8_t type, const GByteArray *message, size_t at, size_t len)
{
  GByteArray *datagram = g_byte_array_new();
  uint8_t total = (uint8_t) message->len;
  const uint8_t headers[HEADERS] = {22,
                                    0xfe,
                                    0xfd,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    (uint8_t) (12 + len),
                                    type,
                                    0,
                                    0,
                                    total,
                                    0,
                                    0,
                                    0,
                                    0,
                                    (uint8_t) at,
                                    0,
                                    0,
                                    (uint8_t) len};

  g_byte_array_append(datagram, headers, sizeof headers);
  g_byte_array_append(datagram, message->data + at, (guint) len);
  return datagram;
}

static GByteArray *hello(uint8_t random, uint16_t version, uint16_t profile, bool of_server)
{
  GByteArray *message = g_byte_array_new();
  const uint8_t start[] = {(uint8_t) (version >> 8), (uint8_t) version};
  const uint8_t rest[] = {0,
                          SUITE >> 8,
                          SUITE & 0xff,
                          0,
                          0,
                          9,
                          0,
                          14,
                          0,
                          5,
                          0,
                          2,
                          (uint8_t) (profile >> 8),
                          (uint8_t) profile,
                          0};

  g_byte_array_append(message, start, sizeof start);
  for (unsigned i = 0; i < TLS_RANDOM_LEN; i++)
    g_byte_array_append(message, &random, 1);
  g_byte_array_append(message, rest, of_server ? sizeof rest : 1);
  return message;
}

static void take_part(DtlsTable *table, bool of_server, GByteArray *message, size_t at, size_t len)
{
  g_autoptr(GByteArray) datagram =
    datagram_of(of_server ? TLS_SERVER_HELLO : TLS_CLIENT_HELLO, message, at, len);
  Slice bytes = exact_slice(slice_of((const char *) datagram->data, datagram->len));

  assert_true(dtls_is_likely(bytes));
  dtls_table_take(table, of_server ? &SERVER : &CLIENT, of_server ? &CLIENT : &SERVER, bytes);
  g_free((void *) (uintptr_t) bytes.data);
}

static void take_hello(DtlsTable *table, bool of_server, uint8_t random, uint16_t version,
                       uint16_t profile)
{
  g_autoptr(GByteArray) message = hello(random, version, profile, of_server);

  take_part(table, of_server, message, 0, message->len);
}

static TlsKeys *make_keys(void)
{
  TlsKeys *keys = tls_keys_new(2);
  TlsKeyLogFaults faults = {0};
  g_autoptr(GString) line = g_string_new("CLIENT_RANDOM " RANDOM_HEX " ");

  for (unsigned i = 0; i < TLS_MASTER_LEN; i++)
    g_string_append(line, "a5");
  tls_keys_add(keys, slice_of(line->str, line->len), &faults);
  assert_int_equal(faults.bad, 0);
  return keys;
}

/* Of what `src` sends. */
static bool find_key(const DtlsTable *table, const TlsKeys *keys, const Endpoint *src,
                     DtlsSrtpKey *ret_key)
{
  unsigned side;
  const DtlsHandshake *found =
    dtls_table_find(table, src, src == &CLIENT ? &SERVER : &CLIENT, &side);

  return found && dtls_handshake_key(found, keys, side, ret_key);
}

/* What the hellos may agree on; a build without a library has no keys. */
static void test_what_is_agreed(void **state)
{
  static const struct {
    uint8_t random;
    uint16_t version, profile;
    uint8_t len; /* of the key; 0: none */
  } CASES[] = {
    {1, 0xfefd, 1, 30},     {1, 0xfeff, 2, 30}, {1, 0xfefd, 7, 28}, {1, 0xfefd, 8, 44},
    {1, 0xfefd, 0x1234, 0}, {1, 0xfefc, 1, 0},  {2, 0xfefd, 1, 0},
  };
  TlsKeys *keys = make_keys();

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES) && tls_crypto_library(); i++) {
    DtlsTable *table = dtls_table_new(4);
    DtlsSrtpKey of_client = {0}, of_server = {0};
    take_hello(table, true, 9, CASES[i].version, CASES[i].profile);
    assert_false(find_key(table, keys, &SERVER, &of_server));
    take_hello(table, false, CASES[i].random, 0xfefd, 0);
    assert_int_equal(find_key(table, keys, &CLIENT, &of_client), CASES[i].len > 0);
    assert_int_equal(find_key(table, keys, &SERVER, &of_server), CASES[i].len > 0);
    assert_int_equal(of_client.len, CASES[i].len);
    assert_int_equal(memcmp(&of_client, &of_server, sizeof of_client) != 0, CASES[i].len > 0);
    dtls_table_free(table);
  }
  tls_keys_free(keys);
}

/* Each order of the parts of a ServerHello; and a part that lies about where it belongs. */
static void test_parts(void **state)
{
  g_autoptr(GByteArray) message = hello(9, 0xfefd, 1, true);
  TlsKeys *keys = make_keys();
  DtlsSrtpKey key;

  (void) state;
  for (size_t cut = 1; cut < message->len && tls_crypto_library(); cut++) {
    DtlsTable *table = dtls_table_new(4);
    take_hello(table, false, 1, 0xfefd, 0);
    take_part(table, true, message, cut, message->len - cut);
    take_part(table, true, message, cut, message->len - cut);
    assert_false(find_key(table, keys, &SERVER, &key));
    take_part(table, true, message, 0, cut);
    assert_true(find_key(table, keys, &SERVER, &key));
    dtls_table_free(table);
  }
  tls_keys_free(keys);
}

/* Cut and changed in each byte: nothing is read that is not there. */
static void test_hostile(void **state)
{
  g_autoptr(GByteArray) message = hello(9, 0xfefd, 1, true);
  g_autoptr(GByteArray) datagram = datagram_of(TLS_SERVER_HELLO, message, 0, message->len);

  (void) state;
  for (guint at = 0; at < datagram->len; at++)
    for (unsigned change = 0; change < 256; change += 51) {
      DtlsTable *table = dtls_table_new(1);
      datagram->data[at] ^= (uint8_t) change;
      Slice whole = exact_slice(slice_of((const char *) datagram->data, datagram->len));
      Slice cut = exact_slice(slice_of((const char *) datagram->data, at));
      dtls_table_take(table, &SERVER, &CLIENT, whole);
      dtls_table_take(table, &SERVER, &CLIENT, cut);
      datagram->data[at] ^= (uint8_t) change;
      g_free((void *) (uintptr_t) whole.data);
      g_free((void *) (uintptr_t) cut.data);
      dtls_table_free(table);
    }
}

static void test_limit(void **state)
{
  enum { LIMIT = 3 };
  DtlsTable *table = dtls_table_new(LIMIT);
  unsigned side;

  (void) state;
  for (uint16_t port = 10; port < 20; port++) {
    Endpoint other = {.port = port};
    dtls_table_take(table, &SERVER, &other, SLICE("\x16\xfe\xfd 0123456789abcdef"));
    assert_in_range(dtls_table_count(table), 1, LIMIT);
  }
  assert_int_equal(dtls_table_count(table), LIMIT);
  assert_null(dtls_table_find(table, &SERVER, &(Endpoint){.port = 10}, &side));
  assert_non_null(dtls_table_find(table, &(Endpoint){.port = 19}, &SERVER, &side));
  dtls_table_free(table);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_what_is_agreed),
    cmocka_unit_test(test_parts),
    cmocka_unit_test(test_hostile),
    cmocka_unit_test(test_limit),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
