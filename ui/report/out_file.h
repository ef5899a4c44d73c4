/*
 * OutFile: a file that is written beside its place and put there when it is complete, so that a
 * save that fails or is given up leaves no half file and destroys no old one.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
  int fd;          /* -1: closed */
  char *path;      /* where it goes: what a symbolic link names */
  char *temporary; /* where it is */
  bool may_replace;
} OutFile;

/* To write where one reads would destroy what is read.  `inputs` ends in NULL, or is NULL. */
bool out_file_is_input(const char *path, const char *const *inputs);

/* Refuses what is there, unless it may be replaced and is a regular file. */
G_GNUC_WARN_UNUSED_RESULT bool out_file_open(const char *path, bool may_replace, OutFile *ret_file,
                                             GError **error);

/* Puts it in its place; *ret_bytes: its size.  Whatever comes of it, the file is closed. */
G_GNUC_WARN_UNUSED_RESULT bool out_file_commit(OutFile *file, uint64_t *ret_bytes, GError **error);

/* Closes and removes it, unless it was put in its place. */
void out_file_discard(OutFile *file);
