#include "ui/save.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/error.h"
#include "ui/signals.h"

static bool fail_open(const SaveFile *file, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_IO, "cannot write %s: %s", file->name, g_strerror(errno));
  return false;
}

/* What is no regular file (a pipe, a device) is written to, not over. */
static bool is_special(const char *path)
{
  struct stat status;

  return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

static bool open_special(SaveFile *file, GError **error)
{
  file->fd = open(file->name, O_WRONLY | O_CLOEXEC);
  return file->fd >= 0 || fail_open(file, error);
}

static bool open_regular(SaveFile *file, bool may_replace, GError **error)
{
  if (!may_replace && access(file->name, F_OK) == 0) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO, "%s exists: use --force to write over it",
                file->name);
    return false;
  }
  if (!out_file_open(file->name, may_replace, &file->out, error))
    return false;
  file->fd = file->out.fd;
  return true;
}

bool save_file_open(const Options *options, SaveFile *ret_file, GError **error)
{
  SaveFile file = {.name = options->output, .fd = STDOUT_FILENO, .out.fd = -1};

  if (strcmp(file.name, "-") == 0)
    file.name = "standard output";
  else if (is_special(file.name) ? !open_special(&file, error)
                                 : !open_regular(&file, options->force, error))
    return false;
  if (isatty(file.fd)) {
    g_set_error(error, APP_ERROR, APP_ERROR_USAGE,
                "a capture is nothing for a terminal: name a file with -w");
    save_file_discard(&file);
    return false;
  }
  *ret_file = file;
  return true;
}

void save_file_discard(SaveFile *file)
{
  if (!file->out.path && file->fd > STDOUT_FILENO)
    close(file->fd);
  out_file_discard(&file->out);
  file->fd = -1;
}

/* Numbers of those that are chosen; NULL when nothing was named, so all are. */
static GArray *choose_calls(const SaveInput *input)
{
  if (!report_is_choosing(input->report))
    return NULL;
  GArray *calls = g_array_new(false, false, sizeof(uint32_t));
  for (size_t i = 0; i < trace_call_count(input->packets.trace); i++) {
    const Call *call = report_call_at(input->report, i);
    if (call)
      g_array_append_val(calls, call->number);
  }
  return calls;
}

static bool run_job(const SaveInput *input, PacketSave *job, GError **error)
{
  enum { SLICE_US = 50 * 1000, WHOLE = 1000 };
  uint64_t messages = trace_counts(input->packets.trace)->messages, packets;

  while (packet_save_step(job, g_get_monotonic_time() + SLICE_US)) {
    uint64_t done = (uint64_t) (packet_save_progress(job) * WHOLE);
    progress_update(input->progress, (SourceProgress){done, WHOLE}, messages);
    if (signals_came()) {
      g_set_error(error, APP_ERROR, APP_ERROR_IO, "interrupted before all packets were written");
      return false;
    }
  }
  return packet_save_finish(job, &packets, error);
}

static bool save_calls(const SaveInput *input, const SaveFile *file, GError **error)
{
  g_autoptr(GArray) calls = choose_calls(input);
  const PacketSaveOptions options = {
    .fd = file->fd,
    .name = file->name,
    .format = writer_format_of(file->name),
    .with_media = input->options->with_media,
    .all = !calls,
    .calls = calls ? (const uint32_t *) (const void *) calls->data : NULL,
    .call_count = calls ? calls->len : 0,
  };
  g_autoptr(PacketSave) job = packet_save_new(&input->packets, &options);

  return run_job(input, job, error);
}

/* Complete: a regular file is put in its place. */
static bool finish_file(SaveFile *file, GError **error)
{
  int fd = file->fd;
  uint64_t bytes;

  if (file->out.path)
    return out_file_commit(&file->out, &bytes, error);
  file->fd = -1;
  return fd == STDOUT_FILENO || close(fd) == 0 || fail_open(file, error);
}

bool save_run(const SaveInput *input, SaveFile *file, GError **error)
{
  bool is_regular = file->out.path;

  signals_hold();
  bool ok = save_calls(input, file, error) && finish_file(file, error);
  save_file_discard(file); /* what was put in its place stays there */
  progress_erase(input->progress);
  signals_release();
  if (!ok && is_regular)
    g_prefix_error(error, "%s was not written: ", file->name);
  return ok;
}
