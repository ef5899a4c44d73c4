#include "ui/report/export.h"

#include <stdatomic.h>

#include "capture/error.h"
#include "ui/report/out_file.h"
#include "ui/report/report.h"

/* Of ladders: as of any text that goes to no terminal. */
enum { LADDER_WIDTH = 100 };

typedef enum {
  PHASE_WRITE,
  PHASE_MOVE,
  PHASE_DONE,
} Phase;

struct Export {
  Phase phase;
  ExportResult result;
  GError *error;
  GThread *mover; /* a file system may take long to replace a large file */
  atomic_bool moved;
  OutFile file;
  char *name; /* for messages, as it was typed */
  uint32_t *calls;
  MessageChoice choice;
  PacketSave *packets; /* NULL: a report */
  Options options;
  Out out;
  Report report;
};

static void start_packets(Export *export, const ExportInput *input, const ExportOptions *options)
{
  const PacketSaveOptions save = {
    .fd = export->file.fd,
    .name = export->name,
    .format = options->format == EXPORT_PCAPNG ? WRITER_PCAPNG : WRITER_PCAP,
    .with_media = options->with_media,
    .all = options->all,
    .calls = export->calls,
    .call_count = options->call_count,
    .frame = options->message ? options->message->frame : 0,
  };

  export->packets = packet_save_new(&input->packets, &save);
}

static void start_report(Export *export, const ExportInput *input, const ExportOptions *options)
{
  const ExportFormat *format = &EXPORT_FORMATS[options->format];
  const char *const argv[] = {"rung", format->command, "-T", format->format, "-", "--utc"};
  int argc = (int) G_N_ELEMENTS(argv) - (options->utc ? 0 : 1);
  ReportSetup setup = {
    .options = &export->options,
    .trace = input->packets.trace,
    .stores = input->packets.stores,
    .out = &export->out,
    .look = {.charset = TEXT_UTF8, .width = LADDER_WIDTH},
    .choice = &export->choice,
  };

  bool parsed = options_parse(argc, argv, &export->options, NULL);
  g_assert(parsed);
  out_init(&export->out, export->file.fd, export->name);
  report_init(&export->report, &setup);
  report_begin(&export->report);
}

Export *export_start(const ExportInput *input, const ExportOptions *options, GError **error)
{
  OutFile file;

  if (out_file_is_input(options->path, input->files)) {
    g_set_error(error, APP_ERROR, APP_ERROR_USAGE, "cannot write %s: it is the input",
                options->path);
    return NULL;
  }
  if (!out_file_open(options->path, options->may_replace, &file, error))
    return NULL;
  Export *export = g_new0(Export, 1);
  export->file = file;
  export->name = g_strdup(options->path);
  export->calls = g_memdup2(options->calls, options->call_count * sizeof *options->calls);
  export->choice = (MessageChoice){
    .all = options->all,
    .calls = export->calls,
    .call_count = options->call_count,
    .message = options->message ? options->message->number : 0,
  };
  if (export_format_is_packets(options->format))
    start_packets(export, input, options);
  else
    start_report(export, input, options);
  return export;
}

void export_free(Export *export)
{
  if (!export)
    return;
  if (export->mover)
    g_thread_join(export->mover);
  if (export->packets) {
    packet_save_free(export->packets);
  } else {
    report_clear(&export->report);
    out_clear(&export->out);
    options_clear(&export->options);
  }
  out_file_discard(&export->file);
  g_free(export->calls);
  g_free(export->name);
  g_clear_error(&export->error);
  g_free(export);
}

static bool finish_writing(Export *export)
{
  ExportResult *result = &export->result;

  if (export->packets)
    return packet_save_finish(export->packets, &result->count, &export->error);
  result->count = export->report.ending.put;
  result->unreadable = export->report.error != NULL;
  return out_finish(&export->out, &export->error);
}

/* Touches nothing but the file and what is said about it. */
static gpointer move(gpointer data)
{
  Export *export = data;

  (void) !out_file_commit(&export->file, &export->result.bytes, &export->error);
  atomic_store(&export->moved, true);
  return NULL;
}

static void write_some(Export *export, int64_t until_us)
{
  bool more = export->packets ? packet_save_step(export->packets, until_us)
                              : report_end_step(&export->report, until_us);

  if (more)
    return;
  export->phase = finish_writing(export) ? PHASE_MOVE : PHASE_DONE;
  if (export->phase == PHASE_MOVE)
    export->mover = g_thread_new("move", move, export);
}

static void wait_for_move(Export *export, int64_t until_us)
{
  enum { NAP_US = 200 };

  while (!atomic_load(&export->moved) && g_get_monotonic_time() < until_us)
    g_usleep(NAP_US);
  if (!atomic_load(&export->moved))
    return;
  g_thread_join(g_steal_pointer(&export->mover));
  export->phase = PHASE_DONE;
}

bool export_step(Export *export, int64_t until_us)
{
  if (export->phase == PHASE_WRITE)
    write_some(export, until_us);
  else if (export->phase == PHASE_MOVE)
    wait_for_move(export, until_us);
  return export->phase != PHASE_DONE;
}

bool export_is_written(const Export *export)
{
  return export->phase != PHASE_WRITE;
}

double export_progress(const Export *export)
{
  return export->packets ? packet_save_progress(export->packets)
                         : report_end_progress(&export->report);
}

bool export_finish(Export *export, ExportResult *ret_result, GError **error)
{
  g_assert(export->phase == PHASE_DONE);
  if (export->error) {
    g_propagate_error(error, g_steal_pointer(&export->error));
    return false;
  }
  *ret_result = export->result;
  return true;
}
