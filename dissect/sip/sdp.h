/*
 * Sdp: session descriptions (RFC 8866), read by pull iterators over slices of the body.
 *
 * Nothing is allocated or copied; all slices point into the body.  Lenient: lines may come in any
 * order and end in LF alone, blanks may stand around "=", unknown letters (GB/T 28181's y= and
 * f=) are lines like others.  What is not there is absent (data == NULL) or 0.  Where a line may
 * come once, the first one counts.
 */
#pragma once

#include "capture/slice.h"

typedef struct {
  char type;   /* 'm'; 0 for a line that is not of the form X=... */
  Slice value; /* trimmed; of type 0 the whole line */
} SdpLine;

/* Takes the next line that is not empty; *rest goes on behind it. */
bool sdp_line_next(Slice *rest, SdpLine *ret_line);

/* a=name or a=name:value; the next of them. */
typedef struct {
  Slice name;
  Slice value; /* absent without ":" */
} SdpAttribute;

bool sdp_attribute_next(Slice *rest, SdpAttribute *ret_attribute);

typedef enum {
  SDP_SENDRECV, /* also when nothing is said (RFC 8866 6.7) */
  SDP_SENDONLY,
  SDP_RECVONLY,
  SDP_INACTIVE,
} SdpDirection;

/* "sendrecv", ... */
const char *sdp_direction_name(SdpDirection direction);

/* c=, and what a=rtcp may name (RFC 3605). */
typedef struct {
  Slice net_type;     /* "IN" */
  Slice address_type; /* "IP4" */
  Slice address;      /* an IPv6 address without brackets */
  uint32_t ttl;       /* of IPv4 multicast, else 0 */
  uint32_t count;     /* contiguous multicast addresses, at least 1 */
} SdpConnection;

typedef struct {
  Slice lines;   /* of the session, before the first m= */
  Slice media;   /* all behind them, for sdp_media_next */
  Slice version; /* v= */
  struct {
    Slice user, session_id, session_version, net_type, address_type, address;
  } origin;          /* o= */
  Slice name;        /* s= */
  Slice information; /* i=, and so on; more of them by sdp_line_next */
  Slice uri, email, phone, bandwidth, timing, repeat, zone, key;
  SdpConnection connection;
  SdpDirection direction;
} Sdp;

/* False when there is neither v= nor m=: no session description. */
bool sdp_parse(Slice octets, Sdp *ret_sdp);

typedef struct {
  Slice type; /* "audio" */
  uint16_t port;
  uint32_t port_count;      /* of "port/count", else 1 */
  Slice protocol;           /* "RTP/AVP" */
  Slice formats;            /* "0 8 101" */
  Slice lines;              /* of this description, behind m= */
  SdpConnection connection; /* its own c=, or the session's */
  SdpDirection direction;   /* its own, or the session's */
  Slice information, bandwidth;
  uint32_t ptime; /* ms */
  uint16_t rtcp_port;
  SdpConnection rtcp_connection; /* its address is absent where a=rtcp names none */
  bool rtcp_mux;                 /* RFC 5761 */
  bool refused;                  /* port 0 (RFC 3264 6), and not bundled (RFC 8843 6) */
} SdpMedia;

/* The next media description; *rest begins as sdp->media. */
bool sdp_media_next(const Sdp *sdp, Slice *rest, SdpMedia *ret_media);

/* Most payload types are static or mapped; other formats (T.38's, data channels') are names. */
typedef struct {
  Slice format;         /* as m= lists it */
  bool is_payload_type; /* 0..127 */
  uint8_t payload_type;
  Slice name; /* "PCMU"; of no payload type the format; absent when nothing names it */
  uint32_t clock_rate;
  uint32_t channels; /* 1 where nothing is said; 0 for what is no payload type */
  Slice fmtp;
} SdpCodec;

/* The formats of one media description, with their rtpmap and fmtp. */
typedef struct {
  Slice formats;
  Slice maps[128], fmtps[128]; /* by payload type */
} SdpCodecIter;

SdpCodecIter sdp_codecs(const SdpMedia *media);
bool sdp_codec_next(SdpCodecIter *iter, SdpCodec *ret_codec);
