/* How a ladder is shown: modes are settings, so that the next ladder is shown alike. */
#include "ui/view/flow/flow_view.h"

static AppModel *model_of(const FlowView *flow)
{
  return host_model(flow->view.host);
}

FlowOptions flow_options_of(const Config *config)
{
  return (FlowOptions){
    .sdp = (FlowSdp) config_choice(config, SETTING_FLOW_SDP),
    .color = (FlowColor) config_choice(config, SETTING_FLOW_COLOR),
    .time = (TimeMode) config_choice(config, SETTING_FLOW_TIME),
    .utc = config_bool(config, SETTING_UTC),
    .fold = config_bool(config, SETTING_FLOW_FOLD),
    .gap_ns = config_number(config, SETTING_FLOW_GAP) * SECOND_NS,
  };
}

static void set_options(FlowView *flow, const FlowOptions *options)
{
  flow_model_set_options(flow->model, options);
  flow_refresh(flow);
}

static void merge_all(FlowView *flow, bool merged)
{
  flow->merged = merged;
  flow->column = FLOW_COLUMN_NONE;
  flow_columns_merge_all(flow_model_columns(flow->model), merged);
  flow_model_columns_changed(flow->model);
  flow_refresh(flow);
}

void flow_configured(View *view)
{
  FlowView *flow = (FlowView *) view;
  const Config *config = model_of(flow)->config;
  FlowOptions options = flow_options_of(config);
  bool merged = config_bool(config, SETTING_FLOW_MERGE);

  options.only_sdp = flow_model_options(flow->model)->only_sdp;
  set_options(flow, &options);
  if (merged != flow->merged)
    merge_all(flow, merged);
}

const Aliases *flow_aliases(const FlowView *flow)
{
  const AppModel *model = model_of(flow);

  return config_bool(model->config, SETTING_ALIASES) ? model->aliases : NULL;
}

static void set(FlowView *flow, SettingId id, const char *text)
{
  g_autoptr(GError) error = NULL;

  if (!config_set(model_of(flow)->config, id, text, &error))
    host_tell(flow->view.host, STYLE_ERROR, "%s", error->message);
  flow_configured(&flow->view);
}

static void toggle(FlowView *flow, SettingId id)
{
  config_turn(model_of(flow)->config, id);
  flow_configured(&flow->view);
}

/* The call list has names, too. */
static void toggle_aliases(FlowView *flow)
{
  config_turn(model_of(flow)->config, SETTING_ALIASES);
  host_configured(flow->view.host);
}

/* The next of its words, which is told. */
static void turn(FlowView *flow, SettingId id, const char *what)
{
  host_tell(flow->view.host, STYLE_HINT, "%s: %s", what, config_turn(model_of(flow)->config, id));
  flow_configured(&flow->view);
}

static void toggle_preview(FlowView *flow)
{
  const char *now = config_text(model_of(flow)->config, SETTING_FLOW_PREVIEW);

  set(flow, SETTING_FLOW_PREVIEW, strcmp(now, "off") == 0 ? "auto" : "off");
}

static void resize_preview(FlowView *flow, int percent)
{
  int size = config_number(model_of(flow)->config, SETTING_FLOW_PREVIEW_SIZE) + percent;
  g_autofree char *text = g_strdup_printf("%d", CLAMP(size, 10, 90));

  set(flow, SETTING_FLOW_PREVIEW_SIZE, text);
}

static void toggle_only_sdp(FlowView *flow)
{
  FlowOptions options = *flow_model_options(flow->model);

  options.only_sdp = !options.only_sdp;
  set_options(flow, &options);
}

static bool mode_command(FlowView *flow, CommandId id)
{
  enum { STEP = 5 };

  if (id == COMMAND_SDP)
    turn(flow, SETTING_FLOW_SDP, "session descriptions");
  else if (id == COMMAND_TIME_MODE)
    turn(flow, SETTING_FLOW_TIME, "times");
  else if (id == COMMAND_COLOR_MODE)
    turn(flow, SETTING_FLOW_COLOR, "colours tell");
  else if (id == COMMAND_FOLD_COPIES)
    toggle(flow, SETTING_FLOW_FOLD);
  else if (id == COMMAND_COMPRESS)
    toggle(flow, SETTING_FLOW_MERGE);
  else if (id == COMMAND_ALIASES)
    toggle_aliases(flow);
  else if (id == COMMAND_ONLY_SDP)
    toggle_only_sdp(flow);
  else if (id == COMMAND_PREVIEW)
    toggle_preview(flow);
  else if (id == COMMAND_PREVIEW_MORE || id == COMMAND_PREVIEW_LESS)
    resize_preview(flow, id == COMMAND_PREVIEW_MORE ? STEP : -STEP);
  else if (id == COMMAND_PREVIEW_RESET)
    set(flow, SETTING_FLOW_PREVIEW_SIZE, SETTINGS[SETTING_FLOW_PREVIEW_SIZE].default_text);
  else
    return false;
  return true;
}

/* --- columns --- */

static void name_host(void *data, Host *host, const char *text)
{
  FlowView *flow = data;
  const Endpoint *endpoint =
    flow->column == FLOW_COLUMN_NONE
      ? NULL
      : flow_columns_endpoint(flow_model_columns(flow->model), flow->column);
  char address[ENDPOINT_TEXT_MAX];

  if (!endpoint) /* it went while the name was typed */
    return;
  endpoint_format_address(endpoint, address);
  config_set_value(model_of(flow)->config, "aliases", address, *text ? text : NULL);
  if (*text && !config_bool(model_of(flow)->config, SETTING_ALIASES))
    config_turn(model_of(flow)->config, SETTING_ALIASES);
  host_configured(host);
}

static void ask_name(FlowView *flow)
{
  const Endpoint *endpoint = flow_columns_endpoint(flow_model_columns(flow->model), flow->column);
  char text[ENDPOINT_TEXT_MAX];

  if (!endpoint || endpoint->family == ADDRESS_NONE) {
    host_tell(flow->view.host, STYLE_HINT, "that column is of several hosts");
    return;
  }
  Endpoint host = *endpoint;
  host.port = 0;
  g_autofree char *name = slice_dup(aliases_find(model_of(flow)->aliases, &host));
  g_autofree char *label = g_strdup_printf("name of %s: ", endpoint_format_address(&host, text));
  ask_line(flow->view.host,
           &(AskSetup){.label = label, .text = name, .done = name_host, .data = flow});
}

static void hide(FlowView *flow)
{
  FlowColumns *columns = flow_model_columns(flow->model);

  if (!flow_columns_hide(columns, flow->column)) {
    host_tell(flow->view.host, STYLE_HINT, "the last column cannot be hidden");
    return;
  }
  flow->column = FLOW_COLUMN_NONE;
  flow_model_columns_changed(flow->model);
  flow_refresh(flow);
}

static void show_all(FlowView *flow)
{
  flow_columns_show_all(flow_model_columns(flow->model));
  flow_model_columns_changed(flow->model);
  flow_refresh(flow);
}

static void merge_host(FlowView *flow)
{
  FlowColumns *columns = flow_model_columns(flow->model);
  size_t position = flow_columns_position(columns, flow->column);

  flow_columns_merge(columns, flow->column, !flow_columns_is_merged(columns, flow->column));
  position = MIN(position, flow_columns_count(columns) - 1);
  flow->column = flow_columns_slot_at(columns, position);
  flow_model_columns_changed(flow->model);
  flow_refresh(flow);
}

static bool column_command(FlowView *flow, CommandId id)
{
  FlowColumns *columns = flow_model_columns(flow->model);

  if (id == COMMAND_HIDE_COLUMN)
    hide(flow);
  else if (id == COMMAND_MERGE_COLUMN)
    merge_host(flow);
  else if (id == COMMAND_MOVE_LEFT || id == COMMAND_MOVE_RIGHT)
    flow_columns_move(columns, flow->column, id == COMMAND_MOVE_LEFT ? -1 : 1);
  else if (id == COMMAND_ALIAS)
    ask_name(flow);
  else
    return false;
  return true;
}

static bool wants_column(CommandId id)
{
  return id == COMMAND_HIDE_COLUMN || id == COMMAND_MERGE_COLUMN || id == COMMAND_MOVE_LEFT ||
         id == COMMAND_MOVE_RIGHT || id == COMMAND_ALIAS;
}

bool flow_mode_command(FlowView *flow, CommandId id)
{
  if (id == COMMAND_SHOW_COLUMNS) {
    show_all(flow);
    return true;
  }
  if (wants_column(id) && flow->column == FLOW_COLUMN_NONE) {
    host_tell(flow->view.host, STYLE_HINT, "choose a column first, with Left and Right");
    return true;
  }
  return column_command(flow, id) || mode_command(flow, id);
}
