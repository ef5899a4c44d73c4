/*
 * Nearest: which known word a mistyped one was meant to be.
 */
#pragma once

#include <stddef.h>

/* Of the words (NULL-terminated) the one that needs the fewest edits; NULL when none is near. */
const char *nearest_word(const char *typed, const char *const *words);
