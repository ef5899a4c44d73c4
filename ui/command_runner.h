/*
 * CommandRunner: a process of its own that starts commands: those of --alert, and the one that
 * takes what is copied.
 *
 * It is made before anything hostile is read and before rights are given up for the rest
 * (capture/confine.h), so that a command may do what its user may, and this process may start
 * nothing.  Commands are words of the user; what came from the network is in environment variables
 * and in files alone.  At most COMMAND_CHILDREN_MAX run at once.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum { COMMAND_CHILDREN_MAX = 4, COMMAND_FILES = 2 };

typedef struct CommandRunner CommandRunner;

/* `commands`: NULL-terminated, each its words.  The process runs as `user` (see rights_drop). */
CommandRunner *command_runner_new(char **const *commands, const char *user, GError **error);

/* Closes the connection, at which the process ends; commands that run go on. */
void command_runner_free(CommandRunner *runner);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CommandRunner, command_runner_free)

/* Starts that command with these variables ("NAME=value", each without NUL; NULL: none), and with
 * these descriptors as its standard input and standard error (NULL: /dev/null).  False if the
 * process is busy, or gone. */
bool command_runner_start(CommandRunner *runner, uint32_t command, const GPtrArray *variables,
                          const int files[COMMAND_FILES]);

/* What became of one: *ret_fault is errno where it could not be started, else *ret_status is that
 * of wait(2); false if there is no news. */
bool command_runner_news(CommandRunner *runner, uint32_t *ret_command, int *ret_fault,
                         int *ret_status);
