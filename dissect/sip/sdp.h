/*
 * Sdp: session descriptions (RFC 8866), read by pull iterators over slices of the body.
 *
 * Nothing is allocated or copied; all slices point into the body.  Lenient: lines may be in any
 * order and end in LF alone, there may be blanks around "=", unknown types (y= and f= of
 * GB/T 28181) are lines like others.  What is missing is absent (data == NULL) or 0; a number that
 * cannot be read counts as missing.  Of lines that may occur only once the first one is used.
 */
#pragma once

#include "capture/slice.h"

typedef struct {
  char type;   /* 'm'; 0 for a line that is not of the form X=... */
  Slice value; /* trimmed; of type 0 the whole line */
} SdpLine;

/* Takes the next line that is not empty from *rest. */
bool sdp_line_next(Slice *rest, SdpLine *ret_line);

/* Takes the next word, between blanks, from *text; absent at the end. */
Slice sdp_take_word(Slice *text);

/* a=name or a=name:value */
typedef struct {
  Slice name;
  Slice value; /* absent without ":" */
} SdpAttribute;

/* Takes lines up to the next attribute from *rest. */
bool sdp_attribute_next(Slice *rest, SdpAttribute *ret_attribute);

typedef enum {
  SDP_SENDRECV, /* the default (RFC 8866 6.7) */
  SDP_SENDONLY,
  SDP_RECVONLY,
  SDP_INACTIVE,
} SdpDirection;

/* "sendrecv", ... */
const char *sdp_direction_name(SdpDirection direction);

/* c= (RFC 8866 5.7), and the address of a=rtcp (RFC 3605). */
typedef struct {
  Slice net_type;     /* "IN" */
  Slice address_type; /* "IP4" */
  Slice address;      /* an IPv6 address without brackets */
  uint32_t ttl;       /* of IPv4 multicast, else 0 */
  uint32_t count;     /* contiguous multicast addresses, at least 1 */
} SdpConnection;

typedef struct {
  Slice lines;   /* of the session, before the first m= */
  Slice media;   /* the rest, for sdp_media_next */
  Slice version; /* v= */
  struct {
    Slice user, session_id, session_version, net_type, address_type, address;
  } origin;          /* o= */
  Slice name;        /* s= */
  Slice information; /* i=, and so on; of several only the first, see sdp_line_next */
  Slice uri, email, phone, bandwidth, timing, repeat, zone, key;
  SdpConnection connection;
  SdpDirection direction;
} Sdp;

/* False when there is neither v= nor m=: not a session description. */
bool sdp_parse(Slice body, Sdp *ret_sdp);

typedef struct {
  Slice type; /* "audio" */
  uint16_t port;
  uint32_t port_count;      /* of "port/count", else 1 */
  Slice protocol;           /* "RTP/AVP" */
  Slice formats;            /* "0 8 101" */
  Slice lines;              /* of this description, after m= */
  SdpConnection connection; /* its own c=, or the session's */
  SdpDirection direction;   /* its own, or the session's */
  Slice information, bandwidth;
  uint32_t ptime; /* milliseconds */
  uint16_t rtcp_port;
  SdpConnection rtcp_connection; /* its address is absent where a=rtcp has only a port */
  bool rtcp_mux;                 /* RFC 5761 */
  bool refused;                  /* port 0 (RFC 3264 6), and not bundled (RFC 8843 6) */
} SdpMedia;

/* Takes the next media description from *rest, which starts as sdp->media. */
bool sdp_media_next(const Sdp *sdp, Slice *rest, SdpMedia *ret_media);

/* One format (RFC 8866 5.14): an RTP payload type, or a name (T.38, data channels). */
typedef struct {
  Slice format;         /* as m= lists it */
  bool is_payload_type; /* 0..127 */
  uint8_t payload_type;
  Slice name; /* "PCMU"; absent for an unmapped payload type; else the format itself */
  uint32_t clock_rate;
  uint32_t channels; /* default 1; 0 unless it is a payload type */
  Slice fmtp;
} SdpCodec;

/* The formats of one media description, with a=rtpmap and a=fmtp (RFC 8866 6.6, 6.15). */
typedef struct {
  Slice formats;
  Slice maps[128], fmtps[128]; /* by payload type */
} SdpCodecIter;

SdpCodecIter sdp_codecs(const SdpMedia *media);
bool sdp_codec_next(SdpCodecIter *iter, SdpCodec *ret_codec);

/* Name and clock rate (Hz) of a payload type that needs no a=rtpmap (RFC 3551 6); NULL and 0 for
 * others. */
const char *sdp_static_name(uint8_t payload_type);
uint32_t sdp_static_rate(uint8_t payload_type);
