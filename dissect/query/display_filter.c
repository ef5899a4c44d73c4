/*
 * One engine evaluates the tree of a filter for one message or one call: filter_eval.  There are
 * three ways into it, which differ in what they keep between two evaluations:
 * - match keeps nothing: one message, or one call at once;
 * - a walk keeps how far the loops over one call's messages got, so that a huge call is asked in
 *   turns and a growing one only about its new messages;
 * - bulk keeps the answers about every call: what needs no bytes is asked first, then the messages
 *   that are still open are read once, in file order, which is what makes it fast on a million.
 */
#include "dissect/query/display_filter.h"

#include "dissect/query/filter_plan.h"

/* So many messages between two questions whether to stop, and at least in a turn. */
enum { TURN_MESSAGES = 32 };

typedef enum {
  FILTER_NO,
  FILTER_YES,
  FILTER_OPEN, /* depends on bytes that may not be read now */
} FilterAnswer;

/* Answers about one call, by FilterNode.part. */
typedef struct {
  uint64_t known, holds;
} FilterParts;

struct FilterWalk {
  const DisplayFilter *filter;
  FilterParts parts;
  const FilterStop *stop;
  bool stopped;
  const Message *asked[FILTER_PARTS_MAX]; /* by part: the last message asked; NULL: none */
};

typedef struct {
  FieldContext *call;    /* looks at the call, or at a message of it */
  FieldContext *message; /* looks at a message of it; NULL where the call is asked */
  FilterParts *parts;
  FilterWalk *walk; /* NULL: all at once */
  bool reads;       /* bytes may be read */
} FilterScope;

struct DisplayFilter {
  FilterPlan plan;
};

static FilterAnswer filter_eval(const FilterNode *node, FilterScope *scope);

static bool parts_know(const FilterParts *parts, const FilterNode *node)
{
  return (parts->known >> node->part & 1) != 0;
}

static bool parts_hold(const FilterParts *parts, const FilterNode *node)
{
  return (parts->holds >> node->part & 1) != 0;
}

static void parts_set(FilterParts *parts, const FilterNode *node, bool holds)
{
  parts->known |= UINT64_C(1) << node->part;
  if (holds)
    parts->holds |= UINT64_C(1) << node->part;
}

/* The answer of one message that decides any() or all(). */
static FilterAnswer deciding_answer(const FilterNode *loop)
{
  return loop->kind == NODE_ANY ? FILTER_YES : FILTER_NO;
}

/* --- Evaluation ------------------------------------------------------------------------------ */

static bool value_holds(const FilterTest *test, const FieldValue *value)
{
  switch (test->op) {
  case FILTER_OP_CONTAINS:
    return text_search_finds(test->search, value->text);
  case FILTER_OP_MATCHES:
    return filter_pattern_matches(test->pattern, value->text);
  case FILTER_OP_EXISTS:
    return test->ref.field->type != FIELD_BOOLEAN || value->truth;
  case FILTER_OP_EQUAL:
  case FILTER_OP_UNEQUAL:
  case FILTER_OP_LESS:
  case FILTER_OP_AT_MOST:
  case FILTER_OP_MORE:
  case FILTER_OP_AT_LEAST:
  case FILTER_OP_IN:
    break;
  }
  for (size_t i = 0; i < test->value_count; i++)
    if (filter_value_holds(&test->values[i], test->op, value))
      return true;
  return false;
}

static bool row_text_holds(const void *test, Slice text)
{
  return value_holds(test, &(FieldValue){.type = FIELD_STRING, .text = text});
}

/* Of many values one is enough; an absent one never is. */
static FilterAnswer eval_test(const FilterNode *node, const FilterScope *scope)
{
  const FilterTest *test = node->test;
  FieldContext *context = scope->message ? scope->message : scope->call;
  FieldValue value;
  bool holds = false;

  if (node->needs_octets && !scope->reads)
    return FILTER_OPEN;
  if (test->rows) {
    const FilterRowTest row = {row_text_holds, test};
    return test->rows->find(test->rows->data, context->call, &row) ? FILTER_YES : FILTER_NO;
  }
  for (size_t i = 0; !holds && field_get_at(context, &test->ref, i, &value); i++)
    holds = value_holds(test, &value);
  if (!holds && test->also && test->also->get(context, &value))
    holds = value_holds(test, &value);
  return holds != test->negated ? FILTER_YES : FILTER_NO;
}

/* AND is over with the first NO, OR with the first YES. */
static FilterAnswer eval_joined(const FilterNode *node, FilterScope *scope)
{
  FilterAnswer deciding = node->kind == NODE_AND ? FILTER_NO : FILTER_YES;
  FilterAnswer answer = node->kind == NODE_AND ? FILTER_YES : FILTER_NO;

  for (const FilterNode *operand = node->first; operand; operand = operand->next) {
    FilterAnswer one = filter_eval(operand, scope);

    if (one == deciding)
      return deciding;
    if (one == FILTER_OPEN)
      answer = FILTER_OPEN;
  }
  return answer;
}

static bool turn_is_over(FilterWalk *walk, unsigned asked)
{
  if (walk && !walk->stopped && asked > 0 && asked % TURN_MESSAGES == 0)
    walk->stopped = walk->stop->stop(walk->stop->data);
  return walk && walk->stopped;
}

/* Over the messages, from where the walk stopped; `scope` looks at one after the other. */
static FilterAnswer eval_messages(const FilterNode *loop, FilterScope *scope)
{
  FilterAnswer deciding = deciding_answer(loop);
  FilterAnswer answer = loop->kind == NODE_ANY ? FILTER_NO : FILTER_YES;
  FilterWalk *walk = scope->walk;
  const Message *asked = walk ? walk->asked[loop->part] : NULL;
  const Message *m = asked ? asked->next : scope->call->call->first;

  for (unsigned count = 0; m && answer != deciding; m = m->next) {
    if (turn_is_over(walk, count++))
      return FILTER_OPEN;
    arena_reset(scope->message->scratch);
    field_look_at_message(scope->message, m);
    FilterAnswer one = filter_eval(loop->first, scope);
    scope->call->unreadable |= scope->message->unreadable;
    if (one == deciding || one == FILTER_OPEN)
      answer = one;
    if (walk)
      walk->asked[loop->part] = m;
  }
  return answer;
}

static FilterAnswer eval_loop(const FilterNode *loop, const FilterScope *scope)
{
  FilterScope inner = *scope;
  Arena scratch;

  arena_init(&scratch, 4096);
  FieldContext context = field_context_like(scope->call, &scratch);
  inner.message = &context;
  FilterAnswer answer = eval_messages(loop, &inner);
  field_context_clear(&context);
  arena_clear(&scratch);
  return answer;
}

/* Each part is worked out once per call. */
static FilterAnswer eval_part(const FilterNode *node, FilterScope *scope)
{
  FilterScope of_call = *scope;

  if (parts_know(scope->parts, node))
    return parts_hold(scope->parts, node) ? FILTER_YES : FILTER_NO;
  of_call.message = NULL;
  FilterAnswer answer =
    node->kind == NODE_OF_CALL ? filter_eval(node->first, &of_call) : eval_loop(node, scope);
  if (answer != FILTER_OPEN)
    parts_set(scope->parts, node, answer == FILTER_YES);
  return answer;
}

static FilterAnswer filter_eval(const FilterNode *node, FilterScope *scope)
{
  FilterAnswer answer;

  switch (node->kind) {
  case NODE_TEST:
    return eval_test(node, scope);
  case NODE_AND:
  case NODE_OR:
    return eval_joined(node, scope);
  case NODE_NOT:
    answer = filter_eval(node->first, scope);
    return answer == FILTER_OPEN ? FILTER_OPEN : answer == FILTER_YES ? FILTER_NO : FILTER_YES;
  case NODE_ANY:
  case NODE_ALL:
  case NODE_OF_CALL:
    return eval_part(node, scope);
  }
  g_assert_not_reached();
}

/* --- One message or call at once ------------------------------------------------------------- */

DisplayFilter *display_filter_new_for_rows(const char *expression, const FilterRows *rows,
                                           GError **error)
{
  g_autofree DisplayFilter *filter = g_new0(DisplayFilter, 1);

  if (!filter_plan_init(&filter->plan, expression, rows, error))
    return NULL;
  return g_steal_pointer(&filter);
}

DisplayFilter *display_filter_new(const char *expression, GError **error)
{
  return display_filter_new_for_rows(expression, NULL, error);
}

DisplayFilter *display_filter_new_for_streams(const char *expression, GError **error)
{
  g_autofree DisplayFilter *filter = g_new0(DisplayFilter, 1);

  if (!filter_plan_init_for_streams(&filter->plan, expression, error))
    return NULL;
  return g_steal_pointer(&filter);
}

const char *display_filter_reading(const DisplayFilter *filter)
{
  return filter->plan.reading->str;
}

bool display_filter_reads_rows(const DisplayFilter *filter)
{
  return filter->plan.reads_rows;
}

uint64_t display_filter_undecided(const DisplayFilter *filter)
{
  uint64_t undecided = 0;

  for (guint i = 0; i < filter->plan.patterns->len; i++)
    undecided += filter_pattern_undecided(filter->plan.patterns->pdata[i]);
  return undecided;
}

char *display_filter_quote_words(const char *expression)
{
  Arena arena;
  g_autoptr(GPtrArray) patterns =
    g_ptr_array_new_with_free_func((GDestroyNotify) filter_pattern_free);
  g_autoptr(GString) reading = g_string_new(NULL), quoted = g_string_new(NULL);
  g_autoptr(GArray) words = g_array_new(FALSE, FALSE, sizeof(FilterWord));
  const FilterText of = {.expression = expression, .reading = reading, .words = words};
  size_t done = 0;

  arena_init(&arena, 1024);
  const FilterNode *parsed = filter_parse(&arena, patterns, &of, NULL);
  for (guint i = 0; parsed && i < words->len; i++) {
    const FilterWord *word = &g_array_index(words, FilterWord, i);
    g_string_append_len(quoted, expression + done, (gssize) (word->at - done));
    g_string_append_c(quoted, '"');
    for (size_t k = word->at; k < word->at + word->len; k++)
      g_string_append_printf(quoted, expression[k] == '\\' ? "\\%c" : "%c", expression[k]);
    g_string_append_c(quoted, '"');
    done = word->at + word->len;
  }
  g_string_append(quoted, expression + done);
  arena_clear(&arena);
  return g_string_free(g_steal_pointer(&quoted), FALSE);
}

void display_filter_free(DisplayFilter *filter)
{
  if (!filter)
    return;
  filter_plan_clear(&filter->plan);
  g_free(filter);
}

bool display_filter_needs_media(const DisplayFilter *filter)
{
  return filter->plan.streams || filter->plan.calls->needs_media ||
         filter->plan.messages->needs_media;
}

/* Facts of a call that are known from its first message on. */
static bool is_fixed(const Field *field)
{
  static const char *const FIXED[] = {"call.number", "call.id",    "call.from",
                                      "call.to",     "call.start", NULL};

  return g_strv_contains(FIXED, field->key);
}

/* A message that matches stays: only what other messages may take back is not steady. */
static bool is_steady(const FilterNode *node, bool is_of_message)
{
  bool steady = node->kind != NODE_NOT && node->kind != NODE_ALL;

  if (node->kind == NODE_TEST)
    return is_fixed(node->test->ref.field) ||
           (is_of_message && node->test->ref.field->scope != FIELD_OF_CALL);
  is_of_message = (is_of_message || node->kind == NODE_ANY) && node->kind != NODE_OF_CALL;
  for (const FilterNode *operand = node->first; steady && operand; operand = operand->next)
    steady = is_steady(operand, is_of_message);
  return steady;
}

static void set_range(FilterOperator op, const FilterValue *value, FilterNeed *need)
{
  need->low = op == FILTER_OP_EQUAL || op == FILTER_OP_AT_LEAST ? value->low
              : op == FILTER_OP_MORE                            ? value->high + 1
                                                                : INT64_MIN;
  need->high = op == FILTER_OP_EQUAL || op == FILTER_OP_AT_MOST ? value->high
               : op == FILTER_OP_LESS                           ? value->low - 1
                                                                : INT64_MAX;
}

static void add_need(const FilterTest *test, GArray *needs)
{
  FilterNeed need = {.field = test->ref.field, .contains = test->op == FILTER_OP_CONTAINS};
  bool is_text = need.field->type == FIELD_STRING || need.field->type == FIELD_ENUM;
  bool is_number = need.field->type == FIELD_INTEGER && test->op != FILTER_OP_EXISTS;

  if (test->negated || test->also || test->rows || test->ref.name.len > 0)
    return;
  if (is_text && need.contains)
    need.text = test->search->needle;
  else if (is_number && test->value_count == 1)
    set_range(test->op, &test->values[0], &need);
  else if (is_text && test->op == FILTER_OP_EQUAL && test->value_count == 1)
    need.text = test->values[0].text;
  else
    return;
  g_array_append_val(needs, need);
}

static void add_needs(const FilterNode *node, GArray *needs)
{
  if (node->kind == NODE_TEST)
    add_need(node->test, needs);
  if (node->kind == NODE_AND || node->kind == NODE_ANY || node->kind == NODE_OF_CALL)
    for (const FilterNode *operand = node->first; operand; operand = operand->next)
      add_needs(operand, needs);
}

GArray *display_filter_needs(const DisplayFilter *filter)
{
  GArray *needs = g_array_new(false, false, sizeof(FilterNeed));

  if (filter->plan.calls)
    add_needs(filter->plan.calls, needs);
  return needs;
}

bool display_filter_is_steady(const DisplayFilter *filter)
{
  return !filter->plan.calls->needs_media && is_steady(filter->plan.calls, false);
}

bool display_filter_asks_calls(const DisplayFilter *filter)
{
  return filter->plan.messages && filter->plan.messages->has_call;
}

bool display_filter_match(const DisplayFilter *filter, FieldContext *context)
{
  FilterParts parts = {0};
  FilterScope scope = {
    .call = context,
    .message = context->message ? context : NULL,
    .parts = &parts,
    .reads = true,
  };

  const FilterNode *node = context->stream    ? filter->plan.streams
                           : context->message ? filter->plan.messages
                                              : filter->plan.calls;
  return filter_eval(node, &scope) == FILTER_YES;
}

/* --- One call in turns ----------------------------------------------------------------------- */

FilterWalk *filter_walk_new(const DisplayFilter *filter)
{
  FilterWalk *walk = g_new0(FilterWalk, 1);

  walk->filter = filter;
  return walk;
}

void filter_walk_free(FilterWalk *walk)
{
  g_free(walk);
}

/* Keeps what later messages cannot change: fields of a message never change, those of calls do. */
static void forget_changeable(FilterWalk *walk, const FilterNode *node)
{
  bool loops = node->kind == NODE_ANY || node->kind == NODE_ALL;
  bool lasts = loops && !node->first->has_call;
  uint64_t bit = UINT64_C(1) << node->part;

  for (const FilterNode *operand = node->first; operand; operand = operand->next)
    forget_changeable(walk, operand);
  if (lasts && parts_know(&walk->parts, node) &&
      parts_hold(&walk->parts, node) == (node->kind == NODE_ANY))
    return;
  if (loops || node->kind == NODE_OF_CALL) {
    walk->parts.known &= ~bit;
    walk->parts.holds &= ~bit;
  }
  if (loops && !lasts)
    walk->asked[node->part] = NULL;
}

bool filter_walk_step(FilterWalk *walk, FieldContext *context, const FilterStop *stop,
                      bool *ret_matches)
{
  const FilterNode *node = walk->filter->plan.calls;
  FilterScope scope = {.call = context, .parts = &walk->parts, .walk = walk, .reads = true};

  walk->stop = stop;
  walk->stopped = false;
  FilterAnswer answer = filter_eval(node, &scope);
  if (answer == FILTER_OPEN)
    return false;
  *ret_matches = answer == FILTER_YES;
  forget_changeable(walk, node);
  return true;
}

/* --- All calls or messages ------------------------------------------------------------------- */

/* A message to read, and where. */
typedef struct {
  ByteRef ref;
  const Message *message;
} OpenMessage;

typedef struct {
  const Trace *trace;
  GPtrArray *roots;   /* FilterNode: the OF_CALLs that are asked for */
  GPtrArray *loops;   /* FilterNode: ANY and ALL below them that need bytes */
  FilterParts *parts; /* of each call */
  GArray *open;       /* OpenMessage */
  Arena call_scratch, message_scratch;
  FieldContext call, message;
} Bulk;

static void bulk_init(Bulk *bulk, const FieldContext *like)
{
  const Trace *trace = like->trace;

  *bulk = (Bulk){
    .trace = trace,
    .roots = g_ptr_array_new(),
    .loops = g_ptr_array_new(),
    .parts = g_new0(FilterParts, trace_call_count(trace) + 1),
    .open = g_array_new(FALSE, FALSE, sizeof(OpenMessage)),
  };
  arena_init(&bulk->call_scratch, 16 * 1024);
  arena_init(&bulk->message_scratch, 16 * 1024);
  bulk->call = field_context_like(like, &bulk->call_scratch);
  bulk->message = field_context_like(like, &bulk->message_scratch);
}

static void bulk_clear(Bulk *bulk)
{
  g_ptr_array_unref(bulk->roots);
  g_ptr_array_unref(bulk->loops);
  g_free(bulk->parts);
  g_array_unref(bulk->open);
  field_context_clear(&bulk->call);
  field_context_clear(&bulk->message);
  arena_clear(&bulk->call_scratch);
  arena_clear(&bulk->message_scratch);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Bulk, bulk_clear)

/* The parts of a tree in `to`: the OF_CALLs that are in no other. */
static void find_roots(const FilterNode *node, GPtrArray *to)
{
  if (node->kind == NODE_OF_CALL) {
    g_ptr_array_add(to, (gpointer) (uintptr_t) node);
    return;
  }
  for (const FilterNode *operand = node->first; operand; operand = operand->next)
    find_roots(operand, to);
}

static void find_loops(const FilterNode *node, GPtrArray *to)
{
  bool is_loop = node->kind == NODE_ANY || node->kind == NODE_ALL;

  if (is_loop && node->needs_octets)
    g_ptr_array_add(to, (gpointer) (uintptr_t) node);
  for (const FilterNode *operand = node->first; operand; operand = operand->next)
    find_loops(operand, to);
}

static FilterScope scope_of_call(Bulk *bulk, const Call *call, bool reads)
{
  if (bulk->call.call != call) {
    arena_reset(&bulk->call_scratch);
    field_look_at_call(&bulk->call, call);
  }
  return (FilterScope){
    .call = &bulk->call,
    .parts = &bulk->parts[call->number - 1],
    .reads = reads,
  };
}

static FilterScope scope_of_message(Bulk *bulk, const Message *message, bool reads)
{
  FilterScope scope = scope_of_call(bulk, message->transaction->call, reads);

  arena_reset(&bulk->message_scratch);
  field_look_at_message(&bulk->message, message);
  scope.message = &bulk->message;
  return scope;
}

/* Asks the message for all loops that are not decided; true if one needs its bytes. */
static bool ask_loops(Bulk *bulk, FilterScope *scope)
{
  bool open = false;

  for (unsigned i = 0; i < bulk->loops->len; i++) {
    const FilterNode *loop = bulk->loops->pdata[i];

    if (parts_know(scope->parts, loop))
      continue;
    FilterAnswer answer = filter_eval(loop->first, scope);
    if (answer == deciding_answer(loop))
      parts_set(scope->parts, loop, loop->kind == NODE_ANY);
    open |= answer == FILTER_OPEN;
  }
  return open;
}

/* Asks all roots of a call; true if one is open. */
static bool ask_roots(Bulk *bulk, const Call *call, bool reads)
{
  FilterScope scope = scope_of_call(bulk, call, reads);
  bool open = false;

  for (unsigned i = 0; i < bulk->roots->len; i++)
    open |= filter_eval(bulk->roots->pdata[i], &scope) == FILTER_OPEN;
  return open;
}

static void add_open(Bulk *bulk, const Message *message)
{
  OpenMessage open = {message->ref, message};

  g_array_append_val(bulk->open, open);
}

static gint compare_places(gconstpointer a, gconstpointer b)
{
  const OpenMessage *first = a, *second = b;

  return (first->ref > second->ref) - (first->ref < second->ref);
}

/* Works the roots out for all calls. */
static void decide_calls(Bulk *bulk)
{
  g_autoptr(GPtrArray) undecided = g_ptr_array_new();

  for (unsigned i = 0; i < bulk->roots->len; i++)
    find_loops(bulk->roots->pdata[i], bulk->loops);
  for (size_t i = 0; i < trace_call_count(bulk->trace); i++) {
    const Call *call = trace_call_at(bulk->trace, i);

    if (!call || !ask_roots(bulk, call, false))
      continue;
    g_ptr_array_add(undecided, (gpointer) (uintptr_t) call);
    for (const Message *m = call->first; m && bulk->loops->len > 0; m = m->next) {
      FilterScope scope = scope_of_message(bulk, m, false);
      if (ask_loops(bulk, &scope))
        add_open(bulk, m);
    }
  }
  g_array_sort(bulk->open, compare_places);
  for (unsigned i = 0; i < bulk->open->len; i++) {
    const Message *message = g_array_index(bulk->open, OpenMessage, i).message;
    FilterScope scope = scope_of_message(bulk, message, true);
    ask_loops(bulk, &scope);
  }
  g_array_set_size(bulk->open, 0);
  for (unsigned i = 0; i < undecided->len; i++) {
    const Call *call = undecided->pdata[i];
    FilterParts *parts = &bulk->parts[call->number - 1];

    for (unsigned k = 0; k < bulk->loops->len; k++) /* all messages were asked, none decided */
      if (!parts_know(parts, bulk->loops->pdata[k]))
        parts_set(parts, bulk->loops->pdata[k],
                  ((const FilterNode *) bulk->loops->pdata[k])->kind == NODE_ALL);
    ask_roots(bulk, call, true);
  }
}

CallBits *display_filter_calls(const DisplayFilter *filter, const FieldContext *like)
{
  size_t count = trace_call_count(like->trace);
  CallBits *calls = g_malloc0(sizeof *calls + (count / 64 + 1) * sizeof calls->bits[0]);
  g_auto(Bulk) bulk;

  calls->count = count;
  bulk_init(&bulk, like);
  g_ptr_array_add(bulk.roots, filter->plan.calls);
  decide_calls(&bulk);
  for (size_t i = 0; i < count; i++)
    if (parts_hold(&bulk.parts[i], filter->plan.calls))
      calls->bits[i / 64] |= UINT64_C(1) << i % 64;
  return calls;
}

static gint compare_call_numbers(gconstpointer a, gconstpointer b)
{
  const Message *first = *(const Message *const *) a, *second = *(const Message *const *) b;

  return (first->number > second->number) - (first->number < second->number);
}

static void choose_of_call(Bulk *bulk, const FilterNode *node, const Call *call, GPtrArray *chosen)
{
  for (const Message *m = call->first; m; m = m->next) {
    FilterScope scope = scope_of_message(bulk, m, false);
    FilterAnswer answer = filter_eval(node, &scope);

    if (answer == FILTER_YES)
      g_ptr_array_add(chosen, (gpointer) (uintptr_t) m);
    else if (answer == FILTER_OPEN)
      add_open(bulk, m);
  }
}

GPtrArray *display_filter_messages(const DisplayFilter *filter, const FieldContext *like)
{
  const Trace *trace = like->trace;
  const FilterNode *node = filter->plan.messages;
  GPtrArray *chosen = g_ptr_array_new();
  g_auto(Bulk) bulk;

  bulk_init(&bulk, like);
  find_roots(node, bulk.roots);
  if (bulk.roots->len > 0)
    decide_calls(&bulk);
  for (size_t i = 0; i < trace_call_count(trace); i++)
    if (trace_call_at(trace, i))
      choose_of_call(&bulk, node, trace_call_at(trace, i), chosen);
  g_array_sort(bulk.open, compare_places);
  for (unsigned i = 0; i < bulk.open->len; i++) {
    const Message *message = g_array_index(bulk.open, OpenMessage, i).message;
    FilterScope scope = scope_of_message(&bulk, message, true);

    if (filter_eval(node, &scope) == FILTER_YES)
      g_ptr_array_add(chosen, (gpointer) (uintptr_t) message);
  }
  g_ptr_array_sort(chosen, compare_call_numbers);
  return chosen;
}
