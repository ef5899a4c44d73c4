#include "dissect/trace/correlation.h"

#include "dissect/trace/call_rare.h"

uint8_t correlation_add(Call *call, Slice id)
{
  Slice kept = slice_head(id, CORRELATION_LEN_MAX);
  uint8_t place = 1;

  if (kept.len == 0)
    return 0;
  CallRare *rare = call_make_rare(call);
  Correlation **end = &rare->correlations;
  for (; *end && !slice_eq((*end)->id, kept); end = &(*end)->next)
    place++;
  if (place > CORRELATIONS_MAX)
    return 0;
  if (!*end) {
    *end = arena_new(&rare->arena, Correlation);
    (*end)->id = arena_dup(&rare->arena, kept);
  }
  return place;
}

Slice correlation_of(const Message *message)
{
  const Correlation *correlation = call_rare(message->transaction->call)->correlations;

  if (!message->is_copied || message->correlation == 0)
    return SLICE_NONE;
  for (uint8_t place = 1; place < message->correlation; place++)
    correlation = correlation->next;
  return correlation->id;
}
