#include "dissect/diagnose/leg_notes.h"

enum { SCRATCH_FIRST = 4096, NOTES_FIRST = 64 * 1024 };

typedef struct {
  LegNote *first, *last;
  LegProgress progress;
} NotedCall;

struct LegNotes {
  LegReader reader; /* of one message at a time */
  Arena arena;
  size_t most;   /* bytes of the arena */
  GArray *calls; /* NotedCall by Call.number - 1 */
};

LegNotes *leg_notes_new(const LegReader *like, size_t most)
{
  LegNotes *notes = g_new(LegNotes, 1);

  *notes = (LegNotes){
    .reader = *like,
    .most = most,
    .calls = g_array_new(false, true, sizeof(NotedCall)),
  };
  notes->reader.marks = g_array_new(false, false, sizeof(LegMark));
  arena_init(&notes->reader.scratch, SCRATCH_FIRST);
  arena_init(&notes->arena, NOTES_FIRST);
  return notes;
}

void leg_notes_free(LegNotes *notes)
{
  if (!notes)
    return;
  g_array_unref(notes->reader.marks);
  arena_clear(&notes->reader.scratch);
  arena_clear(&notes->arena);
  g_array_unref(notes->calls);
  g_free(notes);
}

static void append_note(LegNotes *notes, NotedCall *call, uint32_t message, uint16_t traits)
{
  const GArray *marks = notes->reader.marks;
  LegNote *note = arena_alloc(&notes->arena, sizeof *note + marks->len * sizeof(LegNoteMark));

  *note = (LegNote){.message = message, .traits = traits, .count = (uint16_t) marks->len};
  for (guint i = 0; i < marks->len; i++) {
    const LegMark *mark = &g_array_index(marks, LegMark, i);
    note->marks[i] = (LegNoteMark){mark->key, mark->header, mark->evidence, mark->side};
  }
  if (call->last)
    call->last->next = note;
  else
    call->first = note;
  call->last = note;
}

static void forget(LegNotes *notes)
{
  arena_clear(&notes->arena);
  memset(notes->calls->data, 0, notes->calls->len * sizeof(NotedCall));
}

void leg_notes_take(LegNotes *notes, const Message *message, const SipMsg *sip)
{
  LegReader *reader = &notes->reader;
  const Call *call = message->transaction->call;
  LegProgress progress = {0};

  if (notes->arena.used > notes->most)
    forget(notes);
  if (call->number > notes->calls->len)
    g_array_set_size(notes->calls, call->number);
  NotedCall *noted = &g_array_index(notes->calls, NotedCall, call->number - 1);
  bool is_wanted = leg_is_possible(call) && leg_progress_wants(&noted->progress, message);
  noted->progress.last = message;
  if (!is_wanted || sip->content.state != SIP_CONTENT_PLAIN) /* it is not decoded yet */
    return;
  g_array_set_size(reader->marks, 0);
  arena_reset(&reader->scratch);
  reader->call = call;
  reader->progress = &progress;
  leg_reader_read_message(reader, message, sip);
  append_note(notes, noted, message->number, progress.traits);
}

const LegNote *leg_notes_of(const LegNotes *notes, uint32_t call)
{
  return notes && call <= notes->calls->len ? g_array_index(notes->calls, NotedCall, call - 1).first
                                            : NULL;
}
