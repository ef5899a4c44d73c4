#include "ui/help.h"

#include "capture/clickhouse.h"
#include "capture/confine.h"
#include "capture/decoder.h"
#include "capture/language.h"
#include "dissect/diagnose/finding.h"
#include "dissect/media/audio_codec.h"
#include "dissect/media/srtp_crypto.h"
#include "dissect/query/field.h"
#include "dissect/tls/tls_crypto.h"
#include "ui/configuration.h"
#include "ui/guide.h"
#include "ui/mcp/server.h"
#include "ui/metrics_server.h"
#include "ui/push.h"
#include "ui/report/zip_out.h"
#include "ui/schema.h"
#include "ui/session.h"
#include "ui/show/text.h"
#include "ui/sound/sound.h"

enum {
  COMMAND_COLUMN = 14,
  OPTION_COLUMN = 30,
  KEY_COLUMN = 24,
  TYPE_COLUMN = 10,
  SEVERITY_COLUMN = 8
};

const Subcommand HELP_SUBCOMMAND = {
  .name = "help",
  .help = N_(
    "help on a command, or on `guide`, `fields`, `filter`, `findings`, `keys`, `schema`, `terms`"),
  .takes = TAKES_PRINTING | TAKES_CONFIG | TAKES_TOPIC,
  .formats = (const ReportFormat[]){{"text", NULL}, {NULL, NULL}},
};

/* clang-format off */
const SubcommandRow SUBCOMMANDS[] = {
  {&CALLS_SUBCOMMAND, session_run},
  {&MESSAGES_SUBCOMMAND, session_run},
  {&FLOW_SUBCOMMAND, session_run},
  {&SHOW_SUBCOMMAND, session_run},
  {&STREAMS_SUBCOMMAND, session_run},
  {&REGISTRATIONS_SUBCOMMAND, session_run},
  {&DEVICES_SUBCOMMAND, session_run},
  {&STATS_SUBCOMMAND, session_run},
  {&EXPLAIN_SUBCOMMAND, session_run},
  {&LINT_SUBCOMMAND, session_run},
  {&CHECK_SUBCOMMAND, session_run},
  {&REPORT_SUBCOMMAND, session_run},
  {&COMPARE_SUBCOMMAND, compare_run},
  {&SAVE_SUBCOMMAND, save_run},
  {&CAPTURE_SUBCOMMAND, capture_run},
  {&PUSH_SUBCOMMAND, push_run},
  {&MCP_SUBCOMMAND, mcp_run},
  {&HELP_SUBCOMMAND, help_run},
  {NULL, NULL},
};
/* clang-format on */

static void append_padded(GString *to, const char *text, unsigned width)
{
  text_append_cell(to, slice_from_string(text), (TextCell){width, TEXT_LEFT}, TEXT_ASCII);
}

static void append_usage_lines(GString *to)
{
  g_string_append(to, _("usage: rung [OPTIONS] [FILE...]            browse in the terminal\n"
                        "       rung COMMAND [OPTIONS] [FILE...]    results on standard output\n"));
}

void help_append_usage(GString *to)
{
  append_usage_lines(to);
  g_string_append(to, _("Try 'rung help', or 'rung FILE' for the calls of a capture.\n"));
}

static bool has_format(const Subcommand *command, const char *name)
{
  for (const ReportFormat *format = command->formats; format && format->name; format++)
    if (strcmp(format->name, name) == 0)
      return true;
  return false;
}

/* "text (default), json or csv": those of the command, or of any. */
static void append_formats(GString *to, const Subcommand *only)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new();

  for (const SubcommandRow *row = SUBCOMMANDS; row->info; row++)
    for (const ReportFormat *format = row->info->formats; format && format->name; format++)
      if ((!only || has_format(only, format->name)) &&
          !g_ptr_array_find_with_equal_func(names, format->name, g_str_equal, NULL))
        g_ptr_array_add(names, (gpointer) (uintptr_t) format->name);
  for (guint i = 0; i < names->len; i++)
    g_string_append_printf(to, "%s%s%s",
                           i == 0               ? ""
                           : i + 1 < names->len ? ", "
                                                : _(" or "),
                           (const char *) names->pdata[i], i == 0 ? _(" (default)") : "");
  if (!only)
    g_string_append(to, _("; not every command has all of them"));
}

/* "-r, -I, --read FILE": of the long names only the first is shown. */
static void append_option(GString *to, const OptionInfo *option, const Subcommand *command)
{
  g_autoptr(GString) names = g_string_new("  ");

  for (const char *letter = option->shorts; *letter; letter++)
    g_string_append_printf(names, "-%c, ", *letter);
  if (*option->shorts == '\0')
    g_string_append(names, "    ");
  g_string_append_printf(names, "--%s", option->longs[0]);
  if (option->argument)
    g_string_append_printf(names, option_may_be_bare(option) ? "%s" : " %s", option->argument);
  append_padded(to, names->str, OPTION_COLUMN);
  g_string_append_c(to, ' ');
  if (option->help)
    g_string_append(to, _(option->help));
  else
    append_formats(to, command);
  g_string_append_c(to, '\n');
}

static void append_options(GString *to, const Subcommand *command)
{
  g_string_append(to, _("\nOptions\n"));
  for (OptionId id = 0; id < OPTION_COUNT; id++)
    if (!command || option_is_known(id, command))
      append_option(to, &OPTIONS[id], command);
}

static const char *words_of(const Subcommand *command)
{
  if (command->takes & TAKES_FOLDERS)
    return " FOLDER...";
  return command->takes & TAKES_FILES ? " [FILE...]" : "";
}

static void append_command(GString *to, const Subcommand *command)
{
  if (command == &HELP_SUBCOMMAND) {
    g_string_append(to, _("usage: rung help [COMMAND | guide | fields | filter | findings | keys | "
                          "schema | terms]\n"));
    return;
  }
  g_string_append_printf(to, _("usage: rung %s [OPTIONS]%s\n\n%c%s.\n"), command->name,
                         words_of(command), g_ascii_toupper(*_(command->help)),
                         _(command->help) + 1);
  if (command->more)
    g_string_append_printf(to, "%s\n", _(command->more));
  if (command->append_more)
    command->append_more(to);
  append_options(to, command);
}

void help_append(GString *to, const Subcommand *command)
{
  if (command) {
    append_command(to, command);
    return;
  }
  append_usage_lines(to);
  g_string_append(to, _("\n"
                        "Reads SIP traffic from capture files, or live when no file is named, and\n"
                        "shows the calls in it: a list, their ladders, their messages.  In the\n"
                        "terminal F1 shows the keys, as does 'rung help keys'.\n"));
  g_string_append(to, _("\nTasks ('rung help guide' says what each shows)\n"));
  guide_append_tasks(to);
  g_string_append(to, _("\nCommands ('rung FILE' without a terminal is 'rung calls FILE')\n"));
  for (const SubcommandRow *row = SUBCOMMANDS; row->info; row++) {
    g_string_append(to, "  ");
    append_padded(to, row->info->name, COMMAND_COLUMN);
    g_string_append_printf(to, "%s\n", _(row->info->help));
  }
  append_options(to, NULL);
  g_string_append(to,
                  _("\nExit status: 0 everything was read and written; 1 something failed or was\n"
                    "incomplete (stderr says what); 2 usage error.\n"));
}

static const char *const TYPE_NAMES[] = {
  [FIELD_STRING] = N_("text"),    [FIELD_INTEGER] = N_("number"),
  [FIELD_DECIMAL] = N_("number"), [FIELD_DURATION] = N_("duration"),
  [FIELD_TIME] = N_("time"),      [FIELD_ADDRESS] = N_("address"),
  [FIELD_ENUM] = N_("word"),      [FIELD_BOOLEAN] = N_("yes/no"),
};

static void append_fields_of(GString *to, FieldScope scope, const char *heading)
{
  g_string_append_printf(to, "\n%s\n", heading);
  for (size_t i = 0; i < field_count(); i++) {
    const Field *field = field_at(i);
    if (field->scope != scope)
      continue;
    g_autofree char *type = g_strconcat(_(TYPE_NAMES[field->type]), field->many ? "*" : "", NULL);
    g_string_append(to, "  ");
    append_padded(to, field->key, KEY_COLUMN);
    append_padded(to, type, TYPE_COLUMN);
    g_string_append_printf(to, "%s\n", _(field->help));
  }
}

void help_append_fields(GString *to)
{
  g_string_append(
    to,
    _("Fields of calls, messages and streams, for --where, --columns and --sort.  Case does not\n"
      "matter.  Fields marked * may have several values.\n"));
  append_fields_of(to, FIELD_OF_CALL, _("Call fields"));
  append_fields_of(to, FIELD_OF_MESSAGE, _("Message fields"));
  append_fields_of(to, FIELD_OF_STREAM, _("Stream fields, for 'rung streams'"));
  append_fields_of(to, FIELD_OF_EITHER,
                   _("Fields of a message, or of the request that began the call"));
  g_string_append(to, _("\nWireshark's names\n"));
  for (size_t i = 0; i < field_alias_count(); i++) {
    const char *key, *spelling = field_alias_at(i, &key);

    g_string_append(to, "  ");
    append_padded(to, spelling, KEY_COLUMN);
    g_string_append_printf(to, "%s\n", key);
  }
  g_string_append(to, "  ");
  append_padded(to, "sip.NAME", KEY_COLUMN);
  g_string_append(to, _("header[\"NAME\"], for any SIP header field\n"));
}

void help_append_filter(GString *to)
{
  g_string_append(
    to, _("A display filter (-Y) selects calls, messages or (with 'rung streams') RTP\n"
          "streams by their fields; 'rung help fields' lists them.\n"
          "\n"
          "  compare       ==  !=  <  <=  >  >=       call.status == 486\n"
          "  one of        400..499  4xx  in {A, B}   call.outcome in {busy, failed}\n"
          "  decimals      3.5                        stream.loss > 0.5\n"
          "  durations     250ms 3s 2min 1h           call.ring > 3s\n"
          "  times         local, or with Z           call.start >= 2026-01-02 15:04:05\n"
          "                of any day                 call.start in {10:30..10:45}\n"
          "  addresses     with port or prefix        message.src == 10.0.0.0/8\n"
          "  text          contains, matches          from.user matches \"^49\\d+$\"\n"
          "  field alone   is present, or is true     call.reason\n"
          "  text alone    is in the message          \"180 Ringing\"\n"
          "  combine       and or not, && || !        (A or B) and not C\n"
          "\n"
          "== is case-sensitive for text, not for word fields ('rung help fields');\n"
          "contains, matches (a regular expression) and a text alone ignore case.  A field\n"
          "with several values equals each of them.  != is the opposite of ==, so it is\n"
          "also true for a missing field; every other comparison with a missing field is\n"
          "false.\n"
          "\n"
          "For calls, message fields that are combined must match in one and the same\n"
          "message: 'message.method == INVITE and message.dst == 10.0.0.1'.  any(A) and\n"
          "any(B) may match in different messages, all(A) means every message, not A (or\n"
          "!= alone) means no message.  For messages, call fields are those of the call\n"
          "the message belongs to.  They are final once everything was read, so such a\n"
          "filter prints messages at the end (live: it uses the call as it is so far).\n"
          "\n"
          "@NAME alone is a saved filter: saved in the call list (@), or written in\n"
          "[filters] of the configuration as 'NAME = EXPR'.\n"
          "\n"
          "In an outage:\n"
          "\n"
          "  requests that servers refused\n"
          "    rung calls -Y 'call.status >= 500' FILE\n"
          "  the failed calls of one customer\n"
          "    rung flow -Y 'call.outcome == failed and from.user contains 4930' FILE\n"
          "  calls that one gateway leaves unanswered\n"
          "    rung calls -Y 'call.endpoints == 192.0.2.1 and call.outcome == unanswered' FILE\n"
          "  calls that drop right after the answer\n"
          "    rung calls -Y 'call.outcome == answered and call.duration < 3s' FILE\n"
          "  requests that were not answered in time\n"
          "    rung messages -Y 'message.method and message.retransmission' FILE\n"
          "  RTP that arrived with holes\n"
          "    rung streams -Y 'stream.loss > 1 or stream.max_jitter > 50ms' FILE\n"));
}

static void append_codecs(GString *to, const char *heading, bool decoded)
{
  const char *library = NULL;

  for (size_t i = 0; i < audio_codec_count(); i++) {
    const AudioCodec *codec = audio_codec_at(i);
    if ((codec->decoder != NULL) != decoded)
      continue;
    if (!library)
      g_string_append_printf(to, "%s:", heading);
    if (library && strcmp(library, codec->library) != 0)
      g_string_append_printf(to, "%s%s;", *library ? _(" by ") : "", library);
    g_string_append_printf(to, " %s", codec->name);
    library = codec->library;
  }
  if (library)
    g_string_append_printf(to, "%s%s\n", *library ? _(" by ") : "", library);
}

void help_append_libraries(GString *to)
{
  const char *tls = tls_crypto_library();
  g_autofree char *compressions = decoder_names();

  g_string_append_printf(to, _("compressed captures: %s\n"), compressions);
  append_codecs(to, _("audio codecs"), true);
  append_codecs(to, _("built without"), false);
  if (sound_driver())
    g_string_append_printf(to, _("playing: by %s\n"), sound_driver()->library);
  else
    g_string_append(to, _("built without: playing by libao\n"));
  if (tls)
    g_string_append_printf(to, _("decrypting TLS: by %s\n"), tls);
  else
    g_string_append(to, _("built without: decrypting TLS by OpenSSL\n"));
  g_string_append(to, metrics_server_is_there()
                        ? _("metrics for Prometheus: by libmicrohttpd\n")
                        : _("built without: metrics for Prometheus by libmicrohttpd\n"));
  g_string_append(to, mcp_server_is_there() ? _("answering assistants (mcp): by json-glib\n")
                                            : _("built without: mcp by json-glib\n"));
  g_string_append(to, zip_out_is_there() ? _("zip archives (save --bundle): by libarchive\n")
                                         : _("built without: save --bundle by libarchive\n"));
  if (clickhouse_library())
    g_string_append_printf(to, _("ClickHouse (push): by %s\n"), clickhouse_library());
  else
    g_string_append(to, _("built without: push to ClickHouse by libcurl\n"));
  if (srtp_library_name())
    g_string_append_printf(to, _("decrypting SRTP: by %s\n"), srtp_library_name());
  else
    g_string_append(to, _("built without: decrypting SRTP by libsrtp2\n"));
  g_autofree char *means = SESSION_IS_CONFINED ? confine_means() : NULL;
  if (means)
    g_string_append_printf(to, _("confined by: %s\n"), means);
  else
    g_string_append_printf(to, _("not confined: %s\n"),
                           SESSION_IS_CONFINED ? _("neither seccomp nor Landlock is there")
                                               : _("this build looks for faults in itself"));
}

/* --- Topics ----------------------------------------------------------------------------------- */

static void append_guide_topic(const Options *options, GString *to, GPtrArray *complaints)
{
  (void) options;
  (void) complaints;
  guide_append(to);
}

static void append_fields_topic(const Options *options, GString *to, GPtrArray *complaints)
{
  (void) options;
  (void) complaints;
  help_append_fields(to);
}

static void append_filter_topic(const Options *options, GString *to, GPtrArray *complaints)
{
  (void) options;
  (void) complaints;
  help_append_filter(to);
}

/* "finding NAME", "screen TITLE": in the user's language. */
static char *place_shown(const char *place)
{
  static const char FINDING[] = "finding ", SCREEN[] = "screen ";

  if (g_str_has_prefix(place, FINDING))
    return g_strdup_printf(_("finding %s"), place + strlen(FINDING));
  if (!g_str_has_prefix(place, SCREEN))
    return g_strdup(place);
  const char *title = place + strlen(SCREEN);
  g_autofree char *key = g_ascii_strdown(title, -1);
  const char *translation = translate(key);
  return g_strdup_printf(_("screen %s"), translation != key ? translation : title);
}

/* "-> field; rung COMMAND", in lines of at most 80 columns. */
static void append_places(GString *to, const char *places)
{
  enum { INDENT = 4, WIDTH = 80 };
  g_auto(GStrv) items = g_strsplit(places, "; ", -1);
  size_t column = WIDTH;

  for (char **item = items; *item; item++) {
    g_autofree char *place = place_shown(*item);
    size_t length = text_width(slice_from_string(place)) + (item[1] != NULL);
    if (column + 1 + length > WIDTH) {
      g_string_append(to, item == items ? "    -> " : "\n       ");
      column = INDENT + 3;
    } else {
      g_string_append_c(to, ' ');
      column++;
    }
    g_string_append_printf(to, "%s%s", place, item[1] ? ";" : "");
    column += length;
  }
  g_string_append_c(to, '\n');
}

/* In the user's language, and in that of the RFC. */
static void append_term_name(GString *to, const char *name)
{
  const char *translation = translate_as("term", name);

  g_string_append(to, translation);
  if (translation != name)
    g_string_append_printf(to, "  %s", name);
}

static void append_terms_topic(const Options *options, GString *to, GPtrArray *complaints)
{
  static const struct {
    const char *name, *meaning, *places;
  } TERMS[] = {
#define TERM(name, meaning, places) {name, meaning, places},
#include "ui/terms.def"
#undef TERM
  };

  (void) options;
  (void) complaints;
  g_string_append(
    to, _("Terms of SIP (RFC 3261 section 6), and where rung shows them: fields for -Y and\n"
          "--columns, commands (in brackets a key of their JSON), findings and screens.\n\n"));
  for (size_t i = 0; i < G_N_ELEMENTS(TERMS); i++) {
    append_term_name(to, TERMS[i].name);
    g_string_append_printf(to, "\n    %s\n", _(TERMS[i].meaning));
    if (TERMS[i].places)
      append_places(to, TERMS[i].places);
  }
}

static void append_findings_topic(const Options *options, GString *to, GPtrArray *complaints)
{
  (void) options;
  (void) complaints;
  g_string_append(to,
                  _("What 'rung explain' can say of a call: severity, name, section, when.\n\n"));
  for (size_t i = 0; i < FINDING_COUNT; i++) {
    append_padded(to, _(finding_severity_name(FINDINGS[i].severity)), SEVERITY_COLUMN);
    g_string_append_printf(to, " %s (%s)\n    %s\n", FINDINGS[i].name, FINDINGS[i].section,
                           _(FINDINGS[i].help));
  }
}

static void append_schema_topic(const Options *options, GString *to, GPtrArray *complaints)
{
  (void) options;
  (void) complaints;
  schema_append(to);
}

const HelpTopic HELP_TOPICS[] = {
  {"guide", append_guide_topic},       {"fields", append_fields_topic},
  {"filter", append_filter_topic},     {"findings", append_findings_topic},
  {"keys", configuration_append_keys}, {"schema", append_schema_topic},
  {"terms", append_terms_topic},       {NULL, NULL},
};

const HelpTopic *help_topic_find(const char *name)
{
  for (const HelpTopic *topic = HELP_TOPICS; topic->name; topic++)
    if (strcmp(topic->name, name) == 0)
      return topic;
  return NULL;
}

ExitStatus help_run(const Options *options)
{
  const HelpTopic *topic = options->topic ? help_topic_find(options->topic) : NULL;
  const SubcommandRow *command = options->topic ? subcommand_find(options->topic) : NULL;
  g_autoptr(GString) text = g_string_new(NULL);
  g_autoptr(GError) error = NULL;

  if (topic)
    return configuration_print(options, topic->append);
  if (options->topic && !command) {
    (void) subcommand_fail_unknown(options->topic, _("command"), &error);
    session_complain(error->message);
    return EXIT_USAGE;
  }
  if (options->command && options->command->info != &HELP_SUBCOMMAND)
    command = options->command;
  help_append(text, command ? command->info : NULL);
  return session_print(text->str);
}
