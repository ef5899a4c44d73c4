/* What two sightings of one message say of the clocks of those who saw it. */
#include "dissect/trace/trace_private.h"

/* The request is one of the messages of its call that are so far back. */
enum { WALK_MAX = 64 };

/* The request that the response answers, as that copier saw it; NULL if it saw none, or several. */
static const Message *find_request(const Message *response, uint16_t copier)
{
  const Message *found = NULL;
  unsigned walked = 0;

  for (const Message *m = response->transaction->call->last; m && walked++ < WALK_MAX;
       m = m->previous) {
    if (m->transaction != response->transaction || !message_is_request(m) ||
        m->method != response->method || m->src != response->dst || m->dst != response->src ||
        !m->is_copied || m->copier != copier)
      continue;
    if (found)
      return NULL;
    found = m;
  }
  return found;
}

static int64_t half_after(const Message *message, const Message *other)
{
  return (message->time_ns - other->time_ns) / 2;
}

void sighting_note(Trace *trace, const Message *original, const Message *message)
{
  if (message_is_request(message) || !original->is_copied || original->copier == message->copier)
    return;
  const Message *here = find_request(message, message->copier);
  const Message *there = find_request(message, original->copier);
  if (here && there)
    copiers_note_clock(trace->copiers, message->copier, original->copier,
                       half_after(message, original) + half_after(here, there));
}
