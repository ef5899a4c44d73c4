/* rung: reads SIP traffic and shows the calls in it. */
#include <locale.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/error.h"
#include "ui/configuration.h"
#include "ui/demo.h"
#include "ui/fetch.h"
#include "ui/help.h"
#include "ui/languages.h"
#include "ui/session.h"
#include "ui/setup_caps.h"
#include "ui/sngreprc.h"
#include "ui/view/resume.h"

static ExitStatus print_usage(void)
{
  g_autoptr(GString) text = g_string_new(NULL);

  help_append_usage(text);
  fputs(text->str, stderr);
  return EXIT_USAGE;
}

/* With what depends on the libraries that this build found. */
static ExitStatus print_version(void)
{
  g_autoptr(GString) text = g_string_new("rung " RUNG_VERSION "\n");

  help_append_libraries(text);
  return session_print(text->str);
}

/* A pipe or a file on standard input is the input when nothing else is named, but of a command that
 * captures, or that reads folders. */
static bool reads_stdin(const Options *options)
{
  struct stat status;

  if (options->files || options->demo || options_live_inputs(options) > 0 ||
      (options->command && options->command->info->takes & (TAKES_RING | TAKES_FOLDERS)))
    return false;
  return fstat(STDIN_FILENO, &status) == 0 &&
         (S_ISFIFO(status.st_mode) || S_ISREG(status.st_mode) || S_ISSOCK(status.st_mode));
}

/*
 * GLib gives up when there is no memory, or no thread: a line instead of a trap.  The handler of
 * that trap restores the terminal (ui/term/term.c).  `data`: has a thread said so?
 */
static void end_without_memory(const char *domain, GLogLevelFlags level, const char *message,
                               gpointer data)
{
  struct sigaction trap;

  if (!(level & G_LOG_LEVEL_ERROR)) {
    g_log_default_handler(domain, level, message, data);
    return;
  }
  if (atomic_flag_test_and_set((atomic_flag *) data))
    pause();                                                /* the other thread ends the program */
  const char *what = strstr(message, "failed to allocate"); /* after the place in GLib */
  dprintf(STDERR_FILENO, "rung: out of memory: %s (--max-memory limits the memory for calls)\n",
          what ? what : message);
  if (sigaction(SIGTRAP, NULL, &trap) == 0 && trap.sa_handler == SIG_DFL)
    _exit(EXIT_FAILED);
}

static ExitStatus run(const Options *options)
{
  if (options->help)
    return help_run(options);
  if (options->version)
    return print_version();
  if (options->setup_caps)
    return setup_caps_run();
  if (options->sngreprc)
    return sngreprc_import(options);
  if (options->dump_config)
    return configuration_print(options, configuration_dump);
  if (options_browse(options) && isatty(STDOUT_FILENO))
    return browse_run(options);
  if (options->command)
    return options->command->run(options);
  return options->files || options_live_inputs(options) > 0 ? session_run(options) : print_usage();
}

/* With the messages of a database as the input. */
static ExitStatus run_fetched(Options *options)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Fetch) fetch = fetch_open(options, &error);

  if (!fetch) {
    session_complain(error->message);
    return g_error_matches(error, APP_ERROR, APP_ERROR_USAGE) ? EXIT_USAGE : EXIT_FAILED;
  }
  ExitStatus status = run(options);
  if (fetch_finish(fetch, &error))
    return status;
  session_complain(error->message);
  return EXIT_FAILED;
}

/* Chinese needs UTF-8: of the locale, or without one that is installed, as it was asked for or as
 * the locale is named. */
static void choose_language(int argc, const char *const *argv)
{
  const char *asked = options_find_lang(argc, argv);
  const Language *language = asked ? language_find(asked) : language_of_locale();
  bool wants_utf8 = asked || g_str_has_suffix(g_get_language_names()[0], ".UTF-8");

  if (language && terminal_charset() != TEXT_UTF8 && wants_utf8)
    (void) setlocale(LC_CTYPE, "C.UTF-8");
  language_set(terminal_charset() == TEXT_UTF8 ? language : NULL);
}

/* Those that were shown last. */
static bool resume_files(Options *options, GError **error)
{
  options->resumed = resume_last(error);
  for (char **file = options->resumed; file && *file; file++)
    options_read_file(options, *file);
  return options->resumed != NULL;
}

/* What is printed for programs does not depend on the locale. */
static bool prints_for_programs(const Options *options)
{
  return options->ascii || (options->report && options->report->for_programs) ||
         (options->command && options->command->info == &MCP_SUBCOMMAND);
}

int main(int argc, char **argv)
{
  g_auto(Options) options = {0};
  atomic_flag is_told = ATOMIC_FLAG_INIT;
  g_autoptr(GError) error = NULL;

  (void) setlocale(LC_CTYPE, ""); /* for terminal_charset; nothing else depends on the locale */
  g_log_set_default_handler(end_without_memory, &is_told);
  signals_ignore_of_writing();
  choose_language(argc, (const char *const *) argv);
  if (!options_parse(argc, (const char *const *) argv, &options, &error)) {
    session_complain_lines(error->message);
    return EXIT_USAGE;
  }
  if (prints_for_programs(&options))
    language_set(NULL);
  if (options.resume && !options.files && !options.help && !resume_files(&options, &error)) {
    session_complain(error->message);
    return EXIT_FAILED;
  }
  if (reads_stdin(&options))
    options_read_file(&options, "-");
  if (options.demo && !demo_open(&options, &error)) {
    session_complain(error->message);
    return EXIT_FAILED;
  }
  return (int) (fetch_is_wanted(&options) ? run_fetched(&options) : run(&options));
}
