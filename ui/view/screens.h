/*
 * The screens and dialogs of the program: each is made by one function, which gives a View to push.
 */
#pragma once

#include "dissect/diagnose/finding.h"
#include "ui/show/call_columns.h"
#include "ui/view/host.h"
#include "ui/view/widget/table.h"

/* Calls view: the list of calls, at the bottom of the stack. */
View *calls_view_new(Host *host);

/* Quick filter view: the dialog of kinds and outcomes that the call list shows. */
View *quick_filter_view_new(Host *host);

/* Saved filters view: the dialog that applies, adds and removes filters under names, which are kept
 * in the configuration. */
typedef struct {
  const char *text; /* the display filter of the list, "" if it has none; copied */
  void (*done)(void *data, const char *text); /* it is to have that one */
  void *data;
} SavedFiltersOf;

View *saved_filters_view_new(Host *host, const SavedFiltersOf *of);

/* A line to type: the note on that call. */
void note_ask(Host *host, uint32_t number);

/* Columns view: the dialog that chooses, orders and sizes the columns of a list.  They are kept in
 * the configuration; views are notified by ViewOps.configured. */
View *columns_view_new(Host *host, ColumnSubject subject);

/* The configured columns, or the defaults for a screen of that width: CallColumn *, owned by the
 * array. */
GPtrArray *columns_load(const Config *config, ColumnSubject subject, unsigned width);
/* NULL: the defaults. */
void columns_store(Config *config, ColumnSubject subject, const GPtrArray *columns);

/* Gives a column that a list shows (CallColumn *) a width, and keeps it; 0: automatic. */
void columns_size(Host *host, ColumnSubject subject, const GPtrArray *shown, size_t column,
                  unsigned width);

/* Does with the columns that a list shows what was done with their titles; what is done when a
 * title is released is kept.  False if no title is held. */
bool columns_drag(Host *host, ColumnSubject subject, const GPtrArray *shown, const TableDrag *drag);

/* Flow view: the ladder of one call or several. */

typedef struct {
  const uint32_t *calls; /* numbers; copied */
  size_t count;
  bool extended; /* with the calls that belong to them */
} FlowCalls;

View *flow_view_new(Host *host, const FlowCalls *calls);

/* Goes to the message, and marks those that prove the finding (NULL: none is marked). */
void flow_view_prove(View *flow, const Message *message, const Finding *finding);

/* Findings view: what diagnosis found in these calls, the roles of their endpoints, and the way of
 * their requests. */

/* Enter on a line goes to a message, which may prove a finding (else NULL). */
typedef void (*FindingsGo)(void *data, const Message *message, const Finding *finding);

typedef struct {
  const uint32_t *calls; /* numbers; copied */
  size_t count;
  FindingsGo go; /* of the view below; NULL: a ladder is opened */
  void *data;
} FindingsOf;

View *findings_view_new(Host *host, const FindingsOf *of);

/* Message view: one message raw, decoded, or as a hex dump. */

/* What next and previous mean, and who is notified of the new message; `data` is usually the view
 * below. */
typedef struct {
  const Message *(*beside)(void *data, const Message *message, int direction); /* NULL: no more */
  void (*moved)(void *data, const Message *message);
  void *data;
} MessageWalk;

/* `walk` is copied; NULL: the messages of its call. */
View *message_view_new(Host *host, const Message *message, const MessageWalk *walk);

/*
 * Transcript view: all messages of one call or several as one text, one after the other in the
 * order of their frames, each below a line with its time and direction.
 *
 * Only the messages on the screen are read and laid out; the place is a message and a line of it,
 * so that a call may have any number of them.
 */

typedef struct {
  const uint32_t *calls; /* numbers; copied */
  size_t count;
  const Message *at; /* where it begins; NULL: at the first message */
} TranscriptOf;

View *transcript_view_new(Host *host, const TranscriptOf *of);

/* Diff view: two messages compared by header fields and parameters. */
View *diff_view_new(Host *host, const Message *left, const Message *right);

/* Compare view: what differs between two calls (numbers). */
View *compare_view_new(Host *host, uint32_t left, uint32_t right);

/* Stats view: counts of the whole input, or of the calls that are shown. */
View *stats_view_new(Host *host);

/* Numbers view: ratios and delays of the last minutes, by the value of a field. */
View *numbers_view_new(Host *host);

/* Streams view: the RTP streams of these calls (uint32_t, copied), or of the whole input if there
 * are none.  Stream view: one of them. */
View *streams_view_new(Host *host, const GArray *calls);
View *stream_view_new(Host *host, uint32_t number);

/* Registrations view: the addresses-of-record of the whole input. */
View *registrations_view_new(Host *host);

/* Devices view: the platforms, devices and channels of GB/T 28181 of the whole input. */
View *devices_view_new(Host *host);

/* Save view: the dialog that writes packets, ladders, messages, tables and audio to files. */

/* What it was opened for: these calls, that message, that stream; each may be missing. */
typedef struct {
  const uint32_t *calls; /* copied */
  size_t call_count;
  const Message *message;
  uint32_t stream; /* its number; 0: none */
} SaveOf;

View *save_view_new(Host *host, const SaveOf *of);

/* Player view: plays the audio of the call of that number, or of the stream.  Shows why, if it
 * cannot. */
void player_open_call(Host *host, uint32_t call);
void player_open_stream(Host *host, uint32_t stream);

/* Settings view: the dialog of all SETTINGS. */
View *settings_view_new(Host *host);

/* Theme view: the dialog that changes the colours of the theme that is shown, at once. */
View *theme_view_new(Host *host);
