/*
 * OutFile: the file that -w or a dialog names, for reports and captures alike.
 *
 * A regular file is written without a name in the folder of its place, and moved there when it is
 * complete: what fails, is cancelled or killed leaves no half file and destroys no old one.  Where
 * the file system cannot do without names (no O_TMPFILE), it has a temporary one meanwhile, which
 * only a kill that cannot be handled leaves behind.  Standard output, pipes and devices are written
 * to as they are.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct {
  const char *path;          /* "-": standard output */
  const char *const *inputs; /* that must not be written to, NULL-terminated; or NULL */
  const char *advice;        /* what to do if the file exists and may not be replaced; or NULL */
  bool may_replace;          /* a file that exists */
  bool only_regular;         /* anything else is refused, and "-" is a name */
  bool named;                /* use a temporary name in any case; for tests */
} OutFileOptions;

typedef struct {
  int fd;          /* -1: closed */
  char *name;      /* for messages */
  char *path;      /* where it goes: the target of symbolic links; NULL: written to as it is */
  char *temporary; /* its name before it is in place; NULL: it has none */
  bool may_replace;
  bool replaces; /* there was a file when it was opened */
  bool is_placed;
  int mover; /* socket of the process of out_file_keep_rights; 0: there is none */
  pid_t mover_pid;
} OutFile;

/* Fails with APP_ERROR_USAGE when it is an input, else with APP_ERROR_IO. */
G_GNUC_WARN_UNUSED_RESULT bool out_file_open(const OutFileOptions *options, OutFile *ret_file,
                                             GError **error);

/*
 * For a program that gives its rights up before the file is complete: leaves moving and removing it
 * to a process that keeps them, and that can do nothing else.  It removes the file as well when the
 * program is killed.  Call it before there is a second thread.  Does nothing for a file that need
 * not be moved.
 */
G_GNUC_WARN_UNUSED_RESULT bool out_file_keep_rights(OutFile *file, GError **error);

/* Moves it into place before it is complete; from now on it stays.  Nothing to do for one that is
 * written to as it is. */
G_GNUC_WARN_UNUSED_RESULT bool out_file_place(OutFile *file, GError **error);

/* It is complete: moves it into place, unless it is there.  *ret_bytes: its size, 0 if it is no
 * regular file.  The file is closed in any case. */
G_GNUC_WARN_UNUSED_RESULT bool out_file_commit(OutFile *file, uint64_t *ret_bytes, GError **error);

/* Frees it, and removes the file unless it is in place. */
void out_file_discard(OutFile *file);
