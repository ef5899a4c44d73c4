/* `streams`: one row per RTP stream, at the end. */
#include "capture/language.h"
#include "dissect/media/stream_quality.h"
#include "ui/report/csv.h"
#include "ui/report/rows.h"
#include "ui/report/subcommand.h"

/* X-macro: the key of a column, and its field. */
#define STREAM_COLUMNS(X)                                                                          \
  X("stream", "stream.number")                                                                     \
  X("call", "stream.call")                                                                         \
  X("media", "stream.media")                                                                       \
  X("src", "stream.src")                                                                           \
  X("dst", "stream.dst")                                                                           \
  X("ssrc", "stream.ssrc")                                                                         \
  X("codec", "stream.codec")                                                                       \
  X("payload_type", "stream.payload_type")                                                         \
  X("clock_rate", "stream.clock_rate")                                                             \
  X("start", "stream.start")                                                                       \
  X("end", "stream.end")                                                                           \
  X("packets", "stream.packets")                                                                   \
  X("bytes", "stream.bytes")                                                                       \
  X("expected", "stream.expected")                                                                 \
  X("lost", "stream.lost")                                                                         \
  X("loss_percent", "stream.loss")                                                                 \
  X("bursts", "stream.bursts")                                                                     \
  X("duplicates", "stream.duplicates")                                                             \
  X("out_of_order", "stream.out_of_order")                                                         \
  X("jitter_ms", "stream.jitter")                                                                  \
  X("max_jitter_ms", "stream.max_jitter")                                                          \
  X("max_gap_ms", "stream.max_gap")                                                                \
  X("mos", "stream.mos")                                                                           \
  X("mos_basis", "stream.mos_basis")                                                               \
  X("dtmf", "stream.dtmf")                                                                         \
  X("dscp", "stream.dscp")                                                                         \
  X("srtp", "stream.srtp")                                                                         \
  X("transport", "stream.transport")

/* What JSON has in an object of its own, with shorter keys; and it has each digit with its time. */
#define RTCP_COLUMNS(X)                                                                            \
  X("rtcp_packets", "packets", "stream.rtcp")                                                      \
  X("rtcp_rtt_ms", "rtt_ms", "stream.rtt")                                                         \
  X("rtcp_reported_lost", "reported_lost", "stream.reported_lost")                                 \
  X("rtcp_reported_jitter_ms", "reported_jitter_ms", "stream.reported_jitter")

#define RTCP_KEY(key, json_key, field) VALUE_COLUMN(key),
#define RTCP_SCHEMA(key, json_key, field) json_key "=" field ","
#define RTCP_JSON_KEY(key, json_key, field) json_key,
#define RTCP_FIELD(key, json_key, field) field,

static const ValueColumn STREAM_KEYS[] = {STREAM_COLUMNS(ROW_KEY) RTCP_COLUMNS(RTCP_KEY)};
static const char *const STREAM_FIELDS[] = {STREAM_COLUMNS(ROW_FIELD) RTCP_COLUMNS(RTCP_FIELD)};
static const char *const RTCP_JSON_KEYS[] = {RTCP_COLUMNS(RTCP_JSON_KEY)};

static const RowShape STREAM_SHAPE = {STREAM_KEYS, STREAM_FIELDS, G_N_ELEMENTS(STREAM_KEYS)};

enum { RTCP_FIRST = G_N_ELEMENTS(STREAM_KEYS) - G_N_ELEMENTS(RTCP_JSON_KEYS) };

/* Of text. */
static const char DEFAULT_COLUMNS[] =
  "stream.number,stream.call,stream.start,stream.duration,stream.src,stream.dst,stream.transport,"
  "stream.codec,"
  "stream.packets,stream.lost,stream.loss,stream.jitter,stream.max_jitter,stream.mos";

/* Those that are left out first when there is no room for all: the rest says enough. */
static const char *const SPARE[] = {"stream.transport",
                                    "stream.max_jitter",
                                    "stream.duration",
                                    "stream.lost",
                                    "stream.start",
                                    "stream.jitter",
                                    NULL};

/* "digits":[{"digit":"1","time":"...","duration_ms":160.0}] */
static void put_digits(Report *report)
{
  const RtpStream *stream = report->context.stream;
  MediaOwner owners[MEDIA_OWNERS_MAX];
  Json *json = &report->json;
  size_t count;
  const RtpDigit *digits = rtp_stream_digits(stream, &count);
  bool has_owner = count > 0 && trace_stream_owners(report->trace, stream, owners) > 0;

  json_key(json, "digits");
  json_begin_array(json);
  for (size_t i = 0; i < count; i++) {
    int64_t ns;
    bool is_known = stream_digit_duration(stream, has_owner ? owners : NULL, &digits[i], &ns);

    json_begin_object(json);
    json_key(json, "digit");
    json_value(json, value_text(slice_of(&digits[i].digit, 1)));
    json_key(json, "time");
    json_value(json, value_time(digits[i].time_ns));
    json_key(json, "duration_ms");
    json_value(json, is_known ? value_decimal((double) ns / 1e6) : value_none());
    json_end_object(json);
  }
  json_end_array(json);
}

static void put_json(Report *report, const FieldValue *values)
{
  Json *json = &report->json;

  json_begin_object(json);
  for (size_t i = 0; i < RTCP_FIRST; i++) {
    json_key_text(json, STREAM_KEYS[i].key);
    json_value(json, values[i]);
  }
  json_key(json, "rtcp");
  json_begin_object(json);
  for (size_t i = 0; i < G_N_ELEMENTS(RTCP_JSON_KEYS); i++) {
    json_key(json, RTCP_JSON_KEYS[i]);
    json_value(json, values[RTCP_FIRST + i]);
  }
  json_end_object(json);
  put_digits(report);
  json_end_object(json);
  json_end_line(json);
}

static void put_csv(Report *report, const FieldValue *values)
{
  csv_row(report->out, values, STREAM_SHAPE.count);
}

static void put_rows(Report *report, void (*put)(Report *report, const FieldValue *values))
{
  for (guint i = 0; i < report->rows->len && !out_is_over(report->out); i++) {
    row_look_at(&g_array_index(report->rows, ReportRow, i), &report->context);
    put(report, report_row_values(report));
  }
}

static void streams_end_json(Report *report)
{
  put_rows(report, put_json);
}

static void streams_end_csv(Report *report)
{
  csv_header(report->out, STREAM_SHAPE.columns, STREAM_SHAPE.count);
  put_rows(report, put_csv);
}

static void streams_end_text(Report *report)
{
  g_autoptr(GArray) columns = field_list_parse(DEFAULT_COLUMNS, FIELD_LIST_COLUMNS, NULL);

  report->setup.columns = columns;
  rows_print_fields(report, report->rows, SPARE);
  report->setup.columns = NULL;
}

static const ReportOps STREAMS_TEXT = {
  .end = streams_end_text,
  .field_rows = &FIELD_ROWS_TEXT,
  .of_streams = true,
  .needs_media = true,
};

static const ReportOps STREAMS_JSON = {
  .for_programs = true,
  .schemas =
    (const ReportSchema[]){
      {"", "{" STREAM_COLUMNS(ROW_SCHEMA) "rtcp:{" RTCP_COLUMNS(
             RTCP_SCHEMA) "},digits:[{digit:string,time:time,duration_ms:number?}]}"},
      {NULL, NULL}},
  .end = streams_end_json,
  .shape = &STREAM_SHAPE,
  .field_rows = &FIELD_ROWS_JSON,
  .of_streams = true,
  .needs_media = true,
};

const ReportOps STREAMS_CSV = {
  .for_programs = true,
  .end = streams_end_csv,
  .shape = &STREAM_SHAPE,
  .field_rows = &FIELD_ROWS_CSV,
  .of_streams = true,
  .needs_media = true,
};

const Subcommand STREAMS_SUBCOMMAND = {
  .name = "streams",
  .help = N_("one row per RTP stream"),
  .more =
    N_("A stream is one source, one destination and one SSRC. The number of packets includes\n"
       "copies; lost is expected minus received without copies. Jitter is that of RFC 3550\n"
       "6.4.1 and needs the clock rate of the codec. MOS is by the E-model (ITU-T G.107) and\n"
       "needs published values of the codec."),
  .takes =
    TAKES_REPORTING | TAKES_FILTER | TAKES_CALLS | TAKES_STREAMS | TAKES_FIELDS | TAKES_TIMES,
  .formats =
    (const ReportFormat[]){
      {"text", &STREAMS_TEXT}, {"json", &STREAMS_JSON}, {"csv", &STREAMS_CSV}, {NULL, NULL}},
};
