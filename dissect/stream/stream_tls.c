/* TLS as a layer: records are cut out of the bytes and opened (dissect/tls); what they carry is
 * anything again. */
#include <glib.h>

#include "dissect/stream/stream.h"

enum { RECORD_LEAST = 22, IDLE_ROOM = 2 * 1024 };

typedef struct {
  TlsSession *session; /* of both directions, which the stream owns; NULL: it is another's */
  unsigned side;
  Slice input;
  uint8_t header[TLS_HEADER_LEN]; /* of the record under way */
  size_t header_len;
  char *body; /* as far as it came in parts */
  size_t body_len, body_room;
  size_t missing;    /* bytes of its body that are missing */
  bool is_whole;     /* it waits to be taken */
  bool lost;         /* the beginning of the next record is not known */
  uint64_t lost_len; /* bytes that are missing, or were passed over, since then */
  bool has_gap;      /* content is missing before the next */
  char *content;     /* of a record; its room is freed when much of it is not needed */
  size_t content_room;
} Tls;

static size_t body_size(const uint8_t header[TLS_HEADER_LEN])
{
  return (size_t) header[3] << 8 | header[4];
}

static bool is_header(const uint8_t header[TLS_HEADER_LEN])
{
  size_t size = body_size(header);

  return header[0] >= TLS_CHANGE_CIPHER_SPEC && header[0] <= TLS_APPLICATION_DATA + 1 &&
         header[1] == 3 && header[2] <= 4 && size > 0 && size <= TLS_BODY_MAX;
}

static void begin(StreamStage *stage)
{
  Stream *stream = stage->stream, *peer = stream->tcp->peer->user;
  Tls *tls = stage->state;

  if (stream->tls || !stream->keys)
    return; /* TLS in TLS */
  tls->side = peer && peer->tls ? 1 : 0;
  stream->tls = tls->side == 1 ? tls_session_ref(peer->tls) : tls_session_new(stream->keys);
  tls->session = stream->tls;
  stream->tls_side = tls->side;
}

static void clear(StreamStage *stage)
{
  Tls *tls = stage->state;

  g_free(tls->body);
  g_free(tls->content);
}

static void drop_record(Tls *tls)
{
  tls->header_len = tls->body_len = tls->missing = 0;
  tls->is_whole = false;
  if (tls->body_room > IDLE_ROOM) {
    g_clear_pointer(&tls->body, g_free);
    tls->body_room = 0;
  }
  if (tls->content_room > IDLE_ROOM) {
    g_clear_pointer(&tls->content, g_free);
    tls->content_room = 0;
  }
}

static void lose_way(Tls *tls, uint64_t len)
{
  tls->lost = tls->has_gap = true;
  tls->lost_len += len;
  drop_record(tls);
}

static void feed(StreamStage *stage, Slice bytes)
{
  Tls *tls = stage->state;

  stage->stream->waits = false;
  stage->stream->in_opening |= tls->session && !tls_session_info(tls->session)->is_read;
  if (tls->header_len == 0)
    drop_record(tls); /* the content of the one before is not read any more */
  tls->input = bytes;
}

static void gap(StreamStage *stage, uint64_t len)
{
  Tls *tls = stage->state;
  size_t have = tls->body_len + tls->missing;

  tls->input = SLICE_NONE;
  if (len == STREAM_REST)
    return;
  if (!tls->lost && tls->header_len == TLS_HEADER_LEN && len <= body_size(tls->header) - have)
    tls->missing += (size_t) len;
  else
    lose_way(tls, len);
}

/* After a hole: the next place that looks like the beginning of a record, and of another after it,
 * as far as that can be seen. */
static bool find_record(Tls *tls)
{
  const uint8_t *bytes = (const uint8_t *) tls->input.data;

  for (size_t at = 0; at + TLS_HEADER_LEN <= tls->input.len; at++) {
    if (!is_header(bytes + at))
      continue;
    size_t next = at + TLS_HEADER_LEN + body_size(bytes + at);
    if (next + TLS_HEADER_LEN <= tls->input.len && !is_header(bytes + next))
      continue;
    uint64_t records = (tls->lost_len + at) / RECORD_LEAST + 1;
    tls_session_lose(tls->session, tls->side, records);
    tls->input = slice_from(tls->input, at);
    tls->lost = false;
    tls->lost_len = 0;
    return true;
  }
  tls->lost_len += tls->input.len;
  tls->input = SLICE_NONE;
  return false;
}

static void keep_body(Tls *tls, Slice part)
{
  size_t len = tls->body_len + part.len;

  if (len > tls->body_room) {
    tls->body_room = len + len / 2;
    tls->body = g_realloc(tls->body, tls->body_room);
  }
  if (part.len > 0)
    memcpy(tls->body + tls->body_len, part.data, part.len);
  tls->body_len = len;
}

/* The header's bytes; false when more are needed, or when they are none of a record. */
static bool gather_header(Tls *tls)
{
  size_t here = MIN(TLS_HEADER_LEN - tls->header_len, tls->input.len);

  if (here > 0)
    memcpy(tls->header + tls->header_len, tls->input.data, here);
  tls->header_len += here;
  tls->input = slice_from(tls->input, here);
  if (tls->header_len < TLS_HEADER_LEN)
    return false;
  if (is_header(tls->header))
    return true;
  lose_way(tls, TLS_HEADER_LEN);
  return false;
}

/* The next record that is whole.  Its body lies in the input, or was kept. */
static bool gather_record(Tls *tls, TlsRecord *ret_record)
{
  *ret_record = (TlsRecord){.type = tls->header[0], .header = tls->header};
  if (tls->is_whole) { /* it waited */
    ret_record->body = slice_of(tls->body, tls->body_len);
    return true;
  }
  if (tls->header_len < TLS_HEADER_LEN && !gather_header(tls))
    return false;
  ret_record->type = tls->header[0];
  size_t left = body_size(tls->header) - tls->body_len - tls->missing;
  Slice part = slice_head(tls->input, left);
  tls->input = slice_from(tls->input, part.len);
  tls->is_whole = part.len == left;
  if (tls->is_whole && tls->body_len == 0 && tls->missing == 0) {
    ret_record->body = part;
    return true;
  }
  keep_body(tls, part);
  ret_record->body = slice_of(tls->body, tls->body_len);
  return tls->is_whole;
}

static char *content_room(Tls *tls, size_t len)
{
  if (len > tls->content_room) {
    g_free(tls->content);
    tls->content_room = len;
    tls->content = g_malloc(len);
  }
  return tls->content;
}

/* Nothing of the connection can be opened. */
static void give_up(StreamStage *stage)
{
  stream_note_unread(stage->stream);
  stage_hand_over(stage, &STREAM_IGNORED, SLICE_NONE);
}

/* It is kept until it can be opened. */
static void wait(StreamStage *stage, const TlsRecord *record)
{
  Tls *tls = stage->state;

  if (tls->body_len == 0)
    keep_body(tls, record->body);
  stage->stream->waits = true;
  stage->stream->waiting = tls->input.len;
}

static TlsTaken take(Tls *tls, const TlsRecord *record, Slice *ret_content)
{
  if (tls->missing > 0) { /* it has a number, and that is all */
    tls_session_lose(tls->session, tls->side, 1);
    return TLS_DAMAGED;
  }
  return tls_session_take(tls->session, tls->side, record,
                          content_room(tls, record->body.len + TLS_BLOCK_MAX), ret_content);
}

static bool next(StreamStage *stage, StreamPiece *ret_piece)
{
  Tls *tls = stage->state;
  TlsRecord record;
  Slice content;

  if (!tls->session) {
    give_up(stage);
    return false;
  }
  for (;;) {
    bool is_found = (!tls->lost || find_record(tls)) && gather_record(tls, &record);
    if (!is_found && tls->lost && tls->input.len > 0)
      continue;
    if (!is_found)
      return false;
    switch (take(tls, &record, &content)) {
    case TLS_WAITS:
      wait(stage, &record);
      return false;
    case TLS_UNKNOWN:
      give_up(stage);
      return false;
    case TLS_CONTENT:
      *ret_piece = (StreamPiece){.octets = content,
                                 .refers_back = true, /* its number counts all before it */
                                 .gap = tls->has_gap ? STREAM_UNKNOWN : 0,
                                 .left = tls->input.len};
      tls->has_gap = tls->is_whole = false;
      tls->header_len = tls->body_len = 0;
      return true;
    case TLS_DAMAGED:
      tls->has_gap = true;
      break;
    case TLS_TAKEN:
      break;
    }
    drop_record(tls);
  }
}

static uint64_t pending(const StreamStage *stage)
{
  const Tls *tls = stage->state;

  return tls->header_len > 0 ? UINT64_MAX : 0;
}

static size_t kept(const StreamStage *stage)
{
  const Tls *tls = stage->state;

  return tls->body_room + tls->content_room;
}

const StreamLayer STREAM_TLS = {
  .above = &STREAM_DETECT,
  .transport = TRANSPORT_TLS,
  .state_size = sizeof(Tls),
  .begin = begin,
  .feed = feed,
  .gap = gap,
  .next = next,
  .pending = pending,
  .kept = kept,
  .clear = clear,
};
