#include "ui/guide.h"

#include "capture/language.h"
#include "ui/show/text.h"

const Recipe RECIPES[RECIPE_COUNT] = {
#define RECIPE(task, command, shows) {task, command, shows},
#include "ui/guide.def"
#undef RECIPE
};

void guide_append_tasks(GString *to)
{
  enum { TASK_COLUMN = 38 };

  for (size_t i = 0; i < RECIPE_COUNT; i++) {
    g_string_append(to, "  ");
    text_append_cell(to, slice_from_string(_(RECIPES[i].task)), (TextCell){TASK_COLUMN, TEXT_LEFT},
                     TEXT_UTF8);
    g_string_append_printf(to, " %s\n", RECIPES[i].command);
  }
}

static void append_indented(GString *to, const char *text)
{
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

  for (char **line = lines; *line; line++)
    g_string_append_printf(to, "  %s\n", *line);
}

void guide_append(GString *to)
{
  g_string_append(
    to, _("FILE is a capture: pcap, pcapng, compressed or not, or a text trace.  Without a\n"
          "command it is browsed in the terminal; commands print, and 'rung help COMMAND' has\n"
          "the options of each.\n"
          "\n"
          "The first minute in the terminal:\n"
          "\n"
          "  Up, Down     select a call\n"
          "  Enter        open its ladder, and there a message\n"
          "  Esc          go back\n"
          "  /            show only what matches a filter, such as 486 or from.user contains 49\n"
          "  !            show only failed calls\n"
          "  F1           all keys of the screen; : runs a command by its name\n"
          "  q            quit\n"
          "\n"
          "Tasks\n"));
  for (size_t i = 0; i < RECIPE_COUNT; i++) {
    const char *task = _(RECIPES[i].task);
    g_string_append_printf(to, "\n%zu. %c%s\n\n    %s\n\n", i + 1, g_ascii_toupper(*task), task + 1,
                           RECIPES[i].command);
    append_indented(to, _(RECIPES[i].shows));
  }
}
