/*
 * Form: the fields of a dialog, one per line: texts, check boxes, choices, buttons.
 *
 * The dialog owns the table of fields and reads them by index; the form keeps the cursor and the
 * prompts of text fields, and draws.  Consecutive buttons share a line,
 * below both columns if there are two.  It works in any area, however small: labels
 * and notes shrink before values, and lines scroll.
 */
#pragma once

#include "ui/view/commands.h"
#include "ui/view/widget/prompt.h"

typedef enum {
  FORM_TEXT,
  FORM_CHECK,
  FORM_CHOICE, /* one of several words: left and right change it */
  FORM_BUTTON,
  FORM_HEADING, /* not a field: a line between them */
} FormKind;

typedef struct {
  FormKind kind;
  const char *label;
  const char *const *choices; /* of FORM_CHOICE, ended by NULL */
  const char *help;           /* shown at the bottom while the cursor is on it; or NULL */
  bool beside;                /* of a heading: it begins a second column if there is room */
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
/* A text after the value, such as a count; NULL removes it. */
void form_set_note(Form *form, size_t field, const char *note);
/* A disabled field is dimmed, and the cursor skips it. */
void form_set_enabled(Form *form, size_t field, bool enabled);

typedef enum {
  FORM_IGNORED,
  FORM_MOVED,
  FORM_CHANGED, /* the field of the cursor */
  FORM_PRESSED, /* its button, or Enter elsewhere */
} FormResult;

size_t form_cursor(const Form *form);
void form_set_cursor(Form *form, size_t field);
/* Do letters go into the field of the cursor? */
bool form_is_typed(const Form *form);
/* Keys of text fields; to be called before commands (see ViewOps.key). */
FormResult form_key(Form *form, const KeyEvent *event);
FormResult form_command(Form *form, CommandId id);
FormResult form_mouse(Form *form, const KeyEvent *event);

/* Lines it needs; it scrolls if there are fewer. */
int form_height(const Form *form);
void form_draw(Form *form, Canvas *canvas, Rect area);
/* The same in a box in the middle of `area`, as large as needed; without the box if there is no
 * room for one. */
void form_draw_dialog(Form *form, Canvas *canvas, Rect area, const char *title);
