/*
 * Push: the rows of a run on their way into ClickHouse (ui/report/push_rows.h), from the question
 * whether the database is fit for them to the last row.
 */
#pragma once

#include "ui/session.h"

typedef struct Push Push;

/* Asks the database, and makes its tables if the options say so; they name what it reads later from
 * then on.  Before rights are given up. */
Push *push_open(Options *options, GError **error);
void push_free(Push *push);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Push, push_free)

/* Rights were given up: rows are sent from now on, by the session's report. */
G_GNUC_WARN_UNUSED_RESULT bool push_begin(Push *push, Session *session, GError **error);

/* Says what happened; false once it has given up. */
bool push_tick(Push *push);

/* Everything was read: sends what is left, until a signal comes; then says how much that was.  The
 * session must not be closed yet. */
void push_end(Push *push, Session *session);

/* `rung push`. */
extern const Subcommand PUSH_SUBCOMMAND;
ExitStatus push_run(const Options *options);
