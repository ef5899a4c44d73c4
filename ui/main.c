/* rung: reads SIP traffic and shows the calls in it. */
#include <locale.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ui/configuration.h"
#include "ui/help.h"
#include "ui/session.h"

static ExitStatus print_usage(void)
{
  g_autoptr(GString) text = g_string_new(NULL);

  help_append_usage(text);
  fputs(text->str, stderr);
  return EXIT_USAGE;
}

/* A pipe or a file on standard input is the input when nothing else is named. */
static bool has_input_on_stdin(void)
{
  struct stat status;

  return fstat(STDIN_FILENO, &status) == 0 &&
         (S_ISFIFO(status.st_mode) || S_ISREG(status.st_mode) || S_ISSOCK(status.st_mode));
}

static ExitStatus run(const Options *options)
{
  if (options->help)
    return help_run(options);
  if (options->version)
    return session_print("rung " RUNG_VERSION "\n");
  if (options->dump_config)
    return configuration_print(options, configuration_dump);
  if (options_browse(options) && isatty(STDOUT_FILENO))
    return browse_run(options);
  if (options->command)
    return options->command->run(options);
  return options->files || options->interfaces ? session_run(options) : print_usage();
}

int main(int argc, char **argv)
{
  g_auto(Options) options = {0};
  g_autoptr(GError) error = NULL;

  (void) setlocale(LC_CTYPE, ""); /* for terminal_charset; nothing else depends on the locale */
  signals_ignore_of_writing();
  if (!options_parse(argc, (const char *const *) argv, &options, &error)) {
    session_complain_lines(error->message);
    return EXIT_USAGE;
  }
  if (!options.files && !options.interfaces && has_input_on_stdin())
    options_read_stdin(&options);
  return (int) run(&options);
}
