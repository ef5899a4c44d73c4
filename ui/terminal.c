#include "ui/terminal.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { WIDTH_WITHOUT_TERMINAL = 100, WIDTH_LEAST = 20 };

static unsigned terminal_width(int fd)
{
  struct winsize size = {0};

  if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return WIDTH_WITHOUT_TERMINAL;
  return MAX(size.ws_col, WIDTH_LEAST);
}

/* https://no-color.org: set and not empty. */
static bool wants_color(int fd)
{
  const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

  return isatty(fd) && !(no_color && *no_color) && !(term && strcmp(term, "dumb") == 0);
}

Look terminal_look(const Options *options, int fd)
{
  return (Look){
    .charset = options->ascii ? TEXT_ASCII : TEXT_UTF8,
    .color = options->color == COLOR_ALWAYS || (options->color == COLOR_AUTO && wants_color(fd)),
    .fits = options->width > 0 || isatty(fd),
    .width = options->width > 0 ? options->width : terminal_width(fd),
  };
}
