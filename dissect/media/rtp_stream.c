#include "dissect/media/rtp_stream.h"

static const uint32_t RATES[] = RTP_RATES;

G_STATIC_ASSERT(G_N_ELEMENTS(RATES) == RTP_RATE_COUNT);

/* They follow the record without a gap. */
G_STATIC_ASSERT(sizeof(RtpStream) % _Alignof(RtpDigit) == 0);

size_t rtp_stream_size(const RtpStream *stream)
{
  return sizeof *stream + stream->digit_room * sizeof(RtpDigit);
}

const RtpDigit *rtp_stream_digits(const RtpStream *stream, size_t *ret_count)
{
  *ret_count = MIN(stream->digit_count, stream->digit_room);
  return (const void *) (stream + 1);
}

uint64_t rtp_stream_expected(const RtpStream *stream)
{
  return stream->expected_before + stream->highest_seq - stream->first_seq + 1;
}

uint64_t rtp_stream_lost(const RtpStream *stream)
{
  uint64_t expected = rtp_stream_expected(stream);
  uint64_t received = stream->packets - stream->duplicates;

  return expected > received ? expected - received : 0;
}

double rtp_stream_loss_percent(const RtpStream *stream)
{
  return 100.0 * (double) rtp_stream_lost(stream) / (double) rtp_stream_expected(stream);
}

uint32_t rtp_stream_bursts(const RtpStream *stream)
{
  const RtpTrack *track = &stream->track;
  uint64_t in_window = MIN(stream->highest_seq - stream->first_seq + 1, (uint64_t) RTP_WINDOW);
  uint32_t bursts = stream->bursts + track->is_losing;
  bool was_lost = track->is_losing;

  /* The highest one came: no run is open at the end. */
  for (uint64_t seq = stream->highest_seq - in_window + 1; seq < stream->highest_seq; seq++) {
    bool is_lost = !rtp_track_came(track, seq);
    bursts += is_lost && !was_lost;
    was_lost = is_lost;
  }
  return bursts;
}

const RtpPayload *rtp_stream_payload(const RtpStream *stream)
{
  const RtpPayload *most = NULL;

  for (size_t i = 0; i < RTP_PAYLOADS; i++) {
    const RtpPayload *payload = &stream->payloads[i];
    if (payload->packets > 0 && payload->kind == RTP_MEDIA &&
        (!most || payload->packets > most->packets))
      most = payload;
  }
  return most;
}

bool rtp_stream_jitter(const RtpStream *stream, uint32_t clock_rate, double *ret_mean_ms,
                       double *ret_max_ms)
{
  size_t at = 0;

  if (stream->has_unknown_rate)
    while (at < RTP_RATE_COUNT && RATES[at] != clock_rate)
      at++;
  if (at == RTP_RATE_COUNT || stream->jitter_packets == 0)
    return false;
  *ret_mean_ms = stream->jitter[at].sum_ms / stream->jitter_packets;
  *ret_max_ms = (double) stream->jitter[at].max_ms;
  return true;
}
