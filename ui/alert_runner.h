/*
 * AlertRunner: a process of its own that starts the commands of --alert.
 *
 * It is made before anything hostile is read and before rights are given up for the rest
 * (capture/confine.h), so that a command may do what its user may, and this process may start
 * nothing.  Commands are words of the command line; what came from the network is in environment
 * variables alone.  At most ALERT_CHILDREN_MAX run at once.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum { ALERT_CHILDREN_MAX = 4 };

typedef struct AlertRunner AlertRunner;

/* `commands`: NULL-terminated, each its words.  The process runs as `user` (see rights_drop). */
AlertRunner *alert_runner_new(char **const *commands, const char *user, GError **error);

/* Closes the connection, at which the process ends; commands that run go on. */
void alert_runner_free(AlertRunner *runner);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AlertRunner, alert_runner_free)

/* Starts that command with these variables ("NAME=value", each without NUL); false if the process
 * is busy, or gone. */
bool alert_runner_start(AlertRunner *runner, uint32_t command, const GPtrArray *variables);

/* What became of one: *ret_fault is errno where it could not be started, else *ret_status is that
 * of wait(2); false if there is no news. */
bool alert_runner_news(AlertRunner *runner, uint32_t *ret_command, int *ret_fault, int *ret_status);
