/*
 * KeyLog: a file of secrets beside a capture, which another program may still append to.  What was
 * appended is given as whole lines.  A pipe is read to its end when it is opened.
 */
#pragma once

#include <glib.h>

#include "capture/secrets.h"

typedef struct KeyLog KeyLog;

/* A private key is given once, as a whole. */
G_GNUC_WARN_UNUSED_RESULT KeyLog *key_log_open(const char *name, SecretsKind kind, GError **error);

/* The same file from its beginning; `log` must outlive it. */
KeyLog *key_log_open_again(const KeyLog *log);
void key_log_free(KeyLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KeyLog, key_log_free)

/* Adds what there is more of it, at most 1 MiB; true when there may be more. */
bool key_log_read(KeyLog *log, SecretsList *to);
