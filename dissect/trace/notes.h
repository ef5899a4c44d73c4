/*
 * Notes: lines of a server's log that it sent to the collector beside its messages (HEP type 100),
 * by the Call-ID that they name.  The text stays in the store.
 *
 * At the limit the notes of the Call-ID that came first go, and are counted.
 */
#pragma once

#include "capture/record_table.h"
#include "dissect/trace/message.h"

enum {
  NOTES_MAX = 64 * 1024,    /* of all Call-IDs together */
  NOTES_OF_ONE_MAX = 1024,  /* of one; those that come later are dropped */
  NOTE_TEXT_MAX = 4 * 1024, /* bytes of one that are read */
};

typedef struct {
  int64_t time_ns;
  uint64_t frame;
  ByteRef ref;
  uint32_t len;
  uint16_t copier; /* who sent it: see Message.copier */
} Note;

typedef struct Notes Notes;

Notes *notes_new(size_t limit);
void notes_free(Notes *notes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Notes, notes_free)

/* `id`: Call.id of the calls that it is about. */
void notes_add(Notes *notes, const Key *id, const Note *note);

/* Those of that Call-ID, by time.  Valid until one is added. */
size_t notes_of(const Notes *notes, const Key *id, const Note **ret_notes);

/* All that were added, and those that were dropped. */
uint64_t notes_count(const Notes *notes);
uint64_t notes_dropped(const Notes *notes);

/* How many of those that are kept are about no Call-ID of the table, whose records begin with
 * their Key. */
uint64_t notes_alone(const Notes *notes, const RecordTable *calls);
