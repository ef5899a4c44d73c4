/* What was sent again (RFC 3261 17): retransmissions, and timers that were not kept; and where the
 * time went until it rang. */
#include "capture/language.h"
#include "dissect/diagnose/losses.h"
#include "dissect/diagnose/rules.h"
#include "dissect/diagnose/sentence.h"

#define MS INT64_C(1000000)

enum {
  MANY = 3,          /* retransmissions of one transaction */
  CALL_PERCENT = 5,  /* of a call's messages */
  SENDINGS_MAX = 12, /* of one message, whose times are looked at */
  OF_ONE_KIND = 4,   /* findings of one kind in a call */
  T2_MS = 4000,      /* RFC 3261 17.1.2.2 */
  SLOW_RING_MS = 4000,
  SLOW_ANSWER_MS = 1000, /* of one element, to pass a 2xx on */
};

/* --- sendings of one message --- */

/* The same message on one hop, first and again. */
typedef struct {
  const ReadMessage *first;
  const Message *last;
  int64_t times_ns[SENDINGS_MAX];
  unsigned count;   /* of times_ns */
  unsigned resends; /* all of them */
} Sendings;

static bool is_sent_again(const Message *first, const Message *m)
{
  return m->transaction == first->transaction && m->status == first->status &&
         m->method == first->method && m->src == first->src && m->dst == first->dst &&
         m->dialog == first->dialog;
}

static Sendings sendings_of(const CallCase *c, const ReadMessage *first)
{
  const CallReading *reading = &c->path->reading;
  Sendings sendings = {.first = first, .times_ns = {first->message->time_ns}, .count = 1};

  sendings.last = first->message;
  for (size_t i = (size_t) (first - reading->items) + 1; i < reading->count; i++) {
    const Message *m = reading->items[i].message;
    if (!(m->flags & MESSAGE_RETRANSMISSION) || !is_sent_again(first->message, m))
      continue;
    sendings.resends++;
    sendings.last = m;
    if (sendings.count < SENDINGS_MAX)
      sendings.times_ns[sendings.count++] = m->time_ns;
  }
  return sendings;
}

/* When the n-th sending is due by timer A, E or G at the earliest: 500 ms, doubled up to T2.
 * (Timer A goes on doubling; who stops at T2 is not too fast.) */
static int64_t due_ms(unsigned n)
{
  int64_t due = 0, step = 500;

  for (unsigned i = 0; i < n; i++) {
    due += step;
    step = MIN(2 * step, (int64_t) T2_MS);
  }
  return due;
}

/* The first sending that came before its time; 0 if all kept to it.  A copy that was not captured
 * makes the others late, never early. */
static unsigned too_early(const Sendings *s)
{
  for (unsigned n = 1; n < s->count; n++)
    if ((s->times_ns[n] - s->times_ns[0]) / MS < due_ms(n) * 4 / 5)
      return n;
  return 0;
}

/* "again after 500 ms, 1 s, 2 s" */
static void append_intervals(const CallCase *c, const Sendings *s, GString *to)
{
  enum { SHOWN_MAX = 6 };

  for (unsigned n = 1; n < s->count && n <= SHOWN_MAX; n++)
    g_string_append_printf(to, "%s%s", n == 1 ? _("again after ") : _(", "),
                           say_span(c, s->times_ns[n] - s->times_ns[n - 1]));
  if (s->resends > SHOWN_MAX)
    g_string_append(to, ", ...");
}

/* --- retransmissions --- */

/* How the resent message is called: "INVITE", "200 OK of the INVITE". */
static const char *say_message(CallCase *c, const ReadMessage *read)
{
  if (message_is_request(read->message))
    return say_method(c, read->message);
  g_autofree char *text =
    g_strdup_printf(_("%s to the %s"), say_status(c, read->message), say_method(c, read->message));
  return arena_copy(c->arena, text, strlen(text) + 1);
}

/* Is it a request that a stateless proxy forwards as often as it gets it, or a response that was
 * sent once for each request (RFC 3261 16.11, 17.2)?  Then the requests it repeats are reported. */
static bool is_echo(const CallCase *c, const Message *m)
{
  const CaseTransaction *ct = call_case_transaction(c, m->transaction);
  const Branch *b = forwarding_branch(&c->path->forwarding, m), *up = b ? b->parent : NULL;
  const CaseTransaction *before =
    up && !up->trying ? call_case_transaction(c, up->transaction) : NULL;

  if (!ct)
    return false;
  if (!message_is_request(m))
    return m->status >= 200 && ct->requests >= ct->finals;
  return m->method != SIP_METHOD_ACK && before && before->requests >= ct->requests;
}

/* Where it was lost, by what was captured. */
static const char *say_loss(CallCase *c, const Message *m, const Message *last,
                            const Message **ret_proof)
{
  const CaseTransaction *ct = call_case_transaction(c, m->transaction);

  if (is_echo(c, m))
    return "";
  if (!message_is_request(m))
    return loss_of_response(c, m, last, ret_proof);
  return m->method != SIP_METHOD_ACK && ct && ct->request ? loss_of_request(c, ct, ret_proof) : "";
}

static void add_resent(CallCase *c, const Sendings *s, FindingList *list)
{
  const Message *m = s->first->message, *proof = NULL;
  const char *loss = say_loss(c, m, s->last, &proof);
  g_autoptr(GString) when = g_string_new(NULL);

  append_intervals(c, s, when);
  Finding *finding = finding_add(
    list, FINDING_RETRANSMISSIONS, "%s sent the %s to %s %u times, %s (%s)%s",
    say_endpoint(c, m->src), say_message(c, s->first), say_endpoint(c, m->dst), s->resends + 1,
    when->str,
    too_early(s) > 0 ? _("not by the timers of the RFC") : _("as the timers of the RFC ask"), loss);
  call_case_prove(finding, m);
  call_case_prove(finding, s->last);
  call_case_prove(finding, proof);
}

/* Is it no sign of a loss, or does another finding tell why it was sent again?  A provisional
 * response may be repeated at any time (RFC 3261 13.3.1.1), unless it is reliable (RFC 3262 3). */
static bool is_explained(CallCase *c, const ReadMessage *read, const FindingList *list)
{
  const Message *m = read->message;
  const CaseTransaction *ct = call_case_transaction(c, m->transaction);
  SipHeaderRow row;

  if (m->status > 0 && m->status < 200 &&
      (!(m->says & MESSAGE_SAYS_RSEQ) ||
       !sip_msg_find(read_message_sip(read), SIP_HEADER_RSEQ, &row)))
    return true;
  if (m->method == SIP_METHOD_ACK && message_is_request(m))
    return finding_list_find(list, FINDING_ACK_MISSING) != NULL;
  if (message_is_request(m))
    return ct && !ct->response;
  if (m->method != SIP_METHOD_INVITE)
    return false;
  return m->status < 200 ? finding_list_find(list, FINDING_PRACK_MISSING) != NULL
                         : m->status < 300 && finding_list_find(list, FINDING_ACK_MISSING);
}

/* Of all messages of the call, without those that are explained. */
static unsigned count_unexplained(CallCase *c, const FindingList *list, const ReadMessage **ret_one)
{
  const CallReading *reading = &c->path->reading;
  unsigned count = 0;

  for (size_t i = 0; i < reading->count; i++) {
    const ReadMessage *read = &reading->items[i];
    if (!(read->message->flags & MESSAGE_RETRANSMISSION) || is_explained(c, read, list))
      continue;
    if (!*ret_one ||
        (!message_is_request((*ret_one)->message) && message_is_request(read->message)))
      *ret_one = read;
    count++;
  }
  return count;
}

static void add_share(CallCase *c, unsigned count, const ReadMessage *one, FindingList *list)
{
  const Message *m = one->message, *proof = NULL;
  const char *loss = say_loss(c, m, m, &proof);
  Finding *finding = finding_add(
    list, FINDING_RETRANSMISSIONS, "%u of the call's %u messages %s the %s of %s to %s%s", count,
    c->call->messages - c->call->duplicates,
    count == 1 ? _("was sent again:") : _("were sent again, such as"), say_message(c, one),
    say_endpoint(c, m->src), say_endpoint(c, m->dst), loss);

  call_case_prove(finding, m);
  call_case_prove(finding, proof);
}

static void find_retransmissions(CallCase *c, FindingList *list)
{
  const CallReading *reading = &c->path->reading;
  const ReadMessage *one = NULL;
  unsigned found = 0;

  if (c->call->retransmissions == 0)
    return;
  for (size_t i = 0; i < reading->count && found < OF_ONE_KIND; i++) {
    const ReadMessage *read = &reading->items[i];
    if ((read->message->flags & MESSAGE_RETRANSMISSION) || is_explained(c, read, list))
      continue;
    Sendings sendings = sendings_of(c, read);
    if (sendings.resends < MANY || is_echo(c, read->message))
      continue;
    add_resent(c, &sendings, list);
    found++;
  }
  unsigned count = found > 0 ? 0 : count_unexplained(c, list, &one);
  if (count * 100 >= CALL_PERCENT * c->call->messages && one)
    add_share(c, count, one, list);
}

/* --- timers that were not kept --- */

static void add_early(CallCase *c, const Sendings *s, unsigned n, FindingList *list)
{
  const Message *m = s->first->message;
  Finding *finding =
    finding_add(list, FINDING_TIMER_VIOLATION,
                "%s sent the %s %u times within %s: number %u is not due before %s",
                say_endpoint(c, m->src), say_message(c, s->first), n + 1,
                say_span(c, s->times_ns[n] - s->times_ns[0]), n + 1, say_span(c, due_ms(n) * MS));

  call_case_prove(finding, m);
  call_case_prove(finding, s->last);
}

static bool is_on_timer(const Message *m)
{
  if (m->transport != TRANSPORT_UDP || (m->flags & MESSAGE_RETRANSMISSION))
    return false;
  return message_is_request(m) ? m->method != SIP_METHOD_ACK
                               : m->method == SIP_METHOD_INVITE && m->status / 100 == 2;
}

/* RFC 3261 17.1.1.2, 17.1.2.2, 13.3.1.4: over UDP.  What is sent twice at once is sent by two. */
static void find_early(CallCase *c, FindingList *list)
{
  const CallReading *reading = &c->path->reading;
  unsigned found = 0;

  for (size_t i = 0; i < reading->count && found < OF_ONE_KIND; i++) {
    const ReadMessage *read = &reading->items[i];
    if (!is_on_timer(read->message))
      continue;
    Sendings sendings = sendings_of(c, read);
    unsigned n = too_early(&sendings);
    if (n == 0)
      continue;
    add_early(c, &sendings, n, list);
    found++;
  }
}

/* An INVITE that comes again after its client has acknowledged the answer. */
static void find_after_ack(CallCase *c, FindingList *list)
{
  for (size_t i = 0; i < c->transaction_count; i++) {
    const CaseTransaction *ct = &c->transactions[i];
    if (ct->transaction->method != SIP_METHOD_INVITE || ct->requests < 2 || !ct->final)
      continue;
    const Message *ack = call_case_ack(c, ct);
    if (!ack || ct->last_request->time_ns <= ack->time_ns || ct->last_request->src != ack->src)
      continue;
    Finding *finding = finding_add(
      list, FINDING_TIMER_VIOLATION, "%s sent the INVITE again %s after it had acknowledged the %s",
      say_endpoint(c, ack->src), say_span(c, ct->last_request->time_ns - ack->time_ns),
      say_status(c, ct->final));
    call_case_prove(finding, ack);
    call_case_prove(finding, ct->last_request);
    return;
  }
}

/* RFC 3261 17.1.1.2: a request is sent again as it was. */
static void find_changed_again(CallCase *c, FindingList *list)
{
  const CallReading *reading = &c->path->reading;

  for (size_t i = 0; i < reading->count; i++) {
    const ReadMessage *read = &reading->items[i];
    const Branch *b = forwarding_branch(&c->path->forwarding, read->message);
    if (!b || !message_is_request(read->message) || read == b->request ||
        !(read->message->flags & MESSAGE_RETRANSMISSION) ||
        read->message->method != b->request->message->method || read->message->src != b->from ||
        read->message->dst != b->to || !read_message_sip(read)->complete ||
        !read_message_sip(b->request)->complete ||
        slice_eq(read_message_sip(read)->raw, read_message_sip(b->request)->raw))
      continue;
    Finding *finding =
      finding_add(list, FINDING_TIMER_VIOLATION, "%s sent the %s again with other bytes",
                  say_endpoint(c, b->from), say_method(c, read->message));
    call_case_prove(finding, b->request->message);
    call_case_prove(finding, read->message);
    return;
  }
}

/* --- slow setup --- */

/* The first 18x of a branch, or its 2xx without one. */
static const Message *sign_of(const Branch *b)
{
  if (b->provisional)
    return b->provisional->message;
  return b->final && branch_status(b) / 100 == 2 ? b->final->message : NULL;
}

static int64_t rang_at(const Branch *b)
{
  const Message *sign = sign_of(b);

  return sign ? sign->time_ns : INT64_MAX;
}

/* The branch below that it came from. */
static const Branch *signalled_by(const Branch *b)
{
  const Branch *found = NULL;
  int64_t first_ns = INT64_MAX;

  for (const Branch *child = b->children; child; child = child->sibling)
    if (rang_at(child) < first_ns) {
      first_ns = rang_at(child);
      found = child;
    }
  return found;
}

/* How much of the time until it rang was an element's own. */
typedef struct {
  uint32_t endpoint;
  int64_t took_ns;
  const char *what;
  const Branch *branch;
} Share;

static void note_share(Share *most, uint32_t endpoint, int64_t took_ns, const char *what,
                       const Branch *branch)
{
  if (took_ns > most->took_ns)
    *most = (Share){endpoint, took_ns, what, branch};
}

static Share slowest_of(const Branch *root)
{
  Share most = {0};

  for (const Branch *b = root; b; b = signalled_by(b)) {
    const Branch *below = signalled_by(b);
    int64_t got_ns = b->request->message->time_ns, rang_ns = rang_at(b);
    if (!below) {
      note_share(&most, b->to, rang_ns - got_ns, _("to ring"), b);
      continue;
    }
    int64_t sent_ns = below->request->message->time_ns;
    note_share(&most, b->to, sent_ns - got_ns, _("to forward the INVITE"), b);
    note_share(&most, b->to, rang_ns - rang_at(below), _("to pass on that it rang"), b);
  }
  return most;
}

/* The caller's own INVITE that rang. */
static const Branch *ringing_root(const CallCase *c)
{
  const Forwarding *forwarding = &c->path->forwarding;

  for (size_t i = 0; i < forwarding->count; i++) {
    const Branch *b = &forwarding->branches[i];
    const Message *request = b->request->message;
    if (!b->parent && request->method == SIP_METHOD_INVITE &&
        !(request->flags & MESSAGE_HAS_TO_TAG) && b->provisional)
      return b;
  }
  return NULL;
}

static void find_slow_ring(CallCase *c, FindingList *list)
{
  const Branch *root = ringing_root(c);

  if (!root)
    return;
  int64_t rang_ns = rang_at(root) - root->request->message->time_ns;
  Share share = slowest_of(root);
  if (rang_ns <= SLOW_RING_MS * MS || share.took_ns <= 0)
    return;
  Finding *finding = finding_add(
    list, FINDING_SLOW_SETUP, "it rang %s after the INVITE: %s took %s %s", say_span(c, rang_ns),
    say_endpoint(c, share.endpoint), say_span(c, share.took_ns), share.what);
  call_case_prove(finding, share.branch->request->message);
  call_case_prove(finding, sign_of(share.branch));
}

/* A 2xx that an element held back. */
static void find_slow_answer(CallCase *c, FindingList *list)
{
  const Forwarding *forwarding = &c->path->forwarding;

  for (size_t i = 0; i < forwarding->count; i++) {
    const Branch *b = &forwarding->branches[i];
    if (b->request->message->method != SIP_METHOD_INVITE || !b->chosen ||
        branch_status(b) / 100 != 2)
      continue;
    const Message *got = b->chosen->final->message, *sent = b->final->message;
    if (sent->time_ns - got->time_ns <= SLOW_ANSWER_MS * MS)
      continue;
    Finding *finding =
      finding_add(list, FINDING_SLOW_SETUP, "%s took %s to pass on the %s", say_endpoint(c, b->to),
                  say_span(c, sent->time_ns - got->time_ns), say_status(c, sent));
    call_case_prove(finding, got);
    call_case_prove(finding, sent);
    return;
  }
}

void resend_findings_add(CallCase *c, FindingList *list)
{
  find_retransmissions(c, list);
  if (c->call->retransmissions > 0) {
    find_early(c, list);
    find_after_ack(c, list);
    find_changed_again(c, list);
  }
  find_slow_ring(c, list);
  find_slow_answer(c, list);
}
