#include "ui/help.h"

#include "ui/text.h"

enum { COMMAND_COLUMN = 12, OPTION_COLUMN = 30 };

static void append_padded(GString *to, const char *text, unsigned width)
{
  text_append_cell(to, slice_from_string(text), (TextCell){width, TEXT_LEFT}, TEXT_ASCII);
}

void help_append_usage(GString *to)
{
  g_string_append(to, "usage: rung [COMMAND] [OPTIONS] [FILE...]\n"
                      "Try 'rung help', or 'rung FILE' for the calls of a capture.\n");
}

static void append_commands(GString *to)
{
  g_string_append(to, "\nCommands (default: calls)\n");
  for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++) {
    g_string_append(to, "  ");
    append_padded(to, COMMANDS[id].name, COMMAND_COLUMN);
    g_string_append_printf(to, "%s\n", COMMANDS[id].help);
  }
}

/* "-r, -I, --read, --input FILE" */
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

static void append_options(GString *to, CommandId command)
{
  g_string_append(to, "\nOptions\n");
  for (OptionId id = 0; id < OPTION_COUNT; id++)
    if (command == COMMAND_NONE || (OPTIONS[id].commands & 1U << command))
      append_option(to, &OPTIONS[id]);
}

static void append_command(GString *to, CommandId command)
{
  const CommandInfo *info = &COMMANDS[command];

  if (command == COMMAND_HELP) {
    g_string_append(to, "usage: rung help [COMMAND]\n");
    return;
  }
  g_string_append_printf(to, "usage: rung %s [OPTIONS] [FILE...]\n\n%s.\n", info->name, info->help);
  if (info->more)
    g_string_append_printf(to, "%s\n", info->more);
  g_string_append(to, "\nFormats:");
  for (FormatId id = 0; id < FORMAT_COUNT; id++)
    if (info->formats & 1U << id)
      g_string_append_printf(to, " %s", FORMAT_NAMES[id]);
  g_string_append_c(to, '\n');
  append_options(to, command);
}

void help_append(GString *to, CommandId command)
{
  if (command != COMMAND_NONE) {
    append_command(to, command);
    return;
  }
  g_string_append(to, "usage: rung [COMMAND] [OPTIONS] [FILE...]\n\n"
                      "Reads SIP traffic from capture files, or live when no file is named,\n"
                      "and tells what happened.\n");
  append_commands(to);
  append_options(to, COMMAND_NONE);
  g_string_append(to, "\nExit status: 0 all read and written; 1 something failed or was cut short; "
                      "2 usage.\n");
}
