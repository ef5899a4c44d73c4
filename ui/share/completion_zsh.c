#include "ui/share/completion.h"
#include "ui/share/manual.h"

static const char BEGIN[] =
  "#compdef rung\n"
  "# zsh completion for rung(1)\n"
  "\n"
  "_rung_interfaces() { _sequence compadd - any /sys/class/net/*(N:t) }\n"
  "\n"
  "_rung_fields() { compset -P '-'; _sequence compadd - $fields }\n"
  "\n"
  "_rung_expression() {\n"
  "  compset -q\n"
  "  local left=${words[CURRENT-1]#\\(}\n"
  "  local text='" OPERATORS "'\n"
  "  local -a operators=(${=text}) joints=(" JOINTS ")\n"
  "  if (( CURRENT > 1 && ${fields[(Ie)$left]} )); then\n"
  "    compadd -Q -- $operators $joints\n"
  "  elif (( CURRENT > 1 )) && (( ! ${operators[(Ie)$left]} && ! ${joints[(Ie)$left]} )); then\n"
  "    compadd -- $joints\n"
  "  else\n"
  "    compset -P '*\\('\n"
  "    compadd -- $fields not\n"
  "  fi\n"
  "}\n"
  "\n"
  "_rung_calls() {\n"
  "  [[ -n $file ]] || return\n"
  "  compadd -- ${(f)\"$(" CALL_IDS("$file") ")\"}\n"
                                             "}\n"
                                             "\n"
                                             "_rung() {\n"
                                             "  local command file word\n"
                                             "  local -a options\n";

static const char *const ACTIONS[] = {
  [ARGUMENT_OTHER] = " ",
  [ARGUMENT_FILE] = "_files",
  [ARGUMENT_CALL] = "_rung_calls",
  [ARGUMENT_INTERFACE] = "_rung_interfaces",
  [ARGUMENT_FIELDS] = "_rung_fields",
  [ARGUMENT_EXPRESSION] = "_rung_expression",
};

/* What _arguments reads; square brackets and colons have a meaning there. */
static void append_text(GString *to, const char *text)
{
  for (const char *c = text; *c; c++) {
    if (strchr("[]:\\", *c))
      g_string_append_c(to, '\\');
    g_string_append_c(to, *c);
  }
}

/* '*--call[only this call]:N|CALL-ID:_rung_calls', for each of its names */
static void append_option(GString *to, OptionId id, const Subcommand *command)
{
  const OptionInfo *option = &OPTIONS[id];
  g_autoptr(GString) end = g_string_new("[");
  ArgumentKind kind = argument_kind(id);

  append_text(end, option->help ? option->help : "format of the output");
  g_string_append_c(end, ']');
  if (kind != ARGUMENT_NONE) {
    g_string_append_c(end, ':');
    append_text(end, option->argument);
    g_string_append_c(end, ':');
    if (kind == ARGUMENT_FORMAT || kind == ARGUMENT_WORDS) {
      g_string_append_c(end, '(');
      if (kind == ARGUMENT_WORDS)
        option_append_words(id, end);
      else if (command)
        append_format_names(end, command);
      g_string_append_c(end, ')');
    } else {
      g_string_append(end, ACTIONS[kind]);
    }
  }
  for (const char *letter = option->shorts; *letter; letter++) {
    g_autofree char *spec = g_strdup_printf("*-%c%s%s", *letter, kind ? "+" : "", end->str);
    g_string_append(to, "\n        ");
    append_quoted(to, spec);
  }
  g_autofree char *spec = g_strdup_printf("*--%s%s%s", option->longs[0], kind ? "=" : "", end->str);
  g_string_append(to, "\n        ");
  append_quoted(to, spec);
}

static void append_options(GString *to, const Subcommand *command)
{
  g_string_append(to, "      options=(");
  for (OptionId id = 0; id < OPTION_COUNT; id++)
    if (option_is_known(id, command))
      append_option(to, id, command);
  g_string_append(to, ") ;;\n");
}

void completion_append_zsh(GString *to)
{
  g_string_append(to, BEGIN);
  g_string_append(to, "  local -a fields=(");
  append_field_names(to);
  g_string_append(to, ")\n  local -a topics=(");
  append_topic_names(to);
  g_string_append(to, ")\n  local -a commands=(");
  for (const SubcommandRow *row = SUBCOMMANDS; row->info; row++) {
    g_autofree char *text = g_strdup_printf("%s:%s", row->info->name, row->info->help);
    g_string_append(to, "\n    ");
    append_quoted(to, text);
  }
  g_string_append(to, ")\n"
                      "  for word in ${(Q)words[2,CURRENT-1]}; do\n"
                      "    [[ -z $command ]] && (( ${commands[(I)$word:*]} )) && command=$word\n"
                      "    [[ -z $file && -f $word ]] && file=$word\n"
                      "  done\n"
                      "  case $command in\n");
  for (const SubcommandRow *row = SUBCOMMANDS; row->info; row++) {
    g_string_append_printf(to, "    %s)\n", row->info->name);
    append_options(to, row->info);
  }
  g_string_append(to, "    *)\n");
  append_options(to, NULL);
  g_string_append(to, "  esac\n"
                      "  case $command in\n"
                      "    help) options+=('*:topic:compadd -- $topics ${commands%%:*}') ;;\n"
                      "    '') options+=('1: :{_describe command commands; _files}') ;&\n"
                      "    *) options+=('*:capture file:_files') ;;\n"
                      "  esac\n"
                      "  _arguments -s $options\n"
                      "}\n"
                      "\n"
                      "_rung \"$@\"\n");
}
