/*
 * MediaSdp: one session description as far as media are concerned: where each m= line wants its
 * media (RFC 8866, 3605, 5761, 8839, 8843), which payload types mean what, and in which direction
 * it flows.
 *
 * A copy that outlives the message, in one block; lists of payload types are shared, as thousands
 * of calls have the same one.
 */
#pragma once

#include "dissect/media/media_crypto.h"
#include "dissect/net/endpoint.h"
#include "dissect/sip/sdp.h"

/* One payload type of an m= line. */
typedef struct {
  uint8_t type; /* 0..127 */
  uint32_t clock_rate;
  uint32_t channels;
  const char *name; /* "PCMU"; "" when the type is dynamic and not mapped */
  const char *fmtp; /* "" without */
} MediaPayload;

typedef struct {
  size_t count;
  const MediaPayload *items; /* in order of preference */
} MediaPayloads;

/* X-macro: media types (RFC 8866 8.2.1), as they are shown. */
#define MEDIA_KINDS(X)                                                                             \
  X(AUDIO, "audio")                                                                                \
  X(VIDEO, "video")                                                                                \
  X(IMAGE, "image")                                                                                \
  X(TEXT, "text")                                                                                  \
  X(APPLICATION, "application")                                                                    \
  X(MESSAGE, "message")                                                                            \
  X(OTHER, "other")

typedef enum {
#define MEDIA_KIND_ENUM(id, name) MEDIA_##id,
  MEDIA_KINDS(MEDIA_KIND_ENUM)
#undef MEDIA_KIND_ENUM
    MEDIA_KIND_COUNT,
} MediaKind;

const char *media_kind_name(MediaKind kind);

typedef struct MediaSdp MediaSdp;

/* One m= line. */
typedef struct {
  const MediaSdp *sdp;
  Endpoint rtp;  /* where RTP is to be sent; port or address 0: nowhere.  Not used if `opens` */
  Endpoint rtcp; /* and RTCP; the same as rtp with rtcp-mux */
  const MediaPayloads *payloads;
  uint32_t ptime_ms; /* 0: not said */
  uint16_t index;    /* of the m= line, from 0 */
  uint8_t kind;      /* MediaKind */
  uint8_t direction; /* SdpDirection, as the sender of the description sees it */
  bool is_srtp;
  bool must_srtp; /* by its protocol; without, an answer may refuse SRTP (RFC 8643) */
  bool has_dtls;  /* a fingerprint: its keys are agreed on in DTLS (RFC 5763) */
  bool is_tcp;    /* RTP in a connection (RFC 4571) */
  bool opens;     /* this side opens the connection; from which port is not known */
  bool holds;     /* a=setup:holdconn: no connection is opened yet */
  bool refused;   /* port 0 */
  bool on_hold;   /* c= 0.0.0.0 or :: (RFC 2543 B.5) */
  bool has_ice;
} MediaLine;

/* Where media may go: an endpoint that the description names for one of its lines.  The port after
 * that of RTP, where RTCP goes unless another is named, is not among them: see MediaLine.rtcp. */
typedef struct {
  Endpoint endpoint;
  uint16_t line;
  bool is_rtcp, is_tcp;
} MediaPlace;

typedef struct {
  uint32_t ssrc;
  uint16_t line;
  bool is_asked_for; /* by y= */
} MediaSource;

struct MediaSdp {
  uint64_t hash; /* of the bytes */
  size_t line_count, place_count, source_count, crypto_count;
  MediaLine *lines;
  MediaPlace *places;   /* by line; also ICE candidates and further ports */
  MediaSource *sources; /* a=ssrc (RFC 5576), y= (GB/T 28181) */
  MediaCrypto *cryptos; /* by line: a=crypto (RFC 4568) */
  uint32_t skipped;     /* m= lines, places, sources and keys beyond the limits */
};

enum {
  MEDIA_LINES_MAX = 256,
  MEDIA_PLACES_MAX = 1024,
  MEDIA_SOURCES_MAX = 64,
  MEDIA_CRYPTOS_MAX = 64,
  MEDIA_PAYLOADS_MAX = 32, /* of one line; the first are read */
};

/* Lists of payload types that are shared, up to a limit; descriptions must be freed before it. */
typedef struct MediaPayloadTable MediaPayloadTable;

MediaPayloadTable *media_payload_table_new(void);
void media_payload_table_free(MediaPayloadTable *table);

/* NULL when it is not a session description. */
MediaSdp *media_sdp_new(Slice bytes, uint64_t hash, MediaPayloadTable *payloads);
void media_sdp_free(MediaSdp *sdp);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MediaSdp, media_sdp_free)

/* The payload type's row; NULL when the line does not list it. */
const MediaPayload *media_line_payload(const MediaLine *line, uint8_t payload_type);

/* May media flow from the one that described `from` to the one that described `to` (RFC 3264 6)? */
bool media_may_flow(const MediaLine *from, const MediaLine *to);

/* Does it ask for that SSRC by y= (GB/T 28181-2022 G.1)? */
bool media_sdp_asks_for(const MediaSdp *sdp, uint32_t ssrc);

/* An address and a port where media can arrive. */
bool media_place_is_somewhere(const Endpoint *endpoint);
