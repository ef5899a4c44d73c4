/*
 * TextSearch: searches many bytes for a text, ignoring ASCII case.
 *
 * Horspool's method: it reads every byte only if the text is short, or nearly found.
 */
#pragma once

#include "capture/arena.h"

typedef struct {
  Slice needle;                /* in lower case */
  uint8_t skip[UINT8_MAX + 1]; /* how far to move after a byte; 0: it could be the last */
  uint8_t skip_last;           /* how far if it was not found there */
} TextSearch;

/* The needle, which is not empty, is copied into the arena. */
TextSearch *text_search_new(Arena *arena, Slice needle);

/* Where it first occurs; in.len if it does not. */
size_t text_search_find(const TextSearch *search, Slice in);

/* The first of the matches that end after `from`, and the last of those that begin before `end`:
 * where it begins; in.len if there is none.  Matches may overlap. */
size_t text_search_find_after(const TextSearch *search, Slice in, size_t from);
size_t text_search_find_before(const TextSearch *search, Slice in, size_t end);

bool text_search_finds(const TextSearch *search, Slice in);
