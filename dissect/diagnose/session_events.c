#include "dissect/diagnose/session_events.h"

#include "capture/language.h"
#include "dissect/diagnose/sentence.h"
#include "dissect/sip/sip_values.h"

enum { ARRAY_FIRST = 8, CODEC_MAX = 40 /* of its name */ };

typedef struct {
  CallCase *c;
  SessionEvents *events;
  size_t room;
} Builder;

/* A session timer, as the newest 2xx set it. */
typedef struct {
  const Message *set_by; /* NULL: none runs */
  uint32_t seconds;
} Timer;

const char *session_event_name(SessionEventKind kind)
{
  static const char *const NAMES[] = {
#define SESSION_EVENT_NAME(id, name) [SESSION_EVENT_##id] = name,
    SESSION_EVENTS(SESSION_EVENT_NAME)
#undef SESSION_EVENT_NAME
  };

  return NAMES[kind];
}

static void add_event(Builder *builder, const SessionEvent *event)
{
  SessionEvents *events = builder->events;

  if (events->count == SESSION_EVENTS_MAX) {
    events->left_out++;
    return;
  }
  if (events->count == builder->room) {
    size_t room = MAX(2 * builder->room, (size_t) ARRAY_FIRST);
    SessionEvent *items = arena_alloc(builder->c->arena, room * sizeof *items);
    if (events->count > 0)
      memcpy(items, events->items, events->count * sizeof *items);
    events->items = items;
    builder->room = room;
  }
  events->items[events->count++] = *event;
}

/* --- Offers and answers ----------------------------------------------------------------------- */

/* A codec has a payload type for each clock rate; its name is said once. */
static bool is_said(const MediaPayloads *payloads, size_t index)
{
  for (size_t i = 0; i < index; i++)
    if (strcmp(payloads->items[i].name, payloads->items[index].name) == 0)
      return true;
  return false;
}

static void append_line(GString *to, const MediaLine *line)
{
  g_string_append(to, to->len > 0 ? _(", ") : "");
  g_string_append(to, media_kind_name(line->kind));
  if (line->refused) {
    g_string_append(to, _(" refused"));
    return;
  }
  for (size_t i = 0; line->payloads && i < line->payloads->count; i++) {
    const char *name = line->payloads->items[i].name;
    if (name[0] == '\0' || is_said(line->payloads, i))
      continue;
    g_string_append_c(to, ' ');
    g_string_append_len(to, name, (gssize) strnlen(name, CODEC_MAX));
  }
  if (line->direction != SDP_SENDRECV) {
    g_string_append_c(to, ' ');
    g_string_append(to, sdp_direction_name(line->direction));
  }
}

static bool asks_for_ssrc(const MediaSdp *sdp)
{
  for (size_t i = 0; i < sdp->source_count; i++)
    if (sdp->sources[i].is_asked_for)
      return true;
  return false;
}

/* GB/T 28181: ", y=0100000001" */
static void append_asked(GString *to, const MediaSdp *sdp)
{
  for (size_t i = 0; i < sdp->source_count; i++)
    if (sdp->sources[i].is_asked_for)
      g_string_append_printf(to, ", y=%010u", sdp->sources[i].ssrc);
}

/* "audio PCMU PCMA, video H264 sendonly" */
static const char *say_lines(const CallCase *c, const MediaSdp *sdp)
{
  GString *text = g_string_truncate(c->words, 0);

  for (size_t i = 0; i < sdp->line_count; i++)
    append_line(text, &sdp->lines[i]);
  append_asked(text, sdp);
  return text->len > 0 ? say_string(c, text) : _("no media");
}

/* "INVITE", "re-INVITE", "183 Session Progress (early)" */
static const char *say_carrier(CallCase *c, const Message *message, bool is_offer)
{
  const char *name = message_is_request(message) ? say_method(c, message) : say_status(c, message);
  bool is_again = message->method == SIP_METHOD_INVITE && message_is_request(message) &&
                  (message->flags & MESSAGE_HAS_TO_TAG);
  bool is_early = message->status > 100 && message->status < 200;
  bool is_delayed = is_offer ? message->method == SIP_METHOD_INVITE && message->status != 0
                             : message->method == SIP_METHOD_ACK;

  const char *how = is_early ? _(" (early)") : is_delayed ? _(" (delayed offer)") : "";

  return is_again || how[0] != '\0' ? say(c, "%s%s%s", is_again ? _("re-") : "", name, how) : name;
}

/* RFC 4145 4: one side connects to where the other listens.  If both announce the same role, it is
 * not known who connects; with holdconn nobody does. */
static void add_connection(Builder *builder, const MediaExchange *x)
{
  CallCase *c = builder->c;
  const Message *message = call_case_message(c, x->answer_message);
  size_t count = MIN(x->offer->sdp->line_count, x->answer->sdp->line_count);

  for (size_t i = 0; message && i < count; i++) {
    const MediaLine *offered = &x->offer->sdp->lines[i], *answered = &x->answer->sdp->lines[i];
    const MediaLine *listens = answered->opens ? offered : answered;
    char address[ENDPOINT_TEXT_MAX];
    if (!offered->is_tcp || !answered->is_tcp || answered->refused || offered->holds ||
        answered->holds || offered->opens == answered->opens)
      continue;
    add_event(builder, &(SessionEvent){
                         .time_ns = message->time_ns,
                         .kind = SESSION_EVENT_CONNECT,
                         .by = answered->opens ? message->src : message->dst,
                         .message = message->number,
                         .text = say(c, "%s connects to %s for the %s, over TCP",
                                     say_endpoint(c, answered->opens ? message->src : message->dst),
                                     endpoint_format(&listens->rtp, address),
                                     media_kind_name(answered->kind)),
                       });
  }
}

static void add_description(Builder *builder, const MediaExchange *x, bool is_offer)
{
  CallCase *c = builder->c;
  const MediaDescription *description = is_offer ? x->offer : x->answer;
  const Message *message = call_case_message(c, is_offer ? x->offer_message : x->answer_message);

  if (!message)
    return;
  add_event(builder,
            &(SessionEvent){
              .time_ns = message->time_ns,
              .kind = is_offer ? SESSION_EVENT_OFFER : SESSION_EVENT_ANSWER,
              .by = message->src,
              .message = message->number,
              .text = say(c, "%s %s %s in the %s", say_endpoint(c, message->src),
                          is_offer ? _("offers") : _("answers"), say_lines(c, description->sdp),
                          say_carrier(c, message, is_offer)),
            });
}

/* RFC 3264 8.4, RFC 2543 B.5: who offers sendonly or inactive puts the other side on hold. */
static bool holds(const MediaSdp *sdp)
{
  bool has_line = false;

  for (size_t i = 0; i < sdp->line_count; i++) {
    const MediaLine *line = &sdp->lines[i];
    if (line->refused)
      continue;
    has_line = true;
    if (!line->on_hold && line->direction != SDP_SENDONLY && line->direction != SDP_INACTIVE)
      return false;
  }
  return has_line;
}

typedef struct {
  const MediaDescription *description;
  uint32_t message;
  bool may_hold; /* it is free to: an answer to sendonly has to be recvonly, and so on */
} HoldSide;

static void note_side(Builder *builder, const HoldSide *side, uint8_t *held_by)
{
  CallCase *c = builder->c;
  uint8_t bit = (uint8_t) (1 << side->description->side);
  bool is_held = holds(side->description->sdp), was_held = (*held_by & bit) != 0;
  const Message *message = call_case_message(c, side->message);

  if (!message || is_held == was_held || (is_held && !side->may_hold))
    return;
  *held_by ^= bit;
  add_event(builder,
            &(SessionEvent){
              .time_ns = message->time_ns,
              .kind = is_held ? SESSION_EVENT_HOLD : SESSION_EVENT_RESUME,
              .by = message->src,
              .message = message->number,
              .text = say(c, is_held ? N_("%s puts the other side on hold") : N_("%s resumes"),
                          say_endpoint(c, message->src)),
            });
}

static bool flows_both_ways(const MediaSdp *sdp)
{
  for (size_t i = 0; i < sdp->line_count; i++)
    if (!sdp->lines[i].refused && sdp->lines[i].direction == SDP_SENDRECV && !sdp->lines[i].on_hold)
      return true;
  return false;
}

/* There is no hold in the first exchange of a leg: a session may begin with any direction. */
static void note_hold(Builder *builder, const MediaExchange *x, uint8_t held_by[MEDIA_LEGS_MAX],
                      bool is_first)
{
  if (is_first || x->refused || !x->answer || x->leg >= MEDIA_LEGS_MAX)
    return;
  const HoldSide offer = {x->offer, x->offer_message, true};
  const HoldSide answer = {x->answer, x->answer_message, flows_both_ways(x->offer->sdp)};
  note_side(builder, &offer, &held_by[x->leg]);
  note_side(builder, &answer, &held_by[x->leg]);
}

static void add_refused(Builder *builder, const MediaExchange *x)
{
  CallCase *c = builder->c;
  const Message *offer = call_case_message(c, x->offer_message);
  const CaseTransaction *ct = offer ? call_case_transaction(c, offer->transaction) : NULL;

  if (!ct || !(offer->flags & MESSAGE_HAS_TO_TAG) || !ct->final || ct->final->status < 300)
    return;
  add_event(builder,
            &(SessionEvent){
              .time_ns = ct->final->time_ns,
              .kind = ct->final->status == 491 ? SESSION_EVENT_GLARE : SESSION_EVENT_REFUSED,
              .by = ct->final->src,
              .message = ct->final->number,
              .text = say(c, "%s refuses the offer: %s", say_endpoint(c, ct->final->src),
                          say_status(c, ct->final)),
            });
}

static bool is_first_of_leg(const GArray *exchanges, guint index)
{
  const MediaExchange *x = &g_array_index(exchanges, MediaExchange, index);

  for (guint i = 0; i < index; i++)
    if (g_array_index(exchanges, MediaExchange, i).leg == x->leg)
      return false;
  return true;
}

/* Bounded by MEDIA_EXCHANGES_MAX. */
static void add_exchanges(Builder *builder, const MediaCall *media)
{
  uint8_t held_by[MEDIA_LEGS_MAX] = {0};

  for (guint i = 0; media && i < media->exchanges->len; i++) {
    const MediaExchange *x = &g_array_index(media->exchanges, MediaExchange, i);
    if (media_call_repeats(media, i))
      continue;
    add_description(builder, x, true);
    if (x->answer) {
      add_description(builder, x, false);
      add_connection(builder, x);
    }
    if (x->refused)
      add_refused(builder, x);
    note_hold(builder, x, held_by, is_first_of_leg(media->exchanges, i));
  }
}

/* --- Early media ------------------------------------------------------------------------------ */

static int64_t confirmed_ns(const CallCase *c)
{
  const CaseDialog *d = c->decided ? call_case_dialog(c, c->decided->dialog) : NULL;

  return d ? d->dialog->confirmed_ns : TIME_NONE;
}

static void add_early_media(Builder *builder)
{
  CallCase *c = builder->c;
  int64_t answer_ns = confirmed_ns(c);
  char src[ENDPOINT_TEXT_MAX];

  for (guint i = 0; i < c->streams->len; i++) {
    const CallStream *s = &g_array_index(c->streams, CallStream, i);
    if (s->owner.to != MEDIA_CALLER || (answer_ns != TIME_NONE && s->stream->first_ns >= answer_ns))
      continue;
    add_event(builder, &(SessionEvent){
                         .time_ns = s->stream->first_ns,
                         .kind = SESSION_EVENT_EARLY_MEDIA,
                         .stream = s->stream->number,
                         .text = say(c, "%s sends %.40s before the answer",
                                     endpoint_format(&s->stream->src, src),
                                     s->quality.codec ? s->quality.codec : "RTP"),
                       });
  }
}

/* --- Session timers --------------------------------------------------------------------------- */

/* RFC 4028 9: of a 2xx.  False if it sets none. */
static bool read_timer(CallCase *c, const Message *response, uint32_t *ret_seconds,
                       const char **ret_refresher)
{
  const SipMsg *sip = call_case_load_saying(c, response, MESSAGE_SAYS_EXPIRES);
  Slice refresher = SLICE_NONE;
  SipHeaderRow row;

  if (!sip || !sip_msg_find(sip, SIP_HEADER_SESSION_EXPIRES, &row))
    return false;
  Slice params = row.value, number = slice_trim(sip_cut_params(&params));
  if (!slice_to_u32(number, ret_seconds))
    return false;
  if (params.data)
    (void) sip_param_find(params, SLICE("refresher"), &refresher);
  bool is_client = slice_eq_nocase(refresher, SLICE("uac"));
  bool is_server = slice_eq_nocase(refresher, SLICE("uas"));
  *ret_refresher = is_client   ? say_endpoint(c, response->dst)
                   : is_server ? say_endpoint(c, response->src)
                               : _("a side that is not named");
  return true;
}

/* Went the session on until then, though nothing refreshed it in time? */
static void add_lapse(Builder *builder, const Timer *timer, int64_t until_ns)
{
  CallCase *c = builder->c;
  int64_t interval_ns = timer->seconds * SECOND_NS;

  if (!timer->set_by || until_ns <= timer->set_by->time_ns + interval_ns + SECOND_NS)
    return;
  add_event(builder, &(SessionEvent){
                       .time_ns = timer->set_by->time_ns + interval_ns,
                       .kind = SESSION_EVENT_LAPSE,
                       .by = timer->set_by->src,
                       .text = say(c, "the session timer of %s runs out: no refresh",
                                   say_span(c, interval_ns)),
                     });
}

static void note_timer(Builder *builder, const Message *response, Timer *timer)
{
  CallCase *c = builder->c;
  const char *refresher = NULL;
  uint32_t seconds;

  if (!read_timer(c, response, &seconds, &refresher)) {
    *timer = (Timer){NULL, 0};
    return;
  }
  add_lapse(builder, timer, response->time_ns);
  add_event(builder, &(SessionEvent){
                       .time_ns = response->time_ns,
                       .kind = timer->set_by ? SESSION_EVENT_REFRESH : SESSION_EVENT_TIMER,
                       .by = response->src,
                       .message = response->number,
                       .text = timer->set_by ? say(c, "refreshed for %s by %s",
                                                   say_span(c, seconds * SECOND_NS),
                                                   say_endpoint(c, response->dst))
                                             : say(c, "session timer of %s, to be refreshed by %s",
                                                   say_span(c, seconds * SECOND_NS), refresher),
                     });
  *timer = (Timer){response, seconds};
}

static void add_timers(Builder *builder)
{
  CallCase *c = builder->c;
  const CaseDialog *d = c->decided ? call_case_dialog(c, c->decided->dialog) : NULL;
  Timer timer = {NULL, 0};
  unsigned walked = 0;

  if (!d || !d->invite || !d->invite->request)
    return;
  for (const CaseTransaction *ct = d->first; ct; ct = ct->next_in_dialog) {
    uint16_t method = ct->transaction->method;
    bool is_refresh = method == SIP_METHOD_INVITE || method == SIP_METHOD_UPDATE;
    bool is_hop = ct->request && ct->final && ct->final->status < 300 &&
                  (call_case_same_host(c, ct->request->src, d->invite->request->src) ||
                   call_case_same_host(c, ct->request->dst, d->invite->request->src));
    if (is_refresh && is_hop && walked++ < CALL_CASE_WALK_MAX)
      note_timer(builder, ct->final, &timer);
  }
  add_lapse(builder, &timer,
            d->bye && d->bye->request ? d->bye->request->time_ns : c->call->end_ns);
}

/* --- All of it -------------------------------------------------------------------------------- */

static gint compare_events(gconstpointer a, gconstpointer b, gpointer unused)
{
  const SessionEvent *left = a, *right = b;

  (void) unused;
  if (left->time_ns != right->time_ns)
    return left->time_ns < right->time_ns ? -1 : 1;
  return (int) left->kind - (int) right->kind;
}

/* Are all offers in INVITEs that begin a session, and all answers in their final responses? */
static bool are_usual(const CallCase *c, const MediaCall *media)
{
  for (guint i = 0; media && i < media->exchanges->len; i++) {
    const MediaExchange *x = &g_array_index(media->exchanges, MediaExchange, i);
    const Message *offer = call_case_message(c, x->offer_message);
    const Message *answer = x->answer ? call_case_message(c, x->answer_message) : NULL;
    if (offer && (offer->method != SIP_METHOD_INVITE || !message_is_request(offer) ||
                  offer->flags & MESSAGE_HAS_TO_TAG))
      return false;
    if (answer && (answer->method != SIP_METHOD_INVITE || answer->status < 200 ||
                   answer->transaction->in_dialog))
      return false;
    if (asks_for_ssrc(x->offer->sdp)) /* GB/T 28181: which SSRC, and who connects, is to be said */
      return false;
  }
  return true;
}

void session_events_find(CallCase *c, SessionsWanted wanted, SessionEvents *ret_events)
{
  Builder builder = {.c = c, .events = ret_events};

  *ret_events = (SessionEvents){.is_plain = true};
  if (wanted == SESSIONS_NONE || c->call->method != SIP_METHOD_INVITE || !c->stores)
    return;
  add_early_media(&builder);
  add_timers(&builder);
  ret_events->is_plain = ret_events->count == 0 && are_usual(c, c->media);
  if (!ret_events->is_plain || wanted == SESSIONS_ALL)
    add_exchanges(&builder, c->media);
  if (ret_events->count > 1)
    g_qsort_with_data(ret_events->items, (gint) ret_events->count, sizeof(SessionEvent),
                      compare_events, NULL);
}
