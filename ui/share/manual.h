/*
 * The manual pages and the completions for shells, made of the tables of commands, options, fields
 * and topics when the program is built.
 */
#pragma once

#include "ui/options.h"

typedef void (*ManualAppend)(GString *to);

/* man(7): rung(1), rung-fields(7) and rung-filter(7). */
void manual_append_rung(GString *to);
void manual_append_fields(GString *to);
void manual_append_filter(GString *to);

/* Scripts that complete commands, options, what options take, fields and operators of expressions,
 * interfaces, and Call-IDs of the capture that is named. */
void completion_append_bash(GString *to);
void completion_append_zsh(GString *to);
void completion_append_fish(GString *to);
