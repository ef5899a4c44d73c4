#include "ui/mcp/captures.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "capture/error.h"

struct Captures {
  CapturesSetup setup;
  GPtrArray *folders; /* char *, without links */
  Capture open[CAPTURES_MAX];
  uint32_t last_number;
  uint64_t uses;
};

/* Links are followed once, here: a folder that is replaced later is not trusted. */
static bool add_folder(Captures *captures, const char *folder, GError **error)
{
  char *real = realpath(folder, NULL);

  if (!real || !g_file_test(real, G_FILE_TEST_IS_DIR)) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO, "cannot use %s: %s", folder,
                real ? "not a folder" : g_strerror(errno));
    free(real);
    return false;
  }
  g_ptr_array_add(captures->folders, real);
  return true;
}

Captures *captures_new(const CapturesSetup *setup, GError **error)
{
  g_autoptr(Captures) captures = g_new0(Captures, 1);

  captures->setup = *setup;
  captures->folders = g_ptr_array_new_with_free_func(free);
  for (const char *const *folder = setup->folders; *folder; folder++)
    if (!add_folder(captures, *folder, error))
      return NULL;
  return g_steal_pointer(&captures);
}

static void close_capture(Capture *capture)
{
  if (capture->number == 0)
    return;
  g_clear_pointer(&capture->conversations, conversations_free);
  run_close(&capture->run, false);
  g_free(capture->path);
  *capture = (Capture){0};
}

void captures_free(Captures *captures)
{
  if (!captures)
    return;
  for (size_t i = 0; i < CAPTURES_MAX; i++)
    close_capture(&captures->open[i]);
  g_ptr_array_unref(captures->folders);
  g_free(captures);
}

static bool is_below(const char *path, const char *folder)
{
  size_t len = strlen(folder);

  return strncmp(path, folder, len) == 0 && (path[len] == '/' || folder[len - 1] == '/');
}

static bool is_allowed(const Captures *captures, const char *real)
{
  for (guint i = 0; i < captures->folders->len; i++)
    if (is_below(real, captures->folders->pdata[i]))
      return true;
  return false;
}

/* The file that is meant, without links; NULL: there is none. */
static char *find_file(const Captures *captures, const char *path)
{
  for (guint i = 0; !g_path_is_absolute(path) && i < captures->folders->len; i++) {
    g_autofree char *joined = g_build_filename(captures->folders->pdata[i], path, NULL);
    char *real = realpath(joined, NULL);
    if (real)
      return real;
  }
  return realpath(path, NULL);
}

/* One text for what is not there and what is elsewhere: it tells nothing of other folders. */
static char *find_allowed(const Captures *captures, const char *path, GError **error)
{
  char *real = find_file(captures, path);
  struct stat status;

  if (!real || !is_allowed(captures, real))
    g_set_error(error, APP_ERROR, APP_ERROR_USAGE,
                "there is no such file in the folders that may be read: %s", path);
  else if (stat(real, &status) != 0 || !S_ISREG(status.st_mode))
    g_set_error(error, APP_ERROR, APP_ERROR_USAGE, "not a file: %s", path);
  else
    return real;
  free(real);
  return NULL;
}

static bool read_file(const Captures *captures, const char *path, Run *run, GError **error)
{
  const char *const files[] = {path, NULL};
  const CapturesSetup *setup = &captures->setup;
  SourceOptions source = setup->source;
  g_autoptr(Verifier) verifier = NULL;

  source.files = files;
  source.interfaces = source.hep_addresses = NULL;
  source.keeping = SOURCE_KEEPS_MESSAGES;
  source.follow = source.recursive = false;
  if ((setup->verifier && !setup->verifier(setup->verifier_data, &verifier, error)) ||
      !run_open(run, &source, &setup->limits, error))
    return false;
  trace_set_verifier(run->trace, g_steal_pointer(&verifier));
  run->is_confined = setup->is_confined;
  run->follows_media = true;
  trace_follow_media(run->trace, run->stores);
  store_set_limit(run->stores, setup->disk_limit);
  run_start(run);
  run_feed_all(run);
  return true;
}

/* The place of the same file, a free one, or that of the capture that was not used for longest. */
static Capture *choose_place(Captures *captures, const char *path)
{
  Capture *chosen = &captures->open[0];

  for (size_t i = 0; i < CAPTURES_MAX; i++) {
    Capture *capture = &captures->open[i];
    if (capture->number != 0 && strcmp(capture->path, path) == 0)
      return capture;
    if (capture->used < chosen->used)
      chosen = capture;
  }
  return chosen;
}

Capture *captures_open(Captures *captures, const char *path, GError **error)
{
  char *real = find_allowed(captures, path, error);
  Run run;

  if (!real)
    return NULL;
  Capture *capture = choose_place(captures, real);
  close_capture(capture); /* before the next one needs its memory */
  if (!read_file(captures, real, &run, error)) {
    free(real);
    return NULL;
  }
  *capture = (Capture){
    .number = ++captures->last_number,
    .path = g_strdup(real),
    .run = run,
    .conversations = conversations_new(run.trace, run.stores),
    .used = ++captures->uses,
  };
  free(real);
  return capture;
}

Capture *captures_find(Captures *captures, uint32_t number)
{
  for (size_t i = 0; number != 0 && i < CAPTURES_MAX; i++)
    if (captures->open[i].number == number) {
      captures->open[i].used = ++captures->uses;
      return &captures->open[i];
    }
  return NULL;
}
