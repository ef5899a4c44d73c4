/*
 * PushQueue: batches of rows that wait to be sent, as files of a folder, in order.
 *
 * A batch is there as a whole or not at all, whatever ends the program.  In a folder that was named
 * what is left is sent by the next run; one program at a time may use it.  When they take more than
 * the limit, the oldest go.  One thread uses it.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "capture/slice.h"

typedef struct {
  uint64_t number; /* of the batch, in order */
  uint64_t rows;
  char *into; /* the table and its columns */
  char *text; /* the file, with */
  Slice body; /* as it is sent */
} PushBatch;

void push_batch_clear(PushBatch *batch);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PushBatch, push_batch_clear)

typedef struct PushQueue PushQueue;

/* `folder` is made if need be; NULL: a temporary one, which goes with the queue.  `limit`:
 * bytes. */
PushQueue *push_queue_open(const char *folder, uint64_t limit, GError **error);
void push_queue_free(PushQueue *queue);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PushQueue, push_queue_free)

/* Would that many bytes fit without any going? */
bool push_queue_has_room(const PushQueue *queue, size_t len);

/* Adds a batch to the end.  False: it could not be written, or is larger than the limit. */
G_GNUC_WARN_UNUSED_RESULT bool push_queue_add(PushQueue *queue, const PushBatch *batch,
                                              GError **error);

/* The oldest, which stays until it is removed; false: there is none. */
G_GNUC_WARN_UNUSED_RESULT bool push_queue_first(PushQueue *queue, PushBatch *ret_batch);

/* It was sent, or refused. */
void push_queue_remove(PushQueue *queue, uint64_t number);

size_t push_queue_count(const PushQueue *queue);
uint64_t push_queue_rows(const PushQueue *queue);

/* Rows that went at the limit, or with a file that was damaged or gone. */
uint64_t push_queue_lost(const PushQueue *queue);

/* NULL: it is a temporary one. */
const char *push_queue_folder(const PushQueue *queue);
