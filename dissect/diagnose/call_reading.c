#include "dissect/diagnose/call_reading.h"

struct CallReader {
  const StoreSet *stores; /* or NULL */
  Arena *arena;
  bool has_failed;
};

const SipMsg *lazy_sip_read(LazySip *lazy, const Message *message)
{
  CallReader *reader = lazy->reader;
  SipMsg *sip = arena_alloc(reader->arena, sizeof *sip);

  if (!reader->stores || !message_load(message, reader->stores, reader->arena, sip, NULL)) {
    *sip = (SipMsg){0};
    reader->has_failed = true;
  }
  lazy->sip = sip;
  return sip;
}

CallReading call_reading_begin(const Trace *trace, const Call *call, const StoreSet *stores,
                               Arena *arena)
{
  CallReading reading = {.trace = trace, .call = call};
  size_t room = MIN(call->messages, (uint32_t) CALL_READING_MAX);
  LazySip *lazy = arena_alloc(arena, room * sizeof *lazy);
  uint32_t walked = 0;

  reading.reader = arena_new(arena, CallReader);
  *reading.reader = (CallReader){.stores = stores, .arena = arena};
  reading.items = arena_alloc(arena, room * sizeof *reading.items);
  for (const Message *m = call->first; m; m = m->next, walked++) {
    if (m->flags & MESSAGE_DUPLICATE)
      continue;
    if (reading.count == room) {
      reading.left_out = call->messages - walked;
      break;
    }
    lazy[reading.count] = (LazySip){.reader = reading.reader};
    reading.items[reading.count] = (ReadMessage){m, &lazy[reading.count]};
    reading.count++;
  }
  return reading;
}

CallReading call_reading_of(const Trace *trace, const Call *call, const StoreSet *stores,
                            Arena *arena)
{
  CallReading reading = call_reading_begin(trace, call, stores, arena);
  size_t kept = 0;

  for (size_t i = 0; i < reading.count; i++) {
    reading.reader->has_failed = false;
    (void) read_message_sip(&reading.items[i]);
    if (reading.reader->has_failed)
      reading.unreadable++;
    else
      reading.items[kept++] = reading.items[i];
  }
  reading.count = kept;
  reading.reader->has_failed = false;
  return reading;
}

bool call_reading_has_failed(const CallReading *reading)
{
  return reading->reader->has_failed;
}

void call_reading_set_stores(const CallReading *reading, const StoreSet *stores)
{
  reading->reader->stores = stores;
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
