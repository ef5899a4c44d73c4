#include "dissect/net/hep_rtcp.h"

#include <stddef.h>
#include <string.h>

#include "capture/reader.h"

enum {
  DEPTH_MAX = 8,        /* of objects in one another; reports have three */
  METRIC_UNKNOWN = 127, /* RFC 3611 4.7.5 */
};

/* Which object a key is in. */
typedef enum {
  PLACE_ROOT, /* the value that is the whole text */
  PLACE_TOP,
  PLACE_SENDER,
  PLACE_REPORT,
  PLACE_VOIP,
  PLACE_OTHER,
} Place;

/* Numbers; what is not named stays as it is. */
typedef struct {
  uint32_t type; /* of the block of an extended report */
  RtcpReport block;
  HepRtcp *report;
} Target;

typedef struct {
  Slice rest;
  bool failed;
  Target target;
} Scanner;

/* Where a number goes, in HepRtcp, or in RtcpReport for one of a report block. */
static const struct {
  uint8_t place; /* Place */
  uint8_t size;  /* bytes of it */
  uint16_t offset;
  const char *key;
} NUMBERS[] = {
#define NUMBER(place, type, member, key)                                                           \
  {                                                                                                \
    PLACE_##place, sizeof(((type *) NULL)->member), offsetof(type, member), key                    \
  }
  NUMBER(TOP, HepRtcp, ssrc, "ssrc"),
  NUMBER(SENDER, HepRtcp, ntp_seconds, "ntp_timestamp_sec"),
  NUMBER(SENDER, HepRtcp, ntp_fraction, "ntp_timestamp_usec"), /* so it is called */
  NUMBER(SENDER, HepRtcp, rtp_time, "rtp_timestamp"),
  NUMBER(SENDER, HepRtcp, packets, "packets"),
  NUMBER(SENDER, HepRtcp, octets, "octets"),
  NUMBER(REPORT, RtcpReport, ssrc, "source_ssrc"),
  NUMBER(REPORT, RtcpReport, fraction, "fraction_lost"),
  NUMBER(REPORT, RtcpReport, lost, "packets_lost"),
  NUMBER(REPORT, RtcpReport, highest_seq, "highest_seq_no"),
  NUMBER(REPORT, RtcpReport, jitter, "ia_jitter"),
  NUMBER(REPORT, RtcpReport, last_report, "lsr"),
  NUMBER(REPORT, RtcpReport, since_last_report, "dlsr"),
  NUMBER(VOIP, HepRtcp, voip_ssrc, "id"),
  NUMBER(VOIP, HepRtcp, voip_ssrc, "identifier"),
  NUMBER(VOIP, HepRtcp, voip.loss, "fraction_lost"),
  NUMBER(VOIP, HepRtcp, voip.loss, "loss_rate"),
  NUMBER(VOIP, HepRtcp, voip.discard, "fraction_discard"),
  NUMBER(VOIP, HepRtcp, voip.discard, "discard_rate"),
  NUMBER(VOIP, HepRtcp, voip.burst_density, "burst_density"),
  NUMBER(VOIP, HepRtcp, voip.burst_density, "burst_rate"),
  NUMBER(VOIP, HepRtcp, voip.gap_density, "gap_density"),
  NUMBER(VOIP, HepRtcp, voip.gap_density, "gap_rate"),
  NUMBER(VOIP, HepRtcp, voip.burst_ms, "burst_duration"),
  NUMBER(VOIP, HepRtcp, voip.gap_ms, "gap_duration"),
  NUMBER(VOIP, HepRtcp, voip.round_trip_ms, "round_trip_delay"),
  NUMBER(VOIP, HepRtcp, voip.end_system_ms, "end_system_delay"),
  NUMBER(VOIP, HepRtcp, voip.end_system_ms, "end_sys_delay"),
  NUMBER(VOIP, HepRtcp, voip.r_factor, "R_fact"),
  NUMBER(VOIP, HepRtcp, voip.external_r_factor, "ext_R_fact"),
  NUMBER(VOIP, HepRtcp, voip.mos_lq, "MOS_LQ"),
  NUMBER(VOIP, HepRtcp, voip.mos_cq, "MOS_CQ"),
  NUMBER(VOIP, HepRtcp, voip.jitter_buffer_ms, "JB_nom"),
#undef NUMBER
};

static const struct {
  const char *key;
  Place place;
} OBJECTS[] = {
  {"sender_information", PLACE_SENDER},
  {"report_blocks", PLACE_REPORT},
  {"report_blocks_xr", PLACE_VOIP},
  {"extended_report_information", PLACE_VOIP},
};

static bool is_key(Slice key, const char *name)
{
  return slice_eq(key, slice_from_string(name));
}

/* Beyond what the number's place can hold, its largest; the cumulative loss may be negative. */
static void store(void *at, size_t size, int64_t number)
{
  uint64_t most = size == 4 ? UINT32_MAX : size == 2 ? UINT16_MAX : UINT8_MAX;
  uint32_t value = number < 0 ? (uint32_t) number : (uint32_t) MIN((uint64_t) number, most);

  if (size == 1)
    *(uint8_t *) at = (uint8_t) value;
  else if (size == 2)
    *(uint16_t *) at = (uint16_t) value;
  else
    *(uint32_t *) at = value;
}

static void take_number(Target *target, Place place, Slice key, int64_t number)
{
  char *base = place == PLACE_REPORT ? (char *) &target->block : (char *) target->report;

  target->report->has_ssrc |= place == PLACE_TOP && is_key(key, "ssrc");
  if (place == PLACE_VOIP && is_key(key, "type"))
    target->type = (uint32_t) CLAMP(number, 0, UINT8_MAX);
  for (size_t i = 0; i < G_N_ELEMENTS(NUMBERS); i++)
    if (NUMBERS[i].place == place && is_key(key, NUMBERS[i].key))
      store(base + NUMBERS[i].offset, NUMBERS[i].size, number);
}

/* --- JSON (RFC 8259), as far as it is needed ------------------------------------------------- */

static char peek(Scanner *s)
{
  while (s->rest.len > 0 && memchr(" \t\r\n", s->rest.data[0], 4))
    s->rest = slice_from(s->rest, 1);
  return s->rest.len > 0 ? s->rest.data[0] : '\0';
}

static bool take(Scanner *s, char c)
{
  bool is_there = peek(s) == c;

  s->rest = slice_from(s->rest, is_there);
  return is_there;
}

/* What is between the quotes: escapes are not resolved, as no key has any. */
static Slice take_text(Scanner *s)
{
  size_t at = 0;

  if (!take(s, '"')) {
    s->failed = true;
    return SLICE_NONE;
  }
  while (at < s->rest.len && s->rest.data[at] != '"')
    at += s->rest.data[at] == '\\' ? 2 : 1;
  Slice text = slice_head(s->rest, at);
  s->failed |= at >= s->rest.len;
  s->rest = slice_from(s->rest, at + 1);
  return text;
}

/* The whole part of a number; false when the text is none. */
static bool number_of(Slice text, int64_t *ret_number)
{
  bool is_negative = text.len > 0 && text.data[0] == '-';
  size_t first = is_negative, at = first;
  int64_t number = 0;

  for (; at < text.len && g_ascii_isdigit(text.data[at]); at++)
    number = MIN(number * 10 + (text.data[at] - '0'), (int64_t) UINT32_MAX);
  *ret_number = is_negative ? -number : number;
  return at > first;
}

/* A number, true, false or null. */
static Slice take_word(Scanner *s)
{
  size_t at = 0;

  while (at < s->rest.len && !memchr(",]} \t\r\n", s->rest.data[at], 7))
    at++;
  Slice word = slice_head(s->rest, at);
  s->failed |= at == 0;
  s->rest = slice_from(s->rest, at);
  return word;
}

static void take_leaf(Scanner *s, Place place, Slice key)
{
  Slice text = peek(s) == '"' ? take_text(s) : take_word(s);
  int64_t number;

  if (!s->failed && number_of(text, &number))
    take_number(&s->target, place, key, number);
}

static Place place_of(Place around, Slice key)
{
  if (around == PLACE_TOP)
    for (size_t i = 0; i < G_N_ELEMENTS(OBJECTS); i++)
      if (is_key(key, OBJECTS[i].key))
        return OBJECTS[i].place;
  return PLACE_OTHER;
}

static void take_value(Scanner *s, Place place, Slice key, unsigned depth);

static void take_members(Scanner *s, Place place, unsigned depth)
{
  while (!s->failed && !take(s, '}')) {
    Slice key = take_text(s);
    s->failed |= !take(s, ':');
    char first = peek(s);
    if (first == '{' || first == '[')
      take_value(s, place_of(place, key), key, depth);
    else if (!s->failed)
      take_leaf(s, place, key);
    s->failed |= !take(s, ',') && peek(s) != '}';
  }
}

/* An object that is done may have been a report block. */
static void end_object(Scanner *s, Place place)
{
  HepRtcp *report = s->target.report;

  if (place == PLACE_REPORT && report->report_count < HEP_RTCP_REPORTS)
    report->reports[report->report_count++] = s->target.block;
  enum { VOIP_METRICS = 7 };
  if (place == PLACE_VOIP)
    report->has_voip = s->target.type == VOIP_METRICS;
}

static void take_value(Scanner *s, Place place, Slice key, unsigned depth)
{
  if (depth == DEPTH_MAX) {
    s->failed = true;
  } else if (take(s, '{')) {
    s->target.block = (RtcpReport){0};
    take_members(s, place == PLACE_ROOT ? PLACE_TOP : place, depth + 1);
    end_object(s, place);
  } else if (take(s, '[')) {
    while (!s->failed && !take(s, ']')) {
      take_value(s, place, key, depth + 1);
      s->failed |= !take(s, ',') && peek(s) != ']';
    }
  } else {
    take_leaf(s, PLACE_OTHER, key);
  }
}

bool hep_rtcp_is_json(Slice text)
{
  Scanner s = {.rest = text};

  return peek(&s) == '{';
}

bool hep_rtcp_parse(Slice text, HepRtcp *ret_report)
{
  HepRtcp report = {.voip = {.r_factor = METRIC_UNKNOWN,
                             .external_r_factor = METRIC_UNKNOWN,
                             .mos_lq = METRIC_UNKNOWN,
                             .mos_cq = METRIC_UNKNOWN}};
  Scanner s = {.rest = text, .target = {.report = &report}};

  take_value(&s, PLACE_ROOT, SLICE_NONE, 0);
  report.has_sender_info = report.ntp_seconds != 0;
  if (s.failed || !report.has_ssrc)
    return false;
  *ret_report = report;
  return true;
}

/* --- RTCP ------------------------------------------------------------------------------------- */

static void append_u16(GByteArray *to, unsigned number)
{
  const uint8_t bytes[] = {(uint8_t) (number >> 8), (uint8_t) number};

  g_byte_array_append(to, bytes, sizeof bytes);
}

static void append_u32(GByteArray *to, uint32_t number)
{
  append_u16(to, number >> 16);
  append_u16(to, number & 0xffff);
}

static void append_u8(GByteArray *to, uint8_t number)
{
  g_byte_array_append(to, &number, 1);
}

/* RFC 3550 6.4.1: the length counts words, without the first. */
static void append_head(GByteArray *to, unsigned count, RtcpType type, unsigned words)
{
  append_u8(to, (uint8_t) (RTP_VERSION << 6 | count));
  append_u8(to, (uint8_t) type);
  append_u16(to, words);
}

static void append_report(GByteArray *to, const RtcpReport *report)
{
  append_u32(to, report->ssrc);
  append_u32(to, (uint32_t) report->fraction << 24 | ((uint32_t) report->lost & 0xffffff));
  append_u32(to, report->highest_seq);
  append_u32(to, report->jitter);
  append_u32(to, report->last_report);
  append_u32(to, report->since_last_report);
}

/* RFC 3611 4.7; levels and configuration are not told. */
static void append_voip(GByteArray *to, const HepRtcp *report)
{
  enum { WORDS = 10, BLOCK_TYPE = 7, BLOCK_WORDS = 8, LEVEL_UNKNOWN = 127 };
  const RtcpVoipMetrics *voip = &report->voip;

  append_head(to, 0, RTCP_EXTENDED_REPORT, WORDS);
  append_u32(to, report->ssrc);
  append_u16(to, BLOCK_TYPE << 8);
  append_u16(to, BLOCK_WORDS);
  append_u32(to, report->voip_ssrc);
  append_u8(to, voip->loss);
  append_u8(to, voip->discard);
  append_u8(to, voip->burst_density);
  append_u8(to, voip->gap_density);
  append_u16(to, voip->burst_ms);
  append_u16(to, voip->gap_ms);
  append_u16(to, voip->round_trip_ms);
  append_u16(to, voip->end_system_ms);
  append_u32(to, (uint32_t) LEVEL_UNKNOWN << 24 | LEVEL_UNKNOWN << 16 | LEVEL_UNKNOWN << 8);
  append_u8(to, voip->r_factor);
  append_u8(to, voip->external_r_factor);
  append_u8(to, voip->mos_lq);
  append_u8(to, voip->mos_cq);
  append_u16(to, 0);
  append_u16(to, voip->jitter_buffer_ms);
  append_u32(to, 0);
}

void hep_rtcp_append(const HepRtcp *report, GByteArray *to)
{
  enum { SENDER_WORDS = 6, RECEIVER_WORDS = 1, REPORT_WORDS = 6 };
  unsigned words = report->report_count * REPORT_WORDS;

  if (report->has_sender_info) {
    append_head(to, report->report_count, RTCP_SENDER_REPORT, SENDER_WORDS + words);
    append_u32(to, report->ssrc);
    append_u32(to, report->ntp_seconds);
    append_u32(to, report->ntp_fraction);
    append_u32(to, report->rtp_time);
    append_u32(to, report->packets);
    append_u32(to, report->octets);
  } else {
    append_head(to, report->report_count, RTCP_RECEIVER_REPORT, RECEIVER_WORDS + words);
    append_u32(to, report->ssrc);
  }
  for (unsigned i = 0; i < report->report_count; i++)
    append_report(to, &report->reports[i]);
  if (report->has_voip)
    append_voip(to, report);
}

static void read_sender_info(Slice body, HepRtcp *report)
{
  enum { SSRC = 4 };
  Reader in = reader_of(body.data, body.len);

  reader_skip(&in, SSRC);
  HepRtcp read = {.ntp_seconds = reader_u32(&in),
                  .ntp_fraction = reader_u32(&in),
                  .rtp_time = reader_u32(&in),
                  .packets = reader_u32(&in),
                  .octets = reader_u32(&in)};
  if (in.failed)
    return;
  report->has_sender_info = true;
  report->ntp_seconds = read.ntp_seconds;
  report->ntp_fraction = read.ntp_fraction;
  report->rtp_time = read.rtp_time;
  report->packets = read.packets;
  report->octets = read.octets;
}

static void read_packet(const RtcpPacket *packet, HepRtcp *report)
{
  enum { SSRC = 4 };
  bool is_sender = packet->type == RTCP_SENDER_REPORT;

  if (!is_sender && packet->type != RTCP_RECEIVER_REPORT && packet->type != RTCP_EXTENDED_REPORT)
    return;
  if (!report->has_ssrc)
    report->has_ssrc = rtcp_sender(packet, &report->ssrc);
  if (is_sender)
    read_sender_info(packet->body, report);
  while (report->report_count < HEP_RTCP_REPORTS &&
         rtcp_report_at(packet, report->report_count, &report->reports[report->report_count]))
    report->report_count++;
  if (packet->type == RTCP_EXTENDED_REPORT && packet->body.len > SSRC && !report->has_voip) {
    Slice blocks = slice_from(packet->body, SSRC);
    report->has_voip = rtcp_voip_metrics_next(&blocks, &report->voip_ssrc, &report->voip);
  }
}

bool hep_rtcp_read(Slice datagram, HepRtcp *ret_report)
{
  HepRtcp report = {0};
  RtcpPacket packet;

  while (rtcp_next(&datagram, &packet))
    read_packet(&packet, &report);
  if (!report.has_ssrc || (!report.has_sender_info && report.report_count == 0 && !report.has_voip))
    return false;
  *ret_report = report;
  return true;
}

/* --- As JSON ---------------------------------------------------------------------------------- */

static void append_json_report(const RtcpReport *report, GString *to)
{
  g_string_append_printf(to,
                         "{\"source_ssrc\":%u,\"highest_seq_no\":%u,\"fraction_lost\":%u,"
                         "\"ia_jitter\":%u,\"packets_lost\":%d,\"lsr\":%u,\"dlsr\":%u}",
                         report->ssrc, report->highest_seq, report->fraction, report->jitter,
                         report->lost, report->last_report, report->since_last_report);
}

static void append_json_voip(const HepRtcp *report, GString *to)
{
  const RtcpVoipMetrics *voip = &report->voip;

  g_string_append_printf(
    to,
    ",\"report_blocks_xr\":{\"type\":7,\"id\":%u,\"fraction_lost\":%u,\"fraction_discard\":%u,"
    "\"burst_density\":%u,\"gap_density\":%u,\"burst_duration\":%u,\"gap_duration\":%u,"
    "\"round_trip_delay\":%u,\"end_system_delay\":%u,\"R_fact\":%u,\"ext_R_fact\":%u,"
    "\"MOS_LQ\":%u,\"MOS_CQ\":%u,\"JB_nom\":%u}",
    report->voip_ssrc, voip->loss, voip->discard, voip->burst_density, voip->gap_density,
    voip->burst_ms, voip->gap_ms, voip->round_trip_ms, voip->end_system_ms, voip->r_factor,
    voip->external_r_factor, voip->mos_lq, voip->mos_cq, voip->jitter_buffer_ms);
}

void hep_rtcp_append_json(const HepRtcp *report, GString *to)
{
  g_string_append_c(to, '{');
  if (report->has_sender_info)
    g_string_append_printf(
      to,
      "\"sender_information\":{\"ntp_timestamp_sec\":%u,\"ntp_timestamp_usec\":%u,"
      "\"octets\":%u,\"rtp_timestamp\":%u,\"packets\":%u},",
      report->ntp_seconds, report->ntp_fraction, report->octets, report->rtp_time, report->packets);
  g_string_append_printf(
    to, "\"ssrc\":%u,\"type\":%d,\"report_count\":%u,\"report_blocks\":[", report->ssrc,
    report->has_sender_info ? RTCP_SENDER_REPORT : RTCP_RECEIVER_REPORT, report->report_count);
  for (unsigned i = 0; i < report->report_count; i++) {
    if (i > 0)
      g_string_append_c(to, ',');
    append_json_report(&report->reports[i], to);
  }
  g_string_append_c(to, ']');
  if (report->has_voip)
    append_json_voip(report, to);
  g_string_append_c(to, '}');
}
