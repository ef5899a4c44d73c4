#include "ui/view/widget/form.h"

#include "ui/view/widget/form_fields.h"

enum { PAGE_FIELDS = 8, HELP_LINES = 2 };

static bool has_value(FormKind kind)
{
  return kind == FORM_TEXT || kind == FORM_CHECK || kind == FORM_CHOICE;
}

static bool is_stop(const Form *form, size_t field)
{
  return form->fields[field].kind != FORM_HEADING && !form->states[field].disabled;
}

/* The next field that the cursor can be on, upwards or downwards; `field` when there is none. */
static size_t next_stop(const Form *form, size_t field, int step)
{
  for (size_t i = field + (size_t) step; i < form->count; i += (size_t) step) /* below 0 it wraps */
    if (is_stop(form, i))
      return i;
  return field;
}

static void find_stop(Form *form)
{
  if (is_stop(form, form->cursor))
    return;
  size_t down = next_stop(form, form->cursor, 1);
  form->cursor = down != form->cursor ? down : next_stop(form, form->cursor, -1);
}

Form *form_new(const FormField *fields, size_t count)
{
  Form *form = g_new0(Form, 1);
  int line = -1;

  g_assert(count > 0);
  form->fields = fields;
  form->count = count;
  form->states = g_new0(FieldState, count);
  for (size_t i = 0; i < count; i++) {
    bool beside = i > 0 && fields[i].kind == FORM_BUTTON && fields[i - 1].kind == FORM_BUTTON;
    unsigned width = text_width(slice_from_string(fields[i].label));

    line += beside ? 0 : 1;
    form->states[i].line = line;
    if (fields[i].kind == FORM_TEXT)
      form->states[i].prompt = prompt_new("", NULL);
    if (has_value(fields[i].kind))
      form->label_width = MAX(form->label_width, width);
    form->has_help |= fields[i].help != NULL;
  }
  form->line_count = line + 1;
  find_stop(form);
  return form;
}

void form_free(Form *form)
{
  if (!form)
    return;
  for (size_t i = 0; i < form->count; i++) {
    prompt_free(form->states[i].prompt);
    g_free(form->states[i].note);
  }
  g_free(form->states);
  g_free(form);
}

const char *form_text(const Form *form, size_t field)
{
  return prompt_text(form->states[field].prompt);
}

void form_set_text(Form *form, size_t field, const char *text)
{
  prompt_set_text(form->states[field].prompt, text);
}

Prompt *form_prompt(Form *form, size_t field)
{
  return form->states[field].prompt;
}

bool form_checked(const Form *form, size_t field)
{
  return form->states[field].checked;
}

void form_set_checked(Form *form, size_t field, bool checked)
{
  form->states[field].checked = checked;
}

unsigned form_choice(const Form *form, size_t field)
{
  return form->states[field].choice;
}

void form_set_choice(Form *form, size_t field, unsigned choice)
{
  form->states[field].choice = choice;
}

void form_set_note(Form *form, size_t field, const char *note)
{
  g_free(form->states[field].note);
  form->states[field].note = g_strdup(note);
}

void form_set_enabled(Form *form, size_t field, bool enabled)
{
  form->states[field].disabled = !enabled;
  find_stop(form);
}

size_t form_cursor(const Form *form)
{
  return form->cursor;
}

void form_set_cursor(Form *form, size_t field)
{
  form->cursor = field;
  find_stop(form);
}

int form_height(const Form *form)
{
  return form->line_count + (form->has_help ? HELP_LINES : 0);
}

static FormResult move_to(Form *form, size_t field)
{
  if (field == form->cursor)
    return FORM_IGNORED;
  form->cursor = field;
  return FORM_MOVED;
}

/* To a field on another line. */
static FormResult move_line(Form *form, int step)
{
  size_t from = form->cursor, to = next_stop(form, from, step);

  while (to != from && form->states[to].line == form->states[form->cursor].line) {
    from = to;
    to = next_stop(form, from, step);
  }
  return to == from ? FORM_IGNORED : move_to(form, to);
}

static FormResult move_lines(Form *form, int step, int count)
{
  FormResult result = move_line(form, step);

  for (int i = 1; i < count; i++)
    move_line(form, step);
  return result;
}

static FormResult move_page(Form *form, int step)
{
  return move_lines(form, step, PAGE_FIELDS);
}

static FormResult move_half_page(Form *form, int step)
{
  return move_lines(form, step, PAGE_FIELDS / 2);
}

/* To the first field, or (backwards) the last. */
static FormResult move_edge(Form *form, int step)
{
  size_t edge = step > 0 ? 0 : form->count - 1;

  return move_to(form, is_stop(form, edge) ? edge : next_stop(form, edge, step));
}

/* Round and round. */
static FormResult move_field(Form *form, int step)
{
  size_t to = next_stop(form, form->cursor, step);

  return to == form->cursor ? move_edge(form, step) : move_to(form, to);
}

static FormResult change_choice(Form *form, int step)
{
  const char *const *choices = form->fields[form->cursor].choices;
  FieldState *state = &form->states[form->cursor];
  unsigned count = 0;

  while (choices[count])
    count++;
  if (count < 2)
    return FORM_MOVED;
  state->choice = (state->choice + count + (unsigned) step) % count;
  return FORM_CHANGED;
}

/* Left and right: another choice, or the button beside. */
static FormResult move_sideways(Form *form, int step)
{
  size_t to = next_stop(form, form->cursor, step);

  if (form->fields[form->cursor].kind == FORM_CHOICE)
    return change_choice(form, step);
  if (form->states[to].line == form->states[form->cursor].line)
    return move_to(form, to);
  return FORM_IGNORED;
}

static FormResult toggle(Form *form)
{
  FieldState *state = &form->states[form->cursor];

  if (!is_stop(form, form->cursor))
    return FORM_IGNORED;
  switch (form->fields[form->cursor].kind) {
  case FORM_CHECK:
    state->checked = !state->checked;
    return FORM_CHANGED;
  case FORM_CHOICE:
    return change_choice(form, 1);
  case FORM_BUTTON:
    return FORM_PRESSED;
  case FORM_TEXT:
  case FORM_HEADING:
    return FORM_IGNORED;
  }
  g_assert_not_reached();
}

FormResult form_command(Form *form, CommandId id)
{
  static const struct {
    CommandId id;
    FormResult (*move)(Form *form, int step);
    int step;
  } MOVES[] = {
    {COMMAND_UP, move_line, -1},
    {COMMAND_DOWN, move_line, 1},
    {COMMAND_PREVIOUS_FIELD, move_field, -1},
    {COMMAND_NEXT_FIELD, move_field, 1},
    {COMMAND_LEFT, move_sideways, -1},
    {COMMAND_RIGHT, move_sideways, 1},
    {COMMAND_PAGE_UP, move_page, -1},
    {COMMAND_PAGE_DOWN, move_page, 1},
    {COMMAND_HALF_UP, move_half_page, -1},
    {COMMAND_HALF_DOWN, move_half_page, 1},
    {COMMAND_BEGIN, move_edge, 1},
    {COMMAND_END, move_edge, -1},
  };

  if (id == COMMAND_TOGGLE)
    return toggle(form);
  if (id == COMMAND_ACCEPT)
    return FORM_PRESSED;
  for (size_t i = 0; i < G_N_ELEMENTS(MOVES); i++)
    if (MOVES[i].id == id)
      return MOVES[i].move(form, MOVES[i].step);
  return FORM_IGNORED;
}

/* Those that mean something to the dialog, whatever is being typed. */
static bool is_of_dialog(KeyCode code)
{
  return code == KEY_CODE_ENTER || code == KEY_CODE_ESCAPE || code == (KEY_CODE_CTRL | 'c') ||
         code == (KEY_CODE_TAB | KEY_CODE_SHIFT);
}

bool form_is_typed(const Form *form)
{
  const FieldState *state = &form->states[form->cursor];

  return state->prompt && !state->disabled;
}

FormResult form_key(Form *form, const KeyEvent *event)
{
  FieldState *state = &form->states[form->cursor];

  if (!form_is_typed(form) || is_of_dialog(event->code))
    return FORM_IGNORED;
  PromptResult result = prompt_key(state->prompt, event);
  if (result == PROMPT_EDITED)
    return FORM_CHANGED;
  /* A Tab that completes nothing goes on to the next field. */
  return result == PROMPT_MOVED && event->code != KEY_CODE_TAB ? FORM_MOVED : FORM_IGNORED;
}

static FormResult click(Form *form, size_t field, int x)
{
  const FieldState *state = &form->states[field];
  bool on_left = x < state->value.x + 2;

  form->cursor = field;
  if (form->fields[field].kind == FORM_TEXT)
    return FORM_MOVED;
  if (form->fields[field].kind == FORM_CHOICE)
    return change_choice(form, on_left && x >= state->value.x ? -1 : 1);
  return toggle(form);
}

FormResult form_mouse(Form *form, const KeyEvent *event)
{
  if (event->mouse == MOUSE_WHEEL_UP || event->mouse == MOUSE_WHEEL_DOWN) {
    move_line(form, event->mouse == MOUSE_WHEEL_UP ? -1 : 1);
    return FORM_MOVED;
  }
  if (event->mouse == MOUSE_RIGHT_CLICK)
    return FORM_IGNORED;
  for (size_t i = 0; i < form->count; i++)
    if (is_stop(form, i) && rect_has(form->states[i].row, event->x, event->y))
      return click(form, i, event->x);
  return FORM_IGNORED;
}
