#include "capture/language.h"
#include "dissect/diagnose/call_path.h"
#include "ui/show/finding_rows.h"
#include "ui/show/flow_rungs.h"
#include "ui/view/flow/flow_view.h"
#include "ui/view/message/message_page.h"
#include "ui/view/screens.h"

static FlowOptions options_of(const Config *config)
{
  return (FlowOptions){
    .sdp = (FlowSdp) config_choice(config, SETTING_FLOW_SDP),
    .color = (FlowColor) config_choice(config, SETTING_FLOW_COLOR),
    .time = (TimeMode) config_choice(config, SETTING_FLOW_TIME),
    .utc = config_bool(config, SETTING_UTC),
    .fold = config_bool(config, SETTING_FLOW_FOLD),
    .media = config_bool(config, SETTING_FLOW_MEDIA),
    .gap_ns = config_number(config, SETTING_FLOW_GAP) * SECOND_NS,
  };
}

const Aliases *flow_aliases(const FlowView *flow)
{
  const AppModel *model = host_model(flow->view.host);

  return config_bool(model->config, SETTING_ALIASES) ? model->aliases : NULL;
}

static void forget_messages(FlowView *flow)
{
  flow->cursor = flow->compared = flow->decided_by = NULL;
  flow->stream = flow->digit = 0;
  flow->proof.count = 0;
  flow_verdict_look(&flow->verdict, NULL, NULL, TEXT_UTF8);
  g_clear_pointer(&flow->cause, g_free);
  flow_texts_reset(flow->texts);
  flow_preview_forget(&flow->preview);
  view_cancel_job(&flow->view);
}

void flow_sync(FlowView *flow)
{
  if (flow_model_sync(flow->model))
    forget_messages(flow);
}

/* Rows that can be made at once are there when the screen is drawn. */
static void refresh_rows(FlowView *flow)
{
  enum { AT_ONCE_US = 8000 };

  flow_sync(flow);
  flow->busy = flow_model_step(flow->model, g_get_monotonic_time() + AT_ONCE_US);
}

void flow_show_calls(FlowView *flow, const FlowCalls *calls)
{
  const AppModel *model = host_model(flow->view.host);
  const FlowSetup setup = {model->trace, model->stores, options_of(model->config)};

  forget_messages(flow);
  flow_model_free(flow->model);
  flow->model = flow_model_new(&setup);
  flow->grouping = (FlowGrouping) config_choice(model->config, SETTING_FLOW_MERGE);
  flow_columns_group_all(flow_model_columns(flow->model), flow->grouping);
  for (size_t i = 0; i < calls->count && i < FLOW_CALLS_MAX; i++)
    flow_model_add_call(flow->model, calls->calls[i]);
  if (calls->count > FLOW_CALLS_MAX)
    host_tell(flow->view.host, STYLE_WARNING, "showing the first %d of %zu calls", FLOW_CALLS_MAX,
              calls->count);
  flow->column = FLOW_COLUMN_NONE;
  flow->scroll = 0;
  flow->offset = 0;
  flow->follow = false;
  refresh_rows(flow);
  g_array_set_size(flow->legs, 0);
  g_array_set_size(flow->hints, 0);
  if (calls->count > 1) { /* of one conversation, if they are: why */
    g_autoptr(GArray) legs = conversations_links(model->conversations, calls->calls[0], NULL);
    g_array_append_vals(flow->legs, legs->data, legs->len);
  }
  if (calls->extended)
    flow_find_legs(flow);
}

/* --- modes, which are settings, so that the next ladder looks alike --- */

static void set_options(FlowView *flow, const FlowOptions *options)
{
  flow_model_set_options(flow->model, options);
  refresh_rows(flow);
}

static void columns_changed(FlowView *flow)
{
  flow_model_columns_changed(flow->model);
  refresh_rows(flow);
}

static void flow_configured(View *view)
{
  FlowView *flow = (FlowView *) view;
  const Config *config = host_model(view->host)->config;
  FlowOptions options = options_of(config);
  FlowGrouping grouping = (FlowGrouping) config_choice(config, SETTING_FLOW_MERGE);

  flow_verdict_look(&flow->verdict, NULL, NULL, TEXT_UTF8); /* names may have changed */
  options.only_sdp = flow_model_options(flow->model)->only_sdp;
  set_options(flow, &options);
  if (grouping == flow->grouping)
    return;
  flow->grouping = grouping;
  flow->column = FLOW_COLUMN_NONE;
  flow_columns_group_all(flow_model_columns(flow->model), grouping);
  columns_changed(flow);
}

static void set_setting(FlowView *flow, SettingId id, const char *text)
{
  g_autoptr(GError) error = NULL;

  if (!config_set(host_model(flow->view.host)->config, id, text, &error))
    host_tell(flow->view.host, STYLE_ERROR, "%s", error->message);
  flow_configured(&flow->view);
}

/* Changes to the next word of the setting and shows it. */
static void turn_setting(FlowView *flow, SettingId id, const char *what)
{
  const char *now = config_turn(host_model(flow->view.host)->config, id);

  if (what)
    host_tell(flow->view.host, STYLE_HINT, "%s%s%s", what, _(": "), now);
  flow_configured(&flow->view);
}

static bool has_groups(const FlowColumns *columns)
{
  for (size_t i = 0; i < flow_columns_count(columns); i++)
    if (flow_columns_is_group(columns, flow_columns_slot_at(columns, i)))
      return true;
  return false;
}

/* From nodes to hosts, to ports, and back; a step that shows the same columns is left out. */
static void turn_grouping(FlowView *flow)
{
  static const char *const WORDS[] = {
    [FLOW_BY_NODE] = "node", [FLOW_BY_HOST] = "host", [FLOW_BY_PORT] = "port"};
  static const FlowGrouping NEXT[] = {
    [FLOW_BY_NODE] = FLOW_BY_HOST, [FLOW_BY_HOST] = FLOW_BY_PORT, [FLOW_BY_PORT] = FLOW_BY_NODE};
  const FlowColumns *columns = flow_model_columns(flow->model);
  size_t before = flow_columns_count(columns);
  bool had_groups = has_groups(columns);
  FlowGrouping next = NEXT[flow->grouping];

  set_setting(flow, SETTING_FLOW_MERGE, WORDS[next]);
  bool same_columns = flow_columns_count(columns) == before &&
                      (next == FLOW_BY_NODE || (next == FLOW_BY_HOST && had_groups));
  if (same_columns)
    set_setting(flow, SETTING_FLOW_MERGE, WORDS[NEXT[next]]);
  host_tell(flow->view.host, STYLE_HINT, "one column per %s", WORDS[flow->grouping]);
}

static bool preview_command(FlowView *flow, CommandId id)
{
  enum { STEP = 5 };
  const Config *config = host_model(flow->view.host)->config;
  bool is_off = strcmp(config_text(config, SETTING_FLOW_PREVIEW), "off") == 0;
  int size = config_number(config, SETTING_FLOW_PREVIEW_SIZE);

  if (id == COMMAND_PREVIEW) {
    set_setting(flow, SETTING_FLOW_PREVIEW, is_off ? "auto" : "off");
  } else if (id == COMMAND_PREVIEW_MORE || id == COMMAND_PREVIEW_LESS) {
    size += id == COMMAND_PREVIEW_MORE ? STEP : -STEP;
    g_autofree char *text = g_strdup_printf("%d", CLAMP(size, 10, 90));
    set_setting(flow, SETTING_FLOW_PREVIEW_SIZE, text);
  } else if (id == COMMAND_PREVIEW_DOWN || id == COMMAND_PREVIEW_UP) {
    flow_preview_scroll(&flow->preview, id == COMMAND_PREVIEW_DOWN ? STEP : -STEP);
  } else if (id == COMMAND_PREVIEW_RESET) {
    set_setting(flow, SETTING_FLOW_PREVIEW_SIZE, SETTINGS[SETTING_FLOW_PREVIEW_SIZE].default_text);
  } else {
    return false;
  }
  return true;
}

static bool mode_command(FlowView *flow, CommandId id)
{
  FlowOptions options = *flow_model_options(flow->model);

  if (id == COMMAND_SDP) {
    turn_setting(flow, SETTING_FLOW_SDP, _("session descriptions"));
  } else if (id == COMMAND_TIME_MODE) {
    turn_setting(flow, SETTING_FLOW_TIME, _("times"));
  } else if (id == COMMAND_COLOR_MODE) {
    turn_setting(flow, SETTING_FLOW_COLOR, _("colour by"));
  } else if (id == COMMAND_FOLD_COPIES) {
    turn_setting(flow, SETTING_FLOW_FOLD, NULL);
  } else if (id == COMMAND_MEDIA) {
    turn_setting(flow, SETTING_FLOW_MEDIA, _("RTP streams"));
  } else if (id == COMMAND_COMPRESS) {
    turn_grouping(flow);
  } else if (id == COMMAND_ALIASES) { /* in the call list, too */
    config_turn(host_model(flow->view.host)->config, SETTING_ALIASES);
    host_configured(flow->view.host);
  } else if (id == COMMAND_ONLY_SDP) {
    options.only_sdp = !options.only_sdp;
    set_options(flow, &options);
  } else {
    return preview_command(flow, id);
  }
  return true;
}

/* --- columns --- */

static void name_host(void *data, Host *host, const char *text)
{
  FlowView *flow = data;
  const AppModel *model = host_model(host);
  const Endpoint *endpoint =
    flow->column == FLOW_COLUMN_NONE
      ? NULL
      : flow_columns_endpoint(flow_model_columns(flow->model), flow->column);
  char address[ENDPOINT_TEXT_MAX];

  if (!endpoint) /* it was removed while the name was typed */
    return;
  endpoint_format_address(endpoint, address);
  config_set_value(model->config, "aliases", address, *text ? text : NULL);
  if (*text && !config_bool(model->config, SETTING_ALIASES))
    config_turn(model->config, SETTING_ALIASES);
  host_configured(host);
}

static void ask_name(FlowView *flow)
{
  const Endpoint *endpoint = flow_columns_endpoint(flow_model_columns(flow->model), flow->column);
  const AppModel *model = host_model(flow->view.host);
  char text[ENDPOINT_TEXT_MAX];

  if (!endpoint || endpoint->family == ADDRESS_NONE) {
    host_tell(flow->view.host, STYLE_HINT, "the selected column has several hosts");
    return;
  }
  Endpoint host = *endpoint;
  host.port = 0;
  g_autofree char *name = slice_dup(aliases_find(model->aliases, &host));
  g_autofree char *label = g_strdup_printf(_("name of %s: "), endpoint_format_address(&host, text));
  ask_line(flow->view.host,
           &(AskSetup){.label = label, .text = name, .done = name_host, .data = flow});
}

static void hide_column(FlowView *flow)
{
  if (!flow_columns_hide(flow_model_columns(flow->model), flow->column)) {
    host_tell(flow->view.host, STYLE_HINT, "the last column cannot be hidden");
    return;
  }
  flow->column = FLOW_COLUMN_NONE;
  columns_changed(flow);
}

static void merge_column(FlowView *flow)
{
  FlowColumns *columns = flow_model_columns(flow->model);
  size_t position = flow_columns_position(columns, flow->column);

  bool is_coarse = flow_columns_is_group(columns, flow->column) ||
                   flow_columns_grouping(columns, flow->column) == FLOW_BY_HOST;
  flow_columns_group(columns, flow->column, is_coarse ? FLOW_BY_PORT : FLOW_BY_HOST);
  position = MIN(position, flow_columns_count(columns) - 1);
  flow->column = flow_columns_slot_at(columns, position);
  columns_changed(flow);
}

static bool column_command(FlowView *flow, CommandId id)
{
  FlowColumns *columns = flow_model_columns(flow->model);
  bool moves = id == COMMAND_MOVE_LEFT || id == COMMAND_MOVE_RIGHT;

  if (id == COMMAND_SHOW_COLUMNS) {
    flow_columns_show_all(columns);
    columns_changed(flow);
    return true;
  }
  if (!moves && id != COMMAND_HIDE_COLUMN && id != COMMAND_MERGE_COLUMN && id != COMMAND_ALIAS)
    return false;
  if (flow->column == FLOW_COLUMN_NONE)
    host_tell(flow->view.host, STYLE_HINT, "select a column first, with Left and Right");
  else if (moves)
    flow_columns_move(columns, flow->column, id == COMMAND_MOVE_LEFT ? -1 : 1);
  else if (id == COMMAND_HIDE_COLUMN)
    hide_column(flow);
  else if (id == COMMAND_MERGE_COLUMN)
    merge_column(flow);
  else
    ask_name(flow);
  return true;
}

/* --- other views --- */

static const Message *walk_beside(void *data, const Message *message, int direction)
{
  flow_sync(data);
  return flow_cursor_beside(data, message, direction);
}

static void walk_moved(void *data, const Message *message)
{
  flow_sync(data);
  flow_cursor_go(data, message);
}

static void open_cursor_message(FlowView *flow, CommandId id)
{
  const MessageWalk walk = {walk_beside, walk_moved, flow};
  const Message *message = flow_cursor_message(flow);

  if (!message)
    return;
  View *view = message_view_new(flow->view.host, message, &walk);
  host_push(flow->view.host, view);
  if (id == COMMAND_RAW)
    view->ops->command(view, id);
}

/* The first is selected, the second one compared with it. */
static void compare_message(FlowView *flow)
{
  const Message *message = flow_cursor_message(flow), *first = flow->compared;

  if (!message)
    return;
  if (!first || first == message) {
    flow->compared = first ? NULL : message;
    return;
  }
  flow->compared = NULL;
  host_push(flow->view.host, diff_view_new(flow->view.host, first, message));
}

/* The message as its sender had received it, beside what it made of it. */
static void compare_hop(FlowView *flow)
{
  enum { ARENA_FIRST = 64 * 1024 };
  const AppModel *model = host_model(flow->view.host);
  const Message *message = flow_cursor_message(flow), *first = NULL;
  CallPath path;
  Arena arena;

  if (!message)
    return;
  arena_init(&arena, ARENA_FIRST);
  call_path_find(model->trace, message->transaction->call, model->stores, &arena, &path);
  const ReadMessage *previous = forwarding_previous(&path.forwarding, message);
  if (previous)
    first = previous->message;
  call_path_clear(&path);
  arena_clear(&arena);
  if (first)
    host_push(flow->view.host, diff_view_new(flow->view.host, first, message));
  else
    host_tell(flow->view.host, STYLE_HINT, "its sender was not seen to receive this message");
}

void flow_view_prove(View *view, const Message *message, const Finding *finding)
{
  FlowView *flow = (FlowView *) view;

  flow_sync(flow);
  flow_cursor_go(flow, message);
  flow->proof = flow_proof_of(finding);
}

static void show_proof(void *data, const Message *message, const Finding *finding)
{
  flow_view_prove(data, message, finding);
}

static void open_findings(FlowView *flow)
{
  g_autoptr(GArray) numbers = flow_model_call_numbers(flow->model);
  const FindingsOf of = {(const uint32_t *) (const void *) numbers->data, numbers->len, show_proof,
                         flow};

  if (numbers->len > 0)
    host_push(flow->view.host, findings_view_new(flow->view.host, &of));
}

static void open_transcript(const FlowView *flow)
{
  g_autoptr(GArray) numbers = flow_model_call_numbers(flow->model);
  const TranscriptOf of = {(const uint32_t *) (const void *) numbers->data, numbers->len,
                           flow_cursor_nearest(flow)};

  if (numbers->len > 0)
    host_push(flow->view.host, transcript_view_new(flow->view.host, &of));
}

static void open_save(FlowView *flow)
{
  g_autoptr(GArray) numbers = flow_model_call_numbers(flow->model);
  const SaveOf of = {(const uint32_t *) (const void *) numbers->data, numbers->len,
                     flow_cursor_nearest(flow)};

  host_push(flow->view.host, save_view_new(flow->view.host, &of));
}

static void open_streams(FlowView *flow)
{
  g_autoptr(GArray) numbers = flow_model_call_numbers(flow->model);

  host_push(flow->view.host, streams_view_new(flow->view.host, numbers));
}

/* Of the ladder, the call of the cursor. */
static void play(const FlowView *flow)
{
  const Message *message = flow_cursor_message(flow);

  if (message)
    player_open_call(flow->view.host, message->transaction->call->number);
}

/* The call of the list before or after the first of these. */
static void show_call_beside(FlowView *flow, int direction)
{
  const CallIndex *index = host_model(flow->view.host)->index;
  size_t row;

  if (flow_model_call_count(flow->model) == 0 ||
      !call_index_find(index, flow_model_call_at(flow->model, 0), &row)) {
    host_tell(flow->view.host, STYLE_HINT, "this call is not in the list");
    return;
  }
  if (direction < 0 ? row == 0 : row + 1 >= call_index_count(index)) {
    host_tell(flow->view.host, STYLE_HINT, "no more calls in the list");
    return;
  }
  uint32_t number = call_index_at(index, direction < 0 ? row - 1 : row + 1);
  flow_show_calls(flow, &(FlowCalls){&number, 1, false});
}

/* --- the clipboard --- */

static void append_stream_label(const FlowView *flow, const FlowStream *stream, GString *to)
{
  FlowStreamLookup lookup = {0};
  const CallStream *found = flow_stream_look_up(&lookup, flow_model_trace(flow->model), stream);

  flow_stream_append_label(to, stream, found, false);
  flow_stream_lookup_clear(&lookup);
}

/* "2026-01-02 03:04:05.123456 10.0.0.1:5060 -> 10.0.0.2:5060 INVITE (SDP)" */
static void copy_row(FlowView *flow)
{
  const AppModel *model = host_model(flow->view.host);
  const Message *message = flow_cursor_message(flow);
  const FlowStream *stream = flow_cursor_stream(flow);
  Clock clock = clock_new(TIME_ABSOLUTE, config_bool(model->config, SETTING_UTC));
  g_autoptr(GString) text = g_string_new(NULL), label = g_string_new(NULL);
  char time[TIME_TEXT_MAX];

  if (!message && !stream)
    return;
  g_string_append_printf(text, "%s ",
                         clock_format(&clock, stream ? stream->time_ns : message->time_ns, time));
  aliases_append(NULL, stream ? &stream->ends[0] : trace_endpoint(model->trace, message->src),
                 ALIAS_WITH_PORT, text);
  g_string_append(text, " -> ");
  aliases_append(NULL, stream ? &stream->ends[1] : trace_endpoint(model->trace, message->dst),
                 ALIAS_WITH_PORT, text);
  g_string_append_c(text, ' ');
  if (stream)
    append_stream_label(flow, stream, label);
  else
    flow_label_append(label, model->trace, message, flow_texts_of(flow->texts, message).phrase);
  text_append_safe(text, slice_of(label->str, label->len), model->charset);
  host_copy(flow->view.host, slice_of(text->str, text->len));
}

static void copy_message(const FlowView *flow)
{
  const Message *message = flow_cursor_message(flow);

  if (message)
    message_copy(flow->view.host, message);
}

/* --- the view --- */

/* On the row of a stream; false if the command is none for a row. */
static bool stream_row_command(FlowView *flow, CommandId id)
{
  Host *host = flow->view.host;

  if (id == COMMAND_OPEN || id == COMMAND_RAW)
    host_push(host, stream_view_new(host, flow_cursor_stream(flow)->stream));
  else if (id == COMMAND_COPY)
    copy_row(flow);
  else if (id == COMMAND_COMPARE || id == COMMAND_BOOKMARK || id == COMMAND_COPY_ALL)
    host_tell(host, STYLE_HINT, "this row is an RTP stream, not a message");
  else
    return false;
  return true;
}

static bool row_command(FlowView *flow, CommandId id)
{
  if (flow_cursor_stream(flow) && stream_row_command(flow, id))
    return true;
  if (id == COMMAND_OPEN || id == COMMAND_RAW)
    open_cursor_message(flow, id);
  else if (id == COMMAND_COMPARE)
    compare_message(flow);
  else if (id == COMMAND_HOP)
    compare_hop(flow);
  else if (id == COMMAND_COMPARE_NONE)
    flow->compared = NULL;
  else if (id == COMMAND_BOOKMARK)
    flow_toggle_bookmark(flow);
  else if (id == COMMAND_BOOKMARK_NEXT)
    flow_next_bookmark(flow);
  else if (id == COMMAND_COPY)
    copy_row(flow);
  else if (id == COMMAND_COPY_ALL)
    copy_message(flow);
  else
    return false;
  return true;
}

/* The call of the cursor, or else the first one. */
static uint32_t cursor_call(const FlowView *flow)
{
  const Message *message = flow_cursor_nearest(flow);

  if (message)
    return message->transaction->call->number;
  return flow_model_call_count(flow->model) > 0 ? flow_model_call_at(flow->model, 0) : 0;
}

static bool ladder_command(FlowView *flow, CommandId id)
{
  Host *host = flow->view.host;

  if (id == COMMAND_SAVE_FLOW)
    open_save(flow);
  else if (id == COMMAND_STREAMS)
    open_streams(flow);
  else if (id == COMMAND_PLAY)
    play(flow);
  else if (id == COMMAND_TRANSCRIPT)
    open_transcript(flow);
  else if (id == COMMAND_FINDINGS)
    open_findings(flow);
  else if (id == COMMAND_STATS)
    host_push(host, stats_view_new(host));
  else if (id == COMMAND_SETTINGS_FLOW)
    host_push(host, settings_view_new(host));
  else if (id == COMMAND_NEXT_CALL || id == COMMAND_PREVIOUS_CALL)
    show_call_beside(flow, id == COMMAND_PREVIOUS_CALL ? -1 : 1);
  else if (id == COMMAND_EXTENDED)
    flow_extend(flow);
  else if (id == COMMAND_CUT_LEG)
    flow_cut_leg(flow);
  else if (id == COMMAND_NOTE)
    note_ask(host, cursor_call(flow));
  else
    return false;
  return true;
}

static bool flow_command(View *view, CommandId id)
{
  FlowView *flow = (FlowView *) view;

  flow_sync(flow);
  return flow_cursor_command(flow, id) || row_command(flow, id) || ladder_command(flow, id) ||
         column_command(flow, id) || mode_command(flow, id) || flow_search_command(flow, id);
}

static bool flow_mouse(View *view, const KeyEvent *event)
{
  flow_sync((FlowView *) view);
  return flow_cursor_mouse((FlowView *) view, event);
}

static void flow_close(View *view)
{
  FlowView *flow = (FlowView *) view;

  flow_model_free(flow->model);
  flow_texts_free(flow->texts);
  flow_preview_clear(&flow->preview);
  arena_clear(&flow->scratch);
  g_array_unref(flow->legs);
  g_array_unref(flow->hints);
  g_ptr_array_unref(flow->needles);
  g_free(flow->needle);
  g_free(flow->cause);
  flow_verdict_clear(&flow->verdict);
  g_free(flow);
}

/* Makes rows; jobs need all of them. */
static bool flow_step(View *view, int64_t until_us)
{
  FlowView *flow = (FlowView *) view;

  flow_sync(flow);
  flow->busy = flow_model_step(flow->model, until_us);
  return flow->busy;
}

static const char *flow_progress(const View *view, double *ret_done)
{
  const FlowView *flow = (const FlowView *) view;

  *ret_done = flow_model_progress(flow->model);
  return flow->busy ? _("reading") : NULL;
}

static bool go_to_message(View *view, uint32_t number)
{
  FlowView *flow = (FlowView *) view;

  flow_sync(flow);
  const Message *message = flow_model_message(flow->model, number);
  if (message)
    flow_cursor_go(flow, message);
  return message != NULL;
}

static const ViewOps OPS = {
  .scope = SCOPE_FLOW,
  .append_title = flow_append_title,
  .draw = flow_draw,
  .command = flow_command,
  .close = flow_close,
  .mouse = flow_mouse,
  .step = flow_step,
  .progress = flow_progress,
  .go = go_to_message,
  .configured = flow_configured,
};

View *flow_view_new(Host *host, const FlowCalls *calls)
{
  enum { SCRATCH_FIRST = 64 * 1024 };
  FlowView *flow = g_new0(FlowView, 1);

  flow->view = (View){.ops = &OPS, .host = host};
  flow->texts = flow_texts_new(host_model(host)->stores);
  flow->legs = g_array_new(FALSE, FALSE, sizeof(Leg));
  flow->hints = g_array_new(FALSE, FALSE, sizeof(Leg));
  flow->needles = g_ptr_array_new_with_free_func(g_free);
  flow_preview_init(&flow->preview);
  flow_verdict_init(&flow->verdict, host_model(host)->trace, host_model(host)->stores);
  arena_init(&flow->scratch, SCRATCH_FIRST);
  flow_show_calls(flow, calls);
  return &flow->view;
}
