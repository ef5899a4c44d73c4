#include "dissect/pick/media_ends.h"

struct MediaEnds {
  const MediaBook *book;
  MediaBook *own; /* NULL: it is the trace's */
  GHashTable *calls;
};

MediaEnds *media_ends_new(const Trace *trace, const StoreSet *stores, GHashTable *calls)
{
  MediaEnds *ends = g_new0(MediaEnds, 1);

  ends->own = trace_media(trace) ? NULL : trace_read_media(trace, stores);
  ends->book = ends->own ? ends->own : trace_media(trace);
  ends->calls = calls;
  return ends;
}

void media_ends_free(MediaEnds *ends)
{
  if (!ends)
    return;
  media_book_free(ends->own);
  g_free(ends);
}

MediaMatch media_ends_match(const MediaEnds *ends, const Packet *packet, MediaCalls *ret_calls)
{
  const MediaFlow flow = {
    .src = packet->src,
    .dst = packet->dst,
    .payload_type = MEDIA_PAYLOAD_UNKNOWN,
    .is_tcp = packet->kind == PACKET_TCP,
    .first_ns = packet->time_ns,
    .last_ns = packet->time_ns,
  };
  MediaOwner owners[MEDIA_OWNERS_MAX];
  size_t count = media_book_owners(ends->book, &flow, owners);

  ret_calls->count = 0;
  for (size_t i = 0; i < count; i++)
    if (!ends->calls || g_hash_table_contains(ends->calls, GUINT_TO_POINTER(owners[i].call)))
      ret_calls->numbers[ret_calls->count++] = owners[i].call;
  if (ret_calls->count > 0)
    return MEDIA_CHOSEN;
  return count > 0 ? MEDIA_OF_OTHERS : MEDIA_OF_NOBODY;
}
