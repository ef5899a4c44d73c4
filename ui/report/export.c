#include "ui/report/export.h"

#include <stdatomic.h>

#include "capture/error.h"
#include "capture/language.h"
#include "capture/thread.h"
#include "ui/report/audio_save.h"
#include "ui/report/out_file.h"
#include "ui/report/subcommand.h"
#include "ui/show/remark_file.h"

/* Of ladders, as of any text that does not go to a terminal. */
enum { LADDER_WIDTH = 100 };

/* In the order in which a dialog offers them. */
const ExportFormat EXPORT_FORMATS[EXPORT_FORMAT_COUNT] = {
  [EXPORT_PCAP] =
    {
      .title = N_("packets (pcap)"),
      .ending = ".pcap",
      .help = N_("as captured; one link type only"),
      .unit = UNIT_PACKETS,
    },
  [EXPORT_PCAPNG] =
    {
      .title = N_("packets (pcapng)"),
      .ending = ".pcapng",
      .help = N_("as captured, with input names; any link types"),
      .unit = UNIT_PACKETS,
    },
  [EXPORT_LADDERS] =
    {
      .title = N_("ladders (text)"),
      .ending = ".ladder.txt",
      .help = N_("a ladder of each call, as 'rung flow' prints it"),
      .unit = UNIT_CALLS,
      .kind = EXPORT_OF_REPORT,
      .report = &FLOW_TEXT,
    },
  [EXPORT_WHOLE] =
    {
      .title = N_("whole messages (text)"),
      .ending = ".txt",
      .help = N_("as sngrep writes them: a heading, then the message"),
      .unit = UNIT_MESSAGES,
      .kind = EXPORT_OF_REPORT,
      .report = &MESSAGES_WHOLE,
    },
  [EXPORT_CALLS_CSV] =
    {
      .title = N_("calls (CSV)"),
      .ending = ".csv",
      .help = N_("one row per call, for spreadsheets"),
      .unit = UNIT_CALLS,
      .kind = EXPORT_OF_REPORT,
      .report = &CALLS_CSV,
    },
  [EXPORT_CALLS_JSON] =
    {
      .title = N_("calls (JSON)"),
      .ending = ".json",
      .help = N_("one object per call, one per line"),
      .unit = UNIT_CALLS,
      .kind = EXPORT_OF_REPORT,
      .report = &CALLS_JSON,
    },
  [EXPORT_MESSAGES_CSV] =
    {
      .title = N_("messages (CSV)"),
      .ending = ".messages.csv",
      .help = N_("one row per message, for spreadsheets"),
      .unit = UNIT_MESSAGES,
      .kind = EXPORT_OF_REPORT,
      .report = &MESSAGES_CSV,
    },
  [EXPORT_MESSAGES_JSON] =
    {
      .title = N_("messages (JSON)"),
      .ending = ".messages.json",
      .help = N_("one object per message, one per line"),
      .unit = UNIT_MESSAGES,
      .kind = EXPORT_OF_REPORT,
      .report = &MESSAGES_JSON,
    },
  [EXPORT_LADDERS_JSON] =
    {
      .title = N_("ladders (JSON)"),
      .ending = ".ladder.json",
      .help = N_("columns and rungs, one object per call"),
      .unit = UNIT_CALLS,
      .kind = EXPORT_OF_REPORT,
      .report = &FLOW_JSON,
    },
  [EXPORT_WHOLE_JSON] =
    {
      .title = N_("whole messages (JSON)"),
      .ending = ".whole.json",
      .help = N_("everything in it and its anomalies, one object per message"),
      .unit = UNIT_MESSAGES,
      .kind = EXPORT_OF_REPORT,
      .report = &SHOW_JSON,
    },
  [EXPORT_LADDERS_HTML] =
    {
      .title = N_("ladders (HTML)"),
      .ending = ".html",
      .help = N_("a page with findings and messages, for any browser"),
      .unit = UNIT_CALLS,
      .kind = EXPORT_OF_REPORT,
      .report = &FLOW_HTML,
    },
  [EXPORT_LADDERS_SVG] =
    {
      .title = N_("ladders (SVG)"),
      .ending = ".svg",
      .help = N_("a picture, one ladder below the other"),
      .unit = UNIT_CALLS,
      .kind = EXPORT_OF_REPORT,
      .report = &FLOW_SVG,
    },
  [EXPORT_AUDIO] =
    {
      .title = N_("audio (WAV)"),
      .ending = ".wav",
      .help = N_("one call (caller left, callee right), or one stream"),
      .unit = UNIT_SECONDS,
      .kind = EXPORT_OF_AUDIO,
    },
};

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

/* How the bytes of one kind are written. */
typedef struct {
  bool (*start)(Export *export, const ExportInput *input, const ExportOptions *options,
                GError **error);
  bool (*step)(Export *export, int64_t until_us); /* true while there is more to do */
  double (*progress)(const Export *export);
  /* Sets the result, but for its bytes. */
  bool (*finish)(Export *export, GError **error);
  void (*free)(Export *export);
} ExportOps;

struct Export {
  const ExportOps *ops;
  Phase phase;
  ExportResult result;
  GError *error;
  GThread *mover; /* replacing a large file may take a file system long */
  atomic_bool moved;
  OutFile file;

  /* Of the kind. */
  PacketSave *packets;
  const Remarks *remarks; /* of the calls of `selection` */
  Selection *selection;
  Out out;
  Report report;
  AudioSave *audio;
  char *missing;
};

/* --- packets --- */

static bool packets_start(Export *export, const ExportInput *input, const ExportOptions *options,
                          GError **error)
{
  const PacketSaveOptions save = {
    .fd = export->file.fd,
    .name = export->file.name,
    .format = options->format == EXPORT_PCAPNG ? WRITER_PCAPNG : WRITER_PCAP,
    .with_media = options->with_media,
    .with_secrets = options->with_secrets,
    .selection = options->selection,
  };

  (void) error;
  export->packets = packet_save_new(&input->packets, &save);
  export->remarks = trace_remarks(input->packets.trace);
  export->selection = options->selection;
  return true;
}

static bool packets_step(Export *export, int64_t until_us)
{
  return packet_save_step(export->packets, until_us);
}

static double packets_progress(const Export *export)
{
  return packet_save_progress(export->packets);
}

static bool packets_finish(Export *export, GError **error)
{
  return packet_save_finish(export->packets, &export->result.count, error);
}

static void packets_free(Export *export)
{
  packet_save_free(export->packets);
}

/* --- a report --- */

static bool report_start(Export *export, const ExportInput *input, const ExportOptions *options,
                         GError **error)
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

  (void) error;
  out_init(&export->out, export->file.fd, export->file.name);
  report_init(&export->report, &setup);
  report_begin(&export->report);
  return true;
}

static bool report_step(Export *export, int64_t until_us)
{
  return report_end_step(&export->report, until_us);
}

static double report_progress(const Export *export)
{
  return report_end_progress(&export->report);
}

static bool report_finish(Export *export, GError **error)
{
  export->result.count = export->report.ending.put;
  export->result.unreadable = export->report.error != NULL;
  return out_finish(&export->out, error);
}

static void report_free(Export *export)
{
  report_clear(&export->report);
  out_clear(&export->out);
}

/* --- audio --- */

/* The one call that is selected. */
static const Call *find_call(Selection *selection, const ExportInput *input, GError **error)
{
  const Call *found = NULL;

  selection_bind(selection, input->packets.trace, input->packets.stores);
  for (size_t i = 0; i < selection_call_count(selection); i++) {
    const Call *call = selection_call_at(selection, i);
    if (call && found) {
      g_set_error(error, APP_ERROR, APP_ERROR_USAGE,
                  _("audio is written of one call, and several are selected"));
      return NULL;
    }
    if (call)
      found = call;
  }
  if (!found)
    g_set_error(error, APP_ERROR, APP_ERROR_USAGE,
                _("no call is selected, or it was discarded (limit reached)"));
  return found;
}

static const RtpStream *find_stream(uint32_t number, const Trace *trace, GError **error)
{
  const RtpStream *stream =
    number <= trace_stream_count(trace) ? trace_stream_at(trace, number - 1) : NULL;

  if (!stream)
    g_set_error(error, APP_ERROR, APP_ERROR_USAGE, _("the stream was discarded (limit reached)"));
  return stream;
}

static bool audio_start(Export *export, const ExportInput *input, const ExportOptions *options,
                        GError **error)
{
  AudioSaveOptions audio = {.fd = export->file.fd, .name = export->file.name};

  if (options->stream > 0)
    audio.stream = find_stream(options->stream, input->packets.trace, error);
  else
    audio.call = find_call(options->selection, input, error);
  if (!audio.stream && !audio.call)
    return false;
  export->audio = audio_save_new(&input->packets, &audio);
  return true;
}

static bool audio_step(Export *export, int64_t until_us)
{
  return audio_save_step(export->audio, until_us);
}

static double audio_progress(const Export *export)
{
  return audio_save_progress(export->audio);
}

static bool audio_finish(Export *export, GError **error)
{
  g_autoptr(GError) reason = NULL;

  export->missing = audio_reader_missing_text(audio_save_reader(export->audio));
  export->result.missing = export->missing;
  export->result.count = audio_save_seconds(export->audio);
  if (audio_save_finish(export->audio, &reason))
    return true;
  g_set_error(error, reason->domain, reason->code, "%s%s%s", reason->message,
              *export->missing ? ": " : "", export->missing);
  return false;
}

static void audio_free(Export *export)
{
  audio_save_free(export->audio);
  g_free(export->missing);
}

/* --- all of them --- */

static const ExportOps EXPORT_OPS[] = {
  [EXPORT_OF_PACKETS] = {packets_start, packets_step, packets_progress, packets_finish,
                         packets_free},
  [EXPORT_OF_REPORT] = {report_start, report_step, report_progress, report_finish, report_free},
  [EXPORT_OF_AUDIO] = {audio_start, audio_step, audio_progress, audio_finish, audio_free},
};

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
  export->ops = &EXPORT_OPS[EXPORT_FORMATS[options->format].kind];
  export->file = file;
  export->result.missing = "";
  if (export->ops->start(export, input, options, error))
    return export;
  export_free(export);
  return NULL;
}

void export_free(Export *export)
{
  if (!export)
    return;
  if (export->mover)
    g_thread_join(export->mover);
  export->ops->free(export);
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
  if (export->ops->step(export, until_us))
    return;
  bool written = export->ops->finish(export, &export->error);
  export->phase = written ? PHASE_MOVE : PHASE_DONE;
  if (written && !(export->mover = thread_new("move", move_file, export, NULL)))
    (void) move_file(export);
}

static void wait_for_move(Export *export, int64_t until_us)
{
  enum { NAP_US = 200 };

  while (!atomic_load(&export->moved) && g_get_monotonic_time() < until_us)
    g_usleep(NAP_US);
  if (!atomic_load(&export->moved))
    return;
  if (export->mover)
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
  return export->ops->progress(export);
}

bool export_finish(Export *export, ExportResult *ret_result, GError **error)
{
  g_assert(export->phase == PHASE_DONE);
  if (export->error) {
    g_propagate_error(error, g_steal_pointer(&export->error));
    return false;
  }
  *ret_result = export->result;
  return !export->packets ||
         remark_file_write_selected(export->file.name, export->remarks, export->selection, error);
}

void export_append_count(ExportFormatId format, uint64_t count, GString *to)
{
  switch (EXPORT_FORMATS[format].unit) {
  case UNIT_PACKETS:
    g_string_append_printf(
      to, translate_count("%" G_GUINT64_FORMAT " packet", "%" G_GUINT64_FORMAT " packets", count),
      count);
    break;
  case UNIT_CALLS:
    g_string_append_printf(
      to, translate_count("%" G_GUINT64_FORMAT " call", "%" G_GUINT64_FORMAT " calls", count),
      count);
    break;
  case UNIT_MESSAGES:
    g_string_append_printf(
      to, translate_count("%" G_GUINT64_FORMAT " message", "%" G_GUINT64_FORMAT " messages", count),
      count);
    break;
  case UNIT_SECONDS:
    g_string_append_printf(
      to, translate_count("%" G_GUINT64_FORMAT " second", "%" G_GUINT64_FORMAT " seconds", count),
      count);
    break;
  }
}
