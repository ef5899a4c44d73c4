#include "capture/error.h"
#include "ui/report/compare.h"
#include "ui/session.h"

static unsigned count_files(const Options *options)
{
  unsigned count = 0;

  while (options->files && options->files[count])
    count++;
  return count;
}

static bool check_options(const Options *options, GError **error)
{
  size_t names = selection_call_names(options->selection);
  unsigned files = count_files(options);

  if (names != 0 && names != 2)
    return app_fail_usage(error, "'compare' needs --call twice, or not at all");
  if (names == 0 && files != 2)
    return app_fail_usage(error, "'compare' needs two captures, or --call A --call B");
  if (files != 1 && files != 2)
    return app_fail_usage(error, "'compare' takes one or two captures");
  return true;
}

/* One file, with the call of it that is meant. */
static Options options_of(const Options *options, size_t index, const char *const file[2])
{
  Options one = *options;

  one.files = file;
  one.selection = selection_of_call_name(options->selection, index);
  return one;
}

ExitStatus compare_run(const Options *options)
{
  g_autoptr(GError) error = NULL;

  if (!check_options(options, &error)) {
    session_complain(error->message);
    return EXIT_USAGE;
  }
  if (count_files(options) == 1)
    return session_run(options);
  g_assert(options->files); /* two, as was checked */
  const char *const files[2][2] = {{options->files[0], NULL}, {options->files[1], NULL}};
  Options first = options_of(options, 0, files[0]), last = options_of(options, 1, files[1]);
  ExitStatus status = session_run_two(&first, &last);
  selection_free(first.selection);
  selection_free(last.selection);
  return status;
}
