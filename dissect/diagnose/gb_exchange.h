/*
 * GbExchange: what the messages of a call of GB/T 28181 say together: a query or control, its
 * answer, which may come in several parts, and how much of it came (GB/T 28181-2022 9.3, 9.5).
 */
#pragma once

#include "dissect/sip/gb_body.h"
#include "dissect/trace/trace.h"

/* Messages of a call that are read. */
enum { GB_EXCHANGE_MESSAGES_MAX = 2048 };

typedef struct {
  const Message *request;              /* query, control or notification; NULL: not captured */
  GbBody body;                         /* of it, or else of the first answer */
  const Message *answer, *last_answer; /* NULL: none was captured */
  Slice result;                        /* of the first answer */
  uint32_t answers;
  uint64_t items; /* in all parts that came */
  uint32_t sum;   /* SumNum, if has_sum */
  bool has_sum;
  bool is_uncounted; /* a part does not say how many items it has: there may be more */
  bool is_cut;       /* it has more messages than were read */
} GbExchange;

/* False if it is no exchange, or cannot be read.  Texts are copies in the arena. */
bool gb_exchange_read(const Call *call, const StoreSet *stores, Arena *arena,
                      GbExchange *ret_exchange);

/* Adds one MESSAGE of it; texts are copied into the arena. */
void gb_exchange_note(GbExchange *exchange, const Message *message, const GbBody *body,
                      Arena *arena);

/* From the request to the first answer, or -1. */
int64_t gb_exchange_latency(const GbExchange *exchange);

/* Has its request an answer (GB/T 28181-2022 9.3)? */
static inline bool gb_exchange_wants_answer(const GbExchange *exchange)
{
  return exchange->request && gb_control_is_answered(&exchange->body);
}
