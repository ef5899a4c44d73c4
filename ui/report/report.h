/*
 * Report: one command in one format.  The driver (ui/session.c) begins it, hands it each message as
 * it is added to the trace, and ends it; live it also passes the time.  A report of what was read
 * before (ui/report/export.c) is only ended, step by step.
 *
 * Each pair has a const record of operations; the state of a run is in Report.  Reports read the
 * model and write to `out`, nothing else.
 */
#pragma once

#include "dissect/diagnose/session_events.h"
#include "dissect/trace/trace.h"
#include "ui/report/json.h"
#include "ui/show/alias.h"
#include "ui/show/format.h"
#include "ui/show/leg_text.h"
#include "ui/show/metric_groups.h"
#include "ui/show/selection.h"
#include "ui/show/style.h"

typedef struct CallFlow CallFlow;
typedef struct CauseGroups CauseGroups; /* dissect/diagnose/cause_groups.h */
typedef struct Diagnoser Diagnoser;     /* dissect/diagnose/diagnosis.h */
typedef struct PushTarget PushTarget;   /* ui/report/push_rows.h */
typedef struct Report Report;
typedef struct ReportOps ReportOps;
typedef struct FieldRows FieldRows;

enum { REPORT_COLUMNS_MAX = 8 };

/* The rows of a command in JSON and CSV: their keys and fields. */
typedef struct {
  const ValueColumn *columns;
  const char *const *fields;
  size_t count;
} RowShape;

/*
 * What a line of JSON is, in a short notation that `rung help schema` is made of: {key:value,...}
 * an object, [value] a list, {*:value} an object of any keys; integer, number, string, time,
 * boolean; a ? after them: or null; key?:value: may be missing; key=FIELD: the value of that field;
 * #node: the definition of that name.
 */
typedef struct {
  const char *variant; /* "", or the option that makes another kind of line */
  const char *notation;
} ReportSchema;

struct ReportOps {
  void (*begin)(Report *report); /* each may be NULL */
  void (*message)(Report *report, const Arrival *arrival, const Message *message);
  void (*tick)(Report *report, int64_t now_ns); /* live */
  /* When everything was read: each call is measured, then each call is put, a part at a time: both
   * return true while there is more of that call. */
  bool (*measure)(Report *report, const Call *call);
  void (*heading)(Report *report);
  bool (*call)(Report *report, const Call *call);
  void (*end)(Report *report);
  bool needs_media;            /* trace_follow_media, once there is RTP */
  bool diagnoses;              /* `call` diagnoses each call, once */
  bool puts_legs;              /* `call` asks for the legs of each call, but not with --group */
  SessionsWanted sessions;     /* of diagnoses */
  bool groups;                 /* counts causes with --group */
  bool never_merges;           /* each call is by itself: --merge is refused */
  bool needs_offers;           /* the same from the beginning, with RTP or without */
  bool of_streams;             /* rows are streams of RTP, put by `end` */
  bool reads_once;             /* never a message again, if nothing is selected by -Y or sorted */
  const RowShape *shape;       /* NULL: no rows of values */
  bool for_programs;           /* in English, whatever the language */
  const ReportSchema *schemas; /* of JSON; ended by one without notation */
  const FieldRows *field_rows; /* how rows of --columns are written; NULL: it has none */
};

typedef enum {
  REPORT_BEGINS,
  REPORT_COLLECTS, /* messages */
  REPORT_FINDS_LEGS,
  REPORT_MEASURES, /* calls */
  REPORT_PUTS_CALLS,
  REPORT_PUTS_MESSAGES,
  REPORT_IS_DONE,
} ReportPhase;

/* How far the printing at the end has come. */
typedef struct {
  ReportPhase phase;
  size_t next, count; /* of the phase */
  uint64_t put;       /* calls or messages */
} ReportEnding;

/* What a database has counted: nothing, or what --group or --by needs. */
typedef struct {
  CauseGroups *causes;
  MetricGroups *metrics;
} Counted;

/* What a report needs; what it points to must outlive it. */
typedef struct {
  const ReportOps *ops;
  Selection *selection; /* report_init binds it to the trace */
  const Trace *trace;
  const StoreSet *stores;
  Out *out;
  Look look;
  TimeMode time;
  bool utc;
  const GArray *columns, *sort; /* FieldChoice; or NULL */
  bool decode;                  /* messages header by header */
  bool group;                   /* causes of all calls, counted */
  const GroupKey *by;           /* of --by; or NULL */
  bool merge;                   /* one ladder of all calls */
  bool legs;                    /* ladders also of the calls that are legs of the selected ones */
  bool fails_on_flaws;          /* flaws of `fail_on` and above are counted */
  SipSeverity fail_on;
  const GArray *checks;           /* Check (ui/report/check.h); or NULL */
  const char *const *leg_headers; /* see leg_headers_parse; or NULL */
  const GArray *cuts;             /* uint32_t: calls that are no legs; or NULL */
  Conversations *conversations;   /* of whoever has them already, or NULL: of its own */
  const Aliases *aliases;         /* names of hosts; or NULL */
  int64_t gap_ns;                 /* ladders show a silence of at least so long; 0: none */
  bool ascii;                     /* --ascii: bytes of messages too */
  bool to_file;                   /* the output was named: other programs read it */
  bool terminal;                  /* `out` is one */
  bool live;                      /* the input is */
  bool counts_dropped;            /* packets that the kernel dropped are known */
  bool past;                      /* everything was read before the report begins */
  bool is_first;                  /* of two captures: it puts nothing, but collects a state */
  void *first;                    /* of the second: that state, which becomes its own; or NULL */
  const char *const *names;       /* of the two captures; NULL: it is one */
  const PushTarget *push;         /* where PUSH_ROWS goes; else NULL */
  Counted counted;                /* becomes its own */
} ReportSetup;

struct Report {
  const ReportOps *ops;
  ReportSetup setup;
  const Trace *trace; /* these four are those of the setup */
  const StoreSet *stores;
  Out *out;
  Look look;
  Clock clock;
  Json json;
  bool notes_legs;  /* see conversations_note */
  bool waits;       /* messages are put at the end: -Y, --columns or --sort needs that */
  GArray *rows;     /* ReportRow: calls in the order of --sort, at the end; or NULL */
  FieldRef *fields; /* of ops->shape, found once */
  FieldContext context;
  EndpointSet endpoints;
  Arena values;                        /* of `context` */
  Arena scratch;                       /* of one row or one call */
  Arena octets;                        /* of one message that was read again */
  GString *text;                       /* of one line */
  unsigned widths[REPORT_COLUMNS_MAX]; /* of the columns of a table */
  GArray *open_calls;                  /* live: indexes of calls that were not printed yet */
  size_t next_call;                    /* live: first call that was not looked at */
  const Message *measured;             /* of the call that is being measured, the last; or NULL */
  ReportEnding ending;
  MessageList *messages; /* of what was read before; or NULL */
  Diagnoser *diagnoser;  /* made when the first call is diagnosed */
  bool lacks_media;      /* a call that was explained should have RTP, and there is none at all */
  CauseGroups *causes;   /* with --group, of the calls so far */
  MetricGroups *metrics; /* with --by, the same */
  uint64_t flaws;        /* of the severity that it fails on, or above; or checks that failed */
  char *verdict;         /* why the exit status is 1 though all was read; or NULL */
  CallFlow *flow;        /* of the call that is being put, or NULL */
  void *state;           /* of the format, with free_state; or NULL */
  void (*free_state)(void *state);
  Conversations *conversations; /* of the setup, or `own_conversations` */
  Conversations *own_conversations;
  GArray *legs; /* Leg: calls that were added to the selected ones; or NULL */
  size_t legs_left_out;
  GError *error; /* of the first message that could not be read again */
};

void report_init(Report *report, const ReportSetup *setup);
void report_clear(Report *report);

void report_begin(Report *report);
void report_message(Report *report, const Arrival *arrival, const Message *message);
void report_tick(Report *report, int64_t now_ns);
void report_end(Report *report);

/* Calls to look at when the input has ended, selected or not: those of the rows; or those that a
 * live report has left open and those it has not seen, which are all if it is not live. */
size_t report_call_count(const Report *report);
/* NULL if it is not selected, or was evicted. */
const Call *report_call_at(Report *report, size_t index);

/* Why the call is among them: the one that it is a leg of; NULL if it was selected itself. */
const Leg *report_leg(const Report *report, const Call *call);

/* The same in slices: true while there is more to do; and the share that is done, from 0 to 1. */
bool report_end_step(Report *report, int64_t until_us);
double report_end_progress(const Report *report);

/* Does it print while messages arrive? */
bool report_is_streaming(const Report *report);

/* Are rows printed at the end, because of --sort or --columns? */
bool report_is_ordered(const Report *report);

/* Reads a message again, into report->octets, where it stays until the next one.  A failure is
 * remembered in report->error. */
bool report_load(Report *report, const Message *message, SipMsg *ret_msg);

/* Made when it is first asked for. */
const Diagnoser *report_diagnoser(Report *report);

/* Writes report->text and empties it. */
void report_put_line(Report *report);
/* The same for a row of a table: without blanks at its end, and with the end of the line. */
void report_put_row(Report *report);

/* Remembers that a field of the context could not be read again. */
void report_note_unreadable(Report *report, const FieldContext *context);

/* See call_text; in scratch if needed.  Absent where there is none. */
Slice report_call_text(Report *report, const Call *call, CallText which);

/* A header value without line folds, in scratch if needed (RFC 3261 7.3.1). */
Slice report_unfold(Report *report, Slice value);

/* Appends report->text: safe text in its style. */
void report_append_styled(Report *report, Slice safe, Style style);

/* Appends a text and the end of the line, of which `used` columns are taken; what does not fit goes
 * on below, indented. */
void report_append_wrapped(Report *report, unsigned used, Slice text);

/* The same, with the lines below indented by so many columns. */
void report_append_hanging(Report *report, unsigned used, unsigned indent, Slice text);

/* The reason phrase of a response as it was sent, or else the registered one; in scratch, not
 * safe. */
Slice report_reason(Report *report, const Message *message);

/* The value of a field of what `context` looks at, or the list of a field that may have several. */
FieldValue report_field_value(Report *report, const FieldRef *ref);

/* TIME_NONE: no value. */
static inline FieldValue report_time(int64_t time_ns)
{
  return time_ns != TIME_NONE ? value_time(time_ns) : value_none();
}

/* Live: puts the calls that are over and keeps the others, in their order. */
void report_tick_calls(Report *report, int64_t now_ns);

/* The values of ops->shape for what `context` looks at; valid until it looks at something else. */
const FieldValue *report_row_values(Report *report);

/* A whole message as sngrep writes it to a .txt file, for other programs to read: byte for byte,
 * except that a terminal gets no control characters (show.c). */
void messages_whole(Report *report, const Arrival *arrival, const Message *message);
