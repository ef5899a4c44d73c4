/*
 * Report: one command in one format.  The driver (ui/session.c) begins it, hands it
 * each message as it is filed, and ends it; live it also tells it how late it is.
 *
 * A const ops record for each pair, found in REPORTS; whatever a report needs while it runs is in
 * Report.  Reports read the model and write to `out`; they print nothing else.
 */
#pragma once

#include "dissect/trace/trace.h"
#include "ui/report/endpoint_set.h"
#include "ui/report/json.h"
#include "ui/report/select.h"
#include "ui/report/where.h"
#include "ui/style.h"

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
  void (*begin)(Report *report); /* each but `end` may be NULL */
  void (*message)(Report *report, const Arrival *arrival, const Message *message);
  void (*tick)(Report *report, int64_t now_ns); /* live */
  void (*end)(Report *report);
  const RowShape *shape; /* NULL: no rows of values */
} ReportOps;

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
  GError *error;                       /* of the first message that could not be read again */
};

typedef struct {
  const Options *options;
  const Trace *trace;
  const StoreSet *stores;
  Out *out;
  Look look;
  bool terminal, live;
} ReportSetup;

/* The options' command and format must be a pair that SUBCOMMANDS allows. */
void report_init(Report *report, const ReportSetup *setup);
void report_clear(Report *report);

void report_begin(Report *report);
void report_message(Report *report, const Arrival *arrival, const Message *message);
void report_tick(Report *report, int64_t now_ns);
void report_end(Report *report);

/* Does it print while messages come? */
bool report_is_streaming(const Report *report);

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
const Value *report_row_values(Report *report);
