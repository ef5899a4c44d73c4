#include "dissect/diagnose/media_findings.h"

#include "capture/language.h"
#include "dissect/diagnose/call_case.h"

#define MS INT64_C(1000000)
#define SECOND (1000 * MS)

static const int64_t SILENT_NS = 2 * SECOND; /* so long a side must be missing */
static const int64_t LATE_NS = 500 * MS;
static const int64_t AFTER_BYE_NS = SECOND;

enum {
  LOST_MIN = 5,
  LOSS_PERCENT = 1,
  JITTER_MS = 30,
  MISMATCHES_MIN = 5, /* packets: fewer may be of the moment of a re-INVITE */
  PTIME_PACKETS = 50,
  COMPARED_MAX = 64, /* streams that are compared with each other */
};

/* --- what is known of the call ---------------------------------------------------------------- */

struct MediaHosts {
  const Trace *trace;
  size_t next;          /* index of the first stream that is not among them */
  EndpointTable *hosts; /* with port 0 */
};

static Endpoint host_of(const Endpoint *endpoint)
{
  Endpoint host = *endpoint;

  host.port = 0;
  return host;
}

MediaHosts *media_hosts_new(const Trace *trace)
{
  MediaHosts *hosts = g_new(MediaHosts, 1);

  *hosts = (MediaHosts){.trace = trace, .hosts = endpoint_table_new(NULL)};
  return hosts;
}

void media_hosts_update(MediaHosts *hosts)
{
  size_t count = trace_stream_count(hosts->trace);

  for (; hosts->next < count; hosts->next++) {
    const RtpStream *stream = trace_stream_at(hosts->trace, hosts->next);
    for (unsigned end = 0; stream && end < 2; end++) {
      Endpoint host = host_of(end == 0 ? &stream->src : &stream->dst);
      if (!endpoint_table_find(hosts->hosts, &host, NULL))
        endpoint_table_set(hosts->hosts, &host, NULL);
    }
  }
}

void media_hosts_free(MediaHosts *hosts)
{
  if (!hosts)
    return;
  endpoint_table_free(hosts->hosts);
  g_free(hosts);
}

static bool hosts_have(MediaHosts *hosts, const Endpoint *endpoint)
{
  Endpoint host = host_of(endpoint);

  media_hosts_update(hosts);
  return endpoint_table_find(hosts->hosts, &host, NULL);
}

static const CallStream *stream_at(const MediaCase *c, guint index)
{
  return &g_array_index(c->streams, CallStream, index);
}

static bool flows_both_ways(const MediaDescription *a, const MediaDescription *b)
{
  for (size_t i = 0; i < a->sdp->line_count && i < b->sdp->line_count; i++) {
    const MediaLine *x = &a->sdp->lines[i], *y = &b->sdp->lines[i];
    if (x->kind == MEDIA_AUDIO && (!media_may_flow(x, y) || !media_may_flow(y, x)))
      return false;
    if (x->kind == MEDIA_IMAGE && !x->refused && !y->refused)
      return false; /* T.38 */
  }
  return true;
}

/* Was nothing ever agreed that explains a missing direction: hold, T.38? */
static bool always_both_ways(const MediaCase *c)
{
  for (guint i = 0; i < c->media->exchanges->len; i++) {
    const MediaExchange *x = &g_array_index(c->media->exchanges, MediaExchange, i);
    if (x->answer && !x->refused && !flows_both_ways(x->offer, x->answer))
      return false;
  }
  return true;
}

static int64_t answered_at(const MediaCase *c, uint32_t *ret_message)
{
  int64_t answered_ns = INT64_MAX;

  *ret_message = 0;
  for (const MediaLeg *leg = c->media->legs; leg; leg = leg->next)
    answered_ns = MIN(answered_ns, leg->confirmed_ns);
  for (const Message *m = c->call->first; m && answered_ns != INT64_MAX; m = m->next)
    if (m->time_ns == answered_ns && m->status >= 200 && m->method == SIP_METHOD_INVITE) {
      *ret_message = m->number;
      break;
    }
  return answered_ns;
}

/* Of all legs; INT64_MAX while one goes on. */
static int64_t ended_at(const MediaCase *c)
{
  int64_t ended_ns = INT64_MIN;

  for (const MediaLeg *leg = c->media->legs; leg; leg = leg->next)
    if (leg->is_confirmed)
      ended_ns = MAX(ended_ns, leg->ended_ns);
  return ended_ns == INT64_MIN ? INT64_MAX : ended_ns;
}

/* How long the call was answered, as far as the capture goes. */
static int64_t answered_for(const MediaCase *c, int64_t answered_ns)
{
  return MIN(ended_at(c), trace_now(c->trace)) - answered_ns;
}

static void weaken_if_dropped(const MediaCase *c, Finding *finding)
{
  if (trace_counts(c->trace)->dropped_packets > 0)
    finding_weaken(finding, "the capture has dropped packets");
}

static void prove_by_exchange(const MediaCase *c, Finding *finding)
{
  if (c->media->exchanges->len == 0)
    return;
  const MediaExchange *x = &g_array_index(c->media->exchanges, MediaExchange, 0);
  finding_prove_by_message(finding, x->offer_message);
  finding_prove_by_message(finding, x->answer_message);
}

/* --- missing audio ---------------------------------------------------------------------------- */

/* Did anything come from that host in this call, so that the tap sees what it sends? */
static bool sends_in_call(const MediaCase *c, const Endpoint *endpoint)
{
  const Endpoint host = host_of(endpoint);

  for (guint i = 0; i < c->streams->len; i++) {
    Endpoint src = host_of(&stream_at(c, i)->stream->src);
    if (endpoint_eq(&src, &host))
      return true;
  }
  for (const Message *m = c->call->first; m; m = m->next) {
    Endpoint src = host_of(trace_endpoint(c->trace, m->src));
    if (endpoint_eq(&src, &host))
      return true;
  }
  return false;
}

static bool has_ice(const MediaLine *const lines[2])
{
  return lines[0]->has_ice && lines[1]->has_ice;
}

/* How many ends of the stream the leg announced. */
static unsigned touches(const CallStream *s, const MediaLine *const lines[2])
{
  MediaSide to = s->owner.to, from = to == MEDIA_CALLER ? MEDIA_CALLEE : MEDIA_CALLER;

  return (unsigned) endpoint_eq(&s->stream->dst, &lines[to]->rtp) +
         (unsigned) endpoint_eq(&s->stream->src, &lines[from]->rtp);
}

/* An offer and its answer, of a leg that was answered. */
typedef struct {
  const MediaExchange *exchange;
  const MediaLeg *leg;
  const MediaLine *lines[2]; /* of its audio, by MediaSide */
} Agreement;

static const MediaLeg *confirmed_leg(const MediaCase *c, uint16_t number)
{
  for (const MediaLeg *leg = c->media->legs; leg; leg = leg->next)
    if (leg->number == number)
      return leg->is_confirmed ? leg : NULL;
  return NULL;
}

/* What the stream was sent by: of all that was agreed before it ended, what announced most of its
 * ends; of several the newest. */
static bool find_agreement(const MediaCase *c, const CallStream *s, Agreement *ret_agreement)
{
  unsigned most = 1;
  bool is_found = false;

  for (guint i = 0; i < c->media->exchanges->len; i++) {
    Agreement a = {.exchange = &g_array_index(c->media->exchanges, MediaExchange, i)};
    a.leg = confirmed_leg(c, a.exchange->leg);
    if (!a.leg || !media_exchange_audio(a.exchange, a.lines) ||
        a.exchange->answer_ns > s->stream->last_ns || touches(s, a.lines) < most ||
        (is_found && media_call_repeats(c->media, i)))
      continue;
    most = touches(s, a.lines);
    is_found = true;
    *ret_agreement = a;
  }
  return is_found;
}

static void add_one_way(const MediaCase *c, const Agreement *a, const CallStream *seen,
                        FindingList *list)
{
  MediaSide to = seen->owner.to;
  const MediaLine *silent = a->lines[to];
  const MediaLine *deaf = a->lines[to == MEDIA_CALLER ? MEDIA_CALLEE : MEDIA_CALLER];
  bool is_hidden = endpoint_is_private(&deaf->rtp) && !endpoint_is_private(&silent->rtp) &&
                   !endpoint_is_private(&seen->stream->src);
  char src[ENDPOINT_TEXT_MAX], dst[ENDPOINT_TEXT_MAX], from[ENDPOINT_TEXT_MAX],
    wanted[ENDPOINT_TEXT_MAX];

  endpoint_format(&deaf->rtp, wanted);
  Finding *finding = finding_add(
    list, FINDING_ONE_WAY_AUDIO,
    "no audio of the %s was captured: RTP went from %s to %s, and no stream back from %s to %s%s",
    to == MEDIA_CALLER ? _("caller") : _("callee"), endpoint_format(&seen->stream->src, src),
    endpoint_format(&seen->stream->dst, dst), endpoint_format(&silent->rtp, from), wanted,
    is_hidden ? _(", a private address that cannot be reached from outside") : "");
  finding_prove_by_message(finding, a->exchange->offer_message);
  finding_prove_by_message(finding, a->exchange->answer_message);
  finding_prove_by_stream(finding, seen->stream->number);
  weaken_if_dropped(c, finding);
  if (has_ice(a->lines))
    finding_weaken(finding, "ICE may have moved the media to addresses that are not announced");
  else if (!sends_in_call(c, &silent->rtp))
    finding_weaken(finding, "nothing that the silent side sends was captured");
}

static void find_one_way(const MediaCase *c, FindingList *list)
{
  const CallStream *seen[2] = {NULL, NULL};
  uint32_t message;
  int64_t answered_ns = answered_at(c, &message);
  Agreement a;

  for (guint i = 0; i < c->streams->len; i++) {
    const CallStream *s = stream_at(c, i);
    if (call_stream_is_audio(s) && !seen[s->owner.to])
      seen[s->owner.to] = s;
  }
  const CallStream *only = seen[0] ? seen[0] : seen[1];
  if (!only || (seen[0] && seen[1]) || answered_ns == INT64_MAX || !always_both_ways(c))
    return;
  int64_t lasted_ns =
    MIN(only->stream->last_ns, ended_at(c)) - MAX(only->stream->first_ns, answered_ns);
  if (lasted_ns >= SILENT_NS && find_agreement(c, only, &a) &&
      !trace_stream_went_on(c->trace, a.lines[only->owner.to], a.lines[!only->owner.to],
                            a.leg->confirmed_ns))
    add_one_way(c, &a, only, list);
}

static void find_no_audio(const MediaCase *c, FindingList *list)
{
  uint32_t message;
  int64_t answered_ns = answered_at(c, &message);
  char a[ENDPOINT_TEXT_MAX], b[ENDPOINT_TEXT_MAX];
  const MediaLine *lines[2];

  if (c->streams->len > 0 || trace_stream_count(c->trace) == 0 || answered_ns == INT64_MAX ||
      answered_for(c, answered_ns) < SILENT_NS || !always_both_ways(c))
    return;
  for (const MediaLeg *leg = c->media->legs; leg; leg = leg->next) {
    if (!leg->is_confirmed || !media_leg_audio(leg, lines))
      continue;
    if (trace_stream_went_on(c->trace, lines[0], lines[1], leg->confirmed_ns) ||
        trace_stream_went_on(c->trace, lines[1], lines[0], leg->confirmed_ns))
      return;
    Finding *finding =
      finding_add(list, FINDING_NO_AUDIO,
                  "no RTP between %s and %s, which both agreed to send and receive audio",
                  endpoint_format(&lines[0]->rtp, a), endpoint_format(&lines[1]->rtp, b));
    prove_by_exchange(c, finding);
    weaken_if_dropped(c, finding);
    if (has_ice(lines))
      finding_weaken(finding, "ICE may have moved the media to addresses that are not announced");
    else if (!hosts_have(c->hosts, &lines[0]->rtp) && !hosts_have(c->hosts, &lines[1]->rtp))
      finding_weaken(finding, "the capture has no RTP of either host in any call");
    return;
  }
}

/* --- how the streams were --------------------------------------------------------------------- */

static Finding *add_of_stream(const MediaCase *c, const CallStream *s, FindingList *list,
                              FindingId id, const char *what)
{
  char src[ENDPOINT_TEXT_MAX], dst[ENDPOINT_TEXT_MAX];
  Finding *finding =
    finding_add(list, id, "%s from %s to %s: %s", s->quality.codec ? s->quality.codec : "RTP",
                endpoint_format(&s->stream->src, src), endpoint_format(&s->stream->dst, dst), what);

  finding_prove_by_stream(finding, s->stream->number);
  if (finding)
    finding->where = s->stream->src;
  weaken_if_dropped(c, finding);
  return finding;
}

static void find_loss(const MediaCase *c, const CallStream *s, FindingList *list)
{
  uint64_t lost = rtp_stream_lost(s->stream);
  char what[128];

  if (lost < LOST_MIN || s->quality.loss_percent < LOSS_PERCENT)
    return;
  g_snprintf(
    what, sizeof what,
    _("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " packets lost (%.1f %%), in %u bursts"), lost,
    rtp_stream_expected(s->stream), s->quality.loss_percent, rtp_stream_bursts(s->stream));
  (void) add_of_stream(c, s, list, FINDING_RTP_LOSS, what);
}

/* Packets of one picture share a timestamp, so that those of video always differ. */
static void find_jitter(const MediaCase *c, const CallStream *s, FindingList *list)
{
  char what[128];

  if (!call_stream_is_audio(s) || !s->quality.has_jitter || s->quality.jitter_ms <= JITTER_MS)
    return;
  g_snprintf(what, sizeof what, _("jitter of %.0f ms on average, %.0f ms at most"),
             s->quality.jitter_ms, s->quality.max_jitter_ms);
  (void) add_of_stream(c, s, list, FINDING_RTP_JITTER, what);
}

static void find_late(const MediaCase *c, FindingList *list)
{
  const CallStream *first = NULL;
  uint32_t message;
  int64_t answered_ns = answered_at(c, &message);
  char what[128];

  for (guint i = 0; i < c->streams->len; i++)
    if (!first || stream_at(c, i)->stream->first_ns < first->stream->first_ns)
      first = stream_at(c, i);
  if (!first || answered_ns == INT64_MAX || first->stream->first_ns >= ended_at(c) ||
      first->stream->first_ns - answered_ns <= LATE_NS || !always_both_ways(c))
    return;
  g_snprintf(what, sizeof what, _("the first RTP of the call, %.1f s after the answer"),
             (double) (first->stream->first_ns - answered_ns) / SECOND);
  Finding *finding = add_of_stream(c, first, list, FINDING_MEDIA_LATE, what);
  finding_prove_by_message(finding, message);
}

/* A later call may have reused the port.  If NAT hides the address of its phone, only the stream in
 * the other direction can be assigned to it. */
static bool is_still_owned(const MediaCase *c, const CallStream *s)
{
  MediaOwner owners[2 * MEDIA_OWNERS_MAX];
  MediaFlow flow = stream_flow(s->stream), back = flow;

  flow.first_ns = back.first_ns = back.last_ns;
  back.src = flow.dst;
  back.dst = flow.src;
  size_t count = media_book_owners(trace_media(c->trace), &flow, owners);
  if (count == 0 || owners[0].call != c->call->number)
    return false;
  count += media_book_owners(trace_media(c->trace), &back, owners + count);
  for (size_t i = 0; i < count; i++) {
    const Call *owner = trace_call(c->trace, owners[i].call);
    if (owner && owner != c->call && owner->start_ns >= ended_at(c))
      return false;
  }
  return true;
}

static void find_after_bye(const MediaCase *c, const CallStream *s, FindingList *list)
{
  int64_t ended_ns = ended_at(c);
  char what[128];

  if (ended_ns == INT64_MAX || s->stream->first_ns > ended_ns ||
      s->stream->last_ns - ended_ns <= AFTER_BYE_NS || !is_still_owned(c, s))
    return;
  g_snprintf(what, sizeof what, _("went on for %.1f s after the BYE"),
             (double) (s->stream->last_ns - ended_ns) / SECOND);
  (void) add_of_stream(c, s, list, FINDING_MEDIA_AFTER_BYE, what);
}

/* --- what was agreed -------------------------------------------------------------------------- */

static bool has_name(const MediaLine *line, const char *name)
{
  for (size_t i = 0; line->payloads && i < line->payloads->count; i++)
    if (g_ascii_strcasecmp(line->payloads->items[i].name, name) == 0)
      return true;
  return false;
}

/* RFC 3264 6.1, 7: the number is the receiver's, the format is in both lists.  Any offer and
 * answer of the call counts: media cross re-INVITEs. */
static bool is_agreed(const MediaCase *c, const CallStream *s, uint8_t type)
{
  for (guint i = 0; i < c->media->exchanges->len; i++) {
    const MediaExchange *x = &g_array_index(c->media->exchanges, MediaExchange, i);
    if (!x->answer)
      continue;
    const MediaDescription *to = x->offer->side == s->owner.to ? x->offer : x->answer;
    const MediaDescription *from = to == x->offer ? x->answer : x->offer;
    for (size_t n = 0; n < to->sdp->line_count && n < from->sdp->line_count; n++) {
      const MediaPayload *payload = media_line_payload(&to->sdp->lines[n], type);
      if (payload && (payload->name[0] == '\0' || has_name(&from->sdp->lines[n], payload->name)))
        return true;
    }
  }
  return false;
}

static void add_unagreed(const MediaCase *c, const CallStream *s, const RtpPayload *payload,
                         FindingList *list)
{
  bool is_event = payload->kind == RTP_EVENTS && call_stream_is_audio(s);
  const char *name = sdp_static_name(payload->type);
  const MediaPayload *known = stream_agreed_payload(&s->owner, payload->type);
  char what[160];

  name = known && known->name[0] != '\0' ? known->name : name;
  g_snprintf(what, sizeof what, _("%u packets of payload type %u%s%.40s%s, which was not agreed"),
             payload->packets, payload->type, name ? " (" : "", name ? name : "", name ? ")" : "");
  Finding *finding =
    add_of_stream(c, s, list, is_event ? FINDING_DTMF_UNAGREED : FINDING_CODEC_MISMATCH, what);
  prove_by_exchange(c, finding);
}

/* Comfort noise of payload type 13 is understood without being agreed on. */
static void find_unagreed(const MediaCase *c, const CallStream *s, FindingList *list)
{
  bool is_answered = false;

  for (guint i = 0; i < c->media->exchanges->len; i++)
    is_answered |= g_array_index(c->media->exchanges, MediaExchange, i).answer != NULL;
  if (!is_answered || !s->owner.line)
    return;
  for (size_t i = 0; i < RTP_PAYLOADS; i++) {
    const RtpPayload *payload = &s->stream->payloads[i];
    bool is_event = payload->kind == RTP_EVENTS && call_stream_is_audio(s);
    bool is_enough = payload->packets >= (is_event ? 1 : MISMATCHES_MIN);
    if (is_enough && payload->kind != RTP_COMFORT_NOISE && !is_agreed(c, s, payload->type))
      add_unagreed(c, s, payload, list);
  }
}

/* Is the step between the last two packets that of all, and not a silence (DTX)? */
static bool is_usual_step(const RtpStream *stream, uint64_t ms)
{
  int64_t spoken_ns = stream->last_ns - stream->first_ns - stream->silence_ns;
  uint64_t packets = stream->packets - stream->duplicates + rtp_stream_lost(stream);
  uint64_t mean_ms =
    packets > 1 && spoken_ns > 0 ? (uint64_t) spoken_ns / (uint64_t) MS / (packets - 1) : 0;

  return mean_ms >= ms - ms / 5 && mean_ms <= ms + ms / 5;
}

static void find_ptime(const MediaCase *c, const CallStream *s, FindingList *list)
{
  const MediaLine *line = s->owner.line;
  char what[128];

  if (!call_stream_is_audio(s) || !line || line->ptime_ms == 0 || s->quality.clock_rate == 0 ||
      s->stream->packets < PTIME_PACKETS)
    return;
  uint64_t ms = (uint64_t) s->stream->timestamp_step * 1000 / s->quality.clock_rate;
  if (ms == 0 || ms == line->ptime_ms || !is_usual_step(s->stream, ms))
    return;
  g_snprintf(what, sizeof what,
             _("packets of %" G_GUINT64_FORMAT " ms, where the receiver asked for %u ms"), ms,
             line->ptime_ms);
  Finding *finding = add_of_stream(c, s, list, FINDING_PTIME_MISMATCH, what);
  prove_by_exchange(c, finding);
}

static bool was_renegotiated(const MediaCase *c, int64_t from_ns, int64_t to_ns)
{
  for (guint i = 0; i < c->media->exchanges->len; i++) {
    const MediaExchange *x = &g_array_index(c->media->exchanges, MediaExchange, i);
    if (x->offer_ns <= to_ns && (x->answer ? x->answer_ns : x->offer_ns) >= from_ns)
      return true;
  }
  return false;
}

/* The stream before, of the same source and destination, that this one takes the place of. */
static const CallStream *predecessor(const MediaCase *c, guint index)
{
  const CallStream *s = stream_at(c, index), *found = NULL;

  for (guint i = 0; i < MIN(index, (guint) COMPARED_MAX); i++) {
    const CallStream *before = stream_at(c, i);
    if (endpoint_eq(&before->stream->src, &s->stream->src) &&
        endpoint_eq(&before->stream->dst, &s->stream->dst) &&
        before->stream->last_ns <= s->stream->first_ns &&
        (!found || before->stream->last_ns > found->stream->last_ns))
      found = before;
  }
  return found;
}

static void find_ssrc_change(const MediaCase *c, guint index, FindingList *list)
{
  const CallStream *s = stream_at(c, index), *before = predecessor(c, index);
  char what[128];

  if (!before || was_renegotiated(c, before->stream->last_ns - SECOND, s->stream->first_ns))
    return;
  g_snprintf(what, sizeof what, _("SSRC 0x%08x after 0x%08x"), s->stream->ssrc,
             before->stream->ssrc);
  Finding *finding = add_of_stream(c, s, list, FINDING_SSRC_CHANGED, what);
  finding_prove_by_stream(finding, before->stream->number);
}

void media_findings_add(const MediaCase *c, FindingList *list)
{
  if (!c->media)
    return;
  find_no_audio(c, list);
  find_one_way(c, list);
  find_late(c, list);
  for (guint i = 0; i < c->streams->len; i++) {
    const CallStream *s = stream_at(c, i);
    find_loss(c, s, list);
    find_jitter(c, s, list);
    find_after_bye(c, s, list);
    find_unagreed(c, s, list);
    find_ptime(c, s, list);
    if (i < COMPARED_MAX)
      find_ssrc_change(c, i, list);
  }
}
