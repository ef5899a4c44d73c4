#include "ui/share/completion.h"

#include "dissect/query/field.h"
#include "ui/help.h"

static const struct {
  const char *begin; /* of an argument in OPTIONS */
  ArgumentKind kind;
} ARGUMENTS[] = {
  {"FILE", ARGUMENT_FILE},       {"DIR", ARGUMENT_FILE},
  {"IF[", ARGUMENT_INTERFACE},   {"N|CALL-ID", ARGUMENT_CALL},
  {"FORMAT", ARGUMENT_FORMAT},   {"FIELD", ARGUMENT_FIELDS},
  {"[-]FIELD", ARGUMENT_FIELDS}, {"EXPR", ARGUMENT_EXPRESSION},
  {"[=", ARGUMENT_NONE}, /* after "=", which only the user can mean */
};

ArgumentKind argument_kind(OptionId id)
{
  const char *argument = OPTIONS[id].argument;
  g_autoptr(GString) words = g_string_new(NULL);

  if (!argument)
    return ARGUMENT_NONE;
  for (size_t i = 0; i < G_N_ELEMENTS(ARGUMENTS); i++)
    if (g_str_has_prefix(argument, ARGUMENTS[i].begin))
      return ARGUMENTS[i].kind;
  option_append_words(id, words);
  return words->len > 0 ? ARGUMENT_WORDS : ARGUMENT_OTHER;
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
