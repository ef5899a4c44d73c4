/*
 * CallSet: a set of calls by number (from 1), such as the marked ones; one bit per call.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct CallSet CallSet;

CallSet *call_set_new(void);
void call_set_free(CallSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CallSet, call_set_free)

bool call_set_has(const CallSet *set, uint32_t number);
/* Adds or removes it. */
void call_set_put(CallSet *set, uint32_t number, bool in);
void call_set_clear(CallSet *set);
size_t call_set_count(const CallSet *set);

/* The numbers in ascending order, as uint32_t. */
GArray *call_set_numbers(const CallSet *set);
