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
  "    mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\")\n"
  "  elif [[ $command == help ]]; then\n"
  "    mapfile -t COMPREPLY < <(compgen -W \"$topics $commands\" -- \"$cur\")\n"
  "  else\n"
  "    mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
  "    [[ -z $command ]] &&\n"
  "      mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W \"$commands\" -- \"$cur\")\n"
  "    compopt -o filenames\n"
  "  fi\n"
  "}\n"
  "complete -F _rung rung\n";

/* "-i|-d|--interface|--device)" */
static void append_pattern(GString *to, const OptionInfo *option)
{
  g_string_append(to, "    ");
  for (const char *letter = option->shorts; *letter; letter++)
    g_string_append_printf(to, "-%c|", *letter);
  for (size_t i = 0; i < G_N_ELEMENTS(option->longs) && option->longs[i]; i++)
    g_string_append_printf(to, "%s--%s", i > 0 ? "|" : "", option->longs[i]);
  g_string_append(to, ")\n      ");
}

static void append_argument(GString *to, const OptionInfo *option)
{
  switch (argument_kind(option)) {
  case ARGUMENT_NONE:
    return;
  case ARGUMENT_OTHER:
    append_pattern(to, option);
    g_string_append(to, "return ;;\n");
    return;
  case ARGUMENT_FILE:
    append_pattern(to, option);
    g_string_append(
      to, "mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); compopt -o filenames; return ;;\n");
    return;
  case ARGUMENT_INTERFACE:
    append_pattern(to, option);
    g_string_append(to, "_rung_complete_last , \"any $(ls /sys/class/net 2>/dev/null)\"; "
                        "return ;;\n");
    return;
  case ARGUMENT_CALL:
    append_pattern(to, option);
    g_string_append(to, "[[ -n $file ]] && mapfile -t COMPREPLY < <(compgen -W \"$(timeout 2 rung "
                        "calls --no-config --columns call.id -T csv \"$file\" 2>/dev/null | "
                        "sed -n 2,500p | tr -d '\\r')\" -- \"$cur\"); return ;;\n");
    return;
  case ARGUMENT_FORMAT:
    append_pattern(to, option);
    g_string_append(to,
                    "mapfile -t COMPREPLY < <(compgen -W \"$formats\" -- \"$cur\"); return ;;\n");
    return;
  case ARGUMENT_FIELDS:
    append_pattern(to, option);
    g_string_append(to, "_rung_complete_last ,- \"$fields\"; return ;;\n");
    return;
  case ARGUMENT_EXPRESSION:
    append_pattern(to, option);
    g_string_append(to, "_rung_complete_expression; return ;;\n");
    return;
  case ARGUMENT_WORDS:
    append_pattern(to, option);
    g_string_append_printf(to, "mapfile -t COMPREPLY < <(compgen -W '%s' -- \"$cur\"); return ;;\n",
                           argument_words(option));
    return;
  }
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
    append_argument(to, &OPTIONS[id]);
  g_string_append(to, "  esac\n");
  g_string_append(to, END);
}
