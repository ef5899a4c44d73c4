/*
 * CallMetrics: what one call adds to the performance metrics of RFC 6076.
 *
 * A session request is a call that an INVITE began, with its challenges, redirections and forks,
 * as its caller sees it (RFC 6076 4, 5.3, 5.4): a retransmission, a 401 that was tried again and
 * the hops of proxies are no requests of their own.  Worked out when it is asked for, as a
 * CallSummary is.
 */
#pragma once

#include "dissect/trace/summary.h"

/* Nanoseconds; -1 where there is none.  What ended in failure is apart from what did not (4.3, 4.4,
 * 4.5). */
typedef struct {
  int64_t pdd_ns;        /* post-dial delay: first INVITE to the first 18x, or else to the 2xx */
  int64_t srd_ns;        /* 4.3.1: the same of an answered call */
  int64_t failed_srd_ns; /* 4.3.2: to the first 18x, or else to the refusal; no 3xx, no challenge */
  int64_t sdd_ns;        /* 4.4: BYE to its 2xx, over what was recovered from */
  int64_t failed_sdd_ns; /* BYE to a refusal; none if there was no response */
  int64_t sdt_ns;        /* 4.5.1: 2xx to BYE */
  int64_t failed_sdt_ns; /* 4.5.2: 2xx to Timer F of a BYE that got no response */
  bool is_effective;     /* SEER, 4.7: 2xx, 480, 486, 600, 603 */
  bool is_ineffective;   /* ISA, 4.8: 408, 500, 503, 504 */
  bool is_completed;     /* SCR, 4.9: answered, and its BYE got a response */
} CallMetrics;

/* Of a call that no INVITE began, nothing.  `now_ns`: trace_now. */
CallMetrics call_measure(const Call *call, const CallSummary *summary, int64_t now_ns);

/*
 * A registration attempt (4.1, 4.2): from a REGISTER, over challenges that it answers, to another
 * final response; or to Timer F.  The same Call-ID makes many of them.
 */
typedef struct {
  const Transaction *last; /* REGISTER that ended it */
  int64_t start_ns;
  int64_t rrd_ns;  /* -1 unless it succeeded */
  unsigned status; /* 0: Timer F */
} RegisterAttempt;

/* Ineffective (IRA): 4xx but 401, 402 and 407, 5xx, 6xx, or no response. */
bool register_attempt_failed(const RegisterAttempt *attempt);

typedef enum {
  REGISTER_ALL,      /* of the whole call, however many */
  REGISTER_RECENT,   /* of its deciders */
  REGISTER_IN_ORDER, /* the same, up to the first that may still get its response */
} RegisterWalk;

/* Calls `each` for the attempts that were over at that time, in order, on the hop nearest to the
 * UA. */
void call_each_register(const Call *call, int64_t now_ns, RegisterWalk walk,
                        void (*each)(void *data, const RegisterAttempt *attempt), void *data);
