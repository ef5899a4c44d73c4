#include "ui/view/widget/ask.h"

#include "capture/language.h"
#include "capture/slice.h"

typedef struct {
  View view;
  AskSetup setup;
  char *label; /* the caller's may be gone when it is drawn */
  Prompt *prompt;
} AskView;

typedef struct {
  View view;
  char *question;
  void (*yes)(void *data, Host *host);
  void *data;
} QuestionView;

static void append_nothing(const View *view, GString *to)
{
  (void) view;
  (void) to;
}

static bool command_nothing(View *view, CommandId id)
{
  (void) view;
  (void) id;
  return false;
}

static void ask_draw(View *view, Canvas *canvas, Rect area)
{
  const AskView *ask = (const AskView *) view;
  const AskSetup *setup = &ask->setup;
  const char *text = prompt_text(ask->prompt);
  Rect at = rect_cut_bottom(&area, 1);

  prompt_draw(ask->prompt, canvas, at, true);
  Slice said = slice_from_string(setup->describe ? setup->describe(setup->data, text) : "");
  rect_cut_left(&at, (int) MIN(text_width(slice_from_string(ask->label)) +
                                 text_width(slice_from_string(text)) + 2,
                               CANVAS_WIDTH_MAX));
  if (said.len > 0 && at.width >= (int) text_width(said))
    canvas_put_cell(canvas, at, &(CanvasText){said, STYLE_HINT, TEXT_RIGHT});
}

static void ask_close(View *view)
{
  AskView *ask = (AskView *) view;

  prompt_free(ask->prompt);
  g_free(ask->label);
  g_free(ask);
}

static bool ask_key(View *view, const KeyEvent *event)
{
  AskView *ask = (AskView *) view;
  PromptResult result = prompt_key(ask->prompt, event);

  if (result == PROMPT_EDITED && ask->setup.edited)
    ask->setup.edited(ask->setup.data, prompt_text(ask->prompt));
  if (result == PROMPT_DONE || result == PROMPT_CANCELLED)
    host_close(view->host, view);
  if (result == PROMPT_DONE) {
    prompt_remember(ask->prompt);
    ask->setup.done(ask->setup.data, view->host, prompt_text(ask->prompt));
  }
  return true;
}

static const char *ask_typing(const View *view)
{
  static const char *const SAID[2][2] = {
    {N_("Enter OK  Esc Back"), N_("Enter OK  Esc Back  Up Down History")},
    {N_("Enter OK  Esc Back  Tab Complete"),
     N_("Enter OK  Esc Back  Tab Complete  Up Down History")},
  };
  const AskSetup *setup = &((const AskView *) view)->setup;

  return SAID[setup->complete != NULL][setup->history != NULL];
}

void ask_line(Host *host, const AskSetup *setup)
{
  static const ViewOps OPS = {
    .scope = SCOPE_FORM,
    .is_dialog = true,
    .append_title = append_nothing,
    .draw = ask_draw,
    .command = command_nothing,
    .close = ask_close,
    .key = ask_key,
    .typing = ask_typing,
  };
  AskView *ask = g_new0(AskView, 1);

  ask->view.ops = &OPS;
  ask->setup = *setup;
  ask->label = g_strdup(setup->label);
  ask->setup.label = ask->setup.text = NULL;
  ask->prompt = prompt_new(setup->label, setup->text);
  if (setup->complete)
    prompt_set_complete(ask->prompt, setup->complete, setup->data);
  if (setup->complete && setup->describe)
    prompt_set_describe(ask->prompt, setup->describe);
  if (setup->history)
    prompt_set_history(ask->prompt, setup->history);
  host_push(host, &ask->view);
}

static const char *question_typing(const View *view)
{
  (void) view;
  return _("y Yes  n No");
}

static void question_draw(View *view, Canvas *canvas, Rect area)
{
  const QuestionView *question = (const QuestionView *) view;
  int width = (int) text_width(slice_from_string(question->question)) + 4;
  Rect box = rect_centre(area, MAX(width, 28), 4);
  Rect inside = {box.x + 2, box.y + 1, box.width - 4, 1};

  canvas_box(canvas, box, NULL);
  canvas_put_ends(canvas, inside,
                  &(CanvasText){slice_from_string(question->question), STYLE_HEADING, TEXT_CENTRE});
  inside.y++;
  canvas_put_cell(canvas, inside,
                  &(CanvasText){slice_from_string(_("y yes   n no")), STYLE_DIM, TEXT_CENTRE});
}

static void question_close(View *view)
{
  g_free(((QuestionView *) view)->question);
  g_free(view);
}

static bool question_key(View *view, const KeyEvent *event)
{
  QuestionView *question = (QuestionView *) view;

  host_close(view->host, view);
  if (event->code == 'y' || event->code == 'Y' || event->code == KEY_CODE_ENTER)
    question->yes(question->data, view->host);
  return true;
}

void ask_question(Host *host, const char *question, void (*yes)(void *data, Host *host), void *data)
{
  static const ViewOps OPS = {
    .scope = SCOPE_FORM,
    .is_dialog = true,
    .append_title = append_nothing,
    .draw = question_draw,
    .command = command_nothing,
    .close = question_close,
    .key = question_key,
    .typing = question_typing,
  };
  QuestionView *view = g_new0(QuestionView, 1);

  *view = (QuestionView){{.ops = &OPS, .host = host}, g_strdup(question), yes, data};
  host_push(host, &view->view);
}

/* --- the palette: commands by their names --- */

static bool command_fits(CommandId id, CommandScope scope)
{
  return (COMMANDS[id].scopes & scope) != 0;
}

/* Without regard to case; COMMANDS are ASCII. */
static bool has_word(const char *text, const char *word)
{
  g_autofree char *lower = g_ascii_strdown(text, -1);

  return strstr(lower, word) != NULL;
}

typedef enum {
  MATCH_START, /* of the name */
  MATCH_NAME,
  MATCH_HELP,
  MATCH_COUNT,
} MatchKind;

static bool command_matches(CommandId id, const char *word, MatchKind kind)
{
  switch (kind) {
  case MATCH_START:
    return g_str_has_prefix(COMMANDS[id].name, word);
  case MATCH_NAME:
    return has_word(COMMANDS[id].name, word);
  case MATCH_HELP:
    return has_word(COMMANDS[id].help, word);
  case MATCH_COUNT:
    break;
  }
  g_assert_not_reached();
}

/* Names that begin with the text, or else contain it, or else those whose help contains it. */
static GPtrArray *find_names(CommandScope scope, Slice typed)
{
  g_autofree char *as_typed = slice_dup(typed);
  g_autofree char *word = g_ascii_strdown(as_typed, -1);
  GPtrArray *names = g_ptr_array_new();

  for (MatchKind kind = MATCH_START; kind < MATCH_COUNT && names->len == 0; kind++)
    for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++)
      if (command_fits(id, scope) && command_matches(id, word, kind))
        g_ptr_array_add(names, (gpointer) (uintptr_t) COMMANDS[id].name);
  return names;
}

static size_t complete_name(void *data, Slice before_cursor, GPtrArray *candidates)
{
  CommandScope scope = (CommandScope) GPOINTER_TO_UINT(data);
  Slice typed = before_cursor;

  while (typed.len > 0 && typed.data[0] == ' ')
    typed = slice_from(typed, 1);
  g_autoptr(GPtrArray) names = find_names(scope, typed);
  for (unsigned i = 0; i < names->len; i++)
    g_ptr_array_add(candidates, g_strdup(names->pdata[i]));
  return before_cursor.len - typed.len;
}

static void tell_unknown(Host *host, CommandScope scope, const char *typed)
{
  const char *words[COMMAND_COUNT] = {NULL};
  size_t count = 0;

  for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++)
    if (command_fits(id, scope))
      words[count++] = COMMANDS[id].name;
  const char *near = nearest_word(typed, words);
  if (near)
    host_tell(host, STYLE_ERROR, "unknown command '%.40s'; did you mean '%s'?", typed, near);
  else
    host_tell(host, STYLE_ERROR, "unknown command '%.40s'; Tab lists them", typed);
}

static void go_to_number(Host *host, CommandScope scope, uint32_t number)
{
  View *view = host_view(host);

  if (!view->ops->go)
    host_tell(host, STYLE_ERROR, "nothing is numbered on this screen");
  else if (number == 0 || !view->ops->go(view, number))
    host_tell(host, STYLE_ERROR, "no %s %u on this screen",
              scope == SCOPE_CALLS ? _("call") : _("message"), number);
}

/* The command that the text names, or of only one name the beginning. */
static CommandId find_typed(CommandScope scope, Slice typed)
{
  CommandId id = command_find(typed);

  if (id != COMMAND_NONE || typed.len == 0)
    return id;
  g_autoptr(GPtrArray) names = find_names(scope, typed);
  Slice only = names->len == 1 ? slice_from_string(names->pdata[0]) : SLICE_NONE;
  return only.data && slice_starts_with_nocase(only, typed) ? command_find(only) : COMMAND_NONE;
}

static const char *describe_typed(void *data, const char *text)
{
  CommandScope scope = (CommandScope) GPOINTER_TO_UINT(data);
  CommandId id = find_typed(scope, slice_trim(slice_from_string(text)));

  return id == COMMAND_NONE ? "" : COMMANDS[id].help;
}

/* A number, a command's name, or the beginning of only one name. */
static void run_typed(void *data, Host *host, const char *text)
{
  CommandScope scope = (CommandScope) GPOINTER_TO_UINT(data);
  Slice typed = slice_trim(slice_from_string(text));
  g_autofree char *name = slice_dup(typed);
  uint32_t number;

  if (typed.len == 0)
    return;
  if (slice_to_u32(typed, &number)) {
    go_to_number(host, scope, number);
    return;
  }
  CommandId id = find_typed(scope, typed);
  if (id == COMMAND_NONE)
    tell_unknown(host, scope, name);
  else if (!command_fits(id, scope))
    host_tell(host, STYLE_ERROR, "'%s' is not a command of this screen (%s)", COMMANDS[id].name,
              _(screen_info(scope)->title));
  else if (!host_run(host, id))
    host_tell(host, STYLE_ERROR, "'%s' does nothing here", COMMANDS[id].name);
}

void ask_command(Host *host)
{
  CommandScope scope = host_view(host)->ops->scope;

  ask_line(host, &(AskSetup){
                   .label = ":",
                   .complete = complete_name,
                   .done = run_typed,
                   .describe = describe_typed,
                   .data = GUINT_TO_POINTER((unsigned) scope),
                 });
}
