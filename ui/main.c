/* rung: reads SIP traffic and shows the calls in it. */
#include <stdio.h>
#include <unistd.h>

#include "ui/browse.h"
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

  signals_ignore_of_writing();
  if (!options_parse(argc, (const char *const *) argv, &options, &error)) {
    session_complain_lines(error->message);
    return EXIT_USAGE;
  }
  return (int) run(&options);
}
