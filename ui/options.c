#include "ui/options.h"

#include "capture/clickhouse_url.h"
#include "capture/error.h"
#include "capture/language.h"
#include "capture/slice.h"
#include "capture/walk.h"
#include "ui/foreign_options.h"
#include "ui/languages.h"
#include "ui/report/report.h"
#include "ui/view/config/saved_filters.h"

/* What browsing takes; it has no name, and so no row. */
enum {
  BROWSING_TAKES = TAKES_FILES | TAKES_LIVE | TAKES_FILTER | TAKES_FIELDS | TAKES_TIMES |
                   TAKES_LOOK | TAKES_CONFIG | TAKES_DUMP | TAKES_MEDIA,
};

#define SPLIT_BY_DAY "day"
#define SPLIT_BY_CALL "call"

const OptionInfo OPTIONS[OPTION_COUNT] = {
  [OPTION_READ] = {"rI",
                   {"read", "input"},
                   "FILE",
                   TAKES_FILES,
                   N_("read a capture, text trace or zip of them; - for stdin; or just FILE")},
  [OPTION_SINCE] = {"",
                    {"since"},
                    "TIME",
                    TAKES_FILES,
                    N_("of a database: calls since then (2h, 2026-11-29 or 2026-11-29T10:30)")},
  [OPTION_UNTIL] = {"", {"until"}, "TIME", TAKES_FILES, N_("the same, until then")},
  [OPTION_RECURSIVE] = {"",
                        {"recursive"},
                        NULL,
                        TAKES_FILES,
                        N_("read all captures in the named folders and below them")},
  [OPTION_FOLLOW] = {"",
                     {"follow"},
                     NULL,
                     TAKES_FILES,
                     N_("keep reading what is appended to the file, as tail -f does"),
                     TAKES_PAIR | TAKES_PUSH}, /* which read to the end */
  [OPTION_DEMO] =
    {"", {"demo"}, NULL, TAKES_FILES, N_("read the built-in sample capture, to try rung on")},
  [OPTION_RESUME] =
    {"",
     {"resume"},
     NULL,
     TAKES_DUMP,
     N_("with the filter, marks and bookmarks of last time; without FILE, its files")},
  [OPTION_INTERFACE] = {"id",
                        {"interface", "device"},
                        "IF[,IF]",
                        TAKES_LIVE,
                        N_("interfaces to capture on (default: any)")},
  [OPTION_HEP_LISTEN] =
    {"L",
     {"hep-listen"},
     "ADDRESS",
     TAKES_LIVE,
     N_("receive HEP at udp:, tcp: or tls:HOST:PORT, also beside -i (repeatable)")},
  [OPTION_HEP_PASSWORD] = {"",
                           {"hep-password"},
                           "TEXT",
                           TAKES_FILES | TAKES_LIVE,
                           N_("password of HEP, expected (-L) and sent (-H)")},
  [OPTION_HEP_ALLOW] = {"",
                        {"hep-allow"},
                        "NETWORK",
                        TAKES_LIVE,
                        N_("accept HEP only from this network (repeatable; 192.0.2.0/24)")},
  [OPTION_HEP_CERT] =
    {"", {"hep-cert"}, "FILE", TAKES_LIVE, N_("certificate for -L tls:HOST:PORT (PEM)")},
  [OPTION_HEP_KEY] = {"",
                      {"hep-key"},
                      "FILE",
                      TAKES_LIVE,
                      N_("its private key (default: in the file of the certificate)")},
  [OPTION_HEP_SEND] =
    {"H",
     {"hep-send"},
     "ADDRESS",
     TAKES_FILES | TAKES_LIVE,
     N_("send each message and RTCP report as HEP 3 to udp:, tcp: or tls:HOST:PORT")},
  [OPTION_HEP_CA] = {"",
                     {"hep-ca"},
                     "FILE",
                     TAKES_FILES | TAKES_LIVE,
                     N_("CA certificates for -H tls: (PEM; default: those of the system)")},
  [OPTION_FILTER] = {"f",
                     {"filter"},
                     "BPF",
                     TAKES_FILES | TAKES_LIVE,
                     N_("capture filter (pcap-filter(7)), also under VLAN tags and PPPoE")},
  [OPTION_SNAP_LEN] = {"s",
                       {"snapshot-length"},
                       "BYTES",
                       TAKES_LIVE,
                       N_("keep at most BYTES of each packet (default: all)")},
  [OPTION_NO_PROMISCUOUS] = {"p",
                             {"no-promiscuous-mode"},
                             NULL,
                             TAKES_LIVE,
                             N_("capture only packets to or from this machine")},
  [OPTION_WHERE] = {"Y",
                    {"where", "display-filter"},
                    "EXPR",
                    TAKES_FILTER,
                    N_("show only calls or messages matching EXPR ('rung help filter')")},
  [OPTION_KEYLOG] =
    {"", {"keylog"}, "FILE", 0, N_("TLS secrets (NSS key log), also while it grows (repeatable)")},
  [OPTION_PRIVATE_KEY] = {"k",
                          {"private-key"},
                          "FILE",
                          0,
                          N_("RSA key of a server, for TLS without forward secrecy (PEM)")},
  [OPTION_STIR_CERT] =
    {"", {"stir-cert"}, "FILE", 0, N_("certificates (PEM) to check Identity with (repeatable)")},
  [OPTION_PASSWORD_FILE] = {"",
                            {"password-file"},
                            "FILE",
                            0,
                            N_("check digest credentials: lines of user:[realm:]password")},
  [OPTION_CALL] = {"", {"call"}, "N|CALL-ID", TAKES_CALLS, N_("only this call (repeatable)")},
  [OPTION_MESSAGE] = {"", {"message"}, "N", TAKES_MESSAGES, N_("only this message (repeatable)")},
  [OPTION_STREAM] = {"", {"stream"}, "N", TAKES_STREAMS, N_("only this stream (repeatable)")},
  [OPTION_FORMAT] = {"T", {"format"}, "FORMAT", TAKES_FORMAT, NULL},
  [OPTION_COLUMNS] = {"",
                      {"columns"},
                      "FIELD,...",
                      TAKES_FIELDS,
                      N_("show these fields instead of the defaults ('rung help fields')")},
  [OPTION_SORT] = {"",
                   {"sort"},
                   "[-]FIELD,...",
                   TAKES_FIELDS,
                   N_("sort by these fields (- for descending; missing values last)")},
  [OPTION_WRITE] =
    {"wO", {"write", "output"}, "FILE", TAKES_OUTPUT, N_("write the output to FILE")},
  [OPTION_FORCE] = {"", {"force"}, NULL, TAKES_PACKETS, N_("overwrite an existing file")},
  [OPTION_WITH_MEDIA] = {"",
                         {"with-media"},
                         NULL,
                         TAKES_MEDIA,
                         N_(
                           "also media of the calls (RTP, RTCP, ...); live, to save or play them")},
  [OPTION_WITH_SECRETS] = {"",
                           {"with-secrets"},
                           NULL,
                           TAKES_PACKETS,
                           N_("also the secrets that decrypt their TLS, DTLS (pcapng)")},
  [OPTION_DECRYPTED] =
    {"", {"decrypted"}, NULL, TAKES_COPY, N_("messages as exported PDUs, instead of packets")},
  [OPTION_ANONYMIZE] = {"",
                        {"anonymize"},
                        "[=MAPFILE]",
                        TAKES_COPY,
                        N_("pseudonyms for users, numbers, hosts, addresses; silent media")},
  [OPTION_ANONYMIZE_AGENTS] = {"",
                               {"anonymize-agents"},
                               NULL,
                               TAKES_COPY,
                               N_("with --anonymize: also for User-Agent and Server")},
  [OPTION_AUDIO] = {"",
                    {"audio"},
                    "FILE.wav",
                    TAKES_AUDIO,
                    N_("write the sound of one call (--call), or of one stream (--stream)")},
  [OPTION_BUNDLE] = {"",
                     {"bundle"},
                     "FILE.zip",
                     TAKES_EVIDENCE,
                     N_("write packets, ladders, findings, messages, streams and sound as a zip")},
  [OPTION_SIPP] = {"",
                   {"sipp"},
                   "DIR",
                   TAKES_EVIDENCE,
                   N_("write scenarios of SIPp that play both sides of each call")},
  [OPTION_DECODE] = {"",
                     {"decode"},
                     NULL,
                     TAKES_DECODE,
                     N_("decode messages header by header, with their anomalies")},
  [OPTION_GROUP] = {"",
                    {"group"},
                    NULL,
                    TAKES_GROUP,
                    N_("count the causes of all calls, the most frequent first")},
  [OPTION_BY] = {"",
                 {"by"},
                 "FIELD",
                 TAKES_BY,
                 N_("numbers of calls by trunk, user-agent, hour, all or any field of calls")},
  [OPTION_MERGE] = {"", {"merge"}, NULL, TAKES_LEGS, N_("draw all selected calls as one ladder")},
  [OPTION_LEGS] = {"", {"legs"}, NULL, TAKES_LEGS, N_("add the other legs of the selected calls")},
  [OPTION_CONVERSATION] = {"",
                           {"conversation"},
                           "N",
                           TAKES_LEGS,
                           N_("one ladder of all legs of call N: --call N --legs --merge")},
  [OPTION_CUT] = {"",
                  {"cut"},
                  "N",
                  TAKES_CONVERSATIONS,
                  N_("do not take call N for a leg of another call (repeatable)")},
  [OPTION_FAIL_ON] = {"",
                      {"fail-on"},
                      "SEVERITY",
                      TAKES_LINT,
                      N_("exit 1 for a finding of at least error, warning or note")},
  [OPTION_NONE] = {"", {"none"}, "EXPR", TAKES_CHECKS, N_("no call may match EXPR (repeatable)")},
  [OPTION_ALL] = {"", {"all"}, "EXPR", TAKES_CHECKS, N_("every call must match EXPR (repeatable)")},
  [OPTION_NUMBER] = {"",
                     {"count"},
                     "RANGE EXPR",
                     TAKES_CHECKS,
                     N_("RANGE calls must match EXPR: 3, 1.., ..5 or 2..4 (repeatable)")},
  [OPTION_TIME] = {"t",
                   {"time"},
                   "MODE",
                   TAKES_TIMES,
                   N_("absolute (default), relative, delta or epoch times in text")},
  [OPTION_UTC] = {"", {"utc"}, NULL, TAKES_LOOK, N_("times in text in UTC instead of local time")},
  [OPTION_WIDTH] = {"",
                    {"width"},
                    "COLUMNS",
                    TAKES_FORMAT,
                    N_("width of text (default: that of the terminal, or 100)")},
  [OPTION_COLOR] = {"",
                    {"color", "colour"},
                    "WHEN",
                    TAKES_LOOK,
                    N_("auto (default), always or never; NO_COLOR is respected")},
  [OPTION_ASCII] = {"", {"ascii"}, NULL, TAKES_LOOK, N_("text without UTF-8")},
  [OPTION_LANG] =
    {"", {"lang"}, "LANGUAGE", 0, N_("en or zh (Chinese); default: that of the locale")},
  [OPTION_CONFIG] = {"",
                     {"config"},
                     "FILE",
                     TAKES_CONFIG | TAKES_CONVERSATIONS | TAKES_ALIASES,
                     N_("configuration file (default: ~/.config/rung/config)")},
  [OPTION_NO_CONFIG] = {"F",
                        {"no-config"},
                        NULL,
                        TAKES_CONFIG | TAKES_CONVERSATIONS | TAKES_ALIASES,
                        N_("use no configuration file")},
  [OPTION_DUMP_CONFIG] =
    {"D",
     {"dump-config"},
     NULL,
     TAKES_DUMP,
     N_("print the whole configuration, with a comment for each setting")},
  [OPTION_IMPORT_SNGREPRC] = {"",
                              {"import-sngreprc"},
                              "FILE",
                              TAKES_DUMP,
                              N_("import settings, columns, keys and aliases of sngrep")},
  [OPTION_MAX_CALLS] =
    {"l", {"max-calls"}, "N", 0, N_("keep at most N calls; the oldest are discarded")},
  [OPTION_MAX_MEMORY] =
    {"", {"max-memory"}, "SIZE", 0, N_("memory for calls (default: half of the memory)")},
  [OPTION_MAX_DISK] =
    {"", {"max-disk"}, "SIZE", 0, N_("size of temporary files (default: half of the free space)")},
  [OPTION_METRICS] = {"",
                      {"metrics"},
                      "HOST:PORT",
                      TAKES_LIVE,
                      N_("live: numbers for Prometheus at http://HOST:PORT/metrics")},
  [OPTION_ALERT] = {"",
                    {"alert"},
                    "EXPR",
                    TAKES_LIVE,
                    N_("live: 'metric.asr < 40 for 60s', or a display filter of calls; starts its "
                       "--exec (repeatable)")},
  [OPTION_EXEC] =
    {"",
     {"exec"},
     "COMMAND",
     TAKES_LIVE,
     N_("what the --alert before it starts, without a shell; see RUNG_ALERT_* in README.md")},
  [OPTION_KEEP] =
    {"", {"keep"}, "EXPR", TAKES_RING, N_("write calls matching EXPR to FILE-kept too")},
  [OPTION_FILE_SIZE] =
    {"C", {"file-size"}, "SIZE", TAKES_RING, N_("begin the next file when it is that large")},
  [OPTION_FILE_SECONDS] =
    {"G", {"file-seconds"}, "SECONDS", TAKES_RING, N_("begin the next file when it is that old")},
  [OPTION_FILE_COUNT] =
    {"W", {"file-count"}, "N", TAKES_RING, N_("keep N files; delete the oldest")},
  [OPTION_SPLIT] = {"",
                    {"split"},
                    SPLIT_BY_DAY "|" SPLIT_BY_CALL,
                    TAKES_RING,
                    N_("a folder for the files of each day, or a file for each call")},
  [OPTION_STOP] = {"a",
                   {"autostop"},
                   "RULE",
                   TAKES_RING,
                   N_("end at duration:SECONDS, filesize:SIZE or packets:N (repeatable)")},
  [OPTION_PACKETS] = {"c", {"packets"}, "N", TAKES_RING, N_("end after N packets")},
  [OPTION_TO] =
    {"", {"to"}, "URL", TAKES_PUSH, N_("the database: clickhouse[s]://USER@HOST:8123/DATABASE")},
  [OPTION_PUSH] = {"",
                   {"push"},
                   "URL",
                   TAKES_RING,
                   N_("put rows into clickhouse[s]://USER@HOST:8123/DATABASE as they come")},
  [OPTION_QUEUE] = {"",
                    {"queue"},
                    "DIR",
                    TAKES_RING,
                    N_("keep rows there while no server takes them, also for the next run")},
  [OPTION_CREATE] = {"",
                     {"create"},
                     NULL,
                     TAKES_PUSH | TAKES_RING,
                     N_("make its tables, or bring them up to date")},
  [OPTION_DAYS] =
    {"",
     {"days"},
     "DAYS",
     TAKES_PUSH | TAKES_RING,
     N_("with --create: the server deletes rows after DAYS (30,messages=7; 0: never)")},
  [OPTION_PROBE] = {"",
                    {"probe"},
                    "NAME",
                    TAKES_PUSH | TAKES_RING,
                    N_("name of the probe in all rows (default: the host's)")},
  [OPTION_USER] = {"Z",
                   {"user", "relinquish-privileges"},
                   "USER",
                   0,
                   N_("become USER once interfaces are open (root: _rung or nobody)")},
  [OPTION_SETUP_CAPS] = {"",
                         {"setup-caps"},
                         NULL,
                         0,
                         N_("say how a group can capture without root; as root, set it up")},
  [OPTION_QUIET] = {"q", {"quiet"}, NULL, 0, N_("no progress, no warnings")},
  [OPTION_HELP] = {"h", {"help"}, NULL, 0, N_("show this help")},
  [OPTION_VERSION] = {"V", {"version"}, NULL, 0, N_("print the version")},
};

static const char *const TIME_NAMES[] = {"absolute", "relative", "delta", "epoch", NULL};
static const char *const COLOR_NAMES[] = {"auto", "always", "never", NULL};

enum { WIDTH_MIN = 20, WIDTH_MAX = 10000 };

/* The command line while it is parsed. */
typedef struct {
  const char *const *argv;
  int argc, next;
  Options *options;
  GPtrArray *words
    [OPTION_COUNT]; /* of options that are repeatable: words of argv (interfaces: own); or NULL */
} Parse;

/* "unknown WHAT 'typed'", with the nearest that there is; `dashes` precede both. */
static bool fail_unknown(GError **error, const char *what, const char *typed,
                         const char *const *words)
{
  const char *near = nearest_word(typed + strspn(typed, "-"), words);
  const char *dashes = g_str_has_prefix(typed, "-") ? "--" : "";

  if (near)
    return app_fail_usage(error, "unknown %s '%s'; did you mean '%s%s'?", what, typed, dashes,
                          near);
  return app_fail_usage(error, "unknown %s '%s'; see 'rung help'", what, typed);
}

const SubcommandRow *subcommand_find(const char *name)
{
  for (const SubcommandRow *row = SUBCOMMANDS; row->info; row++)
    if (strcmp(row->info->name, name) == 0)
      return row;
  return NULL;
}

bool subcommand_fail_unknown(const char *typed, const char *what, GError **error)
{
  g_autoptr(GPtrArray) words = g_ptr_array_new();

  for (const SubcommandRow *row = SUBCOMMANDS; row->info; row++)
    g_ptr_array_add(words, (gpointer) (uintptr_t) row->info->name);
  g_ptr_array_add(words, NULL);
  return fail_unknown(error, what, typed, (const char *const *) words->pdata);
}

/* Only what the command takes is meant; which one it is may not be known yet. */
static bool fail_unknown_option(const Parse *parse, const char *typed, GError **error)
{
  const SubcommandRow *command = parse->options->command;
  const char *words[OPTION_COUNT * 3 + 1] = {NULL};
  size_t count = 0;

  for (OptionId id = 0; id < OPTION_COUNT; id++) {
    if (command && !option_is_known(id, command->info))
      continue;
    for (size_t i = 0; i < G_N_ELEMENTS(OPTIONS[id].longs) && OPTIONS[id].longs[i]; i++)
      words[count++] = OPTIONS[id].longs[i];
  }
  return fail_unknown(error, _("option"), typed, words);
}

/* The place of a word among those allowed; else "unknown WHAT 'typed'; expected one of ...". */
static bool parse_choice(const char *typed, const char *const *names, const char *what,
                         unsigned *ret_index, GError **error)
{
  g_autoptr(GString) all = g_string_new(NULL);

  for (unsigned i = 0; names[i]; i++) {
    if (strcmp(names[i], typed) == 0) {
      *ret_index = i;
      return true;
    }
    g_string_append_printf(all, "%s%s", i == 0 ? "" : names[i + 1] ? ", " : _(" or "), names[i]);
  }
  return app_fail_usage(error, "unknown %s '%s'; expected %s", what, typed, all->str);
}

static bool add_word(Parse *parse, OptionId id, const char *word)
{
  if (!parse->words[id])
    parse->words[id] = g_ptr_array_new();
  g_ptr_array_add(parse->words[id], (gpointer) (uintptr_t) word);
  return true;
}

static bool take_fields(GArray **place, const char *value, FieldListKind kind, GError **error)
{
  const char *name = kind == FIELD_LIST_SORT ? "--sort" : "--columns";

  if (*place)
    return app_fail_usage(error, "%s was given twice", name);
  *place = field_list_parse(value, kind, error);
  if (!*place)
    g_prefix_error(error, "%s: ", name);
  return *place != NULL;
}

static bool set_columns(Parse *parse, const char *value, GError **error)
{
  return take_fields(&parse->options->columns, value, FIELD_LIST_COLUMNS, error);
}

static bool set_sort(Parse *parse, const char *value, GError **error)
{
  return take_fields(&parse->options->sort, value, FIELD_LIST_SORT, error);
}

/* Also by the letters of tshark's -t. */
static bool set_time(Parse *parse, const char *value, GError **error)
{
  static const struct {
    const char *letters;
    TimeMode mode;
  } TSHARK[] = {{"a", TIME_ABSOLUTE},
                {"ad", TIME_ABSOLUTE},
                {"r", TIME_RELATIVE},
                {"d", TIME_DELTA},
                {"e", TIME_EPOCH}};
  unsigned index;

  for (size_t i = 0; i < G_N_ELEMENTS(TSHARK); i++)
    if (strcmp(TSHARK[i].letters, value) == 0) {
      parse->options->time = TSHARK[i].mode;
      return true;
    }
  if (!parse_choice(value, TIME_NAMES, "--time", &index, error))
    return false;
  parse->options->time = (TimeMode) index;
  return true;
}

static bool set_color(Parse *parse, const char *value, GError **error)
{
  unsigned index;

  if (!parse_choice(value, COLOR_NAMES, "--color", &index, error))
    return false;
  parse->options->color = (ColorMode) index;
  return true;
}

/* It was set before (options_find_lang). */
static bool set_lang(Parse *parse, const char *value, GError **error)
{
  unsigned index;

  (void) parse;
  return parse_choice(value, LANGUAGE_NAMES, "--lang", &index, error);
}

static bool set_width(Parse *parse, const char *value, GError **error)
{
  uint32_t width;

  if (!slice_to_u32(slice_from_string(value), &width) || width < WIDTH_MIN || width > WIDTH_MAX)
    return app_fail_usage(error, "--width needs a number from %d to %d, not '%s'", WIDTH_MIN,
                          WIDTH_MAX, value);
  parse->options->width = width;
  return true;
}

static bool set_fail_on(Parse *parse, const char *value, GError **error)
{
  for (SipSeverity s = SIP_SEVERITY_NOTE; s <= SIP_SEVERITY_ERROR; s++)
    if (strcmp(value, sip_severity_name(s)) == 0) {
      parse->options->fail_on = s;
      return true;
    }
  return app_fail_usage(error, "--fail-on needs error, warning or note, not '%s'", value);
}

static bool add_check(Parse *parse, const Check *check, const char *name, GError **error)
{
  Check added = *check;

  added.filter = display_filter_new(check->expression, error);
  if (!added.filter) {
    g_prefix_error(error, "%s: ", name);
    return false;
  }
  if (!parse->options->checks) {
    parse->options->checks = g_array_new(false, false, sizeof added);
    g_array_set_clear_func(parse->options->checks, check_clear);
  }
  g_array_append_val(parse->options->checks, added);
  return true;
}

static bool add_none(Parse *parse, const char *value, GError **error)
{
  return add_check(parse, &(Check){.option = "--none", .text = value, .expression = value},
                   "--none", error);
}

static bool add_all(Parse *parse, const char *value, GError **error)
{
  return add_check(
    parse, &(Check){.option = "--all", .text = value, .expression = value, .wants_all = true},
    "--all", error);
}

/* "2..4 EXPR": numbers, of which one of a range may be left out. */
static bool add_number(Parse *parse, const char *value, GError **error)
{
  Slice rest = slice_from_string(value);
  Slice range = slice_cut(&rest, ' '), most = range;
  Slice least = slice_head(range, strspn(value, "0123456789"));
  Check check = {.option = "--count", .text = value, .expression = rest.data, .most = UINT64_MAX};

  most = slice_from(range, least.len);
  bool is_range = slice_starts_with(most, SLICE(".."));
  most = is_range ? slice_from(most, 2) : most;
  bool is_number = is_range ? least.len > 0 || most.len > 0 : least.len > 0 && most.len == 0;
  if (rest.len == 0 || !is_number || (least.len > 0 && !slice_to_u64(least, &check.least)) ||
      (most.len > 0 && !slice_to_u64(most, &check.most)) || check.most < check.least)
    return app_fail_usage(error,
                          "--count needs a number and an expression, as in '1..5 EXPR', "
                          "not '%s'",
                          value);
  if (!is_range)
    check.most = check.least;
  return add_check(parse, &check, "--count", error);
}

static bool parse_number(const char *value, const char *name, uint32_t *ret_number, GError **error)
{
  uint32_t number;

  if (!slice_to_u32(slice_from_string(value), &number) || number == 0)
    return app_fail_usage(error, "%s needs a number from 1, not '%s'", name, value);
  *ret_number = number;
  return true;
}

static bool add_stream(Parse *parse, const char *value, GError **error)
{
  uint32_t number = 0;

  if (!parse_number(value, "--stream", &number, error))
    return false;
  selection_name_stream(parse->options->selection, number);
  return true;
}

static bool add_message(Parse *parse, const char *value, GError **error)
{
  uint32_t number = 0;

  if (!parse_number(value, "--message", &number, error))
    return false;
  selection_name_message(parse->options->selection, number);
  return true;
}

static bool add_interfaces(Parse *parse, const char *value, GError **error)
{
  g_auto(GStrv) names = g_strsplit(value, ",", -1);

  for (size_t i = 0; names[i]; i++) {
    if (*names[i] == '\0')
      return app_fail_usage(error, "empty interface name in '%s'", value);
    add_word(parse, OPTION_INTERFACE, g_strdup(names[i]));
  }
  return true;
}

static bool set_snap_len(Parse *parse, const char *value, GError **error)
{
  enum { LEAST = 64 }; /* of headers alone */
  uint32_t bytes;

  if (!slice_to_u32(slice_from_string(value), &bytes) || bytes < LEAST || bytes > PACKET_LEN_MAX)
    return app_fail_usage(error, "-s needs a number of bytes from %d to %d, not '%s'", LEAST,
                          PACKET_LEN_MAX, value);
  parse->options->snap_len = bytes;
  return true;
}

static bool set_once(const char **place, const char *value, const char *name, GError **error)
{
  if (*place)
    return app_fail_usage(error, "%s was given twice", name);
  *place = value;
  return true;
}

static bool set_where(Parse *parse, const char *value, GError **error)
{
  if (parse->options->where_text)
    return app_fail_usage(error, "--where was given twice; join both with \"and\"");
  parse->options->where_text = value;
  return true;
}

/* What is meant by a filter that was typed, freed with g_free (saved_filters.h). */
static char *filter_meant(const Options *options, const char *text, GError **error)
{
  if (!strchr(text, '@')) /* the file need not be read */
    return g_strdup(text);
  g_autoptr(Config) config = options->no_config ? config_new() : config_load(options->config, NULL);
  return saved_filter_expand(config, text, error);
}

/* Once the command is known. */
static bool make_filter(Options *options, const Subcommand *command, GError **error)
{
  bool of_streams = command == &STREAMS_SUBCOMMAND;

  options->where_saved = filter_meant(options, options->where_text, error);
  if (!options->where_saved) {
    g_prefix_error(error, "-Y: ");
    return false;
  }
  options->where_text = options->where_saved;
  options->where = of_streams ? display_filter_new_for_streams(options->where_text, error)
                              : display_filter_new(options->where_text, error);
  if (!options->where)
    g_prefix_error(error, "-Y: ");
  selection_set_filter(options->selection, options->where);
  return options->where != NULL;
}

/* Bytes, or with K, M, G, T in steps of 1024. */
static bool set_size(uint64_t *place, const char *value, const char *name, GError **error)
{
  static const char UNITS[] = "KMGT";
  char *end = NULL;
  uint64_t size = g_ascii_strtoull(value, &end, 10);
  const char *unit = *end ? strchr(UNITS, g_ascii_toupper(*end)) : NULL;
  unsigned shift = unit ? 10 * (unsigned) (unit - UNITS + 1) : 0;

  if (unit && g_ascii_toupper(*++end) == 'B')
    end++;
  if (!g_ascii_isdigit(*value) || *end || size == 0 || size > UINT64_MAX >> shift)
    return app_fail_usage(error, "%s: '%s' is not a size such as 500M or 2G", name, value);
  *place = size << shift;
  return true;
}

static bool set_stop(Parse *parse, const char *value, GError **error)
{
  const char *colon = strchr(value, ':');
  Slice rule = slice_of(value, colon ? (size_t) (colon - value) : 0);

  if (slice_eq(rule, SLICE("duration")))
    return parse_number(colon + 1, "-a duration", &parse->options->stop_seconds, error);
  if (slice_eq(rule, SLICE("packets")))
    return parse_number(colon + 1, "-a packets", &parse->options->stop_packets, error);
  if (slice_eq(rule, SLICE("filesize")))
    return set_size(&parse->options->stop_bytes, colon + 1, "-a filesize", error);
  return app_fail_usage(error, "-a needs duration:SECONDS, filesize:SIZE or packets:N, not '%s'",
                        value);
}

static bool set_split(Parse *parse, const char *value, GError **error)
{
  parse->options->split_by_day = strcmp(value, SPLIT_BY_DAY) == 0;
  parse->options->split_by_call = strcmp(value, SPLIT_BY_CALL) == 0;
  return parse->options->split_by_day || parse->options->split_by_call ||
         app_fail_usage(error, _("--split needs day or call, not '%s'"), value);
}

static bool set_by(Parse *parse, const char *value, GError **error)
{
  if (group_key_parse(value, &parse->options->by, error))
    return true;
  g_prefix_error(error, "--by: ");
  return false;
}

static bool set_conversation(Parse *parse, const char *value, GError **error)
{
  uint32_t number = 0;

  if (!parse_number(value, "--conversation", &number, error))
    return false;
  selection_name_call(parse->options->selection, value);
  parse->options->legs = parse->options->merge = true;
  return true;
}

static bool add_cut(Parse *parse, const char *value, GError **error)
{
  uint32_t number = 0;

  if (!parse_number(value, "--cut", &number, error))
    return false;
  if (!parse->options->cuts)
    parse->options->cuts = g_array_new(false, false, sizeof number);
  g_array_append_val(parse->options->cuts, number);
  return true;
}

static bool name_call(Parse *parse, const char *value, GError **error)
{
  (void) error;
  selection_name_call(parse->options->selection, value);
  return true;
}

/* Given twice, the last one counts. */
static bool set_format(Parse *parse, const char *value, GError **error)
{
  (void) error;
  parse->options->format = value;
  return true;
}

/* Where the value of an option goes, and how. */
typedef enum {
  PLACE_OWN,    /* it has a function of its own */
  PLACE_FLAG,   /* bool */
  PLACE_TEXT,   /* const char *, which may be given once */
  PLACE_WORDS,  /* const char *const *, repeatable */
  PLACE_NUMBER, /* uint32_t from 1 */
  PLACE_SIZE,   /* uint64_t, bytes */
} PlaceKind;

typedef struct {
  PlaceKind kind;
  size_t offset; /* in Options */
  bool (*set)(Parse *parse, const char *value, GError **error);
} Place;

#define OWN(function)                                                                              \
  {                                                                                                \
    PLACE_OWN, 0, function                                                                         \
  }
#define AT(kind, member)                                                                           \
  {                                                                                                \
    PLACE_##kind, offsetof(Options, member), NULL                                                  \
  }

static const Place PLACES[OPTION_COUNT] = {
  [OPTION_READ] = AT(WORDS, files),
  [OPTION_KEYLOG] = AT(WORDS, key_logs),
  [OPTION_PRIVATE_KEY] = AT(WORDS, private_keys),
  [OPTION_STIR_CERT] = AT(WORDS, stir_certs),
  [OPTION_PASSWORD_FILE] = AT(TEXT, password_file),
  [OPTION_SINCE] = AT(TEXT, since),
  [OPTION_UNTIL] = AT(TEXT, until),
  [OPTION_RECURSIVE] = AT(FLAG, recursive),
  [OPTION_FOLLOW] = AT(FLAG, follow),
  [OPTION_DEMO] = AT(FLAG, demo),
  [OPTION_RESUME] = AT(FLAG, resume),
  [OPTION_INTERFACE] = OWN(add_interfaces),
  [OPTION_HEP_LISTEN] = AT(WORDS, hep_addresses),
  [OPTION_HEP_PASSWORD] = AT(TEXT, hep_password),
  [OPTION_HEP_ALLOW] = AT(WORDS, hep_allow),
  [OPTION_HEP_SEND] = AT(TEXT, hep_send),
  [OPTION_HEP_CERT] = AT(TEXT, hep_certificate),
  [OPTION_HEP_KEY] = AT(TEXT, hep_key),
  [OPTION_HEP_CA] = AT(TEXT, hep_authorities),
  [OPTION_FILTER] = AT(TEXT, filter),
  [OPTION_WHERE] = OWN(set_where),
  [OPTION_CALL] = OWN(name_call),
  [OPTION_MESSAGE] = OWN(add_message),
  [OPTION_STREAM] = OWN(add_stream),
  [OPTION_FORMAT] = OWN(set_format),
  [OPTION_COLUMNS] = OWN(set_columns),
  [OPTION_SORT] = OWN(set_sort),
  [OPTION_WRITE] = AT(TEXT, output),
  [OPTION_FORCE] = AT(FLAG, force),
  [OPTION_WITH_MEDIA] = AT(FLAG, with_media),
  [OPTION_WITH_SECRETS] = AT(FLAG, with_secrets),
  [OPTION_DECRYPTED] = AT(FLAG, decrypted),
  [OPTION_ANONYMIZE] = AT(TEXT, map),
  [OPTION_ANONYMIZE_AGENTS] = AT(FLAG, anonymize_agents),
  [OPTION_AUDIO] = AT(TEXT, audio),
  [OPTION_BUNDLE] = AT(TEXT, bundle),
  [OPTION_SIPP] = AT(TEXT, sipp),
  [OPTION_DECODE] = AT(FLAG, decode),
  [OPTION_GROUP] = AT(FLAG, group),
  [OPTION_BY] = OWN(set_by),
  [OPTION_MERGE] = AT(FLAG, merge),
  [OPTION_LEGS] = AT(FLAG, legs),
  [OPTION_CONVERSATION] = OWN(set_conversation),
  [OPTION_CUT] = OWN(add_cut),
  [OPTION_FAIL_ON] = OWN(set_fail_on),
  [OPTION_NONE] = OWN(add_none),
  [OPTION_ALL] = OWN(add_all),
  [OPTION_NUMBER] = OWN(add_number),
  [OPTION_TIME] = OWN(set_time),
  [OPTION_UTC] = AT(FLAG, utc),
  [OPTION_WIDTH] = OWN(set_width),
  [OPTION_COLOR] = OWN(set_color),
  [OPTION_ASCII] = AT(FLAG, ascii),
  [OPTION_LANG] = OWN(set_lang),
  [OPTION_CONFIG] = AT(TEXT, config),
  [OPTION_NO_CONFIG] = AT(FLAG, no_config),
  [OPTION_DUMP_CONFIG] = AT(FLAG, dump_config),
  [OPTION_IMPORT_SNGREPRC] = AT(TEXT, sngreprc),
  [OPTION_MAX_CALLS] = AT(NUMBER, max_calls),
  [OPTION_MAX_MEMORY] = AT(SIZE, max_memory),
  [OPTION_MAX_DISK] = AT(SIZE, max_disk),
  [OPTION_METRICS] = AT(TEXT, metrics),
  [OPTION_ALERT] = AT(WORDS, alerts),
  [OPTION_EXEC] = AT(WORDS, alert_commands),
  [OPTION_KEEP] = AT(TEXT, keep_text),
  [OPTION_FILE_SIZE] = AT(SIZE, file_size),
  [OPTION_FILE_SECONDS] = AT(NUMBER, file_seconds),
  [OPTION_FILE_COUNT] = AT(NUMBER, file_count),
  [OPTION_SPLIT] = OWN(set_split),
  [OPTION_STOP] = OWN(set_stop),
  [OPTION_PACKETS] = AT(NUMBER, stop_packets),
  [OPTION_TO] = AT(TEXT, push_to),
  [OPTION_PUSH] = AT(TEXT, push_to),
  [OPTION_QUEUE] = AT(TEXT, queue),
  [OPTION_CREATE] = AT(FLAG, create),
  [OPTION_DAYS] = AT(TEXT, days),
  [OPTION_PROBE] = AT(TEXT, probe),
  [OPTION_USER] = AT(TEXT, user),
  [OPTION_QUIET] = AT(FLAG, quiet),
  [OPTION_HELP] = AT(FLAG, help),
  [OPTION_VERSION] = AT(FLAG, version),
  [OPTION_SNAP_LEN] = OWN(set_snap_len),
  [OPTION_NO_PROMISCUOUS] = AT(FLAG, no_promiscuous),
  [OPTION_SETUP_CAPS] = AT(FLAG, setup_caps),
};

#undef OWN
#undef AT

static bool apply_option(Parse *parse, OptionId id, const char *value, GError **error)
{
  const Place *place = &PLACES[id];
  void *at = (char *) parse->options + place->offset;
  g_autofree char *name = g_strconcat("--", OPTIONS[id].longs[0], NULL);

  parse->options->given[id] = true;
  switch (place->kind) {
  case PLACE_OWN:
    return place->set(parse, value, error);
  case PLACE_FLAG:
    *(bool *) at = true;
    return true;
  case PLACE_TEXT:
    return !value || set_once(at, value, name, error);
  case PLACE_WORDS:
    return add_word(parse, id, value);
  case PLACE_NUMBER:
    return parse_number(value, name, at, error);
  case PLACE_SIZE:
    return set_size(at, value, name, error);
  }
  g_assert_not_reached();
}

static OptionId find_long(Slice name)
{
  for (OptionId id = 0; id < OPTION_COUNT; id++)
    for (size_t i = 0; i < G_N_ELEMENTS(OPTIONS[id].longs) && OPTIONS[id].longs[i]; i++)
      if (slice_eq(name, slice_from_string(OPTIONS[id].longs[i])))
        return id;
  return OPTION_COUNT;
}

static OptionId find_short(char letter)
{
  for (OptionId id = 0; id < OPTION_COUNT; id++)
    if (letter != '\0' && strchr(OPTIONS[id].shorts, letter))
      return id;
  return OPTION_COUNT;
}

/* An option whose argument, if it has one, is the next word. */
static bool apply_with_next(Parse *parse, OptionId id, const char *typed, GError **error)
{
  if (!OPTIONS[id].argument || option_may_be_bare(&OPTIONS[id]))
    return apply_option(parse, id, NULL, error);
  if (parse->next >= parse->argc)
    return app_fail_usage(error, "%s needs %s", typed, OPTIONS[id].argument);
  return apply_option(parse, id, parse->argv[parse->next++], error);
}

/* --name, --name=value, --name value */
static bool parse_long(Parse *parse, const char *word, GError **error)
{
  Slice rest = slice_from_string(word + 2);
  size_t len = slice_find(rest, '=');
  OptionId id = find_long(slice_head(rest, len));

  if (id == OPTION_COUNT) {
    g_autofree char *typed = g_strndup(word, len + 2);
    return fail_unknown_option(parse, typed, error);
  }
  if (len == rest.len)
    return apply_with_next(parse, id, word, error);
  if (!OPTIONS[id].argument)
    return app_fail_usage(error, "--%s takes no value", OPTIONS[id].longs[0]);
  return apply_option(parse, id, rest.data + len + 1, error);
}

/* -q, -qV, -T json, -Tjson */
static bool parse_short(Parse *parse, const char *word, GError **error)
{
  for (const char *letter = word + 1; *letter; letter++) {
    OptionId id = find_short(*letter);
    const char typed[] = {'-', *letter, '\0'};

    g_autofree char *answer = id == OPTION_COUNT ? foreign_option_answer(typed + 1) : NULL;
    if (answer)
      return app_fail_usage(error, "%s", answer);
    if (id == OPTION_COUNT)
      return app_fail_usage(error, "unknown option '%s'; see 'rung help'", word[2] ? word : typed);
    if (OPTIONS[id].argument && letter[1])
      return apply_option(parse, id, letter + 1, error);
    if (!apply_with_next(parse, id, typed, error))
      return false;
  }
  return true;
}

/* The first word is a command or a file; one that looks like a command must exist to be a file. */
static bool parse_first_word(Parse *parse, const char *word, GError **error)
{
  parse->options->command = subcommand_find(word);
  if (parse->options->command)
    return true;
  if (strpbrk(word, "./") || strcmp(word, "-") == 0 || g_file_test(word, G_FILE_TEST_EXISTS))
    return add_word(parse, OPTION_READ, word);
  return subcommand_fail_unknown(word, _("command or file"), error);
}

static bool parse_word(Parse *parse, const char *word, bool first, GError **error)
{
  const SubcommandRow *command = parse->options->command;

  if (first)
    return parse_first_word(parse, word, error);
  if (!command || !(command->info->takes & TAKES_TOPIC))
    return add_word(parse, OPTION_READ, word);
  return set_once(&parse->options->topic, word, _("the help topic"), error);
}

static bool parse_words(Parse *parse, GError **error)
{
  bool first = true, only_words = false;

  while (parse->next < parse->argc) {
    const char *word = parse->argv[parse->next++];
    bool ok = true;

    if (!only_words && strcmp(word, "--") == 0) {
      only_words = true;
    } else if (!only_words && g_str_has_prefix(word, "--")) {
      ok = parse_long(parse, word, error);
    } else if (!only_words && word[0] == '-' && word[1] != '\0') {
      ok = parse_short(parse, word, error);
    } else {
      ok = only_words && first ? add_word(parse, OPTION_READ, word)
                               : parse_word(parse, word, first, error);
      first = false;
    }
    if (!ok)
      return false;
  }
  return true;
}

/* Has what the rows of a command are such a field?  A call is not one of its messages: it has their
 * fields only where call fields select them. */
static bool command_has_field(const Subcommand *command, const Field *field)
{
  if (command == &STREAMS_SUBCOMMAND)
    return field->scope == FIELD_OF_STREAM;
  return command == &CALLS_SUBCOMMAND ? field_is_of_calls(field) : field->scope != FIELD_OF_STREAM;
}

static bool check_fields(const Subcommand *command, const GArray *fields, const char *name,
                         GError **error)
{
  for (guint i = 0; fields && i < fields->len; i++) {
    const Field *field = g_array_index(fields, FieldChoice, i).ref.field;
    if (!command_has_field(command, field))
      return app_fail_usage(error, "%s: %s is a field of %s, which '%s' does not take", name,
                            field->key,
                            field->scope == FIELD_OF_STREAM    ? _("streams")
                            : field->scope == FIELD_OF_MESSAGE ? _("messages")
                                                               : _("calls"),
                            command->name);
  }
  return true;
}

void option_append_words(OptionId id, GString *to)
{
  const char *const *words = id == OPTION_TIME    ? TIME_NAMES
                             : id == OPTION_COLOR ? COLOR_NAMES
                             : id == OPTION_LANG  ? LANGUAGE_NAMES
                             : id == OPTION_SPLIT
                               ? (const char *const[]){SPLIT_BY_DAY, SPLIT_BY_CALL, NULL}
                               : NULL;

  for (size_t i = 0; words && words[i]; i++)
    g_string_append_printf(to, "%s%s", i > 0 ? " " : "", words[i]);
  for (SipSeverity s = SIP_SEVERITY_NOTE; id == OPTION_FAIL_ON && s <= SIP_SEVERITY_ERROR; s++)
    g_string_append_printf(to, "%s%s", s > SIP_SEVERITY_NOTE ? " " : "", sip_severity_name(s));
}

bool option_is_known(OptionId id, const Subcommand *command)
{
  unsigned takes = command ? command->takes : BROWSING_TAKES;

  return OPTIONS[id].group == 0 || (OPTIONS[id].group & takes && !(OPTIONS[id].but & takes));
}

/* The first option that was given and that the command does not know, or OPTION_COUNT. */
static OptionId find_misplaced(const Options *options, const Subcommand *command)
{
  for (OptionId id = 0; id < OPTION_COUNT; id++)
    if (option_is_given(options, id) && !option_is_known(id, command))
      return id;
  return OPTION_COUNT;
}

bool options_browse(const Options *options)
{
  return !options->command && find_misplaced(options, NULL) == OPTION_COUNT;
}

/* The report of --format, or the usual one. */
static bool choose_report(Options *options, const Subcommand *command, GError **error)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new();
  const ReportFormat *formats = command->formats;
  unsigned index = 0;

  if (!formats)
    return true;
  for (const ReportFormat *format = formats; format->name; format++)
    g_ptr_array_add(names, (gpointer) (uintptr_t) format->name);
  g_ptr_array_add(names, NULL);
  if (options->format && !parse_choice(options->format, (const char *const *) names->pdata,
                                       _("format"), &index, error)) {
    g_prefix_error(error, "%s: ", command->name);
    return false;
  }
  bool usual = !options->format && command->usual;
  options->report = usual ? command->usual : formats[index].report;
  return true;
}

/* Frames of several files are merged by time, so each would wait for the most silent one. */
static bool can_follow(const char *const *files)
{
  return files && !files[1] && strcmp(files[0], "-") != 0;
}

static bool reads_database(const Options *options)
{
  return options->files && clickhouse_url_is_one(options->files[0]);
}

static bool make_keep(Options *options, GError **error)
{
  g_autofree char *text = filter_meant(options, options->keep_text, error);

  options->keep = text ? display_filter_new(text, error) : NULL;
  if (!options->keep)
    g_prefix_error(error, "--keep: ");
  return options->keep != NULL;
}

static unsigned count_words(const char *const *words)
{
  unsigned count = 0;

  while (words && words[count])
    count++;
  return count;
}

static bool names_stdin(const char *const *files)
{
  for (; files && *files; files++)
    if (strcmp(*files, "-") == 0)
      return true;
  return false;
}

/* Combinations that each option and word alone would allow. */
static bool check_combination(Options *options, GError **error)
{
  const Subcommand *command = options->command ? options->command->info : &CALLS_SUBCOMMAND;
  OptionId misplaced = find_misplaced(options, command);
  bool reads_files = options->files || options->demo;

  if (misplaced != OPTION_COUNT && !options_browse(options))
    return app_fail_usage(error, "'%s' has no option --%s", command->name,
                          OPTIONS[misplaced].longs[0]);
  if (options->files && options_live_inputs(options) > 0)
    return app_fail_usage(error, "files, or interfaces and HEP, not both");
  if (options->demo && (options->files || options_live_inputs(options) > 0))
    return app_fail_usage(error, "--demo is an input of its own");
  if (options->resume && (options->demo || options_live_inputs(options) > 0 ||
                          reads_database(options) || names_stdin(options->files)))
    return app_fail_usage(error, "--resume needs capture files");
  if ((options->since || options->until) && !reads_database(options))
    return app_fail_usage(error, "--since and --until are for a database: -r clickhouse://...");
  if (options->follow && !can_follow(options->files))
    return app_fail_usage(error, "--follow needs exactly one capture file");
  if (options->metrics && reads_files && !options->follow)
    return app_fail_usage(error, "--metrics needs a live capture, or --follow");
  if (options->alerts && reads_files && !options->follow)
    return app_fail_usage(error, "--alert needs a live capture, or --follow");
  if (count_words(options->alerts) != count_words(options->alert_commands))
    return app_fail_usage(error, "each --alert needs its --exec COMMAND");
  if (options->config && options->no_config)
    return app_fail_usage(error, "--config or --no-config, not both");
  if (!choose_report(options, command, error))
    return false;
  if (options->group && !options->report->groups)
    return app_fail_usage(error, "--group needs format text, json or csv, not '%s'",
                          options->format);
  if (options->where_text && command == &STATS_SUBCOMMAND && !options->by.by)
    return app_fail_usage(error, "'stats' needs --by FIELD with -Y");
  if (command == &CHECK_SUBCOMMAND && !options->checks)
    return app_fail_usage(error, "check needs --none, --all or --count");
  if (options->merge && options->report->never_merges)
    return app_fail_usage(error, "--merge cannot be written as '%s'", options->format);
  return check_fields(command, options->columns, "--columns", error) &&
         check_fields(command, options->sort, "--sort", error) &&
         (!options->where_text || make_filter(options, command, error)) &&
         (!options->keep_text || make_keep(options, error));
}

const char *options_find_lang(int argc, const char *const *argv)
{
  static const char NAME[] = "--lang";
  const char *found = NULL;

  for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
    if (g_str_has_prefix(argv[i], "--lang="))
      found = argv[i] + sizeof NAME;
    else if (strcmp(argv[i], NAME) == 0 && i + 1 < argc)
      found = argv[i + 1];
  }
  return found;
}

static const char *const *take_array(GPtrArray *words)
{
  if (!words)
    return NULL;
  g_ptr_array_add(words, NULL);
  return (const char *const *) g_ptr_array_free(words, FALSE);
}

/* Ended by NULL; an option that was not given has none. */
static void take_words(Parse *parse)
{
  parse->options->interfaces = take_array(parse->words[OPTION_INTERFACE]);
  for (OptionId id = 0; id < OPTION_COUNT; id++)
    if (PLACES[id].kind == PLACE_WORDS)
      *(const char *const **) (void *) ((char *) parse->options + PLACES[id].offset) =
        take_array(parse->words[id]);
}

bool options_parse(int argc, const char *const *argv, Options *ret_options, GError **error)
{
  g_auto(Options) options = {.selection = selection_new(), .argv = argv, .argc = argc};
  Parse parse = {.argv = argv, .argc = argc, .next = 1, .options = &options};
  bool ok = parse_words(&parse, error);

  take_words(&parse);
  if (ok && options.setup_caps && (options.command || options.files))
    return app_fail_usage(error, "--setup-caps takes no command and no file");
  if (ok && options.sngreprc && (options.command || options.files || options.no_config))
    return app_fail_usage(error, "--import-sngreprc takes no command, no file and no --no-config");
  if (!ok || (!options.help && !options.version && !options.setup_caps &&
              !check_combination(&options, error)))
    return false;
  *ret_options = options;
  options = (Options){0};
  return true;
}

unsigned options_live_inputs(const Options *options)
{
  return count_words(options->interfaces) + count_words(options->hep_addresses);
}

void options_read_file(Options *options, const char *path)
{
  const char **files = g_new0(const char *, 2);

  g_assert(!options->files && options_live_inputs(options) == 0);
  files[0] = path;
  options->files = files;
}

void options_clear(Options *options)
{
  g_clear_pointer(&options->selection, selection_free);
  g_clear_pointer(&options->resumed, g_strfreev);
  g_clear_pointer(&options->where, display_filter_free);
  g_clear_pointer(&options->where_saved, g_free);
  g_clear_pointer(&options->keep, display_filter_free);
  g_clear_pointer(&options->columns, g_array_unref);
  g_clear_pointer(&options->sort, g_array_unref);
  g_clear_pointer(&options->cuts, g_array_unref);
  g_clear_pointer(&options->checks, g_array_unref);
  g_strfreev((char **) (uintptr_t) options->interfaces);
  options->interfaces = NULL;
  for (OptionId id = 0; id < OPTION_COUNT; id++)
    if (PLACES[id].kind == PLACE_WORDS)
      g_clear_pointer((gpointer *) (void *) ((char *) options + PLACES[id].offset), g_free);
}

SourceOptions options_source(const Options *options)
{
  static const char *const ANY[] = {"any", NULL};
  const char *const *interfaces =
    options->interfaces || options->hep_addresses ? options->interfaces : ANY;

  return (SourceOptions){
    .files = options->files,
    .name = options->input_name,
    .interfaces = options->files ? NULL : interfaces,
    .hep_addresses = options->files ? NULL : options->hep_addresses,
    .hep_password = options->hep_password,
    .hep_allow = options->hep_allow,
    .hep_certificate = options->hep_certificate,
    .hep_key = options->hep_key,
    .filter = options->filter,
    .snap_len = options->snap_len,
    .no_promiscuous = options->no_promiscuous,
    .key_logs = options->key_logs,
    .private_keys = options->private_keys,
    .keep_media = options->with_media || options->audio || options->bundle,
    .follow = options->follow,
    .recursive = options->recursive,
  };
}

bool options_verifier(const Options *options, Verifier **ret_verifier, char **ret_warning,
                      GError **error)
{
  const VerifierFiles files = {options->stir_certs, options->password_file};

  *ret_verifier = NULL;
  *ret_warning = NULL;
  if (!files.certificates && !files.passwords)
    return true;
  *ret_verifier = verifier_new(&files, ret_warning, error);
  return *ret_verifier != NULL;
}
