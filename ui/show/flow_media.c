#include "ui/show/flow_media.h"

#include "capture/language.h"

size_t flow_streams_count(const Trace *trace, const FlowRungs *rungs)
{
  const uint32_t *numbers;
  size_t count = 0;

  for (size_t i = 0; i < flow_rungs_call_count(rungs) && count < FLOW_STREAMS_MAX; i++) {
    const Call *call = trace_call(trace, flow_rungs_call_at(rungs, i));
    size_t streams = call ? trace_call_streams(trace, call, &numbers) : 0;

    for (size_t s = 0; s < streams && count < FLOW_STREAMS_MAX; s++) {
      const RtpStream *stream = trace_stream_at(trace, numbers[s] - 1);
      size_t digits = 0;

      if (stream)
        rtp_stream_digits(stream, &digits);
      count += 1 + digits;
    }
  }
  return count;
}

/* --- which column an end is in --- */

/* Who sent the description of that line first. */
static bool find_describer(const FlowRungs *rungs, const MediaCall *media, const MediaLine *line,
                           uint32_t *ret_node)
{
  const MediaDescription *description = media->descriptions;

  while (line && description && description->sdp != line->sdp)
    description = description->next;
  if (!line || !description)
    return false;
  const Message *message = flow_rungs_message(rungs, description->message);
  if (message)
    *ret_node = message->src;
  return message != NULL;
}

static bool find_on_host(const Trace *trace, const MediaCall *media, Endpoint end,
                         uint32_t *ret_node)
{
  for (const MediaLeg *leg = media->legs; leg; leg = leg->next)
    for (unsigned side = 0; side < G_N_ELEMENTS(leg->ends); side++) {
      Endpoint node = *trace_endpoint(trace, leg->ends[side]);

      node.port = end.port;
      if (endpoint_eq(&node, &end)) {
        *ret_node = leg->ends[side];
        return true;
      }
    }
  return false;
}

static FlowStream place_stream(const Trace *trace, const FlowRungs *rungs, uint32_t call,
                               const CallStream *found)
{
  const MediaCall *media = media_book_call(trace_media(trace), call);
  const MediaLine *lines[] = {found->owner.from_line, found->owner.line};
  FlowStream placed = {
    .stream = found->stream->number,
    .call = call,
    .time_ns = found->stream->first_ns,
    .ends = {found->stream->src, found->stream->dst},
  };

  for (unsigned i = 0; i < G_N_ELEMENTS(placed.ends); i++)
    if (!find_describer(rungs, media, lines[i], &placed.nodes[i]) &&
        !find_on_host(trace, media, placed.ends[i], &placed.nodes[i]))
      placed.nodes[i] = FLOW_MEDIA_ALONE;
  return placed;
}

static int compare_streams(const void *a, const void *b)
{
  const FlowStream *left = a, *right = b;

  if (left->time_ns != right->time_ns)
    return left->time_ns < right->time_ns ? -1 : 1;
  if (left->stream != right->stream)
    return left->stream < right->stream ? -1 : 1;
  return left->digit < right->digit ? -1 : left->digit > right->digit;
}

/* The stream, and its digits in the same columns. */
static void add_stream(GArray *streams, FlowStream placed, const RtpStream *stream)
{
  size_t count;
  const RtpDigit *digits = rtp_stream_digits(stream, &count);

  g_array_append_val(streams, placed);
  for (size_t i = 0; i < count && streams->len < FLOW_STREAMS_MAX; i++) {
    placed.digit = (uint32_t) i + 1;
    placed.time_ns = digits[i].time_ns;
    g_array_append_val(streams, placed);
  }
}

GArray *flow_streams_find(const Trace *trace, const FlowRungs *rungs)
{
  GArray *streams = g_array_new(FALSE, FALSE, sizeof(FlowStream));
  g_autoptr(GHashTable) known = g_hash_table_new(NULL, NULL);

  for (size_t i = 0; i < flow_rungs_call_count(rungs) && streams->len < FLOW_STREAMS_MAX; i++) {
    uint32_t number = flow_rungs_call_at(rungs, i);
    const Call *call = trace_call(trace, number);
    g_autoptr(GArray) of_call = call ? call_stream_list(trace, call) : NULL;

    for (guint s = 0; of_call && s < of_call->len && streams->len < FLOW_STREAMS_MAX; s++) {
      const CallStream *found = &g_array_index(of_call, CallStream, s);

      if (!g_hash_table_add(known, GUINT_TO_POINTER(found->stream->number)))
        continue;
      add_stream(streams, place_stream(trace, rungs, number, found), found->stream);
    }
  }
  g_array_sort(streams, compare_streams);
  return streams;
}

/* --- what its rung says --- */

const CallStream *flow_stream_look_up(FlowStreamLookup *lookup, const Trace *trace,
                                      const FlowStream *rung)
{
  const Call *call = trace_call(trace, rung->call);

  if (!call)
    return NULL;
  if (!lookup->list || lookup->call != rung->call) {
    flow_stream_lookup_clear(lookup);
    lookup->list = call_stream_list(trace, call);
    lookup->call = rung->call;
  }
  for (guint i = 0; i < lookup->list->len; i++) {
    const CallStream *found = &g_array_index(lookup->list, CallStream, i);
    if (found->stream->number == rung->stream)
      return found;
  }
  return NULL;
}

void flow_stream_lookup_clear(FlowStreamLookup *lookup)
{
  g_clear_pointer(&lookup->list, g_array_unref);
}

/* "1.0 % lost"; "no loss" only where nothing was lost. */
static void append_loss(GString *to, const CallStream *stream)
{
  double percent = stream->quality.loss_percent;

  if (rtp_stream_lost(stream->stream) == 0)
    g_string_append(to, _(", no loss"));
  else if (percent < 0.1)
    g_string_append(to, _(", <0.1 % lost"));
  else
    g_string_append_printf(to, _(", %.1f %% lost"), percent);
}

/* "DTMF 5, 160 ms"; the last one that was kept also says how many more there were: "DTMF 5, 160 ms,
 * then 3 more" */
static void append_digit(GString *to, const CallStream *stream, uint32_t number)
{
  char text[TIME_TEXT_MAX];
  int64_t duration_ns;
  size_t count;
  const RtpDigit *digits = rtp_stream_digits(stream->stream, &count);

  g_string_append(to, "DTMF");
  if (number > count) /* they were none, as a later packet showed */
    return;
  g_string_append_printf(to, " %c", digits[number - 1].digit);
  if (stream_digit_duration(stream->stream, &stream->owner, &digits[number - 1], &duration_ns))
    g_string_append_printf(to, "%s%s", _(", "), duration_format(duration_ns, text));
  if (number == count && stream->stream->digit_count > count)
    g_string_append_printf(to, _(", then %zu more"), stream->stream->digit_count - count);
}

void flow_stream_append_label(GString *to, const FlowStream *rung, const CallStream *stream,
                              bool brief)
{
  if (!stream) {
    g_string_append(to, rung->digit > 0 ? "DTMF" : "RTP");
    return;
  }
  if (rung->digit > 0) {
    append_digit(to, stream, rung->digit);
    return;
  }
  const StreamQuality *quality = &stream->quality;
  bool is_asked_for = media_owner_asks_for(&stream->owner, stream->stream->ssrc);
  g_string_append(to, quality->is_srtp ? "SRTP" : "RTP");
  if (quality->codec)
    g_string_append_printf(to, " %s", quality->codec);
  if (is_asked_for)
    g_string_append_printf(to, " y=%010u", stream->stream->ssrc);
  if (!brief)
    g_string_append_printf(to, _(" %" G_GUINT64_FORMAT " packets"), stream->stream->packets);
  append_loss(to, stream);
  if (!brief && quality->has_jitter && !is_asked_for) /* there is no room for both */
    g_string_append_printf(to, _(", jitter %.1f ms"), quality->jitter_ms);
  if (quality->has_mos)
    g_string_append_printf(to, _(", MOS %.2f"), quality->mos);
}
