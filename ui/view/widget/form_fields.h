/*
 * Form fields: a Form's inside, shared by what moves in it (form.c) and what draws it
 * (form_draw.c).
 */
#pragma once

#include "ui/view/widget/form.h"

typedef struct {
  Prompt *prompt; /* of FORM_TEXT, else NULL */
  char *note;     /* or NULL */
  bool checked, disabled;
  unsigned choice;
  int line;        /* of the form */
  Rect row, value; /* where the last draw put all of it, and its value; empty: it is not shown */
} FieldState;

struct Form {
  const FormField *fields;
  FieldState *states;
  size_t count;
  size_t cursor;
  int line_count, top;
  unsigned label_width;
  bool has_help;
};
