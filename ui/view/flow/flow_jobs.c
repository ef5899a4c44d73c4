/* What takes long in a ladder: reading it, looking for a text, looking for other calls. */
#include "ui/view/flow/flow_view.h"

static Host *host_of(const FlowView *flow)
{
  return flow->view.host;
}

static void flow_stop_search(FlowView *flow)
{
  if (flow->search)
    job_free(&flow->search->job);
  flow->search = NULL;
}

static void flow_stop_extend(FlowView *flow)
{
  if (flow->extend)
    job_free(&flow->extend->job);
  flow->extend = NULL;
}

void flow_stop_jobs(FlowView *flow)
{
  flow_stop_search(flow);
  flow_stop_extend(flow);
}

/* --- search --- */

/* The message of the cursor, though its row may still have to be made. */
static const Message *search_from(const FlowView *flow)
{
  bool known = flow->busy && flow->cursor && !flow->follow;

  return known ? flow->cursor : flow_cursor_message(flow);
}

static void begin_search(FlowView *flow, bool backward)
{
  const FlowSearchSetup setup = {
    .model = flow->model,
    .stores = host_model(host_of(flow))->stores,
    .text = slice_from_string(flow->needle),
    .after = search_from(flow),
    .backward = backward,
  };

  flow_stop_jobs(flow);
  flow->search = flow_search_new(&setup);
}

static void search_for(void *data, Host *host, const char *text)
{
  FlowView *flow = data;

  (void) host;
  flow_sync(flow);
  if (*text == '\0')
    return;
  g_free(flow->needle);
  flow->needle = g_strdup(text);
  flow_preview_forget(&flow->preview);
  begin_search(flow, false);
}

static void ask_needle(FlowView *flow)
{
  ask_line(host_of(flow), &(AskSetup){
                            .label = "search: ",
                            .history = flow->needles,
                            .done = search_for,
                            .data = flow,
                          });
}

static void search_again(FlowView *flow, bool backward)
{
  if (flow->needle)
    begin_search(flow, backward);
  else
    ask_needle(flow);
}

static void search_transaction(FlowView *flow, bool backward)
{
  const Message *message = search_from(flow);
  const FlowSearchSetup setup = {
    .model = flow->model,
    .stores = host_model(host_of(flow))->stores,
    .after = message,
    .of_transaction = message ? message->transaction : NULL,
    .backward = backward,
  };

  flow_stop_jobs(flow);
  if (message)
    flow->search = flow_search_new(&setup);
}

static void end_search(FlowView *flow)
{
  const FlowSearch *search = flow->search;

  if (search->found) {
    flow_cursor_go(flow, search->found);
    if (search->wrapped)
      host_tell(host_of(flow), STYLE_HINT, "the search went on at the other end");
  } else if (search->unreadable > 0) {
    host_tell(host_of(flow), STYLE_ERROR, "not found; %zu messages could not be read",
              search->unreadable);
  } else if (search->of_text) {
    host_tell(host_of(flow), STYLE_WARNING, "not found: %s", flow->needle);
  } else {
    host_tell(host_of(flow), STYLE_HINT, "the transaction has no further message that is shown");
  }
  flow_stop_search(flow);
}

/* --- calls that belong to this one --- */

void flow_extend_now(FlowView *flow)
{
  const AppModel *model = host_model(host_of(flow));
  g_autoptr(GArray) numbers = flow_call_numbers(flow);
  const FlowExtendSetup setup = {model->trace, model->stores, (const uint32_t *) numbers->data,
                                 numbers->len};

  flow_stop_jobs(flow);
  flow->extend = flow_extend_new(&setup);
}

/* They are shown from now on. */
static void add_kin(FlowView *flow, const GArray *kin)
{
  for (guint i = 0; i < kin->len; i++) {
    const FlowKin *one = &g_array_index(kin, FlowKin, i);
    if (flow_model_add_call(flow->model, one->number))
      g_array_append_val(flow->kin, *one);
  }
}

static void tell_added(FlowView *flow, const GArray *kin)
{
  g_autoptr(GString) text = g_string_new("added ");

  flow_kin_append(text, kin);
  host_tell(host_of(flow), STYLE_HINT, "%s", text->str);
}

static void tell_hints(FlowView *flow, const GArray *facts)
{
  g_autoptr(GString) text = g_string_new(NULL);

  if (facts->len > 0) {
    g_string_append(text, "added ");
    flow_kin_append(text, facts);
    g_string_append(text, "; ");
  }
  g_string_append(text, "likely: ");
  flow_kin_append(text, flow->hints);
  g_string_append(text, "; ");
  keymap_append_keys(host_model(host_of(flow))->keymap, COMMAND_EXTENDED, text);
  g_string_append(text, flow->hints->len == 1 ? " adds it" : " adds them");
  host_tell(host_of(flow), STYLE_HINT, "%s", text->str);
}

/* Facts are added at once; hints when they are asked for again. */
static void end_extend(FlowView *flow)
{
  const GArray *facts = flow->extend->facts, *hints = flow->extend->hints;

  g_array_set_size(flow->hints, 0);
  g_array_append_vals(flow->hints, hints->data, hints->len);
  add_kin(flow, facts);
  if (hints->len > 0)
    tell_hints(flow, facts);
  else if (facts->len > 0)
    tell_added(flow, facts);
  else
    host_tell(host_of(flow), STYLE_HINT, "no call was found that belongs to this one");
  flow_stop_extend(flow);
}

static size_t add_marked(FlowView *flow)
{
  g_autoptr(GArray) marked = call_set_numbers(host_model(host_of(flow))->marks);
  size_t added = 0;

  for (guint i = 0; i < marked->len; i++)
    added += flow_model_add_call(flow->model, g_array_index(marked, uint32_t, i));
  return added;
}

/* What the user says goes first, then what the calls say, then what is only likely. */
static void extend(FlowView *flow)
{
  size_t marked = add_marked(flow);

  if (marked > 0) {
    host_tell(host_of(flow), STYLE_HINT, "%zu marked %s added", marked,
              marked == 1 ? "call" : "calls");
    return;
  }
  if (flow->hints->len == 0) {
    flow_extend_now(flow);
    return;
  }
  add_kin(flow, flow->hints);
  tell_added(flow, flow->hints);
  g_array_set_size(flow->hints, 0);
}

/* --- all of them --- */

bool flow_job_command(FlowView *flow, CommandId id)
{
  if (id == COMMAND_SEARCH)
    ask_needle(flow);
  else if (id == COMMAND_SEARCH_NEXT || id == COMMAND_SEARCH_PREVIOUS)
    search_again(flow, id == COMMAND_SEARCH_PREVIOUS);
  else if (id == COMMAND_NEXT_IN_TRANSACTION || id == COMMAND_PREVIOUS_IN_TRANSACTION)
    search_transaction(flow, id == COMMAND_PREVIOUS_IN_TRANSACTION);
  else if (id == COMMAND_EXTENDED)
    extend(flow);
  else
    return false;
  return true;
}

bool flow_step(View *view, int64_t until_us)
{
  FlowView *flow = (FlowView *) view;

  flow_sync(flow);
  flow->busy = flow_model_step(flow->model, until_us);
  if (flow->busy) /* the others want all rows */
    return true;
  if (flow->search) {
    if (!job_step(&flow->search->job, until_us))
      end_search(flow);
    return true; /* what was found is to be drawn */
  }
  if (flow->extend) {
    if (!job_step(&flow->extend->job, until_us))
      end_extend(flow);
    return true;
  }
  return false;
}

const char *flow_progress(const View *view, double *ret_done)
{
  const FlowView *flow = (const FlowView *) view;

  const Job *job = NULL;

  if (flow->search)
    job = &flow->search->job;
  else if (flow->extend)
    job = &flow->extend->job;
  if (job) {
    *ret_done = job_progress(job);
    return job_name(job);
  }
  *ret_done = flow_model_progress(flow->model);
  return flow->busy ? "reading" : NULL;
}

bool flow_stop(View *view)
{
  FlowView *flow = (FlowView *) view;
  bool runs = flow->search || flow->extend;

  flow_stop_jobs(flow);
  return runs;
}
