#include "dissect/stream/stream.h"

#include "dissect/sip/sip_msg.h"
#include "dissect/stream/stream_http.h"

enum {
  FIRST_LINE_MAX = 1024,       /* octets in which a stream must show what it is */
  HTTP_HEADER_MAX = 16 * 1024, /* longer than any upgrade */
  PEEK = 512,                  /* octets of a WebSocket message that show whether it is SIP */
};

Stream *stream_new(const TcpStream *tcp, size_t message_max)
{
  Stream *stream = g_new0(Stream, 1);

  stream->tcp = tcp;
  stream->message_max = message_max;
  stream->at_start = tcp->from_syn;
  return stream;
}

static void head_clear(Stream *stream)
{
  g_free(stream->head);
  stream->head = NULL;
  stream->head_len = stream->head_room = 0;
}

static void head_add(Stream *stream, Slice octets)
{
  size_t len = stream->head_len + octets.len;

  if (len > stream->head_room) {
    stream->head_room = len + len / 2;
    stream->head = g_realloc(stream->head, stream->head_room);
  }
  if (octets.len > 0)
    memcpy(stream->head + stream->head_len, octets.data, octets.len);
  stream->head_len = len;
}

static Slice head_of(const Stream *stream)
{
  return slice_of(stream->head, stream->head_len);
}

/* Leaves what it was. */
static void set_protocol(Stream *stream, StreamProtocol protocol)
{
  if (stream->protocol == STREAM_SIP) {
    stream->skipped += stream->sip.skipped;
    sip_framer_clear(&stream->sip);
  }
  if (stream->protocol == STREAM_WEBSOCKET)
    websocket_clear(&stream->websocket);
  stream->protocol = protocol;
  if (protocol == STREAM_SIP)
    sip_framer_init(&stream->sip, stream->message_max, stream->at_start);
  if (protocol == STREAM_WEBSOCKET)
    websocket_init(&stream->websocket, stream->message_max);
}

void stream_free(Stream *stream)
{
  if (!stream)
    return;
  set_protocol(stream, STREAM_IGNORED);
  head_clear(stream);
  g_free(stream);
}

static StreamProtocol peer_protocol(const Stream *stream)
{
  const Stream *peer = stream->tcp->peer->user;

  return peer ? peer->protocol : STREAM_UNKNOWN;
}

/* A TLS record (RFC 8446 5.1), of any version since SSL 3.0. */
static bool is_tls(Slice octets)
{
  const uint8_t *p = (const uint8_t *) octets.data;

  return octets.len >= 3 && p[0] >= 0x14 && p[0] <= 0x17 && p[1] == 3 && p[2] <= 4;
}

/* A WebSocket frame with the beginning of a SIP message (RFC 7118 5). */
static bool is_sip_in_websocket(Slice octets)
{
  char room[PEEK];
  Slice payload = websocket_peek(octets, room, sizeof room);

  return payload.data && sip_msg_is_likely(payload);
}

bool stream_can_begin(Slice octets)
{
  size_t fillers = 0;

  while (fillers < octets.len && strchr("\r\n", octets.data[fillers]) && octets.data[fillers])
    fillers++;
  octets = slice_from(octets, fillers);
  return octets.len == 0 || is_tls(octets) || is_sip_in_websocket(octets) ||
         sip_msg_is_likely(octets) || stream_http_begins(octets);
}

/* What the first octets are; UNKNOWN when more are needed. */
static StreamProtocol decide(const Stream *stream, Slice octets)
{
  if (is_tls(octets))
    return STREAM_IGNORED;
  if (!stream->at_start && is_sip_in_websocket(octets))
    return STREAM_WEBSOCKET;
  while (octets.len > 0 && (octets.data[0] == '\r' || octets.data[0] == '\n'))
    octets = slice_from(octets, 1);
  bool tells = slice_find(octets, '\n') < octets.len || octets.len > FIRST_LINE_MAX;
  if (stream_http_begins(octets) || (tells && peer_protocol(stream) == STREAM_HTTP))
    return STREAM_HTTP;
  if (slice_starts_with(octets, SLICE("SIP/")) && peer_protocol(stream) == STREAM_UNKNOWN)
    return STREAM_SIP;
  return tells ? STREAM_SIP : STREAM_UNKNOWN;
}

static void begin_websocket(Stream *stream, Slice octets)
{
  set_protocol(stream, STREAM_WEBSOCKET);
  websocket_feed(&stream->websocket, octets);
}

static void feed_sip(Stream *stream, Slice octets)
{
  bool is_lost = stream->sip.state == SIP_FRAMER_LOST;

  if (is_lost && !stream->found_sip && is_sip_in_websocket(octets)) {
    begin_websocket(stream, octets);
    return;
  }
  sip_framer_feed(&stream->sip, octets);
}

static void feed_websocket(Stream *stream, Slice octets)
{
  if (stream->websocket.lost && !is_sip_in_websocket(octets))
    return;
  websocket_feed(&stream->websocket, octets);
}

/* A header block: is this the upgrade to WebSocket with SIP inside?  `rest` is behind it. */
static void take_http_header(Stream *stream, StreamHttp http, Slice rest)
{
  const Stream *peer = stream->tcp->peer->user;
  bool asked_for_other = !http.names_protocol && peer && peer->not_sip;

  stream->not_sip = http.names_protocol && !http.names_sip;
  stream->asks = http.status == 0 && http.upgrades && !stream->not_sip;
  if (stream->asks && is_sip_in_websocket(rest))
    begin_websocket(stream, rest);
  if (http.status != 101) /* RFC 9110 15.2.2: Switching Protocols */
    return;
  if (!http.upgrades || stream->not_sip || asked_for_other) {
    set_protocol(stream, STREAM_IGNORED);
    return;
  }
  begin_websocket(stream, rest);
}

/* Looks for the end of the header block, which is in `head`; `octets` are its last from `at` on. */
static void scan_http_header(Stream *stream, Slice octets, size_t at)
{
  size_t end = stream_http_header_end(head_of(stream), at);

  stream->in_opening = true;
  stream->in_header = end == 0 && stream->head_len <= HTTP_HEADER_MAX;
  if (stream->in_header)
    return;
  stream->since = end > 0 ? octets.len - (end - at) : octets.len;
  StreamHttp http = stream_http_read(slice_head(head_of(stream), end));
  stream->from_head = octets.data == stream->head;
  if (!stream->from_head)
    head_clear(stream);
  if (end > 0)
    take_http_header(stream, http, slice_from(octets, end - at));
}

static void feed_http(Stream *stream, Slice octets)
{
  StreamProtocol peer = peer_protocol(stream);
  bool begins = stream_http_begins(octets);

  if (!stream->in_header && ((peer == STREAM_WEBSOCKET && !begins) || peer == STREAM_IGNORED)) {
    set_protocol(stream, peer);
    if (peer == STREAM_WEBSOCKET)
      websocket_feed(&stream->websocket, octets);
    return;
  }
  /* The client's first frame may have been captured before the server's 101. */
  if (!stream->in_header && stream->asks && is_sip_in_websocket(octets)) {
    begin_websocket(stream, octets);
    return;
  }
  if (!stream->in_header && !begins)
    return;
  size_t before = stream->head_len;
  head_add(stream, octets);
  scan_http_header(stream, octets, before);
}

static void feed_known(Stream *stream, Slice octets)
{
  switch (stream->protocol) {
  case STREAM_SIP:
    feed_sip(stream, octets);
    break;
  case STREAM_HTTP:
    feed_http(stream, octets);
    break;
  case STREAM_WEBSOCKET:
    feed_websocket(stream, octets);
    break;
  case STREAM_UNKNOWN:
  case STREAM_IGNORED:
    break;
  }
}

/* First octets that came in parts: `head` has them all once they tell what they are. */
static void feed_head(Stream *stream, Slice octets)
{
  head_add(stream, octets);
  StreamProtocol protocol = decide(stream, head_of(stream));
  if (protocol == STREAM_UNKNOWN)
    return;
  set_protocol(stream, protocol);
  if (protocol == STREAM_HTTP) {
    scan_http_header(stream, head_of(stream), 0);
    return;
  }
  stream->from_head = true;
  feed_known(stream, head_of(stream));
}

void stream_feed(Stream *stream, Slice octets)
{
  stream->since += octets.len;
  stream->in_opening = false;
  if (stream->from_head) {
    stream->from_head = false;
    head_clear(stream);
  }
  if (stream->protocol == STREAM_UNKNOWN && stream->head_len == 0)
    set_protocol(stream, decide(stream, octets));
  if (stream->protocol == STREAM_UNKNOWN)
    feed_head(stream, octets);
  else
    feed_known(stream, octets);
}

/* A hole in what has not told yet what it is. */
static void break_head(Stream *stream)
{
  SipFrame none;

  if (stream->head_len > 0) {
    set_protocol(stream, STREAM_SIP);
    stream->from_head = true;
    sip_framer_feed(&stream->sip, head_of(stream));
    (void) sip_framer_next(&stream->sip, &none); /* the head has no whole line: none is ready */
  }
  stream->at_start = false;
}

void stream_gap(Stream *stream, uint64_t len)
{
  if (len != UINT64_MAX)
    stream->since += len;
  if (stream->protocol == STREAM_UNKNOWN)
    break_head(stream);
  switch (stream->protocol) {
  case STREAM_SIP:
    sip_framer_gap(&stream->sip, len);
    break;
  case STREAM_WEBSOCKET:
    websocket_gap(&stream->websocket, len);
    break;
  case STREAM_HTTP:
    head_clear(stream);
    stream->in_header = false;
    break;
  case STREAM_UNKNOWN:
  case STREAM_IGNORED:
    break;
  }
}

void stream_end(Stream *stream)
{
  stream_gap(stream, UINT64_MAX);
}

static StreamMessage message_of(const Stream *stream, Slice octets, bool from_input, bool cut)
{
  return (StreamMessage){
    .octets = octets, .from_input = from_input && !stream->from_head, .cut = cut};
}

/* A message has ended, `left` octets before the end of what was fed. */
static void end_message(Stream *stream, uint64_t left, StreamMessage *message)
{
  message->since = stream->since;
  message->until = left;
  stream->since = left;
}

static bool next_sip(Stream *stream, StreamMessage *ret_message)
{
  SipFrame frame;
  bool given = sip_framer_next(&stream->sip, &frame);

  stream->skipped += stream->sip.skipped;
  stream->sip.skipped = 0;
  if (!given) {
    if (stream->sip.state == SIP_FRAMER_LOST)
      stream->since = MIN(stream->since, sip_framer_kept(&stream->sip));
    return false;
  }
  stream->found_sip = true;
  *ret_message = message_of(stream, frame.octets, frame.from_input, frame.cut);
  end_message(stream, sip_framer_left(&stream->sip), ret_message);
  return true;
}

static bool next_websocket(Stream *stream, StreamMessage *ret_message)
{
  WebSocketReader *reader = &stream->websocket;
  WebSocketMessage message;

  while (websocket_next(reader, &message)) {
    *ret_message = message_of(stream, message.octets, message.from_input, message.cut);
    end_message(stream, reader->input.len, ret_message);
    if (sip_msg_is_likely(message.octets)) /* else keep-alives (RFC 7118 6), another subprotocol */
      return true;
  }
  if (reader->lost || (!reader->in_message && !reader->in_payload && reader->header_len == 0))
    stream->since = 0;
  return false;
}

bool stream_next(Stream *stream, StreamMessage *ret_message)
{
  if (stream->protocol == STREAM_SIP)
    return next_sip(stream, ret_message);
  if (stream->protocol == STREAM_WEBSOCKET)
    return next_websocket(stream, ret_message);
  if (stream->protocol == STREAM_IGNORED || (stream->protocol == STREAM_HTTP && !stream->in_header))
    stream->since = 0;
  return false;
}

size_t stream_kept(const Stream *stream)
{
  size_t kept = stream->head_len;

  if (stream->protocol == STREAM_SIP)
    kept += sip_framer_kept(&stream->sip);
  if (stream->protocol == STREAM_WEBSOCKET)
    kept += stream->websocket.buffer_room;
  return kept;
}
