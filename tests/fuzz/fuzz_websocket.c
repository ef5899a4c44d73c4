/* WebSocket in pieces: a length, whose high bit means that so many bytes are missing, and bytes. */
#include "dissect/stream/websocket.h"

#include <glib.h>

#include "capture/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void pull(WebSocketReader *reader)
{
  WebSocketMessage message;

  while (websocket_next(reader, &message)) {
    g_assert(message.bytes.len <= reader->message_max);
    g_free(slice_dup(message.bytes)); /* reads every byte of it */
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  Reader in = reader_of(data, size);
  WebSocketReader reader;
  char room[64];

  websocket_init(&reader, 1000);
  if (size > 0)
    reader.deflate = (WebSocketDeflate){true, data[0] & 1, data[0] & 2 ? 9 : 0};
  while (reader_left(&in) > 0) {
    uint8_t first = reader_u8(&in);
    Slice bytes = reader_slice(&in, MIN(first & 0x7fU, reader_left(&in)));
    if (first & 0x80)
      websocket_gap(&reader, bytes.len);
    else
      websocket_feed(&reader, bytes);
    pull(&reader);
    g_assert(websocket_peek(bytes, room, sizeof room).len <= sizeof room);
  }
  websocket_end(&reader);
  pull(&reader);
  websocket_clear(&reader);
  return 0;
}
