/*
 * Guide: what users want to do, the command that does it and what they see (ui/guide.def); of it
 * `rung help`, `rung help guide` and the manual page are made.
 */
#pragma once

#include <glib.h>

typedef struct {
  const char *task, *command, *shows; /* translated where they are shown, but the command */
} Recipe;

enum { RECIPE_COUNT = 10 };

extern const Recipe RECIPES[RECIPE_COUNT];

/* A line for each task. */
void guide_append_tasks(GString *to);

/* The first minute, and each task with its command and what it shows. */
void guide_append(GString *to);
