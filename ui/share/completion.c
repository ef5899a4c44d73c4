#include "ui/share/completion.h"

#include "dissect/query/field.h"
#include "ui/help.h"

static const struct {
  const char *argument; /* as in OPTIONS */
  ArgumentKind kind;
  const char *words;
} ARGUMENTS[] = {
  {"FILE", ARGUMENT_FILE, NULL},
  {"FILE.wav", ARGUMENT_FILE, NULL},
  {"[=MAPFILE]", ARGUMENT_NONE, NULL}, /* after "=", which only the user can mean */
  {"IF[,IF]", ARGUMENT_INTERFACE, NULL},
  {"N|CALL-ID", ARGUMENT_CALL, NULL},
  {"FORMAT", ARGUMENT_FORMAT, NULL},
  {"FIELD", ARGUMENT_FIELDS, NULL},
  {"FIELD,...", ARGUMENT_FIELDS, NULL},
  {"[-]FIELD,...", ARGUMENT_FIELDS, NULL},
  {"EXPR", ARGUMENT_EXPRESSION, NULL},
  {"SEVERITY", ARGUMENT_WORDS, "error warning note"},
  {"MODE", ARGUMENT_WORDS, "absolute relative delta epoch"},
  {"WHEN", ARGUMENT_WORDS, "auto always never"},
};

static size_t argument_row(const OptionInfo *option)
{
  size_t i = 0;

  while (i < G_N_ELEMENTS(ARGUMENTS) && strcmp(ARGUMENTS[i].argument, option->argument) != 0)
    i++;
  return i;
}

ArgumentKind argument_kind(const OptionInfo *option)
{
  if (!option->argument)
    return ARGUMENT_NONE;
  size_t row = argument_row(option);
  return row < G_N_ELEMENTS(ARGUMENTS) ? ARGUMENTS[row].kind : ARGUMENT_OTHER;
}

const char *argument_words(const OptionInfo *option)
{
  return ARGUMENTS[argument_row(option)].words;
}

static void append_name(GString *to, const char *name)
{
  if (to->len > 0 && !strchr(" '\"(", to->str[to->len - 1]))
    g_string_append_c(to, ' ');
  g_string_append(to, name);
}

void append_field_names(GString *to)
{
  const char *key;

  for (size_t i = 0; i < field_count(); i++)
    if (!field_at(i)->takes_name)
      append_name(to, field_at(i)->key);
  for (size_t i = 0; i < field_alias_count(); i++)
    append_name(to, field_alias_at(i, &key));
}

void append_command_names(GString *to)
{
  for (const SubcommandRow *row = SUBCOMMANDS; row->info; row++)
    append_name(to, row->info->name);
}

void append_topic_names(GString *to)
{
  for (const HelpTopic *topic = HELP_TOPICS; topic->name; topic++)
    append_name(to, topic->name);
}

void append_format_names(GString *to, const Subcommand *command)
{
  for (const ReportFormat *format = command->formats; format && format->name; format++)
    append_name(to, format->name);
}

void append_quoted(GString *to, const char *text)
{
  g_autofree char *quoted = g_shell_quote(text);

  g_string_append(to, quoted);
}
