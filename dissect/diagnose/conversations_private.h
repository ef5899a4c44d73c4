/*
 * The inside of Conversations, for conversations.c (rounds) and conversation_legs.c (what is asked
 * of one conversation).  Only they include it.
 */
#pragma once

#include "dissect/diagnose/conversations.h"
#include "dissect/diagnose/leg_marks.h"

/* A link between two calls.  Records are numbers, so that calls may be evicted meanwhile. */
typedef struct {
  uint32_t calls[2]; /* by LegSide, where the evidence has sides */
  uint32_t next[2];  /* of each call: index + 1 of its next edge */
  uint16_t header;
  uint8_t evidence; /* LegEvidence */
  bool is_hint;     /* of several calls that it may follow the newest */
} LegEdge;

typedef struct {
  LegProgress progress;
  uint32_t marks; /* index of the first one */
  uint32_t edges; /* index + 1 of the first one */
  bool is_cut;
} LegRecord;

typedef struct {
  uint32_t lead; /* its number is that of the conversation */
  uint32_t legs;
  uint32_t next; /* leg, in a ring */
} LegGroup;

typedef struct {
  uint64_t key;
  uint32_t last;  /* index + 1 of its newest mark */
  uint32_t count; /* marks; 0: the place is free */
} LegKey;

typedef enum {
  CONVERSATIONS_IDLE,
  CONVERSATIONS_READ, /* calls */
  CONVERSATIONS_INSERT,
  CONVERSATIONS_MATCH, /* marks */
  CONVERSATIONS_MATCH_IDS,
  CONVERSATIONS_GROUP, /* calls, each alone */
  CONVERSATIONS_JOIN,  /* edges */
  CONVERSATIONS_SETTLE,
} ConversationsPhase;

struct Conversations {
  const Trace *trace;
  const StoreSet *stores; /* or NULL */
  char **headers;         /* or NULL */
  LegReader reader;       /* and all marks */
  LegNotes *notes;        /* until they were read; or NULL */
  GArray *records;        /* LegRecord by Call.number - 1 */
  LegKey *table;          /* open addressing */
  size_t room, used;
  size_t inserted;         /* marks that are in it */
  GHashTable *worn_values; /* key of a mark -> GString: some that too many calls have */
  GArray *ids;             /* uint64_t: bits of which each Call-ID sets those of its keys */
  GArray *edges;           /* LegEdge */
  GArray *groups;          /* LegGroup by Call.number - 1 */
  GArray *coming;          /* the same, being made */
  GArray *changed;         /* uint32_t */
  uint64_t version, evicted, seen_messages, worn_marks;
  ConversationsPhase phase;
  size_t at; /* of the phase */
  int64_t due_us, spent_us;
  bool is_stepped;
  bool has_changed; /* cuts or headers */
  bool has_late;    /* hints of one key that are not in order of time */
};

/* NULL if no mark has it. */
const LegKey *leg_key_find(const Conversations *c, uint64_t key);
/* Has it a value that no other call has? */
static inline bool leg_mark_is_alone(const LegMark *mark)
{
  return mark->previous == 0 && mark->next == 0;
}

/* Are the calls of these marks legs of each other, by what both say? */
bool leg_marks_match(const Conversations *c, const LegMark *a, const LegMark *b);
/* What the match is worth: of two calls that name the same third one, as much as its Call-ID. */
LegEvidence leg_marks_evidence(const LegMark *a, const LegMark *b);
/* Does it link its calls?  Not if it is only likely, or one of them was cut. */
bool leg_edge_links(const Conversations *c, const LegEdge *edge);
