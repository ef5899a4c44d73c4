/*
 * SipJudge: does a TCP connection carry SIP, or something else that quotes it (logs, databases,
 * message queues, traces)?
 *
 * It is shown the messages that were found, of both directions, and decides once, as soon as it
 * can.  What tells:
 *  - a request and its response in opposite directions: it is SIP, for good, unless bytes that
 *    belong to no message wrap every one;
 *  - a request and its response in one direction: it is not, for good;
 *  - a message where one is expected, with a Via of a stream's transport, on a port of SIP or sent
 *    by the host that its Via names: it is SIP; without these signs, once the peer sends one, too;
 *  - bytes that belong to no message before every message; a Via of another transport, and no
 *    answer: it is not.
 * What holds only probably is given up when the opposite shows later.  A responder never sends
 * the branch of its own request back (RFC 3261 17.1.3), so branches are what is compared.
 */
#pragma once

#include "dissect/net/endpoint.h"

typedef enum {
  SIP_VERDICT_OPEN, /* more must be seen: keep the messages, see sip_judge_close */
  SIP_VERDICT_SIP,
  SIP_VERDICT_QUOTES,
} SipVerdict;

/* What was between a message and the one before it, besides CR and LF. */
typedef enum {
  SIP_BEFORE_NOTHING,
  SIP_BEFORE_REST,    /* of a message that was not captured from its start */
  SIP_BEFORE_FOREIGN, /* bytes that belong to no message */
} SipBefore;

enum { SIP_JUDGE_REQUESTS = 32 }; /* that are remembered, a direction */

typedef struct {
  uint32_t requests[SIP_JUDGE_REQUESTS]; /* hashes; a ring */
  unsigned request_count;
  unsigned messages;
  unsigned after_foreign;
} SipJudgeSide;

/* Zero is the beginning. */
typedef struct {
  SipVerdict verdict;
  bool final;           /* it stays, and nothing need be shown any more */
  bool other_transport; /* a Via named one */
  bool no_via;          /* a message had none */
  bool cut;             /* a message was */
  bool answered;        /* a request was, in the opposite direction */
  unsigned messages;    /* of both directions */
  unsigned after_rest, after_foreign;
  unsigned in_row;  /* after_foreign without another between */
  unsigned in_sync; /* messages where one was expected */
  SipJudgeSide sides[2];
} SipJudge;

typedef struct {
  Slice octets;
  bool cut;
  SipBefore before;
  unsigned side;         /* 0 or 1: the direction */
  bool peer_is_captured; /* packets of the other direction were seen */
  Endpoint src, dst;
} SipExhibit;

SipVerdict sip_judge_see(SipJudge *judge, const SipExhibit *exhibit);

/* It cannot stay open any longer. */
SipVerdict sip_judge_close(SipJudge *judge, bool peer_is_captured);
