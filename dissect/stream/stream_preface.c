/*
 * What a load balancer or a client of a proxy puts before a stream: a header of the PROXY protocol
 * (https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt, versions 1 and 2), or the
 * handshake of SOCKS 4, 4a or 5 (RFC 1928, RFC 1929).  It is taken off, and the detector goes on
 * with what follows.
 */
#include "capture/reader.h"
#include "dissect/stream/stream.h"

typedef struct {
  unsigned count; /* messages of the handshake that were taken */
  bool is_server; /* of SOCKS */
} Preface;

/* Instead of a length: more bytes are needed; it is none. */
#define LENGTH_PART SIZE_MAX
#define LENGTH_NONE (SIZE_MAX - 1)

enum {
  PREFACE_MAX = 1024, /* of one message; longer than any */
  PROXY_HEAD = 16,
  PROXY_LINE_MAX = 107,
  SOCKS4 = 4,
  SOCKS4_GRANTED = 0x5a,
  SOCKS5 = 5,
  SOCKS5_AUTH = 1,
  ADDRESS_TYPE_IPV4 = 1,
  ADDRESS_TYPE_NAME = 3,
  ADDRESS_TYPE_IPV6 = 4,
};

static const Slice PROXY_WORDS[] = {{"PROXY TCP", 9}, {"PROXY UNKNOWN", 13}};
static const Slice PROXY_SIGNATURE = {"\r\n\r\n\0\r\nQUIT\n", 12};

size_t proxy_header_len(Slice bytes)
{
  const uint8_t *p = (const uint8_t *) bytes.data;

  if (bytes.len < PROXY_HEAD || !slice_starts_with(bytes, PROXY_SIGNATURE) || p[12] >> 4 != 2)
    return 0;
  size_t len = PROXY_HEAD + ((size_t) p[14] << 8 | p[15]);
  return len <= bytes.len ? len : 0;
}

bool proxy_begins(Slice bytes)
{
  for (size_t i = 0; i < G_N_ELEMENTS(PROXY_WORDS); i++)
    if (slice_starts_with(bytes, PROXY_WORDS[i]))
      return true;
  bool is_part = bytes.len > 4 && slice_starts_with(PROXY_SIGNATURE, bytes);
  return is_part || slice_starts_with(bytes, PROXY_SIGNATURE);
}

/* RFC 1928 6: version, code, 0, and a type of address. */
static bool is_socks5_reply(Slice bytes)
{
  enum { CODE_MAX = 8 };
  Reader in = reader_of(bytes.data, bytes.len);
  unsigned version = reader_u8(&in), code = reader_u8(&in), zero = reader_u8(&in);
  unsigned type = reader_u8(&in);

  return !in.failed && version == SOCKS5 && code <= CODE_MAX && zero == 0 &&
         (type == ADDRESS_TYPE_IPV4 || type == ADDRESS_TYPE_NAME || type == ADDRESS_TYPE_IPV6);
}

/*
 * A client's first message, whole as it is always sent; or what a server answers.  Two bytes, of
 * SOCKS 5, are little to go by: a packet in a frame of RFC 4571 may begin with the same.  They
 * count when the client has asked, or with the reply after them.
 */
static bool socks_begins(Slice bytes, bool is_asked)
{
  const uint8_t *p = (const uint8_t *) bytes.data;

  if (bytes.len == 8 && p[0] == 0)
    return p[1] >= SOCKS4_GRANTED && p[1] <= SOCKS4_GRANTED + 3;
  if (bytes.len > 8 && p[0] == SOCKS4)
    return p[1] == 1 && p[bytes.len - 1] == 0;
  if (bytes.len < 2 || p[0] != SOCKS5)
    return false;
  if (bytes.len == 2)
    return is_asked;
  return bytes.len == 2U + p[1] || (p[1] == 0 && is_socks5_reply(slice_from(bytes, 2)));
}

bool preface_begins(const StreamStage *stage, Slice bytes)
{
  const StreamStage *peer = stage_peer(stage);

  return proxy_begins(bytes) ||
         (stage->at_start && socks_begins(bytes, peer && peer->layer == &STREAM_PREFACE));
}

static size_t proxy_len(Slice bytes)
{
  if (bytes.data[0] == 'P') {
    size_t len = slice_find(bytes, '\n') + 1;
    return len <= bytes.len ? len : bytes.len < PROXY_LINE_MAX ? LENGTH_PART : LENGTH_NONE;
  }
  size_t len = proxy_header_len(bytes);
  return len > 0 ? len : LENGTH_PART;
}

/* Version, code, 0, address and port: a request's or reply's. */
static void skip_address(Reader *in)
{
  reader_skip(in, 3);
  switch (reader_u8(in)) {
  case ADDRESS_TYPE_IPV4:
    reader_skip(in, 4 + 2);
    break;
  case ADDRESS_TYPE_NAME:
    reader_skip(in, reader_u8(in) + 2U);
    break;
  case ADDRESS_TYPE_IPV6:
    reader_skip(in, 16 + 2);
    break;
  default:
    in->failed = true;
    break;
  }
}

/* User and password, or the server's one byte of status. */
static void skip_auth(Reader *in, bool is_server)
{
  reader_skip(in, 1);
  size_t len = reader_u8(in);

  if (is_server)
    return;
  reader_skip(in, len);
  reader_skip(in, reader_u8(in));
}

/* Up to and with a NUL. */
static void skip_string(Reader *in)
{
  while (reader_u8(in) != 0 && !in->failed)
    continue;
}

static void skip_socks4(Reader *in, bool is_server)
{
  reader_skip(in, 4);
  uint32_t address = reader_u32(in);

  if (is_server)
    return;
  skip_string(in);
  if (address > 0 && address <= UINT8_MAX) /* 4a: a name follows */
    skip_string(in);
}

/* One message of SOCKS; *ret_last when the stream proper comes after it. */
static size_t socks_len(Slice bytes, unsigned count, bool is_server, bool *ret_last)
{
  Reader in = reader_of(bytes.data, bytes.len);
  uint8_t first = reader_peek(&in);

  *ret_last = first != SOCKS5_AUTH && (count > 0 || first != SOCKS5);
  if (count == 0 && first == SOCKS5) {
    reader_skip(&in, 1);
    size_t methods = reader_u8(&in);
    reader_skip(&in, is_server ? 0 : methods);
  } else if (count == 0) {
    skip_socks4(&in, is_server);
  } else if (first == SOCKS5_AUTH) {
    skip_auth(&in, is_server);
  } else if (first == SOCKS5) {
    skip_address(&in);
  } else {
    return LENGTH_NONE;
  }
  return in.failed ? LENGTH_PART : bytes.len - reader_left(&in);
}

static size_t message_len(const StreamStage *stage, Slice bytes, bool *ret_last)
{
  const Preface *preface = stage->state;
  bool is_proxy =
    preface->count == 0 && (bytes.data[0] == 'P' || bytes.data[0] == PROXY_SIGNATURE.data[0]);

  *ret_last = is_proxy;
  return is_proxy ? proxy_len(bytes)
                  : socks_len(bytes, preface->count, preface->is_server, ret_last);
}

static void preface_feed(StreamStage *stage, Slice bytes)
{
  Preface *preface = stage->state;
  const StreamStage *peer = stage_peer(stage);
  bool last = false;

  if (stage->head_len > 0 && bytes.data != stage->head) {
    stage_head_add(stage, bytes);
    bytes = stage_head(stage);
  }
  if (preface->count == 0)
    preface->is_server =
      (bytes.len > 0 && bytes.data[0] == 0) || (peer && peer->layer == &STREAM_PREFACE);
  while (!last && bytes.len > 0) {
    size_t len = message_len(stage, bytes, &last);
    if (len == LENGTH_PART && bytes.len < PREFACE_MAX) {
      stage_head_set(stage, bytes);
      stage->on_head = false;
      return;
    }
    if (len == LENGTH_PART || len == LENGTH_NONE)
      break;
    bytes = slice_from(bytes, len);
    preface->count++;
  }
  if (last || bytes.len > 0)
    stage_restart(stage, bytes);
  else
    stage_head_clear(stage);
}

/* Without the beginning nobody knows what the rest is. */
static void preface_gap(StreamStage *stage, uint64_t len)
{
  (void) len;
  stage_head_clear(stage);
  stage_restart(stage, SLICE_NONE);
}

static bool preface_next(StreamStage *stage, StreamPiece *ret_piece)
{
  (void) stage;
  (void) ret_piece;
  return false;
}

static uint64_t preface_pending(const StreamStage *stage)
{
  return stage->head_len;
}

const StreamLayer STREAM_PREFACE = {
  .state_size = sizeof(Preface),
  .feed = preface_feed,
  .gap = preface_gap,
  .next = preface_next,
  .pending = preface_pending,
};
