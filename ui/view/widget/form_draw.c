#include "ui/view/widget/form_fields.h"

#include "ui/view/widget/dialog.h"

enum {
  GAP = 2,        /* between label and value */
  VALUE_MIN = 14, /* columns that labels leave to values */
  TEXT_WIDTH = 36,
  HELP_FROM_HEIGHT = 4,
};

static unsigned width_of(const char *text)
{
  return text ? text_width(slice_from_string(text)) : 0;
}

/* "< word >" */
static unsigned choice_width(const char *const *choices)
{
  unsigned width = 0;

  for (size_t i = 0; choices[i]; i++)
    width = MAX(width, width_of(choices[i]));
  return width + 4;
}

static unsigned value_width(const FormField *field)
{
  switch (field->kind) {
  case FORM_TEXT:
    return TEXT_WIDTH;
  case FORM_CHECK:
    return 3;
  case FORM_CHOICE:
    return choice_width(field->choices);
  case FORM_BUTTON:
    return width_of(field->label) + 4;
  case FORM_HEADING:
    return 0;
  }
  g_assert_not_reached();
}

static int form_width(const Form *form)
{
  unsigned width = 0, buttons = 0;

  for (size_t i = 0; i < form->count; i++) {
    const FormField *field = &form->fields[i];
    unsigned label = form->label_width + GAP, note = width_of(form->states[i].note) + GAP;

    if (field->kind == FORM_HEADING)
      label = width_of(field->label);
    if (field->kind == FORM_BUTTON)
      label = 0;
    buttons = field->kind == FORM_BUTTON ? buttons + value_width(field) + GAP : 0;
    width = MAX(width, label + value_width(field) + note);
    width = MAX(width, MAX(buttons, width_of(field->help)));
  }
  return (int) MIN(width, CANVAS_WIDTH_MAX);
}

/* Column of the values. */
static int value_offset(const Form *form, int width)
{
  int label = (int) MIN(form->label_width, CANVAS_WIDTH_MAX);

  return MIN(label, MAX(width - VALUE_MIN - GAP, width / 3)) + GAP;
}

static Style style_of(const FieldState *state, Style style)
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
  Rect behind = rect_cut_right(&text, note > 0 && note + GAP < at.width / 2 ? note + GAP : 0);

  rect_cut_left(&behind, GAP);
  draw_note(form, canvas, field, behind);
  state->value = text;
  if (state->disabled)
    canvas_put_cell(
      canvas, text,
      &(CanvasText){slice_from_string(prompt_text(state->prompt)), STYLE_DIM, TEXT_LEFT});
  else
    prompt_draw(state->prompt, canvas, text, here);
}

/* A value of so many words; the note behind it. */
static void draw_value(Form *form, Canvas *canvas, size_t field, Rect at)
{
  const FormField *info = &form->fields[field];
  FieldState *state = &form->states[field];
  g_autofree char *text = info->kind == FORM_CHECK
                            ? g_strdup(state->checked ? "[x]" : "[ ]")
                            : g_strdup_printf("< %s >", info->choices[state->choice]);

  state->value = rect_cut_left(&at, (int) MIN(width_of(text), CANVAS_WIDTH_MAX));
  canvas_put_cell(canvas, state->value,
                  &(CanvasText){slice_from_string(text), style_of(state, STYLE_PLAIN), TEXT_LEFT});
  rect_cut_left(&at, GAP);
  draw_note(form, canvas, field, at);
}

static void draw_field(Form *form, Canvas *canvas, size_t field, Rect at)
{
  const FormField *info = &form->fields[field];
  FieldState *state = &form->states[field];
  bool heading = info->kind == FORM_HEADING;
  Rect label = at, value = at;

  state->row = at;
  rect_cut_left(&value, value_offset(form, at.width));
  if (!heading)
    label.width = value.x - at.x - GAP;
  canvas_put_cell(canvas, label,
                  &(CanvasText){slice_from_string(info->label),
                                style_of(state, heading ? STYLE_HEADING : STYLE_PLAIN), TEXT_LEFT});
  if (info->kind == FORM_TEXT)
    draw_text(form, canvas, field, value);
  else if (!heading)
    draw_value(form, canvas, field, value);
  if (field != form->cursor || heading || state->disabled)
    return;
  canvas_mark(canvas, label, CELL_CURSOR);
  if (info->kind != FORM_TEXT)
    canvas_mark(canvas, state->value, CELL_CURSOR);
}

/* Columns from the first button of a line to the end of the one at `field`. */
static int buttons_width(const Form *form, size_t first, size_t field)
{
  unsigned width = 0;

  for (size_t i = first; i <= field; i++)
    width += value_width(&form->fields[i]) + (i > first ? GAP : 0);
  return (int) MIN(width, CANVAS_WIDTH_MAX);
}

/* Buttons in a row, so far to the left that the cursor's is whole. */
static void draw_buttons(Form *form, Canvas *canvas, size_t first, Rect at)
{
  int line = form->states[first].line, x = at.x;
  Rect before = canvas_clip(canvas, at);

  if (form->states[form->cursor].line == line)
    x -= MAX(buttons_width(form, first, form->cursor) - at.width, 0);
  for (size_t i = first; i < form->count && form->states[i].line == line; i++) {
    FieldState *state = &form->states[i];
    g_autofree char *text = g_strdup_printf("[ %s ]", form->fields[i].label);
    Rect place = {x, at.y, (int) value_width(&form->fields[i]), 1};

    canvas_put_string(canvas, x, at.y, style_of(state, STYLE_PLAIN), text);
    if (i == form->cursor)
      canvas_mark(canvas, place, CELL_CURSOR);
    state->row = state->value = rect_meet(place, at);
    x += place.width + GAP;
  }
  canvas_unclip(canvas, before);
}

/* As few lines as needed are scrolled to have the cursor in sight. */
static void keep_in_sight(Form *form, int height)
{
  int line = form->states[form->cursor].line;

  form->top = CLAMP(form->top, line - height + 1, line);
  form->top = CLAMP(form->top, 0, MAX(form->line_count - height, 0));
}

static void draw_help(const Form *form, Canvas *canvas, Rect at)
{
  const char *help = form->fields[form->cursor].help;

  if (help)
    canvas_put_cell(canvas, at, &(CanvasText){slice_from_string(help), STYLE_HINT, TEXT_LEFT});
}

static void draw_more(const Form *form, Canvas *canvas, Rect at)
{
  if (form->top > 0)
    canvas_put_glyph(canvas, at.x, at.y, STYLE_DIM, GLYPH_UP);
  if (form->top + at.height < form->line_count)
    canvas_put_glyph(canvas, at.x, at.y + at.height - 1, STYLE_DIM, GLYPH_DOWN);
}

static void draw_lines(Form *form, Canvas *canvas, Rect area)
{
  int drawn = G_MININT;

  for (size_t i = 0; i < form->count; i++) {
    FieldState *state = &form->states[i];
    int line = state->line - form->top;
    Rect at = {area.x, area.y + line, area.width, 1};

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

  if (area.height <= 0 || area.width <= 0)
    return;
  draw_help(form, canvas, help);
  if (area.height > form->line_count)
    area.height = form->line_count;
  keep_in_sight(form, area.height);
  if (form->line_count > area.height)
    draw_more(form, canvas, rect_cut_right(&area, 1));
  draw_lines(form, canvas, area);
}

void form_draw_dialog(Form *form, Canvas *canvas, Rect area, const char *title)
{
  const Rect size = {
    .width = MAX(form_width(form), (int) width_of(title) + GAP) + GAP,
    .height = form_height(form),
  };
  Rect inside = dialog_draw(canvas, area, size, title);

  if (inside.width < area.width) {
    inside.x++;
    inside.width -= 2;
  }
  form_draw(form, canvas, inside);
}
