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

static const ReadMessage *find_number(const CallReading *reading, uint32_t number)
{
  size_t low = 0, high = reading->count;

  while (low < high) {
    size_t middle = low + (high - low) / 2;
    const ReadMessage *read = &reading->items[middle];
    if (read->message->number == number)
      return read;
    if (read->message->number < number)
      low = middle + 1;
    else
      high = middle;
  }
  return NULL;
}

const ReadMessage *call_reading_find(const CallReading *reading, const Message *message)
{
  return message ? find_number(reading, message->number) : NULL;
}

const Message *call_reading_message(const CallReading *reading, uint32_t number)
{
  const ReadMessage *read = find_number(reading, number);

  return read ? read->message : NULL;
}
