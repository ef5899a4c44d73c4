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
}

void websocket_feed(WebSocketReader *reader, Slice octets)
{
  reader->input = octets;
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
static bool header_read(const uint8_t *octets, size_t len, Header *ret_header)
{
  Reader r = reader_of(octets, len);
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
  if (header->flags & RSV1 || header->length > reader->message_max - reader->buffer_len)
    return true;
  return header->opcode == OPCODE_CONTINUATION && (!reader->in_message || reader->unwanted);
}

static void begin_payload(WebSocketReader *reader)
{
  Header header;

  if (!header_read(reader->header, reader->header_len, &header)) {
    reader->lost = true;
    reader->in_message = false;
    reader->buffer_len = 0;
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
    reader->buffer_len = 0;
    reader->cut = reader->unwanted = false;
  }
  bool unwanted = !control && is_unwanted(reader, &header);
  reader->passing = control || unwanted;
  reader->unwanted |= unwanted;
  reader->skipped += unwanted;
  if (!control)
    reader->in_message = true;
}

static void buffer_add(WebSocketReader *reader, Slice octets)
{
  size_t len = reader->buffer_len + octets.len;

  if (octets.len == 0)
    return;
  if (len > reader->buffer_room) {
    reader->buffer_room = len + len / 2;
    reader->buffer = g_realloc(reader->buffer, reader->buffer_room);
  }
  char *to = reader->buffer + reader->buffer_len;
  memcpy(to, octets.data, octets.len);
  for (size_t i = 0; reader->masked && i < octets.len; i++)
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

/* Reads what is there of the payload; true when a message is complete. */
static bool read_payload(WebSocketReader *reader, WebSocketMessage *ret_message)
{
  size_t here = (size_t) MIN((uint64_t) reader->input.len, reader->length - reader->at);
  Slice octets = slice_head(reader->input, here);
  bool alone = reader->at == 0 && reader->buffer_len == 0 && here == reader->length;
  bool in_place = alone && !reader->masked && reader->final && !reader->cut;

  reader->input = slice_from(reader->input, here);
  /* After a hole nothing is kept: a message is shown as far as it is known. */
  if (!reader->passing && !reader->cut && !in_place)
    buffer_add(reader, octets);
  reader->at += here;
  if (reader->at < reader->length || !end_payload(reader))
    return false;
  Slice whole = in_place ? octets : slice_of(reader->buffer, reader->buffer_len);
  *ret_message = (WebSocketMessage){whole, in_place, reader->cut};
  reader->buffer_len = 0;
  reader->cut = false;
  return true;
}

bool websocket_next(WebSocketReader *reader, WebSocketMessage *ret_message)
{
  for (;;) {
    if (reader->lost && reader->cut && reader->buffer_len > 0) {
      *ret_message = (WebSocketMessage){slice_of(reader->buffer, reader->buffer_len), false, true};
      reader->buffer_len = 0;
      reader->cut = false;
      return true;
    }
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
  reader->lost = true;
  reader->in_payload = reader->in_message = reader->unwanted = false;
}

void websocket_end(WebSocketReader *reader)
{
  websocket_gap(reader, UINT64_MAX);
}

/* The header that the bytes begin with; its size, or 0 when it is not whole or none. */
static size_t peek_header(Slice octets, Header *ret_header)
{
  const uint8_t *bytes = (const uint8_t *) octets.data;

  if (octets.len < 2)
    return 0;
  size_t size = header_size(bytes);
  return octets.len >= size && header_read(bytes, size, ret_header) ? size : 0;
}

Slice websocket_peek(Slice octets, char *room, size_t room_len)
{
  Header header;
  size_t size = peek_header(octets, &header);

  while (size > 0 && header.opcode & CONTROL && octets.len - size >= header.length) {
    octets = slice_from(octets, size + (size_t) header.length);
    size = peek_header(octets, &header);
  }
  if (size == 0 || octets.len == size)
    return SLICE_NONE;
  /* RSV1 is compressed, and in bytes that are text it is a letter's: "BYE", "ACK". */
  bool readable = header.opcode == OPCODE_TEXT || header.opcode == OPCODE_BINARY;
  if (!readable || header.flags & RSV1)
    return SLICE_NONE;
  Slice payload = slice_from(octets, size);
  size_t len = MIN((uint64_t) MIN(payload.len, room_len), header.length);
  for (size_t i = 0; i < len; i++)
    room[i] = (char) (payload.data[i] ^ (header.masked ? header.key[i % 4] : 0));
  return slice_of(room, len);
}

bool websocket_has_sip(Slice octets)
{
  enum { PEEK = 512 }; /* bytes of a message that show whether it is SIP */
  char room[PEEK];
  Slice payload = websocket_peek(octets, room, sizeof room);

  return payload.data && sip_msg_is_likely(payload);
}

/* --- The layer ------------------------------------------------------------------------------ */

static void layer_begin(StreamStage *stage)
{
  websocket_init(stage->state, stage->stream->message_max);
}

static void layer_feed(StreamStage *stage, Slice octets)
{
  WebSocketReader *reader = stage->state;

  if (!reader->lost || websocket_has_sip(octets))
    websocket_feed(reader, octets);
}

static void layer_gap(StreamStage *stage, uint64_t len)
{
  websocket_gap(stage->state, len);
}

static bool layer_next(StreamStage *stage, StreamPiece *ret_piece)
{
  WebSocketReader *reader = stage->state;
  WebSocketMessage message;

  if (!websocket_next(reader, &message))
    return false;
  *ret_piece = (StreamPiece){.octets = message.octets,
                             .from_input = message.from_input,
                             .cut = message.cut,
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
  return ((const WebSocketReader *) stage->state)->buffer_room;
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
