#include "dissect/pick/media_ends.h"

#include "dissect/media/media_book.h"

struct MediaEnds {
  const MediaBook *book;
  MediaBook *own;   /* NULL: it is the trace's */
  uint64_t *chosen; /* a bit for each call number */
  size_t count;     /* of calls */
};

MediaEnds *media_ends_new(const Trace *trace, const StoreSet *stores)
{
  MediaEnds *ends = g_new0(MediaEnds, 1);

  ends->own = trace_media(trace) ? NULL : trace_read_media(trace, stores);
  ends->book = ends->own ? ends->own : trace_media(trace);
  ends->count = trace_call_count(trace);
  ends->chosen = g_new0(uint64_t, ends->count / 64 + 1);
  return ends;
}

void media_ends_free(MediaEnds *ends)
{
  if (!ends)
    return;
  media_book_free(ends->own);
  g_free(ends->chosen);
  g_free(ends);
}

void media_ends_add_call(MediaEnds *ends, const Call *call)
{
  uint32_t index = call->number - 1;

  if (index < ends->count)
    ends->chosen[index / 64] |= UINT64_C(1) << index % 64;
}

static bool is_chosen(const MediaEnds *ends, uint32_t call)
{
  uint32_t index = call - 1;

  return index < ends->count && (ends->chosen[index / 64] >> index % 64 & 1) != 0;
}

bool media_ends_match(const MediaEnds *ends, const Packet *packet)
{
  const MediaFlow flow = {
    .src = packet->src,
    .dst = packet->dst,
    .payload_type = MEDIA_PAYLOAD_UNKNOWN,
    .first_ns = packet->time_ns,
    .last_ns = packet->time_ns,
  };
  MediaOwner owners[MEDIA_OWNERS_MAX];
  size_t count = media_book_owners(ends->book, &flow, owners);

  for (size_t i = 0; i < count; i++)
    if (is_chosen(ends, owners[i].call))
      return true;
  return false;
}
