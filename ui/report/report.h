/*
 * Report: one command in one format.  The driver (ui/session.c) begins it, hands it
 * each message as it is filed, and ends it; live it also tells it how late it is.  Who wants a
 * report of what was read long ago (ui/report/export.c) chooses it and only ends it, step by step.
 *
 * A const ops record for each pair, found in REPORTS; whatever a report needs while it runs is in
 * Report.  Reports read the model and write to `out`; they print nothing else.
 */
#pragma once

#include "dissect/trace/trace.h"
#include "ui/report/json.h"
#include "ui/report/select.h"
#include "ui/show/endpoint_set.h"
#include "ui/show/message_list.h"
#include "ui/show/style.h"
#include "ui/show/where.h"

typedef struct CallFlow CallFlow;
typedef struct Report Report;

enum { REPORT_COLUMNS_MAX = 8 };

/* The rows of a command in JSON and CSV: their keys, and the fields that are shown under them. */
typedef struct {
  const ValueColumn *columns;
  const char *const *fields;
  size_t count;
} RowShape;

typedef struct {
  SubcommandId command;
  FormatId format;
  void (*begin)(Report *report); /* each may be NULL */
  void (*message)(Report *report, const Arrival *arrival, const Message *message);
  void (*tick)(Report *report, int64_t now_ns); /* live */
  /* When all was read: every call is measured, then every call is put, a part of it at a time:
   * `call` gives true while there is more of that one. */
  void (*measure)(Report *report, const Call *call);
  void (*heading)(Report *report);
  bool (*call)(Report *report, const Call *call);
  void (*end)(Report *report);
  const RowShape *shape; /* NULL: no rows of values */
} ReportOps;

typedef enum {
  REPORT_BEGINS,
  REPORT_COLLECTS, /* messages */
  REPORT_MEASURES, /* calls */
  REPORT_PUTS_CALLS,
  REPORT_PUTS_MESSAGES,
  REPORT_IS_DONE,
} ReportPhase;

/* Where the printing at the end has come to. */
typedef struct {
  ReportPhase phase;
  size_t next, count; /* of the phase */
  uint64_t put;       /* calls or messages */
} ReportEnding;

struct Report {
  const ReportOps *ops;
  const Options *options;
  const Trace *trace;
  const StoreSet *stores;
  Out *out;
  Look look;
  bool terminal; /* out is one */
  bool live;     /* the input is */
  Clock clock;
  Json json;
  Selection selection;
  Where where;
  const MessageChoice *choice; /* NULL: what the options choose */
  bool waits;       /* messages are put when all was read: -Y, --columns or --sort wants that */
  GArray *rows;     /* ReportRow: calls in the order of --sort, at the end; or NULL */
  FieldRef *fields; /* of ops->shape, found once */
  EndpointSet endpoints;
  Arena scratch;                       /* of one row or one call */
  Arena octets;                        /* of one message that was read again */
  GString *text;                       /* of one line */
  unsigned widths[REPORT_COLUMNS_MAX]; /* of the columns of a table */
  GArray *open_calls;                  /* live: indexes of calls that were not printed yet */
  size_t next_call;                    /* live: first call that was not looked at */
  ReportEnding ending;
  MessageList *messages; /* of `choice`, or NULL */
  CallFlow *flow;        /* of the call that is being put, or NULL */
  GError *error;         /* of the first message that could not be read again */
};

typedef struct {
  const Options *options;
  const Trace *trace;
  const StoreSet *stores;
  Out *out;
  Look look;
  bool terminal, live;
  const MessageChoice *choice; /* of what was read already, whatever the options say; or NULL */
} ReportSetup;

/* The options' command and format must be a pair that SUBCOMMANDS allows. */
void report_init(Report *report, const ReportSetup *setup);
void report_clear(Report *report);

void report_begin(Report *report);
void report_message(Report *report, const Arrival *arrival, const Message *message);
void report_tick(Report *report, int64_t now_ns);
void report_end(Report *report);

/* The same in slices: true while more is to do; and how much of it is done, from 0 to 1. */
bool report_end_step(Report *report, int64_t until_us);
double report_end_progress(const Report *report);

/* Does it print while messages come? */
bool report_is_streaming(const Report *report);

/* Are rows put at the end, in an order or with columns of their own? */
bool report_is_ordered(const Report *report);

/* Did the user name what he wants? */
bool report_is_choosing(const Report *report);

/* For the reports: the call at that index, NULL when it is not chosen or was evicted. */
const Call *report_call_at(Report *report, size_t index);

/* Live: does the display filter choose the call, as it is now? */
bool report_wants_call(Report *report, const Call *call);

/* Reads a message again, into report->octets, where it stays until the next; false, and remembered,
 * when that cannot be done. */
bool report_load(Report *report, const Message *message, SipMsg *ret_msg);

/* Writes report->text and empties it. */
void report_put_line(Report *report);

/* Remembers that octets could not be read again which the context was asked for. */
void report_note_unreadable(Report *report, const FieldContext *context);

/* Value without folds, in scratch if need be (RFC 3261 7.3.1). */
Slice report_unfold(Report *report, Slice value);

/* Appends report->text: safe text in its style. */
void report_append_styled(Report *report, Slice safe, Style style);

/* What a response says: its phrase as it stood on the wire, or else the registered one; in
 * scratch, not safe. */
Slice report_reason(Report *report, const Message *message);

/* The values of ops->shape for what where.context looks at; until that looks at something else. */
const FieldValue *report_row_values(Report *report);
