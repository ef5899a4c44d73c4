#include "ui/share/completion.h"
#include "ui/share/manual.h"

static const char BEGIN[] =
  "# fish completion for rung(1)\n"
  "\n"
  "function __rung_expression\n"
  "  set -l fields $argv\n"
  "  set -l typed (string trim -l -c '\\'\"' -- (commandline -ct))\n"
  "  set -l words (string split ' ' -- $typed)\n"
  "  set -l before (string replace -r '[^ (]*$' '' -- $typed)\n"
  "  set -l left (string replace -r '^.*\\(' '' -- $words[-2])\n"
  "  set -l offered $fields not\n"
  "  set -l operators (string split ' ' '" OPERATORS "')\n"
  "  set -l joints " JOINTS "\n"
  "  if contains -- \"$left\" $fields\n"
  "    set offered $operators $joints\n"
  "  else if test -n \"$left\"; and not contains -- \"$left\" $operators $joints\n"
  "    set offered $joints\n"
  "  end\n"
  "  printf '%s\\n' $before$offered\n"
  "end\n"
  "\n"
  "function __rung_list\n"
  "  set -l before (string replace -r '[^,]*$' '' -- (commandline -ct))\n"
  "  printf '%s\\n' $before$argv\n"
  "end\n"
  "\n"
  "function __rung_interfaces\n"
  "  __rung_list any (" INTERFACES ")\n"
  "end\n"
  "\n"
  "# Of the first file that is named.\n"
  "function __rung_calls\n"
  "  for word in (commandline -opc)\n"
  "    test -f $word; or continue\n"
  "    " CALL_IDS("$word") "\n"
                           "    return\n"
                           "  end\n"
                           "end\n"
                           "\n";

static void append_argument(GString *to, OptionId id)
{
  switch (argument_kind(id)) {
  case ARGUMENT_NONE:
    break;
  case ARGUMENT_FILE:
    g_string_append(to, " -rF");
    break;
  case ARGUMENT_INTERFACE:
    g_string_append(to, " -xa '(__rung_interfaces)'");
    break;
  case ARGUMENT_CALL:
    g_string_append(to, " -xa '(__rung_calls)'");
    break;
  case ARGUMENT_FIELDS:
    g_string_append(to, " -xa '(__rung_list $__rung_fields)'");
    break;
  case ARGUMENT_EXPRESSION:
    g_string_append(to, " -xa '(__rung_expression $__rung_fields)'");
    break;
  case ARGUMENT_WORDS:
    g_string_append(to, " -xa '");
    option_append_words(id, to);
    g_string_append_c(to, '\'');
    break;
  case ARGUMENT_FORMAT: /* those of the command, which follow */
  case ARGUMENT_OTHER:
    g_string_append(to, " -x");
    break;
  }
}

/* Names of the commands that know it; "": all. */
static void append_condition(GString *to, OptionId id)
{
  g_autoptr(GString) names = g_string_new(NULL);
  bool is_for_all = option_is_known(id, NULL);

  for (const SubcommandRow *row = SUBCOMMANDS; row->info; row++)
    if (option_is_known(id, row->info))
      g_string_append_printf(names, " %s", row->info->name);
    else
      is_for_all = false;
  if (!is_for_all)
    g_string_append_printf(to, " -n '%s__fish_seen_subcommand_from%s'",
                           option_is_known(id, NULL) ? "__fish_use_subcommand; or " : "",
                           names->str);
}

static void append_option(GString *to, OptionId id)
{
  const OptionInfo *option = &OPTIONS[id];

  g_string_append(to, "complete -c rung");
  append_condition(to, id);
  for (const char *letter = option->shorts; *letter; letter++)
    g_string_append_printf(to, " -s %c", *letter);
  g_string_append_printf(to, " -l %s", option->longs[0]);
  append_argument(to, id);
  g_string_append(to, " -d ");
  append_quoted(to, option->help ? option->help : "format of the output");
  g_string_append_c(to, '\n');
}

static void append_formats(GString *to, const Subcommand *command)
{
  if (!command->formats || !command->formats[0].name)
    return;
  g_string_append_printf(to,
                         "complete -c rung -n '__fish_seen_subcommand_from %s' -s T -l %s -xa '",
                         command->name, OPTIONS[OPTION_FORMAT].longs[0]);
  append_format_names(to, command);
  g_string_append(to, "'\n");
}

void completion_append_fish(GString *to)
{
  g_string_append(to, BEGIN);
  g_string_append(to, "set -g __rung_fields (string split ' ' '");
  append_field_names(to);
  g_string_append(to, "')\n\n");
  for (const SubcommandRow *row = SUBCOMMANDS; row->info; row++) {
    g_string_append_printf(to, "complete -c rung -n __fish_use_subcommand -a %s -d ",
                           row->info->name);
    append_quoted(to, row->info->help);
    g_string_append_c(to, '\n');
  }
  g_string_append(to, "complete -c rung -n '__fish_seen_subcommand_from help' -xa '");
  append_topic_names(to);
  append_command_names(to);
  g_string_append(to, "'\n\n");
  for (OptionId id = 0; id < OPTION_COUNT; id++)
    append_option(to, id);
  for (const SubcommandRow *row = SUBCOMMANDS; row->info; row++)
    append_formats(to, row->info);
}
