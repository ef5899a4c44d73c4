#include "ui/clipboard.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib-unix.h>

#include "capture/byte_stream.h"
#include "capture/error.h"
#include "capture/language.h"
#include "ui/command_runner.h"
#include "ui/rights.h"
#include "ui/scratch.h"
#include "ui/show/text.h"

enum { WORDS_MAX = 5, SAID_MAX = 160 };

struct Clipboard {
  CommandRunner *runner; /* NULL: there is no program */
  char **words;          /* of its command */
  bool has_terminal;
  int said[2];      /* ends of a pipe: what programs write on standard error */
  unsigned running; /* programs whose end was not reported */
};

static const struct {
  const char *variable; /* names the display; NULL: it needs none */
  const char *words[WORDS_MAX];
} PROGRAMS[] = {
  {"WAYLAND_DISPLAY", {"wl-copy", "--type", "text/plain"}},
  {"DISPLAY", {"xclip", "-selection", "clipboard", "-in"}},
  {"DISPLAY", {"xsel", "--clipboard", "--input"}},
  {NULL, {"pbcopy"}},
  {NULL, {"clip.exe"}},
};

/* NULL: none is there. */
static char **find_program(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(PROGRAMS); i++) {
    const char *display = PROGRAMS[i].variable ? g_getenv(PROGRAMS[i].variable) : "";
    g_autofree char *path = display ? g_find_program_in_path(PROGRAMS[i].words[0]) : NULL;
    if (path && (*display || !PROGRAMS[i].variable))
      return g_strdupv((gchar **) (uintptr_t) PROGRAMS[i].words);
  }
  return NULL;
}

static bool start_runner(Clipboard *clipboard, const char *user, GError **error)
{
  char **const commands[] = {clipboard->words, NULL};

  if (!g_unix_open_pipe(clipboard->said, FD_CLOEXEC, error))
    return false;
  (void) g_unix_set_fd_nonblocking(clipboard->said[0], TRUE, NULL);
  clipboard->runner = command_runner_new(commands, user ? user : rights_caller(), error);
  return clipboard->runner != NULL;
}

Clipboard *clipboard_new(const char *setting, const char *user, GError **error)
{
  Clipboard *clipboard = g_new0(Clipboard, 1);
  bool is_auto = strcmp(setting, "auto") == 0, ok = true;

  clipboard->has_terminal = is_auto || strcmp(setting, "terminal") == 0;
  clipboard->said[0] = clipboard->said[1] = -1;
  if (is_auto)
    clipboard->words = find_program();
  else if (!clipboard->has_terminal)
    ok = g_shell_parse_argv(setting, NULL, &clipboard->words, error);
  if (ok && (!clipboard->words || start_runner(clipboard, user, error)))
    return clipboard;
  clipboard_free(clipboard);
  return NULL;
}

void clipboard_free(Clipboard *clipboard)
{
  if (!clipboard)
    return;
  command_runner_free(clipboard->runner);
  for (int i = 0; i < 2; i++)
    if (clipboard->said[i] >= 0)
      close(clipboard->said[i]);
  g_strfreev(clipboard->words);
  g_free(clipboard);
}

bool clipboard_has_terminal(const Clipboard *clipboard)
{
  return clipboard->has_terminal;
}

const char *clipboard_program(const Clipboard *clipboard)
{
  return clipboard->runner ? clipboard->words[0] : NULL;
}

/* From its beginning; 0 or errno.  clip.exe takes text that is not ASCII in UTF-16 alone. */
static int write_text(const Clipboard *clipboard, int fd, Slice text)
{
  bool is_wide = strcmp(clipboard->words[0], "clip.exe") == 0;
  glong count = 0;
  g_autofree gunichar2 *wide =
    is_wide ? g_utf8_to_utf16(text.data, (glong) text.len, NULL, &count, NULL) : NULL;
  int fault = wide ? fd_write(fd, SLICE("\xFF\xFE")) : 0;

  if (wide)
    text = slice_of((const char *) wide, (size_t) count * sizeof *wide);
  if (fault == 0)
    fault = fd_write(fd, text);
  return fault == 0 && lseek(fd, 0, SEEK_SET) != 0 ? errno : fault;
}

/* What programs said since the last time. */
static char *take_said(Clipboard *clipboard)
{
  char bytes[SAID_MAX], rest[SAID_MAX];
  ssize_t len = read(clipboard->said[0], bytes, sizeof bytes);
  Slice said = slice_of(bytes, (size_t) MAX(len, 0));
  g_autoptr(GString) line = g_string_new(NULL);

  while (read(clipboard->said[0], rest, sizeof rest) > 0)
    continue;
  text_append_safe(line, slice_trim(slice_take_line(&said)), TEXT_UTF8);
  return g_strdup(line->str);
}

bool clipboard_start(Clipboard *clipboard, Slice text, GError **error)
{
  const char *program = clipboard->words[0];

  if (text.len > CLIPBOARD_PROGRAM_MAX) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO, _("%zu bytes are too many for %s"), text.len,
                program);
    return false;
  }
  int fd = scratch_open(error);
  if (fd < 0)
    return false;
  g_free(take_said(clipboard));
  const int files[COMMAND_FILES] = {fd, clipboard->said[1]};
  int fault = write_text(clipboard, fd, text);
  bool started = fault == 0 && command_runner_start(clipboard->runner, 0, NULL, files);
  if (fault != 0)
    g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot write a file in %s: %s"), g_get_tmp_dir(),
                g_strerror(fault));
  else if (!started)
    g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot pass the text to %s"), program);
  close(fd);
  clipboard->running += started;
  return started;
}

char *clipboard_news(Clipboard *clipboard)
{
  int fault, status;
  uint32_t command;

  while (clipboard->running > 0 &&
         command_runner_news(clipboard->runner, &command, &fault, &status)) {
    const char *program = clipboard->words[0];
    clipboard->running--;
    if (fault != 0)
      return g_strdup_printf(_("cannot start %s: %s"), program, g_strerror(fault));
    if (WIFSIGNALED(status))
      return g_strdup_printf(_("%s was ended by signal %d"), program, WTERMSIG(status));
    if (WEXITSTATUS(status) == 0)
      continue;
    g_autofree char *said = take_said(clipboard);
    return g_strdup_printf(_("%s failed with status %d: %s"), program, WEXITSTATUS(status), said);
  }
  return NULL;
}
