/*
 * HTTP/1 as a layer: header blocks are looked at for an upgrade to WebSocket with SIP in it and for
 * CONNECT (RFC 9110 9.3.6), after which the connection carries whatever comes.
 */
#include <glib.h>

#include "dissect/stream/stream.h"
#include "dissect/stream/websocket.h"

enum { HEADER_MAX = 16 * 1024 }; /* longer than any upgrade */

typedef struct {
  bool in_header; /* the header block's end is not here yet */
  bool not_sip;   /* a subprotocol was named, and it is not SIP */
  bool asks;      /* for WebSocket, and nothing speaks against SIP in it */
  bool connects;  /* the last request was CONNECT */
} Http;

/* What a header block says (RFC 6455 4, RFC 7118 4). */
typedef struct {
  unsigned status;                 /* of a response, else 0 */
  bool connects;                   /* a request of CONNECT */
  bool upgrades;                   /* Upgrade: websocket */
  bool names_protocol;             /* there is a Sec-WebSocket-Protocol */
  bool names_sip;                  /* and SIP is in it */
  WebSocketDeflate server, client; /* of permessage-deflate */
} Header;

/* Methods that SIP does not have. */
static const Slice METHODS[] = {{"GET ", 4},    {"POST ", 5},    {"PUT ", 4},  {"HEAD ", 5},
                                {"DELETE ", 7}, {"CONNECT ", 8}, {"PATCH ", 6}};

bool http_begins(Slice bytes)
{
  Slice rest = bytes;
  Slice line = slice_take_line(&rest);

  if (slice_starts_with(line, SLICE("HTTP/1.")))
    return true;
  if (line.len == bytes.len) {
    for (size_t i = 0; i < G_N_ELEMENTS(METHODS); i++)
      if (slice_starts_with(line, METHODS[i]))
        return true;
    return false;
  }
  size_t version = strlen("HTTP/1.1");
  return line.len > version &&
         slice_starts_with(slice_from(line, line.len - version - 1), SLICE(" HTTP/1."));
}

size_t http_header_end(Slice bytes, size_t from)
{
  size_t at = from >= 3 ? from - 3 : 0; /* the empty line may have begun before */

  while (at < bytes.len) {
    at += slice_find(slice_from(bytes, at), '\n') + 1;
    Slice rest = slice_from(bytes, at);
    if (slice_starts_with(rest, SLICE("\r\n")))
      return at + 2;
    if (slice_starts_with(rest, SLICE("\n")))
      return at + 1;
  }
  return 0;
}

/* Is `word` one of the comma list, in any case? */
static bool list_has(Slice list, Slice word)
{
  while (list.len > 0)
    if (slice_eq_nocase(slice_trim(slice_cut(&list, ',')), word))
      return true;
  return false;
}

/* "15", maybe in quotes; 0 where there is no such value (RFC 7692 7.1.2). */
static uint8_t window_bits(Slice value)
{
  uint32_t bits;

  if (value.len >= 2 && value.data[0] == '"' && value.data[value.len - 1] == '"')
    value = slice_of(value.data + 1, value.len - 2);
  if (!slice_to_u32(value, &bits) || bits < 8 || bits > 15)
    return 0;
  return (uint8_t) MAX(bits, 9U); /* zlib takes 9 for 8 */
}

/* RFC 7692 7.1: permessage-deflate; server_no_context_takeover; client_max_window_bits=10 */
static void read_extensions(Header *header, Slice list)
{
  while (list.len > 0) {
    Slice params = slice_cut(&list, ',');
    if (!slice_eq_nocase(slice_trim(slice_cut(&params, ';')), SLICE("permessage-deflate")))
      continue;
    header->server.agreed = header->client.agreed = true;
    while (params.len > 0) {
      Slice value = slice_cut(&params, ';'), name = slice_trim(slice_cut(&value, '='));
      header->server.alone |= slice_eq_nocase(name, SLICE("server_no_context_takeover"));
      header->client.alone |= slice_eq_nocase(name, SLICE("client_no_context_takeover"));
      if (slice_eq_nocase(name, SLICE("server_max_window_bits")))
        header->server.window_bits = window_bits(slice_trim(value));
      if (slice_eq_nocase(name, SLICE("client_max_window_bits")))
        header->client.window_bits = window_bits(slice_trim(value));
    }
  }
}

static void read_row(Header *header, Slice row)
{
  Slice name = slice_trim(slice_cut(&row, ':'));

  if (slice_eq_nocase(name, SLICE("Upgrade")))
    header->upgrades |= list_has(row, SLICE("websocket"));
  if (slice_eq_nocase(name, SLICE("Sec-WebSocket-Extensions")))
    read_extensions(header, row);
  if (slice_eq_nocase(name, SLICE("Sec-WebSocket-Protocol"))) {
    header->names_protocol = true;
    header->names_sip |= list_has(row, SLICE("sip"));
  }
}

static Header read_header(Slice block)
{
  Header header = {0};
  Slice line = slice_take_line(&block);
  uint32_t status;

  header.connects = slice_starts_with(line, SLICE("CONNECT "));
  if (slice_starts_with(line, SLICE("HTTP/1."))) {
    slice_cut(&line, ' ');
    if (slice_to_u32(slice_cut(&line, ' '), &status))
      header.status = status;
  }
  while (block.len > 0)
    read_row(&header, slice_take_line(&block));
  return header;
}

static void upgrade(StreamStage *stage, Slice rest)
{
  stage_skip(stage, rest.len);
  stage_hand_over(stage, &STREAM_WEBSOCKET, rest);
}

/* A whole header block: does it upgrade to WebSocket with SIP in it, or open a tunnel?  `rest`
 * follows it. */
static void take_header(StreamStage *stage, Header header, Slice rest)
{
  Http *http = stage->state;
  const StreamStage *peer = stage_peer(stage);
  const Http *asked = peer && peer->layer == &STREAM_HTTP ? peer->state : NULL;
  bool asked_for_other = !header.names_protocol && asked && asked->not_sip;

  http->not_sip = header.names_protocol && !header.names_sip;
  http->asks = header.status == 0 && header.upgrades && !http->not_sip;
  if (http->asks && websocket_has_sip(rest)) {
    upgrade(stage, rest);
    return;
  }
  http->connects = header.connects;
  if (header.status / 100 == 2 && asked && asked->connects) {
    stage_restart(stage, rest);
    return;
  }
  if (header.status != 101) /* RFC 9110 15.2.2: Switching Protocols */
    return;
  stage->stream->is_server = true;
  stage->stream->deflate = header.server;
  stage->stream->peer_deflate = header.client;
  if (header.upgrades && !http->not_sip && !asked_for_other)
    upgrade(stage, rest);
  else
    stage_hand_over(stage, &STREAM_IGNORED, rest);
}

/* Looks for the end of the header block, which is in the head; `bytes` are its last, from `at`. */
static void scan_header(StreamStage *stage, Slice bytes, size_t at)
{
  Http *http = stage->state;
  size_t end = http_header_end(stage_head(stage), at);

  stage->stream->in_opening = true;
  http->in_header = end == 0 && stage->head_len <= HEADER_MAX;
  stage->on_head = !http->in_header && bytes.data == stage->head;
  if (http->in_header)
    return;
  Header header = read_header(slice_head(stage_head(stage), end));
  if (!stage->on_head)
    stage_head_clear(stage);
  if (end > 0)
    take_header(stage, header, slice_from(bytes, end - at));
}

/* No header block is under way: what this is, is for the peer to say, or shows by itself. */
static void feed_between(StreamStage *stage, Slice bytes)
{
  const Http *http = stage->state;
  const StreamStage *peer = stage_peer(stage);
  const StreamLayer *other = peer ? peer->layer : NULL;
  bool begins = http_begins(bytes);

  /* The client's first frame may have been captured before the server's 101. */
  if ((other == &STREAM_WEBSOCKET && !begins) ||
      (other != &STREAM_IGNORED && http->asks && websocket_has_sip(bytes))) {
    upgrade(stage, bytes);
  } else if (other == &STREAM_IGNORED) {
    stage_hand_over(stage, &STREAM_IGNORED, bytes);
  } else if (http->connects && !begins) {
    stage_restart(stage, bytes);
  } else if (begins) {
    stage_head_add(stage, bytes);
    scan_header(stage, bytes, 0);
  }
}

static void http_feed(StreamStage *stage, Slice bytes)
{
  const Http *http = stage->state;
  size_t before = stage->head_len;

  if (bytes.data == stage->head) { /* all that the detector kept */
    scan_header(stage, bytes, 0);
  } else if (!http->in_header) {
    feed_between(stage, bytes);
  } else {
    stage_head_add(stage, bytes);
    scan_header(stage, bytes, before);
  }
}

static void http_gap(StreamStage *stage, uint64_t len)
{
  Http *http = stage->state;

  (void) len;
  stage_head_clear(stage);
  http->in_header = false;
}

static bool http_next(StreamStage *stage, StreamPiece *ret_piece)
{
  (void) stage;
  (void) ret_piece;
  return false;
}

static uint64_t http_pending(const StreamStage *stage)
{
  const Http *http = stage->state;

  return http->in_header ? UINT64_MAX : 0;
}

const StreamLayer STREAM_HTTP = {
  .state_size = sizeof(Http),
  .feed = http_feed,
  .gap = http_gap,
  .next = http_next,
  .pending = http_pending,
};
