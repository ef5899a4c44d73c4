#include "dissect/media/media_book.h"

#include "capture/hash.h"

enum {
  LEARNED_MAX = 8, /* of one call */
  SHARED_BACK = 8, /* descriptions of the call that one on another hop may be equal to */
};

typedef struct {
  Endpoint endpoint;
  uint32_t message; /* of the claim */
} Learned;

struct MediaBook {
  GHashTable *calls; /* MediaCall by number, which the program gave */
  MediaIndex *index;
  MediaPayloadTable *payloads;
  uint64_t seed;
  uint64_t skipped;
  uint32_t last_message;
};

static void description_free(MediaDescription *description)
{
  media_sdp_free(description->sdp);
  g_free(description);
}

static void call_free(gpointer data)
{
  MediaCall *call = data;

  while (call->descriptions) {
    MediaDescription *next = call->descriptions->next;
    description_free(call->descriptions);
    call->descriptions = next;
  }
  while (call->legs) {
    MediaLeg *next = call->legs->next;
    g_free(call->legs);
    call->legs = next;
  }
  g_array_unref(call->exchanges);
  g_array_unref(call->learned);
  g_free(call);
}

MediaBook *media_book_new(void)
{
  MediaBook *book = g_new0(MediaBook, 1);

  book->calls = g_hash_table_new_full(NULL, NULL, NULL, call_free);
  book->index = media_index_new();
  book->payloads = media_payload_table_new();
  book->seed = hash_seed_new();
  return book;
}

void media_book_free(MediaBook *book)
{
  if (!book)
    return;
  g_hash_table_unref(book->calls);
  media_index_free(book->index);
  media_payload_table_free(book->payloads);
  g_free(book);
}

static MediaCall *find_call(const MediaBook *book, uint32_t number)
{
  return g_hash_table_lookup(book->calls, GUINT_TO_POINTER(number));
}

const MediaCall *media_book_call(const MediaBook *book, uint32_t call)
{
  return find_call(book, call);
}

bool media_call_repeats(const MediaCall *call, guint exchange)
{
  const MediaExchange *x = &g_array_index(call->exchanges, MediaExchange, exchange);

  for (guint i = 0; i < exchange; i++) {
    const MediaExchange *before = &g_array_index(call->exchanges, MediaExchange, i);
    if (before->offer == x->offer && before->answer == x->answer)
      return true;
  }
  return false;
}

uint64_t media_book_skipped(const MediaBook *book)
{
  return book->skipped;
}

static void skip(MediaBook *book, MediaCall *call, uint32_t count)
{
  book->skipped += count;
  call->skipped += count;
}

static MediaCall *call_of(MediaBook *book, uint32_t number)
{
  MediaCall *call = find_call(book, number);

  if (call)
    return call;
  call = g_new0(MediaCall, 1);
  call->number = number;
  call->exchanges = g_array_new(false, false, sizeof(MediaExchange));
  call->learned = g_array_new(false, false, sizeof(Learned));
  g_hash_table_insert(book->calls, GUINT_TO_POINTER(number), call);
  return call;
}

/* --- descriptions ---------------------------------------------------------------------------- */

static void claim_places(MediaBook *book, const MediaCall *call, const MediaDescription *d)
{
  MediaClaim claim = {
    .from_ns = d->time_ns, .call = call->number, .message = d->message, .side = d->side};

  for (size_t i = 0; i < d->sdp->place_count; i++) {
    const MediaPlace *place = &d->sdp->places[i];
    claim.line = &d->sdp->lines[place->line];
    claim.is_rtcp = place->is_rtcp;
    claim.is_tcp = place->is_tcp;
    media_index_add(book->index, &place->endpoint, &claim);
  }
  claim.is_rtcp = claim.is_tcp = false;
  for (size_t i = 0; i < d->sdp->source_count; i++) {
    claim.line = &d->sdp->lines[d->sdp->sources[i].line];
    media_index_add_ssrc(book->index, d->sdp->sources[i].ssrc, &claim);
  }
}

static void give_up_places(MediaBook *book, const MediaCall *call, const MediaDescription *d)
{
  for (size_t i = 0; i < d->sdp->place_count; i++)
    media_index_remove(book->index, &d->sdp->places[i].endpoint, call->number, d->message);
  for (size_t i = 0; i < d->sdp->source_count; i++)
    media_index_remove_ssrc(book->index, d->sdp->sources[i].ssrc, call->number, d->message);
}

static void give_up_learned(MediaBook *book, MediaCall *call)
{
  for (guint i = 0; i < call->learned->len; i++) {
    const Learned *learned = &g_array_index(call->learned, Learned, i);
    media_index_remove(book->index, &learned->endpoint, call->number, learned->message);
  }
  g_array_set_size(call->learned, 0);
}

static bool is_used(const MediaCall *call, const MediaDescription *d)
{
  for (const MediaLeg *leg = call->legs; leg; leg = leg->next)
    if (leg->offer == d || leg->agreed[0] == d || leg->agreed[1] == d || leg->before[0] == d ||
        leg->before[1] == d)
      return true;
  return false;
}

static void drop_exchanges_of(MediaCall *call, const MediaDescription *d)
{
  guint kept = 0;

  for (guint i = 0; i < call->exchanges->len; i++) {
    const MediaExchange *exchange = &g_array_index(call->exchanges, MediaExchange, i);
    bool is_gone = exchange->offer == d || exchange->answer == d;
    for (MediaLeg *leg = call->legs; leg; leg = leg->next)
      if (leg->exchange == (int) i)
        leg->exchange = is_gone ? -1 : (int) kept;
    if (!is_gone)
      g_array_index(call->exchanges, MediaExchange, kept++) = *exchange;
  }
  g_array_set_size(call->exchanges, kept);
}

/* At the limit the oldest goes that is no longer in force on any leg. */
static bool make_room(MediaBook *book, MediaCall *call)
{
  MediaDescription **link = &call->descriptions, *previous = NULL;

  while (*link && is_used(call, *link)) {
    previous = *link;
    link = &(*link)->next;
  }
  MediaDescription *old = *link;
  if (!old)
    return false;
  give_up_places(book, call, old);
  give_up_learned(book, call); /* their lines may be the old one's */
  drop_exchanges_of(call, old);
  *link = old->next;
  if (call->last == old)
    call->last = previous;
  description_free(old);
  call->description_count--;
  return true;
}

/* Proxies pass descriptions on unchanged, and refreshes repeat them: each is kept once. */
static MediaDescription *find_equal(const MediaCall *call, uint64_t hash, MediaSide side)
{
  MediaDescription *found = NULL;
  uint32_t left = call->description_count;

  for (MediaDescription *d = call->descriptions; d; d = d->next, left--)
    if (left <= SHARED_BACK && d->sdp->hash == hash && d->side == side)
      found = d;
  return found;
}

static const MediaDescription *description_of(MediaBook *book, MediaCall *call,
                                              const MediaMessage *m, MediaSide side)
{
  uint64_t hash = hash_bytes(m->sdp.data, m->sdp.len, book->seed);
  MediaDescription *d = find_equal(call, hash, side);

  if (d)
    return d;
  if (call->description_count >= MEDIA_DESCRIPTIONS_MAX && !make_room(book, call)) {
    skip(book, call, 1);
    return NULL;
  }
  MediaSdp *sdp = media_sdp_new(m->sdp, hash, book->payloads);
  if (!sdp)
    return NULL;
  d = g_new0(MediaDescription, 1);
  *d = (MediaDescription){
    .sdp = sdp, .time_ns = m->time_ns, .message = m->message, .side = (uint8_t) side};
  if (call->last)
    call->last->next = d;
  else
    call->descriptions = d;
  call->last = d;
  call->description_count++;
  skip(book, call, sdp->skipped);
  claim_places(book, call, d);
  return d;
}

/* --- legs ------------------------------------------------------------------------------------ */

static bool is_same_hop(const MediaLeg *leg, const MediaMessage *m)
{
  return (leg->ends[0] == m->src && leg->ends[1] == m->dst) ||
         (leg->ends[0] == m->dst && leg->ends[1] == m->src);
}

/* Which side sent the message; false when it passed neither end of the leg. */
static bool sender_of(const MediaLeg *leg, const MediaMessage *m, MediaSide *ret_side)
{
  if (leg->ends[MEDIA_CALLER] == m->src || leg->ends[MEDIA_CALLEE] == m->dst)
    *ret_side = MEDIA_CALLER;
  else if (leg->ends[MEDIA_CALLEE] == m->src || leg->ends[MEDIA_CALLER] == m->dst)
    *ret_side = MEDIA_CALLEE;
  else
    return false;
  return true;
}

static MediaLeg *leg_new(MediaBook *book, MediaCall *call, const MediaLeg *like)
{
  MediaLeg **link = &call->legs;

  if (call->leg_count >= MEDIA_LEGS_MAX) {
    skip(book, call, 1);
    return NULL;
  }
  while (*link)
    link = &(*link)->next;
  MediaLeg *leg = *link = g_memdup2(like, sizeof *like);
  leg->number = (uint16_t) call->leg_count++;
  leg->next = NULL;
  return leg;
}

static MediaLeg *leg_of_hop(MediaBook *book, MediaCall *call, const MediaMessage *m)
{
  bool is_request = m->status == 0;
  const MediaLeg leg = {
    .ends = {is_request ? m->src : m->dst, is_request ? m->dst : m->src},
    .dialog = m->dialog,
    .confirmed_ns = INT64_MAX,
    .ended_ns = INT64_MAX,
    .exchange = -1,
  };

  return leg_new(book, call, &leg);
}

static void add_exchange(MediaCall *call, MediaLeg *leg, MediaExchange exchange)
{
  if (call->exchanges->len >= MEDIA_EXCHANGES_MAX) {
    g_array_remove_index(call->exchanges, 0);
    for (MediaLeg *other = call->legs; other; other = other->next)
      other->exchange = MAX(other->exchange - 1, -1);
  }
  exchange.leg = leg->number;
  leg->exchange = (int) call->exchanges->len;
  g_array_append_val(call->exchanges, exchange);
}

static MediaExchange *exchange_of(const MediaCall *call, const MediaLeg *leg)
{
  return leg->exchange >= 0 ? &g_array_index(call->exchanges, MediaExchange, leg->exchange) : NULL;
}

/* Another callee answers the same INVITE (RFC 3261 12.1, 13.2.2.4): a leg of its own. */
static MediaLeg *leg_of_fork(MediaBook *book, MediaCall *call, const MediaLeg *leg, uint32_t dialog)
{
  MediaLeg *fork = leg_new(book, call, leg);
  const MediaExchange *exchange = exchange_of(call, leg);

  if (!fork)
    return NULL;
  fork->dialog = dialog;
  fork->agreed[0] = fork->agreed[1] = NULL;
  fork->is_confirmed = false;
  fork->confirmed_ns = INT64_MAX;
  fork->exchange = -1;
  if (exchange)
    add_exchange(call, fork,
                 (MediaExchange){.offer = exchange->offer,
                                 .offer_ns = exchange->offer_ns,
                                 .offer_message = exchange->offer_message});
  return fork;
}

/* The leg of that hop: of its dialog, else of its transaction, else one that ended without any. */
static MediaLeg *find_leg(MediaBook *book, MediaCall *call, const MediaMessage *m)
{
  MediaLeg *of_transaction = NULL, *unbound = NULL;

  for (MediaLeg *leg = call->legs; leg; leg = leg->next) {
    if (!is_same_hop(leg, m))
      continue;
    if (m->dialog != 0 && leg->dialog == m->dialog)
      return leg;
    if (leg->offer_transaction == m->transaction)
      of_transaction = leg;
    else if (leg->dialog == 0 && (m->dialog != 0 || leg->ended_ns != INT64_MAX))
      unbound = leg;
  }
  if (of_transaction && of_transaction->dialog != 0 && m->dialog != 0)
    return leg_of_fork(book, call, of_transaction, m->dialog);
  MediaLeg *leg = of_transaction ? of_transaction : unbound;
  if (leg && m->dialog != 0)
    leg->dialog = m->dialog;
  return leg;
}

/* --- offers and answers ---------------------------------------------------------------------- */

static void note_offer(MediaCall *call, MediaLeg *leg, const MediaMessage *m,
                       const MediaDescription *d)
{
  if (leg->offer_transaction == m->transaction && leg->offer == d)
    return;
  leg->before[0] = leg->agreed[0];
  leg->before[1] = leg->agreed[1];
  leg->offer = d;
  leg->offer_transaction = m->transaction;
  leg->ended_ns = INT64_MAX;
  add_exchange(call, leg,
               (MediaExchange){.offer = d, .offer_ns = m->time_ns, .offer_message = m->message});
}

static void note_answer(const MediaCall *call, MediaLeg *leg, const MediaMessage *m,
                        const MediaDescription *d)
{
  MediaExchange *exchange = exchange_of(call, leg);

  leg->agreed[leg->offer->side] = leg->offer;
  leg->agreed[d->side] = d;
  if (!exchange || exchange->answer == d)
    return;
  exchange->answer = d;
  exchange->answer_ns = m->time_ns;
  exchange->answer_message = m->message;
}

/* RFC 6337 2: what may carry an offer, and what answers it. */
static void note_sdp(MediaCall *call, MediaLeg *leg, const MediaMessage *m,
                     const MediaDescription *d)
{
  bool is_open = leg->offer && leg->offer->side != d->side;

  if (m->status == 0) {
    bool may_answer = m->method == SIP_METHOD_ACK || m->method == SIP_METHOD_PRACK;
    const MediaExchange *exchange = exchange_of(call, leg);
    bool is_answered = exchange && exchange->answer && exchange->answer != d;
    if (may_answer && is_open && !is_answered)
      note_answer(call, leg, m, d);
    else if (m->method != SIP_METHOD_ACK)
      note_offer(call, leg, m, d);
  } else if (m->status < 300) {
    if (is_open && leg->offer_transaction == m->transaction)
      note_answer(call, leg, m, d);
    else
      note_offer(call, leg, m, d);
  }
}

/* RFC 3261 14.1: a refused re-INVITE leaves the session as it was. */
static void note_refusal(MediaCall *call, MediaLeg *leg, const MediaMessage *m)
{
  MediaExchange *exchange = exchange_of(call, leg);

  if (leg->offer_transaction != m->transaction)
    return;
  if (exchange)
    exchange->refused = true;
  if (!leg->is_confirmed && m->method == SIP_METHOD_INVITE) {
    leg->ended_ns = m->time_ns;
    return;
  }
  leg->agreed[0] = leg->before[0];
  leg->agreed[1] = leg->before[1];
  leg->offer_transaction = 0;
}

static void note_on_leg(MediaBook *book, MediaCall *call, MediaLeg *leg, const MediaMessage *m)
{
  MediaSide side;

  if (m->sdp.len > 0 && m->status < 300 && sender_of(leg, m, &side)) {
    const MediaDescription *d = description_of(book, call, m, side);
    if (d)
      note_sdp(call, leg, m, d);
  }
  if (m->method == SIP_METHOD_INVITE && m->status >= 200 && m->status < 300) {
    leg->is_confirmed = true;
    leg->confirmed_ns = MIN(leg->confirmed_ns, m->time_ns);
  }
}

/* On a hop that no description has passed: legs of the dialog that share an end with it, when a
 * proxy has left the path or the port of a connection has changed. */
static bool note_on_dialog(MediaBook *book, MediaCall *call, const MediaMessage *m)
{
  bool was_noted = false;
  MediaSide side;

  for (MediaLeg *leg = call->legs; leg && m->dialog != 0; leg = leg->next)
    if (leg->dialog == m->dialog && sender_of(leg, m, &side)) {
      note_on_leg(book, call, leg, m);
      was_noted = true;
    }
  return was_noted;
}

/* All forks, which share the transaction. */
static void note_failure(MediaCall *call, const MediaMessage *m)
{
  for (MediaLeg *leg = call->legs; leg; leg = leg->next)
    note_refusal(call, leg, m);
}

static void note_bye(MediaCall *call, const MediaMessage *m)
{
  for (MediaLeg *leg = call->legs; leg; leg = leg->next)
    if (m->dialog != 0 && leg->dialog != 0 ? leg->dialog == m->dialog : is_same_hop(leg, m))
      leg->ended_ns = m->time_ns;
}

static void note_session(MediaBook *book, MediaCall *call, const MediaMessage *m)
{
  MediaLeg *leg = find_leg(book, call, m);

  if (!leg && note_on_dialog(book, call, m))
    return;
  if (!leg && m->sdp.len > 0)
    leg = leg_of_hop(book, call, m);
  if (leg)
    note_on_leg(book, call, leg, m);
}

bool media_book_asks(uint16_t method, uint16_t status)
{
  return method == SIP_METHOD_BYE ||
         (status >= 200 && (method == SIP_METHOD_INVITE || method == SIP_METHOD_UPDATE));
}

static bool may_negotiate(uint16_t method)
{
  return method == SIP_METHOD_INVITE || method == SIP_METHOD_ACK || method == SIP_METHOD_PRACK ||
         method == SIP_METHOD_UPDATE;
}

void media_book_note(MediaBook *book, const MediaMessage *m)
{
  if (!media_book_asks(m->method, m->status) && (m->sdp.len == 0 || !may_negotiate(m->method)))
    return;
  MediaCall *call =
    m->sdp.len > 0 && may_negotiate(m->method) ? call_of(book, m->call) : find_call(book, m->call);
  if (!call)
    return;
  book->last_message = m->message;
  if (m->method == SIP_METHOD_BYE)
    note_bye(call, m);
  else if (m->status >= 300)
    note_failure(call, m);
  else
    note_session(book, call, m);
}

void media_book_forget(MediaBook *book, uint32_t number)
{
  MediaCall *call = find_call(book, number);

  if (!call)
    return;
  for (const MediaDescription *d = call->descriptions; d; d = d->next)
    give_up_places(book, call, d);
  give_up_learned(book, call);
  g_hash_table_remove(book->calls, GUINT_TO_POINTER(number));
}

/* --- owners ---------------------------------------------------------------------------------- */

enum {
  CLAIMS_BACK = 16, /* claims of one endpoint that are looked at */
};

/* Media flow on for a while after the BYE. */
static const int64_t AFTER_NS = INT64_C(32) * 1000 * 1000 * 1000;
/* The answer may have been captured a little after the media that it asked for. */
static const int64_t BEFORE_NS = INT64_C(100) * 1000 * 1000;

const MediaLine *media_call_peer_line(const MediaCall *call, const MediaLine *line, MediaSide side)
{
  for (guint i = call->exchanges->len; i > 0; i--) {
    const MediaExchange *x = &g_array_index(call->exchanges, MediaExchange, i - 1);
    if (!x->answer)
      continue;
    const MediaDescription *own = x->offer->side == side ? x->offer : x->answer;
    const MediaDescription *peer = own == x->offer ? x->answer : x->offer;
    if (own->sdp == line->sdp)
      return line->index < peer->sdp->line_count ? &peer->sdp->lines[line->index] : NULL;
  }
  return NULL;
}

static bool is_in_force(const MediaCall *call, int64_t time_ns)
{
  int64_t ended_ns = INT64_MIN;

  for (const MediaLeg *leg = call->legs; leg; leg = leg->next)
    ended_ns = MAX(ended_ns, leg->ended_ns);
  return ended_ns == INT64_MAX || time_ns <= ended_ns + AFTER_NS;
}

/* Owners of one flow as they are found. */
typedef struct {
  const MediaBook *book;
  const MediaFlow *flow;
  const Endpoint *rtcp; /* claims of the port before it are looked at: it must be their RTCP's */
  MediaOwner *owners;
  size_t count;
} OwnerSearch;

static void fill_owner(const MediaCall *call, const MediaClaim *claim, MediaOwnership by,
                       MediaOwner *ret_owner)
{
  const MediaLine *peer = media_call_peer_line(call, claim->line, claim->side);
  MediaSide other = claim->side == MEDIA_CALLER ? MEDIA_CALLEE : MEDIA_CALLER;

  *ret_owner = (MediaOwner){.call = call->number, .by = by, .is_rtcp = claim->is_rtcp};
  if (by == MEDIA_OWNED_BY_DESTINATION) {
    ret_owner->to = claim->side;
    ret_owner->line = claim->line;
    ret_owner->from_line = peer;
  } else { /* a side announces the SSRCs that it sends */
    ret_owner->to = other;
    ret_owner->line = peer;
    ret_owner->from_line = claim->line;
  }
}

/* The same m= line in the description of a side; NULL: it is no longer there. */
static const MediaLine *line_of_side(const MediaExchange *x, MediaSide side, uint16_t index)
{
  const MediaSdp *sdp = (x->offer->side == side ? x->offer : x->answer)->sdp;

  return index < sdp->line_count ? &sdp->lines[index] : NULL;
}

static bool has_description(const MediaExchange *x, const MediaSdp *sdp)
{
  return x->offer->sdp == sdp || (x->answer && x->answer->sdp == sdp);
}

/* Payload types mean what the last answered offer says (RFC 3264 8.3.2), for as long as media go
 * to the same place. */
static void add_terms(const MediaCall *call, const MediaFlow *flow, MediaOwner *owner)
{
  const MediaLine *line = owner->line ? owner->line : owner->from_line;
  MediaSide side = owner->line                 ? owner->to
                   : owner->to == MEDIA_CALLER ? MEDIA_CALLEE
                                               : MEDIA_CALLER;
  MediaSide other = side == MEDIA_CALLER ? MEDIA_CALLEE : MEDIA_CALLER;
  const MediaExchange *before = NULL;

  for (guint i = 0; i < call->exchanges->len && owner->term_count < MEDIA_TERMS_MAX; i++) {
    const MediaExchange *x = &g_array_index(call->exchanges, MediaExchange, i);
    if (!before) {
      before = has_description(x, line->sdp) ? x : NULL;
      continue;
    }
    if (x->leg != before->leg || !x->answer || x->refused || x->answer_ns <= flow->first_ns ||
        x->answer_ns > flow->last_ns)
      continue;
    const MediaLine *own = line_of_side(x, side, line->index);
    const MediaLine *peer = line_of_side(x, other, line->index);
    if (!own || !endpoint_eq(&own->rtp, &line->rtp))
      continue;
    bool is_own = side == owner->to;
    owner->terms[owner->term_count++] =
      (MediaTerm){x->answer_ns, is_own ? own : peer, is_own ? peer : own};
  }
}

/* Of lines that share an address (RFC 8843 9.2): the one that knows the payload type, or the
 * first. */
static void choose_line(OwnerSearch *search, MediaOwner *owner, const MediaClaim *claim,
                        MediaOwnership by, const MediaCall *call)
{
  const MediaLine *own = by == MEDIA_OWNED_BY_DESTINATION ? owner->line : owner->from_line;
  uint8_t type = search->flow->payload_type;

  if (!own || own->sdp != claim->line->sdp || media_line_payload(own, type))
    return;
  if (media_line_payload(claim->line, type) || claim->line->index < own->index)
    fill_owner(call, claim, by, owner);
}

static void consider_claim(OwnerSearch *search, const MediaClaim *claim, MediaOwnership by,
                           int64_t time_ns)
{
  const MediaCall *call = find_call(search->book, claim->call);
  MediaClaim usual = *claim;

  if (!call || !is_in_force(call, time_ns) ||
      (by != MEDIA_OWNED_BY_SSRC && claim->is_tcp != search->flow->is_tcp))
    return;
  if (search->rtcp) {
    if (!endpoint_eq(search->rtcp, &claim->line->rtcp))
      return;
    usual.is_rtcp = true;
    claim = &usual;
  }
  for (size_t i = 0; i < search->count; i++)
    if (search->owners[i].call == claim->call) {
      choose_line(search, &search->owners[i], claim, by, call);
      return;
    }
  if (search->count < MEDIA_OWNERS_MAX)
    fill_owner(call, claim, by, &search->owners[search->count++]);
}

/* The newest that were there when it began; or else the first that came while it flowed. */
static void consider_claims(OwnerSearch *search, MediaClaims then, MediaClaims later,
                            MediaOwnership by)
{
  const MediaFlow *flow = search->flow;

  for (size_t i = then.count; i > 0 && then.count - i < CLAIMS_BACK; i--)
    consider_claim(search, &then.claims[i - 1], by, flow->first_ns);
  for (size_t i = then.count; i < later.count && i - then.count < CLAIMS_BACK; i++) {
    if (search->count > 0)
      return;
    consider_claim(search, &later.claims[i], by, later.claims[i].from_ns);
  }
}

static void consider_place(OwnerSearch *search, const Endpoint *endpoint, MediaOwnership by)
{
  const MediaIndex *index = search->book->index;
  int64_t begun_ns = MIN(search->flow->first_ns + BEFORE_NS, search->flow->last_ns);

  consider_claims(search, media_index_until(index, endpoint, begun_ns),
                  media_index_until(index, endpoint, search->flow->last_ns), by);
}

/* RFC 3550 11: RTCP usually has the port after that of RTP, which is not claimed. */
static void consider_endpoint(OwnerSearch *search, const Endpoint *endpoint, MediaOwnership by)
{
  Endpoint before = *endpoint;

  consider_place(search, endpoint, by);
  if (search->count > 0 || before.port == 0)
    return;
  before.port--;
  search->rtcp = endpoint;
  consider_place(search, &before, by);
  search->rtcp = NULL;
}

/* Of calls that share the destination, those that know the source come first. */
static void prefer_source(OwnerSearch *search)
{
  MediaClaims claims =
    media_index_until(search->book->index, &search->flow->src, search->flow->last_ns);

  if (search->count < 2)
    return;
  for (size_t n = 0; n < claims.count && n < CLAIMS_BACK; n++)
    for (size_t i = 0; i < search->count; i++)
      if (claims.claims[claims.count - 1 - n].call == search->owners[i].call) {
        MediaOwner owner = search->owners[i];
        memmove(search->owners + 1, search->owners, i * sizeof owner);
        search->owners[0] = owner;
        return;
      }
}

size_t media_book_owners(const MediaBook *book, const MediaFlow *flow,
                         MediaOwner ret_owners[MEDIA_OWNERS_MAX])
{
  OwnerSearch search = {.book = book, .flow = flow, .owners = ret_owners};

  consider_endpoint(&search, &flow->dst, MEDIA_OWNED_BY_DESTINATION);
  prefer_source(&search);
  if (search.count == 0)
    consider_endpoint(&search, &flow->src, MEDIA_OWNED_BY_SOURCE);
  if (search.count == 0 && flow->has_ssrc)
    consider_claims(&search, media_index_ssrc_until(book->index, flow->ssrc, flow->first_ns),
                    media_index_ssrc_until(book->index, flow->ssrc, flow->last_ns),
                    MEDIA_OWNED_BY_SSRC);
  for (size_t i = 0; i < search.count; i++)
    add_terms(find_call(book, ret_owners[i].call), flow, &ret_owners[i]);
  return search.count;
}

static bool is_claimed_by(const MediaBook *book, const Endpoint *endpoint, uint32_t call)
{
  MediaClaims claims = media_index_until(book->index, endpoint, INT64_MAX);

  for (size_t n = 0; n < claims.count && n < CLAIMS_BACK; n++)
    if (claims.claims[claims.count - 1 - n].call == call)
      return true;
  return false;
}

void media_book_learn(MediaBook *book, const MediaFlow *flow, const MediaOwner *owner)
{
  MediaCall *call = find_call(book, owner->call);
  const MediaClaim claim = {
    .from_ns = flow->first_ns,
    .call = owner->call,
    .message = book->last_message,
    .line = owner->from_line,
    .side = owner->to == MEDIA_CALLER ? MEDIA_CALLEE : MEDIA_CALLER,
    .is_tcp = flow->is_tcp,
  };
  const Learned learned = {flow->src, book->last_message};

  if (!call || owner->by != MEDIA_OWNED_BY_DESTINATION || !owner->from_line || owner->is_rtcp ||
      call->learned->len >= LEARNED_MAX || is_claimed_by(book, &flow->src, owner->call))
    return;
  media_index_add(book->index, &flow->src, &claim);
  g_array_append_val(call->learned, learned);
}
