/*
 * StreamLayer: one protocol in a stream of bytes; StreamStage: a layer at work in one stream.
 * For stream.c, which drives them, and the files that implement a layer.
 *
 * A stream is a stack of stages.  The lowest is fed with what TCP carried; each one gives pieces,
 * which are fed to the stage above it; pieces of the highest one are SIP messages, or packets of
 * media.  A layer whose
 * work is done (the detector, HTTP once it is upgraded) hands the rest of its input to another one
 * that takes its place, so that bytes pass through no more stages than transform them.  A new
 * protocol is one file with one row, and one row in stream_detect.c or wherever it can begin.
 */
#pragma once

#include "dissect/net/packet.h"
#include "dissect/stream/rtp_frame.h"
#include "dissect/stream/sip_judge.h"

typedef struct Stream Stream;
typedef struct StreamStage StreamStage;

typedef struct {
  Slice octets;          /* valid until the stage is called again */
  bool from_input;       /* they lie in what was fed to the stage */
  bool cut;              /* bytes are missing in it */
  uint32_t missing;      /* of a packet of media that is cut: so many bytes */
  uint64_t gap;          /* bytes that are missing before it */
  bool refers_back;      /* it cannot be read without the pieces before it */
  size_t left;           /* bytes of what was fed after it */
  SipBefore before;      /* a message of STREAM_SIP: what was found before it */
  const HepPacket *copy; /* of STREAM_HEP: what it says of the bytes, which it has to say of all */
} StreamPiece;

/* Gaps that are longer than anything: the end of the stream; an unknown number of bytes. */
#define STREAM_REST UINT64_MAX
#define STREAM_UNKNOWN (UINT64_MAX - 1)

typedef struct StreamLayer StreamLayer;
struct StreamLayer {
  const StreamLayer *above;          /* what its pieces are fed to; NULL: they are messages */
  bool is_media;                     /* they are packets of RTP or RTCP */
  Transport transport;               /* of messages in it; 0: as of the stage below */
  size_t state_size;                 /* of StreamStage.state, which is zeroed */
  void (*begin)(StreamStage *stage); /* NULL: zero is right */

  /* The next bytes; they live until `next` gives false. */
  void (*feed)(StreamStage *stage, Slice octets);

  /* So many bytes are missing here; STREAM_REST: nothing more comes.  NULL: does not matter. */
  void (*gap)(StreamStage *stage, uint64_t len);

  /* The next piece of what was fed; false when there is none. */
  bool (*next)(StreamStage *stage, StreamPiece *ret_piece);

  /* How many of the last bytes fed may be part of a piece to come; UINT64_MAX: all that came after
   * the last piece.  NULL: none. */
  uint64_t (*pending)(const StreamStage *stage);

  /* Bytes kept in the state.  NULL: none. */
  size_t (*kept)(const StreamStage *stage);

  /* Frees what the state owns.  NULL: nothing. */
  void (*clear)(StreamStage *stage);
};

struct StreamStage {
  const StreamLayer *layer;
  void *state; /* the layer's own */
  Stream *stream;
  StreamStage *below, *above;
  Transport transport; /* of messages in this stage */
  bool at_start;       /* nothing is missing from the first byte on */
  bool in_place;       /* what was fed lies in what the stream was fed */
  bool cut;            /* the end of what was fed is missing */
  bool over;           /* nothing more is fed */
  size_t left;         /* of the last piece */

  /* Bytes that are kept until they show more (stage_head_add).  With `on_head` the layer works on
   * them, not on what was fed, until it is fed again. */
  char *head;
  size_t head_len, head_room;
  bool on_head;
};

extern const StreamLayer STREAM_DETECT;    /* finds out what a stream is */
extern const StreamLayer STREAM_PREFACE;   /* PROXY protocol, SOCKS: what comes before a stream */
extern const StreamLayer STREAM_HTTP;      /* is watched for an upgrade to WebSocket */
extern const StreamLayer STREAM_WEBSOCKET; /* RFC 6455 */
extern const StreamLayer STREAM_SIP;       /* bytes in which SIP messages are looked for */
extern const StreamLayer STREAM_SIP_MESSAGES; /* each piece fed is a message, if it is SIP */
extern const StreamLayer STREAM_TLS;          /* RFC 5246, RFC 8446 */
extern const StreamLayer STREAM_MEDIA;        /* RTP and RTCP in frames */
extern const StreamLayer STREAM_HEP;          /* copies for a collector */
extern const StreamLayer STREAM_IGNORED;      /* whatever cannot be read */

/* Is the first line one of HTTP/1, or, when it is not whole, does a method of HTTP begin it? */
bool http_begins(Slice bytes);

/* May a header of the PROXY protocol begin with these bytes, which may be the first of more? */
bool proxy_begins(Slice bytes);

/* Does that, or, where the stream's first byte was captured, SOCKS begin with these bytes? */
bool preface_begins(const StreamStage *stage, Slice bytes);

/* Bytes of a header of the PROXY protocol's version 2; 0: there is none, or not all of it. */
size_t proxy_header_len(Slice bytes);

/* Length of a header block as of HTTP, its empty line included; 0 when that is not there.  None
 * ends before `from`. */
size_t http_header_end(Slice bytes, size_t from);

/* How RTP lies in a stream that begins with these bytes, as they or the peer show;
 * RTP_FRAMING_NONE: it is no RTP, or that is not clear yet. */
RtpFraming media_framing(const StreamStage *stage, Slice bytes);

/* The stage is of another layer from now on, which gets these bytes: the last ones that were fed,
 * or of the head.  The state of the old one is freed. */
void stage_hand_over(StreamStage *stage, const StreamLayer *layer, Slice octets);

/* The stage is the detector's again, from `rest` on: the last of the bytes that were fed, or of the
 * head.  What does so too often is not read any more. */
void stage_restart(StreamStage *stage, Slice rest);

/* All but the last `left` bytes that were fed are in no message. */
void stage_skip(StreamStage *stage, size_t left);

/* The stage at the same height of the opposite direction, or NULL. */
const StreamStage *stage_peer(const StreamStage *stage);

void stage_head_add(StreamStage *stage, Slice octets);
void stage_head_clear(StreamStage *stage);

/* The head has just these bytes, which may be its last ones. */
void stage_head_set(StreamStage *stage, Slice octets);

static inline Slice stage_head(const StreamStage *stage)
{
  return slice_of(stage->head, stage->head_len);
}
