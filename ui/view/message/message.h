/*
 * Message view: one message raw, decoded, or as a hex dump.
 */
#pragma once

#include "ui/view/host.h"

/* What next and previous mean, and who is notified of the new message; `data` is usually the view
 * below. */
typedef struct {
  const Message *(*beside)(void *data, const Message *message, int direction); /* NULL: no more */
  void (*moved)(void *data, const Message *message);
  void *data;
} MessageWalk;

/* `walk` is copied; NULL: the messages of its call. */
View *message_view_new(Host *host, const Message *message, const MessageWalk *walk);
