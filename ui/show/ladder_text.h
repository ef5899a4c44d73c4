/*
 * A ladder as lines of text: the names of its columns, then a line a rung.
 */
#pragma once

#include "ui/show/ladder.h"

/* Appends the line (from 0) of the names of the columns, with its line end. */
void ladder_text_names(GString *to, const Ladder *ladder, unsigned line, const Look *look);

/* Appends a rung: number, time, lifelines and the arrow with its label. */
void ladder_text_row(GString *to, const Ladder *ladder, size_t row, const Look *look);
