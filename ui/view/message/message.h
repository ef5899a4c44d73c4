/*
 * Message view: one message raw, taken apart, or as octets.
 */
#pragma once

#include "ui/view/host.h"

/* The order that next and previous go by, and who wants to know where they went; `data` is
 * usually the view below. */
typedef struct {
  const Message *(*beside)(void *data, const Message *message, int direction); /* NULL: the end */
  void (*moved)(void *data, const Message *message);
  void *data;
} MessageWalk;

/* `walk` is copied; NULL: the messages of its call. */
View *message_view_new(Host *host, const Message *message, const MessageWalk *walk);
