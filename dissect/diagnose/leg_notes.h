/*
 * LegNotes: the marks of messages, taken while those were parsed anyway, so that none of them is
 * read again.
 *
 * What is noted of a message is what LegReader would read of it.  When the notes have as many bytes
 * as they may, all are forgotten, and LegReader reads those messages again like others that were
 * not noted.
 */
#pragma once

#include "dissect/diagnose/leg_marks.h"

typedef struct {
  uint64_t key;
  uint16_t header; /* as in LegMark, as the others */
  uint8_t evidence, side;
} LegNoteMark;

typedef struct LegNote LegNote;
struct LegNote {
  LegNote *next;    /* of the call */
  uint32_t message; /* Message.number */
  uint16_t traits;  /* LEG_REFERS... */
  uint16_t count;
  LegNoteMark marks[];
};

/* With the seed, the header fields and the trace of that reader; of so many bytes. */
LegNotes *leg_notes_new(const LegReader *like, size_t most);
void leg_notes_free(LegNotes *notes);

/* Of a message that was added to the trace just now. */
void leg_notes_take(LegNotes *notes, const Message *message, const SipMsg *sip);

/* The first note of the call of that number, or NULL; `notes` may be NULL. */
const LegNote *leg_notes_of(const LegNotes *notes, uint32_t call);
