#include "ui/view/save/save_view.h"

#include "capture/error.h"
#include "capture/language.h"
#include "ui/show/format.h"
#include "ui/view/screens.h"
#include "ui/view/widget/ask.h"
#include "ui/view/widget/form.h"

/* --- what is saved, and where to --- */

struct SaveChoice {
  Host *host;
  GArray *calls; /* uint32_t: of the screen it was opened from */
  const Message *message;
  uint32_t message_call, message_number;
  uint32_t call, stream; /* that audio can be saved of; 0: none */
  SaveWhat what;         /* that is collected */
  Selection *selection;  /* of the last one that was collected */
  CallSet *shown;        /* while rows are collected, which need not be in order */
  size_t next_row;
};

SaveChoice *save_choice_new(Host *host, const SaveOf *of)
{
  SaveChoice *choice = g_new0(SaveChoice, 1);

  choice->host = host;
  choice->calls = g_array_new(false, false, sizeof(uint32_t));
  if (of->call_count > 0)
    g_array_append_vals(choice->calls, of->calls, (guint) of->call_count);
  if (of->message) {
    choice->message = of->message;
    choice->message_call = of->message->transaction->call->number;
    choice->message_number = of->message->number;
  }
  choice->stream = of->stream;
  choice->call = of->message ? choice->message_call : of->call_count == 1 ? of->calls[0] : 0;
  return choice;
}

void save_choice_free(SaveChoice *choice)
{
  if (!choice)
    return;
  g_array_unref(choice->calls);
  selection_free(choice->selection);
  call_set_free(choice->shown);
  g_free(choice);
}

size_t save_choice_count(const SaveChoice *choice, SaveWhat what)
{
  const AppModel *model = host_model(choice->host);

  switch (what) {
  case SAVE_MESSAGE:
    return choice->message ? 1 : 0;
  case SAVE_CALLS:
    return choice->calls->len;
  case SAVE_MARKED:
    return call_set_count(model->marks);
  case SAVE_SHOWN:
    return call_index_count(model->index);
  case SAVE_ALL:
    return trace_call_count(model->trace);
  case SAVE_STREAM:
    return choice->stream > 0 ? 1 : 0;
  case SAVE_CALL:
    return choice->call > 0 ? 1 : 0;
  case SAVE_WHAT_COUNT:
    break;
  }
  g_assert_not_reached();
}

const char *save_choice_title(const SaveChoice *choice, SaveWhat what)
{
  static const char *const TITLES[SAVE_WHAT_COUNT] = {
    [SAVE_MESSAGE] = N_("this message"), [SAVE_CALLS] = N_("this call"),
    [SAVE_MARKED] = N_("marked calls"),  [SAVE_SHOWN] = N_("calls in the list"),
    [SAVE_ALL] = N_("all calls"),        [SAVE_STREAM] = N_("this stream"),
    [SAVE_CALL] = N_("this call"),
  };

  return what == SAVE_CALLS && choice->calls->len > 1 ? _("these calls") : _(TITLES[what]);
}

void save_choice_append_count(const SaveChoice *choice, SaveWhat what, GString *to)
{
  size_t count = save_choice_count(choice, what);
  const char *unit = what == SAVE_MESSAGE  ? translate_count(" message", " messages", count)
                     : what == SAVE_STREAM ? translate_count(" stream", " streams", count)
                                           : translate_count(" call", " calls", count);

  g_string_append_printf(to, "%zu%s", count, unit);
}

char *save_choice_stem(const SaveChoice *choice, SaveWhat what)
{
  if (what == SAVE_MESSAGE)
    return g_strdup_printf("message-%u", choice->message_number);
  if (what == SAVE_CALLS && choice->calls->len == 1)
    return g_strdup_printf("call-%u", g_array_index(choice->calls, uint32_t, 0));
  if (what == SAVE_CALL)
    return g_strdup_printf("call-%u", choice->call);
  if (what == SAVE_STREAM)
    return g_strdup_printf("stream-%u", choice->stream);
  return g_strdup("calls");
}

static void select_calls(SaveChoice *choice, const CallSet *set)
{
  g_autoptr(GArray) numbers = call_set_numbers(set);

  selection_set_calls(choice->selection, (const uint32_t *) (const void *) numbers->data,
                      numbers->len);
}

void save_choice_begin(SaveChoice *choice, SaveWhat what)
{
  choice->what = what;
  choice->next_row = 0;
  g_clear_pointer(&choice->shown, call_set_free);
  g_clear_pointer(&choice->selection, selection_free);
  choice->selection = selection_new();
  if (what == SAVE_CALLS)
    selection_set_calls(choice->selection, (const uint32_t *) (const void *) choice->calls->data,
                        choice->calls->len);
  if (what == SAVE_CALL)
    selection_set_calls(choice->selection, &choice->call, 1);
  if (what == SAVE_MARKED)
    select_calls(choice, host_model(choice->host)->marks);
  if (what == SAVE_SHOWN)
    choice->shown = call_set_new();
}

bool save_choice_step(SaveChoice *choice, int64_t until_us)
{
  enum { CHUNK = 256 };
  const CallIndex *index = host_model(choice->host)->index;

  while (choice->shown) {
    for (unsigned i = 0; i < CHUNK && choice->next_row < call_index_count(index); i++)
      call_set_put(choice->shown, call_index_at(index, choice->next_row++), true);
    if (choice->next_row >= call_index_count(index)) {
      select_calls(choice, choice->shown);
      g_clear_pointer(&choice->shown, call_set_free);
    }
    if (g_get_monotonic_time() >= until_us)
      break;
  }
  return choice->shown != NULL;
}

uint32_t save_choice_stream(const SaveChoice *choice)
{
  return choice->what == SAVE_STREAM ? choice->stream : 0;
}

Selection *save_choice_selection(const SaveChoice *choice)
{
  if (choice->what == SAVE_MESSAGE && !host_call(choice->host, choice->message_call))
    return NULL;
  if (choice->what == SAVE_MESSAGE && choice->selection->frame == 0)
    selection_set_message(choice->selection, choice->message);
  return choice->selection;
}

/* --- names of files --- */

enum { ENTRIES_MAX = 10000, CANDIDATES_MAX = 100 };

char *save_name_change(const char *name, ExportFormatId from, ExportFormatId to)
{
  const char *ending = EXPORT_FORMATS[from].ending;

  if (!g_str_has_suffix(name, ending))
    return g_strdup(name);
  g_autofree char *stem = g_strndup(name, strlen(name) - strlen(ending));
  return g_strconcat(stem, EXPORT_FORMATS[to].ending, NULL);
}

static char *expand_home(const char *path)
{
  if (strncmp(path, "~/", 2) != 0)
    return g_strdup(path);
  return g_build_filename(g_get_home_dir(), path + 2, NULL);
}

char *save_name_path(const char *typed, ExportFormatId format)
{
  char *path = expand_home(typed);
  const char *slash = strrchr(path, '/');
  char *name = path + (slash ? slash + 1 - path : 0);

  if (name[strspn(name, " ")] == '\0') /* hard to find again */
    *name = '\0';
  if (*name == '\0' || strchr(name, '.') || g_file_test(path, G_FILE_TEST_EXISTS))
    return path;
  char *whole = g_strconcat(path, EXPORT_FORMATS[format].ending, NULL);
  g_free(path);
  return whole;
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
  const char *const *left = a, *const *right = b;

  return strcmp(*left, *right);
}

/* Names that cannot be typed are not offered; hidden files only after a dot. */
size_t save_name_complete(void *data, Slice before_cursor, GPtrArray *candidates)
{
  size_t start = before_cursor.len;

  (void) data;
  while (start > 0 && before_cursor.data[start - 1] != '/')
    start--;
  Slice typed = slice_from(before_cursor, start);
  g_autofree char *written = g_strndup(before_cursor.data, start);
  g_autofree char *folder = expand_home(start > 0 ? written : "./");
  GDir *dir = g_dir_open(folder, 0, NULL);
  for (unsigned i = 0; dir && i < ENTRIES_MAX && candidates->len < CANDIDATES_MAX; i++) {
    const char *entry = g_dir_read_name(dir);

    if (!entry)
      break;
    if ((entry[0] == '.' && typed.len == 0) || !g_utf8_validate(entry, -1, NULL) ||
        !slice_starts_with(slice_from_string(entry), typed))
      continue;
    g_autofree char *path = g_build_filename(folder, entry, NULL);
    bool is_folder = g_file_test(path, G_FILE_TEST_IS_DIR);
    g_ptr_array_add(candidates, g_strconcat(entry, is_folder ? "/" : "", NULL));
  }
  g_clear_pointer(&dir, g_dir_close);
  g_ptr_array_sort(candidates, compare_names);
  return start;
}

/* --- the dialog --- */

enum {
  FIELD_NAME,
  FIELD_FORMAT,
  FIELD_WHAT,
  FIELD_MEDIA,
  FIELD_SECRETS,
  FIELD_SAVE,
  FIELD_CANCEL,
  FIELD_COUNT,
};

/* What can be chosen, in the order of the choices. */
typedef struct {
  const char *titles[SAVE_WHAT_COUNT + 1];
  SaveWhat whats[SAVE_WHAT_COUNT];
  unsigned count, chosen;
} WhatList;

typedef struct {
  View view;
  FormField fields[FIELD_COUNT];
  const char *formats[EXPORT_FORMAT_COUNT + 1];
  WhatList lists[2]; /* of audio, and of anything else */
  WhatList *list;    /* the one that is offered */
  Form *form;
  SaveChoice *choice;
  ExportFormatId format; /* the one of the name's extension */
  bool named;            /* by the user */
  char *path;
  bool may_replace;
} SaveView;

/* Collects the numbers of the calls, then writes the file. */
typedef struct {
  Job job;
  SaveView *save;
  ExportInput input;
  Export *export; /* NULL before it writes */
  GError *error;  /* why it could not begin to write, or NULL */
} SaveJob;

static SaveWhat chosen_what(const SaveView *save)
{
  return save->list->whats[form_choice(save->form, FIELD_WHAT)];
}

static const ExportFormat *chosen_format(const SaveView *save)
{
  return &EXPORT_FORMATS[form_choice(save->form, FIELD_FORMAT)];
}

/* --- the form --- */

/* A default name follows the choices; one that the user typed changes only its extension. */
static void update_name(SaveView *save)
{
  ExportFormatId format = form_choice(save->form, FIELD_FORMAT);
  const char *folder = config_text(host_model(save->view.host)->config, SETTING_SAVE_FOLDER);
  g_autofree char *name = NULL;

  if (save->named) {
    name = save_name_change(form_text(save->form, FIELD_NAME), save->format, format);
  } else {
    g_autofree char *stem = save_choice_stem(save->choice, chosen_what(save));
    const char *slash = *folder == '\0' || g_str_has_suffix(folder, "/") ? "" : "/";
    name = g_strconcat(folder, slash, stem, EXPORT_FORMATS[format].ending, NULL);
  }
  save->format = format;
  form_set_text(save->form, FIELD_NAME, name);
}

/* Live, media are kept only on demand. */
static bool has_media(const SaveView *save)
{
  return source_keeps_media(host_model(save->view.host)->source);
}

static const char NO_MEDIA[] = N_("RTP was not kept: start rung with --with-media");

/* Audio is of something else than packets and texts; each list remembers its choice. */
static void offer_list(SaveView *save)
{
  bool is_audio = chosen_format(save)->kind == EXPORT_OF_AUDIO;
  WhatList *list = &save->lists[is_audio ? 0 : 1];

  save->fields[FIELD_WHAT].help =
    is_audio ? _("audio is of one call or of one stream") : _("which calls to save");
  save->list->chosen = form_choice(save->form, FIELD_WHAT);
  save->list = list;
  save->fields[FIELD_WHAT].choices = list->titles;
  form_set_choice(save->form, FIELD_WHAT, list->chosen);
}

/* A file of that format has room for them, and there is TLS that they may open. */
static bool may_have_secrets(const SaveView *save)
{
  return form_choice(save->form, FIELD_FORMAT) == EXPORT_PCAPNG &&
         trace_tls(host_model(save->view.host)->trace)->count > 0;
}

static void update_fields(SaveView *save)
{
  const ExportFormat *format = chosen_format(save);
  bool is_silent = format->kind == EXPORT_OF_AUDIO && !has_media(save);

  save->fields[FIELD_FORMAT].help = is_silent ? NO_MEDIA : format->help;
  form_set_enabled(save->form, FIELD_MEDIA,
                   format->kind == EXPORT_OF_PACKETS && chosen_what(save) != SAVE_MESSAGE &&
                     has_media(save));
  form_set_enabled(save->form, FIELD_SECRETS, may_have_secrets(save));
}

static void list_add(WhatList *list, const SaveChoice *choice, SaveWhat what, bool is_usual)
{
  if (is_usual)
    list->chosen = list->count;
  list->whats[list->count] = what;
  list->titles[list->count++] = save_choice_title(choice, what);
}

/* What the screen below shows; in the call list the marked calls, or else the list. */
static SaveWhat usual_what(const SaveChoice *choice, CommandScope scope)
{
  if (scope == SCOPE_MESSAGE && save_choice_count(choice, SAVE_MESSAGE) > 0)
    return SAVE_MESSAGE;
  if (scope != SCOPE_CALLS && save_choice_count(choice, SAVE_CALLS) > 0)
    return SAVE_CALLS;
  return save_choice_count(choice, SAVE_MARKED) > 0 ? SAVE_MARKED : SAVE_SHOWN;
}

/* Without a call or stream of its own, audio is of all calls if there is only one. */
static void make_lists(SaveView *save, SaveWhat usual)
{
  const SaveChoice *choice = save->choice;
  WhatList *audio = &save->lists[0], *other = &save->lists[1];

  for (SaveWhat what = SAVE_STREAM; what <= SAVE_CALL; what++)
    if (save_choice_count(choice, what) > 0)
      list_add(audio, choice, what, false);
  if (audio->count == 0)
    list_add(audio, choice, choice->calls->len > 0 ? SAVE_CALLS : SAVE_ALL, true);
  for (SaveWhat what = 0; what <= SAVE_ALL; what++)
    if (save_choice_count(choice, what) > 0 || what == SAVE_ALL)
      list_add(other, choice, what, what == usual);
  save->list = other;
}

static ExportFormatId usual_format(const SaveView *save, SaveWhat usual)
{
  if (save_choice_count(save->choice, SAVE_STREAM) > 0)
    return EXPORT_AUDIO;
  return usual == SAVE_MESSAGE ? EXPORT_WHOLE : EXPORT_PCAP;
}

static void make_form(SaveView *save, CommandScope scope)
{
  SaveWhat usual = usual_what(save->choice, scope);

  make_lists(save, usual);
  for (ExportFormatId id = 0; id < EXPORT_FORMAT_COUNT; id++)
    save->formats[id] = _(EXPORT_FORMATS[id].title);
  save->fields[FIELD_NAME] =
    (FormField){FORM_TEXT, _("file"), NULL, _("Tab completes; the extension selects the format")};
  save->fields[FIELD_FORMAT] = (FormField){FORM_CHOICE, _("format"), save->formats, NULL};
  save->fields[FIELD_WHAT] = (FormField){FORM_CHOICE, _("what"), save->list->titles, NULL};
  save->fields[FIELD_MEDIA] =
    (FormField){FORM_CHECK, _("with media"), NULL,
                has_media(save) ? _("also save RTP and RTCP of the calls") : NO_MEDIA};
  save->fields[FIELD_SECRETS] = (FormField){
    FORM_CHECK, _("with secrets"), NULL, _("also save the TLS keys: who has the file can read it")};
  save->fields[FIELD_SAVE] = (FormField){FORM_BUTTON, _("Save"), NULL, NULL};
  save->fields[FIELD_CANCEL] = (FormField){FORM_BUTTON, _("Cancel"), NULL, NULL};
  save->form = form_new(save->fields, FIELD_COUNT);
  prompt_set_complete(form_prompt(save->form, FIELD_NAME), save_name_complete, NULL);
  form_set_choice(save->form, FIELD_WHAT, save->list->chosen);
  form_set_choice(save->form, FIELD_FORMAT, usual_format(save, usual));
  offer_list(save);
  update_name(save);
  update_fields(save);
}

/* --- the work --- */

static void start_export(SaveJob *self)
{
  SaveView *save = self->save;
  const AppModel *model = host_model(save->view.host);
  ExportOptions options = {
    .format = form_choice(save->form, FIELD_FORMAT),
    .path = save->path,
    .may_replace = save->may_replace,
    .utc = config_bool(model->config, SETTING_UTC),
    .merge = chosen_what(save) == SAVE_CALLS && save_choice_count(save->choice, SAVE_CALLS) > 1,
    .gap_ns = config_number(model->config, SETTING_FLOW_GAP) * INT64_C(1000000000),
    .stream = save_choice_stream(save->choice),
    .selection = save_choice_selection(save->choice),
  };

  self->input = (ExportInput){
    .packets = {model->trace, model->source, model->stores, model->seed, &LIMITS_DEFAULT},
    .files = model->files,
  };
  if (!options.selection) {
    g_set_error(&self->error, APP_ERROR, APP_ERROR_USAGE,
                _("the call of this message was discarded (limit reached)"));
    return;
  }
  options.with_media = chosen_format(save)->kind == EXPORT_OF_PACKETS &&
                       options.selection->frame == 0 && form_checked(save->form, FIELD_MEDIA);
  options.with_secrets = may_have_secrets(save) && form_checked(save->form, FIELD_SECRETS);
  self->export = export_start(&self->input, &options, &self->error);
}

static bool save_job_step(Job *job, int64_t until_us)
{
  SaveJob *self = (SaveJob *) job;

  if (!self->export) {
    if (save_choice_step(self->save->choice, until_us))
      return true;
    start_export(self);
  }
  return self->export && export_step(self->export, until_us);
}

static double save_job_progress(const Job *job)
{
  const SaveJob *self = (const SaveJob *) job;

  return self->export ? export_progress(self->export) : 0;
}

static void save_job_free(Job *job)
{
  SaveJob *self = (SaveJob *) job;

  export_free(self->export);
  g_clear_error(&self->error);
  g_free(self);
}

static void save_done(View *view, Job *job)
{
  SaveView *save = (SaveView *) view;
  SaveJob *self = (SaveJob *) job;
  g_autoptr(GString) count = g_string_new(NULL);
  ExportResult result;
  char size[TIME_TEXT_MAX];

  if (!self->export || !export_finish(self->export, &result, &self->error)) {
    host_tell(view->host, STYLE_ERROR, "%s", self->error->message);
    return;
  }
  bool is_whole = !result.unreadable && *result.missing == '\0';
  export_append_count(save->format, result.count, count);
  host_tell(view->host, is_whole ? STYLE_SUCCESS : STYLE_WARNING, "%s: %s, %s%s%s%s", save->path,
            count->str, size_format(result.bytes, size),
            result.unreadable ? _("; some messages could not be read") : "",
            *result.missing ? _("; ") : "", result.missing);
  host_close(view->host, view);
}

static void begin_save(SaveView *save)
{
  static const JobOps OPS = {N_("saving"), save_job_step, save_job_progress, save_job_free};
  SaveJob *self = g_new0(SaveJob, 1);

  self->job.ops = &OPS;
  self->save = save;
  save_choice_begin(save->choice, chosen_what(save));
  view_begin_job(&save->view, &self->job, save_done);
}

/* A file that is complete is kept. */
static bool save_stop(View *view)
{
  const SaveJob *self = (const SaveJob *) view->job;

  if (!self)
    return false;
  if (self->export && export_is_written(self->export))
    return true;
  view_cancel_job(view);
  host_tell(view->host, STYLE_WARNING, "cancelled; %s was not written",
            ((const SaveView *) view)->path);
  return true;
}

static void replace_yes(void *data, Host *host)
{
  SaveView *save = data;

  (void) host;
  save->may_replace = true;
  begin_save(save);
}

static void press_save(SaveView *save)
{
  Host *host = save->view.host;

  g_free(save->path);
  save->path = save_name_path(form_text(save->form, FIELD_NAME),
                              (ExportFormatId) form_choice(save->form, FIELD_FORMAT));
  save->may_replace = false;
  if (*save->path == '\0') {
    host_tell(host, STYLE_ERROR, "enter a file name");
    form_set_cursor(save->form, FIELD_NAME);
  } else if (chosen_format(save)->kind == EXPORT_OF_AUDIO && !has_media(save)) {
    host_tell(host, STYLE_ERROR, "%s", NO_MEDIA);
  } else if (g_file_test(save->path, G_FILE_TEST_IS_REGULAR)) {
    g_autofree char *question = g_strdup_printf(_("%s exists. Replace it?"), save->path);
    ask_question(host, question, replace_yes, save);
  } else {
    begin_save(save);
  }
}

/* --- the view --- */

static void save_append_title(const View *view, GString *to)
{
  (void) view;
  g_string_append(to, _("save"));
}

static void draw_work(const SaveView *save, Canvas *canvas, Rect area)
{
  const Rect size = {.width = 58, .height = 3};
  Rect inside = canvas_dialog(canvas, area, size, _("Save"));
  Rect line = {inside.x + 1, inside.y, inside.width - 2, 1};
  int filled = (int) (job_progress(save->view.job) * line.width);

  canvas_put_cell(canvas, line,
                  &(CanvasText){slice_from_string(save->path), STYLE_PLAIN, TEXT_LEFT});
  line.y++;
  canvas_fill_glyph(canvas, line, STYLE_DIM, GLYPH_SHADE);
  canvas_fill_glyph(canvas, (Rect){line.x, line.y, filled, 1}, STYLE_CHART, GLYPH_BLOCK);
  line.y++;
  canvas_put_cell(canvas, line, &(CanvasText){SLICE("Esc cancels"), STYLE_HINT, TEXT_LEFT});
}

static void save_draw(View *view, Canvas *canvas, Rect area)
{
  SaveView *save = (SaveView *) view;
  g_autoptr(GString) count = g_string_new(NULL);

  if (view->job) {
    draw_work(save, canvas, area);
    return;
  }
  save_choice_append_count(save->choice, chosen_what(save), count); /* calls may still arrive */
  form_set_note(save->form, FIELD_WHAT, count->str);
  form_draw_dialog(save->form, canvas, area, _("Save"));
}

static bool take_field(SaveView *save, FormResult result)
{
  bool on_cancel = form_cursor(save->form) == FIELD_CANCEL;

  if (result == FORM_CHANGED && form_cursor(save->form) == FIELD_NAME) {
    save->named = true;
    save->format = export_format_of(form_text(save->form, FIELD_NAME), save->format);
    form_set_choice(save->form, FIELD_FORMAT, save->format);
    offer_list(save);
  } else if (result == FORM_CHANGED) {
    offer_list(save);
    update_name(save);
  }
  if (result == FORM_CHANGED)
    update_fields(save);
  if (result == FORM_PRESSED && on_cancel)
    host_close(save->view.host, &save->view);
  else if (result == FORM_PRESSED)
    press_save(save);
  return result != FORM_IGNORED;
}

static bool save_command(View *view, CommandId id)
{
  SaveView *save = (SaveView *) view;

  return !view->job && take_field(save, form_command(save->form, id));
}

static bool save_key(View *view, const KeyEvent *event)
{
  SaveView *save = (SaveView *) view;

  return !view->job && take_field(save, form_key(save->form, event));
}

static const char *save_typing(const View *view)
{
  return form_is_typed(((const SaveView *) view)->form) ? "" : NULL;
}

static bool save_mouse(View *view, const KeyEvent *event)
{
  SaveView *save = (SaveView *) view;

  return !view->job && take_field(save, form_mouse(save->form, event));
}

static void save_close(View *view)
{
  SaveView *save = (SaveView *) view;

  form_free(save->form);
  save_choice_free(save->choice);
  g_free(save->path);
  g_free(save);
}

View *save_view_new(Host *host, const SaveOf *of)
{
  static const ViewOps OPS = {
    .scope = SCOPE_FORM,
    .is_dialog = true,
    .append_title = save_append_title,
    .draw = save_draw,
    .command = save_command,
    .close = save_close,
    .key = save_key,
    .typing = save_typing,
    .mouse = save_mouse,
    .stop = save_stop,
  };
  SaveView *save = g_new0(SaveView, 1);

  save->view = (View){.ops = &OPS, .host = host};
  save->choice = save_choice_new(host, of);
  make_form(save, host_view(host)->ops->scope);
  return &save->view;
}
