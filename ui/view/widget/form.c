#include "ui/view/widget/form.h"

#include "capture/language.h"

typedef struct {
  Prompt *prompt; /* of FORM_TEXT, else NULL */
  char *note;     /* or NULL */
  bool checked, disabled;
  unsigned choice;
  int line;        /* of the form */
  unsigned column; /* 0 or 1 */
  Rect row, value; /* where the last draw put all of it, and its value; empty: it is not shown */
} FieldState;

struct Form {
  const FormField *fields;
  FieldState *states;
  size_t count;
  size_t cursor;
  int line_count, top;
  unsigned column_count;
  unsigned label_width;
  bool has_help;
};

enum { PAGE_FIELDS = 8, HELP_LINES = 2 };

static bool is_stop(const Form *form, size_t field)
{
  return form->fields[field].kind != FORM_HEADING && !form->states[field].disabled;
}

/* The next field that the cursor can be on, upwards or downwards; `field` if there is none. */
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

/* Gives each field its line and column, of so many columns at most. */
static void put_on_lines(Form *form, unsigned most)
{
  int line = -1, last = -1;
  unsigned column = 0;

  form->column_count = 1;
  for (size_t i = 0; i < form->count; i++) {
    const FormField *field = &form->fields[i];
    bool is_button = field->kind == FORM_BUTTON;

    if (most > 1 && field->beside) {
      form->column_count = 2;
      column = 1;
      line = -1;
    }
    if (is_button && column > 0) {
      column = 0;
      line = last;
    }
    line += is_button && i > 0 && form->fields[i - 1].kind == FORM_BUTTON ? 0 : 1;
    last = MAX(last, line);
    form->states[i].line = line;
    form->states[i].column = column;
  }
  form->line_count = last + 1;
}

Form *form_new(const FormField *fields, size_t count)
{
  Form *form = g_new0(Form, 1);

  g_assert(count > 0);
  form->fields = fields;
  form->count = count;
  form->states = g_new0(FieldState, count);
  for (size_t i = 0; i < count; i++) {
    unsigned width = text_width(slice_from_string(_(fields[i].label)));

    if (fields[i].kind == FORM_TEXT)
      form->states[i].prompt = prompt_new("", NULL);
    if (fields[i].kind != FORM_BUTTON && fields[i].kind != FORM_HEADING)
      form->label_width = MAX(form->label_width, width);
    form->has_help |= fields[i].help != NULL;
  }
  put_on_lines(form, 2);
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

static FormResult move_to_field(Form *form, size_t field)
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
  return to == from ? FORM_IGNORED : move_to_field(form, to);
}

/* To the first field, or (backwards) the last. */
static FormResult move_edge(Form *form, int step)
{
  size_t edge = step > 0 ? 0 : form->count - 1;

  return move_to_field(form, is_stop(form, edge) ? edge : next_stop(form, edge, step));
}

/* To the next field, wrapping around. */
static FormResult move_field(Form *form, int step)
{
  size_t to = next_stop(form, form->cursor, step);

  return to == form->cursor ? move_edge(form, step) : move_to_field(form, to);
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

/* The field on the cursor's line in the other column, or the cursor's. */
static size_t field_beside(const Form *form, int step)
{
  const FieldState *here = &form->states[form->cursor];

  for (size_t i = 0; i < form->count; i++)
    if (form->states[i].line == here->line && is_stop(form, i) &&
        (int) form->states[i].column == (int) here->column + step)
      return i;
  return form->cursor;
}

/* Left and right: another choice, the button beside, or the other column. */
static FormResult move_in_line(Form *form, int step)
{
  size_t to = next_stop(form, form->cursor, step);

  if (form->fields[form->cursor].kind == FORM_CHOICE)
    return change_choice(form, step);
  if (form->fields[form->cursor].kind != FORM_BUTTON && form->column_count > 1)
    return move_to_field(form, field_beside(form, step));
  if (form->states[to].line == form->states[form->cursor].line)
    return move_to_field(form, to);
  return FORM_IGNORED;
}

static FormResult toggle_field(Form *form)
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
    int step, count;
  } MOVES[] = {
    {COMMAND_UP, move_line, -1, 1},
    {COMMAND_DOWN, move_line, 1, 1},
    {COMMAND_PREVIOUS_FIELD, move_field, -1, 1},
    {COMMAND_NEXT_FIELD, move_field, 1, 1},
    {COMMAND_LEFT, move_in_line, -1, 1},
    {COMMAND_RIGHT, move_in_line, 1, 1},
    {COMMAND_PAGE_UP, move_line, -1, PAGE_FIELDS},
    {COMMAND_PAGE_DOWN, move_line, 1, PAGE_FIELDS},
    {COMMAND_HALF_UP, move_line, -1, PAGE_FIELDS / 2},
    {COMMAND_HALF_DOWN, move_line, 1, PAGE_FIELDS / 2},
    {COMMAND_BEGIN, move_edge, 1, 1},
    {COMMAND_END, move_edge, -1, 1},
  };
  size_t i = 0;

  if (id == COMMAND_TOGGLE)
    return toggle_field(form);
  if (id == COMMAND_ACCEPT)
    return FORM_PRESSED;
  while (i < G_N_ELEMENTS(MOVES) && MOVES[i].id != id)
    i++;
  if (i == G_N_ELEMENTS(MOVES))
    return FORM_IGNORED;
  FormResult result = MOVES[i].move(form, MOVES[i].step);
  for (int moved = 1; moved < MOVES[i].count; moved++)
    MOVES[i].move(form, MOVES[i].step);
  return result;
}

bool form_is_typed(const Form *form)
{
  const FieldState *state = &form->states[form->cursor];

  return state->prompt && !state->disabled;
}

FormResult form_key(Form *form, const KeyEvent *event)
{
  FieldState *state = &form->states[form->cursor];
  KeyCode code = event->code;
  bool for_dialog = code == KEY_CODE_ENTER || code == KEY_CODE_ESCAPE ||
                    code == (KEY_CODE_CTRL | 'c') || code == (KEY_CODE_TAB | KEY_CODE_SHIFT);

  if (!form_is_typed(form) || for_dialog)
    return FORM_IGNORED;
  PromptResult result = prompt_key(state->prompt, event);
  if (result == PROMPT_EDITED)
    return FORM_CHANGED;
  /* A Tab that completes nothing goes to the next field. */
  return result == PROMPT_MOVED && code != KEY_CODE_TAB ? FORM_MOVED : FORM_IGNORED;
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
  return toggle_field(form);
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

/* --- drawing --- */

enum {
  GAP = 2,        /* between label and value */
  VALUE_MIN = 14, /* columns that labels leave to values */
  CHECK_MIN = 7,  /* in one of two: to check boxes with their notes */
  TEXT_WIDTH = 36,
  HELP_FROM_HEIGHT = 4,
};

static unsigned width_of(const char *text)
{
  return text ? text_width(slice_from_string(text)) : 0;
}

static unsigned value_width(const FormField *field)
{
  unsigned width = 0;

  switch (field->kind) {
  case FORM_TEXT:
    return TEXT_WIDTH;
  case FORM_CHECK:
    return 3;
  case FORM_CHOICE:
    for (size_t i = 0; field->choices[i]; i++)
      width = MAX(width, width_of(field->choices[i]));
    return width + 4; /* "< word >" */
  case FORM_BUTTON:
    return width_of(_(field->label)) + 4;
  case FORM_HEADING:
    return 0;
  }
  g_assert_not_reached();
}

/* With its columns side by side. */
static int form_width(const Form *form)
{
  unsigned width = 0, whole = 0, buttons = 0;
  bool two_columns = false;

  for (size_t i = 0; i < form->count; i++) {
    const FormField *field = &form->fields[i];
    unsigned label = form->label_width + GAP, note = width_of(form->states[i].note) + GAP;

    if (field->kind == FORM_HEADING)
      label = width_of(_(field->label));
    if (field->kind == FORM_BUTTON)
      label = 0;
    buttons = field->kind == FORM_BUTTON ? buttons + value_width(field) + GAP : 0;
    two_columns |= field->beside;
    width = MAX(width, label + MAX(value_width(field) + note, (unsigned) CHECK_MIN));
    whole = MAX(whole, MAX(buttons, (field->help ? width_of(_(field->help)) : 0)));
  }
  width = two_columns ? 2 * width + GAP : width;
  return (int) MIN(MAX(width, whole), CANVAS_WIDTH_MAX);
}

static Style style_if_enabled(const FieldState *state, Style style)
{
  return state->disabled ? STYLE_DIM : style;
}

static void draw_note(const Form *form, Canvas *canvas, size_t field, Rect at)
{
  const char *note = form->states[field].note;

  if (note)
    canvas_put_cell(canvas, at, &(CanvasText){slice_from_string(note), STYLE_DIM, TEXT_LEFT});
}

static void draw_text(Form *form, Canvas *canvas, size_t field, Rect at)
{
  FieldState *state = &form->states[field];
  bool here = field == form->cursor && !state->disabled;
  int note = (int) MIN(width_of(state->note), CANVAS_WIDTH_MAX);
  Rect text = at;
  Rect note_at = rect_cut_right(&text, note > 0 && note + GAP < at.width / 2 ? note + GAP : 0);

  rect_cut_left(&note_at, GAP);
  draw_note(form, canvas, field, note_at);
  state->value = text;
  if (state->disabled)
    canvas_put_cell(
      canvas, text,
      &(CanvasText){slice_from_string(prompt_text(state->prompt)), STYLE_DIM, TEXT_LEFT});
  else
    prompt_draw(state->prompt, canvas, text, here);
}

/* A check box or a choice, and its note. */
static void draw_field_value(Form *form, Canvas *canvas, size_t field, Rect at)
{
  const FormField *info = &form->fields[field];
  FieldState *state = &form->states[field];
  g_autofree char *text = info->kind == FORM_CHECK
                            ? g_strdup(state->checked ? "[x]" : "[ ]")
                            : g_strdup_printf("< %s >", info->choices[state->choice]);

  state->value = rect_cut_left(&at, (int) MIN(width_of(text), CANVAS_WIDTH_MAX));
  canvas_put_cell(
    canvas, state->value,
    &(CanvasText){slice_from_string(text), style_if_enabled(state, STYLE_PLAIN), TEXT_LEFT});
  rect_cut_left(&at, GAP);
  draw_note(form, canvas, field, at);
}

static void draw_field(Form *form, Canvas *canvas, size_t field, Rect at)
{
  const FormField *info = &form->fields[field];
  FieldState *state = &form->states[field];
  bool heading = info->kind == FORM_HEADING;
  int label_width = (int) MIN(form->label_width, CANVAS_WIDTH_MAX);
  Rect label = at, value = at;

  state->row = at;
  int value_min = form->column_count > 1 ? CHECK_MIN : VALUE_MIN;
  rect_cut_left(&value, MIN(label_width, MAX(at.width - value_min - GAP, at.width / 3)) + GAP);
  if (!heading)
    label.width = value.x - at.x - GAP;
  canvas_put_cell(canvas, label,
                  &(CanvasText){slice_from_string(_(info->label)),
                                style_if_enabled(state, heading ? STYLE_HEADING : STYLE_PLAIN),
                                TEXT_LEFT});
  if (info->kind == FORM_TEXT)
    draw_text(form, canvas, field, value);
  else if (!heading)
    draw_field_value(form, canvas, field, value);
  if (field != form->cursor || heading || state->disabled)
    return;
  canvas_mark(canvas, label, CELL_CURSOR);
  if (info->kind != FORM_TEXT)
    canvas_mark(canvas, state->value, CELL_CURSOR);
}

/* Buttons on one line, scrolled left until the cursor's is completely visible. */
static void draw_buttons(Form *form, Canvas *canvas, size_t first, Rect at)
{
  int line = form->states[first].line, x = at.x;
  Rect before = canvas_clip(canvas, at);
  unsigned width = 0; /* up to the end of the cursor's */

  if (form->states[form->cursor].line == line) {
    for (size_t i = first; i <= form->cursor; i++)
      width += value_width(&form->fields[i]) + (i > first ? GAP : 0);
    x -= MAX((int) MIN(width, CANVAS_WIDTH_MAX) - at.width, 0);
  }
  for (size_t i = first; i < form->count && form->states[i].line == line; i++) {
    FieldState *state = &form->states[i];
    g_autofree char *text = g_strdup_printf("[ %s ]", _(form->fields[i].label));
    Rect place = {x, at.y, (int) value_width(&form->fields[i]), 1};

    canvas_put_string(canvas, x, at.y, style_if_enabled(state, STYLE_PLAIN), text);
    if (i == form->cursor)
      canvas_mark(canvas, place, CELL_CURSOR);
    state->row = state->value = rect_meet(place, at);
    x += place.width + GAP;
  }
  canvas_unclip(canvas, before);
}

static void draw_lines(Form *form, Canvas *canvas, Rect area)
{
  int drawn = G_MININT;

  for (size_t i = 0; i < form->count; i++) {
    FieldState *state = &form->states[i];
    int line = state->line - form->top;
    Rect at = {area.x, area.y + line, area.width, 1};

    if (form->column_count > 1 && form->fields[i].kind != FORM_BUTTON) {
      at.width = (area.width - GAP) / 2;
      at.x += state->column > 0 ? at.width + GAP : 0;
    }
    if (line == drawn)
      continue; /* a button beside the one before */
    state->row = state->value = (Rect){0};
    if (line < 0 || line >= area.height)
      continue;
    if (form->fields[i].kind == FORM_BUTTON) {
      draw_buttons(form, canvas, i, at);
      drawn = line;
    } else {
      draw_field(form, canvas, i, at);
    }
  }
}

void form_draw(Form *form, Canvas *canvas, Rect area)
{
  Rect help = rect_cut_bottom(&area, form->has_help && area.height >= HELP_FROM_HEIGHT ? 1 : 0);
  Slice help_text =
    slice_from_string(form->fields[form->cursor].help ? _(form->fields[form->cursor].help) : NULL);
  int line;

  if (area.height <= 0 || area.width <= 0)
    return;
  put_on_lines(form, area.width >= form_width(form) ? 2 : 1);
  line = form->states[form->cursor].line;
  if (help_text.len > 0)
    canvas_put_cell(canvas, help, &(CanvasText){help_text, STYLE_HINT, TEXT_LEFT});
  if (area.height > form->line_count)
    area.height = form->line_count;
  /* scroll as few lines as needed to show the cursor */
  form->top = CLAMP(form->top, line - area.height + 1, line);
  form->top = CLAMP(form->top, 0, MAX(form->line_count - area.height, 0));
  if (form->line_count > area.height) {
    Rect edge = rect_cut_right(&area, 1);
    if (form->top > 0)
      canvas_put_glyph(canvas, edge.x, edge.y, STYLE_DIM, GLYPH_UP);
    if (form->top + edge.height < form->line_count)
      canvas_put_glyph(canvas, edge.x, edge.y + edge.height - 1, STYLE_DIM, GLYPH_DOWN);
  }
  draw_lines(form, canvas, area);
}

void form_draw_dialog(Form *form, Canvas *canvas, Rect area, const char *title)
{
  const Rect size = {
    .width = MAX(form_width(form), (int) width_of(title) + GAP) + GAP,
    .height = form_height(form),
  };
  Rect inside = canvas_dialog(canvas, area, size, title);

  if (inside.width < area.width) {
    inside.x++;
    inside.width -= 2;
  }
  form_draw(form, canvas, inside);
}
