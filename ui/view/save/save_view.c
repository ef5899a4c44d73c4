#include "ui/view/save/save_view.h"

#include "capture/error.h"
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
  SaveWhat what;        /* that is collected */
  Selection *selection; /* of the last one that was collected */
  CallSet *shown;       /* while rows are collected, which need not be in order */
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
  case SAVE_WHAT_COUNT:
    break;
  }
  g_assert_not_reached();
}

const char *save_choice_title(const SaveChoice *choice, SaveWhat what)
{
  static const char *const TITLES[SAVE_WHAT_COUNT] = {
    [SAVE_MESSAGE] = "this message",    [SAVE_CALLS] = "this call", [SAVE_MARKED] = "marked calls",
    [SAVE_SHOWN] = "calls in the list", [SAVE_ALL] = "all calls",
  };

  return what == SAVE_CALLS && choice->calls->len > 1 ? "these calls" : TITLES[what];
}

void save_choice_append_count(const SaveChoice *choice, SaveWhat what, GString *to)
{
  size_t count = save_choice_count(choice, what);
  const char *unit = what == SAVE_MESSAGE ? "message" : "call";

  g_string_append_printf(to, "%zu %s%s", count, unit, count == 1 ? "" : "s");
}

char *save_choice_stem(const SaveChoice *choice, SaveWhat what)
{
  if (what == SAVE_MESSAGE)
    return g_strdup_printf("message-%u", choice->message_number);
  if (what == SAVE_CALLS && choice->calls->len == 1)
    return g_strdup_printf("call-%u", g_array_index(choice->calls, uint32_t, 0));
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
  FIELD_SAVE,
  FIELD_CANCEL,
  FIELD_COUNT,
};

typedef struct {
  View view;
  FormField fields[FIELD_COUNT];
  const char *formats[EXPORT_FORMAT_COUNT + 1];
  const char *titles[SAVE_WHAT_COUNT + 1];
  SaveWhat whats[SAVE_WHAT_COUNT]; /* by their place in `titles` */
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
  return save->whats[form_choice(save->form, FIELD_WHAT)];
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

static void update_fields(SaveView *save)
{
  bool is_packets = export_format_is_packets(form_choice(save->form, FIELD_FORMAT));

  save->fields[FIELD_FORMAT].help = EXPORT_FORMATS[form_choice(save->form, FIELD_FORMAT)].help;
  form_set_enabled(save->form, FIELD_MEDIA,
                   is_packets && chosen_what(save) != SAVE_MESSAGE && has_media(save));
}

static void make_form(SaveView *save, CommandScope scope)
{
  const SaveChoice *choice = save->choice;
  SaveWhat usual = save_choice_count(choice, SAVE_MARKED) > 0 ? SAVE_MARKED : SAVE_SHOWN;
  unsigned count = 0;

  /* what the screen below shows; in the list the marked calls, or else the list */
  if (scope != SCOPE_CALLS && save_choice_count(choice, SAVE_CALLS) > 0)
    usual = SAVE_CALLS;
  if (scope == SCOPE_MESSAGE && save_choice_count(choice, SAVE_MESSAGE) > 0)
    usual = SAVE_MESSAGE;
  for (ExportFormatId id = 0; id < EXPORT_FORMAT_COUNT; id++)
    save->formats[id] = EXPORT_FORMATS[id].title;
  for (SaveWhat what = 0; what < SAVE_WHAT_COUNT; what++)
    if (save_choice_count(choice, what) > 0 || what == SAVE_ALL) {
      save->whats[count] = what;
      save->titles[count++] = save_choice_title(choice, what);
    }
  save->fields[FIELD_NAME] =
    (FormField){FORM_TEXT, "file", NULL, "Tab completes; the extension selects the format"};
  save->fields[FIELD_FORMAT] = (FormField){FORM_CHOICE, "format", save->formats, NULL};
  save->fields[FIELD_WHAT] = (FormField){FORM_CHOICE, "what", save->titles, "which calls to save"};
  save->fields[FIELD_MEDIA] =
    (FormField){FORM_CHECK, "with media", NULL,
                has_media(save) ? "also save RTP and RTCP of the calls"
                                : "RTP was not kept: start rung with --with-media"};
  save->fields[FIELD_SAVE] = (FormField){FORM_BUTTON, "Save", NULL, NULL};
  save->fields[FIELD_CANCEL] = (FormField){FORM_BUTTON, "Cancel", NULL, NULL};
  save->form = form_new(save->fields, FIELD_COUNT);
  prompt_set_complete(form_prompt(save->form, FIELD_NAME), save_name_complete, NULL);
  for (unsigned i = 0; i < count; i++)
    if (save->whats[i] == usual)
      form_set_choice(save->form, FIELD_WHAT, i);
  form_set_choice(save->form, FIELD_FORMAT,
                  chosen_what(save) == SAVE_MESSAGE ? EXPORT_WHOLE : EXPORT_PCAP);
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
    .selection = save_choice_selection(save->choice),
  };

  self->input = (ExportInput){
    .packets = {model->trace, model->source, model->stores, model->seed, &LIMITS_DEFAULT},
    .files = model->files,
  };
  if (!options.selection) {
    g_set_error(&self->error, APP_ERROR, APP_ERROR_USAGE,
                "the call of this message was discarded (limit reached)");
    return;
  }
  options.with_media = export_format_is_packets(options.format) && options.selection->frame == 0 &&
                       form_checked(save->form, FIELD_MEDIA);
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
  const char *unit = EXPORT_FORMATS[save->format].unit;
  ExportResult result;
  char size[TIME_TEXT_MAX];

  if (!self->export || !export_finish(self->export, &result, &self->error)) {
    host_tell(view->host, STYLE_ERROR, "%s", self->error->message);
    return;
  }
  host_tell(view->host, result.unreadable ? STYLE_WARNING : STYLE_SUCCESS,
            "%s: %" G_GUINT64_FORMAT " %.*s, %s%s", save->path, result.count,
            (int) strlen(unit) - (result.count == 1), unit, size_format(result.bytes, size),
            result.unreadable ? "; some messages could not be read" : "");
  host_close(view->host, view);
}

static void begin_save(SaveView *save)
{
  static const JobOps OPS = {"saving", save_job_step, save_job_progress, save_job_free};
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
  } else if (g_file_test(save->path, G_FILE_TEST_IS_REGULAR)) {
    g_autofree char *question = g_strdup_printf("%s exists. Replace it?", save->path);
    ask_question(host, question, replace_yes, save);
  } else {
    begin_save(save);
  }
}

/* --- the view --- */

static void save_append_title(const View *view, GString *to)
{
  (void) view;
  g_string_append(to, "save");
}

static void draw_work(const SaveView *save, Canvas *canvas, Rect area)
{
  const Rect size = {.width = 58, .height = 3};
  Rect inside = canvas_dialog(canvas, area, size, "Save");
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
  form_draw_dialog(save->form, canvas, area, "Save");
}

static bool take_field(SaveView *save, FormResult result)
{
  bool on_cancel = form_cursor(save->form) == FIELD_CANCEL;

  if (result == FORM_CHANGED && form_cursor(save->form) == FIELD_NAME) {
    save->named = true;
    save->format = export_format_of(form_text(save->form, FIELD_NAME), save->format);
    form_set_choice(save->form, FIELD_FORMAT, save->format);
  } else if (result == FORM_CHANGED) {
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
