/*
 * Secrets: texts that open what frames carry, on their way from where they lie (a key log, a block
 * of a capture file) to whoever reads them.  What is in them is not known here.  They are wiped
 * when they are dropped.
 */
#pragma once

#include "capture/slice.h"

typedef enum {
  SECRETS_KEY_LOG,     /* lines of a TLS key log */
  SECRETS_PRIVATE_KEY, /* a file with one */
} SecretsKind;

typedef struct {
  SecretsKind kind;
  const char *origin; /* name of the file, for messages; lives as long as the source */
  Slice text;         /* of a key log whole lines */
  bool is_partial;    /* a last line that may go on: it comes again then */
} Secrets;

/* Zeroed it is empty. */
typedef struct {
  Secrets *items;
  size_t count, room;
} SecretsList;

/* Adds a copy of the text. */
void secrets_add(SecretsList *list, Secrets secrets);

/* Takes over what is in `from`. */
void secrets_move(SecretsList *list, SecretsList *from);

void secrets_clear(SecretsList *list);
