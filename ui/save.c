#include "ui/save.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/error.h"
#include "ui/report/out.h"
#include "ui/report/packet_save.h"
#include "ui/session.h"

const Subcommand SAVE_SUBCOMMAND = {
  .name = "save",
  .help = "write the packets of the selected calls to a capture file",
  .more = "-w FILE names it: pcapng if it ends in .pcapng, else pcap. Packets are written as they\n"
          "were captured: all fragments and segments of the messages, retransmitted ones too, and\n"
          "the beginning and end of their connections. A segment may also hold messages of other\n"
          "calls. With -i it captures until Ctrl-C, then writes.",
  .takes = TAKES_FILTER | TAKES_CALLS | TAKES_OUTPUT | TAKES_PACKETS | TAKES_MEDIA,
};

typedef struct {
  const char *name;
  int fd;      /* that is written to */
  OutFile out; /* of a regular file; else empty */
} SaveFile;

/* To a file, and not compressed: a capture that cannot be finished would be lost. */
static bool check_options(const Options *options, GError **error)
{
  const char *fault = NULL;

  if (!options->output)
    fault = "'save' needs -w FILE";
  else if (g_str_has_suffix(options->output, ".gz") || g_str_has_suffix(options->output, ".zst"))
    fault = "'save' does not compress; use a name that ends in .pcap or .pcapng";
  else if (!options->files && !options->interfaces)
    fault = "'save' needs a capture file, - for standard input, or -i IF";
  else if (options->interfaces && options->interfaces[0] && options->interfaces[1] &&
           writer_format_of(options->output) == WRITER_PCAP)
    fault = "'save' needs pcapng for several interfaces; use a name that ends in .pcapng";
  if (fault)
    g_set_error_literal(error, APP_ERROR, APP_ERROR_USAGE, fault);
  return !fault;
}

static bool fail_open(const SaveFile *file, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_IO, "cannot write %s: %s", file->name, g_strerror(errno));
  return false;
}

/* A pipe or a device is written to, not replaced. */
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
    g_set_error(error, APP_ERROR, APP_ERROR_IO, "%s exists; use --force to overwrite it",
                file->name);
    return false;
  }
  if (!out_file_open(file->name, may_replace, &file->out, error))
    return false;
  file->fd = file->out.fd;
  return true;
}

/* No file is left behind, and an existing one is unchanged. */
static void save_file_discard(SaveFile *file)
{
  if (!file->out.path && file->fd > STDOUT_FILENO)
    close(file->fd);
  out_file_discard(&file->out);
  file->fd = -1;
}

/* Refuses to overwrite a file, unless --force was given. */
static bool save_file_open(const Options *options, SaveFile *ret_file, GError **error)
{
  SaveFile file = {.name = options->output, .fd = STDOUT_FILENO, .out.fd = -1};

  if (out_file_is_input(file.name, options->files)) {
    g_set_error(error, APP_ERROR, APP_ERROR_USAGE, "cannot write %s: it is the input", file.name);
    return false;
  }
  if (strcmp(file.name, "-") == 0)
    file.name = "standard output";
  else if (is_special(file.name) ? !open_special(&file, error)
                                 : !open_regular(&file, options->force, error))
    return false;
  if (isatty(file.fd)) {
    g_set_error(error, APP_ERROR, APP_ERROR_USAGE,
                "refusing to write a capture to a terminal; use -w FILE");
    save_file_discard(&file);
    return false;
  }
  *ret_file = file;
  return true;
}

static bool write_packets(Session *session, PacketSave *job, GError **error)
{
  enum { SLICE_US = 50 * 1000, WHOLE = 1000 };
  uint64_t packets;

  while (packet_save_step(job, g_get_monotonic_time() + SLICE_US)) {
    uint64_t done = (uint64_t) (packet_save_progress(job) * WHOLE);
    progress_update(&session->progress, (SourceProgress){done, WHOLE}, session->run.messages);
    if (signals_came()) {
      g_set_error(error, APP_ERROR, APP_ERROR_IO, "interrupted before all packets were written");
      return false;
    }
  }
  return packet_save_finish(job, &packets, error);
}

static bool save_packets(Session *session, const SaveFile *file, GError **error)
{
  const Run *run = &session->run;
  const PacketSaveInput input = {run->trace, run->source, run->stores, run->seed, &run->limits};
  const PacketSaveOptions options = {
    .fd = file->fd,
    .name = file->name,
    .format = writer_format_of(file->name),
    .with_media = session->options->with_media,
    .selection = session->options->selection,
  };

  selection_bind(options.selection, run->trace, run->stores);
  selection_apply_filter(options.selection);
  g_autoptr(PacketSave) job = packet_save_new(&input, &options);
  return write_packets(session, job, error);
}

/* The file is complete: a regular one is moved into place. */
static bool finish_file(SaveFile *file, GError **error)
{
  int fd = file->fd;
  uint64_t bytes;

  if (file->out.path)
    return out_file_commit(&file->out, &bytes, error);
  file->fd = -1;
  return fd == STDOUT_FILENO || close(fd) == 0 || fail_open(file, error);
}

/* A failure is reported even with --quiet. */
static void save(Session *session, SaveFile *file)
{
  g_autoptr(GError) error = NULL;
  bool is_regular = file->out.path;

  signals_hold();
  bool ok = save_packets(session, file, &error) && finish_file(file, &error);
  save_file_discard(file); /* a file that was moved into place stays */
  progress_erase(&session->progress);
  signals_release();
  if (ok)
    return;
  if (is_regular)
    g_prefix_error(&error, "%s was not written: ", file->name);
  session_fail(session, error->message);
}

ExitStatus save_run(const Options *options)
{
  Session session = {.options = options};
  SaveFile file;
  g_autoptr(GError) error = NULL;

  if (!check_options(options, &error) || !session_open(&session, options, &error) ||
      !save_file_open(options, &file, &error))
    return session_refuse(&session, error);
  if (!session_drop_rights(options, &file.out, &error)) {
    save_file_discard(&file);
    return session_refuse(&session, error);
  }
  session_read(&session, true);
  if (session_is_cut(&session)) {
    save_file_discard(&file);
    session_warn_failed(&session, "interrupted: nothing was written");
  } else {
    save(&session, &file);
  }
  return session_close(&session);
}
