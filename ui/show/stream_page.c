#include "ui/show/stream_page.h"

#include "capture/language.h"

#define NS_PER_MS 1e6

typedef struct {
  const StreamPageInput *input;
  const RtpStream *stream;
  MediaOwner owners[MEDIA_OWNERS_MAX];
  size_t owner_count;
  const RtpStream *opposite; /* or NULL */
  StreamQuality quality;
  GArray *rows; /* StreamRow */
} Page;

static void add_row(Page *page, StreamRow row)
{
  g_array_append_val(page->rows, row);
}

static void heading(Page *page, const char *name)
{
  add_row(page, (StreamRow){.kind = STREAM_HEADING, .name = slice_from_string(name)});
}

static Slice keep(const Page *page, const GString *raw)
{
  g_autoptr(GString) safe = g_string_new(NULL);

  text_append_safe(safe, slice_of(raw->str, raw->len), page->input->charset);
  return arena_dup(page->input->arena, slice_of(safe->str, safe->len));
}

static void fact_slice(Page *page, const char *name, Slice value)
{
  add_row(page, (StreamRow){.kind = STREAM_FACT, .name = slice_from_string(name), .value = value});
}

G_GNUC_PRINTF(3, 4) static void fact(Page *page, const char *name, const char *format, ...)
{
  g_autoptr(GString) text = g_string_new(NULL);
  va_list arguments;

  va_start(arguments, format);
  g_string_vprintf(text, format, arguments);
  va_end(arguments);
  fact_slice(page, name, keep(page, text));
}

/* Left out where it is 0, as it mostly is. */
static void count_if_any(Page *page, const char *name, uint64_t count)
{
  if (count > 0)
    fact(page, name, "%" G_GUINT64_FORMAT, count);
}

/* --- sections --- */

static void add_quality(Page *page)
{
  const StreamQuality *quality = &page->quality;

  heading(page, _("Quality"));
  if (quality->has_mos)
    fact(page, "MOS", "%.2f (R %.1f)", quality->mos, quality->rating);
  else
    fact(page, "MOS", _("not known"));
  fact(page, _("Basis"), "%s", quality->basis);
  fact(page, _("Codec"), "%s%s%s%s", quality->codec ? quality->codec : _("not known"),
       quality->is_srtp ? _(", SRTP") : "", quality->fmtp && *quality->fmtp ? _("; ") : "",
       quality->fmtp ? quality->fmtp : "");
  if (quality->clock_rate > 0)
    fact(page, _("Clock rate"), "%u Hz", quality->clock_rate);
}

static void add_packets(Page *page)
{
  const RtpStream *stream = page->stream;
  char bytes[TIME_TEXT_MAX];

  heading(page, _("Packets"));
  fact(page, _("Transport"), "%s", transport_name(rtp_stream_transport(stream)));
  fact(page, _("Received"), "%" G_GUINT64_FORMAT ", %s", stream->packets,
       size_format(stream->bytes, bytes));
  fact(page, _("Expected"), "%" G_GUINT64_FORMAT, rtp_stream_expected(stream));
  fact(page, _("Lost"), "%" G_GUINT64_FORMAT " (%.2f %%)", rtp_stream_lost(stream),
       rtp_stream_loss_percent(stream));
  fact(page, _("Bursts of loss"), "%u", rtp_stream_bursts(stream));
  fact(page, _("Out of order"), "%u", stream->out_of_order);
  fact(page, _("Copies"), "%u", stream->duplicates);
  count_if_any(page, _("Restarts"), stream->restarts);
}

static void add_times(Page *page)
{
  const RtpStream *stream = page->stream;
  Clock clock = clock_new(TIME_ABSOLUTE, page->input->utc);
  char text[TIME_TEXT_MAX];

  heading(page, _("Times"));
  clock.digits = 3;
  clock.date = true;
  fact(page, _("First packet"), "%s", clock_format(&clock, stream->first_ns, text));
  fact(page, _("Last packet"), "%s", clock_format(&clock, stream->last_ns, text));
  fact(page, _("Duration"), "%s", duration_format(stream->last_ns - stream->first_ns, text));
  if (page->quality.has_jitter)
    fact(page, _("Jitter"), _("%.1f ms mean, %.1f ms highest"), page->quality.jitter_ms,
         page->quality.max_jitter_ms);
  else
    fact(page, _("Jitter"), _("not known"));
  fact(page, _("Longest gap"), _("%.1f ms"), (double) stream->max_gap_ns / NS_PER_MS);
  if (stream->silences > 0)
    fact(page, _("Silence"), _("%s in %u pauses"), duration_format(stream->silence_ns, text),
         stream->silences);
}

static void add_payload(Page *page, const RtpPayload *payload)
{
  static const char *const KINDS[] = {
    [RTP_MEDIA] = "",
    [RTP_EVENTS] = N_(", events"),
    [RTP_COMFORT_NOISE] = N_(", comfort noise"),
  };
  const MediaPayload *agreed =
    page->owner_count > 0 ? stream_agreed_payload(&page->owners[0], payload->type) : NULL;
  g_autofree char *name = g_strdup_printf(_("Payload type %u"), payload->type);

  fact_slice(page, "", SLICE_NONE);
  StreamRow *row = &g_array_index(page->rows, StreamRow, page->rows->len - 1);
  g_autoptr(GString) text = g_string_new(agreed ? agreed->name : "");
  g_string_append_printf(text, _("%s%u packets%s, %u bytes"), text->len > 0 ? _(", ") : "",
                         payload->packets, _(KINDS[payload->kind]), payload->bytes);
  row->name = arena_dup(page->input->arena, slice_from_string(name));
  row->value = keep(page, text);
}

static void add_headers(Page *page)
{
  static const struct {
    uint32_t flag;
    const char *name;
  } FLAGS[] = {
    {RTP_HAS_CSRC, N_("contributing sources")},
    {RTP_HAS_EXTENSION, N_("extension")},
    {RTP_HAS_PADDING, N_("padding")},
    {RTP_RTCP_MUX, N_("RTCP on its ports")},
    {RTP_BYE, N_("ended with BYE")},
  };
  const RtpStream *stream = page->stream;
  g_autoptr(GString) text = g_string_new(NULL);

  heading(page, _("Headers"));
  for (size_t i = 0; i < RTP_PAYLOADS && stream->payloads[i].packets > 0; i++)
    add_payload(page, &stream->payloads[i]);
  count_if_any(page, _("Other types"), stream->other_payloads);
  count_if_any(page, _("Type changes"), stream->type_changes);
  fact(page, "DSCP", "%u%s", stream->dscp, stream->flags & RTP_DSCP_CHANGED ? _(", changed") : "");
  for (size_t i = 0; i < G_N_ELEMENTS(FLAGS); i++)
    if (stream->flags & FLAGS[i].flag)
      g_string_append_printf(text, "%s%s", text->len > 0 ? _(", ") : "", _(FLAGS[i].name));
  if (text->len > 0)
    fact(page, _("Also"), "%s", text->str);
}

/* "10:00:06.170  160 ms", named by the digit. */
static void add_digits(Page *page)
{
  const MediaOwner *owner = page->owner_count > 0 ? &page->owners[0] : NULL;
  Clock clock = clock_new(TIME_ABSOLUTE, page->input->utc);
  char time[TIME_TEXT_MAX], duration[TIME_TEXT_MAX];
  int64_t duration_ns;
  size_t count;
  const RtpDigit *digits = rtp_stream_digits(page->stream, &count);

  if (count == 0)
    return;
  heading(page, "DTMF");
  clock.digits = 3;
  clock.date = false;
  for (size_t i = 0; i < count; i++) {
    bool is_known = stream_digit_duration(page->stream, owner, &digits[i], &duration_ns);
    const char name[] = {digits[i].digit, '\0'};

    fact(page, name, "%s%s%s", clock_format(&clock, digits[i].time_ns, time), is_known ? "  " : "",
         is_known ? duration_format(duration_ns, duration) : "");
    StreamRow *row = &g_array_index(page->rows, StreamRow, page->rows->len - 1);
    row->name = arena_dup(page->input->arena, slice_from_string(name));
  }
  count_if_any(page, _("More"), page->stream->digit_count - count);
}

/* --- RTCP --- */

G_GNUC_PRINTF(4, 5)
static void pair(Page *page, const char *name, Slice measured, const char *format, ...)
{
  g_autoptr(GString) text = g_string_new(NULL);
  va_list arguments;

  va_start(arguments, format);
  g_string_vprintf(text, format, arguments);
  va_end(arguments);
  add_row(page,
          (StreamRow){STREAM_PAIR, slice_from_string(name), measured, keep(page, text), NULL, 0});
}

static Slice count_text(const Page *page, uint64_t count)
{
  char text[TIME_TEXT_MAX];

  return arena_dup(page->input->arena, slice_of(text, number_format(count, text)));
}

static Slice number_text(const Page *page, const char *format, double number)
{
  g_autoptr(GString) text = g_string_new(NULL);
  char digits[TIME_TEXT_MAX];

  g_string_append_printf(text, "%s%s", g_ascii_formatd(digits, sizeof digits, "%.1f", number),
                         format);
  return keep(page, text);
}

/* Between the tap and both ends, without the clocks of these. */
static void add_round_trip(Page *page)
{
  const RtpReports *there = &page->stream->reports;
  const RtpReports *back = page->opposite ? &page->opposite->reports : NULL;
  double there_ms = 0, back_ms = 0;

  if (there->round_trips > 0)
    there_ms = (double) there->round_trips_us / there->round_trips / 1000;
  if (back && back->round_trips > 0)
    back_ms = (double) back->round_trips_us / back->round_trips / 1000;
  if (there_ms > 0 && back_ms > 0)
    fact(page, _("Round trip"), "%.1f ms", there_ms + back_ms);
  else if (there_ms > 0)
    fact(page, _("Round trip"), _("%.1f ms from here to the receiver"), there_ms);
}

static void add_voip_metrics(Page *page)
{
  enum { NOT_KNOWN = 127 };
  const RtcpVoipMetrics *voip = &page->stream->voip;

  if (!page->stream->has_voip)
    return;
  fact(page, _("XR discarded"), "%.1f %%", voip->discard * 100.0 / 256);
  if (voip->r_factor != NOT_KNOWN)
    fact(page, "XR R factor", "%u", voip->r_factor);
  if (voip->mos_lq != NOT_KNOWN)
    fact(page, "XR MOS-LQ", "%.1f", voip->mos_lq / 10.0);
  if (voip->mos_cq != NOT_KNOWN)
    fact(page, "XR MOS-CQ", "%.1f", voip->mos_cq / 10.0);
  fact(page, _("XR round trip"), "%u ms", voip->round_trip_ms);
  fact(page, _("XR jitter buffer"), "%u ms", voip->jitter_buffer_ms);
}

static void add_control(Page *page)
{
  const StreamQuality *quality = &page->quality;
  const RtpReports *reports = &page->stream->reports;

  heading(page, "RTCP");
  if (reports->packets == 0) {
    fact(page, _("Packets"), _("none"));
    return;
  }
  fact(page, _("Packets"), _("%u, %u reports on the stream"), reports->packets, reports->reports);
  if (reports->reports > 0) {
    add_row(page,
            (StreamRow){STREAM_PAIR, SLICE(""), SLICE("measured"), SLICE("reported"), NULL, 0});
    pair(page, _("Lost"), count_text(page, rtp_stream_lost(page->stream)), "%d", reports->lost);
    pair(page, _("Loss, highest"), SLICE("-"), "%.1f %%", reports->max_fraction * 100.0 / 256);
    if (quality->clock_rate > 0)
      pair(page, _("Jitter"),
           quality->has_jitter ? number_text(page, " ms", quality->jitter_ms) : SLICE("-"),
           "%.1f ms", reports->jitter * 1000.0 / quality->clock_rate);
  }
  add_round_trip(page);
  add_voip_metrics(page);
}

/* --- over time --- */

static double slot_value(const SeriesResult *series, unsigned slot, unsigned curve)
{
  const SeriesSlot *one = &series->slots[slot];

  if (curve == 0)
    return one->lost > 0 ? one->lost * 100.0 / (one->lost + one->packets) : 0;
  if (curve == 1)
    return (double) one->jitter_ms;
  return (double) one->bytes * 8 * 1e6 / (double) series->slot_ns; /* kbit/s */
}

static void add_curve(Page *page, unsigned which)
{
  static const struct {
    const char *name, *format;
  } CURVES[] = {{N_("Loss"), " %"}, {N_("Jitter"), " ms"}, {N_("Bit rate"), " kbit/s"}};
  const SeriesResult *series = page->input->series;
  float *curve = arena_alloc(page->input->arena, series->slot_count * sizeof *curve);
  double highest = 0;

  for (unsigned i = 0; i < series->slot_count; i++)
    highest = MAX(highest, slot_value(series, i, which));
  for (unsigned i = 0; i < series->slot_count; i++)
    curve[i] = highest > 0 ? (float) (slot_value(series, i, which) / highest) : 0;
  add_row(page, (StreamRow){
                  .kind = STREAM_CURVE,
                  .name = slice_from_string(_(CURVES[which].name)),
                  .value = number_text(page, CURVES[which].format, highest),
                  .curve = curve,
                  .curve_len = series->slot_count,
                });
}

static void add_course(Page *page)
{
  const SeriesResult *series = page->input->series;

  heading(page, _("Over time"));
  if (!series) {
    fact(page, "", "%s", page->input->no_series ? page->input->no_series : _("reading ..."));
  } else if (series->packets == 0) {
    fact(page, "", _("the packets of the stream were not kept"));
  } else {
    add_curve(page, 0);
    if (series->has_jitter)
      add_curve(page, 1);
    add_curve(page, 2);
  }
}

GArray *stream_page_rows(const StreamPageInput *input)
{
  Page page = {.input = input, .stream = input->stream};

  page.rows = g_array_new(FALSE, FALSE, sizeof(StreamRow));
  page.owner_count = trace_stream_owners(input->trace, input->stream, page.owners);
  page.opposite = trace_stream_reverse(input->trace, input->stream);
  stream_quality_measure(input->stream, page.owner_count > 0 ? &page.owners[0] : NULL,
                         page.opposite, &page.quality);
  add_quality(&page);
  if (!input->brief)
    add_course(&page);
  add_packets(&page);
  add_times(&page);
  add_headers(&page);
  add_digits(&page);
  add_control(&page);
  return page.rows;
}
