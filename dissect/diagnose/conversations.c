#include "dissect/diagnose/conversations_private.h"

#include "capture/heap.h"
#include "capture/thread.h"
#include "dissect/diagnose/leg_notes.h"
#include "dissect/trace/summary.h"

enum {
  PACE_US = 500000,
  REST = 4,          /* after a round, a pause so many times as long as it took */
  SLICE_STEPS = 256, /* between two looks at the clock */
  WALK_MAX = 32,     /* calls before and after one with the same value that are compared with it */
  TABLE_FIRST = 1024,
  LEG_NOTES_MAX = 256 << 20, /* bytes */
  THREAD_CALLS = 1024,       /* from so many on, half of them are read by a thread */
};

static const Message *last_of(const Conversations *c, uint32_t number)
{
  const Call *call = trace_call(c->trace, number);

  return call ? call->last : NULL;
}

static void free_string(gpointer string)
{
  g_string_free(string, true);
}

static void forget_notes(Conversations *c)
{
  g_clear_pointer(&c->notes, leg_notes_free);
  c->reader.notes = NULL;
}

Conversations *conversations_new(const Trace *trace, const StoreSet *stores)
{
  Conversations *c = g_new0(Conversations, 1);

  c->trace = trace;
  c->stores = stores;
  leg_reader_init(&c->reader, trace, stores);
  c->records = g_array_new(false, true, sizeof(LegRecord));
  c->edges = g_array_new(false, false, sizeof(LegEdge));
  c->groups = g_array_new(false, true, sizeof(LegGroup));
  c->coming = g_array_new(false, true, sizeof(LegGroup));
  c->changed = g_array_new(false, false, sizeof(uint32_t));
  c->ids = g_array_new(false, false, sizeof(uint64_t));
  c->worn_values = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, free_string);
  c->room = TABLE_FIRST;
  c->table = g_new0(LegKey, c->room);
  return c;
}

void conversations_free(Conversations *c)
{
  if (!c)
    return;
  forget_notes(c);
  leg_reader_clear(&c->reader);
  g_strfreev(c->headers);
  g_array_unref(c->records);
  g_array_unref(c->edges);
  g_array_unref(c->groups);
  g_array_unref(c->coming);
  g_array_unref(c->changed);
  g_array_unref(c->ids);
  g_hash_table_unref(c->worn_values);
  g_free(c->table);
  g_free(c);
}

void conversations_note(Conversations *c, const Message *message, const SipMsg *sip)
{
  if (c->seen_messages > 0)
    return;
  if (!c->notes)
    c->notes = leg_notes_new(&c->reader, LEG_NOTES_MAX);
  leg_notes_take(c->notes, message, sip);
}

/* --- the table of keys --- */

static size_t place_of(const LegKey *table, size_t room, uint64_t key)
{
  size_t place = (size_t) key & (room - 1);

  while (table[place].count > 0 && table[place].key != key)
    place = (place + 1) & (room - 1);
  return place;
}

const LegKey *leg_key_find(const Conversations *c, uint64_t key)
{
  const LegKey *found = &c->table[place_of(c->table, c->room, key)];

  return found->count > 0 ? found : NULL;
}

/* A hint that the key is going to be looked up, or added. */
static void expect_key(const Conversations *c, uint64_t key)
{
  __builtin_prefetch(&c->table[key & (c->room - 1)]);
}

/* Room for so many keys. */
static void grow_table(Conversations *c, size_t keys)
{
  size_t room = c->room;

  while (keys * 4 >= room * 3)
    room *= 2;
  if (room == c->room)
    return;
  LegKey *table = g_new(LegKey, room);
  heap_advise_block(table, room * sizeof *table);
  memset(table, 0, room * sizeof *table);
  for (size_t i = 0; i < c->room; i++)
    if (c->table[i].count > 0)
      table[place_of(table, room, c->table[i].key)] = c->table[i];
  g_free(c->table);
  c->table = table;
  c->room = room;
}

static LegMark *mark_at(const Conversations *c, size_t index)
{
  return &g_array_index(c->reader.marks, LegMark, index);
}

static void insert_mark(Conversations *c, uint32_t index)
{
  LegMark *mark = mark_at(c, index);
  LegKey *key = &c->table[place_of(c->table, c->room, mark->key)];

  mark->previous = 0;
  if (key->count == 0) {
    c->used++;
  } else {
    LegMark *previous = mark_at(c, key->last - 1);
    previous->next = index + 1;
    mark->previous = key->last;
    c->has_late |= mark->time_ms < previous->time_ms && leg_evidence_is_hint(mark->evidence);
  }
  *key = (LegKey){mark->key, index + 1, key->count + 1};
}

/* --- which keys may be those of Call-IDs --- */

static void forget_ids(Conversations *c)
{
  enum { CALLS_PER_WORD = 4 }; /* of whose two keys each sets one of 64 bits */
  size_t words = 1;

  while (words * CALLS_PER_WORD < c->records->len)
    words *= 2;
  g_array_set_size(c->ids, (guint) words);
  memset(c->ids->data, 0, words * sizeof(uint64_t));
}

static uint64_t *word_of_id(const Conversations *c, uint64_t key)
{
  return &g_array_index(c->ids, uint64_t, key >> 32 & (c->ids->len - 1));
}

static void note_id(Conversations *c, uint64_t key)
{
  *word_of_id(c, key) |= UINT64_C(1) << key % 64;
}

/* Most keys are not, and are not worth a look into the table. */
static bool may_be_id(const Conversations *c, uint64_t key)
{
  return *word_of_id(c, key) >> key % 64 & 1;
}

/* --- when two calls match --- */

/* Without overflow: times of a broken capture can be centuries apart. */
static bool is_near(int64_t a_ns, int64_t b_ns)
{
  const int64_t near_ns = INT64_C(5) * 1000 * 1000 * 1000;
  int64_t difference_ns;

  return !__builtin_sub_overflow(a_ns, b_ns, &difference_ns) && difference_ns <= near_ns &&
         difference_ns >= -near_ns;
}

/* Do they overlap in time, or nearly so?  A call may last for long before it is transferred. */
static bool are_in_time(const Call *a, const Call *b)
{
  return (a->end_ns >= b->start_ns || is_near(a->end_ns, b->start_ns)) &&
         (b->end_ns >= a->start_ns || is_near(b->end_ns, a->start_ns));
}

/* Rows of one Call-ID are no legs of each other. */
static bool have_same_id(const Call *a, const Call *b)
{
  bool has_a = call_text_kept(a, CALL_TEXT_ID).data, has_b = call_text_kept(b, CALL_TEXT_ID).data;

  return has_a && has_b ? key_eq(&a->id, &b->id) : has_a == has_b;
}

/* Did the call go on at that time? */
static bool goes_on(const Conversations *c, const Call *call, uint32_t time_ms)
{
  return call && (leg_time_ms(c->trace, call->end_ns) >= time_ms ||
                  !call_has_ended(call, trace_now(c->trace)));
}

/* Does `second` follow `first` within the window of its evidence? */
static bool follows(const Conversations *c, const LegMark *first, const LegMark *second,
                    LegEvidence evidence)
{
  const LegEvidenceRow *row = &LEG_EVIDENCES[evidence];

  return second->time_ms >= first->time_ms &&
         second->time_ms - first->time_ms <= row->window_s * 1000 &&
         (row->rule != LEG_RELAYED ||
          goes_on(c, trace_call(c->trace, first->call), second->time_ms));
}

/* What the marks say is looked at first: the calls are far apart in memory. */
bool leg_marks_match(const Conversations *c, const LegMark *a, const LegMark *b)
{
  LegEvidence evidence = MAX(a->evidence, b->evidence);
  LegRule rule = LEG_EVIDENCES[evidence].rule;
  bool may_both_name = a->side == LEG_SECOND && rule == LEG_NAMED;

  if (a->call == b->call || (a->side == b->side && a->side != LEG_EITHER && !may_both_name))
    return false;
  const Call *first = trace_call(c->trace, a->call), *second = trace_call(c->trace, b->call);
  if (!first || !second || have_same_id(first, second))
    return false;
  if (!leg_rule_is_unique(rule))
    return are_in_time(first, second);
  return a->side == LEG_FIRST ? follows(c, a, b, evidence) : follows(c, b, a, evidence);
}

static void add_edge(Conversations *c, const LegEdge *edge)
{
  LegEdge added = *edge;

  for (unsigned i = 0; i < 2; i++) {
    LegRecord *record = &g_array_index(c->records, LegRecord, edge->calls[i] - 1);
    added.next[i] = record->edges;
    record->edges = c->edges->len + 1;
  }
  g_array_append_val(c->edges, added);
}

LegEvidence leg_marks_evidence(const LegMark *a, const LegMark *b)
{
  bool both_name = a->side == LEG_SECOND && b->side == LEG_SECOND;

  return both_name ? LEG_EVIDENCE_CALL_ID : MAX(a->evidence, b->evidence);
}

static LegEdge edge_of(const LegMark *a, const LegMark *b)
{
  bool swaps = a->side == LEG_SECOND && b->side == LEG_FIRST;
  const LegMark *first = swaps ? b : a, *second = swaps ? a : b;

  return (LegEdge){
    .calls = {first->call, second->call},
    .evidence = (uint8_t) leg_marks_evidence(a, b),
    .header = second->header,
  };
}

/* Of a value that is made for one conversation: the oldest call that has it, rather than one that
 * only names it; the call of a Call-ID with all that name it. */
static void match_shared(Conversations *c, const LegMark *mark)
{
  const LegMark *found = NULL;

  for (uint32_t at = mark->previous; at > 0;) {
    const LegMark *other = mark_at(c, at - 1);
    at = other->previous;
    if (!leg_marks_match(c, other, mark))
      continue;
    if (mark->side == LEG_FIRST) {
      const LegEdge edge = edge_of(other, mark);
      add_edge(c, &edge);
    } else if (!found || other->side != LEG_SECOND || found->side == LEG_SECOND) {
      found = other;
    }
  }
  if (!found)
    return;
  const LegEdge edge = edge_of(found, mark);
  add_edge(c, &edge);
}

/* Has the call the same description from both of its ends?  Then it is the same in all calls: of a
 * load generator, or of a host that has one line for all. */
static bool is_echo(const Conversations *c, const LegMark *mark)
{
  for (unsigned way = 0; way < 2; way++) {
    uint32_t at = way == 0 ? mark->previous : mark->next;
    for (unsigned i = 0; at > 0 && i < WALK_MAX; i++) {
      const LegMark *other = mark_at(c, at - 1);
      if (other->call == mark->call && other->side != mark->side && other->header != mark->header)
        return true;
      at = way == 0 ? other->previous : other->next;
    }
  }
  return false;
}

/* The calls that may be what this one follows: none, one, or more, of which the newest. */
static unsigned find_first(const Conversations *c, const LegMark *mark, const LegMark **ret_found)
{
  unsigned count = 0;

  for (unsigned way = 0; way < 2; way++) {
    uint32_t at = way == 0 ? mark->previous : mark->next;
    for (unsigned i = 0; at > 0 && i < WALK_MAX; i++) {
      const LegMark *other = mark_at(c, at - 1);
      at = way == 0 ? other->previous : other->next;
      bool is_same = count > 0 && (*ret_found)->call == other->call;
      if (other->side != LEG_FIRST || is_same || !leg_marks_match(c, other, mark) ||
          is_echo(c, other))
        continue;
      if (count++ == 0 || other->time_ms > (*ret_found)->time_ms)
        *ret_found = other;
    }
  }
  return count;
}

static void match_mark(Conversations *c, uint32_t index)
{
  const LegMark *mark = mark_at(c, index), *first = NULL;
  LegRule rule = LEG_EVIDENCES[mark->evidence].rule;

  if (rule == LEG_LIKELY || leg_mark_is_alone(mark))
    return;
  if (!leg_rule_is_unique(rule)) {
    if (leg_key_find(c, mark->key)->count <= LEG_CALLS_MAX)
      match_shared(c, mark);
    else
      c->worn_marks++;
    return;
  }
  if (mark->side != LEG_SECOND || is_echo(c, mark))
    return;
  unsigned count = find_first(c, mark, &first);
  if (count == 0)
    return;
  LegEdge edge = edge_of(first, mark);
  edge.is_hint = count > 1;
  add_edge(c, &edge);
}

/* The oldest call whose Call-ID is that of this one without a prefix or suffix. */
static void match_parts(Conversations *c, const Call *call)
{
  uint64_t keys[LEG_ID_PARTS_MAX];
  size_t parts = leg_reader_id_parts(&c->reader, call, keys), count = 0;
  for (size_t i = 0; i < parts; i++)
    if (may_be_id(c, keys[i])) {
      expect_key(c, keys[i]);
      keys[count++] = keys[i];
    }
  const LegMark mark = {.call = call->number, .evidence = LEG_EVIDENCE_CALL_ID, .side = LEG_SECOND};

  for (size_t i = 0; i < count; i++) {
    const LegKey *key = leg_key_find(c, keys[i]);
    const LegMark *found = NULL;

    for (uint32_t at = key && key->count <= LEG_CALLS_MAX ? key->last : 0; at > 0;) {
      const LegMark *other = mark_at(c, at - 1);
      if (other->side != LEG_SECOND && leg_marks_match(c, other, &mark))
        found = other;
      at = other->previous;
    }
    if (!found)
      continue;
    const LegEdge edge = edge_of(found, &mark);
    add_edge(c, &edge);
  }
}

/* --- conversations: sets of linked calls, whose root is the first call --- */

static LegGroup *coming_of(Conversations *c, uint32_t number)
{
  return &g_array_index(c->coming, LegGroup, number - 1);
}

static uint32_t root_of(Conversations *c, uint32_t number)
{
  while (coming_of(c, number)->lead != number) {
    LegGroup *group = coming_of(c, number);
    group->lead = coming_of(c, group->lead)->lead;
    number = group->lead;
  }
  return number;
}

bool leg_edge_links(const Conversations *c, const LegEdge *edge)
{
  return !edge->is_hint && !conversations_is_cut(c, edge->calls[0]) &&
         !conversations_is_cut(c, edge->calls[1]);
}

static void join(Conversations *c, const LegEdge *edge)
{
  uint32_t a = root_of(c, edge->calls[0]), b = root_of(c, edge->calls[1]);
  LegGroup *lead = coming_of(c, MIN(a, b)), *other = coming_of(c, MAX(a, b));

  if (a == b)
    return;
  other->lead = MIN(a, b);
  lead->legs += other->legs;
  uint32_t next = lead->next; /* both rings become one */
  lead->next = other->next;
  other->next = next;
}

/* --- rounds --- */

/* All calls are read again. */
static void forget_marks(Conversations *c)
{
  for (guint i = 0; i < c->records->len; i++)
    g_array_index(c->records, LegRecord, i).progress = (LegProgress){0};
  g_array_set_size(c->reader.marks, 0);
  memset(c->table, 0, c->room * sizeof *c->table);
  c->used = c->inserted = 0;
  c->has_late = false;
}

/* Marks of evicted calls are dropped once most are such. */
static void drop_evicted(Conversations *c)
{
  uint64_t evicted = trace_counts(c->trace)->evicted_calls;

  if (evicted - c->evicted <= trace_call_count(c->trace) - evicted)
    return;
  c->evicted = evicted;
  forget_marks(c);
}

static void begin_round(Conversations *c)
{
  drop_evicted(c);
  g_array_set_size(c->records, (guint) trace_call_count(c->trace));
  g_array_set_size(c->edges, 0);
  for (guint i = 0; i < c->records->len; i++)
    g_array_index(c->records, LegRecord, i).edges = 0;
  forget_ids(c);
  c->seen_messages = trace_counts(c->trace)->messages;
  c->has_changed = false;
  c->worn_marks = 0;
  c->spent_us = 0;
  c->reader.notes = c->notes;
  c->phase = CONVERSATIONS_READ;
  c->at = 0;
}

static void read_call_by(LegReader *reader, const Conversations *c, size_t at)
{
  const Call *call = trace_call_at(c->trace, at);
  LegRecord *record = &g_array_index(c->records, LegRecord, at);

  if (!call || !leg_is_possible(call) || !leg_progress_is_behind(&record->progress, call))
    return;
  if (!record->progress.last)
    record->marks = reader->marks->len;
  leg_reader_read(reader, call, &record->progress);
}

static void read_call(Conversations *c, size_t at)
{
  read_call_by(&c->reader, c, at);
}

/* The calls from `first` on, for a thread. */
typedef struct {
  const Conversations *c;
  LegReader reader;
  size_t first;
} Rest;

static gpointer read_rest(gpointer data)
{
  Rest *rest = data;

  for (size_t at = rest->first; at < rest->c->records->len; at++)
    read_call_by(&rest->reader, rest->c, at);
  return NULL;
}

/* The same marks as of one reader: those of the second half of the calls come after the others. */
static void read_by_two(Conversations *c)
{
  Rest rest = {.c = c, .first = c->records->len / 2};

  leg_reader_init(&rest.reader, c->trace, c->stores);
  leg_reader_expect(&rest.reader, c->records->len - rest.first);
  leg_reader_expect(&c->reader, c->records->len); /* where those of the thread are put, too */
  rest.reader.headers = c->reader.headers;
  rest.reader.notes = c->reader.notes;
  rest.reader.seed = c->reader.seed;
  GThread *thread = thread_new("legs", read_rest, &rest, NULL);
  while (c->at < rest.first)
    read_call(c, c->at++);
  if (thread)
    g_thread_join(thread);
  else
    (void) read_rest(&rest);
  for (; c->at < c->records->len; c->at++)
    g_array_index(c->records, LegRecord, c->at).marks += c->reader.marks->len;
  g_array_append_vals(c->reader.marks, rest.reader.marks->data, rest.reader.marks->len);
  leg_reader_clear(&rest.reader);
}

static void insert(Conversations *c, size_t at)
{
  enum { AHEAD = 8 };

  grow_table(c, c->reader.marks->len);
  if (at + AHEAD < c->reader.marks->len)
    expect_key(c, mark_at(c, at + AHEAD)->key);
  insert_mark(c, (uint32_t) at);
  c->inserted = at + 1;
}

static void match(Conversations *c, size_t at)
{
  if (mark_at(c, at)->evidence == LEG_EVIDENCE_CALL_ID)
    note_id(c, mark_at(c, at)->key);
  if (trace_call(c->trace, mark_at(c, at)->call))
    match_mark(c, (uint32_t) at);
}

static void match_id(Conversations *c, size_t at)
{
  const Call *call = trace_call_at(c->trace, at);

  if (call && leg_is_possible(call) && call_text_kept(call, CALL_TEXT_ID).data)
    match_parts(c, call);
}

static void begin_group(Conversations *c, size_t at)
{
  uint32_t number = (uint32_t) at + 1;

  if (at == 0)
    g_array_set_size(c->coming, c->records->len);
  *coming_of(c, number) = (LegGroup){number, 1, number};
}

static void join_edge(Conversations *c, size_t at)
{
  const LegEdge *edge = &g_array_index(c->edges, LegEdge, at);

  if (leg_edge_links(c, edge))
    join(c, edge);
}

/* All legs know what only the first one did, and which ones are different now. */
static void settle(Conversations *c, size_t at)
{
  uint32_t number = (uint32_t) at + 1;
  const LegGroup none = {number, 1, number};
  LegGroup *group = coming_of(c, number);
  const LegGroup *was = at < c->groups->len ? &g_array_index(c->groups, LegGroup, at) : &none;

  if (at == 0)
    g_array_set_size(c->changed, 0);
  group->lead = root_of(c, number);
  group->legs = coming_of(c, group->lead)->legs;
  if (was->lead != group->lead || was->legs != group->legs)
    g_array_append_val(c->changed, number);
}

static void end_round(Conversations *c)
{
  GArray *was = c->groups;

  c->groups = c->coming;
  c->coming = was;
  c->phase = CONVERSATIONS_IDLE;
  c->version += c->changed->len > 0;
  c->due_us = g_get_monotonic_time() + MAX((int64_t) PACE_US, REST * c->spent_us);
}

static size_t phase_count(const Conversations *c)
{
  switch (c->phase) {
  case CONVERSATIONS_INSERT:
  case CONVERSATIONS_MATCH:
    return c->reader.marks->len;
  case CONVERSATIONS_JOIN:
    return c->edges->len;
  case CONVERSATIONS_READ:
  case CONVERSATIONS_MATCH_IDS:
  case CONVERSATIONS_GROUP:
  case CONVERSATIONS_SETTLE:
    return c->records->len;
  case CONVERSATIONS_IDLE:
    break;
  }
  return 0;
}

static void do_some(Conversations *c)
{
  static void (*const PHASES[])(Conversations *, size_t) = {
    [CONVERSATIONS_READ] = read_call,    [CONVERSATIONS_INSERT] = insert,
    [CONVERSATIONS_MATCH] = match,       [CONVERSATIONS_MATCH_IDS] = match_id,
    [CONVERSATIONS_GROUP] = begin_group, [CONVERSATIONS_JOIN] = join_edge,
    [CONVERSATIONS_SETTLE] = settle,
  };
  size_t end = MIN(phase_count(c), c->at + SLICE_STEPS);

  while (c->at < end)
    PHASES[c->phase](c, c->at++);
  if (c->at < phase_count(c))
    return;
  if (c->phase == CONVERSATIONS_READ)
    forget_notes(c);
  if (c->phase == CONVERSATIONS_SETTLE) {
    end_round(c);
    return;
  }
  c->phase++;
  c->at = c->phase == CONVERSATIONS_INSERT ? c->inserted : 0;
}

static bool is_behind(const Conversations *c)
{
  return c->has_changed || c->seen_messages != trace_counts(c->trace)->messages ||
         c->records->len != trace_call_count(c->trace);
}

bool conversations_step(Conversations *c, int64_t until_us)
{
  int64_t began_us = g_get_monotonic_time();

  if (c->phase == CONVERSATIONS_IDLE) {
    if (!is_behind(c) || (began_us < c->due_us && !c->has_changed))
      return false;
    begin_round(c);
  }
  do
    do_some(c);
  while (c->phase != CONVERSATIONS_IDLE && g_get_monotonic_time() < until_us);
  c->spent_us += g_get_monotonic_time() - began_us;
  return c->phase != CONVERSATIONS_IDLE;
}

void conversations_update(Conversations *c)
{
  if (c->is_stepped)
    return;
  if (c->phase == CONVERSATIONS_IDLE && !is_behind(c))
    return;
  begin_round(c); /* once more, of what there is now */
  if (c->reader.marks->len == 0 && c->records->len >= THREAD_CALLS)
    read_by_two(c);
  while (c->phase != CONVERSATIONS_IDLE)
    do_some(c);
}

void conversations_hurry(Conversations *c)
{
  c->due_us = 0;
  if (c->phase != CONVERSATIONS_IDLE && is_behind(c))
    begin_round(c);
}

double conversations_progress(const Conversations *c)
{
  size_t count = phase_count(c);
  double part = count > 0 ? (double) c->at / (double) count : 0;

  return c->phase == CONVERSATIONS_IDLE ? 1 : ((double) c->phase - 1 + part) / CONVERSATIONS_SETTLE;
}

/* --- results --- */

void conversations_set_headers(Conversations *c, const char *const *headers)
{
  static const char *const NONE[] = {NULL};

  if (g_strv_equal(c->headers ? (const char *const *) c->headers : NONE, headers ? headers : NONE))
    return;
  g_strfreev(c->headers);
  c->headers = g_strdupv((char **) (uintptr_t) headers);
  c->reader.headers = (const char *const *) c->headers;
  forget_notes(c);
  c->phase = CONVERSATIONS_IDLE;
  c->has_changed = true;
  forget_marks(c);
}

const char *const *conversations_headers(const Conversations *c)
{
  return (const char *const *) c->headers;
}

void conversations_set_stepped(Conversations *c)
{
  c->is_stepped = true;
}

uint64_t conversations_version(const Conversations *c)
{
  return c->version;
}

const GArray *conversations_changed(const Conversations *c)
{
  return c->changed;
}

static const LegGroup *group_of(const Conversations *c, uint32_t call)
{
  return call > 0 && call <= c->groups->len ? &g_array_index(c->groups, LegGroup, call - 1) : NULL;
}

uint32_t conversations_of(const Conversations *c, uint32_t call)
{
  const LegGroup *group = group_of(c, call);

  return group ? group->lead : call;
}

uint32_t conversations_legs(const Conversations *c, uint32_t call)
{
  const LegGroup *group = group_of(c, call);

  return group ? group->legs : 1;
}

static int compare_numbers(const void *a, const void *b)
{
  const uint32_t *left = a, *right = b;

  return *left < *right ? -1 : *left > *right;
}

GArray *conversations_numbers(const Conversations *c, uint32_t call)
{
  GArray *numbers = g_array_new(false, false, sizeof(uint32_t));
  uint32_t number = call;

  do {
    const LegGroup *group = group_of(c, number);
    if (last_of(c, number))
      g_array_append_val(numbers, number);
    number = group ? group->next : call;
  } while (number != call && numbers->len < CONVERSATION_LEGS_MAX);
  g_array_sort(numbers, compare_numbers);
  return numbers;
}

void conversations_cut(Conversations *c, uint32_t call, bool cut)
{
  if (call == 0)
    return;
  if (call > c->records->len)
    g_array_set_size(c->records, call);
  c->has_changed |= conversations_is_cut(c, call) != cut;
  g_array_index(c->records, LegRecord, call - 1).is_cut = cut;
}

bool conversations_is_cut(const Conversations *c, uint32_t call)
{
  return call > 0 && call <= c->records->len &&
         g_array_index(c->records, LegRecord, call - 1).is_cut;
}

uint64_t conversations_worn(const Conversations *c)
{
  return c->worn_marks;
}
