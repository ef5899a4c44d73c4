#include "ui/report/export.h"

#include <stdatomic.h>

#include "capture/error.h"
#include "ui/report/out_file.h"
#include "ui/report/subcommand.h"

/* Of ladders, as of any text that does not go to a terminal. */
enum { LADDER_WIDTH = 100 };

/* In the order in which a dialog offers them. */
const ExportFormat EXPORT_FORMATS[EXPORT_FORMAT_COUNT] = {
  [EXPORT_PCAP] =
    {
      .title = "packets (pcap)",
      .ending = ".pcap",
      .help = "as captured; one link type only",
      .unit = "packets",
    },
  [EXPORT_PCAPNG] =
    {
      .title = "packets (pcapng)",
      .ending = ".pcapng",
      .help = "as captured, with input names; any link types",
      .unit = "packets",
    },
  [EXPORT_LADDERS] =
    {
      .title = "ladders (text)",
      .ending = ".ladder.txt",
      .help = "a ladder of each call, as 'rung flow' prints it",
      .unit = "calls",
      .report = &FLOW_TEXT,
    },
  [EXPORT_WHOLE] =
    {
      .title = "whole messages (text)",
      .ending = ".txt",
      .help = "as sngrep writes them: a heading, then the message",
      .unit = "messages",
      .report = &MESSAGES_WHOLE,
    },
  [EXPORT_CALLS_CSV] =
    {
      .title = "calls (CSV)",
      .ending = ".csv",
      .help = "one row per call, for spreadsheets",
      .unit = "calls",
      .report = &CALLS_CSV,
    },
  [EXPORT_CALLS_JSON] =
    {
      .title = "calls (JSON)",
      .ending = ".json",
      .help = "one object per call, one per line",
      .unit = "calls",
      .report = &CALLS_JSON,
    },
  [EXPORT_MESSAGES_CSV] =
    {
      .title = "messages (CSV)",
      .ending = ".messages.csv",
      .help = "one row per message, for spreadsheets",
      .unit = "messages",
      .report = &MESSAGES_CSV,
    },
  [EXPORT_MESSAGES_JSON] =
    {
      .title = "messages (JSON)",
      .ending = ".messages.json",
      .help = "one object per message, one per line",
      .unit = "messages",
      .report = &MESSAGES_JSON,
    },
  [EXPORT_LADDERS_JSON] =
    {
      .title = "ladders (JSON)",
      .ending = ".ladder.json",
      .help = "columns and rungs, one object per call",
      .unit = "calls",
      .report = &FLOW_JSON,
    },
  [EXPORT_WHOLE_JSON] =
    {
      .title = "whole messages (JSON)",
      .ending = ".whole.json",
      .help = "everything in it and its anomalies, one object per message",
      .unit = "messages",
      .report = &SHOW_JSON,
    },
};

bool export_format_is_packets(ExportFormatId id)
{
  return EXPORT_FORMATS[id].report == NULL;
}

ExportFormatId export_format_of(const char *path, ExportFormatId otherwise)
{
  ExportFormatId found = otherwise;
  size_t longest = 0;

  for (ExportFormatId id = 0; id < EXPORT_FORMAT_COUNT; id++) {
    const char *ending = EXPORT_FORMATS[id].ending;
    if (strlen(ending) <= longest || !g_str_has_suffix(path, ending))
      continue;
    longest = strlen(ending);
    found = id;
  }
  return found;
}

typedef enum {
  PHASE_WRITE,
  PHASE_MOVE,
  PHASE_DONE,
} Phase;

struct Export {
  Phase phase;
  ExportResult result;
  GError *error;
  GThread *mover; /* replacing a large file may take a file system long */
  atomic_bool moved;
  OutFile file;
  PacketSave *packets; /* NULL: a report */
  Out out;
  Report report;
};

static void start_packets(Export *export, const ExportInput *input, const ExportOptions *options)
{
  const PacketSaveOptions save = {
    .fd = export->file.fd,
    .name = export->file.name,
    .format = options->format == EXPORT_PCAPNG ? WRITER_PCAPNG : WRITER_PCAP,
    .with_media = options->with_media,
    .selection = options->selection,
  };

  export->packets = packet_save_new(&input->packets, &save);
}

static void start_report(Export *export, const ExportInput *input, const ExportOptions *options)
{
  const ReportSetup setup = {
    .ops = EXPORT_FORMATS[options->format].report,
    .selection = options->selection,
    .trace = input->packets.trace,
    .stores = input->packets.stores,
    .out = &export->out,
    .look = {.charset = TEXT_UTF8, .width = LADDER_WIDTH},
    .utc = options->utc,
    .merge = options->merge,
    .gap_ns = options->gap_ns,
    .past = true,
  };

  out_init(&export->out, export->file.fd, export->file.name);
  report_init(&export->report, &setup);
  report_begin(&export->report);
}

Export *export_start(const ExportInput *input, const ExportOptions *options, GError **error)
{
  const OutFileOptions output = {
    .path = options->path,
    .inputs = input->files,
    .may_replace = options->may_replace,
    .only_regular = true,
  };
  OutFile file;

  if (!out_file_open(&output, &file, error))
    return NULL;
  Export *export = g_new0(Export, 1);
  export->file = file;
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
  }
  out_file_discard(&export->file);
  g_clear_error(&export->error);
  g_free(export);
}

/* In a thread of its own: uses only the file and the result. */
static gpointer move_file(gpointer data)
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
  ExportResult *result = &export->result;
  bool written;

  if (more)
    return;
  if (export->packets) {
    written = packet_save_finish(export->packets, &result->count, &export->error);
  } else {
    result->count = export->report.ending.put;
    result->unreadable = export->report.error != NULL;
    written = out_finish(&export->out, &export->error);
  }
  export->phase = written ? PHASE_MOVE : PHASE_DONE;
  if (written)
    export->mover = g_thread_new("move", move_file, export);
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
