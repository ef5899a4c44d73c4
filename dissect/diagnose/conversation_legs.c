/* What is asked of one conversation: its legs, why they are linked, and what they are to each
 * other. */
#include "dissect/diagnose/conversations_private.h"

static const char *const SERVICES[] = {
#define SERVICE_NAME(id, text) [LEG_SERVICE_##id] = text,
  LEG_SERVICES(SERVICE_NAME)
#undef SERVICE_NAME
};

const char *leg_service_name(LegService service)
{
  return SERVICES[service];
}

static bool has(uint32_t evidence, LegEvidence one)
{
  return (evidence >> one & 1) != 0;
}

/* --- legs --- */

static const LegRecord *record_of(const Conversations *c, uint32_t call)
{
  return call > 0 && call <= c->records->len ? &g_array_index(c->records, LegRecord, call - 1)
                                             : NULL;
}

static void add_evidence(Leg *leg, const LegEdge *edge)
{
  LegEvidence evidence = edge->evidence;

  if (has(leg->evidence, evidence))
    return;
  leg->evidence |= 1U << evidence;
  leg->score = 1 - (1 - leg->score) * (1 - LEG_EVIDENCES[evidence].percent / 100.0);
  if (evidence == LEG_EVIDENCE_HEADER)
    leg->header = edge->header;
  if (evidence <= leg->strongest)
    return;
  leg->strongest = evidence;
  leg->names = edge->calls[0] == leg->number;
}

/* Adds the calls that edges of this one lead to; `seen`: number -> index + 1 of `legs`. */
static void add_neighbours(const Conversations *c, uint32_t of, GHashTable *seen, GArray *legs)
{
  const LegRecord *record = record_of(c, of);

  for (uint32_t at = record ? record->edges : 0; at > 0;) {
    const LegEdge *edge = &g_array_index(c->edges, LegEdge, at - 1);
    unsigned mine = edge->calls[0] == of ? 0 : 1;
    uint32_t number = edge->calls[1 - mine];
    guint index = GPOINTER_TO_UINT(g_hash_table_lookup(seen, GUINT_TO_POINTER(number)));

    at = edge->next[mine];
    if (!leg_edge_links(c, edge) || !trace_call(c->trace, number))
      continue;
    if (index == 0) {
      const Leg leg = {.number = number, .of = of};
      g_array_append_val(legs, leg);
      index = legs->len;
      g_hash_table_insert(seen, GUINT_TO_POINTER(number), GUINT_TO_POINTER(index));
    }
    Leg *leg = &g_array_index(legs, Leg, index - 1);
    if (leg->of == of && leg->number == number)
      add_evidence(leg, edge);
  }
}

static int compare_legs(const void *a, const void *b)
{
  const Leg *left = a, *right = b;

  return left->number < right->number ? -1 : left->number > right->number;
}

/* All legs that edges lead to, from the call on. */
static void walk_edges(const Conversations *c, uint32_t call, GArray *legs)
{
  g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
  const Leg self = {.number = call};

  g_array_append_val(legs, self);
  g_hash_table_insert(seen, GUINT_TO_POINTER(call), GUINT_TO_POINTER(1));
  for (guint i = 0; i < legs->len && legs->len <= CONVERSATION_LEGS_MAX; i++)
    add_neighbours(c, g_array_index(legs, Leg, i).number, seen, legs);
  g_array_remove_index(legs, 0);
  g_array_set_size(legs, MIN(legs->len, (guint) CONVERSATION_LEGS_MAX));
  g_array_sort(legs, compare_legs);
}

GArray *conversations_links(const Conversations *c, uint32_t call, size_t *ret_left_out)
{
  GArray *legs = g_array_new(false, false, sizeof(Leg));
  const LegRecord *record = record_of(c, call);

  if (record && record->edges > 0 && c->phase == CONVERSATIONS_IDLE) /* else they are being made */
    walk_edges(c, call, legs);
  if (ret_left_out)
    *ret_left_out = conversations_legs(c, call) - MIN(conversations_legs(c, call), legs->len + 1);
  return legs;
}

/* --- reading again --- */

typedef struct {
  GArray *marks, *values;
} ReadAgain;

/* The marks of its messages up to that time, with their values. */
static ReadAgain read_again(const Conversations *c, uint32_t number, uint32_t until_ms,
                            Arena *arena)
{
  const Call *call = trace_call(c->trace, number);
  LegReader reader = c->reader;
  LegProgress progress = {0};

  reader.notes = NULL; /* which have no values */
  reader.marks = g_array_new(false, false, sizeof(LegMark));
  reader.values = g_array_new(false, false, sizeof(Slice));
  reader.texts = arena;
  reader.until_ms = until_ms;
  arena_init(&reader.scratch, 4096);
  if (call && leg_is_possible(call))
    leg_reader_read(&reader, call, &progress);
  arena_clear(&reader.scratch);
  return (ReadAgain){reader.marks, reader.values};
}

static void read_again_clear(ReadAgain *read)
{
  g_array_unref(read->marks);
  g_array_unref(read->values);
}

typedef struct {
  const LegMark *items;
  guint count;
} CallMarks;

/* The marks of a call that were made when it was read first: all of a call that has not grown. */
static CallMarks marks_of(const Conversations *c, uint32_t call)
{
  const LegRecord *record = record_of(c, call);
  const GArray *marks = c->reader.marks;
  guint first = record ? record->marks : 0, end = first;

  while (end < marks->len && g_array_index(marks, LegMark, end).call == call)
    end++;
  return (CallMarks){end > first ? &g_array_index(marks, LegMark, first) : NULL, end - first};
}

static LegProof proof_of(const Conversations *c, const LegMark *mark, Slice value)
{
  const LegKey *key = leg_key_find(c, mark->key);

  return (LegProof){mark->evidence, mark->header, value, key ? key->count : 1};
}

/* --- hints --- */

static void add_hint(const Conversations *c, uint32_t call, uint32_t number, LegEdge edge,
                     GArray *hints)
{
  if (number == call || conversations_of(c, number) == conversations_of(c, call) ||
      !trace_call(c->trace, number))
    return;
  for (guint i = 0; i < hints->len; i++) {
    Leg *hint = &g_array_index(hints, Leg, i);
    if (hint->number == number) {
      add_evidence(hint, &edge);
      return;
    }
  }
  if (hints->len >= LEG_CALLS_MAX)
    return;
  Leg hint = {.number = number, .of = call};
  add_evidence(&hint, &edge);
  g_array_append_val(hints, hint);
}

/* Such marks have the time when their calls began. */
static bool start_together(const LegMark *a, const LegMark *b)
{
  return MAX(a->time_ms, b->time_ms) - MIN(a->time_ms, b->time_ms) <=
         LEG_EVIDENCES[a->evidence].window_s * 1000;
}

/* Does one follow the other, or go from the same host to the same host?  Then it is another call of
 * the same users, or a retry. */
static bool is_another_call(const Conversations *c, uint32_t a, uint32_t b)
{
  const Call *first = trace_call(c->trace, a), *second = trace_call(c->trace, b);

  if (!first || !second || first->end_ns < second->start_ns || second->end_ns < first->start_ns)
    return true;
  return first->first && second->first &&
         is_same_host(trace_endpoint(c->trace, first->first->src),
                      trace_endpoint(c->trace, second->first->src)) &&
         is_same_host(trace_endpoint(c->trace, first->first->dst),
                      trace_endpoint(c->trace, second->first->dst));
}

/* Calls with a value that makes it likely: the nearest ones before and after it.  They are in order
 * of time, but for a few in a capture that is not. */
static void add_likely(const Conversations *c, const LegMark *mark, GArray *hints)
{
  enum { WALK_MAX = 128, STRAYS_MAX = 8 }; /* each way */
  bool is_of_host = mark->evidence != LEG_EVIDENCE_USERS;
  unsigned strays_max = c->has_late ? STRAYS_MAX : 0;

  for (unsigned way = 0; way < 2; way++) {
    uint32_t at = way == 0 ? mark->previous : mark->next;
    for (unsigned i = 0, strays = 0; at > 0 && i < WALK_MAX && strays <= strays_max; i++) {
      const LegMark *other = &g_array_index(c->reader.marks, LegMark, at - 1);
      at = way == 0 ? other->previous : other->next;
      bool is_stray = is_of_host && !start_together(mark, other);
      strays += is_stray;
      if (!is_stray && leg_marks_match(c, other, mark) &&
          !is_another_call(c, mark->call, other->call))
        add_hint(c, mark->call, other->call,
                 (LegEdge){.calls = {other->call, mark->call}, .evidence = mark->evidence}, hints);
    }
  }
}

GArray *conversations_hints(const Conversations *c, uint32_t call)
{
  GArray *hints = g_array_new(false, false, sizeof(Leg));
  const LegRecord *record = record_of(c, call);

  if (!record || c->phase != CONVERSATIONS_IDLE || record->is_cut)
    return hints;
  for (uint32_t at = record->edges; at > 0;) {
    const LegEdge *edge = &g_array_index(c->edges, LegEdge, at - 1);
    unsigned mine = edge->calls[0] == call ? 0 : 1;
    if (edge->is_hint)
      add_hint(c, call, edge->calls[1 - mine], *edge, hints);
    at = edge->next[mine];
  }
  const CallMarks marks = marks_of(c, call);
  for (guint i = 0; i < marks.count; i++)
    if (leg_evidence_is_hint(marks.items[i].evidence))
      add_likely(c, &marks.items[i], hints);
  g_array_sort(hints, compare_legs);
  return hints;
}

/* --- proof --- */

static int compare_proofs(const void *a, const void *b)
{
  const LegProof *left = a, *right = b;

  return (int) right->evidence - (int) left->evidence;
}

/* The shorter Call-ID, where one was made of the other. */
static void prove_call_id(const Conversations *c, const Leg *leg, Arena *arena, GArray *proofs)
{
  const Call *a = trace_call(c->trace, leg->number), *b = trace_call(c->trace, leg->of);
  bool is_there = false;

  for (guint i = 0; i < proofs->len; i++)
    is_there |= g_array_index(proofs, LegProof, i).evidence == LEG_EVIDENCE_CALL_ID;
  if (!has(leg->evidence, LEG_EVIDENCE_CALL_ID) || is_there || !a || !b)
    return;
  Slice id_a = call_text_kept(a, CALL_TEXT_ID), id_b = call_text_kept(b, CALL_TEXT_ID);
  Slice shorter = id_a.len <= id_b.len ? id_a : id_b;
  const LegProof proof = {LEG_EVIDENCE_CALL_ID, 0, arena_dup(arena, shorter), 2};
  g_array_append_val(proofs, proof);
}

GArray *conversations_prove(const Conversations *c, const Leg *leg, Arena *arena)
{
  GArray *proofs = g_array_new(false, false, sizeof(LegProof));
  ReadAgain mine = read_again(c, leg->number, UINT32_MAX, arena);
  ReadAgain other = read_again(c, leg->of, UINT32_MAX, arena);
  uint32_t proved = 0;

  for (guint i = 0; i < mine.marks->len; i++)
    for (guint k = 0; k < other.marks->len; k++) {
      const LegMark *a = &g_array_index(mine.marks, LegMark, i);
      const LegMark *b = &g_array_index(other.marks, LegMark, k);
      bool a_says = a->evidence >= b->evidence;
      LegEvidence evidence = leg_marks_evidence(a, b);

      if (a->key != b->key || !has(leg->evidence, evidence) || has(proved, evidence) ||
          !leg_marks_match(c, a, b))
        continue;
      LegProof proof = a_says ? proof_of(c, a, g_array_index(mine.values, Slice, i))
                              : proof_of(c, b, g_array_index(other.values, Slice, k));
      proof.evidence = evidence;
      g_array_append_val(proofs, proof);
      proved |= 1U << evidence;
    }
  prove_call_id(c, leg, arena, proofs);
  read_again_clear(&mine);
  read_again_clear(&other);
  g_array_sort(proofs, compare_proofs);
  return proofs;
}

static bool is_worn(const Conversations *c, const LegMark *mark)
{
  LegRule rule = LEG_EVIDENCES[mark->evidence].rule;
  const LegKey *key = rule == LEG_SHARED || rule == LEG_NAMED ? leg_key_find(c, mark->key) : NULL;

  return key && key->count > LEG_CALLS_MAX;
}

/* The newest of them that is worn; NULL: none is. */
static const LegMark *last_worn(const Conversations *c, CallMarks marks)
{
  const LegMark *last = NULL;

  for (const LegMark *mark = marks.items; mark < marks.items + marks.count; mark++)
    if (!leg_mark_is_alone(mark) && is_worn(c, mark) && (!last || mark->time_ms > last->time_ms))
      last = mark;
  return last;
}

/* Adds those that are worn; false if one of the values is not kept. */
static bool add_kept_worn(const Conversations *c, CallMarks marks, Arena *arena, GArray *worn)
{
  for (const LegMark *mark = marks.items; mark < marks.items + marks.count; mark++) {
    if (leg_mark_is_alone(mark) || !is_worn(c, mark))
      continue;
    const GString *value = g_hash_table_lookup(c->worn_values, &mark->key);
    if (!value)
      return false;
    const LegProof proof = proof_of(c, mark, arena_dup(arena, slice_of(value->str, value->len)));
    g_array_append_val(worn, proof);
  }
  return true;
}

static void keep_worn(const Conversations *c, uint64_t key, Slice value)
{
  enum { VALUES_MAX = 1024, VALUE_MAX = 256 };

  if (value.len > VALUE_MAX)
    return;
  if (g_hash_table_size(c->worn_values) >= VALUES_MAX)
    g_hash_table_remove_all(c->worn_values);
  g_hash_table_replace(c->worn_values, g_memdup2(&key, sizeof key),
                       g_string_new_len(value.data, (gssize) value.len));
}

/* Marks do not keep their values.  Those that are worn are few, and many calls have them. */
GArray *conversations_worn_of(const Conversations *c, uint32_t call, Arena *arena)
{
  GArray *worn = g_array_new(false, false, sizeof(LegProof));
  const CallMarks marks = marks_of(c, call);
  const LegMark *last = last_worn(c, marks);

  if (!last || add_kept_worn(c, marks, arena, worn))
    return worn;
  g_array_set_size(worn, 0);
  ReadAgain read = read_again(c, call, last->time_ms, arena);
  for (guint i = 0; i < read.marks->len; i++) {
    const LegMark *mark = &g_array_index(read.marks, LegMark, i);
    const LegProof proof = proof_of(c, mark, g_array_index(read.values, Slice, i));
    if (!is_worn(c, mark))
      continue;
    keep_worn(c, mark->key, proof.value);
    g_array_append_val(worn, proof);
  }
  read_again_clear(&read);
  return worn;
}

/* --- services --- */

static unsigned traits_of(const Conversations *c, uint32_t call)
{
  const LegRecord *record = record_of(c, call);

  return record ? record->progress.traits : 0;
}

/* Was the REFER sent outside of any dialog?  With Target-Dialog it is of one all the same (RFC
 * 4538). */
static bool refers_outside(const Conversations *c, uint32_t referring)
{
  const Call *call = trace_call(c->trace, referring);

  return call && call->method == SIP_METHOD_REFER && !call->is_midway &&
         !(traits_of(c, referring) & LEG_TARGET_DIALOG);
}

/* A REFER whose Refer-To has Replaces.  RFC 5359 2.17: who parks a call refers a server, outside of
 * any dialog, to take its place. */
static LegService refer_replaces_service(const Conversations *c, uint32_t referring)
{
  return refers_outside(c, referring) ? LEG_SERVICE_PARK : LEG_SERVICE_ATTENDED_TRANSFER;
}

/* Any REFER.  RFC 5359 2.18: who has no call with the phone lets it make one. */
static LegService refer_service(const Conversations *c, uint32_t referring)
{
  if (traits_of(c, referring) & LEG_REFERS_REPLACES)
    return refer_replaces_service(c, referring);
  return refers_outside(c, referring) ? LEG_SERVICE_CLICK_TO_DIAL : LEG_SERVICE_BLIND_TRANSFER;
}

static bool was_confirmed(const Call *call, int64_t time_ns)
{
  enum { DIALOGS_MAX = 64 };
  unsigned count = 0;

  for (const Dialog *d = call->dialogs; d && count < DIALOGS_MAX; d = d->next, count++)
    if (d->confirmed_ns != TIME_NONE && d->confirmed_ns <= time_ns)
      return true;
  return false;
}

/* The call of a REFER that asks to replace this one; 0: none was seen. */
static uint32_t referring_of(const Conversations *c, uint32_t replaced)
{
  const LegRecord *record = record_of(c, replaced);

  for (uint32_t at = record ? record->edges : 0; at > 0;) {
    const LegEdge *edge = &g_array_index(c->edges, LegEdge, at - 1);
    if (edge->evidence == LEG_EVIDENCE_REFER_REPLACES && edge->calls[0] == replaced)
      return edge->calls[1];
    at = edge->next[edge->calls[0] == replaced ? 0 : 1];
  }
  return 0;
}

/* Was this call made by a REFER that parks another one? */
static bool is_parked(const Conversations *c, uint32_t call)
{
  const LegRecord *record = record_of(c, call);

  for (uint32_t at = record ? record->edges : 0; at > 0;) {
    const LegEdge *edge = &g_array_index(c->edges, LegEdge, at - 1);
    bool follows = edge->calls[1] == call;
    if (follows &&
        (edge->evidence == LEG_EVIDENCE_REFERRED || edge->evidence == LEG_EVIDENCE_REFER_TO))
      return refer_replaces_service(c, edge->calls[0]) == LEG_SERVICE_PARK;
    at = edge->next[follows ? 1 : 0];
  }
  return false;
}

/* An INVITE with Replaces (RFC 3891). */
static LegService replacing_service(const Conversations *c, uint32_t replaced, uint32_t by)
{
  uint32_t referring = referring_of(c, replaced);
  const Call *first = trace_call(c->trace, replaced), *second = trace_call(c->trace, by);

  if (referring > 0)
    return refer_replaces_service(c, referring);
  if (traits_of(c, by) & LEG_EARLY_ONLY ||
      (first && second && !was_confirmed(first, second->start_ns)))
    return LEG_SERVICE_PICKUP;
  if (traits_of(c, by) & LEG_REFERRED)
    return LEG_SERVICE_ATTENDED_TRANSFER;
  if (is_parked(c, replaced)) /* it is retrieved */
    return LEG_SERVICE_PARK;
  return LEG_SERVICE_REPLACEMENT;
}

static bool have_same_client(const Conversations *c, uint32_t a, uint32_t b)
{
  const Call *first = trace_call(c->trace, a), *second = trace_call(c->trace, b);

  return first && second && first->has_caller && second->has_caller &&
         is_same_host(trace_endpoint(c->trace, first->client),
                      trace_endpoint(c->trace, second->client));
}

LegService conversations_service_of(const Conversations *c, const Leg *leg)
{
  uint32_t first = leg->names ? leg->number : leg->of, second = leg->names ? leg->of : leg->number;
  uint32_t evidence = leg->evidence;

  if (has(evidence, LEG_EVIDENCE_REFER_REPLACES))
    return refer_replaces_service(c, second);
  if (has(evidence, LEG_EVIDENCE_REPLACES))
    return replacing_service(c, first, second);
  if (has(evidence, LEG_EVIDENCE_REFERRED) || has(evidence, LEG_EVIDENCE_REFER_TO))
    return refer_service(c, first);
  if (has(evidence, LEG_EVIDENCE_JOIN))
    return LEG_SERVICE_JOIN;
  if (has(evidence, LEG_EVIDENCE_DIVERSION) || has(evidence, LEG_EVIDENCE_HISTORY_INFO) ||
      has(evidence, LEG_EVIDENCE_REDIRECT))
    return LEG_SERVICE_FORWARD;
  if (evidence == 1U << LEG_EVIDENCE_TARGET_DIALOG)
    return LEG_SERVICE_COUNT;
  if ((has(evidence, LEG_EVIDENCE_ORIGIN) || has(evidence, LEG_EVIDENCE_MEDIA) ||
       has(evidence, LEG_EVIDENCE_SSRC)) &&
      have_same_client(c, first, second))
    return LEG_SERVICE_THIRD_PARTY;
  return traits_of(c, second) & LEG_FORWARDED ? LEG_SERVICE_FORWARD : LEG_SERVICE_B2BUA;
}

unsigned conversations_services(const Conversations *c, uint32_t call)
{
  g_autoptr(GArray) legs = conversations_links(c, call, NULL);
  unsigned services = traits_of(c, call) & LEG_FORWARDED ? 1U << LEG_SERVICE_FORWARD : 0;

  for (guint i = 0; i < legs->len; i++) {
    const Leg *leg = &g_array_index(legs, Leg, i);
    LegService service = conversations_service_of(c, leg);

    if (service != LEG_SERVICE_COUNT)
      services |= 1U << service;
    if (traits_of(c, leg->number) & LEG_FORWARDED)
      services |= 1U << LEG_SERVICE_FORWARD;
  }
  return services;
}
