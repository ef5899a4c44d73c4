#include "dissect/stream/websocket.h"

#include <glib.h>

#include "capture/reader.h"
#include "dissect/sip/sip_msg.h"
#include "dissect/stream/stream.h"

enum {
  FIN = 0x80,
  RSV1 = 0x40, /* RFC 7692: compressed */
  RSV_OTHERS = 0x30,
  OPCODE = 0x0f,
  MASK = 0x80,
  CONTROL = 0x08, /* bit of the opcodes that are control frames */
};

enum { OPCODE_CONTINUATION, OPCODE_TEXT, OPCODE_BINARY };

void websocket_init(WebSocketReader *reader, size_t message_max)
{
  *reader = (WebSocketReader){.message_max = message_max};
}

void websocket_clear(WebSocketReader *reader)
{
  g_free(reader->buffer);
  reader->buffer = NULL;
  reader->buffer_len = reader->buffer_room = 0;
  g_clear_pointer(&reader->inflater, inflater_free);
  g_clear_pointer(&reader->inflated, g_byte_array_unref);
}

void websocket_feed(WebSocketReader *reader, Slice bytes)
{
  reader->input = bytes;
  if (reader->lost) {
    reader->lost = false;
    reader->header_len = 0;
  }
}

/* Bytes the header has, by what its first two say (RFC 6455 5.2). */
static size_t header_size(const uint8_t header[2])
{
  size_t length = header[1] & 0x7f;

  return 2 + (length == 126 ? 2U : length == 127 ? 8U : 0U) + (header[1] & MASK ? 4U : 0U);
}

typedef struct {
  uint8_t flags; /* FIN, RSV */
  uint8_t opcode;
  bool masked;
  uint8_t key[4];
  uint64_t length;
} Header;

/* Reads a whole header.  False when no WebSocket endpoint would have sent it. */
static bool header_read(const uint8_t *bytes, size_t len, Header *ret_header)
{
  Reader r = reader_of(bytes, len);
  Header header = {.flags = reader_peek(&r) & (uint8_t) ~OPCODE};

  header.opcode = reader_u8(&r) & OPCODE;
  uint8_t second = reader_u8(&r);
  header.masked = second & MASK;
  header.length = second & 0x7f;
  if (header.length == 126)
    header.length = reader_u16(&r);
  else if (header.length == 127)
    header.length = (uint64_t) reader_u32(&r) << 32 | reader_u32(&r);
  const uint8_t *key = header.masked ? reader_take(&r, sizeof header.key) : NULL;
  if (key)
    memcpy(header.key, key, sizeof header.key);
  bool control = header.opcode & CONTROL;
  if (r.failed || header.flags & RSV_OTHERS || header.length >> 63 ||
      (header.opcode & ~CONTROL) > OPCODE_BINARY)
    return false;
  /* RFC 6455 5.5: control frames are short and never fragmented. */
  if (control && (header.length > 125 || !(header.flags & FIN)))
    return false;
  *ret_header = header;
  return true;
}

/* Gathers the header's bytes; true when all are there. */
static bool gather_header(WebSocketReader *reader)
{
  while (reader->input.len > 0) {
    reader->header[reader->header_len++] = (uint8_t) reader->input.data[0];
    reader->input = slice_from(reader->input, 1);
    if (reader->header_len >= 2 && reader->header_len == header_size(reader->header))
      return true;
  }
  return false;
}

/* Is this payload none that can be read? */
static bool is_unwanted(const WebSocketReader *reader, const Header *header)
{
  bool continues = header->opcode == OPCODE_CONTINUATION;

  if (header->length > reader->message_max - reader->buffer_len)
    return true;
  return continues && (!reader->in_message || reader->unwanted || header->flags & RSV1);
}

/* What comes next may refer to what was not read: it begins with an empty window. */
static void lose_window(WebSocketReader *reader)
{
  g_clear_pointer(&reader->inflater, inflater_free);
}

static void pass_compressed(WebSocketReader *reader)
{
  reader->unread++;
  lose_window(reader);
}

static void begin_payload(WebSocketReader *reader)
{
  Header header;

  if (!header_read(reader->header, reader->header_len, &header)) {
    reader->lost = true;
    reader->in_message = false;
    reader->buffer_len = 0;
    lose_window(reader);
    return;
  }
  bool control = header.opcode & CONTROL;
  reader->in_payload = true;
  reader->header_len = 0;
  reader->final = header.flags & FIN;
  reader->opcode = header.opcode;
  reader->masked = header.masked;
  memcpy(reader->key, header.key, sizeof reader->key);
  reader->length = header.length;
  reader->at = 0;
  if (!control && header.opcode != OPCODE_CONTINUATION) {
    if (reader->in_message && reader->compressed && !reader->unwanted)
      pass_compressed(reader); /* its end is missing */
    reader->buffer_len = 0;
    reader->cut = reader->unwanted = false;
    reader->compressed = header.flags & RSV1;
  }
  bool unwanted = !control && is_unwanted(reader, &header);
  if (unwanted && !reader->unwanted && reader->compressed)
    pass_compressed(reader);
  reader->passing = control || unwanted;
  reader->unwanted |= unwanted;
  reader->skipped += unwanted;
  if (!control)
    reader->in_message = true;
}

static void buffer_add(WebSocketReader *reader, Slice bytes)
{
  size_t len = reader->buffer_len + bytes.len;

  if (bytes.len == 0)
    return;
  if (len > reader->buffer_room) {
    reader->buffer_room = len + len / 2;
    reader->buffer = g_realloc(reader->buffer, reader->buffer_room);
  }
  char *to = reader->buffer + reader->buffer_len;
  memcpy(to, bytes.data, bytes.len);
  for (size_t i = 0; reader->masked && i < bytes.len; i++)
    to[i] = (char) (to[i] ^ reader->key[(reader->at + i) % 4]);
  reader->buffer_len = len;
}

/* The payload has ended: true when that ends a message. */
static bool end_payload(WebSocketReader *reader)
{
  bool control = reader->opcode & CONTROL;

  reader->in_payload = false;
  if (control || !reader->final)
    return false;
  bool wanted = reader->in_message && !reader->unwanted;
  reader->in_message = reader->unwanted = false;
  return wanted;
}

/*
 * RFC 7692 7.2.2: the message, and what the sender took off its end.  Of a message that is cut what
 * came before the hole is shown.  False if it cannot be decompressed.
 */
static bool inflate_message(WebSocketReader *reader, Slice whole, Slice *ret_text)
{
  Slice tail = SLICE("\0\0\xff\xff");
  size_t most = MAX(whole.len * WEBSOCKET_RATIO_MAX, (size_t) WEBSOCKET_LEAST_MAX);
  unsigned bits = reader->deflate.window_bits;

  most = MIN(most, reader->message_max);
  if (!reader->inflater)
    reader->inflater = inflater_new(INFLATE_RAW, bits > 0 ? bits : INFLATE_WINDOW_BITS_MAX);
  if (!reader->inflated)
    reader->inflated = g_byte_array_new();
  g_byte_array_set_size(reader->inflated, 0);
  InflateResult result = inflater_feed(reader->inflater, &whole, reader->inflated, most);
  if (result == INFLATE_PAUSED && !reader->cut)
    result = inflater_feed(reader->inflater, &tail, reader->inflated, most);
  if (result != INFLATE_PAUSED || reader->cut || reader->deflate.alone)
    lose_window(reader);
  reader->unread += result == INFLATE_FULL || result == INFLATE_DAMAGED;
  *ret_text = slice_of((const char *) reader->inflated->data, reader->inflated->len);
  return result == INFLATE_PAUSED || result == INFLATE_ENDED;
}

/* A message is over, or as much of it as is known.  False if it cannot be read. */
static bool give(WebSocketReader *reader, Slice whole, bool in_place, WebSocketMessage *ret_message)
{
  WebSocketMessage message = {.bytes = whole,
                              .from_input = in_place && !reader->compressed,
                              .cut = reader->cut,
                              .refers_back = reader->compressed && reader->inflater};
  bool readable = !reader->compressed || inflate_message(reader, whole, &message.bytes);

  reader->buffer_len = 0;
  reader->cut = reader->compressed = false;
  if (readable)
    *ret_message = message;
  return readable;
}

/* Reads what is there of the payload; true when a message is complete. */
static bool read_payload(WebSocketReader *reader, WebSocketMessage *ret_message)
{
  size_t here = (size_t) MIN((uint64_t) reader->input.len, reader->length - reader->at);
  Slice bytes = slice_head(reader->input, here);
  bool alone = reader->at == 0 && reader->buffer_len == 0 && here == reader->length;
  bool in_place = alone && !reader->masked && reader->final && !reader->cut;

  reader->input = slice_from(reader->input, here);
  /* After a hole nothing is kept: a message is shown as far as it is known. */
  if (!reader->passing && !reader->cut && !in_place)
    buffer_add(reader, bytes);
  reader->at += here;
  if (reader->at < reader->length || !end_payload(reader))
    return false;
  Slice whole = in_place ? bytes : slice_of(reader->buffer, reader->buffer_len);
  return give(reader, whole, in_place, ret_message);
}

bool websocket_next(WebSocketReader *reader, WebSocketMessage *ret_message)
{
  for (;;) {
    bool rest = reader->lost && reader->cut && reader->buffer_len > 0;
    Slice kept = slice_of(reader->buffer, reader->buffer_len);
    if (rest && give(reader, kept, false, ret_message))
      return true;
    if (reader->lost)
      return false;
    if (reader->in_payload) {
      if (read_payload(reader, ret_message))
        return true;
      if (reader->in_payload)
        return false;
    }
    if (!gather_header(reader))
      return false;
    begin_payload(reader);
  }
}

void websocket_gap(WebSocketReader *reader, uint64_t len)
{
  bool control = reader->in_payload && (reader->opcode & CONTROL);

  reader->input = SLICE_NONE;
  if (reader->in_payload && len <= reader->length - reader->at) {
    reader->at += len;
    reader->cut |= !control;
    return;
  }
  reader->cut = reader->in_message && !reader->unwanted;
  if (!reader->cut)
    reader->buffer_len = 0;
  if (!reader->cut || !reader->compressed || reader->buffer_len == 0)
    lose_window(reader); /* else what is there of this message needs it once more */
  reader->lost = true;
  reader->in_payload = reader->in_message = reader->unwanted = false;
}

size_t websocket_kept(const WebSocketReader *reader)
{
  size_t kept = reader->buffer_room + (reader->inflated ? reader->inflated->len : 0);

  return kept + (reader->inflater ? INFLATER_SIZE_MAX : 0);
}

void websocket_end(WebSocketReader *reader)
{
  websocket_gap(reader, UINT64_MAX);
}

/* The header that the bytes begin with; its size, or 0 when it is not whole or none. */
static size_t peek_header(Slice bytes, Header *ret_header)
{
  const uint8_t *header = (const uint8_t *) bytes.data;

  if (bytes.len < 2)
    return 0;
  size_t size = header_size(header);
  return bytes.len >= size && header_read(header, size, ret_header) ? size : 0;
}

/* In bytes that are text RSV1 is a letter's: "BYE", "ACK".  These hardly ever become anything. */
static Slice peek_compressed(Slice payload, char *room, size_t room_len)
{
  g_autoptr(Inflater) inflater = inflater_new(INFLATE_RAW, INFLATE_WINDOW_BITS_MAX);
  g_autoptr(GByteArray) out = g_byte_array_new();

  if (inflater_feed(inflater, &payload, out, room_len) == INFLATE_DAMAGED || out->len == 0)
    return SLICE_NONE;
  memcpy(room, out->data, out->len);
  return slice_of(room, out->len);
}

Slice websocket_peek(Slice bytes, char *room, size_t room_len)
{
  Header header;
  size_t size = peek_header(bytes, &header);

  while (size > 0 && header.opcode & CONTROL && bytes.len - size >= header.length) {
    bytes = slice_from(bytes, size + (size_t) header.length);
    size = peek_header(bytes, &header);
  }
  if (size == 0 || bytes.len == size)
    return SLICE_NONE;
  if (header.opcode != OPCODE_TEXT && header.opcode != OPCODE_BINARY)
    return SLICE_NONE;
  Slice payload = slice_from(bytes, size);
  size_t len = (size_t) MIN((uint64_t) MIN(payload.len, room_len), header.length);
  for (size_t i = 0; i < len; i++)
    room[i] = (char) (payload.data[i] ^ (header.masked ? header.key[i % 4] : 0));
  return header.flags & RSV1 ? peek_compressed(slice_of(room, len), room, room_len)
                             : slice_of(room, len);
}

bool websocket_has_sip(Slice bytes)
{
  enum { PEEK = 512 }; /* bytes of a message that show whether it is SIP */
  char room[PEEK];
  Slice payload = websocket_peek(bytes, room, sizeof room);

  return payload.data && sip_msg_is_likely(payload);
}

static bool begins_compressed(Slice bytes)
{
  Header header;

  return peek_header(bytes, &header) > 0 && header.flags & RSV1 &&
         (header.opcode == OPCODE_TEXT || header.opcode == OPCODE_BINARY);
}

/* --- The layer ------------------------------------------------------------------------------ */

/* How compressed messages of this direction are, is in the answer of the server to the handshake:
 * in this stream or in the opposite one. */
static void layer_begin(StreamStage *stage)
{
  WebSocketReader *reader = stage->state;
  const StreamStage *peer = stage_peer(stage);

  websocket_init(reader, stage->stream->message_max);
  reader->deflate = stage->stream->deflate;
  if (peer && peer->stream->is_server)
    reader->deflate = peer->stream->peer_deflate;
}

static void layer_feed(StreamStage *stage, Slice bytes)
{
  WebSocketReader *reader = stage->state;

  if (!reader->lost || websocket_has_sip(bytes))
    websocket_feed(reader, bytes);
  else if ((reader->inflated || reader->deflate.agreed) && begins_compressed(bytes))
    stage->stream->unread++;
}

static void layer_gap(StreamStage *stage, uint64_t len)
{
  websocket_gap(stage->state, len);
}

static bool layer_next(StreamStage *stage, StreamPiece *ret_piece)
{
  WebSocketReader *reader = stage->state;
  WebSocketMessage message;

  bool found = websocket_next(reader, &message);
  stage->stream->keeps_window = reader->inflater;
  stage->stream->unread += reader->unread;
  reader->unread = 0;
  if (!found)
    return false;
  *ret_piece = (StreamPiece){.octets = message.bytes,
                             .from_input = message.from_input,
                             .cut = message.cut,
                             .refers_back = message.refers_back,
                             .left = reader->input.len};
  return true;
}

static uint64_t layer_pending(const StreamStage *stage)
{
  const WebSocketReader *reader = stage->state;
  bool in_frame = reader->in_message || reader->in_payload || reader->header_len > 0;

  return in_frame && !reader->lost ? UINT64_MAX : 0;
}

static size_t layer_kept(const StreamStage *stage)
{
  return websocket_kept(stage->state);
}

static void layer_clear(StreamStage *stage)
{
  websocket_clear(stage->state);
}

const StreamLayer STREAM_WEBSOCKET = {
  .above = &STREAM_SIP_MESSAGES,
  .transport = TRANSPORT_WS,
  .state_size = sizeof(WebSocketReader),
  .begin = layer_begin,
  .feed = layer_feed,
  .gap = layer_gap,
  .next = layer_next,
  .pending = layer_pending,
  .kept = layer_kept,
  .clear = layer_clear,
};
