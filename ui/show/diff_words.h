/*
 * The words that differ in two texts, for message_diff.c.
 */
#pragma once

#include "ui/show/message_diff.h"

/*
 * Sets the changes of both sides, in the arena: the words that the other text does not have in
 * that order.  Comparisons are taken from *budget; when it is used up, or a text has too many
 * words, everything between the common start and end is one change.
 */
void diff_mark_words(Arena *arena, uint64_t *budget, DiffSide *left, DiffSide *right);
