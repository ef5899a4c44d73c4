/*
 * InputList: the captures that the names of a command line stand for: a file as it is, each member
 * of a zip archive, each file in a folder and below it.
 */
#pragma once

#include "capture/zip_file.h"

enum { INPUTS_MAX = 4000, FOLDER_DEPTH_MAX = 32 };

typedef struct {
  char *name;        /* for messages: "x.zip:a.pcap" */
  char *path;        /* of the file */
  ZipMember *member; /* NULL: the file itself */
  bool is_found;     /* in an archive or folder: it need not be a capture */
} InputName;

/* What was found in archives and folders and is not read, a few names of each kind. */
typedef struct {
  GPtrArray *names; /* InputName */
  GString *faults;  /* "x.zip:a.pcap: encrypted; ..." */
  unsigned fault_count;
  GString *others; /* names of files that are no captures */
  unsigned other_count;
  uint64_t beyond; /* too many to be read */
} InputList;

InputList *input_list_new(void);
void input_list_free(InputList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(InputList, input_list_free)

/* Adds what the name stands for.  Fails for an archive that cannot be read, and for a folder unless
 * they are walked (`recursive`). */
G_GNUC_WARN_UNUSED_RESULT bool input_list_add(InputList *list, const char *name, bool recursive,
                                              GError **error);

/* Notes what is wrong with one of those that were found: `error`, or that it is no capture. */
void input_list_note(InputList *list, const InputName *input, const GError *error);

/* Lines about it, freed with g_free; NULL: there is nothing to say.  The first is a failure. */
char *input_list_fault(const InputList *list);
char *input_list_other(const InputList *list);
