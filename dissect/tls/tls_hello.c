#include "dissect/tls/tls_hello.h"

#include "capture/reader.h"

enum {
  EXTENSION_SERVER_NAME = 0,
  EXTENSION_USE_SRTP = 14,
  EXTENSION_ALPN = 16,
  EXTENSION_ENCRYPT_THEN_MAC = 22,
  EXTENSION_EXTENDED_MASTER = 23,
  EXTENSION_PRE_SHARED_KEY = 41,
  EXTENSION_EARLY_DATA = 42,
  EXTENSION_SUPPORTED_VERSIONS = 43,
};

enum { TLS_MAJOR = 3, DTLS_MAJOR = 0xfe };

/* A vector with a length of 8 or 16 bits before it (RFC 8446 3.4). */
static Reader take_vector8(Reader *r)
{
  size_t len = reader_u8(r);

  return reader_of(reader_take(r, len), len);
}

static Reader take_vector16(Reader *r)
{
  size_t len = reader_u16(r);

  return reader_of(reader_take(r, len), len);
}

static uint32_t reader_u24(Reader *r)
{
  uint32_t high = reader_u8(r);

  return high << 16 | reader_u16(r);
}

/* The next extension; false at the end, or when it is not whole. */
static bool next_extension(Reader *extensions, uint16_t *ret_type, Reader *ret_data)
{
  if (reader_left(extensions) == 0)
    return false;
  *ret_type = reader_u16(extensions);
  *ret_data = take_vector16(extensions);
  return !extensions->failed;
}

/* RFC 6066 3: the first name that is a host's. */
static Slice read_server_name(Reader data)
{
  Reader list = take_vector16(&data);

  while (reader_left(&list) > 0 && !list.failed) {
    uint8_t type = reader_u8(&list);
    Reader name = take_vector16(&list);
    if (type == 0 && !list.failed)
      return reader_rest(&name);
  }
  return SLICE_NONE;
}

/* RFC 7301 3.1: the first of the list. */
static Slice read_protocol(Reader data)
{
  Reader list = take_vector16(&data);
  Reader name = take_vector8(&list);

  return list.failed ? SLICE_NONE : reader_rest(&name);
}

/* RFC 8701: values that mean nothing, so that nobody relies on what is unknown. */
static bool is_grease(uint16_t value)
{
  return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

static uint16_t highest_version(Reader data)
{
  Reader list = take_vector8(&data);
  uint16_t highest = 0;

  while (reader_left(&list) >= 2) {
    uint16_t version = reader_u16(&list);
    if (version > highest && !is_grease(version))
      highest = version;
  }
  return highest;
}

bool tls_client_hello_read(Slice body, TlsClientHello *ret_hello)
{
  Reader r = reader_of(body.data, body.len), data;
  TlsClientHello hello = {.version = reader_u16(&r)};
  const uint8_t *random = reader_take(&r, TLS_RANDOM_LEN);
  uint16_t type;

  take_vector8(&r);  /* session id */
  take_vector16(&r); /* cipher suites */
  take_vector8(&r);  /* compression methods */
  if (r.failed || hello.version >> 8 != 3)
    return false;
  memcpy(hello.random, random, TLS_RANDOM_LEN);
  size_t len = reader_left(&r) >= 2 ? reader_u16(&r) : 0;
  len = len < reader_left(&r) ? len : reader_left(&r);
  Reader extensions = reader_of(reader_take(&r, len), len);
  while (next_extension(&extensions, &type, &data)) {
    if (type == EXTENSION_SERVER_NAME)
      hello.server_name = read_server_name(data);
    else if (type == EXTENSION_ALPN)
      hello.protocol = read_protocol(data);
    else if (type == EXTENSION_EARLY_DATA)
      hello.early_data = true;
    else if (type == EXTENSION_SUPPORTED_VERSIONS && highest_version(data) != 0)
      hello.version = highest_version(data);
  }
  *ret_hello = hello;
  return true;
}

/* RFC 8446 4.1.3: the random that makes a ServerHello a HelloRetryRequest. */
static const uint8_t RETRY[TLS_RANDOM_LEN] = {
  0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
  0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

/* RFC 5764 4.1.1: the server chooses one profile. */
static void read_use_srtp(Reader data, TlsServerHello *hello)
{
  Reader profiles = take_vector16(&data);
  uint16_t profile = reader_u16(&profiles);
  Reader mki = take_vector8(&data);

  if (profiles.failed || data.failed)
    return;
  hello->srtp_profile = profile;
  hello->srtp_mki = reader_rest(&mki);
}

/* `major`: of its versions. */
static bool read_server_hello(Slice body, uint8_t major, TlsServerHello *ret_hello)
{
  Reader r = reader_of(body.data, body.len), data;
  TlsServerHello hello = {.version = reader_u16(&r)};
  const uint8_t *random = reader_take(&r, TLS_RANDOM_LEN);
  uint16_t type;

  take_vector8(&r); /* session id */
  hello.suite = reader_u16(&r);
  hello.compresses = reader_u8(&r) != 0;
  if (r.failed || hello.version >> 8 != major)
    return false;
  memcpy(hello.random, random, TLS_RANDOM_LEN);
  hello.retries = memcmp(random, RETRY, TLS_RANDOM_LEN) == 0;
  Reader extensions = take_vector16(&r);
  while (next_extension(&extensions, &type, &data)) {
    if (type == EXTENSION_ALPN)
      hello.protocol = read_protocol(data);
    hello.encrypt_then_mac |= type == EXTENSION_ENCRYPT_THEN_MAC;
    hello.extended_master |= type == EXTENSION_EXTENDED_MASTER;
    hello.resumes |= type == EXTENSION_PRE_SHARED_KEY;
    if (type == EXTENSION_SUPPORTED_VERSIONS && reader_left(&data) == 2)
      hello.version = reader_u16(&data);
    else if (type == EXTENSION_USE_SRTP)
      read_use_srtp(data, &hello);
  }
  *ret_hello = hello;
  return true;
}

bool tls_server_hello_read(Slice body, TlsServerHello *ret_hello)
{
  return read_server_hello(body, TLS_MAJOR, ret_hello);
}

bool dtls_client_random_read(Slice body, uint8_t ret_random[TLS_RANDOM_LEN])
{
  Reader r = reader_of(body.data, body.len);
  uint16_t version = reader_u16(&r);
  const uint8_t *random = reader_take(&r, TLS_RANDOM_LEN);

  if (r.failed || version >> 8 != DTLS_MAJOR)
    return false;
  memcpy(ret_random, random, TLS_RANDOM_LEN);
  return true;
}

/* RFC 6347 1, RFC 9147 1: each version says which of TLS it is made of. */
bool dtls_server_hello_read(Slice body, TlsServerHello *ret_hello)
{
  enum { DTLS_1_0 = 0xfeff, DTLS_1_2 = 0xfefd };
  TlsServerHello hello;

  if (!read_server_hello(body, DTLS_MAJOR, &hello))
    return false;
  hello.version = hello.version == DTLS_1_0   ? TLS_1_1
                  : hello.version == DTLS_1_2 ? TLS_1_2
                                              : TLS_1_3;
  *ret_hello = hello;
  return true;
}

bool tls_encrypted_extensions_read(Slice body, Slice *ret_protocol, bool *ret_early_data)
{
  Reader r = reader_of(body.data, body.len), data;
  Reader extensions = take_vector16(&r);
  Slice protocol = SLICE_NONE;
  bool early_data = false;
  uint16_t type;

  if (r.failed)
    return false;
  while (next_extension(&extensions, &type, &data)) {
    if (type == EXTENSION_ALPN)
      protocol = read_protocol(data);
    early_data |= type == EXTENSION_EARLY_DATA;
  }
  *ret_protocol = protocol;
  *ret_early_data = early_data;
  return true;
}

Slice tls_certificate_first(Slice body, uint16_t version)
{
  Reader r = reader_of(body.data, body.len);

  if (version >= TLS_1_3)
    take_vector8(&r); /* context of the request */
  reader_u24(&r);     /* length of the list */
  uint32_t len = reader_u24(&r);
  return reader_slice(&r, len);
}
