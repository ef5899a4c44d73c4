#include "ui/share/completion.h"
#include "ui/share/manual.h"

static const char BEGIN[] =
  "# bash completion for rung(1)\n"
  "\n"
  "# The first word that names a command, and the first that is a file.\n"
  "_rung_look() {\n"
  "  local word\n"
  "  command='' file=''\n"
  "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
  "    [[ -z $command && \" $commands \" == *\" $word \"* ]] && command=$word\n"
  "    [[ -z $file && -f $word ]] && file=$word\n"
  "  done\n"
  "}\n"
  "\n"
  "_rung_complete() { # words\n"
  "  mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$cur\")\n"
  "}\n"
  "\n"
  "_rung_complete_file() {\n"
  "  mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
  "  compopt -o filenames\n"
  "}\n"
  "\n"
  "# What follows the last blank or parenthesis of an expression, or the last comma of a list.\n"
  "_rung_complete_last() { # separators, words\n"
  "  local typed=${cur#[\\'\\\"]} last=${cur#[\\'\\\"]}\n"
  "  last=${last##*[\"$1\"]}\n"
  "  local before=${typed%\"$last\"}\n"
  "  mapfile -t COMPREPLY < <(compgen -P \"$before\" -W \"$2\" -- \"$last\")\n"
  "  compopt -o nospace\n"
  "}\n"
  "\n"
  "_rung_complete_expression() {\n"
  "  local before=${cur#[\\'\\\"]} words=\"$fields not\"\n"
  "  before=${before%\"${before##*[ (]}\"}\n"
  "  before=${before%\"${before##*[! ]}\"}\n"
  "  local left=${before##*[ (]}\n"
  "  if [[ -n $left && \" $fields \" == *\" $left \"* ]]; then\n"
  "    words='" OPERATORS " " JOINTS "'\n"
  "  elif [[ -n $left && \" " OPERATORS " " JOINTS " \" != *\" $left \"* ]]; then\n"
  "    words='" JOINTS "'\n"
  "  fi\n"
  "  local IFS=$' \\n'\n"
  "  _rung_complete_last ' (' \"$words\"\n"
  "  # What would be the only one ends with a quote: it goes on with each operator.\n"
  "  if [[ ${#COMPREPLY[@]} -eq 1 && \" $fields \" == *\" ${COMPREPLY##*[ (]} \"* ]]; then\n"
  "    mapfile -t COMPREPLY < <(compgen -P \"$COMPREPLY \" -W '" OPERATORS "')\n"
  "  fi\n"
  "}\n"
  "\n"
  "_rung() {\n"
  "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command file\n";

static const char END[] =
  "  if [[ $cur == -* ]]; then\n"
  "    _rung_complete \"$options\"\n"
  "  elif [[ $command == help ]]; then\n"
  "    _rung_complete \"$topics $commands\"\n"
  "  else\n"
  "    _rung_complete_file\n"
  "    [[ -z $command ]] &&\n"
  "      mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W \"$commands\" -- \"$cur\")\n"
  "  fi\n"
  "}\n"
  "complete -F _rung rung\n";

/* What completes the argument, as commands of the shell. */
static const char *const ACTIONS[] = {
  [ARGUMENT_OTHER] = "",
  [ARGUMENT_FILE] = "_rung_complete_file; ",
  [ARGUMENT_INTERFACE] = "_rung_complete_last , \"any $(" INTERFACES ")\"; ",
  [ARGUMENT_CALL] = "[[ -n $file ]] && _rung_complete \"$(" CALL_IDS("\"$file\"") ")\"; ",
  [ARGUMENT_FORMAT] = "_rung_complete \"$formats\"; ",
  [ARGUMENT_FIELDS] = "_rung_complete_last ,- \"$fields\"; ",
  [ARGUMENT_EXPRESSION] = "_rung_complete_expression; ",
};

/* "    -i|-d|--interface|--device) ACTION; return ;;" */
static void append_argument(GString *to, OptionId id)
{
  const OptionInfo *option = &OPTIONS[id];
  ArgumentKind kind = argument_kind(id);

  if (kind == ARGUMENT_NONE)
    return;
  g_string_append(to, "    ");
  for (const char *letter = option->shorts; *letter; letter++)
    g_string_append_printf(to, "-%c|", *letter);
  for (size_t i = 0; i < G_N_ELEMENTS(option->longs) && option->longs[i]; i++)
    g_string_append_printf(to, "%s--%s", i > 0 ? "|" : "", option->longs[i]);
  g_string_append(to, ") ");
  if (kind == ARGUMENT_WORDS) {
    g_string_append(to, "_rung_complete '");
    option_append_words(id, to);
    g_string_append(to, "'; ");
  } else {
    g_string_append(to, ACTIONS[kind]);
  }
  g_string_append(to, "return ;;\n");
}

static void append_option_names(GString *to, const Subcommand *command)
{
  for (OptionId id = 0; id < OPTION_COUNT; id++)
    if (option_is_known(id, command))
      g_string_append_printf(to, " --%s", OPTIONS[id].longs[0]);
}

void completion_append_bash(GString *to)
{
  g_string_append(to, BEGIN);
  g_string_append(to, "  local fields='");
  append_field_names(to);
  g_string_append(to, "'\n  local commands='");
  append_command_names(to);
  g_string_append(to, "'\n  local topics='");
  append_topic_names(to);
  g_string_append(to, "'\n  local options formats\n  _rung_look\n  case $command in\n");
  for (const SubcommandRow *row = SUBCOMMANDS; row->info; row++) {
    g_string_append_printf(to, "    %s)\n      formats='", row->info->name);
    append_format_names(to, row->info);
    g_string_append(to, "' options='");
    append_option_names(to, row->info);
    g_string_append(to, "' ;;\n");
  }
  g_string_append(to, "    *) options='");
  append_option_names(to, NULL);
  g_string_append(to, "' ;;\n  esac\n  case $prev in\n");
  for (OptionId id = 0; id < OPTION_COUNT; id++)
    append_argument(to, id);
  g_string_append(to, "  esac\n");
  g_string_append(to, END);
}
