/* WebSocket octets in pieces, some of them missing. */
#include "dissect/net/websocket.h"

#include <glib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MESSAGE_MAX = 1000 };

static void pull(WebSocketReader *reader)
{
  WebSocketMessage message;

  while (websocket_next(reader, &message)) {
    g_assert(message.octets.len <= MESSAGE_MAX);
    g_assert(slice_find(message.octets, '\0') <= message.octets.len); /* all can be read */
  }
}

/* A piece: how many octets, and with the high bit how many are missing; the octets. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  WebSocketReader reader;
  char room[64];

  websocket_init(&reader, MESSAGE_MAX);
  while (size > 0) {
    size_t len = MIN((size_t) data[0] & 0x7f, size - 1);
    Slice octets = slice_of((const char *) data + 1, len);
    if (data[0] & 0x80)
      websocket_gap(&reader, len);
    else
      websocket_feed(&reader, octets);
    pull(&reader);
    g_assert(websocket_peek(octets, room, sizeof room).len <= sizeof room);
    data += 1 + len;
    size -= 1 + len;
  }
  websocket_end(&reader);
  pull(&reader);
  websocket_clear(&reader);
  return 0;
}
