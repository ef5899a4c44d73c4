/* Which screens the program begins with and opens everywhere. */
#include "ui/view/app.h"
#include "ui/view/help_view.h"
#include "ui/view/screens.h"
#include "ui/view/widget/ask.h"

static void open_calls(Host *host)
{
  host_push(host, calls_view_new(host));
}

static void open_help(Host *host, CommandScope scope)
{
  host_push(host, help_view_new(host, scope));
}

/* There is only one theme to change. */
static void open_theme(Host *host)
{
  if (host_view(host)->ops->scope != SCOPE_THEME)
    host_push(host, theme_view_new(host));
}

const AppScreens APP_SCREENS = {
  .open_first = open_calls,
  .open_help = open_help,
  .open_palette = ask_command,
  .open_theme = open_theme,
  .ask = ask_question,
};
