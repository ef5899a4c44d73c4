/*
 * TextSearch: a text that is looked for in many octets, without regard to ASCII case.
 *
 * Horspool's method: it looks at every octet only where the text is short, or nearly found.
 */
#pragma once

#include "capture/arena.h"

typedef struct {
  Slice needle;                /* in lower case */
  uint8_t skip[UINT8_MAX + 1]; /* how far to go on behind an octet; 0: it could be the last */
  uint8_t skip_last;           /* how far when it was not found there */
} TextSearch;

/* The needle, which is not empty, is copied into the arena. */
TextSearch *text_search_new(Arena *arena, Slice needle);

/* Where it first is; in.len when it is not there. */
size_t text_search_find(const TextSearch *search, Slice in);

bool text_search_finds(const TextSearch *search, Slice in);
