#include "dissect/diagnose/call_reading.h"

CallReading call_reading_of(const Trace *trace, const Call *call, const StoreSet *stores,
                            Arena *arena)
{
  CallReading reading = {.trace = trace, .call = call};
  size_t room = MIN(call->messages, (uint32_t) CALL_READING_MAX);

  reading.items = arena_alloc(arena, room * sizeof *reading.items);
  uint32_t walked = 0;
  for (const Message *m = call->first; m; m = m->next, walked++) {
    if (m->flags & MESSAGE_DUPLICATE)
      continue;
    if (reading.count == room) {
      reading.left_out = call->messages - walked;
      break;
    }
    ReadMessage *read = &reading.items[reading.count];
    if (!stores || !message_load(m, stores, arena, &read->sip, NULL)) {
      reading.unreadable++;
      continue;
    }
    read->message = m;
    reading.count++;
  }
  return reading;
}

const ReadMessage *call_reading_find(const CallReading *reading, const Message *message)
{
  size_t low = 0, high = reading->count;

  while (message && low < high) {
    size_t middle = low + (high - low) / 2;
    const ReadMessage *read = &reading->items[middle];
    if (read->message == message)
      return read;
    if (read->message->number < message->number)
      low = middle + 1;
    else
      high = middle;
  }
  return NULL;
}
