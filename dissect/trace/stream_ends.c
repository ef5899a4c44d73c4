#include "dissect/trace/stream_ends.h"

struct StreamEnds {
  const GPtrArray *streams;
  EndpointTable *newest; /* by destination: the stream's number */
  GArray *before;        /* uint32_t, by number - 1: the stream before it of that destination */
};

StreamEnds *stream_ends_new(const GPtrArray *streams)
{
  StreamEnds *ends = g_new(StreamEnds, 1);

  *ends = (StreamEnds){.streams = streams,
                       .newest = endpoint_table_new(NULL),
                       .before = g_array_new(false, false, sizeof(uint32_t))};
  return ends;
}

void stream_ends_free(StreamEnds *ends)
{
  if (!ends)
    return;
  endpoint_table_free(ends->newest);
  g_array_unref(ends->before);
  g_free(ends);
}

static uint32_t newest_at(const StreamEnds *ends, const Endpoint *dst)
{
  void *number = NULL;

  return endpoint_table_find(ends->newest, dst, &number) ? GPOINTER_TO_UINT(number) : 0;
}

static void add_new(StreamEnds *ends)
{
  while (ends->before->len < ends->streams->len) {
    const RtpStream *stream = ends->streams->pdata[ends->before->len];
    uint32_t before = stream ? newest_at(ends, &stream->dst) : 0;
    g_array_append_val(ends->before, before);
    if (stream)
      endpoint_table_set(ends->newest, &stream->dst, GUINT_TO_POINTER(ends->before->len));
  }
}

size_t stream_ends_across(StreamEnds *ends, const Endpoint *dst, int64_t time_ns,
                          const RtpStream *ret_streams[STREAM_ENDS_LOOKS])
{
  size_t looks = 0, count = 0;

  add_new(ends);
  for (uint32_t number = newest_at(ends, dst); number != 0 && looks++ < STREAM_ENDS_LOOKS;
       number = g_array_index(ends->before, uint32_t, number - 1)) {
    const RtpStream *stream = ends->streams->pdata[number - 1];
    if (stream && stream->first_ns < time_ns && stream->last_ns > time_ns)
      ret_streams[count++] = stream;
  }
  return count;
}
