/*
 * What a MessageDiff is put together with, for message_diff.c and the diff_*.c beside it.
 */
#pragma once

#include <glib.h>

#include "ui/show/align.h"
#include "ui/show/message_diff.h"

typedef struct {
  Arena *arena;
  GArray *rows; /* DiffRow */
  uint64_t budget;
  size_t differences;
  bool cut;
} DiffBuilder;

/* Adds a row; where it is changed, finds the words that differ. */
void diff_add_row(DiffBuilder *builder, const DiffRow *row);

/* Sets the changes of both sides (diff_words.c). */
void diff_mark_words(DiffBuilder *builder, DiffSide *left, DiffSide *right);

/* The rows of all header fields (diff_headers.c). */
void diff_add_headers(DiffBuilder *builder, const SipMsg *left, const SipMsg *right);

/* The rows of both bodies (diff_body.c). */
void diff_add_bodies(DiffBuilder *builder, const SipMsg *left, const SipMsg *right);
