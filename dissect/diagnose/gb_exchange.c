#include "dissect/diagnose/gb_exchange.h"

static bool is_copy(const Message *message)
{
  return (message->flags & (MESSAGE_RETRANSMISSION | MESSAGE_DUPLICATE)) != 0;
}

/* The slices are of the message, which is forgotten. */
static GbBody keep_body(const GbBody *body, Arena *arena)
{
  GbBody kept = *body;
  Slice *const texts[] = {&kept.command, &kept.sn,     &kept.device, &kept.result, &kept.sum_num,
                          &kept.num,     &kept.status, &kept.ptz,    &kept.action, &kept.value};

  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
    if (texts[i]->data)
      *texts[i] = arena_dup(arena, *texts[i]);
  return kept;
}

static void note_answer(GbExchange *exchange, const Message *message, const GbBody *body,
                        Arena *arena)
{
  uint32_t number;

  if (!exchange->answer) {
    exchange->answer = message;
    exchange->result = body->result.data ? arena_dup(arena, body->result) : SLICE_NONE;
  }
  exchange->last_answer = message;
  exchange->answers++;
  bool has_sum = slice_to_u32(body->sum_num, &number);
  if (has_sum) {
    exchange->has_sum = true;
    exchange->sum = MAX(exchange->sum, number);
  }
  if (slice_to_u32(body->num, &number))
    exchange->items += number;
  else
    exchange->is_uncounted |= has_sum;
}

void gb_exchange_note(GbExchange *exchange, const Message *message, const GbBody *body,
                      Arena *arena)
{
  bool is_answer = body->kind == GB_RESPONSE;

  if (exchange->body.kind == GB_NONE || (!is_answer && !exchange->request))
    exchange->body = keep_body(body, arena);
  if (is_answer)
    note_answer(exchange, message, body, arena);
  else if (!exchange->request)
    exchange->request = message;
}

bool gb_exchange_read(const Call *call, const StoreSet *stores, Arena *arena,
                      GbExchange *ret_exchange)
{
  GbExchange exchange = {.request = NULL};
  unsigned count = 0;
  Arena scratch;

  if (call->gb == GB_NONE || !stores)
    return false;
  arena_init(&scratch, 4096);
  for (const Message *m = call->first; m && !exchange.is_cut; m = m->next) {
    SipMsg sip;
    GbBody body;
    if (!message_is_request(m) || m->method != SIP_METHOD_MESSAGE || is_copy(m))
      continue;
    exchange.is_cut = ++count > GB_EXCHANGE_MESSAGES_MAX;
    if (!exchange.is_cut && message_load(m, stores, &scratch, &sip, NULL) &&
        sip_msg_gb(&sip, &body))
      gb_exchange_note(&exchange, m, &body, arena);
    arena_reset(&scratch);
  }
  arena_clear(&scratch);
  if (exchange.body.kind == GB_NONE)
    return false;
  *ret_exchange = exchange;
  return true;
}

int64_t gb_exchange_latency(const GbExchange *exchange)
{
  if (!exchange->request || !exchange->answer)
    return -1;
  return time_span(exchange->request->time_ns, exchange->answer->time_ns);
}
