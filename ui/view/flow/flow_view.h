/*
 * What the parts of the flow view share: flow.c (opening, commands, modes), flow_cursor.c (the
 * cursor, searching), flow_draw.c (what is seen).
 *
 * Messages may be gone whenever the trace was fed: functions that are called from outside begin
 * with flow_sync.
 */
#pragma once

#include "dissect/query/text_search.h"
#include "ui/show/flow_window.h"
#include "ui/show/ladder.h"
#include "ui/show/leg_text.h"
#include "ui/show/message_raw.h"
#include "ui/term/canvas.h"
#include "ui/view/flow/flow_verdict.h"
#include "ui/view/screens.h"
#include "ui/view/widget/ask.h"

/* The message of the cursor, raw, in a pane of any size.  It is read and laid out when message or
 * size change.  A text that is searched for is marked, and the pane begins where it is visible. */
typedef struct {
  Arena arena;            /* of one message */
  const Message *message; /* in the layout, or NULL */
  int width, height;
  MessageRaw raw;
  TextSearch *search;      /* or NULL */
  size_t top;              /* the first line drawn */
  const Message *scrolled; /* the message that the user scrolled, or NULL */
  size_t scroll;           /* ... to this line */
  bool readable;
} FlowPreview;

/* Where the parts of the screen are; without a preview, the last two are empty. */
typedef struct {
  Rect ladder, divider, preview;
  bool beside;
} FlowPlaces;

/* What decides the places.  How session descriptions and times are shown does not: the preview
 * stays where it is. */
typedef struct {
  Rect area;
  int size;
  unsigned preview;
  size_t columns, messages, folded, hidden, streams, notes;
  bool busy;
} FlowPlacesOf;

typedef enum {
  PREVIEW_AUTO,
  PREVIEW_BESIDE,
  PREVIEW_BELOW,
  PREVIEW_OFF,
} PreviewPlace;

typedef struct {
  View view;
  FlowModel *model;
  FlowTexts *texts;
  FlowPreview preview;
  FlowGrouping grouping; /* as it is configured */
  bool busy;             /* the model is still reading */

  /* Messages; forgotten when a call is evicted. */
  const Message *cursor;   /* NULL: the first; on a stream's row the nearest one */
  const Message *compared; /* selected for a comparison, or NULL */

  /* Of the cursor on the row of a stream, else 0: see FlowStream. */
  uint32_t stream, digit;

  FlowProof proof; /* of the finding that was chosen; `count` 0: none */

  size_t offset;  /* of the cursor's row from the one at the top */
  bool follow;    /* the last message */
  uint8_t column; /* slot of the selected one, or FLOW_COLUMN_NONE */
  unsigned scroll;

  char *needle;       /* last search, or NULL */
  GPtrArray *needles; /* char *: earlier ones */
  GArray *legs;       /* Leg: calls that were added to the ladder */
  GArray *hints;      /* Leg: calls that are likely legs */

  const Message *decided_by; /* of the one call; what its cause was read from, or NULL */
  char *cause;               /* safe; or NULL */
  FlowVerdict verdict;       /* of the one call */

  /* Of the last draw. */
  FlowPlacesOf places_of;
  FlowPlaces places;
  Arena scratch;
  FlowWindow window;
  Rect names, rows;
} FlowView;

/* --- flow.c --- */

/* Another ladder in the same view. */
void flow_show_calls(FlowView *flow, const FlowCalls *calls);
/* Drops what points to messages of calls that were evicted. */
void flow_sync(FlowView *flow);
/* The aliases to show hosts by, or NULL. */
const Aliases *flow_aliases(const FlowView *flow);

/* --- flow_cursor.c --- */

/* The row of the cursor, that of a message or stream; false if there are no rows. */
bool flow_cursor_row(const FlowView *flow, size_t *ret_row);
/* Its message, or NULL. */
const Message *flow_cursor_message(const FlowView *flow);
/* Its stream, or NULL; valid until the next step of the model. */
const FlowStream *flow_cursor_stream(const FlowView *flow);
/* Its message, or on the row of a stream the nearest one; or NULL. */
const Message *flow_cursor_nearest(const FlowView *flow);
void flow_cursor_go(FlowView *flow, const Message *message);
/* Up, down, pages, begin, end, left, right. */
bool flow_cursor_command(FlowView *flow, CommandId id);
bool flow_cursor_mouse(FlowView *flow, const KeyEvent *event);
/* The visible message before or after; NULL at the end. */
const Message *flow_cursor_beside(const FlowView *flow, const Message *message, int direction);
/* Keeps the row visible on a page of so many; returns the row at the top. */
size_t flow_cursor_top(FlowView *flow, size_t row, size_t page);
/* Position of the selected column in the ladder as drawn; the number of columns if none is. */
size_t flow_column_place(const FlowView *flow);
bool flow_is_bookmarked(const FlowView *flow, const Message *message);
void flow_toggle_bookmark(FlowView *flow);
void flow_next_bookmark(FlowView *flow);
/* Search, next, previous, next and previous of the transaction. */
bool flow_search_command(FlowView *flow, CommandId id);
/* Begins to add the other legs of these calls. */
void flow_find_legs(FlowView *flow);
/* Adds related calls: marked ones, or hints that were found before, or else other legs. */
void flow_extend(FlowView *flow);
/* Takes the call of the cursor out of its conversation and of the ladder, or back. */
void flow_cut_leg(FlowView *flow);

/* --- flow_draw.c --- */

void flow_draw(View *view, Canvas *canvas, Rect area);

void flow_preview_init(FlowPreview *preview);
void flow_preview_clear(FlowPreview *preview);
/* The message may be gone, or the search text has changed. */
void flow_preview_forget(FlowPreview *preview);
/* By so many lines, as far as there are any. */
void flow_preview_scroll(FlowPreview *preview, int lines);

typedef struct {
  const StoreSet *stores;
  const Message *message;
  Slice needle; /* empty: none */
} FlowPreviewOf;

void flow_preview_draw(FlowPreview *preview, const FlowPreviewOf *of, Canvas *canvas, Rect area);

void flow_append_title(const View *view, GString *to);
/* Source, destination, transaction and so on. */
void flow_append_facts(const FlowView *flow, const Message *message, GString *to);

/* A ladder on a canvas: numbers and times stay where they are, lifelines scroll sideways. */

typedef struct {
  Canvas *canvas;
  const Ladder *ladder;
  Rect area;
  unsigned scroll; /* columns of the ladder that are left of the area */
} LadderPaint;

/* Width of numbers and times, with the blank after them. */
unsigned ladder_paint_gutter(const Ladder *ladder);

/* The maximum to scroll. */
unsigned ladder_paint_scroll_max(const LadderPaint *paint);

/* Where that column of the ladder is drawn; it may be outside of the area. */
int ladder_paint_x(const LadderPaint *paint, unsigned x);

/* The names, on the first lines of the area. */
void ladder_paint_names(const LadderPaint *paint);

/* A rung on the line `y`. */
void ladder_paint_row(const LadderPaint *paint, int y, const LadderRow *row);

/* Lifelines alone; `paused`: nothing happened for a while. */
void ladder_paint_lifelines(const LadderPaint *paint, int y, bool paused);

/* Safe text from that column of the ladder on. */
void ladder_paint_text(const LadderPaint *paint, int y, unsigned x, Slice text, Style style);

/* Marks an arrow, and its number and time. */
void ladder_paint_mark(const LadderPaint *paint, int y, const LadderRow *row, unsigned marks);

/* The column whose lifeline or name is nearest to a place on the screen. */
size_t ladder_paint_column_at(const LadderPaint *paint, int x);
