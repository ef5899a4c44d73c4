#include "ui/help.h"

#include "dissect/query/field.h"
#include "ui/show/text.h"

enum { COMMAND_COLUMN = 12, OPTION_COLUMN = 30, KEY_COLUMN = 24, TYPE_COLUMN = 10 };

static void append_padded(GString *to, const char *text, unsigned width)
{
  text_append_cell(to, slice_from_string(text), (TextCell){width, TEXT_LEFT}, TEXT_ASCII);
}

const HelpTopic *help_topic_find(const char *name)
{
  static const HelpTopic TOPICS[] = {
    {"fields", help_append_fields},
    {"filter", help_append_filter},
    {"keys", NULL},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(TOPICS); i++)
    if (strcmp(TOPICS[i].name, name) == 0)
      return &TOPICS[i];
  return NULL;
}

#define USAGE                                                                                      \
  "usage: rung [OPTIONS] [FILE...]            browse in the terminal\n"                            \
  "       rung COMMAND [OPTIONS] [FILE...]    results on standard output\n"

void help_append_usage(GString *to)
{
  g_string_append(to, USAGE "Try 'rung help', or 'rung FILE' for the calls of a capture.\n");
}

static void append_commands(GString *to)
{
  g_string_append(to, "\nCommands (calls is what 'rung FILE' does without a terminal)\n");
  for (SubcommandId id = SUBCOMMAND_NONE + 1; id < SUBCOMMAND_COUNT; id++) {
    g_string_append(to, "  ");
    append_padded(to, SUBCOMMANDS[id].name, COMMAND_COLUMN);
    g_string_append_printf(to, "%s\n", SUBCOMMANDS[id].help);
  }
}

/* "-r, -I, --read FILE": the other long names are known, but not shown. */
static void append_option(GString *to, const OptionInfo *option)
{
  g_autoptr(GString) names = g_string_new("  ");

  for (const char *letter = option->shorts; *letter; letter++)
    g_string_append_printf(names, "-%c, ", *letter);
  if (*option->shorts == '\0')
    g_string_append(names, "    ");
  g_string_append_printf(names, "--%s", option->longs[0]);
  if (option->argument)
    g_string_append_printf(names, " %s", option->argument);
  append_padded(to, names->str, OPTION_COLUMN);
  g_string_append_printf(to, " %s\n", option->help);
}

static void append_options(GString *to, SubcommandId command)
{
  g_string_append(to, "\nOptions\n");
  for (OptionId id = 0; id < OPTION_COUNT; id++)
    if (command == SUBCOMMAND_NONE || (OPTIONS[id].commands & 1U << command))
      append_option(to, &OPTIONS[id]);
}

static void append_formats(GString *to, const SubcommandInfo *info)
{
  g_string_append(to, "\nFormats:");
  for (FormatId id = 0; id < FORMAT_COUNT; id++)
    if (info->formats & 1U << id)
      g_string_append_printf(to, " %s", FORMAT_NAMES[id]);
  g_string_append_c(to, '\n');
}

static void append_command(GString *to, SubcommandId command)
{
  const SubcommandInfo *info = &SUBCOMMANDS[command];

  if (command == SUBCOMMAND_HELP) {
    g_string_append(to, "usage: rung help [COMMAND | fields | filter | keys]\n");
    return;
  }
  g_string_append_printf(to, "usage: rung %s [OPTIONS] [FILE...]\n\n%s.\n", info->name, info->help);
  if (info->more)
    g_string_append_printf(to, "%s\n", info->more);
  if (OPTIONS[OPTION_FORMAT].commands & 1U << command)
    append_formats(to, info);
  append_options(to, command);
}

void help_append(GString *to, SubcommandId command)
{
  if (command != SUBCOMMAND_NONE) {
    append_command(to, command);
    return;
  }
  g_string_append(to, USAGE "\n"
                            "Reads SIP traffic from capture files, or live when no file is named,\n"
                            "and tells what happened.  In the terminal: the list of calls, their\n"
                            "ladders and messages; 'rung help keys' names the keys.\n");
  append_commands(to);
  append_options(to, SUBCOMMAND_NONE);
  g_string_append(to, "\nExit status: 0 all read and written; 1 something failed or was cut short; "
                      "2 usage.\n");
}

static const char *const TYPE_NAMES[] = {
  [FIELD_STRING] = "text",    [FIELD_INTEGER] = "number",  [FIELD_DURATION] = "duration",
  [FIELD_TIME] = "time",      [FIELD_ADDRESS] = "address", [FIELD_ENUM] = "word",
  [FIELD_BOOLEAN] = "yes/no",
};

static void append_field(GString *to, const Field *field)
{
  g_autofree char *type = g_strconcat(TYPE_NAMES[field->type], field->many ? "*" : "", NULL);

  g_string_append(to, "  ");
  append_padded(to, field->key, KEY_COLUMN);
  append_padded(to, type, TYPE_COLUMN);
  g_string_append_printf(to, "%s\n", field->help);
}

static void append_fields_of(GString *to, FieldScope scope, const char *heading)
{
  g_string_append_printf(to, "\n%s\n", heading);
  for (size_t i = 0; i < field_count(); i++)
    if (field_at(i)->scope == scope)
      append_field(to, field_at(i));
}

static void append_aliases(GString *to)
{
  g_string_append(to, "\nWireshark's spellings\n");
  for (size_t i = 0; i < field_alias_count(); i++) {
    const char *key, *spelling = field_alias_at(i, &key);

    g_string_append(to, "  ");
    append_padded(to, spelling, KEY_COLUMN);
    g_string_append_printf(to, "%s\n", key);
  }
  g_string_append(to, "  ");
  append_padded(to, "sip.NAME", KEY_COLUMN);
  g_string_append(to, "header[\"NAME\"], of any header field that SIP knows\n");
}

void help_append_fields(GString *to)
{
  g_string_append(to, "Facts of calls and messages.  Case does not matter.  * may have several "
                      "values.\n");
  append_fields_of(to, FIELD_OF_CALL, "Of a call");
  append_fields_of(to, FIELD_OF_MESSAGE, "Of a message");
  append_fields_of(to, FIELD_OF_EITHER, "Of a message, or of the request that began the call");
  append_aliases(to);
}
