/* The languages of this build, beside English: their catalogs are made of ui/po by msgfmt(1). */
#pragma once

#include "capture/language.h"

/* The row of a name as --lang has it; NULL when there is none. */
const Language *language_find(const char *name);

/* "en", and those of this build; NULL-terminated. */
extern const char *const LANGUAGE_NAMES[];

/* Of the environment: LANGUAGE, LC_ALL, LC_MESSAGES, LANG; NULL: English. */
const Language *language_of_locale(void);
