/*
 * PseudonymMap: the file of --anonymize=MAPFILE: the key, and what became of which word and
 * address.
 *
 * It undoes what was done, so only its owner can read it.  One that is there gives its key, so that
 * several captures get the same pseudonyms; what it lists stays in it.  Without a file the key is a
 * random one that is forgotten.
 */
#pragma once

#include "dissect/sip/pseudonym.h"

typedef struct {
  Pseudonyms *pseudonyms;
  const char *path; /* NULL: none */
  int fd;
  uint8_t key[PSEUDONYM_KEY];
  GHashTable *lines; /* of the file that was there */
} PseudonymMap;

/* Opens the file, or makes it; `path` may be NULL.  Fails if it is something else. */
G_GNUC_WARN_UNUSED_RESULT bool pseudonym_map_open(const char *path, PseudonymMap *ret_map,
                                                  GError **error);

/* Writes it. */
G_GNUC_WARN_UNUSED_RESULT bool pseudonym_map_write(PseudonymMap *map, GError **error);

/* Zeroed, it was not opened. */
void pseudonym_map_clear(PseudonymMap *map);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PseudonymMap, pseudonym_map_clear)
