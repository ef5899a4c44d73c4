/*
 * Confine: what a thread may still ask of the kernel.  What is read is hostile: whoever finds a
 * fault in a parser shall find nothing to use it for.
 *
 * Once everything is open, the main thread gives up files it has no use for (landlock(7)) and the
 * system calls by which a process gains control of others or of the machine (seccomp(2)); they fail
 * from then on, also in threads that it starts.  The threads that read and parse packets give up
 * all but reading and writing what is open: when one opens a file to write, or a socket, or starts
 * a program or a process, the program ends with SIGSYS; a file that it opens to read is refused.
 *
 * A kernel that cannot do one of them (or a container that forbids it) does without.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct {
  bool all_files; /* the user chooses what is read and written */
  /* Else: folders in which files are created, written, replaced and deleted; NULL-terminated. */
  const char *const *folders;
  bool makes_folders;          /* in these folders, and deletes them */
  const char *const *readable; /* the same, and files, that are only read; or NULL */
  bool may_connect;            /* to servers, over IP */
  bool may_play;               /* sockets of this machine: those of a sound server */
} Confinement;

/* For the main thread, before it starts the others. */
void confine_process(const Confinement *confinement);

/* For a thread that reads or parses packets; what it needs is open, libraries are initialized. */
void confine_parser(void);

/* "seccomp, Landlock (ABI 7)": what this build and this kernel have; NULL: nothing. */
char *confine_means(void);

/* --- The two means, for confine.c --- */

/* False where the kernel, or the build, cannot. */
bool seccomp_is_there(void);
void seccomp_confine_process(const Confinement *confinement);
void seccomp_confine_parser(void);
