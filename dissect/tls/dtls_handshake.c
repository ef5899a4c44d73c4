#include "dissect/tls/dtls_handshake.h"

#include "capture/reader.h"

enum { SIDES = 2 };

/* What SRTP takes of a profile's keys, in bytes. */
static const struct {
  uint16_t profile;
  uint8_t key, salt;
} PROFILES[] = {
  {0x0001, 16, 14}, /* SRTP_AES128_CM_HMAC_SHA1_80 */
  {0x0002, 16, 14}, /* SRTP_AES128_CM_HMAC_SHA1_32 */
  {0x0005, 16, 14}, /* SRTP_NULL_HMAC_SHA1_80 */
  {0x0006, 16, 14}, /* SRTP_NULL_HMAC_SHA1_32 */
  {0x0007, 16, 12}, /* SRTP_AEAD_AES_128_GCM */
  {0x0008, 32, 12}, /* SRTP_AEAD_AES_256_GCM */
};

void dtls_handshake_clear(DtlsHandshake *handshake)
{
  g_clear_pointer(&handshake->parts, g_free);
}

static void take_client_hello(DtlsHandshake *handshake, unsigned side, Slice body)
{
  uint8_t random[TLS_RANDOM_LEN];

  if (!dtls_client_random_read(body, random))
    return;
  bool is_new = handshake->has_client && memcmp(handshake->client_random, random, sizeof random);
  memcpy(handshake->client_random, random, sizeof random);
  handshake->client = (uint8_t) side;
  handshake->has_client = true;
  if (is_new) {
    handshake->has_server = false;
    dtls_handshake_clear(handshake);
  }
}

static void take_server_hello(DtlsHandshake *handshake, unsigned side, Slice body)
{
  TlsServerHello hello;

  if (!dtls_server_hello_read(body, &hello) || hello.srtp_mki.len > DTLS_MKI_MAX ||
      (handshake->has_client && handshake->client == side))
    return;
  handshake->mki_len = (uint8_t) hello.srtp_mki.len;
  if (hello.srtp_mki.len > 0)
    memcpy(handshake->mki, hello.srtp_mki.data, hello.srtp_mki.len);
  hello.srtp_mki = hello.protocol = SLICE_NONE;
  handshake->hello = hello;
  handshake->has_server = true;
}

/* A part of a ServerHello, in any order (RFC 6347 4.2.3). */
static void take_part(DtlsHandshake *handshake, unsigned side, size_t len, size_t at, Slice part)
{
  enum { ROOM = DTLS_HELLO_MAX + DTLS_HELLO_MAX / 8 };
  uint8_t *came;
  size_t count = 0;

  if (len > DTLS_HELLO_MAX)
    return;
  if (!handshake->parts)
    handshake->parts = g_malloc0(ROOM);
  came = handshake->parts + DTLS_HELLO_MAX;
  memcpy(handshake->parts + at, part.data, part.len);
  for (size_t i = at; i < at + part.len; i++)
    came[i / 8] |= (uint8_t) (1 << i % 8);
  while (count < len && came[count / 8] >> count % 8 & 1)
    count++;
  if (count < len)
    return;
  take_server_hello(handshake, side, slice_of((const char *) handshake->parts, len));
  dtls_handshake_clear(handshake);
}

/* RFC 6347 4.2.2: messages, or parts of them.  The first part of a ClientHello has the random. */
static void take_messages(DtlsHandshake *handshake, unsigned side, Slice record)
{
  Reader r = reader_of(record.data, record.len);

  while (reader_left(&r) > 0) {
    uint8_t type = reader_u8(&r);
    size_t len = (size_t) reader_u8(&r) << 16;
    len |= reader_u16(&r);
    reader_skip(&r, 2); /* message_seq */
    size_t at = (size_t) reader_u8(&r) << 16;
    at |= reader_u16(&r);
    size_t part_len = (size_t) reader_u8(&r) << 16;
    part_len |= reader_u16(&r);
    Slice part = reader_slice(&r, part_len);
    if (r.failed || at > len || part.len > len - at)
      return;
    if (type == TLS_CLIENT_HELLO && at == 0)
      take_client_hello(handshake, side, part);
    else if (type == TLS_SERVER_HELLO && part.len == len)
      take_server_hello(handshake, side, part);
    else if (type == TLS_SERVER_HELLO && part.len > 0)
      take_part(handshake, side, len, at, part);
  }
}

void dtls_handshake_take(DtlsHandshake *handshake, unsigned side, Slice datagram)
{
  enum { SEQUENCE = 6 };
  Reader r = reader_of(datagram.data, datagram.len);

  while (reader_left(&r) > 0) {
    uint8_t type = reader_u8(&r);
    uint16_t version = reader_u16(&r), epoch = reader_u16(&r);
    reader_skip(&r, SEQUENCE);
    Slice body = reader_slice(&r, reader_u16(&r));
    if (r.failed || version >> 8 != 0xfe)
      return;
    if (type == TLS_HANDSHAKE && epoch == 0) /* what comes later is encrypted */
      take_messages(handshake, side, body);
  }
}

/* RFC 5764 4.2: client's key, server's key, client's salt, server's salt. */
bool dtls_handshake_key(const DtlsHandshake *handshake, const TlsKeys *keys, unsigned side,
                        DtlsSrtpKey *ret_key)
{
  const TlsServerHello *hello = &handshake->hello;
  const TlsSecret *master = NULL;
  const TlsSuite *suite = NULL;
  size_t row = 0, whose = side == handshake->client ? 0 : 1;
  uint8_t seed[2 * TLS_RANDOM_LEN], material[SIDES * DTLS_MASTER_MAX];

  if (handshake->has_client && handshake->has_server && hello->version <= TLS_1_2) {
    master = tls_keys_find(keys, handshake->client_random, TLS_MASTER);
    suite = tls_suite_find(hello->suite);
  }
  while (row < G_N_ELEMENTS(PROFILES) && PROFILES[row].profile != hello->srtp_profile)
    row++;
  if (!master || !suite || row == G_N_ELEMENTS(PROFILES))
    return false;
  size_t key = PROFILES[row].key, salt = PROFILES[row].salt;
  memcpy(seed, handshake->client_random, TLS_RANDOM_LEN);
  memcpy(seed + TLS_RANDOM_LEN, hello->random, TLS_RANDOM_LEN);
  if (!tls_prf(tls_suite_schedule_hash(suite, hello->version),
               slice_of((const char *) master->bytes, master->len), "EXTRACTOR-dtls_srtp",
               slice_of((const char *) seed, sizeof seed), material, SIDES * (key + salt)))
    return false;
  *ret_key = (DtlsSrtpKey){
    .profile = hello->srtp_profile, .len = (uint8_t) (key + salt), .mki_len = handshake->mki_len};
  memcpy(ret_key->master, material + whose * key, key);
  memcpy(ret_key->master + key, material + SIDES * key + whose * salt, salt);
  memcpy(ret_key->mki, handshake->mki, handshake->mki_len);
  tls_wipe(material, sizeof material);
  return true;
}
