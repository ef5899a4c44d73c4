/*
 * Subcommand: one command of the program: its name and help, what it takes of the command line, and
 * the report for each format.
 *
 * A const record in the file of the command; SUBCOMMANDS (ui/options.h) lists them all.  Parsing,
 * help and the command list in README.md are made of them.
 */
#pragma once

#include <glib.h>

typedef struct ReportOps ReportOps; /* ui/report/report.h */

/* Groups of options; the table OPTIONS says which option belongs to which. */
enum {
  TAKES_FILTER = 1U << 0,         /* --where */
  TAKES_CALLS = 1U << 1,          /* --call */
  TAKES_MESSAGES = 1U << 2,       /* --message */
  TAKES_FORMAT = 1U << 3,         /* --format and --width: it prints */
  TAKES_FIELDS = 1U << 4,         /* --columns, --sort */
  TAKES_TIMES = 1U << 5,          /* --time */
  TAKES_LOOK = 1U << 6,           /* --utc, --color, --ascii */
  TAKES_OUTPUT = 1U << 7,         /* --write */
  TAKES_PACKETS = 1U << 8,        /* --force */
  TAKES_DECODE = 1U << 9,         /* --decode */
  TAKES_CONFIG = 1U << 10,        /* --config, --no-config */
  TAKES_DUMP = 1U << 11,          /* --dump-config */
  TAKES_TOPIC = 1U << 12,         /* words are topics, not files */
  TAKES_MEDIA = 1U << 13,         /* --with-media */
  TAKES_LEGS = 1U << 14,          /* --merge, --legs, --conversation */
  TAKES_STREAMS = 1U << 15,       /* --stream */
  TAKES_AUDIO = 1U << 16,         /* --audio */
  TAKES_GROUP = 1U << 17,         /* --group */
  TAKES_ALIASES = 1U << 18,       /* names of hosts in the configuration */
  TAKES_LINT = 1U << 19,          /* --fail-on */
  TAKES_CONVERSATIONS = 1U << 20, /* --cut, and the configuration */
  TAKES_BY = 1U << 21,            /* --by */
  TAKES_EVIDENCE = 1U << 22,      /* --bundle, --sipp */
  TAKES_FILES = 1U << 23,         /* --read, --follow, --demo, ...: it reads captures */
  TAKES_RING = 1U << 24,          /* --keep, -C, -G, -W, --split, -a, -c, --push */
  TAKES_CHECKS = 1U << 25,        /* --none, --all, --count */
  TAKES_FOLDERS = 1U << 26,       /* words are folders, standard input is no capture */
  TAKES_PAIR = 1U << 27,          /* two files are two captures, not one */
  TAKES_PUSH = 1U << 28,          /* --to, --create, --days, --probe */
  TAKES_LIVE = 1U << 29,          /* --interface, --hep-listen, --alert, ...: it captures */
  TAKES_COPY = 1U << 30,          /* --decrypted, --anonymize */
};

/* What every command that prints takes; and those that print what is in captures. */
#define TAKES_PRINTING (TAKES_FORMAT | TAKES_LOOK | TAKES_OUTPUT)
#define TAKES_REPORTING (TAKES_PRINTING | TAKES_FILES | TAKES_LIVE)

typedef struct {
  const char *name; /* of --format */
  const ReportOps *report;
} ReportFormat;

typedef struct {
  const char *name;
  const char *help; /* one line */
  const char *more; /* a paragraph, or NULL; help and more are translated where they are shown */
  void (*append_more)(GString *to); /* what follows it, or NULL */
  unsigned takes;
  const ReportFormat *formats; /* ended by one without name; the first is the default */
  const ReportOps *usual;      /* when no format is named; NULL: the first */
} Subcommand;

/* Reports that are exported, too. */
extern const ReportOps CALLS_TEXT, CALLS_JSON, CALLS_CSV, MESSAGES_WHOLE, MESSAGES_JSON,
  MESSAGES_CSV, FLOW_TEXT, FLOW_JSON, FLOW_HTML, FLOW_SVG, SHOW_JSON, STREAMS_CSV;

extern const Subcommand CALLS_SUBCOMMAND, MESSAGES_SUBCOMMAND, FLOW_SUBCOMMAND, SHOW_SUBCOMMAND,
  STREAMS_SUBCOMMAND, REGISTRATIONS_SUBCOMMAND, DEVICES_SUBCOMMAND, STATS_SUBCOMMAND,
  EXPLAIN_SUBCOMMAND, LINT_SUBCOMMAND, CHECK_SUBCOMMAND, REPORT_SUBCOMMAND, COMPARE_SUBCOMMAND;
