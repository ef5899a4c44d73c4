/*
 * Options: the command line, read by the tables SUBCOMMANDS and OPTIONS, of which the help is made
 * too.  Reading it touches nothing but memory and, for a first word that is no command,
 * asks whether there is a file of that name.
 */
#pragma once

#include <glib.h>

#include "dissect/query/display_filter.h"
#include "ui/show/field_list.h"
#include "ui/show/format.h"

typedef enum {
  SUBCOMMAND_NONE, /* nothing named: to be browsed in the terminal, or `calls` without one */
  SUBCOMMAND_CALLS,
  SUBCOMMAND_MESSAGES,
  SUBCOMMAND_FLOW,
  SUBCOMMAND_SHOW,
  SUBCOMMAND_STATS,
  SUBCOMMAND_SAVE,
  SUBCOMMAND_HELP,
  SUBCOMMAND_COUNT,
} SubcommandId;

typedef enum {
  FORMAT_TEXT,
  FORMAT_JSON,
  FORMAT_CSV,
  FORMAT_COUNT,
} FormatId;

typedef enum {
  COLOR_AUTO,
  COLOR_ALWAYS,
  COLOR_NEVER,
} ColorMode;

typedef struct {
  SubcommandId command;
  FormatId format;
  GPtrArray *files;       /* const char * of argv, NULL-terminated like the others */
  GPtrArray *interfaces;  /* char *, owned */
  GPtrArray *calls;       /* const char *: numbers or Call-IDs */
  GArray *messages;       /* uint32_t: numbers, none: all */
  const char *filter;     /* BPF, or NULL */
  DisplayFilter *where;   /* owned, or NULL */
  const char *where_text; /* its expression */
  GArray *columns, *sort; /* FieldChoice; owned, or NULL */
  const char *output;     /* file, or NULL for stdout */
  const char *config;     /* configuration file, or NULL for the usual one */
  TimeMode time;
  ColorMode color;
  unsigned width; /* 0: the terminal's */
  bool utc, ascii, quiet, decode, help, version;
  bool with_media, force;
  bool no_config, dump_config;
  const char *help_topic; /* of `help COMMAND`, or NULL */
  unsigned given;         /* bit per OptionId that was used */
} Options;

typedef enum {
  OPTION_READ,
  OPTION_INTERFACE,
  OPTION_FILTER,
  OPTION_WHERE,
  OPTION_CALL,
  OPTION_MESSAGE,
  OPTION_FORMAT,
  OPTION_COLUMNS,
  OPTION_SORT,
  OPTION_WRITE,
  OPTION_FORCE,
  OPTION_WITH_MEDIA,
  OPTION_DECODE,
  OPTION_TIME,
  OPTION_UTC,
  OPTION_WIDTH,
  OPTION_COLOR,
  OPTION_ASCII,
  OPTION_CONFIG,
  OPTION_NO_CONFIG,
  OPTION_DUMP_CONFIG,
  OPTION_QUIET,
  OPTION_HELP,
  OPTION_VERSION,
  OPTION_COUNT,
} OptionId;

typedef struct {
  const char *shorts;   /* letters that mean it */
  const char *longs[3]; /* names without dashes, the first is shown */
  const char *argument; /* its name, or NULL when there is none */
  unsigned commands;    /* bit per SubcommandId that knows it; SUBCOMMAND_NONE: browsing does */
  const char *help;
} OptionInfo;

typedef struct {
  const char *name;
  unsigned formats; /* bit per FormatId */
  const char *help; /* one line */
  const char *more; /* a paragraph, or NULL */
} SubcommandInfo;

extern const OptionInfo OPTIONS[OPTION_COUNT];
extern const SubcommandInfo SUBCOMMANDS[SUBCOMMAND_COUNT]; /* SUBCOMMAND_NONE has no name */
extern const char *const FORMAT_NAMES[FORMAT_COUNT + 1];

/* The command of that name, or SUBCOMMAND_NONE. */
SubcommandId subcommand_from_name(const char *name);

/* Is no command named, and nothing asked for that only a command gives?  Then the input is browsed
 * where there is a terminal. */
bool options_browse(const Options *options);

/* Fails with APP_ERROR_USAGE.  *ret_options borrows from argv. */
G_GNUC_WARN_UNUSED_RESULT bool options_parse(int argc, const char *const *argv,
                                             Options *ret_options, GError **error);
void options_clear(Options *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)
