/*
 * Out: a buffered stream of bytes to a descriptor.  OutFile: a file that appears when complete.
 *
 * Errors are sticky and reported once, at the end.  A closed pipe (EPIPE) is not an error: what
 * follows is discarded, and out_is_over says that one may stop.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "capture/slice.h"

enum { OUT_ROOM = 64 * 1024 };

/* What becomes of characters that could harm a terminal: JSON and CSV ask it. */
typedef enum {
  OUT_PROGRAM, /* another program reads them as they are */
  OUT_TERMINAL,
  OUT_TERMINAL_ASCII, /* that knows no UTF-8 */
} OutReader;

typedef struct {
  int fd;
  OutReader reader;
  int error; /* errno of the first write that failed, 0 before */
  char *name;
  size_t used;
  char *buffer; /* OUT_ROOM bytes */
} Out;

/* `name` is for error messages; the descriptor stays the caller's. */
void out_init(Out *out, int fd, const char *name);
void out_clear(Out *out);

void out_write(Out *out, Slice bytes);
void out_string(Out *out, const char *text);

static inline void out_char(Out *out, char c)
{
  if (out->used < OUT_ROOM)
    out->buffer[out->used++] = c;
  else
    out_write(out, slice_of(&c, 1));
}

void out_flush(Out *out);

/* Will nothing that is written from now on be seen? */
static inline bool out_is_over(const Out *out)
{
  return out->error != 0;
}

/* Flushes.  False when something could not be written, except to a closed pipe. */
G_GNUC_WARN_UNUSED_RESULT bool out_finish(Out *out, GError **error);

/* A file that is written in the folder of its place and moved there when it is complete, so that a
 * save that fails or is cancelled leaves no half file and destroys no old one. */
typedef struct {
  int fd;          /* -1: closed */
  char *path;      /* where it goes: the target of a symbolic link */
  char *temporary; /* where it is meanwhile */
  bool may_replace;
  int mover; /* socket of the process of out_file_keep_rights; 0: there is none */
  pid_t mover_pid;
} OutFile;

/* Is it one of the inputs, which writing would destroy?  `inputs` is NULL-terminated, or NULL. */
bool out_file_is_input(const char *path, const char *const *inputs);

/* Refuses an existing file, unless it may be replaced and is a regular file. */
G_GNUC_WARN_UNUSED_RESULT bool out_file_open(const char *path, bool may_replace, OutFile *ret_file,
                                             GError **error);

/*
 * For a program that gives its rights up before the file is complete: leaves moving and removing it
 * to a process that keeps them, and that can do nothing else.  It removes the file as well when the
 * program is killed.  Call it before there is a second thread.
 */
G_GNUC_WARN_UNUSED_RESULT bool out_file_keep_rights(OutFile *file, GError **error);

/* Moves it into place; *ret_bytes: its size.  The file is closed in any case. */
G_GNUC_WARN_UNUSED_RESULT bool out_file_commit(OutFile *file, uint64_t *ret_bytes, GError **error);

/* Closes and removes it, unless it was moved into place. */
void out_file_discard(OutFile *file);
