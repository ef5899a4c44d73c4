/* Datagrams into the table of streams: direction, ports, time; length; bytes.  Invariants hold. */
#include "dissect/media/rtp_streams.h"

#include "capture/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(gpointer item)
{
  g_autofree RtpStream *stream = item;
  double mean_ms, max_ms;

  g_assert(stream->packets >= 2 && stream->duplicates < stream->packets);
  g_assert(rtp_stream_lost(stream) <= rtp_stream_expected(stream));
  g_assert(rtp_stream_bursts(stream) <= rtp_stream_expected(stream));
  if (rtp_stream_jitter(stream, 8000, &mean_ms, &max_ms))
    g_assert(mean_ms >= 0 && mean_ms <= max_ms + 1e-3);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  Reader in = reader_of(data, size);
  g_autoptr(RtpStreams) streams = rtp_streams_new(2);
  RtpNews news = {g_ptr_array_new_with_free_func(check),
                  g_array_new(false, false, sizeof(uint32_t))};

  while (reader_left(&in) >= 2) {
    uint8_t first = reader_u8(&in), len = reader_u8(&in);
    Packet packet = {.kind = PACKET_UDP, .cut = first & 4};
    packet.src.port = 1 + (first & 1);
    packet.dst.port = 2 - (first & 1);
    packet.time_ns = (int64_t) (size - reader_left(&in)) * 1000 * (first >> 3);
    packet.payload = reader_slice(&in, MIN(len, reader_left(&in)));
    rtp_streams_feed(streams, &packet);
  }
  rtp_streams_publish(streams, &news);
  g_ptr_array_unref(news.changed);
  g_array_unref(news.gone);
  return 0;
}
