/*
 * Form: the fields of a dialog, one a line: texts, check boxes, choices, buttons.
 *
 * The dialog owns the table of fields and reads them back by index; the form keeps the cursor, the
 * prompts of text fields, and draws.  Buttons that follow each other share a line.  It works in any
 * area, however small: labels and notes give way to values, and lines scroll.
 */
#pragma once

#include "ui/view/commands.h"
#include "ui/view/widget/prompt.h"

typedef enum {
  FORM_TEXT,
  FORM_CHECK,
  FORM_CHOICE, /* one of several words: left and right change it */
  FORM_BUTTON,
  FORM_HEADING, /* no field: a line between them */
} FormKind;

typedef struct {
  FormKind kind;
  const char *label;
  const char *const *choices; /* of FORM_CHOICE, ended by NULL */
  const char *help;           /* shown at the bottom while the cursor is on it; or NULL */
} FormField;

typedef struct Form Form;

/* `fields` must outlive it. */
Form *form_new(const FormField *fields, size_t count);
void form_free(Form *form);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Form, form_free)

const char *form_text(const Form *form, size_t field);
void form_set_text(Form *form, size_t field, const char *text);
/* The prompt of a text field, to give it completion or a history. */
Prompt *form_prompt(Form *form, size_t field);
bool form_checked(const Form *form, size_t field);
void form_set_checked(Form *form, size_t field, bool checked);
unsigned form_choice(const Form *form, size_t field);
void form_set_choice(Form *form, size_t field, unsigned choice);
/* Behind the label, such as a count; NULL takes it away. */
void form_set_note(Form *form, size_t field, const char *note);
/* Greyed out, and passed over by the cursor. */
void form_set_enabled(Form *form, size_t field, bool enabled);

typedef enum {
  FORM_IGNORED,
  FORM_MOVED,
  FORM_CHANGED, /* the field of the cursor */
  FORM_PRESSED, /* its button, or Enter elsewhere */
} FormResult;

size_t form_cursor(const Form *form);
void form_set_cursor(Form *form, size_t field);
/* Letters go into the field of the cursor. */
bool form_is_typed(const Form *form);
/* Keys of text fields; first of all (see ViewOps.key). */
FormResult form_key(Form *form, const KeyEvent *event);
FormResult form_command(Form *form, CommandId id);
FormResult form_mouse(Form *form, const KeyEvent *event);

/* Lines it takes; it scrolls where there are fewer. */
int form_height(const Form *form);
void form_draw(Form *form, Canvas *canvas, Rect area);
/* The same in a box in the middle of `area`, as large as it needs; without the box where there is
 * no room for one. */
void form_draw_dialog(Form *form, Canvas *canvas, Rect area, const char *title);
