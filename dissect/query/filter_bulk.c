#include "dissect/query/filter_bulk.h"

/* So many calls or messages between two questions whether to stop. */
enum { STEPS = 4096 };

/* A message to read, and where. */
typedef struct {
  ByteRef ref;
  const Message *message;
} OpenMessage;

typedef struct {
  const FilterBulk *bulk;
  GPtrArray *roots;   /* FilterNode: the OF_CALLs that are asked for */
  GPtrArray *loops;   /* FilterNode: ANY and ALL below them that need octets */
  FilterParts *parts; /* of each call */
  GArray *open;       /* OpenMessage */
  Arena call_scratch, message_scratch;
  FieldContext call, message;
  unsigned steps;
  bool stopped;
} Run;

static void run_init(Run *run, const FilterBulk *bulk)
{
  *run = (Run){
    .bulk = bulk,
    .roots = g_ptr_array_new(),
    .loops = g_ptr_array_new(),
    .parts = g_new0(FilterParts, trace_call_count(bulk->trace) + 1),
    .open = g_array_new(FALSE, FALSE, sizeof(OpenMessage)),
  };
  arena_init(&run->call_scratch, 16 * 1024);
  arena_init(&run->message_scratch, 16 * 1024);
  run->call = field_context(bulk->trace, bulk->stores, &run->call_scratch);
  run->message = field_context(bulk->trace, bulk->stores, &run->message_scratch);
}

static void run_clear(Run *run)
{
  g_ptr_array_unref(run->roots);
  g_ptr_array_unref(run->loops);
  g_free(run->parts);
  g_array_unref(run->open);
  arena_clear(&run->call_scratch);
  arena_clear(&run->message_scratch);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_clear)

static bool run_goes_on(Run *run)
{
  if (!run->stopped && run->steps++ % STEPS == 0 && run->bulk->stop)
    run->stopped = run->bulk->stop(run->bulk->data);
  return !run->stopped;
}

/* The parts of a tree in `to`: those of that kind which no other such part is around. */
static void find_roots(const FilterNode *node, GPtrArray *to)
{
  if (node->kind == FILTER_OF_CALL) {
    g_ptr_array_add(to, (gpointer) (uintptr_t) node);
    return;
  }
  for (const FilterNode *operand = node->first; operand; operand = operand->next)
    find_roots(operand, to);
}

static void find_loops(const FilterNode *node, GPtrArray *to)
{
  bool is_loop = node->kind == FILTER_ANY || node->kind == FILTER_ALL;

  if (is_loop && node->needs_octets)
    g_ptr_array_add(to, (gpointer) (uintptr_t) node);
  for (const FilterNode *operand = node->first; operand; operand = operand->next)
    find_loops(operand, to);
}

static FilterParts *parts_of(const Run *run, const Call *call)
{
  return &run->parts[call->number - 1];
}

static FilterScope scope_of_call(Run *run, const Call *call, bool reads)
{
  if (run->call.call != call) {
    arena_reset(&run->call_scratch);
    field_look_at_call(&run->call, call);
  }
  return (FilterScope){&run->call, NULL, parts_of(run, call), reads, NULL};
}

static FilterScope scope_of_message(Run *run, const Message *message, bool reads)
{
  FilterScope scope = scope_of_call(run, message->transaction->call, reads);

  arena_reset(&run->message_scratch);
  field_look_at_message(&run->message, message);
  scope.message = &run->message;
  return scope;
}

static void add_open(Run *run, const Message *message)
{
  OpenMessage open = {message->ref, message};

  g_array_append_val(run->open, open);
}

/* Asks the message for all loops that are not decided; true when one needs its octets. */
static bool ask_loops(Run *run, FilterScope *scope)
{
  bool open = false;

  for (unsigned i = 0; i < run->loops->len; i++) {
    const FilterNode *loop = run->loops->pdata[i];

    if (filter_parts_know(scope->parts, loop))
      continue;
    FilterAnswer answer = filter_eval(loop->first, scope);
    if (answer == filter_deciding(loop))
      filter_parts_set(scope->parts, loop, loop->kind == FILTER_ANY);
    open |= answer == FILTER_OPEN;
  }
  return open;
}

/* All roots of a call; true when one is open. */
static bool ask_roots(Run *run, const Call *call, bool reads)
{
  FilterScope scope = scope_of_call(run, call, reads);
  bool open = false;

  for (unsigned i = 0; i < run->roots->len; i++)
    open |= filter_eval(run->roots->pdata[i], &scope) == FILTER_OPEN;
  return open;
}

static void collect_open(Run *run, const Call *call)
{
  for (const Message *m = call->first; m && run_goes_on(run); m = m->next) {
    FilterScope scope = scope_of_message(run, m, false);

    if (ask_loops(run, &scope))
      add_open(run, m);
  }
}

static gint compare_places(gconstpointer a, gconstpointer b)
{
  const OpenMessage *first = a, *second = b;

  return (first->ref > second->ref) - (first->ref < second->ref);
}

static void read_open_loops(Run *run)
{
  g_array_sort(run->open, compare_places);
  for (unsigned i = 0; i < run->open->len && run_goes_on(run); i++) {
    const Message *message = g_array_index(run->open, OpenMessage, i).message;
    FilterScope scope = scope_of_message(run, message, true);

    ask_loops(run, &scope);
  }
  g_array_set_size(run->open, 0);
}

/* All its messages were asked, and none decided. */
static void close_loops(Run *run, const Call *call)
{
  FilterParts *parts = parts_of(run, call);

  for (unsigned i = 0; i < run->loops->len; i++) {
    const FilterNode *loop = run->loops->pdata[i];

    if (!filter_parts_know(parts, loop))
      filter_parts_set(parts, loop, loop->kind == FILTER_ALL);
  }
}

/* Works the roots out for all calls; false when it was stopped. */
static bool decide_calls(Run *run)
{
  size_t count = trace_call_count(run->bulk->trace);
  g_autoptr(GPtrArray) undecided = g_ptr_array_new();

  for (unsigned i = 0; i < run->roots->len; i++)
    find_loops(run->roots->pdata[i], run->loops);
  for (size_t i = 0; i < count && run_goes_on(run); i++) {
    const Call *call = trace_call_at(run->bulk->trace, i);

    if (!call || !ask_roots(run, call, false))
      continue;
    g_ptr_array_add(undecided, (gpointer) (uintptr_t) call);
    if (run->loops->len > 0)
      collect_open(run, call);
  }
  read_open_loops(run);
  for (unsigned i = 0; i < undecided->len && run_goes_on(run); i++) {
    const Call *call = undecided->pdata[i];

    close_loops(run, call);
    ask_roots(run, call, true);
  }
  return !run->stopped;
}

uint64_t *filter_bulk_calls(const FilterBulk *bulk, const FilterPlan *plan)
{
  size_t count = trace_call_count(bulk->trace);
  g_auto(Run) run;

  run_init(&run, bulk);
  g_ptr_array_add(run.roots, plan->calls);
  if (!decide_calls(&run))
    return NULL;
  uint64_t *calls = g_new0(uint64_t, count / 64 + 1);
  for (size_t i = 0; i < count; i++)
    if (filter_parts_hold(&run.parts[i], plan->calls))
      calls[i / 64] |= UINT64_C(1) << i % 64;
  return calls;
}

static gint compare_numbers(gconstpointer a, gconstpointer b)
{
  const Message *first = *(const Message *const *) a, *second = *(const Message *const *) b;

  return (first->number > second->number) - (first->number < second->number);
}

static void choose_of_call(Run *run, const FilterNode *node, const Call *call, GPtrArray *chosen)
{
  for (const Message *m = call->first; m && run_goes_on(run); m = m->next) {
    FilterScope scope = scope_of_message(run, m, false);
    FilterAnswer answer = filter_eval(node, &scope);

    if (answer == FILTER_YES)
      g_ptr_array_add(chosen, (gpointer) (uintptr_t) m);
    else if (answer == FILTER_OPEN)
      add_open(run, m);
  }
}

static void read_open_messages(Run *run, const FilterNode *node, GPtrArray *chosen)
{
  g_array_sort(run->open, compare_places);
  for (unsigned i = 0; i < run->open->len && run_goes_on(run); i++) {
    const Message *message = g_array_index(run->open, OpenMessage, i).message;
    FilterScope scope = scope_of_message(run, message, true);

    if (filter_eval(node, &scope) == FILTER_YES)
      g_ptr_array_add(chosen, (gpointer) (uintptr_t) message);
  }
}

GPtrArray *filter_bulk_messages(const FilterBulk *bulk, const FilterPlan *plan)
{
  g_autoptr(GPtrArray) chosen = g_ptr_array_new();
  g_auto(Run) run;

  run_init(&run, bulk);
  find_roots(plan->messages, run.roots);
  if (run.roots->len > 0 && !decide_calls(&run))
    return NULL;
  for (size_t i = 0; i < trace_call_count(bulk->trace) && run_goes_on(&run); i++) {
    const Call *call = trace_call_at(bulk->trace, i);

    if (call)
      choose_of_call(&run, plan->messages, call, chosen);
  }
  read_open_messages(&run, plan->messages, chosen);
  if (run.stopped)
    return NULL;
  g_ptr_array_sort(chosen, compare_numbers);
  return g_steal_pointer(&chosen);
}
