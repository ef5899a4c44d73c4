/*
 * What a FramePicker remembers of the frames it has been fed; but for PickedFrame, for
 * frame_picker.c alone.  All of it is bounded, whatever the input.
 */
#pragma once

#include "capture/frame.h"
#include "dissect/net/packet.h"

/* A frame that was chosen, and the call that it was chosen for; 0: for no call of its own. */
typedef struct {
  Frame frame;
  uint32_t call;
} PickedFrame;

/*
 * FrameWindow: frames in the order of their numbers, some of which will be chosen.  A frame stays
 * until it is taken, or is followed by so many that it cannot be needed any more.  Frames are
 * without their bytes: their references find them.
 *
 * Where frames are chosen for calls, one is taken once for each of its calls, up to a limit.
 */
enum { FRAME_WINDOW_MAX = 512 * 1024, FRAME_CALLS_MAX = 256 };

typedef struct {
  Frame frame;
  bool chosen;
  uint32_t calls; /* place in FrameWindow.calls of the call that came last; 0: none */
} WindowFrame;

typedef struct {
  uint32_t call;
  uint32_t next; /* place of the call before it; 0: none */
} FrameCall;

/* A ring; zeroed it is empty. */
typedef struct {
  WindowFrame *frames;
  size_t first, count, room; /* room is a power of two */
  size_t passed;             /* of the oldest: were taken, or are not waited for any more */
  uint64_t lost;             /* the last that was dropped without being chosen; 0: none */
  GArray *late;              /* PickedFrame: after they were passed; NULL until there is one */
  guint late_taken;
  size_t kept;         /* that many stay after they were taken, as other calls may need them */
  GArray *calls;       /* FrameCall, from place 1; NULL until there is one */
  uint32_t free_calls; /* place of the first that is not used; 0: none */
} FrameWindow;

void frame_window_clear(FrameWindow *window);

/* Numbers go up. */
void frame_window_add(FrameWindow *window, const Frame *frame);

/* Removes the frame that was added last, unless it was chosen. */
void frame_window_drop_last(FrameWindow *window);

/* `call`: that it is chosen for, or 0.  False when there is no frame of that number any more,
 * because the window was full. */
bool frame_window_choose(FrameWindow *window, uint64_t number, uint32_t call);

/* Takes the next chosen frame, once all older ones are chosen, too, or are from before `since_ns`:
 * one of those that is chosen later is the next then.  INT64_MIN: all come in order. */
bool frame_window_take(FrameWindow *window, int64_t since_ns, PickedFrame *ret_frame);

/*
 * SentFrames: which frames carried what one side of a TCP connection or SCTP association sent;
 * places in it are sequence numbers, or TSNs.  Frames are remembered while a message may still be
 * made of them; places that were chosen for a while longer, for what is sent again.  Frames that
 * belong to the connection as a whole (SYN, FIN, RST, the opening of a WebSocket) are remembered as
 * long as the connection is.  At the limit the one that was silent longest goes first.
 */
typedef struct SentTable SentTable;
typedef struct SentFrames SentFrames;

/* Half open; may wrap. */
typedef struct {
  uint32_t start, end;
} SeqRange;

/* What was chosen of a connection, and for which call; 0: for no call of its own. */
typedef struct {
  SeqRange range;
  uint32_t call;
} SentChoice;

/* Each connection has two directions, which count one each. */
SentTable *sent_table_new(size_t directions_max);
void sent_table_free(SentTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SentTable, sent_table_free)

/* Those of the packet's sender; made when there are none.  Valid until others are made. */
SentFrames *sent_of_packet(SentTable *table, const Packet *packet);

typedef struct {
  Endpoint src, dst;
  uint32_t tunnel;
  bool is_sctp;
} SentName;

/* NULL when there are none. */
SentFrames *sent_find(SentTable *table, const SentName *name);

/* The frame carried the range.  Returns what was chosen that the range overlaps, or NULL. */
const SentChoice *sent_add(SentFrames *sent, uint64_t frame, SeqRange range);

/* What is before that place is in no message that is still to come. */
void sent_forget(SentFrames *sent, uint32_t before);

/* The frame belongs to the connection as a whole; true when something of that was chosen. */
bool sent_add_common(SentFrames *sent, uint64_t frame);

/* The connection began with that SYN: if that is news, forgets what was known of an earlier one,
 * but for the bytes right after the SYN.  True when those were chosen, and so is the SYN. */
bool sent_begin(SentFrames *sent, uint32_t isn, uint64_t syn_frame);

/* The call that a range of the connection was chosen for last. */
uint32_t sent_call(const SentFrames *sent);

/* Was anything chosen since the connection began? */
bool sent_has_chosen(const SentFrames *sent);

/* Were frames forgotten that may be needed, because there were too many? */
bool sent_is_cut(const SentFrames *sent);

/* Does the range begin where the connection does, or where a chosen range ends? */
bool sent_continues(const SentFrames *sent, SeqRange range);

/* Notes that the range is chosen, and appends the numbers of the frames that carried it, and of
 * those that belong to its connection unless the range before was of the same call. */
void sent_choose(SentTable *table, SentFrames *sent, SentChoice choice, GArray *to);
