/*
 * The model: messages, transactions, dialogs and calls (RFC 3261 6, 12, 17).
 *
 * Plain records in the arena of their call; the trace alone writes them, everybody else
 * reads.  A message is a compact record with a reference to its octets, which are read and
 * parsed again when somebody looks (message_load).  Numbers count from 1 in order of first
 * appearance and are the same in every command on the same input.
 */
#pragma once

#include "capture/arena.h"
#include "capture/frame.h"
#include "dissect/net/endpoint.h"
#include "dissect/sip/sip_names.h"

typedef struct Call Call;
typedef struct CallDigest CallDigest;
typedef struct Dialog Dialog;
typedef struct Message Message;
typedef struct Transaction Transaction;

/* A time that is not known.  (0 is a time: captures may begin with the epoch.) */
#define TIME_NONE INT64_MIN

/* A hash of many octets; nobody can make two of them equal without knowing the seed. */
typedef struct {
  uint64_t low, high;
} Key;

static inline bool key_eq(const Key *a, const Key *b)
{
  return a->low == b->low && a->high == b->high;
}

enum {
  MESSAGE_RETRANSMISSION = 1 << 0, /* sent again on the same hop (RFC 3261 17) */
  MESSAGE_DUPLICATE = 1 << 1,      /* the same packet, captured more than once */
  MESSAGE_INCOMPLETE = 1 << 2,     /* octets are missing */
  MESSAGE_MALFORMED = 1 << 3,      /* an anomaly of severity error */
  MESSAGE_HAS_SDP = 1 << 4,        /* Content-Type application/sdp, or multipart */
  MESSAGE_HAS_TO_TAG = 1 << 5,
  MESSAGE_ON_STREAM = 1 << 6, /* for parsing it again: see sip_msg_parse */
};

struct Message {
  Message *next, *previous; /* in the call, in order of arrival */
  Message
    *previous_kind; /* in the transaction: the one before it that is no copy; the trace's own */
  Transaction *transaction;
  Dialog *dialog; /* NULL outside of dialogs */
  int64_t time_ns;
  ByteRef ref;
  uint64_t frame;
  uint32_t number;
  uint32_t len;      /* octets at ref */
  uint32_t src, dst; /* trace_endpoint */
  uint32_t cseq;
  uint32_t octets_hash; /* as in Arrival */
  uint16_t method;      /* trace_method_name; of a response: its CSeq's */
  uint16_t status;      /* 0 for a request */
  uint16_t ip_id;
  uint8_t transport; /* Transport */
  uint8_t flags;     /* MESSAGE_... */
};

struct Transaction {
  Key key;                 /* first: the tables find records by it */
  Transaction *next;       /* in the call */
  Transaction *next_outer; /* as Call.outer_invites, CallDigest.inner */
  Call *call;
  Message *request;  /* NULL: only responses were seen */
  Message *final;    /* the first final response, but a 2xx wins; NULL when there is none */
  Message *last;     /* newest that is no copy: head of the previous_kind chain */
  int64_t last_ns;   /* of any message, copies too */
  uint64_t from_tag; /* hash; with cseq it names the attempt that hops and forks share */
  uint64_t uri;      /* hash of the Request-URI, to tell requests without a branch */
  uint32_t number;
  uint32_t cseq;
  uint16_t method;      /* that began it; INVITE for a non-2xx ACK's */
  uint16_t provisional; /* highest 1xx seen */
  uint16_t via_count;   /* of the request: 1 at its UAC */
  bool in_dialog;       /* the request belonged to a dialog: a re-INVITE, a BYE */
  bool acked;
  bool rfc2543; /* matched without the magic cookie (RFC 3261 17.2.3) */
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
  int64_t confirmed_ns; /* 2xx; TIME_NONE before, and so on */
  int64_t acked_ns;     /* ACK of the 2xx */
  int64_t bye_ns;       /* first BYE */
  uint64_t caller_tag;  /* hash: the From tag of what created it */
  uint32_t number;
  uint32_t cseq;      /* of what created it: the ACK of its 2xx has the same */
  uint16_t method;    /* whose transaction created it: INVITE, SUBSCRIBE, REFER, NOTIFY */
  uint8_t state;      /* DialogState */
  bool midway;        /* its creation is not in the capture */
  bool answer_unseen; /* confirmed by what can only follow the 2xx, whose time is not known */
  bool is_counted;    /* in CallDigest.forks */
};

/* Everything of one Call-ID. */
struct Call {
  uint64_t hash;  /* first two: the table finds calls by them */
  Slice call_id;  /* absent when the message had none */
  Arena arena;    /* of all of the above, and of the call */
  Slice from, to; /* addr-spec of the first message */
  Message *first, *last;
  Transaction *transactions, *last_transaction;
  /* Those of INVITEs that were outside of dialogs when they began: few, however long a call is. */
  Transaction *outer_invites, *last_outer_invite;
  CallDigest *digest; /* of a call of very many messages, or NULL; the trace's own */
  Dialog *dialogs, *last_dialog;
  int64_t start_ns, end_ns; /* earliest and latest message */
  int64_t invite_ns;        /* first INVITE, first 18x and first 2xx to one, or TIME_NONE */
  int64_t ringing_ns;
  int64_t answer_ns;
  int64_t stray_bye_ns; /* first BYE whose tags are of no dialog, or TIME_NONE */
  uint32_t number;
  uint32_t messages, retransmissions, transaction_count, dialog_count;
  uint16_t method;   /* that began it; SIP_METHOD_NONE: only responses were seen */
  bool begun;        /* an INVITE without a To tag was seen */
  bool invite_final; /* a final response to an INVITE was seen */
  bool cancelled;    /* a CANCEL was seen */
};

static inline bool message_is_request(const Message *message)
{
  return message->status == 0;
}
