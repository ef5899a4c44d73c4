/* GB/T 28181: exchanges without their answer or with a part of it, keep-alives that stop, streams
 * and roles that do not agree. */
#include "capture/language.h"
#include "dissect/diagnose/gb_exchange.h"
#include "dissect/diagnose/gb_period.h"
#include "dissect/diagnose/gb_subscription.h"
#include "dissect/diagnose/rules.h"
#include "dissect/diagnose/sentence.h"
#include "dissect/sip/gb_id.h"
#include "dissect/sip/gb_media.h"
#include "dissect/sip/gb_ptz.h"
#include "dissect/sip/sdp.h"
#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_body.h"

/* Silence after which an answer, or the rest of one, does not come any more. */
#define ANSWER_NS (10 * SECOND_NS)

enum {
  GAPS_MAX = 8,        /* of keep-alives, whose median is the period */
  AUTH_LOOP_LEAST = 3, /* REGISTERs in a row that were challenged */
  REGISTERS_BACK_MAX = 16,
};

/* --- exchanges -------------------------------------------------------------------------------- */

static void add_no_response(CallCase *c, const GbExchange *exchange, FindingList *list)
{
  const CaseTransaction *ct = call_case_transaction(c, exchange->request->transaction);
  const Message *final = ct ? ct->final : NULL;

  if (exchange->answer || !final || final->status < 200 || final->status >= 300 ||
      c->now_ns - final->time_ns < ANSWER_NS)
    return;
  Finding *finding =
    finding_add(list, FINDING_GB_NO_RESPONSE,
                "%s accepted the %s %s (SN %s) of %s, and sent no Response for %s",
                say_endpoint(c, exchange->request->dst), say_text(c, exchange->body.command),
                gb_kind_name(exchange->body.kind), say_text(c, exchange->body.sn),
                say_endpoint(c, exchange->request->src), say_span(c, c->now_ns - final->time_ns));
  call_case_prove(finding, exchange->request);
  call_case_prove(finding, final);
  call_case_blame(c, finding, exchange->request->dst, 0);
  /* A long answer comes in fragments. */
  if (trace_counts(c->trace)->lost_fragments > 0 || trace_counts(c->trace)->incomplete > 0)
    finding_weaken(finding, "fragments of messages were not captured");
  call_case_weaken(c, finding);
}

static void add_partial(CallCase *c, const GbExchange *exchange, FindingList *list)
{
  if (!exchange->has_sum || exchange->is_cut || exchange->is_uncounted ||
      exchange->items >= exchange->sum || c->now_ns - exchange->last_answer->time_ns < ANSWER_NS)
    return;
  Finding *finding = finding_add(
    list, FINDING_GB_PARTIAL,
    "the answer to %s (SN %s) has %u items, of which %" G_GUINT64_FORMAT " came, in %u messages",
    say_text(c, exchange->body.command), say_text(c, exchange->body.sn), exchange->sum,
    exchange->items, exchange->answers);
  call_case_prove(finding, exchange->answer);
  call_case_prove(finding, exchange->last_answer);
  call_case_blame(c, finding, exchange->last_answer->src, 0);
}

static void add_bad_checksum(CallCase *c, const GbExchange *exchange, FindingList *list)
{
  char text[GB_PTZ_TEXT_MAX];
  GbPtz ptz;

  if (!exchange->request || !gb_ptz_read(exchange->body.ptz, &ptz) || ptz.sum_is_right)
    return;
  Finding *finding = finding_add(
    list, FINDING_GB_BAD_CHECKSUM, "PTZCmd %s (%s) ends in %02X, but its bytes add up to %02X",
    say_text(c, exchange->body.ptz), gb_ptz_say(&ptz, text), ptz.bytes[GB_PTZ_LEN - 1], ptz.sum);
  call_case_prove(finding, exchange->request);
  call_case_blame(c, finding, exchange->request->src, 0);
}

/* Where an exchange or session begins there is no dialog yet (RFC 3261 8.1.1.2). */
static void add_to_tag(CallCase *c, FindingList *list)
{
  const Message *first = c->call->first;

  if (!message_is_request(first) || !(first->flags & MESSAGE_HAS_TO_TAG) || first->dialog ||
      (first->method != SIP_METHOD_MESSAGE && first->method != SIP_METHOD_INVITE))
    return;
  Finding *finding = finding_add(list, FINDING_GB_HABITS,
                                 "the first %s of %s has a To tag, though there is no dialog",
                                 say_method(c, first), say_endpoint(c, first->src));
  call_case_prove(finding, first);
  call_case_blame(c, finding, first->src, 0);
}

/* eXosip2 begins each MESSAGE at CSeq 20: the number says nothing about the order. */
static void add_constant_cseq(CallCase *c, const GbExchange *exchange, FindingList *list)
{
  enum { EXOSIP_CSEQ = 20 };
  const Message *answer = exchange->answer;

  if (!answer || answer->cseq != EXOSIP_CSEQ || exchange->last_answer->cseq != EXOSIP_CSEQ)
    return;
  const SipMsg *asked = call_case_load(c, exchange->request), *given = call_case_load(c, answer);
  if (!given || (asked && slice_eq(asked->call_id, given->call_id)))
    return;
  Finding *finding =
    finding_add(list, FINDING_GB_HABITS,
                "%s sends answers with CSeq 20, each under a Call-ID of its own, as eXosip2 does",
                say_endpoint(c, answer->src));
  call_case_prove(finding, answer);
  call_case_blame(c, finding, answer->src, 0);
}

static void add_of_exchange(CallCase *c, FindingList *list)
{
  GbExchange exchange;

  if (c->call->is_keepalive || !gb_exchange_read(c->call, c->stores, c->arena, &exchange))
    return;
  add_bad_checksum(c, &exchange, list);
  add_constant_cseq(c, &exchange, list);
  if (gb_exchange_wants_answer(&exchange))
    add_no_response(c, &exchange, list);
  if (exchange.last_answer)
    add_partial(c, &exchange, list);
}

/* --- subscriptions ---------------------------------------------------------------------------- */

/* What begins it, and the 2xx to it. */
static void add_of_subscription(CallCase *c, FindingList *list)
{
  const Call *call = c->call;
  const Subscription *subscription = call_rare(call)->subscription;
  const Message *first = call->first;
  GbBody body;

  if (gb_subscription_state(c->trace, call, c->now_ns) != GB_SUBSCRIPTION_LAPSED ||
      c->now_ns - subscription->until_ns < ANSWER_NS)
    return;
  const SipMsg *sip = call_case_load(c, first);
  if (!sip || first->method != SIP_METHOD_SUBSCRIBE || !sip_msg_gb(sip, &body))
    return;
  Finding *finding = finding_add(
    list, FINDING_GB_SUBSCRIPTION_LAPSED,
    "%s subscribed to %s of %s for %u s, and let it run out %s ago, after %u notifications",
    say_endpoint(c, first->src), say_text(c, body.command), say_text(c, body.device),
    subscription->seconds, say_span(c, c->now_ns - subscription->until_ns),
    subscription->notifications);
  call_case_prove(finding, first);
  call_case_blame(c, finding, first->src, 0);
}

/* --- keep-alives ------------------------------------------------------------------------------ */

static const CaptureEntry *entry_at(const GArray *entries, guint place)
{
  return &g_array_index(entries, CaptureEntry, place);
}

static bool is_offline_after(int64_t gap_ns, int64_t period_ns)
{
  return gb_period_missed(gap_ns, period_ns) >= GB_PERIOD_MISSED_MAX;
}

/* The period by the gaps before that entry. */
static int64_t period_before(const GArray *entries, guint place)
{
  int64_t gaps[GAPS_MAX];
  size_t count = 0;

  for (guint i = place; i > 0 && count < GAPS_MAX; i--)
    gaps[count++] = entry_at(entries, i)->start_ns - entry_at(entries, i - 1)->start_ns;
  return gb_period_of(gaps, count);
}

static void add_offline(CallCase *c, int64_t period_ns, int64_t gap_ns, FindingList *list)
{
  const Message *keepalive = c->call->first;
  Finding *finding = finding_add(
    list, FINDING_GB_OFFLINE, "%s sent a keep-alive every %s, and after this one none for %s",
    say_endpoint(c, keepalive->src), say_span(c, period_ns), say_span(c, gap_ns));

  call_case_prove(finding, keepalive);
  call_case_blame(c, finding, keepalive->src, 0);
}

static void add_late(CallCase *c, int64_t period_ns, int64_t gap_ns, FindingList *list)
{
  const Message *keepalive = c->call->first;
  Finding *finding = finding_add(
    list, FINDING_GB_KEEPALIVE_LATE, "this keep-alive of %s came %s after the last one, not %s",
    say_endpoint(c, keepalive->src), say_span(c, gap_ns), say_span(c, period_ns));

  call_case_prove(finding, keepalive);
  call_case_blame(c, finding, keepalive->src, 0);
}

static void add_of_keepalive(CallCase *c, FindingList *list)
{
  const Call *call = c->call;
  const GArray *entries = capture_index_keepalives(c->index, call);
  guint next = entries ? capture_entries_after(entries, call->number) : 0;

  /* It was no keep-alive yet when the index read it: its 200 was captured first. */
  if (next == 0 || entry_at(entries, next - 1)->number != call->number)
    return;
  guint place = next - 1;
  int64_t next_ns = next < entries->len ? entry_at(entries, next)->start_ns : c->now_ns;
  int64_t period_ns = period_before(entries, place), after_ns = next_ns - call->start_ns;

  if (is_offline_after(after_ns, period_ns))
    add_offline(c, period_ns, after_ns, list);
  if (place == 0)
    return;
  int64_t earlier_ns = period_before(entries, place - 1);
  int64_t before_ns = call->start_ns - entry_at(entries, place - 1)->start_ns;
  if (earlier_ns > 0 && before_ns > earlier_ns + earlier_ns / 2 &&
      !is_offline_after(before_ns, earlier_ns))
    add_late(c, earlier_ns, before_ns, list);
}

/* --- registrations ---------------------------------------------------------------------------- */

static bool names_device(Slice uri)
{
  SipUri parsed;
  GbId id;

  return sip_uri_parse(uri, &parsed) && gb_id_read(parsed.user, &id);
}

/* How many REGISTERs in a row, the newest first, were challenged; *ret_broken: one was not. */
static unsigned count_challenged(const Call *call, bool *ret_broken)
{
  unsigned count = 0;

  *ret_broken = false;
  for (const Transaction *t = call->transactions; t; t = t->next) {
    if (t->method != SIP_METHOD_REGISTER || !t->final)
      continue;
    if (t->final->status == 401 || t->final->status == 407) {
      count++;
      continue;
    }
    count = 0;
    *ret_broken = true;
  }
  return count;
}

static void add_auth_loop(CallCase *c, FindingList *list)
{
  const GArray *entries = capture_index_registers(c->index, call_text_kept(c->call, CALL_TEXT_TO));
  bool broken = false;
  unsigned count = count_challenged(c->call, &broken);

  if (count == 0 || !names_device(call_text_kept(c->call, CALL_TEXT_TO)))
    return;
  guint place = entries ? capture_entries_after(entries, c->call->number) : 0;
  for (unsigned back = 0; !broken && place >= 2 && back < REGISTERS_BACK_MAX; back++, place--) {
    const Call *before =
      trace_call(c->trace, g_array_index(entries, CaptureEntry, place - 2).number);
    unsigned more = before ? count_challenged(before, &broken) : 0;
    if (more == 0)
      break;
    count += more;
  }
  if (count < AUTH_LOOP_LEAST)
    return;
  const Message *last = c->call->last;
  Finding *finding = finding_add(list, FINDING_GB_AUTH_LOOP,
                                 "%s registers again and again: %u REGISTERs in a row got 401",
                                 say_endpoint(c, c->call->first->src), count);
  call_case_prove(finding, c->call->first);
  call_case_prove(finding, last);
  call_case_blame(c, finding, c->call->first->src, 0);
}

/* --- sessions --------------------------------------------------------------------------------- */

static Slice find_setup(Slice lines)
{
  SdpAttribute attribute;

  while (sdp_attribute_next(&lines, &attribute))
    if (slice_eq_nocase(attribute.name, SLICE("setup")))
      return slice_trim(attribute.value);
  return SLICE_NONE;
}

/* a=setup of the first media over TCP, or of the session. */
static Slice tcp_setup_of(Slice text)
{
  SdpMedia media;
  Sdp sdp;

  if (!sdp_parse(text, &sdp))
    return SLICE_NONE;
  for (Slice rest = sdp.media; sdp_media_next(&sdp, &rest, &media);)
    if (slice_starts_with_nocase(media.protocol, SLICE("TCP/"))) {
      Slice setup = find_setup(media.lines);
      return setup.len > 0 ? setup : find_setup(sdp.lines);
    }
  return SLICE_NONE;
}

static bool is_session_name(Slice sdp)
{
  static const char *const NAMES[] = {"Play", "Playback", "Download", "Talk"};
  SdpLine line;

  while (sdp_line_next(&sdp, &line))
    for (size_t i = 0; line.type == 's' && i < G_N_ELEMENTS(NAMES); i++)
      if (slice_eq_nocase(slice_trim(line.value), slice_from_string(NAMES[i])))
        return true;
  return false;
}

static void add_mismatch(CallCase *c, const CaseTransaction *ct, Slice offer, Slice answer,
                         FindingList *list)
{
  Slice asked = gb_sdp_ssrc(offer), given = gb_sdp_ssrc(answer);
  Slice setup = tcp_setup_of(offer), other = tcp_setup_of(answer);
  uint32_t wanted, used;

  if (slice_to_u32(asked, &wanted) && slice_to_u32(given, &used) && wanted != used) {
    Finding *finding = finding_add(
      list, FINDING_GB_SSRC_MISMATCH, "the offer asks for SSRC y=%s, and the answer of %s has y=%s",
      say_text(c, asked), say_endpoint(c, ct->final->src), say_text(c, given));
    call_case_prove(finding, ct->request);
    call_case_prove(finding, ct->final);
    call_case_blame(c, finding, ct->final->src, 0);
  }
  bool same = slice_eq_nocase(setup, other) &&
              (slice_eq_nocase(setup, SLICE("active")) || slice_eq_nocase(setup, SLICE("passive")));
  if (same) {
    Finding *finding =
      finding_add(list, FINDING_GB_SETUP_ROLE, "both sides have a=setup:%s: %s", say_text(c, setup),
                  slice_eq_nocase(setup, SLICE("active")) ? _("both connect, and neither listens")
                                                          : _("both listen, and neither connects"));
    call_case_prove(finding, ct->request);
    call_case_prove(finding, ct->final);
    call_case_blame(c, finding, ct->final->src, 0);
  }
}

/* Media that came with another SSRC than y= says. */
static void add_wrong_stream(CallCase *c, const CaseTransaction *ct, Slice y, FindingList *list)
{
  const CallStream *wrong = NULL;
  bool is_record;
  uint32_t ssrc;

  if (!gb_ssrc_read(y, &ssrc, &is_record))
    return;
  for (guint i = 0; c->streams && i < c->streams->len; i++) {
    const CallStream *s = &g_array_index(c->streams, CallStream, i);
    if (s->stream->ssrc == ssrc)
      return;
    wrong = wrong ? wrong : s;
  }
  if (!wrong || finding_list_find(list, FINDING_GB_SSRC_MISMATCH))
    return;
  Finding *finding = finding_add(list, FINDING_GB_SSRC_MISMATCH,
                                 "y=%s is SSRC 0x%08x, and the media that came have 0x%08x",
                                 say_text(c, y), ssrc, wrong->stream->ssrc);
  call_case_prove(finding, ct->request);
  finding_prove_by_stream(finding, wrong->stream->number);
  call_case_blame(c, finding, ct->request->dst, 0);
}

static void add_no_subject(CallCase *c, const CaseTransaction *ct, const SipMsg *invite,
                           FindingList *list)
{
  if (sip_msg_has(invite, SIP_HEADER_SUBJECT) || !names_device(invite->uri))
    return;
  Finding *finding = finding_add(
    list, FINDING_GB_NO_SUBJECT,
    "the INVITE of %s has no Subject, which says what is sent to whom; devices refuse it",
    say_endpoint(c, ct->request->src));
  call_case_prove(finding, ct->request);
  call_case_blame(c, finding, ct->request->src, 0);
  if (c->summary->outcome == OUTCOME_ANSWERED)
    finding_weaken(finding, "the call was answered all the same");
}

static void add_of_session(CallCase *c, FindingList *list)
{
  const CaseTransaction *ct = c->decided;
  const SipMsg *invite = ct && ct->request ? call_case_load(c, ct->request) : NULL;

  if (!invite)
    return;
  Slice offer = sip_msg_sdp(invite), y = gb_sdp_ssrc(offer);
  if (!y.data && !(names_device(invite->uri) && is_session_name(offer)))
    return;
  add_no_subject(c, ct, invite, list);
  const SipMsg *ok = ct->final && ct->final->status < 300 ? call_case_load(c, ct->final) : NULL;
  if (ok)
    add_mismatch(c, ct, offer, sip_msg_sdp(ok), list);
  add_wrong_stream(c, ct, y, list);
}

void gb_findings_add(CallCase *c, FindingList *list)
{
  const Call *call = c->call;

  if (call->gb != GB_NONE) {
    add_to_tag(c, list);
    add_of_exchange(c, list);
  }
  if (call->is_keepalive)
    add_of_keepalive(c, list);
  if (call_rare(call)->subscription)
    add_of_subscription(c, list);
  if (call->method == SIP_METHOD_REGISTER)
    add_auth_loop(c, list);
  if (call->method == SIP_METHOD_INVITE && (names_device(call_text_kept(call, CALL_TEXT_TO)) ||
                                            names_device(call_text_kept(call, CALL_TEXT_FROM)))) {
    add_to_tag(c, list);
    add_of_session(c, list);
  }
}
