#include "dissect/media/stream_quality.h"

#include <math.h>

#include "capture/language.h"
#include "dissect/media/codec.h"

enum { JITTER_BUFFER_MS = 40 }; /* assumed where RTCP does not report one */

MediaFlow stream_flow(const RtpStream *stream)
{
  const RtpPayload *payload = rtp_stream_payload(stream);

  return (MediaFlow){
    .src = stream->src,
    .dst = stream->dst,
    .ssrc = stream->ssrc,
    .has_ssrc = true,
    .is_tcp = rtp_stream_transport(stream) == TRANSPORT_TCP,
    .payload_type = payload ? payload->type : stream->payloads[0].type,
    .first_ns = stream->first_ns,
    .last_ns = stream->last_ns,
  };
}

/* RFC 3264 5.1: the receiver's description says what a number means.  Where it was not captured,
 * the sender most likely uses the same number. */
static const MediaPayload *payload_of_lines(const MediaLine *line, const MediaLine *from_line,
                                            uint8_t payload_type)
{
  const MediaPayload *payload = NULL;

  if (line)
    payload = media_line_payload(line, payload_type);
  if (!payload && from_line)
    payload = media_line_payload(from_line, payload_type);
  return payload;
}

const MediaPayload *stream_agreed_payload(const MediaOwner *owner, uint8_t payload_type)
{
  const MediaPayload *payload = payload_of_lines(owner->line, owner->from_line, payload_type);

  for (unsigned i = 0; i < owner->term_count && !payload; i++)
    payload = payload_of_lines(owner->terms[i].line, owner->terms[i].from_line, payload_type);
  return payload;
}

const MediaPayload *stream_payload_at(const MediaOwner *owner, uint8_t payload_type,
                                      int64_t time_ns)
{
  for (unsigned i = owner->term_count; i > 0; i--) {
    const MediaTerm *term = &owner->terms[i - 1];
    const MediaPayload *payload =
      term->from_ns <= time_ns ? payload_of_lines(term->line, term->from_line, payload_type) : NULL;
    if (payload)
      return payload;
  }
  return stream_agreed_payload(owner, payload_type);
}

static bool is_same_codec(const MediaPayload *a, const MediaPayload *b)
{
  return g_ascii_strcasecmp(a->name, b->name) == 0 && a->clock_rate == b->clock_rate;
}

/* What the payload type was for the longest time; NULL: it is not known.  Sets the clock rate, and
 * is_mixed. */
static const MediaPayload *payload_for_longest(const RtpStream *stream, const MediaOwner *owner,
                                               uint8_t payload_type, StreamQuality *quality)
{
  const MediaPayload *longest = NULL;
  int64_t longest_ns = -1;
  bool has_one_rate = true;

  for (unsigned i = 0; i <= owner->term_count; i++) {
    int64_t from_ns = i > 0 ? owner->terms[i - 1].from_ns : stream->first_ns;
    int64_t until_ns = i < owner->term_count ? owner->terms[i].from_ns : stream->last_ns;
    const MediaPayload *payload = stream_payload_at(owner, payload_type, from_ns);

    if (!payload)
      continue;
    quality->is_mixed |= longest && !is_same_codec(payload, longest);
    has_one_rate &= !longest || payload->clock_rate == longest->clock_rate;
    if (until_ns - from_ns > longest_ns) {
      longest = payload;
      longest_ns = until_ns - from_ns;
    }
  }
  quality->clock_rate = longest && has_one_rate ? longest->clock_rate : 0;
  return longest;
}

/* 0: not known. */
static uint32_t clock_rate_of(const MediaOwner *owner, uint8_t payload_type)
{
  const MediaPayload *agreed = owner ? stream_agreed_payload(owner, payload_type) : NULL;

  return agreed && agreed->clock_rate > 0 ? agreed->clock_rate : sdp_static_rate(payload_type);
}

bool stream_digit_duration(const RtpStream *stream, const MediaOwner *owner, const RtpDigit *digit,
                           int64_t *ret_ns)
{
  const RtpPayload *media = rtp_stream_payload(stream);
  uint32_t rate = clock_rate_of(owner, digit->payload_type);

  if (rate == 0 && media) /* RFC 4733 2.1: events have the clock of the media that they are among */
    rate = clock_rate_of(owner, media->type);
  if (rate == 0)
    return false;
  *ret_ns = (int64_t) digit->duration * 1000000000 / rate;
  return true;
}

static void fill_codec(const RtpStream *stream, const MediaOwner *owner, StreamQuality *quality)
{
  const RtpPayload *used = rtp_stream_payload(stream);
  const MediaPayload *agreed =
    owner && used ? payload_for_longest(stream, owner, used->type, quality) : NULL;
  const MediaLine *line = owner ? owner->line ? owner->line : owner->from_line : NULL;

  quality->fmtp = "";
  quality->kind = MEDIA_OTHER;
  if (line) {
    quality->is_announced = true;
    quality->kind = line->kind;
    quality->is_srtp = line->is_srtp && (line->must_srtp || !owner->line || !owner->from_line ||
                                         owner->from_line->is_srtp);
  }
  if (agreed && agreed->name[0] != '\0') {
    /* RFC 4855 3: in any case; one codec has one name here */
    const Codec *known = codec_find(slice_from_string(agreed->name), SLICE_NONE);
    quality->codec = known ? known->name : agreed->name;
    quality->fmtp = agreed->fmtp;
  } else if (used) {
    quality->codec = sdp_static_name(used->type);
    quality->clock_rate = sdp_static_rate(used->type);
  }
}

/* From mouth to ear, with what was reported or else assumed; says which. */
static double estimate_delay(const RtpStream *stream, const RtpStream *opposite, const Codec *codec,
                             GString *basis)
{
  const RtpReports *there = &stream->reports, *back = opposite ? &opposite->reports : NULL;

  /* RFC 3611 4.7.3: half the round trip and what the end system adds. */
  if (stream->has_voip && stream->voip.round_trip_ms > 0) {
    double ms = stream->voip.round_trip_ms / 2.0 + stream->voip.end_system_ms;
    g_string_append_printf(basis, _("delay %.0f ms reported by RTCP XR"), ms);
    return ms;
  }
  if (back && there->round_trips > 0 && back->round_trips > 0) {
    double trip_ms = (double) there->round_trips_us / there->round_trips / 1000 +
                     (double) back->round_trips_us / back->round_trips / 1000;
    double ms = trip_ms / 2 + codec->ptime_ms + JITTER_BUFFER_MS;
    g_string_append_printf(basis, _("delay %.0f ms from RTCP and an assumed jitter buffer"), ms);
    return ms;
  }
  g_string_append_printf(basis, _("delay up to %d ms assumed"), EMODEL_DELAY_MS);
  return EMODEL_DELAY_MS;
}

static void rate(const RtpStream *stream, const RtpStream *opposite, const Codec *codec,
                 StreamQuality *quality, GString *basis)
{
  uint32_t bursts = rtp_stream_bursts(stream);
  double mean_burst = bursts > 0 ? (double) rtp_stream_lost(stream) / bursts : 1;
  EModelInput input = {
    .scale = codec->scale,
    .ie = codec->ie,
    .bpl = codec->bpl,
    .loss_percent = quality->loss_percent,
    .burst_ratio = emodel_burst_ratio(quality->loss_percent, mean_burst),
  };

  g_string_printf(basis, "%s%s%s%s", _(emodel_scale_name(codec->scale)), _("; "), _(codec->source),
                  _("; "));
  input.delay_ms = estimate_delay(stream, opposite, codec, basis);
  quality->has_mos = emodel_rate(&input, &quality->rating);
  if (quality->has_mos)
    quality->mos = round(emodel_mos(codec->scale, quality->rating) * 100) / 100;
  else
    g_string_printf(basis, _("no value is published for %s with loss"), _(codec->source));
}

static void fill_mos(const RtpStream *stream, const RtpStream *opposite, StreamQuality *quality)
{
  const Codec *codec =
    quality->codec ? codec_find(slice_from_string(quality->codec), slice_from_string(quality->fmtp))
                   : NULL;
  g_autoptr(GString) basis = g_string_new(NULL);

  if (quality->is_announced && quality->kind != MEDIA_AUDIO)
    g_string_assign(basis, _("not audio"));
  else if (!quality->codec)
    g_string_assign(basis, _("the codec is not known"));
  else if (quality->is_mixed)
    g_string_assign(basis, _("a new offer gave the payload type to another codec"));
  else if (!codec || codec->scale == EMODEL_NONE)
    g_string_printf(basis, _("no value is published for %.40s"), quality->codec);
  else
    rate(stream, opposite, codec, quality, basis);
  g_strlcpy(quality->basis, basis->str, sizeof quality->basis);
}

void stream_quality_measure(const RtpStream *stream, const MediaOwner *owner,
                            const RtpStream *opposite, StreamQuality *ret_quality)
{
  StreamQuality quality = {.loss_percent = rtp_stream_loss_percent(stream)};

  fill_codec(stream, owner, &quality);
  quality.has_jitter =
    rtp_stream_jitter(stream, quality.clock_rate, &quality.jitter_ms, &quality.max_jitter_ms);
  fill_mos(stream, opposite, &quality);
  *ret_quality = quality;
}
