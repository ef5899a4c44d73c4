/* rung: reads SIP traffic and tells what happened. */
#include <stdio.h>
#include <unistd.h>

#include "ui/browse.h"
#include "ui/configuration.h"
#include "ui/help.h"
#include "ui/report/out.h"
#include "ui/session.h"
#include "ui/signals.h"

static ExitStatus print(const char *text)
{
  g_autoptr(GError) error = NULL;
  Out out;

  out_init(&out, STDOUT_FILENO, "standard output");
  out_string(&out, text);
  bool ok = out_finish(&out, &error);
  out_clear(&out);
  if (!ok)
    session_complain(error->message);
  return ok ? EXIT_OK : EXIT_FAILED;
}

/* What is wrong in it is a failure: so it can be asked for that alone. */
static ExitStatus print_configuration(const Options *options,
                                      void (*append)(const Options *options, GString *to,
                                                     GPtrArray *complaints))
{
  g_autoptr(GPtrArray) complaints = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GString) text = g_string_new(NULL);

  append(options, text, complaints);
  ExitStatus status = print(text->str);
  for (unsigned i = 0; i < complaints->len; i++)
    session_complain(complaints->pdata[i]);
  return complaints->len > 0 ? EXIT_FAILED : status;
}

static ExitStatus print_help(const Options *options)
{
  g_autoptr(GString) text = g_string_new(NULL);
  const char *name = options->help_topic;
  const HelpTopic *topic = name ? help_topic_find(name) : NULL;
  SubcommandId command = options->command;

  if (options->command == SUBCOMMAND_HELP)
    command = name ? subcommand_from_name(name) : SUBCOMMAND_NONE;
  if (topic && !topic->append)
    return print_configuration(options, configuration_append_keys);
  if (topic)
    topic->append(text);
  else
    help_append(text, command);
  return print(text->str);
}

static ExitStatus print_usage(void)
{
  g_autoptr(GString) text = g_string_new(NULL);

  help_append_usage(text);
  fputs(text->str, stderr);
  return EXIT_USAGE;
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
  if (options.help || options.command == SUBCOMMAND_HELP)
    return (int) print_help(&options);
  if (options.version)
    return (int) print("rung " RUNG_VERSION "\n");
  if (options.dump_config)
    return (int) print_configuration(&options, configuration_dump);
  if (options_browse(&options) && isatty(STDOUT_FILENO))
    return (int) browse_run(&options);
  /* Both arrays end in NULL. */
  if (options.command == SUBCOMMAND_NONE && options.files->len == 1 && options.interfaces->len == 1)
    return (int) print_usage();
  return (int) session_run(&options);
}
