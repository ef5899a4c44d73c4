#include "dissect/media/rtp_count.h"

#include "dissect/sip/sdp.h"

enum {
  FORWARD_MAX = 3000,        /* RFC 3550 A.1: MAX_DROPOUT */
  EXTENDED_FIRST = 1U << 16, /* so that what came before the first packet has a number, too */
};

static const uint32_t RATES[] = RTP_RATES;
static const int64_t NS_PER_MS = 1000 * 1000;
static const int64_t SILENCE_MIN_NS = 60 * 1000 * 1000;

/* A timestamp that is so far from the time of arrival is of a clock that was set anew. */
static const float CLOCK_SET_MS = 10 * 1000;

/* --- Sequence numbers ------------------------------------------------------------------------ */

static void set_came(RtpTrack *track, uint64_t seq, bool came)
{
  uint64_t bit = UINT64_C(1) << seq % 64, *word = &track->came[seq % RTP_WINDOW / 64];

  *word = came ? *word | bit : *word & ~bit;
}

/* The window moves on by one: the oldest packet leaves it, and if it did not come by now, it is
 * lost. */
static void move_window(RtpStream *stream)
{
  RtpTrack *track = &stream->track;
  bool is_full = stream->highest_seq - stream->first_seq >= RTP_WINDOW - 1;
  uint64_t next = ++stream->highest_seq; /* has the place of the oldest */

  if (is_full && !rtp_track_came(track, next)) {
    track->is_losing = true;
  } else if (track->is_losing) {
    stream->bursts++;
    track->is_losing = false;
  }
  set_came(track, next, false);
}

/* Up to a packet that came. */
static void advance(RtpStream *stream, uint32_t by)
{
  RtpTrack *track = &stream->track;
  uint32_t steps = MIN(by, (uint32_t) RTP_WINDOW);

  for (uint32_t i = 0; i < steps; i++)
    move_window(stream);
  track->is_losing |= by > steps;
  stream->highest_seq += by - steps;
  set_came(track, stream->highest_seq, true);
}

/* Numbering begins anew, with this packet. */
static void begin_numbers(RtpStream *stream, uint16_t seq)
{
  RtpTrack *track = &stream->track;

  stream->first_seq = stream->highest_seq = (uint64_t) EXTENDED_FIRST + seq;
  memset(track->came, 0, sizeof track->came);
  set_came(track, stream->highest_seq, true);
  track->is_losing = false;
}

/* Two packets in sequence, both far from the others: the sender began anew (RFC 3550 A.1). */
static void restart(RtpStream *stream, uint16_t first)
{
  uint32_t bursts = rtp_stream_bursts(stream);

  /* The first of both was expected by itself until now. */
  stream->expected_before = rtp_stream_expected(stream) - 1;
  stream->bursts = bursts;
  stream->restarts++;
  begin_numbers(stream, first);
  advance(stream, 1);
}

/* Is a long way forward a loss, as the timestamp moved on in step with it? */
static bool is_in_step(const RtpStream *stream, const RtpPacket *rtp, uint16_t forward)
{
  uint32_t moved = rtp->timestamp - stream->track.timestamp_last;

  return stream->timestamp_step > 0 && moved == stream->timestamp_step * (uint32_t) forward;
}

typedef enum {
  PLACE_NEXT,  /* the one after the highest */
  PLACE_AHEAD, /* after a hole */
  PLACE_LATE,
  PLACE_COPY,
  PLACE_STRAY, /* far from the others */
} Place;

static Place take_stray(RtpStream *stream, uint16_t seq)
{
  RtpTrack *track = &stream->track;

  if (track->has_stray && seq == (uint16_t) (track->stray_seq + 1)) {
    track->has_stray = false;
    restart(stream, track->stray_seq);
    return PLACE_AHEAD;
  }
  if (track->has_stray && seq == track->stray_seq)
    return PLACE_COPY;
  track->has_stray = true;
  track->stray_seq = seq;
  stream->expected_before++;
  return PLACE_STRAY;
}

static Place place_packet(RtpStream *stream, const RtpPacket *rtp)
{
  RtpTrack *track = &stream->track;
  uint16_t forward = (uint16_t) (rtp->seq - (uint16_t) stream->highest_seq);
  uint16_t below = (uint16_t) -forward;
  uint64_t seq = stream->highest_seq - below;

  if (below < RTP_WINDOW) {
    if (rtp_track_came(track, seq))
      return PLACE_COPY;
    set_came(track, seq, true);
    stream->first_seq = MIN(stream->first_seq, seq);
    return PLACE_LATE;
  }
  if (forward > FORWARD_MAX && !is_in_step(stream, rtp, forward))
    return take_stray(stream, rtp->seq);
  track->has_stray = false;
  advance(stream, forward);
  return forward == 1 ? PLACE_NEXT : PLACE_AHEAD;
}

/* --- Payload types, events -------------------------------------------------------------------- */

/* RFC 4733 2.3: event, end, reserved bit, volume, duration, which is more than 0. */
static bool looks_like_event(const RtpArrival *arrival)
{
  enum { EVENT_BYTES = 4, FLASH = 16, FIRST_DYNAMIC = 96 };
  Slice payload = arrival->rtp.payload;

  return arrival->rtp.payload_type >= FIRST_DYNAMIC && arrival->payload_bytes == EVENT_BYTES &&
         payload.len == EVENT_BYTES && (uint8_t) payload.data[0] <= FLASH &&
         (payload.data[1] & 0x40) == 0 && (payload.data[2] != 0 || payload.data[3] != 0);
}

/* Is the packet still of the event before?  All of one have its timestamp; a long one goes on in
 * segments (RFC 4733 2.5.1.3); some senders move the timestamp on with every packet. */
static bool goes_on(const RtpTrack *track, const RtpPacket *rtp, uint16_t duration)
{
  uint32_t moved = rtp->timestamp - track->event_timestamp;

  if (!track->has_event)
    return false;
  if (moved == 0)
    return true;
  if (track->event != (uint8_t) rtp->payload.data[0] || rtp->marker || track->event_ended)
    return false;
  return moved == UINT16_MAX || duration > track->event_duration;
}

/* The record's, before it is published. */
static RtpDigit *digit_at(RtpStream *stream, size_t index)
{
  return (RtpDigit *) (void *) (stream + 1) + index;
}

static void begin_digit(RtpStream *stream, const RtpArrival *arrival, uint16_t duration)
{
  static const char DIGITS[] = "0123456789*#ABCD!";

  if (stream->digit_count < stream->digit_room)
    *digit_at(stream, stream->digit_count) = (RtpDigit){
      .time_ns = arrival->time_ns,
      .duration = duration,
      .payload_type = arrival->rtp.payload_type,
      .digit = DIGITS[(uint8_t) arrival->rtp.payload.data[0]],
    };
  if (stream->digit_count < UINT16_MAX)
    stream->digit_count++;
}

/* An update of the last digit.  The segment before the next one of a long event lasted as long as
 * it could (RFC 4733 2.5.1.3). */
static void extend_digit(RtpStream *stream, const RtpPacket *rtp, uint16_t duration)
{
  const RtpTrack *track = &stream->track;
  bool is_next_segment = rtp->timestamp - track->event_timestamp == UINT16_MAX;
  int32_t added = duration - track->event_duration + (is_next_segment ? UINT16_MAX : 0);

  if (stream->digit_count == 0 || stream->digit_count > stream->digit_room || added <= 0)
    return;
  RtpDigit *digit = digit_at(stream, stream->digit_count - 1U);
  digit->duration = (uint32_t) MIN((uint64_t) digit->duration + (uint32_t) added, UINT32_MAX);
}

bool rtp_stream_needs_room(const RtpStream *stream, const RtpArrival *arrival)
{
  return stream->digit_count == stream->digit_room && stream->digit_room < RTP_DIGITS &&
         looks_like_event(arrival);
}

static void count_event(RtpStream *stream, const RtpArrival *arrival)
{
  const RtpPacket *rtp = &arrival->rtp;
  RtpTrack *track = &stream->track;
  const uint8_t *payload = (const uint8_t *) rtp->payload.data;
  uint16_t duration = (uint16_t) (payload[2] << 8 | payload[3]);
  bool is_late = track->has_event && rtp->timestamp - track->event_timestamp > UINT32_MAX / 2;

  if (is_late)
    return;
  if (goes_on(track, rtp, duration))
    extend_digit(stream, rtp, duration);
  else
    begin_digit(stream, arrival, duration);
  track->has_event = true;
  track->event = payload[0];
  track->event_ended = payload[1] >> 7;
  track->event_duration = duration;
  track->event_timestamp = rtp->timestamp;
}

/* The counter of a payload type, or NULL when there are too many. */
static RtpPayload *find_payload(RtpStream *stream, uint8_t type)
{
  for (size_t i = 0; i < RTP_PAYLOADS; i++) {
    RtpPayload *payload = &stream->payloads[i];
    if (payload->packets == 0)
      payload->type = type;
    if (payload->type == type)
      return payload;
  }
  return NULL;
}

/* A type is one of events while all its packets look like that. */
static RtpPayloadKind kind_of(RtpStream *stream, RtpPayload *payload, const RtpArrival *arrival)
{
  enum { COMFORT_NOISE = 13, OLD_COMFORT_NOISE = 19 };
  uint8_t type = arrival->rtp.payload_type;

  if (type == COMFORT_NOISE || type == OLD_COMFORT_NOISE)
    return RTP_COMFORT_NOISE;
  if (!payload || (payload->packets > 0 && payload->kind != RTP_EVENTS))
    return RTP_MEDIA;
  if (looks_like_event(arrival))
    return RTP_EVENTS;
  if (payload->packets > 0) /* what were taken for digits were none */
    stream->digit_count = 0;
  return RTP_MEDIA;
}

static RtpPayloadKind count_payload(RtpStream *stream, const RtpArrival *arrival)
{
  RtpPayload *payload = find_payload(stream, arrival->rtp.payload_type);
  RtpPayloadKind kind = kind_of(stream, payload, arrival);

  if (!payload) {
    stream->other_payloads++;
    return kind;
  }
  payload->kind = (uint8_t) kind;
  payload->bytes = (uint16_t) MIN(arrival->payload_bytes, (uint32_t) UINT16_MAX);
  payload->packets++;
  return kind;
}

/* --- Time ------------------------------------------------------------------------------------- */

static void add_jitter(RtpJitter *jitter, float passed_ms, int32_t moved, uint32_t rate)
{
  float difference = passed_ms - (float) moved * 1000.0F / (float) rate;

  difference = difference < 0 ? -difference : difference;
  if (difference < CLOCK_SET_MS)
    jitter->now_ms += (difference - jitter->now_ms) / 16;
  jitter->sum_ms += (double) jitter->now_ms;
  jitter->max_ms = MAX(jitter->max_ms, jitter->now_ms);
}

/* The rate is not known, for the first time: what came so far holds for each. */
static void split_jitter(RtpStream *stream)
{
  for (size_t i = 1; i < RTP_RATE_COUNT; i++)
    stream->jitter[i] = stream->jitter[0];
  stream->has_unknown_rate = true;
}

/* RFC 3550 6.4.1; `rate` is 0 when it is not known. */
static void count_jitter(RtpStream *stream, const RtpArrival *arrival, uint32_t rate)
{
  const RtpTrack *track = &stream->track;
  float passed_ms = (float) (arrival->time_ns - track->media_ns) / (float) NS_PER_MS;
  int32_t moved = (int32_t) (arrival->rtp.timestamp - track->timestamp);

  for (size_t i = 0; i < (stream->has_unknown_rate ? RTP_RATE_COUNT : 1); i++)
    add_jitter(&stream->jitter[i], passed_ms, moved, rate > 0 ? rate : RATES[i]);
  stream->jitter_packets++;
}

static void count_media(RtpStream *stream, const RtpArrival *arrival)
{
  RtpTrack *track = &stream->track;
  uint8_t type = arrival->rtp.payload_type;
  uint32_t rate = sdp_static_rate(type);

  if (rate == 0 && !stream->has_unknown_rate)
    split_jitter(stream);
  if (track->has_media && type != track->media_type)
    stream->type_changes++;
  /* Timestamps of another clock say nothing. */
  if (track->has_media &&
      (type == track->media_type || (rate > 0 && rate == sdp_static_rate(track->media_type))))
    count_jitter(stream, arrival, rate);
  track->has_media = true;
  track->media_type = type;
  track->media_ns = arrival->time_ns;
  track->timestamp = arrival->rtp.timestamp;
}

/* Nothing was sent for a while when the timestamp moves on and the sequence number does not. */
static bool is_silence(const RtpStream *stream, const RtpPacket *rtp, int64_t gap_ns)
{
  uint32_t moved = rtp->timestamp - stream->track.timestamp_last;

  return gap_ns >= SILENCE_MIN_NS && stream->timestamp_step > 0 &&
         moved >= 2 * stream->timestamp_step && moved <= INT32_MAX;
}

static void count_gap(RtpStream *stream, const RtpArrival *arrival, Place place)
{
  int64_t gap_ns = arrival->time_ns - stream->track.arrival_ns;

  stream->track.arrival_ns = arrival->time_ns;
  if (place == PLACE_NEXT && is_silence(stream, &arrival->rtp, gap_ns)) {
    stream->silences++;
    stream->silence_ns += gap_ns;
  } else {
    stream->max_gap_ns = MAX(stream->max_gap_ns, gap_ns);
  }
}

/* The timestamps of packets in order. */
static void note_step(RtpStream *stream, const RtpPacket *rtp, Place place, bool is_media)
{
  RtpTrack *track = &stream->track;
  uint32_t moved = rtp->timestamp - track->timestamp_last;

  if (place == PLACE_NEXT && is_media && track->last_was_media && moved > 0 && moved <= INT32_MAX)
    stream->timestamp_step = moved;
  track->timestamp_last = rtp->timestamp;
  track->last_was_media = is_media;
}

/* --- The packet ------------------------------------------------------------------------------- */

static void note_header(RtpStream *stream, const RtpArrival *arrival)
{
  const RtpPacket *rtp = &arrival->rtp;

  stream->packets++;
  stream->bytes += arrival->bytes;
  stream->last_ns = MAX(stream->last_ns, arrival->time_ns);
  stream->flags |= (uint8_t) ((rtp->csrc_count > 0 ? RTP_HAS_CSRC : 0U) |
                              (rtp->has_extension ? RTP_HAS_EXTENSION : 0U) |
                              (rtp->has_padding ? RTP_HAS_PADDING : 0U) |
                              (arrival->dscp != stream->dscp ? RTP_DSCP_CHANGED : 0U));
}

static void count_content(RtpStream *stream, const RtpArrival *arrival, Place place)
{
  RtpPayloadKind kind = count_payload(stream, arrival);

  if (kind == RTP_EVENTS) {
    count_event(stream, arrival);
    return;
  }
  if (place != PLACE_LATE)
    note_step(stream, &arrival->rtp, place, kind == RTP_MEDIA);
  if (kind == RTP_MEDIA)
    count_media(stream, arrival);
}

void rtp_stream_begin(RtpStream *stream, const RtpArrival *first)
{
  stream->first_ns = stream->last_ns = first->time_ns;
  stream->dscp = first->dscp;
  stream->track.arrival_ns = first->time_ns;
  begin_numbers(stream, first->rtp.seq);
  note_header(stream, first);
  count_content(stream, first, PLACE_STRAY);
}

void rtp_stream_count(RtpStream *stream, const RtpArrival *arrival)
{
  note_header(stream, arrival);
  Place place = place_packet(stream, &arrival->rtp);
  if (place == PLACE_COPY) {
    stream->duplicates++;
    return;
  }
  stream->out_of_order += place == PLACE_LATE;
  count_gap(stream, arrival, place);
  count_content(stream, arrival, place);
}

/* --- RTCP ------------------------------------------------------------------------------------- */

void rtp_stream_note_sent(RtpStream *stream, uint32_t middle, int64_t time_ns)
{
  RtpReports *reports = &stream->reports;

  if (reports->sent_middle[0] == middle && reports->sent_ns[0] > 0) /* a copy */
    return;
  reports->sent_ns[1] = reports->sent_ns[0];
  reports->sent_middle[1] = reports->sent_middle[0];
  reports->sent_ns[0] = time_ns;
  reports->sent_middle[0] = middle;
}

/* From the sender report that was answered, both seen here: no other clock is needed. */
static void note_round_trip(RtpReports *reports, const RtcpReport *report, int64_t time_ns)
{
  int64_t held_us = (int64_t) report->since_last_report * G_USEC_PER_SEC / 65536;

  for (size_t i = 0; i < G_N_ELEMENTS(reports->sent_ns); i++) {
    if (reports->sent_ns[i] == 0 || reports->sent_middle[i] != report->last_report)
      continue;
    int64_t trip_us = (time_ns - reports->sent_ns[i]) / 1000 - held_us;
    if (trip_us < 0)
      return;
    reports->round_trips++;
    reports->round_trips_us += (uint64_t) trip_us;
    return;
  }
}

void rtp_stream_note_report(RtpStream *stream, const RtcpReport *report, int64_t time_ns)
{
  RtpReports *reports = &stream->reports;
  bool answers = report->last_report != 0;

  if (answers && reports->reports > 0 && reports->lsr == report->last_report &&
      reports->dlsr == report->since_last_report) /* a copy */
    return;
  reports->reports++;
  reports->lost = report->lost;
  reports->jitter = report->jitter;
  reports->fraction = report->fraction;
  reports->max_fraction = MAX(reports->max_fraction, report->fraction);
  reports->lsr = report->last_report;
  reports->dlsr = report->since_last_report;
  if (answers)
    note_round_trip(reports, report, time_ns);
}
