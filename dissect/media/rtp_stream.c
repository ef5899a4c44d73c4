#include "dissect/media/rtp_stream.h"

static const uint32_t RATES[] = RTP_RATES;

G_STATIC_ASSERT(G_N_ELEMENTS(RATES) == RTP_RATE_COUNT);

/* RFC 3551 6, tables 4 and 5; 0: dynamic, reserved or unassigned. */
static const uint32_t STATIC_RATES[128] = {
  [0] = 8000,   [3] = 8000,   [4] = 8000,   [5] = 8000,   [6] = 16000,  [7] = 8000,
  [8] = 8000,   [9] = 8000,   [10] = 44100, [11] = 44100, [12] = 8000,  [13] = 8000,
  [14] = 90000, [15] = 8000,  [16] = 11025, [17] = 22050, [18] = 8000,  [25] = 90000,
  [26] = 90000, [28] = 90000, [31] = 90000, [32] = 90000, [33] = 90000, [34] = 90000,
};

uint32_t rtp_static_rate(uint8_t payload_type)
{
  return STATIC_RATES[payload_type & 0x7f];
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

/* The window ends with the highest packet, which came: a run in it is followed by a packet. */
uint32_t rtp_stream_bursts(const RtpStream *stream)
{
  const RtpTrack *track = &stream->track;
  uint64_t in_window = stream->highest_seq - stream->first_seq + 1;
  unsigned count = (unsigned) MIN(in_window, (uint64_t) RTP_WINDOW);
  uint32_t bursts = stream->bursts + (track->lost_run > 0);
  bool was_lost = track->lost_run > 0;

  for (unsigned n = count; n-- > 0;) {
    bool is_lost = !(track->seen[n / 64] >> n % 64 & 1);
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
