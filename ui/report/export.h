/*
 * Export: selected calls, one message, or the audio of one call or stream, written to a file in one
 * of EXPORT_FORMATS while the rest of the program goes on.
 *
 * A job in slices.  The trace may grow meanwhile: calls are held by number, and what is there when
 * the job starts is written.  The file appears when it is complete (ui/report/out_file.h).
 */
#pragma once

#include "ui/report/packet_save.h"
#include "ui/report/report.h"

typedef enum {
  EXPORT_PCAP,
  EXPORT_PCAPNG,
  EXPORT_LADDERS,
  EXPORT_WHOLE, /* messages as sngrep writes them to a .txt */
  EXPORT_CALLS_CSV,
  EXPORT_CALLS_JSON,
  EXPORT_MESSAGES_CSV,
  EXPORT_MESSAGES_JSON,
  EXPORT_LADDERS_JSON,
  EXPORT_WHOLE_JSON,
  EXPORT_LADDERS_HTML,
  EXPORT_LADDERS_SVG,
  EXPORT_AUDIO,
  EXPORT_FORMAT_COUNT,
} ExportFormatId;

/* What a file has in it. */
typedef enum {
  EXPORT_OF_PACKETS,
  EXPORT_OF_REPORT,
  EXPORT_OF_AUDIO,
} ExportKind;

typedef enum { UNIT_PACKETS, UNIT_CALLS, UNIT_MESSAGES, UNIT_SECONDS } ExportUnit;

typedef struct {
  const char *title; /* of the dialog: "packets (pcap)" */
  const char *ending;
  const char *help;
  ExportUnit unit; /* what is counted */
  ExportKind kind;
  const ReportOps *report; /* of EXPORT_OF_REPORT */
} ExportFormat;

extern const ExportFormat EXPORT_FORMATS[EXPORT_FORMAT_COUNT];

/* By the longest ending that fits the name; `otherwise` when none does. */
ExportFormatId export_format_of(const char *path, ExportFormatId otherwise);

typedef struct {
  PacketSaveInput packets;
  const char *const *files; /* that are read, NULL-terminated; or NULL */
} ExportInput;

typedef struct {
  ExportFormatId format;
  const char *path;
  bool may_replace;  /* a file of that name */
  bool with_media;   /* of packets */
  bool with_secrets; /* of packets in pcapng: see PacketSaveOptions */
  bool utc;
  bool merge;      /* one ladder of all calls */
  int64_t gap_ns;  /* of ladders, see ReportSetup */
  uint32_t stream; /* of audio: only that stream; 0: of the call, of which there must be one */
  Selection *selection;
} ExportOptions;

typedef struct Export Export;

/* What `input` points to, and the selection, must outlive it. */
G_GNUC_WARN_UNUSED_RESULT Export *export_start(const ExportInput *input,
                                               const ExportOptions *options, GError **error);

/* What was written so far is removed, unless the file is complete. */
void export_free(Export *export);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Export, export_free)

/* A slice of the work; true while there is more to do. */
bool export_step(Export *export, int64_t until_us);

/* Is the file complete and being moved into place?  It is too late to cancel then. */
bool export_is_written(const Export *export);

/* From 0 to 1. */
double export_progress(const Export *export);

typedef struct {
  uint64_t count; /* of the format's unit */
  uint64_t bytes;
  bool unreadable;     /* messages that could not be read again, or fields of them, are missing */
  const char *missing; /* of audio: what is not heard, with numbers, or ""; owned by the Export */
} ExportResult;

/* At the end: is the file complete and in place? */
G_GNUC_WARN_UNUSED_RESULT bool export_finish(Export *export, ExportResult *ret_result,
                                             GError **error);

/* "2 packets" */
void export_append_count(ExportFormatId format, uint64_t count, GString *to);
