/*
 * Options: the command line, parsed by the tables SUBCOMMANDS and OPTIONS, of which the help is
 * made, too.  Parsing reads nothing but memory; for a first word that is not a command it also
 * checks whether a file of that name exists.
 */
#pragma once

#include "capture/source.h"
#include "dissect/verify/verifier.h"
#include "ui/report/check.h"
#include "ui/report/report.h"
#include "ui/report/subcommand.h"
#include "ui/scratch.h"
#include "ui/show/field_list.h"
#include "ui/show/format.h"
#include "ui/show/metric_groups.h"
#include "ui/show/selection.h"

typedef struct Options Options;

typedef enum {
  EXIT_OK = 0,
  EXIT_FAILED = 1, /* something failed or was cut short, and was reported */
  EXIT_USAGE = 2,
} ExitStatus;

/* A row of SUBCOMMANDS. */
typedef struct {
  const Subcommand *info;
  ExitStatus (*run)(const Options *options);
} SubcommandRow;

/* All commands, in the order of the help; ended by a row without info (ui/help.c). */
extern const SubcommandRow SUBCOMMANDS[];

/* NULL when there is no command of that name. */
const SubcommandRow *subcommand_find(const char *name);

/* Sets APP_ERROR_USAGE: "unknown WHAT 'typed'", with the nearest command; gives false. */
bool subcommand_fail_unknown(const char *typed, const char *what, GError **error);

typedef enum {
  COLOR_AUTO,
  COLOR_ALWAYS,
  COLOR_NEVER,
} ColorMode;

typedef enum {
  OPTION_READ,
  OPTION_SINCE,
  OPTION_UNTIL,
  OPTION_RECURSIVE,
  OPTION_FOLLOW,
  OPTION_DEMO,
  OPTION_RESUME,
  OPTION_INTERFACE,
  OPTION_HEP_LISTEN,
  OPTION_HEP_PASSWORD,
  OPTION_HEP_ALLOW,
  OPTION_HEP_CERT,
  OPTION_HEP_KEY,
  OPTION_HEP_SEND,
  OPTION_HEP_CA,
  OPTION_FILTER,
  OPTION_SNAP_LEN,
  OPTION_NO_PROMISCUOUS,
  OPTION_WHERE,
  OPTION_KEYLOG,
  OPTION_PRIVATE_KEY,
  OPTION_STIR_CERT,
  OPTION_PASSWORD_FILE,
  OPTION_CALL,
  OPTION_MESSAGE,
  OPTION_STREAM,
  OPTION_FORMAT,
  OPTION_COLUMNS,
  OPTION_SORT,
  OPTION_WRITE,
  OPTION_FORCE,
  OPTION_WITH_MEDIA,
  OPTION_WITH_SECRETS,
  OPTION_DECRYPTED,
  OPTION_ANONYMIZE,
  OPTION_ANONYMIZE_AGENTS,
  OPTION_AUDIO,
  OPTION_BUNDLE,
  OPTION_SIPP,
  OPTION_DECODE,
  OPTION_GROUP,
  OPTION_BY,
  OPTION_MERGE,
  OPTION_LEGS,
  OPTION_CONVERSATION,
  OPTION_CUT,
  OPTION_FAIL_ON,
  OPTION_NONE,
  OPTION_ALL,
  OPTION_NUMBER,
  OPTION_TIME,
  OPTION_UTC,
  OPTION_WIDTH,
  OPTION_COLOR,
  OPTION_ASCII,
  OPTION_LANG,
  OPTION_CONFIG,
  OPTION_NO_CONFIG,
  OPTION_DUMP_CONFIG,
  OPTION_IMPORT_SNGREPRC,
  OPTION_MAX_CALLS,
  OPTION_MAX_MEMORY,
  OPTION_MAX_DISK,
  OPTION_METRICS,
  OPTION_ALERT,
  OPTION_EXEC,
  OPTION_KEEP,
  OPTION_FILE_SIZE,
  OPTION_FILE_SECONDS,
  OPTION_FILE_COUNT,
  OPTION_SPLIT,
  OPTION_STOP,
  OPTION_PACKETS,
  OPTION_TO,
  OPTION_PUSH,
  OPTION_QUEUE,
  OPTION_CREATE,
  OPTION_DAYS,
  OPTION_PROBE,
  OPTION_USER,
  OPTION_SETUP_CAPS,
  OPTION_QUIET,
  OPTION_HELP,
  OPTION_VERSION,
  OPTION_COUNT,
} OptionId;

struct Options {
  const SubcommandRow *command;     /* NULL: none was named */
  const ReportOps *report;          /* of the command and format; NULL: it prints none */
  const char *const *files;         /* NULL-terminated, NULL when there are none; words of argv */
  const char *authorities;          /* of the server of --push or --to, once it is known; or NULL */
  const char *since, *until;        /* of a database; or NULL */
  const char *input_name;           /* of the only file, where it is shown; or NULL */
  Counted counted;                  /* for the report to own */
  const char *const *interfaces;    /* NULL-terminated, NULL when there are none; owned */
  const char *const *hep_addresses; /* the same, of words of argv, as the next */
  const char *const *hep_allow;
  const char *hep_password, *hep_send;                     /* or NULL, */
  const char *hep_certificate, *hep_key, *hep_authorities; /* as these */
  Selection *selection;              /* --call, --message and --where; owned */
  DisplayFilter *where;              /* owned, or NULL */
  const char *where_text;            /* its expression, */
  char *where_saved;                 /* once it was looked up; or NULL */
  const char *filter;                /* BPF, or NULL */
  const char *const *key_logs;       /* NULL-terminated, NULL when there are none; words of argv */
  const char *const *private_keys;   /* the same */
  const char *const *stir_certs;     /* the same */
  const char *password_file;         /* of --password-file, or NULL */
  const char *format;                /* of --format, or NULL */
  GArray *columns, *sort;            /* FieldChoice; owned, or NULL */
  GArray *cuts;                      /* uint32_t: calls of --cut; owned, or NULL */
  GroupKey by;                       /* of --by; .by == NULL: it was not given */
  const char *output;                /* file, or NULL for stdout */
  const char *metrics;               /* of --metrics, or NULL */
  const char *const *alerts;         /* NULL-terminated, NULL when there are none; words of argv */
  const char *const *alert_commands; /* as many */
  const char *audio;                 /* of --audio, or NULL */
  const char *bundle;                /* of --bundle, or NULL */
  const char *sipp;                  /* of --sipp, or NULL */
  const char *map;                   /* of --anonymize=MAPFILE, or NULL */
  const char *user;                  /* of -Z, or NULL for the usual one */
  const char *config;                /* configuration file, or NULL for the usual one */
  const char *sngreprc;              /* of --import-sngreprc, or NULL */
  TimeMode time;
  ColorMode color;
  unsigned width; /* 0: that of the terminal */
  bool follow;    /* the file, which grows */
  bool demo;      /* `files` is the built-in capture */
  bool resume;    /* `files` without any: those of last time */
  bool recursive; /* folders */
  bool utc, ascii, quiet, decode, group, help, version, setup_caps, no_promiscuous;
  uint32_t snap_len; /* of -s; 0: all */
  bool merge, legs;  /* ladders */
  bool with_media, with_secrets, decrypted, anonymize_agents, force;
  SipSeverity fail_on; /* with OPTION_FAIL_ON */
  GArray *checks;      /* Check; owned, or NULL */
  bool no_config, dump_config;
  uint32_t max_calls;            /* 0: not given, as below */
  uint64_t max_memory, max_disk; /* bytes */
  DisplayFilter *keep;           /* of --keep; owned, or NULL */
  const char *keep_text;
  uint64_t file_size, stop_bytes;
  uint32_t file_seconds, file_count;
  bool split_by_day, split_by_call;
  uint32_t stop_seconds, stop_packets;
  const char *push_to, *queue, *days, *probe; /* or NULL; of --to or --push, ... */
  bool create;
  char demo_path[SCRATCH_PATH_MAX]; /* of that capture */
  char **resumed;                   /* names of those files, freed with the options; or NULL */
  const char *topic;                /* of `help TOPIC`, or NULL */
  const char *const *argv;          /* the whole command line; borrowed */
  int argc;
  bool given[OPTION_COUNT]; /* see option_is_given */
};

typedef struct {
  const char *shorts;   /* its letters */
  const char *longs[3]; /* names without dashes, the first is shown */
  const char *argument; /* its name, "[=NAME]" if it may be left out, or NULL: it has none */
  unsigned group;   /* TAKES_*: commands that take one of these know it; 0: every command does */
  const char *help; /* NULL: made of the formats (--format) */
  unsigned but;     /* TAKES_*: commands that take one of these do not know it even so */
} OptionInfo;

extern const OptionInfo OPTIONS[OPTION_COUNT];

/* Does its argument, if there is one, follow "="? */
static inline bool option_may_be_bare(const OptionInfo *option)
{
  return option->argument && g_str_has_prefix(option->argument, "[=");
}

static inline bool option_is_given(const Options *options, OptionId id)
{
  return options->given[id];
}

/* Appends the words that its argument may be, with a blank between them; none: it may be others. */
void option_append_words(OptionId id, GString *to);

/* Does the command know the option?  NULL: browsing in the terminal. */
bool option_is_known(OptionId id, const Subcommand *command);

/* Is no command named, and nothing given that only a command knows?  Then the input is browsed
 * where there is a terminal. */
bool options_browse(const Options *options);

/* How many interfaces and sockets are named; none: the usual one is meant, unless files are. */
unsigned options_live_inputs(const Options *options);

/* What is to be read: the files, or the interfaces (default: any) when no file is named. */
SourceOptions options_source(const Options *options);

/* What --stir-cert and --password-file prove; NULL without them.  *ret_warning: about the files, to
 * be freed with g_free; or NULL. */
G_GNUC_WARN_UNUSED_RESULT bool options_verifier(const Options *options, Verifier **ret_verifier,
                                                char **ret_warning, GError **error);

/* The word after --lang, before anything else is parsed; NULL: it is not there. */
const char *options_find_lang(int argc, const char *const *argv);

/* Fails with APP_ERROR_USAGE.  *ret_options borrows from argv. */
G_GNUC_WARN_UNUSED_RESULT bool options_parse(int argc, const char *const *argv,
                                             Options *ret_options, GError **error);
/* As if this file was given, which must be the only input; borrowed. */
void options_read_file(Options *options, const char *path);
void options_clear(Options *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)
