#include "capture/language.h"
#include "ui/view/screens.h"
#include "ui/view/widget/form.h"

enum { FIELD_THEME = SETTING_COUNT, FIELD_COUNT };

typedef struct {
  View view;
  FormField fields[FIELD_COUNT]; /* by SettingId, then the button */
  char **choices[SETTING_COUNT]; /* of choices, ended by NULL */
  Form *form;
  size_t field; /* the cursor's, whose text may not be applied yet */
} SettingsView;

static void settings_append_title(const View *view, GString *to)
{
  (void) view;
  g_string_append(to, _("settings"));
}

static void settings_draw(View *view, Canvas *canvas, Rect area)
{
  form_draw_dialog(((SettingsView *) view)->form, canvas, area, _("Settings"));
}

static void settings_close(View *view)
{
  SettingsView *settings = (SettingsView *) view;

  form_free(settings->form);
  for (SettingId id = 0; id < SETTING_COUNT; id++)
    g_strfreev(settings->choices[id]);
  g_free(settings);
}

/* The value as the form has it. */
static const char *value_of(const SettingsView *settings, SettingId id)
{
  switch (settings->fields[id].kind) {
  case FORM_TEXT:
    return form_text(settings->form, id);
  case FORM_CHECK:
    return form_checked(settings->form, id) ? "on" : "off";
  case FORM_CHOICE:
    return settings->choices[id][form_choice(settings->form, id)];
  case FORM_BUTTON:
  case FORM_HEADING:
    break;
  }
  g_assert_not_reached();
}

static void show_value(SettingsView *settings, SettingId id)
{
  const char *value = config_text(host_model(settings->view.host)->config, id);

  if (settings->fields[id].kind == FORM_TEXT)
    form_set_text(settings->form, id, value);
  else if (settings->fields[id].kind == FORM_CHECK)
    form_set_checked(settings->form, id, strcmp(value, "on") == 0);
  for (unsigned i = 0; settings->choices[id] && settings->choices[id][i]; i++)
    if (strcmp(settings->choices[id][i], value) == 0)
      form_set_choice(settings->form, id, i);
}

/* Applies the value, or says why not and shows the old one. */
static bool apply_field(SettingsView *settings, size_t field)
{
  SettingId id = (SettingId) field;
  Host *host = settings->view.host;
  Config *config = host_model(host)->config;
  g_autoptr(GError) error = NULL;

  if (field == FIELD_THEME)
    return true;
  g_autofree char *before = g_strdup(config_text(config, id));
  if (!config_set(config, id, value_of(settings, id), &error)) {
    host_tell(host, STYLE_ERROR, "%s", error->message);
    show_value(settings, id);
    return false;
  }
  if (strcmp(before, config_text(config, id)) != 0)
    host_configured(host);
  return true;
}

/* A text is applied when it is complete: a hosts file is not searched for letter by letter. */
static bool take_form_setting(SettingsView *settings, FormResult result)
{
  size_t cursor = form_cursor(settings->form);

  if (result == FORM_CHANGED && settings->fields[cursor].kind != FORM_TEXT)
    apply_field(settings, cursor);
  if (settings->field != cursor) {
    apply_field(settings, settings->field);
    settings->field = cursor;
  }
  if (result == FORM_PRESSED && cursor == FIELD_THEME)
    host_push(settings->view.host, theme_view_new(settings->view.host));
  return result != FORM_IGNORED;
}

static bool settings_command(View *view, CommandId id)
{
  SettingsView *settings = (SettingsView *) view;
  g_autoptr(GError) error = NULL;

  bool presses = id == COMMAND_ACCEPT && form_cursor(settings->form) == FIELD_THEME;
  if ((id != COMMAND_BACK && id != COMMAND_ACCEPT) || presses)
    return take_form_setting(settings, form_command(settings->form, id));
  /* A refused value can be typed again, unless the dialog is left with Esc. */
  if (!apply_field(settings, settings->field) && id == COMMAND_ACCEPT)
    return true;
  if (!config_save(host_model(view->host)->config, &error))
    host_tell(view->host, STYLE_ERROR, "%s", error->message);
  host_close(view->host, view);
  return true;
}

static bool settings_key(View *view, const KeyEvent *event)
{
  SettingsView *settings = (SettingsView *) view;

  return take_form_setting(settings, form_key(settings->form, event));
}

static const char *settings_typing(const View *view)
{
  return form_is_typed(((const SettingsView *) view)->form) ? "" : NULL;
}

static bool settings_mouse(View *view, const KeyEvent *event)
{
  SettingsView *settings = (SettingsView *) view;

  return take_form_setting(settings, form_mouse(settings->form, event));
}

static FormKind form_kind_of(SettingId id)
{
  if (id == SETTING_THEME)
    return FORM_CHOICE;
  switch (SETTINGS[id].type) {
  case SETTING_TYPE_BOOLEAN:
    return FORM_CHECK;
  case SETTING_TYPE_CHOICE:
    return FORM_CHOICE;
  case SETTING_TYPE_NUMBER:
  case SETTING_TYPE_TEXT:
    return FORM_TEXT;
  }
  g_assert_not_reached();
}

View *settings_view_new(Host *host)
{
  static const ViewOps OPS = {
    .scope = SCOPE_FORM,
    .is_dialog = true,
    .append_title = settings_append_title,
    .draw = settings_draw,
    .command = settings_command,
    .close = settings_close,
    .key = settings_key,
    .typing = settings_typing,
    .mouse = settings_mouse,
  };
  SettingsView *settings = g_new0(SettingsView, 1);

  settings->view = (View){.ops = &OPS, .host = host};
  for (SettingId id = 0; id < SETTING_COUNT; id++) {
    FormKind kind = form_kind_of(id);
    char **choices = NULL;

    if (id == SETTING_THEME)
      choices = config_theme_names(host_model(host)->config);
    else if (kind == FORM_CHOICE)
      choices = g_strsplit(SETTINGS[id].choices, " ", -1);
    settings->choices[id] = choices;
    settings->fields[id] =
      (FormField){kind, SETTINGS[id].name, (const char *const *) choices, SETTINGS[id].help};
  }
  settings->fields[FIELD_THEME] =
    (FormField){FORM_BUTTON, N_("Colours"), NULL, N_("change the colours of the theme")};
  settings->form = form_new(settings->fields, FIELD_COUNT);
  for (SettingId id = 0; id < SETTING_COUNT; id++)
    show_value(settings, id);
  return &settings->view;
}
