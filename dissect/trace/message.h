/*
 * The model: messages, transactions, dialogs and calls (RFC 3261 6, 12, 17).
 *
 * Plain records that live as long as their call; only the trace writes them.  A message is a
 * compact record with a reference to its bytes, which are read and parsed again when they are
 * needed (message_load).  Numbers count from 1 in order of first appearance and are the same in
 * every command on the same input.
 */
#pragma once

#include "capture/arena.h"
#include "capture/frame.h"
#include "dissect/net/endpoint.h"
#include "dissect/sip/sip_names.h"

typedef struct Call Call;
typedef struct CallKey CallKey;
typedef struct CallFacts CallFacts;
typedef struct CallRare CallRare;
typedef struct Correlation Correlation;
typedef struct Dialog Dialog;
typedef struct Message Message;
typedef struct Transaction Transaction;

/* A time that is not known.  (0 is a time: captures may begin with the epoch.) */
#define TIME_NONE INT64_MIN

/* A hash of many bytes; no two can be made equal without knowing the seed. */
typedef struct {
  uint64_t low, high;
} Key;

static inline bool key_eq(const Key *a, const Key *b)
{
  return a->low == b->low && a->high == b->high;
}

enum {
  MESSAGE_RETRANSMISSION = 1 << 0, /* sent again on the same hop (RFC 3261 17) */
  MESSAGE_DUPLICATE = 1 << 1,      /* the same packet, captured or copied more than once */
  MESSAGE_INCOMPLETE = 1 << 2,     /* bytes are missing */
  MESSAGE_MALFORMED = 1 << 3,      /* an anomaly of severity error */
  MESSAGE_HAS_SDP = 1 << 4,        /* Content-Type application/sdp, or multipart */
  MESSAGE_HAS_TO_TAG = 1 << 5,
  MESSAGE_ON_STREAM = 1 << 6,  /* for parsing it again: see sip_msg_parse */
  MESSAGE_FRAGMENTED = 1 << 7, /* a datagram that came in IP fragments */
};

/* What else it has that somebody may ask for: who finds the bit unset need not read it again. */
enum {
  MESSAGE_SAYS_WHY = 1 << 0,     /* Reason, Warning, Retry-After, or a body, which may be ISUP */
  MESSAGE_SAYS_PHRASE = 1 << 1,  /* a reason phrase other than sip_status_text */
  MESSAGE_SAYS_ROUTE = 1 << 2,   /* Record-Route */
  MESSAGE_SAYS_EXPIRES = 1 << 3, /* Session-Expires */
  MESSAGE_SAYS_RSEQ = 1 << 4,
  MESSAGE_SAYS_UNTYPED = 1 << 5, /* a body without Content-Type */
  MESSAGE_SAYS_IDENTITY = 1 << 6,
  MESSAGE_SAYS_SCANNER = 1 << 7,   /* a request that begins a call: sip_agent_scanner */
  MESSAGE_SAYS_ELSEWHERE = 1 << 8, /* a request: that its sender is not where it came from */
  MESSAGE_SAYS_FAULT = 1 << 9,     /* a BYE: sip_reason_is_error */
};

#define MESSAGE_FRAME_MAX (UINT64_MAX >> 16)

enum { MESSAGE_LEN_MAX = 0xffffff, MESSAGE_SIGHTINGS_MAX = 0xff, MESSAGE_METHOD_MAX = 0x7fff };

struct Message {
  Message *next, *previous; /* in the call, in order of arrival */
  Message *previous_kind;   /* in the transaction: the one before it that is no copy; private */
  Transaction *transaction;
  Dialog *dialog; /* NULL outside of dialogs */
  int64_t time_ns;
  ByteRef ref;
  uint64_t frame : 48;
  uint64_t says : 16; /* MESSAGE_SAYS_... */
  uint32_t number;
  uint32_t len : 24;      /* bytes at ref */
  uint32_t sightings : 8; /* how often it was seen, copies included; of a copy: until then;
                             MESSAGE_SIGHTINGS_MAX stands for more, too */
  uint32_t src, dst;      /* trace_endpoint */
  uint32_t cseq;
  uint32_t octets_hash;     /* as in Arrival */
  uint16_t method : 15;     /* trace_method_name; of a response: its CSeq's */
  uint16_t has_its_via : 1; /* of a response: that of its request, and no other */
  uint16_t status : 10;     /* 0 for a request */
  uint16_t transport : 5;   /* Transport */
  uint16_t is_copied : 1;   /* to HEP: */
  union {
    uint16_t ip_id;
    uint16_t copier; /* of a message that was copied: trace_copier */
  };
  union {
    uint8_t ttl;         /* of a datagram's packet; else 0 */
    uint8_t correlation; /* of a message that was copied: see correlation.h */
  };
  uint8_t flags; /* MESSAGE_... */
};

struct Transaction {
  Key key;                   /* first: the tables find records by it */
  Transaction *next;         /* in the call */
  Transaction *next_decider; /* in Call.deciders */
  Transaction *older;        /* of the call, with the same key, which some peers use again */
  Call *call;
  Message *request;   /* NULL: only responses were seen */
  Message *final;     /* the first final response, but a 2xx wins; NULL if there is none */
  Message *last;      /* newest that is no copy: head of the previous_kind chain */
  int64_t last_ns;    /* of any message, copies too */
  int64_t ringing_ns; /* first 180-189, or TIME_NONE */
  uint64_t from_tag;  /* hash; with cseq it names the attempt that hops and forks share */
  uint32_t number;
  uint32_t cseq;
  uint32_t sent_by;         /* as in Arrival */
  uint32_t uri;             /* as in Arrival, to tell requests without a branch */
  uint16_t method;          /* that began it; INVITE for a non-2xx ACK's */
  uint16_t provisional;     /* highest 1xx seen */
  uint16_t via_count;       /* 1 at the UAC; UINT16_MAX: not known */
  bool in_dialog : 1;       /* the request belonged to a dialog: a re-INVITE, a BYE */
  bool has_credentials : 1; /* the request has Authorization or Proxy-Authorization */
  bool acked : 1;           /* a non-2xx's ACK was seen */
  bool cancelled : 1;       /* an INVITE's CANCEL got its 2xx */
  bool rfc2543 : 1;         /* matched without the magic cookie (RFC 3261 17.2.3) */
};

typedef enum {
  DIALOG_EARLY,
  DIALOG_CONFIRMED,
  DIALOG_TERMINATED,
} DialogState;

struct Dialog {
  Key key;
  Dialog *next; /* in the call */
  Call *call;
  int64_t confirmed_ns; /* 2xx, nearest to the caller; TIME_NONE before, and so on */
  int64_t acked_ns;     /* ACK of the 2xx */
  int64_t bye_ns;       /* BYE, nearest to the caller */
  uint64_t caller_tag;  /* hash: the From tag of what created it */
  uint32_t number;
  uint32_t round;       /* Call.round when it was created */
  uint32_t cseq;        /* of what created it: the ACK of its 2xx has the same */
  uint16_t method;      /* whose transaction created it: INVITE, SUBSCRIBE, REFER, NOTIFY */
  uint16_t answer_rank; /* how far from the caller confirmed_ns and bye_ns were seen; private */
  uint16_t bye_rank;
  uint8_t state;          /* DialogState */
  bool is_callers : 1;    /* created by the call's own caller, not by another leg */
  bool midway : 1;        /* its creation is not in the capture */
  bool is_vague : 1;      /* midway, and what shows it is sent before and after the 2xx */
  bool answer_unseen : 1; /* confirmed by what can only follow the 2xx, whose time is not known */
  bool is_fork : 1;       /* an INVITE outside of dialogs got a 101-199 or 2xx in it */
};

typedef enum {
  CALL_TEXT_ID,
  CALL_TEXT_FROM,
  CALL_TEXT_TO,
  CALL_TEXT_COUNT,
} CallText;

enum {
  CALL_TEXT_MAX = 256, /* bytes of each that are kept; call_text reads the whole again */
  CALL_TEXT_ABSENT = UINT16_MAX,
};

/* Of a call with texts that are longer. */
typedef struct {
  bool is_cut[CALL_TEXT_COUNT];
  const Message *named_by; /* whose From and To they are; NULL: those of the first message */
  size_t id_len;
  Key id_digest; /* with the seed of the trace */
} CallCut;

/* A subscription of GB/T 28181 (9.11): SUBSCRIBE with a command, whose notifications may be
 * MESSAGEs with Call-IDs of their own.  Times are TIME_NONE before they are known. */
typedef struct {
  int64_t since_ns;  /* first 2xx */
  int64_t until_ns;  /* it is in force until then: it runs out, or was ended */
  uint64_t notified; /* the newest notification, to tell its hops apart: private */
  uint32_t asked;    /* seconds, of the newest SUBSCRIBE */
  uint32_t seconds;  /* that were granted last */
  uint32_t cseq;     /* of the SUBSCRIBE that was granted last: private */
  uint32_t refreshes, notifications;
  uint32_t replaced_by; /* number of the call that subscribed to the same; 0: none */
  bool is_ended;        /* by its subscriber or its notifier */
} Subscription;

/* What few calls have. */
struct CallRare {
  Arena arena;                /* of what it points to, but calls */
  Call *older, *newer;        /* of the same Call-ID */
  CallCut *cut;               /* NULL: none of the texts is */
  CallKey *keys;              /* of an exchange: exchange.c */
  Subscription *subscription; /* of GB/T 28181; NULL: it is none */
  Correlation *correlations;
  CallFacts *facts;       /* kept only for a call of very many messages, else NULL: call_facts */
  int64_t stray_bye_ns;   /* first BYE whose tags are of no dialog, or TIME_NONE */
  uint64_t other_tags[2]; /* the newest From tags of other legs than the caller's: hashes */
};

/* What belongs together under one Call-ID, which may be used for several calls one after the other
 * (call_row.c); of GB/T 28181 a query with its answers, whatever their Call-IDs (exchange.c). */
struct Call {
  Key id;            /* first: the table finds the newest of a Call-ID by it */
  const char *texts; /* one after the other: call_text_kept */
  CallRare *rare;    /* NULL: nothing; see call_rare */
  Message *first, *last;
  Transaction *transactions, *last_transaction;
  Transaction *over; /* up to this one, attempts to call are over; NULL: none */
  /* Those of `deciding` that may decide over the call: of INVITEs the caller's, without re-INVITEs
   * once an INVITE began it, and of very many only the newest, with what those are forks of. */
  Transaction *deciders, *last_decider;
  Dialog *dialogs, *last_dialog;
  Dialog *open_dialog;      /* of the round; those before it have had their BYE; or NULL */
  int64_t longest_ns;       /* of the round's dialogs that have had their BYE, or -1 */
  int64_t start_ns, end_ns; /* earliest and latest message */
  int64_t invite_ns;        /* first INVITE, or TIME_NONE */
  uint64_t caller_tag;      /* hash: the From tag of the caller's INVITE */
  uint64_t tally;           /* of who counts calls: trace_set_tally */
  uint32_t number;
  uint32_t messages, retransmissions, duplicates, transaction_count, dialog_count;
  uint32_t confirmed, unended; /* caller's dialogs of the round with a 2xx; those without a BYE */
  uint32_t round;              /* number of the INVITE that the caller sent when all was over */
  uint32_t since;              /* of the one that times are measured from */
  uint32_t client;             /* who sent the caller's INVITE, nearest to the caller */
  uint16_t text_lens[CALL_TEXT_COUNT]; /* of what is kept, or CALL_TEXT_ABSENT */
  uint16_t client_via;                 /* Transaction.via_count there */
  uint16_t method;                     /* that began it; SIP_METHOD_NONE: not known */
  uint16_t deciding;                   /* the method whose transactions decide over the call */
  uint16_t decider_count;              /* in the list */
  uint8_t transports;                  /* bit per Transport */
  uint8_t gb;                          /* GbKind of an exchange of GB/T 28181, or GB_NONE */
  bool is_keepalive : 1;               /* of such an exchange */
  bool is_midway : 1;    /* its beginning is not in the capture: `method` is inferred */
  bool begun : 1;        /* an INVITE without a To tag was seen */
  bool has_caller : 1;   /* caller_tag is known */
  bool has_initial : 1;  /* an INVITE without a To tag began one of the deciders */
  bool invite_final : 1; /* a final response to an INVITE was seen */
  bool is_given_up : 1;  /* a CANCEL was seen, or a BYE before the 2xx */
  bool is_cancelled : 1; /* a CANCEL got its 2xx whose INVITE was not seen */
  bool is_parked : 1;    /* not asked again whether it is finished until it gets a message */
  bool is_chosen : 1;    /* to be evicted, see trace_choose */
  bool is_pinned : 1;    /* see trace_set_pinned */
};

extern const CallRare CALL_RARE_NONE;

static inline const CallRare *call_rare(const Call *call)
{
  return call->rare ? call->rare : &CALL_RARE_NONE;
}

/* Call-ID, addr-spec of From or To of the first message, as far as it is kept; absent when the
 * message had none. */
static inline Slice call_text_kept(const Call *call, CallText which)
{
  const char *text = call->texts;

  if (!text || call->text_lens[which] == CALL_TEXT_ABSENT)
    return SLICE_NONE;
  for (unsigned before = 0; before < which; before++)
    if (call->text_lens[before] != CALL_TEXT_ABSENT)
      text += call->text_lens[before];
  return slice_of(text, call->text_lens[which]);
}

/* For sets of messages: one number for those with that Call-ID (Call.id; NULL: any) that ended in
 * that frame. */
static inline uint64_t call_mark(const Key *id, uint64_t frame)
{
  return (id ? id->low : 0) + frame * UINT64_C(0x9e3779b97f4a7c15);
}

/* The mark of a message of the call; by its frame alone in an exchange, which has several Call-IDs.
 */
static inline uint64_t message_mark(const Call *call, const Message *message)
{
  return call_mark(call_rare(call)->keys ? NULL : &call->id, message->frame);
}

/* A text need not say when a message was sent: its time is 0 then. */
static inline bool time_is_known(int64_t time_ns)
{
  return time_ns > 0;
}

/* -1 if one of them is not known, or they are in the wrong order. */
static inline int64_t time_span(int64_t from_ns, int64_t to_ns)
{
  return !time_is_known(from_ns) || to_ns < from_ns ? -1 : to_ns - from_ns;
}

static inline bool message_is_request(const Message *message)
{
  return message->status == 0;
}
