/* Manual pages: man(7), as groff and mandoc read it. */
#include "ui/guide.h"
#include "ui/help.h"
#include "ui/share/manual.h"

/* Characters that would become typographic ones, or begin a request. */
static void append_escaped(GString *to, const char *text)
{
  for (const char *c = text; *c; c++) {
    bool begins_line = to->len == 0 || to->str[to->len - 1] == '\n';
    switch (*c) {
    case '\\':
      g_string_append(to, "\\e");
      break;
    case '-':
      g_string_append(to, "\\-");
      break;
    case '\'':
      g_string_append(to, "\\(aq");
      break;
    case '`':
      g_string_append(to, "\\(ga");
      break;
    case '^':
      g_string_append(to, "\\(ha");
      break;
    case '~':
      g_string_append(to, "\\(ti");
      break;
    default:
      if (begins_line && *c == '.')
        g_string_append(to, "\\&");
      g_string_append_c(to, *c);
    }
  }
}

static void append_line(GString *to, const char *text)
{
  append_escaped(to, text);
  g_string_append_c(to, '\n');
}

static void begin_page(GString *to, const char *name, unsigned section, const char *summary)
{
  g_autofree char *title = g_ascii_strup(name, -1);

  g_string_append(to, ".TH ");
  append_escaped(to, title);
  g_string_append_printf(to, " %u \"\" \"rung %s\" \"rung\"\n.SH NAME\n", section, RUNG_VERSION);
  append_escaped(to, name);
  g_string_append(to, " \\- ");
  append_line(to, summary);
}

static void append_section(GString *to, const char *title)
{
  g_string_append_printf(to, ".SH %s\n", title);
}

/* As it is, in columns. */
static void append_verbatim(GString *to, const char *text)
{
  g_string_append(to, ".nf\n");
  append_escaped(to, text);
  g_string_append(to, ".fi\n");
}

/* "-r, -I, --read FILE" */
static void append_names(GString *to, const OptionInfo *option)
{
  g_string_append(to, ".TP\n.B ");
  for (const char *letter = option->shorts; *letter; letter++)
    g_string_append_printf(to, "\\-%c, ", *letter);
  for (size_t i = 0; i < G_N_ELEMENTS(option->longs) && option->longs[i]; i++) {
    g_string_append(to, i > 0 ? ", \\-\\-" : "\\-\\-");
    append_escaped(to, option->longs[i]);
  }
  if (option->argument) {
    g_string_append(to, option_may_be_bare(option) ? "" : " ");
    append_escaped(to, option->argument);
  }
  g_string_append_c(to, '\n');
}

/* Names of the commands that know the option; nothing if all do. */
static void append_who_knows(GString *to, OptionId id)
{
  g_autoptr(GString) names = g_string_new(NULL);
  bool is_for_all = true;

  for (const SubcommandRow *row = SUBCOMMANDS; row->info; row++)
    if (!option_is_known(id, row->info))
      is_for_all = false;
    else
      g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", row->info->name);
  if (is_for_all || names->len == 0)
    return;
  g_string_append_printf(to, "(%s)\n", names->str);
}

static void append_options(GString *to)
{
  append_section(to, "OPTIONS");
  g_string_append(to, "Commands in parentheses are those that know the option; all do where none "
                      "are named.\n");
  for (OptionId id = 0; id < OPTION_COUNT; id++) {
    append_names(to, &OPTIONS[id]);
    if (OPTIONS[id].help)
      append_line(to, OPTIONS[id].help);
    else
      append_line(to, "format of the output; see COMMANDS");
    append_who_knows(to, id);
  }
}

static void append_formats(GString *to, const Subcommand *command)
{
  if (!command->formats || !command->formats[0].name || !command->formats[1].name)
    return;
  g_string_append(to, "Formats: ");
  for (const ReportFormat *format = command->formats; format->name; format++)
    g_string_append_printf(to, "%s%s", format == command->formats ? "" : ", ", format->name);
  g_string_append(to, ".\n");
}

static void append_commands(GString *to)
{
  append_section(to, "COMMANDS");
  for (const SubcommandRow *row = SUBCOMMANDS; row->info; row++) {
    g_string_append_printf(to, ".TP\n.B %s\n", row->info->name);
    g_string_append_c(to, g_ascii_toupper(*row->info->help));
    append_escaped(to, row->info->help + 1);
    g_string_append(to, ".\n");
    if (row->info->more)
      append_line(to, row->info->more);
    append_formats(to, row->info);
  }
}

static void append_examples(GString *to)
{
  append_section(to, "EXAMPLES");
  for (size_t i = 0; i < RECIPE_COUNT; i++) {
    const Recipe *recipe = &RECIPES[i];
    g_string_append_printf(to, ".TP\n%c", g_ascii_toupper(*recipe->task));
    append_line(to, recipe->task + 1);
    g_string_append(to, ".nf\n\\fB");
    append_escaped(to, recipe->command);
    g_string_append(to, "\\fR\n.fi\n");
    append_line(to, recipe->shows);
  }
}

void manual_append_rung(GString *to)
{
  begin_page(to, "rung", 1, "SIP traffic analyzer and call tracer");
  append_section(to, "SYNOPSIS");
  g_string_append(to, ".B rung\n[\\fIoptions\\fR] [\\fIfile\\fR...]\n.br\n"
                      ".B rung\n\\fIcommand\\fR [\\fIoptions\\fR] [\\fIfile\\fR...]\n");
  append_section(to, "DESCRIPTION");
  g_string_append(
    to, "Reads SIP traffic from capture files, or live when no file is named, and shows the calls "
        "in it: a list, their ladders, their messages.\n"
        "Without a command they are browsed in the terminal, where F1 shows the keys; a command "
        "prints its results on standard output.\n");
  append_commands(to);
  append_options(to);
  append_section(to, "EXIT STATUS");
  g_string_append(to, ".TP\n.B 0\nEverything was read and written.\n"
                      ".TP\n.B 1\nSomething failed or was incomplete; standard error says what.\n"
                      ".TP\n.B 2\nUsage error.\n");
  append_section(to, "FILES");
  g_string_append(to, ".TP\n.I \\(ti/.config/rung/config\n"
                      "Settings, names of hosts, keys and colours; \\fBrung \\-D\\fR prints all of "
                      "them with comments.\n");
  append_section(to, "ENVIRONMENT");
  g_string_append(to, ".TP\n.B XDG_CONFIG_HOME\nThe folder of the configuration, instead of "
                      "\\(ti/.config.\n"
                      ".TP\n.B NO_COLOR\nIf it is set, nothing is coloured.\n"
                      ".TP\n.B TZ\nThe time zone of times in text.\n");
  append_examples(to);
  append_section(to, "SEE ALSO");
  g_string_append(to, ".BR rung\\-filter (7),\n.BR rung\\-fields (7),\n.BR pcap\\-filter (7),\n"
                      ".BR tcpdump (8)\n");
}

void manual_append_fields(GString *to)
{
  g_autoptr(GString) text = g_string_new(NULL);

  begin_page(to, "rung-fields", 7, "fields of calls, messages and streams");
  append_section(to, "DESCRIPTION");
  help_append_fields(text);
  append_verbatim(to, text->str);
  append_section(to, "SEE ALSO");
  g_string_append(to, ".BR rung (1),\n.BR rung\\-filter (7)\n");
}

void manual_append_filter(GString *to)
{
  g_autoptr(GString) text = g_string_new(NULL);

  begin_page(to, "rung-filter", 7, "language of display filters");
  append_section(to, "DESCRIPTION");
  help_append_filter(text);
  append_verbatim(to, text->str);
  append_section(to, "SEE ALSO");
  g_string_append(to, ".BR rung (1),\n.BR rung\\-fields (7),\n.BR pcap\\-filter (7)\n");
}
