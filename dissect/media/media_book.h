/*
 * MediaBook: the offers and answers of all calls (RFC 3264, 3311, 3262, 6337), and from them the
 * calls that a media stream belongs to.
 *
 * The trace notes each message in the order of capture.  A call has a *leg* for each hop that its
 * session descriptions travel, and for each dialog that answered there; a leg has two sides: the
 * one that sent the first offer is the caller's.  Proxies that relay media write themselves into
 * the descriptions, so each hop has media of its own; those of all hops are the call's.
 *
 * Plain data that the book owns.  What it returns is valid until the next message is noted, which
 * may discard an old description, or until the call is forgotten.
 */
#pragma once

#include "dissect/media/media_index.h"
#include "dissect/sip/sip_names.h"

typedef enum {
  MEDIA_CALLER, /* sent the first offer or request on the hop */
  MEDIA_CALLEE,
} MediaSide;

/* A message, as the book needs it. */
typedef struct {
  uint32_t call;        /* Call.number and so on: from 1 */
  uint32_t message;     /* rises with each message */
  uint32_t transaction; /* of an ACK to a 2xx: its own */
  uint32_t dialog;      /* 0: none */
  uint32_t src, dst;    /* trace_endpoint */
  int64_t time_ns;
  uint16_t method; /* SipMethod; of a response: its CSeq's */
  uint16_t status; /* 0 for a request */
  Slice sdp;       /* absent without */
} MediaMessage;

/* A session description that was sent, first or alone. */
typedef struct MediaDescription MediaDescription;
struct MediaDescription {
  MediaDescription *next; /* of the call, in order of time */
  MediaSdp *sdp;
  int64_t time_ns;
  uint32_t message;
  uint8_t side; /* MediaSide of who sent it, and gets media there */
};

/* An offer and what became of it. */
typedef struct {
  const MediaDescription *offer, *answer; /* answer: NULL while there is none */
  int64_t offer_ns, answer_ns;            /* time of the messages on this leg */
  uint32_t offer_message, answer_message; /* 0: none */
  uint16_t leg;                           /* MediaLeg.number */
  bool refused;                           /* by a final response; the session went on as before */
} MediaExchange;

typedef struct MediaLeg MediaLeg;
struct MediaLeg {
  MediaLeg *next;                    /* of the call */
  uint32_t ends[2];                  /* trace_endpoint, by MediaSide */
  uint32_t dialog;                   /* 0 before there is one */
  uint16_t number;                   /* in the call, from 0 */
  bool is_confirmed;                 /* by a 2xx to an INVITE */
  int64_t confirmed_ns, ended_ns;    /* the 2xx; BYE or refusal; INT64_MAX before */
  const MediaDescription *agreed[2]; /* by MediaSide; NULL: nothing */

  /* The book's own. */
  const MediaDescription *offer, *before[2];
  uint32_t offer_transaction;
  int exchange; /* of the offer, index in MediaCall.exchanges; -1: gone */
};

typedef struct {
  uint32_t number; /* Call.number */
  MediaLeg *legs;
  MediaDescription *descriptions, *last;
  GArray *exchanges; /* MediaExchange */
  GArray *learned;   /* the book's own */
  uint32_t leg_count, description_count;
  uint32_t skipped; /* m= lines, descriptions and so on beyond the limits */
} MediaCall;

/* Of one call. */
enum { MEDIA_LEGS_MAX = 64, MEDIA_DESCRIPTIONS_MAX = 256, MEDIA_EXCHANGES_MAX = 256 };

typedef struct MediaBook MediaBook;

MediaBook *media_book_new(void);
void media_book_free(MediaBook *book);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MediaBook, media_book_free)

/* True if a message of that method and status (0: a request) matters without a session
 * description. */
bool media_book_asks(uint16_t method, uint16_t status);

/* Ignores messages that do not concern media. */
void media_book_note(MediaBook *book, const MediaMessage *message);

/* The call is evicted. */
void media_book_forget(MediaBook *book, uint32_t call);

/* NULL when it has no session descriptions. */
const MediaCall *media_book_call(const MediaBook *book, uint32_t call);

/* The line that the other side of a leg answered a line with, or offered; NULL if there is none. */
const MediaLine *media_call_peer_line(const MediaCall *call, const MediaLine *line, MediaSide side);

/* Has an earlier exchange of the call the same descriptions?  It does on each further hop of a
 * message. */
bool media_call_repeats(const MediaCall *call, guint exchange);

/* Beyond the limits, in all calls that there were. */
uint64_t media_book_skipped(const MediaBook *book);

/* --- owners --- */

enum { MEDIA_PAYLOAD_UNKNOWN = 255 };

/* A stream, or one packet. */
typedef struct {
  Endpoint src, dst;
  uint32_t ssrc;
  bool has_ssrc;
  bool is_tcp;
  uint8_t payload_type; /* tells lines apart that share an address, or MEDIA_PAYLOAD_UNKNOWN */
  int64_t first_ns, last_ns;
} MediaFlow;

typedef enum {
  MEDIA_OWNED_BY_DESTINATION,
  MEDIA_OWNED_BY_SOURCE, /* symmetric RTP: only where it comes from was announced */
  MEDIA_OWNED_BY_SSRC,
} MediaOwnership;

/* What was agreed on later, while a stream flowed to the same place. */
typedef struct {
  int64_t from_ns; /* of the answer */
  const MediaLine *line, *from_line;
} MediaTerm;

enum { MEDIA_TERMS_MAX = 8 };

typedef struct {
  uint32_t call;
  MediaSide to;               /* side that gets it */
  const MediaLine *line;      /* of the side that gets it; NULL: not known */
  const MediaLine *from_line; /* of the side that sends it; NULL: not known */
  MediaOwnership by;
  bool is_rtcp; /* to a port for RTCP alone */
  uint8_t term_count;
  MediaTerm terms[MEDIA_TERMS_MAX]; /* in order of time; those beyond are left out */
} MediaOwner;

/* Does one of its sides ask for that SSRC by y= (GB/T 28181)? */
static inline bool media_owner_asks_for(const MediaOwner *owner, uint32_t ssrc)
{
  return (owner->line && media_sdp_asks_for(owner->line->sdp, ssrc)) ||
         (owner->from_line && media_sdp_asks_for(owner->from_line->sdp, ssrc));
}

/* Several calls own a stream where a B2BUA passes session descriptions on. */
enum { MEDIA_OWNERS_MAX = 4 };

/* The call whose description is the newest comes first; 0: none announced it. */
size_t media_book_owners(const MediaBook *book, const MediaFlow *flow,
                         MediaOwner ret_owners[MEDIA_OWNERS_MAX]);

/* Notes the source of an RTP stream as an address of the side that sends it, which may be behind
 * NAT: a stream to that address is media for that side. */
void media_book_learn(MediaBook *book, const MediaFlow *flow, const MediaOwner *owner);
