/*
 * Selection: the calls and messages that the user chose by number or Call-ID; all, when
 * nothing was named.  Remembers what was found, so that the rest can be told.
 */
#pragma once

#include "dissect/trace/message.h"
#include "ui/options.h"

typedef struct {
  Slice call;      /* as typed; absent: a message's number was typed */
  uint32_t number; /* 0 when it cannot be one */
  bool found;
} Choice;

typedef struct {
  GArray *calls, *messages; /* Choice */
} Selection;

/* Borrows the texts of the options. */
Selection selection_new(const Options *options);
void selection_clear(Selection *selection);

/* A number also chooses the call whose Call-ID is spelt so. */
bool selection_has_call(Selection *selection, const Call *call);

/* Is the message one of those named, and of a chosen call? */
bool selection_has_message(Selection *selection, const Message *message);

/* Appends a line for each choice that was never found. */
void selection_append_missing(const Selection *selection, GPtrArray *lines);
