/* Manual pages: man(7), as groff and mandoc read it, in the language that was set. */
#include "capture/language.h"
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

/* As it is, in columns. */
static void append_verbatim(GString *to, const char *text)
{
  g_string_append(to, ".nf\n");
  append_escaped(to, text);
  if (to->str[to->len - 1] != '\n')
    g_string_append_c(to, '\n');
  g_string_append(to, ".fi\n");
}

/* A text of several lines, filled; lines of Chinese would be joined with blanks. */
static void append_text(GString *to, const char *text)
{
  if (language_get())
    append_verbatim(to, text);
  else
    append_line(to, text);
}

static void begin_page(GString *to, const char *name, unsigned section, const char *summary)
{
  g_autofree char *title = g_ascii_strup(name, -1);

  g_string_append(to, ".TH ");
  append_escaped(to, title);
  g_string_append_printf(to, " %u \"\" \"rung %s\" \"rung\"\n.SH %s\n", section, RUNG_VERSION,
                         _("NAME"));
  append_escaped(to, name);
  g_string_append(to, " \\- ");
  append_line(to, summary);
}

static void append_section(GString *to, const char *title)
{
  g_string_append_printf(to, ".SH %s\n", title);
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
  append_section(to, _("OPTIONS"));
  append_text(to,
              _("Commands in parentheses are those that know the option; all do where none are\n"
                "named."));
  for (OptionId id = 0; id < OPTION_COUNT; id++) {
    append_names(to, &OPTIONS[id]);
    if (OPTIONS[id].help)
      append_line(to, _(OPTIONS[id].help));
    else
      append_line(to, _("format of the output; see COMMANDS"));
    append_who_knows(to, id);
  }
}

static void append_formats(GString *to, const Subcommand *command)
{
  if (!command->formats || !command->formats[0].name || !command->formats[1].name)
    return;
  g_string_append(to, _("Formats: "));
  for (const ReportFormat *format = command->formats; format->name; format++)
    g_string_append_printf(to, "%s%s", format == command->formats ? "" : _(", "), format->name);
  g_string_append(to, language_get() ? "。\n" : ".\n");
}

static void append_commands(GString *to)
{
  append_section(to, _("COMMANDS"));
  for (const SubcommandRow *row = SUBCOMMANDS; row->info; row++) {
    g_string_append_printf(to, ".TP\n.B %s\n", row->info->name);
    g_string_append_c(to, g_ascii_toupper(*_(row->info->help)));
    append_escaped(to, _(row->info->help) + 1);
    g_string_append(to, language_get() ? "。\n" : ".\n");
    if (row->info->more)
      append_text(to, _(row->info->more));
    append_formats(to, row->info);
  }
}

static void append_examples(GString *to)
{
  append_section(to, _("EXAMPLES"));
  for (size_t i = 0; i < RECIPE_COUNT; i++) {
    const Recipe *recipe = &RECIPES[i];
    g_string_append_printf(to, ".TP\n%c", g_ascii_toupper(*_(recipe->task)));
    append_line(to, _(recipe->task) + 1);
    g_string_append(to, ".nf\n\\fB");
    append_escaped(to, recipe->command);
    g_string_append(to, "\\fR\n.fi\n");
    append_text(to, _(recipe->shows));
  }
}

/* A name in italics or bold, and what it is. */
static void append_entry(GString *to, const char *name, const char *text)
{
  g_string_append_printf(to, ".TP\n%s\n", name);
  append_text(to, text);
}

static void append_places(GString *to)
{
  append_section(to, _("EXIT STATUS"));
  append_entry(to, ".B 0", _("Everything was read and written."));
  append_entry(to, ".B 1", _("Something failed or was incomplete; standard error says what."));
  append_entry(to, ".B 2", _("Usage error."));
  append_section(to, _("FILES"));
  append_entry(to, ".I \\(ti/.config/rung/config",
               _("Settings, names of hosts, keys and colours; 'rung -D' prints all of them with\n"
                 "comments."));
  append_entry(to, ".IR FILE .notes",
               _("Notes on the calls of a capture, written in the terminal."));
  append_entry(to, ".I \\(ti/.local/state/rung/sessions",
               _("Filters, marks and bookmarks of captures, for --resume."));
  append_section(to, _("ENVIRONMENT"));
  append_entry(to, ".B XDG_CONFIG_HOME",
               _("The folder of the configuration, instead of ~/.config."));
  append_entry(to, ".B XDG_STATE_HOME",
               _("The folder of what is kept for --resume, instead of ~/.local/state."));
  append_entry(to, ".B LANGUAGE, LC_ALL, LC_MESSAGES, LANG",
               _("The language of texts; --lang chooses another one."));
  append_entry(to, ".B NO_COLOR", _("If it is set, nothing is coloured."));
  append_entry(to, ".B TZ", _("The time zone of times in text."));
}

void manual_append_rung(GString *to)
{
  begin_page(to, "rung", 1, _("SIP traffic analyzer and call tracer"));
  append_section(to, _("SYNOPSIS"));
  g_string_append(to, ".B rung\n[\\fIoptions\\fR] [\\fIfile\\fR...]\n.br\n"
                      ".B rung\n\\fIcommand\\fR [\\fIoptions\\fR] [\\fIfile\\fR...]\n");
  append_section(to, _("DESCRIPTION"));
  append_text(to,
              _("Reads SIP traffic from capture files, or live when no file is named, and shows\n"
                "the calls in it: a list, their ladders, their messages.  Without a command they\n"
                "are browsed in the terminal, where F1 shows the keys; a command prints its\n"
                "results on standard output."));
  append_commands(to);
  append_options(to);
  append_places(to);
  append_examples(to);
  append_section(to, _("SEE ALSO"));
  g_string_append(to, ".BR rung\\-filter (7),\n.BR rung\\-fields (7),\n.BR pcap\\-filter (7),\n"
                      ".BR tcpdump (8)\n");
}

void manual_append_fields(GString *to)
{
  g_autoptr(GString) text = g_string_new(NULL);

  begin_page(to, "rung-fields", 7, _("fields of calls, messages and streams"));
  append_section(to, _("DESCRIPTION"));
  help_append_fields(text);
  append_verbatim(to, text->str);
  append_section(to, _("SEE ALSO"));
  g_string_append(to, ".BR rung (1),\n.BR rung\\-filter (7)\n");
}

void manual_append_filter(GString *to)
{
  g_autoptr(GString) text = g_string_new(NULL);

  begin_page(to, "rung-filter", 7, _("language of display filters"));
  append_section(to, _("DESCRIPTION"));
  help_append_filter(text);
  append_verbatim(to, text->str);
  append_section(to, _("SEE ALSO"));
  g_string_append(to, ".BR rung (1),\n.BR rung\\-fields (7),\n.BR pcap\\-filter (7)\n");
}
