#include "ui/report/live_save.h"

#include "dissect/pick/frame_picker.h"

enum {
  TICK_US = 250 * 1000,  /* between two looks at the calls, and two writes */
  ASK_US = 5 * 1000,     /* of a look at the calls */
  STEP_US = 20 * 1000,   /* of a pass */
  PASS_US = 1000 * 1000, /* at least between two passes, */
  PASS_SHARE = 10,       /* which take at most this part of the time */
  ASKED_EACH_TIME = 32,  /* messages; a longer call is asked each time it has doubled */
  MARKS = 64 * 1024,     /* of messages whose frames are still to come: in the same batch, mostly */
  SELECTED_FIRST = 1024, /* calls; those that were evicted are dropped when they have doubled */
  ASK_SPARE = 1024,      /* that the queue may have besides as many as wait */
};

/* For the rest of a message of which a segment or fragment has come. */
static const int64_t PIECES_WAIT_NS = INT64_C(500) * 1000 * 1000;

struct LiveSave {
  PacketSaveInput input;
  PacketSaveOptions options;
  bool is_steady;      /* what is selected by now stays so */
  FramePicker *picker; /* of what comes */
  MediaEnds *media;    /* NULL: not wanted */
  bool is_split;       /* the sink */
  HashSet *marks;      /* message_mark of recent messages of selected calls; NULL: all are wanted */
  GHashTable *selected; /* call numbers -> number of the last frame before the call was selected */
  GHashTable *waiting;  /* call numbers */
  GQueue ask;           /* call numbers: those of `waiting`, to be asked next first */
  guint selected_max;   /* when `selected` is cleaned next */
  uint64_t undecided;   /* calls that were evicted before they were over */
  GArray *touched;      /* uint32_t: of `waiting`, by the messages of this batch */
  GArray *late;         /* uint32_t: selected after some of their packets had passed */
  PacketSave *pass;     /* of late calls; or NULL */
  Selection *pass_calls;
  int64_t ticked_us, pass_began_us, next_pass_us;
  uint64_t passed; /* the last frame of the batch before */
  GError *error;
};

LiveSave *live_save_new(const PacketSaveInput *input, const PacketSaveOptions *options)
{
  LiveSave *save = g_new0(LiveSave, 1);
  const Selection *selection = options->selection;

  g_assert(options->sink);
  save->input = *input;
  save->options = *options;
  selection_bind(options->selection, input->trace, input->stores);
  save->is_steady = !selection->filter || display_filter_is_steady(selection->filter);
  save->is_split = packet_sink_is_split(options->sink);
  if (!selection_is_all(selection) || save->is_split)
    save->marks = hash_set_new_recent(MARKS);
  save->selected = g_hash_table_new(NULL, NULL);
  if (options->with_media)
    save->media = media_ends_new(input->trace, input->stores, save->marks ? save->selected : NULL);
  save->picker = frame_picker_new(
    &(FrameChoice){
      .calls = save->marks,
      .by_call = save->is_split,
      .seed = input->seed,
      .media = save->media,
      .wait_ns = PIECES_WAIT_NS,
      .with_keys = options->with_secrets,
    },
    &(Setup){.stores = input->stores, .limits = input->limits});
  save->selected_max = SELECTED_FIRST;
  save->waiting = g_hash_table_new(NULL, NULL);
  g_queue_init(&save->ask);
  save->touched = g_array_new(false, false, sizeof(uint32_t));
  save->late = g_array_new(false, false, sizeof(uint32_t));
  return save;
}

static void end_pass(LiveSave *save)
{
  g_clear_pointer(&save->pass, packet_save_free);
  g_clear_pointer(&save->pass_calls, selection_free);
}

void live_save_free(LiveSave *save)
{
  if (!save)
    return;
  end_pass(save);
  frame_picker_free(save->picker);
  media_ends_free(save->media);
  hash_set_free(save->marks);
  g_hash_table_unref(save->selected);
  g_hash_table_unref(save->waiting);
  g_queue_clear(&save->ask);
  g_array_unref(save->touched);
  g_array_unref(save->late);
  g_clear_error(&save->error);
  g_free(save);
}

/* --- Which calls ------------------------------------------------------------------------------ */

static gboolean is_evicted(gpointer number, gpointer unused, gpointer data)
{
  const LiveSave *save = data;

  (void) unused;
  return !trace_call(save->input.trace, GPOINTER_TO_UINT(number));
}

static void select_call(LiveSave *save, const Call *call)
{
  gpointer number = GUINT_TO_POINTER(call->number);

  if (g_hash_table_size(save->selected) >= save->selected_max) {
    g_hash_table_foreach_remove(save->selected, is_evicted, save);
    save->selected_max = MAX(2 * g_hash_table_size(save->selected), (guint) SELECTED_FIRST);
  }
  g_hash_table_remove(save->waiting, number);
  g_hash_table_insert(save->selected, number, GSIZE_TO_POINTER(save->passed));
  for (const Message *message = call->first; message; message = message->next)
    if (message->frame > save->passed) /* the others are for the pass over the spool */
      hash_set_put(save->marks, message_mark(call, message), call->number);
  if (call->first->frame <= save->passed)
    g_array_append_val(save->late, call->number);
}

static bool is_wanted(const LiveSave *save, const Call *call)
{
  Selection *selection = save->options.selection;

  return selection_has_call(selection, call) && selection_matches_call(selection, call);
}

void live_save_message(LiveSave *save, const Message *message)
{
  const Call *call = message->transaction->call;
  gpointer number = GUINT_TO_POINTER(call->number);

  if (!save->marks)
    return;
  if (g_hash_table_contains(save->selected, number)) {
    hash_set_put(save->marks, message_mark(call, message), call->number);
    return;
  }
  if (g_hash_table_add(save->waiting, number))
    g_queue_push_tail(&save->ask, number);
  if (save->is_steady)
    g_array_append_val(save->touched, call->number);
}

static bool is_asked_now(const Call *call)
{
  return call->messages <= ASKED_EACH_TIME || (call->messages & (call->messages - 1)) == 0;
}

/* Before the frames of their messages are looked at. */
static void ask_touched(LiveSave *save)
{
  for (guint i = 0; i < save->touched->len; i++) {
    uint32_t number = g_array_index(save->touched, uint32_t, i);
    const Call *call = trace_call(save->input.trace, number);

    if (call && g_hash_table_contains(save->waiting, GUINT_TO_POINTER(number)) &&
        is_asked_now(call) && is_wanted(save, call))
      select_call(save, call);
  }
  g_array_set_size(save->touched, 0);
}

/* Calls that are over do not change any more; with another message they wait again. */
static void ask_call(LiveSave *save, gpointer number, int64_t now_ns)
{
  const Call *call = trace_call(save->input.trace, GPOINTER_TO_UINT(number));

  if (call && !call_has_ended(call, now_ns))
    g_queue_push_tail(&save->ask, number);
  else if (call && is_wanted(save, call))
    select_call(save, call);
  else
    g_hash_table_remove(save->waiting, number);
}

/* Each call once, or as many as there is time for: the next look begins with the others. */
static void ask_waiting(LiveSave *save, int64_t now_ns, int64_t until_us)
{
  for (guint left = save->ask.length; left > 0 && g_get_monotonic_time() < until_us; left--) {
    gpointer number = g_queue_pop_head(&save->ask);
    if (g_hash_table_contains(save->waiting, number)) /* else ask_touched has selected it */
      ask_call(save, number, now_ns);
  }
}

/* --- Their packets ---------------------------------------------------------------------------- */

static void write_picked(LiveSave *save)
{
  PickedFrame picked;

  while (!save->error && frame_picker_next(save->picker, &picked)) {
    packet_sink_add_secrets(save->options.sink, save->picker, &save->error);
    if (!save->error)
      packet_sink_add(save->options.sink, &picked, &save->error);
  }
}

void live_save_frames(LiveSave *save, const FrameBatch *batch)
{
  frame_picker_add_keys(save->picker, &batch->secrets);
  if (batch->count == 0)
    return;
  ask_touched(save);
  for (size_t i = 0; i < batch->count; i++)
    frame_picker_feed(save->picker, &batch->frames[i]);
  frame_picker_expire(save->picker);
  write_picked(save);
  save->passed = batch->frames[batch->count - 1].number;
}

static void begin_pass(LiveSave *save, int64_t now_us)
{
  PacketSaveOptions options = save->options;

  save->pass_calls = selection_new();
  selection_set_calls(save->pass_calls, (const uint32_t *) save->late->data, save->late->len);
  g_array_set_size(save->late, 0);
  options.selection = save->pass_calls;
  options.until = save->is_split ? save->selected : NULL;
  save->pass = packet_save_new(&save->input, &options);
  save->pass_began_us = now_us;
}

static void step_pass(LiveSave *save, int64_t until_us)
{
  uint64_t unused;

  if (packet_save_step(save->pass, until_us))
    return;
  (void) !packet_save_finish(save->pass, &unused, &save->error);
  end_pass(save);
  int64_t now_us = g_get_monotonic_time();
  save->next_pass_us =
    now_us + MAX((int64_t) PASS_US, (now_us - save->pass_began_us) * (PASS_SHARE - 1));
}

bool live_save_tick(LiveSave *save, int64_t now_ns)
{
  int64_t now_us = g_get_monotonic_time();
  bool is_due = now_us - save->ticked_us >= TICK_US;

  if (is_due) {
    ask_waiting(save, now_ns, now_us + ASK_US);
    frame_picker_note_time(save->picker, now_ns);
    write_picked(save);
  }
  if (!save->error && !save->pass && save->late->len > 0 && now_us >= save->next_pass_us)
    begin_pass(save, now_us);
  if (!save->error && save->pass)
    step_pass(save, g_get_monotonic_time() + STEP_US);
  if (is_due && !save->error)
    (void) !packet_sink_flush(save->options.sink, &save->error);
  if (is_due)
    save->ticked_us = now_us;
  return !save->error;
}

static void make_passes(LiveSave *save)
{
  while (!save->error && (save->pass || save->late->len > 0)) {
    if (!save->pass)
      begin_pass(save, g_get_monotonic_time());
    step_pass(save, INT64_MAX);
  }
  if (!save->error && save->is_split) /* needs the calls for the names of their files */
    (void) !packet_sink_flush(save->options.sink, &save->error);
}

/* --- Those that have to go -------------------------------------------------------------------- */

/* May it still become one that is wanted? */
static bool is_undecided(const LiveSave *save, const Call *call)
{
  CallSummary summary = call_summarize(call, trace_now(save->input.trace));

  return !save->is_steady && !summary.is_unknown && !call_summary_is_final(&summary);
}

static void ask_leaving(LiveSave *save, const Call *call)
{
  gpointer number = GUINT_TO_POINTER(call->number);

  if (g_hash_table_contains(save->waiting, number) && is_wanted(save, call))
    select_call(save, call);
  if (g_hash_table_remove(save->waiting, number))
    save->undecided += is_undecided(save, call);
  else if (save->is_split && g_hash_table_contains(save->selected, number))
    packet_sink_leaving(save->options.sink, call);
}

/* Does one of these have to go, which are for a pass? */
static bool has_leaving(const LiveSave *save, const GArray *numbers)
{
  for (guint i = 0; i < numbers->len; i++) {
    const Call *call = trace_call(save->input.trace, g_array_index(numbers, uint32_t, i));
    if (call && call->is_chosen)
      return true;
  }
  return false;
}

/* So that it is not full of those that have gone. */
static void shorten_queue(LiveSave *save)
{
  if (save->ask.length / 2 < g_hash_table_size(save->waiting) + ASK_SPARE)
    return;
  for (guint left = save->ask.length; left > 0; left--) {
    gpointer number = g_queue_pop_head(&save->ask);
    if (g_hash_table_contains(save->waiting, number))
      g_queue_push_tail(&save->ask, number);
  }
}

void live_save_leaving(LiveSave *save, Call *const *calls, size_t count)
{
  for (size_t i = 0; i < count; i++)
    ask_leaving(save, calls[i]);
  if (has_leaving(save, save->late) || (save->pass && has_leaving(save, save->pass_calls->numbers)))
    make_passes(save);
  shorten_queue(save);
}

uint64_t live_save_undecided(const LiveSave *save)
{
  return save->undecided;
}

/* No call changes any more. */
static void ask_all(LiveSave *save)
{
  gpointer number;

  while ((number = g_queue_pop_head(&save->ask))) {
    const Call *call = trace_call(save->input.trace, GPOINTER_TO_UINT(number));
    if (call && g_hash_table_contains(save->waiting, number) && is_wanted(save, call))
      select_call(save, call);
  }
}

static void finish_split(LiveSave *save)
{
  ask_all(save);
  frame_picker_end(save->picker);
  write_picked(save);
  make_passes(save);
}

bool live_save_finish(LiveSave *save, GError **error)
{
  if (save->is_split)
    finish_split(save);
  end_pass(save);
  if (save->error)
    g_propagate_error(error, g_steal_pointer(&save->error));
  return !*error;
}
